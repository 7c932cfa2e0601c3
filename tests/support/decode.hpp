// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the codings' own libraries make of coded content.
#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::test {

/// Decodes all of `coded`, or as far as it goes: a stream that is flushed can be read so far.
inline std::string gunzip(std::string_view coded) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) throw std::runtime_error("inflateInit2");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  std::string out;
  char piece[65536];
  int result = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    result = inflate(&stream, Z_SYNC_FLUSH);
    out.append(piece, sizeof piece - stream.avail_out);
  } while (result == Z_OK);
  inflateEnd(&stream);
  if (result != Z_STREAM_END && result != Z_BUF_ERROR) throw std::runtime_error("inflate");
  return out;
}

inline std::string unbrotli(std::string_view coded) {
  BrotliDecoderState* const state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  const auto* in = reinterpret_cast<const std::uint8_t*>(coded.data());
  std::size_t left = coded.size();
  std::string out;
  std::uint8_t piece[65536];
  BrotliDecoderResult result;
  do {
    std::uint8_t* to = piece;
    std::size_t room = sizeof piece;
    result = BrotliDecoderDecompressStream(state, &left, &in, &room, &to, nullptr);
    out.append(reinterpret_cast<char*>(piece), sizeof piece - room);
  } while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
  BrotliDecoderDestroyInstance(state);
  if (result == BROTLI_DECODER_RESULT_ERROR) throw std::runtime_error("brotli");
  return out;
}

inline std::string unzstd(std::string_view coded) {
  ZSTD_DCtx* const context = ZSTD_createDCtx();
  ZSTD_inBuffer in{coded.data(), coded.size(), 0};
  std::string out;
  char piece[65536];
  for (;;) {
    ZSTD_outBuffer to{piece, sizeof piece, 0};
    const std::size_t result = ZSTD_decompressStream(context, &to, &in);
    out.append(piece, to.pos);
    if (ZSTD_isError(result) != 0) {
      ZSTD_freeDCtx(context);
      throw std::runtime_error("zstd");
    }
    if (in.pos == in.size && to.pos < to.size) break;
  }
  ZSTD_freeDCtx(context);
  return out;
}

inline std::string decode(std::string_view coding, std::string_view coded) {
  if (coding == "gzip") return gunzip(coded);
  if (coding == "br") return unbrotli(coded);
  if (coding == "zstd") return unzstd(coded);
  return std::string(coded);
}

}  // namespace weir::test
