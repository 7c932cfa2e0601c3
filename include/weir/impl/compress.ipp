// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <weir/compress.hpp>
#include <weir/detail/encoder.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/vary.hpp>
#include <weir/log.hpp>
#include <weir/request.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

/// Kept with a request whose answer is to be left alone.
struct NoCompression {};

/// Codes the content of one answer. The encoder is shared with the worker that runs it: the answer
/// may be given up meanwhile.
class CompressFilter final : public BodyFilter {
 public:
  CompressFilter(std::unique_ptr<Encoder> encoder, std::size_t worker_bytes)
      : encoder_(std::move(encoder)), worker_bytes_(worker_bytes) {}

  void transform(std::string_view piece, bool last, FilterOutput out) override {
    const Encoder::Flush flush = last                 ? Encoder::Flush::end
                                 : out.more_follows() ? Encoder::Flush::none
                                                      : Encoder::Flush::sync;
    if (piece.size() > worker_bytes_) {
      net::Task task = [encoder = encoder_, piece = std::string(piece), flush, out]() mutable {
        try {
          code(*encoder, piece, flush, out);
        } catch (const std::exception& error) {  // `out` goes undone: the answer is broken off
          log::write(log::Level::error, error.what());
        }
      };
      if (out.run_on_worker(task)) return;
    }
    code(*encoder_, piece, flush, out);
  }

 private:
  static void code(Encoder& encoder, std::string_view piece, Encoder::Flush flush,
                   FilterOutput& out) {
    std::string coded;
    encoder.put(piece, flush, coded);
    out.write(coded);
    out.done();
  }

  const std::shared_ptr<Encoder> encoder_;
  const std::size_t worker_bytes_;
};

/// Whether `type`, without parameters, is one of what `pattern` names.
inline bool matches_type(std::string_view pattern, std::string_view type) noexcept {
  if (pattern.substr(0, 2) == "*+") {
    const std::string_view syntax = pattern.substr(1);
    return type.size() > syntax.size() &&
           http::equals_ignoring_case(type.substr(type.size() - syntax.size()), syntax);
  }
  if (pattern.size() > 2 && pattern.substr(pattern.size() - 2) == "/*") {
    const std::string_view kind = pattern.substr(0, pattern.size() - 1);
    return type.size() > kind.size() &&
           http::equals_ignoring_case(type.substr(0, kind.size()), kind) &&
           !http::equals_ignoring_case(type, "text/event-stream");
  }
  return http::equals_ignoring_case(pattern, type);
}

}  // namespace detail

struct Compress::State {
  CompressOptions options;
  http::CodingOffer offer;  // identity last

  int level_of(ContentCoding coding) const noexcept {
    switch (coding) {
      case ContentCoding::gzip:
        return options.gzip_level;
      case ContentCoding::br:
        return options.brotli_level;
      case ContentCoding::zstd:
        return options.zstd_level;
      case ContentCoding::identity:
        break;
    }
    return 0;
  }

  bool takes_type(std::string_view content_type) const noexcept {
    const std::string_view type = http::trim(content_type.substr(0, content_type.find(';')));
    return std::any_of(options.types.begin(), options.types.end(),
                       [type](const auto& pattern) { return detail::matches_type(pattern, type); });
  }
};

WEIR_INLINE Compress::Compress(const CompressOptions& options) {
  const auto check = [](const char* field, int level, int least, int most) {
    if (level < least || level > most)
      throw std::invalid_argument("weir::CompressOptions::" + std::string(field) + ": is " +
                                  std::to_string(level) + ", must be " + std::to_string(least) +
                                  " to " + std::to_string(most));
  };
  check("gzip_level", options.gzip_level, 1, 9);
  check("brotli_level", options.brotli_level, 0, 11);
  check("zstd_level", options.zstd_level, 1, 19);
  auto state = std::make_shared<State>();
  for (const ContentCoding coding : options.codings) {
    if (coding == ContentCoding::identity)
      throw std::invalid_argument("weir::CompressOptions::codings: identity is none");
    state->offer.add(coding);
  }
  if (state->offer.size() == 0)
    throw std::invalid_argument("weir::CompressOptions::codings: must not be empty");
  state->offer.add(ContentCoding::identity);
  state->options = options;
  state_ = std::move(state);
}

WEIR_INLINE void Compress::head(const Request& request, http::ResponseHead& head,
                                BodyFilters& filters) const {
  const auto status = static_cast<unsigned>(head.status);
  const bool unmodified = head.status == Status::not_modified;  // may have no Content-Type
  const std::string_view type = head.get("Content-Type");
  if (status < 200 || head.status == Status::no_content || head.has("Content-Range") ||
      head.has("Content-Encoding") || head.has_upgrade() ||
      !(state_->takes_type(type) || (unmodified && type.empty())) ||
      http::has_member(head, "Cache-Control", "no-transform") ||
      request.get<detail::NoCompression>() != nullptr)
    return;
  // Whatever is sent now: another request might get it coded (RFC 9110 §12.5.5).
  http::add_vary(head, "Accept-Encoding");
  if (head.status == Status::partial_content) return;
  const http::CodingChoice choice =
      http::AcceptedCodings(detail::RequestAccess::head(request)).choose(state_->offer);
  if (choice.coding == ContentCoding::identity) return;
  if (!unmodified) {
    const std::optional<std::uint64_t> size = filters.content_size();
    if (size.value_or(head.content_length().value_or(UINT64_MAX)) < state_->options.min_bytes)
      return;
    filters.add(std::make_unique<detail::CompressFilter>(
        detail::Encoder::make(choice.coding, state_->level_of(choice.coding)),
        state_->options.worker_bytes));
    head.set("Content-Encoding", http::to_string(choice.coding));
  }
  // Not the same bytes any more: for whoever compares them, or wants a part of them. A 304 names
  // what it would have sent (RFC 9111 §4.3.4).
  const std::string tag(head.get("ETag"));
  if (!tag.empty() && tag.front() == '"') head.set("ETag", "W/" + tag);
  for (const char* const field :
       {"Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest"})
    head.remove(field);
}

WEIR_INLINE void no_compression(const Request& request) { request.set(detail::NoCompression{}); }

WEIR_END_NAMESPACE
