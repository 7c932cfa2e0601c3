// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <weir/decompress.hpp>
#include <weir/detail/content_decoder.hpp>
#include <weir/detail/decoder.hpp>
#include <weir/detail/exchange.hpp>
#include <weir/http/chars.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Feeds a coding's decoder and watches what comes out.
class BoundedDecoder final : public ContentDecoder {
 public:
  BoundedDecoder(std::unique_ptr<Decoder> decoder, const DecompressOptions& options)
      : decoder_(std::move(decoder)), options_(options) {}

  Result put(std::string_view bytes, std::uint64_t limit, Sink& sink) override {
    WEIR_ASSERT(!is_waiting_);
    if (bytes.empty()) return Result::ok;
    if (is_complete_) return Result::broken;
    const Result result = decode(bytes, limit, sink);
    if (result == Result::waiting) rest_.assign(bytes.data(), bytes.size());
    return result;
  }

  Result go_on(std::uint64_t limit, Sink& sink) override {
    WEIR_ASSERT(is_waiting_);
    std::string_view bytes = std::string_view(rest_).substr(rest_used_);
    const Result result = decode(bytes, limit, sink);
    if (result == Result::waiting) {
      rest_used_ = rest_.size() - bytes.size();
    } else {
      rest_ = {};
      rest_used_ = 0;
    }
    return result;
  }

  bool is_waiting() const noexcept override { return is_waiting_; }
  std::size_t memory() const noexcept override { return rest_.capacity(); }
  bool is_complete() const noexcept override { return is_complete_ || in_ == 0; }

 private:
  // Takes from the front of `bytes` as long as the sink takes what comes out.
  Result decode(std::string_view& bytes, std::uint64_t limit, Sink& sink) {
    is_waiting_ = false;
    char piece[kPiece];
    for (;;) {
      const std::size_t before = bytes.size();
      std::size_t written = 0;
      const Decoder::State state = decoder_->step(bytes, piece, sizeof piece, written);
      in_ += before - bytes.size();
      out_ += written;
      if (out_ > limit || (out_ > options_.free_bytes && out_ / options_.max_ratio > in_))
        return Result::too_large;
      const Take take = written == 0 ? Take::more : sink({piece, written});
      if (take == Take::stop) return Result::stopped;
      switch (state) {
        case Decoder::State::wants_input:
          return Result::ok;
        case Decoder::State::has_output:
          if (take != Take::wait) break;
          is_waiting_ = true;
          return Result::waiting;
        case Decoder::State::complete:
          is_complete_ = true;
          return bytes.empty() ? Result::ok : Result::broken;
        case Decoder::State::broken:
          return Result::broken;
      }
    }
  }

  const std::unique_ptr<Decoder> decoder_;
  const DecompressOptions options_;
  std::uint64_t in_ = 0;
  std::uint64_t out_ = 0;
  std::string rest_;  // coded, behind a pause
  std::size_t rest_used_ = 0;
  bool is_waiting_ = false;
  bool is_complete_ = false;
};

/// The way from a handler's Response to its block.
struct ResponseAccess {
  static Exchange& exchange_of(Response& response) { return response.exchange_block(); }
};

}  // namespace detail

WEIR_INLINE Decompress::Decompress(const DecompressOptions& options) : options_(options) {
  if (options.max_ratio == 0)
    throw std::invalid_argument("weir::DecompressOptions::max_ratio: must be above 0");
}

WEIR_INLINE Next Decompress::before(Request& request, Response& response) const {
  const http::RequestHead& head = detail::RequestAccess::head(request);
  const std::string_view coding = request.header("Content-Encoding");
  if (WEIR_LIKELY(!request.has_header("Content-Encoding")) ||
      head.framing == http::RequestHead::Framing::none)
    return Next::proceed;
  std::size_t lines = 0;
  for (const auto [name, value] : request.headers())
    if (http::equals_ignoring_case(name, "Content-Encoding")) ++lines;
  if (lines == 1 && http::equals_ignoring_case(coding, "identity")) return Next::proceed;
  std::unique_ptr<detail::Decoder> decoder;
  if (lines == 1) decoder = detail::Decoder::make(coding);
  if (decoder == nullptr) {  // one coding is enough: more are a way to make bombs
    response.status(Status::unsupported_media_type)
        .header("Accept-Encoding", "gzip, deflate, br, zstd")  // RFC 9110 §15.5.16
        .text("the content's coding is not known\n");
    return Next::done;
  }
  detail::ResponseAccess::exchange_of(response).decoder =
      std::make_unique<detail::BoundedDecoder>(std::move(decoder), options_);
  return Next::proceed;
}

WEIR_END_NAMESPACE
