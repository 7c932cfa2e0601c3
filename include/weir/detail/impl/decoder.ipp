// SPDX-License-Identifier: MIT
#pragma once
#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>
#include <weir/detail/decoder.hpp>
#include <weir/http/chars.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// gzip (RFC 1952, one member) and zlib's format (RFC 1950), which HTTP calls deflate.
class ZlibDecoder final : public Decoder {
 public:
  explicit ZlibDecoder(bool is_gzip) {
    if (inflateInit2(&stream_, MAX_WBITS + (is_gzip ? 16 : 0)) != Z_OK) throw std::bad_alloc();
  }
  ~ZlibDecoder() override { inflateEnd(&stream_); }

  State step(std::string_view& bytes, char* to, std::size_t room, std::size_t& written) override {
    const auto most =
        static_cast<uInt>(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = most;
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    bytes.remove_prefix(most - stream_.avail_in);
    written = room - stream_.avail_out;
    switch (result) {
      case Z_STREAM_END:
        return State::complete;
      case Z_OK:
      case Z_BUF_ERROR:
        return stream_.avail_out == 0 || !bytes.empty() ? State::has_output : State::wants_input;
      case Z_MEM_ERROR:
        throw std::bad_alloc();
      default:
        return State::broken;
    }
  }

 private:
  z_stream stream_{};
};

class BrotliDecoder final : public Decoder {
 public:
  BrotliDecoder() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) throw std::bad_alloc();
  }

  State step(std::string_view& bytes, char* to, std::size_t room, std::size_t& written) override {
    const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    auto* next = reinterpret_cast<std::uint8_t*>(to);
    std::size_t free = room;
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state_.get(), &left, &in, &free, &next, nullptr);
    bytes.remove_prefix(bytes.size() - left);
    written = room - free;
    switch (result) {
      case BROTLI_DECODER_RESULT_SUCCESS:
        return State::complete;
      case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:  // said also while some is left to give
        return BrotliDecoderHasMoreOutput(state_.get()) != BROTLI_FALSE ? State::has_output
                                                                        : State::wants_input;
      case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
        return State::has_output;
      case BROTLI_DECODER_RESULT_ERROR:
        break;
    }
    return State::broken;
  }

 private:
  struct Destroy {
    void operator()(BrotliDecoderState* state) const noexcept {
      BrotliDecoderDestroyInstance(state);
    }
  };
  std::unique_ptr<BrotliDecoderState, Destroy> state_;
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    constexpr int kWindow = 23;  // 8 MiB: more need not be decoded (RFC 9659 §3)
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindow);
  }

  State step(std::string_view& bytes, char* to, std::size_t room, std::size_t& written) override {
    written = 0;
    if (!begun_ && !bytes.empty()) {
      // A frame of RFC 8878, or one to skip. The library may know the formats before it as well,
      // for which no window's bound holds.
      const auto first = static_cast<unsigned char>(bytes.front());
      if (first != 0x28 && (first & 0xf0U) != 0x50) return State::broken;
      begun_ = true;
    }
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer out{to, room, 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
    bytes.remove_prefix(in.pos);
    written = out.pos;
    if (ZSTD_isError(result) != 0) return State::broken;
    if (result == 0) return State::complete;
    return out.pos == out.size || !bytes.empty() ? State::has_output : State::wants_input;
  }

 private:
  struct Destroy {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Destroy> context_;
  bool begun_ = false;
};

WEIR_INLINE std::unique_ptr<Decoder> Decoder::make(std::string_view coding) {
  const auto is = [coding](std::string_view name) {
    return http::equals_ignoring_case(coding, name);
  };
  if (is("gzip") || is("x-gzip")) return std::make_unique<ZlibDecoder>(true);
  if (is("deflate")) return std::make_unique<ZlibDecoder>(false);
  if (is("br")) return std::make_unique<BrotliDecoder>();
  if (is("zstd")) return std::make_unique<ZstdDecoder>();
  return nullptr;
}

}  // namespace detail
WEIR_END_NAMESPACE
