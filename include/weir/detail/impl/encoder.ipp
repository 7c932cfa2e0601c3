// SPDX-License-Identifier: MIT
#pragma once
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <weir/detail/encoder.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Bytes that an encoder's output grows by.
inline constexpr std::size_t kCodedStep = 16 * 1024;

/// Lends `step(to, room)` room at the end of `out` and takes back what it has not used, until it
/// says that it is through. `step` returns how much it wrote, and sets `more`.
template <class Step>
void append_coded(std::string& out, Step step) {
  bool more = true;
  while (more) {
    const std::size_t old = out.size();
    out.resize(old + kCodedStep);
    std::size_t written = 0;
    try {
      written = step(out.data() + old, kCodedStep, more);
    } catch (...) {
      out.resize(old);
      throw;
    }
    out.resize(old + written);
  }
}

/// zlib's context, which points at itself: it never moves.
struct DeflateContext {
  explicit DeflateContext(int its_level) : level(its_level) {
    constexpr int kGzip = 16;  // a gzip frame rather than zlib's
    constexpr int kMemory = 8;
    if (deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + kGzip, kMemory, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc();
  }
  DeflateContext(const DeflateContext&) = delete;
  DeflateContext& operator=(const DeflateContext&) = delete;
  ~DeflateContext() { deflateEnd(&stream); }

  z_stream stream{};
  const int level;
};

struct ZstdContextDeleter {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};
using ZstdContext = std::unique_ptr<ZSTD_CCtx, ZstdContextDeleter>;

/// What a thread keeps: one of each, because it codes one whole answer after the other. Streams
/// beside each other have their own, of which the last to end stays.
struct KeptContexts {
  /// A larger zstd context is not kept: those of high levels have tens of megabytes.
  static constexpr std::size_t kMostBytes = 4 * 1024 * 1024;

  static KeptContexts& of_this_thread() noexcept {
    thread_local KeptContexts contexts;
    return contexts;
  }

  std::unique_ptr<DeflateContext> deflate;
  ZstdContext zstd;
  std::uint64_t made = 0;
};

class GzipEncoder final : public Encoder {
 public:
  explicit GzipEncoder(int level) : level_(level) {}

  void put(std::string_view bytes, Flush flush, std::string& out) override {
    while (bytes.size() > std::numeric_limits<uInt>::max() / 2) {
      const std::string_view part = bytes.substr(0, std::numeric_limits<uInt>::max() / 2);
      put(part, Flush::none, out);
      bytes.remove_prefix(part.size());
    }
    if (context_ == nullptr) take_context();
    z_stream& stream = context_->stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    const int how = flush == Flush::end    ? Z_FINISH
                    : flush == Flush::sync ? Z_SYNC_FLUSH
                                           : Z_NO_FLUSH;
    append_coded(out, [&](char* to, std::size_t room, bool& more) {
      stream.next_out = reinterpret_cast<Bytef*>(to);
      stream.avail_out = static_cast<uInt>(room);
      const int result = deflate(&stream, how);
      if (result == Z_STREAM_ERROR) throw std::runtime_error("deflate failed");
      more = how == Z_FINISH ? result != Z_STREAM_END : stream.avail_out == 0;
      return room - stream.avail_out;
    });
    if (flush == Flush::end) KeptContexts::of_this_thread().deflate = std::move(context_);
  }

 private:
  void take_context() {
    KeptContexts& kept = KeptContexts::of_this_thread();
    context_ = std::move(kept.deflate);
    if (context_ != nullptr && context_->level == level_ && deflateReset(&context_->stream) == Z_OK)
      return;
    context_ = std::make_unique<DeflateContext>(level_);
    ++kept.made;
  }

  const int level_;
  std::unique_ptr<DeflateContext> context_;  // from the first put() to the last
};

class BrotliEncoder final : public Encoder {
 public:
  explicit BrotliEncoder(int level)
      : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) throw std::bad_alloc();
    constexpr std::uint32_t kWindow = 19;  // 512 KiB: larger ones cost memory and win little here
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY,
                              static_cast<std::uint32_t>(level));
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN, kWindow);
  }

  void put(std::string_view bytes, Flush flush, std::string& out) override {
    const BrotliEncoderOperation how = flush == Flush::end    ? BROTLI_OPERATION_FINISH
                                       : flush == Flush::sync ? BROTLI_OPERATION_FLUSH
                                                              : BROTLI_OPERATION_PROCESS;
    const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    append_coded(out, [&](char* to, std::size_t room, bool& more) {
      auto* next = reinterpret_cast<std::uint8_t*>(to);
      std::size_t free = room;
      if (BrotliEncoderCompressStream(state_.get(), how, &left, &in, &free, &next, nullptr) ==
          BROTLI_FALSE)
        throw std::runtime_error("brotli failed");
      more = left != 0 || BrotliEncoderHasMoreOutput(state_.get()) == BROTLI_TRUE;
      return room - free;
    });
  }

 private:
  struct Destroy {
    void operator()(BrotliEncoderState* state) const noexcept {
      BrotliEncoderDestroyInstance(state);
    }
  };
  std::unique_ptr<BrotliEncoderState, Destroy> state_;
};

class ZstdEncoder final : public Encoder {
 public:
  explicit ZstdEncoder(int level) : level_(level) {}

  void put(std::string_view bytes, Flush flush, std::string& out) override {
    if (context_ == nullptr) take_context();
    const ZSTD_EndDirective how = flush == Flush::end    ? ZSTD_e_end
                                  : flush == Flush::sync ? ZSTD_e_flush
                                                         : ZSTD_e_continue;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    append_coded(out, [&](char* to, std::size_t room, bool& more) {
      ZSTD_outBuffer result{to, room, 0};
      const std::size_t left = ZSTD_compressStream2(context_.get(), &result, &in, how);
      if (ZSTD_isError(left) != 0) throw std::runtime_error(ZSTD_getErrorName(left));
      more = how == ZSTD_e_continue ? in.pos != in.size : left != 0;
      return result.pos;
    });
    if (flush != Flush::end) return;
    if (ZSTD_sizeof_CCtx(context_.get()) <= KeptContexts::kMostBytes)
      KeptContexts::of_this_thread().zstd = std::move(context_);
    context_.reset();
  }

 private:
  void take_context() {
    KeptContexts& kept = KeptContexts::of_this_thread();
    context_ = std::move(kept.zstd);
    if (context_ == nullptr ||
        ZSTD_isError(ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_and_parameters)) != 0) {
      context_.reset(ZSTD_createCCtx());
      if (context_ == nullptr) throw std::bad_alloc();
      ++kept.made;
    }
    // At most 8 MiB, which every client decodes (RFC 9659 §3); no more than the levels here need.
    constexpr int kWindow = 20;
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level_);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, kWindow);
  }

  const int level_;
  ZstdContext context_;  // from the first put() to the last
};

WEIR_INLINE std::uint64_t Encoder::contexts_made() noexcept {
  return KeptContexts::of_this_thread().made;
}

WEIR_INLINE std::unique_ptr<Encoder> Encoder::make(http::ContentCoding coding, int level) {
  switch (coding) {
    case http::ContentCoding::gzip:
      return std::make_unique<GzipEncoder>(level);
    case http::ContentCoding::br:
      return std::make_unique<BrotliEncoder>(level);
    case http::ContentCoding::zstd:
      return std::make_unique<ZstdEncoder>(level);
    case http::ContentCoding::identity:
      break;
  }
  WEIR_UNREACHABLE();
}

}  // namespace detail
WEIR_END_NAMESPACE
