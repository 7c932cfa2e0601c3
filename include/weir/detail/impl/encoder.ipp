// SPDX-License-Identifier: MIT
#pragma once
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>
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

class GzipEncoder final : public Encoder {
 public:
  explicit GzipEncoder(int level) {
    constexpr int kGzip = 16;  // a gzip frame rather than zlib's
    constexpr int kMemory = 8;
    if (deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + kGzip, kMemory, Z_DEFAULT_STRATEGY) !=
        Z_OK)
      throw std::bad_alloc();
  }
  ~GzipEncoder() override { deflateEnd(&stream_); }

  void put(std::string_view bytes, Flush flush, std::string& out) override {
    while (bytes.size() > std::numeric_limits<uInt>::max() / 2) {
      const std::string_view part = bytes.substr(0, std::numeric_limits<uInt>::max() / 2);
      put(part, Flush::none, out);
      bytes.remove_prefix(part.size());
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    const int how = flush == Flush::end    ? Z_FINISH
                    : flush == Flush::sync ? Z_SYNC_FLUSH
                                           : Z_NO_FLUSH;
    append_coded(out, [&](char* to, std::size_t room, bool& more) {
      stream_.next_out = reinterpret_cast<Bytef*>(to);
      stream_.avail_out = static_cast<uInt>(room);
      const int result = deflate(&stream_, how);
      if (result == Z_STREAM_ERROR) throw std::runtime_error("deflate failed");
      more = how == Z_FINISH ? result != Z_STREAM_END : stream_.avail_out == 0;
      return room - stream_.avail_out;
    });
  }

 private:
  z_stream stream_{};
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
  explicit ZstdEncoder(int level) : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    // At most 8 MiB, which every client decodes (RFC 9659 §3); no more than the levels here need.
    constexpr int kWindow = 20;
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, kWindow);
  }

  void put(std::string_view bytes, Flush flush, std::string& out) override {
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
  }

 private:
  struct Destroy {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Destroy> context_;
};

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
