// SPDX-License-Identifier: MIT
// JSON of 20 KiB through each content coding at its default level: `kept` in the context that the
// thread keeps from the answer before, `new` in one that is made for it and freed.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <weir/compress.hpp>
#include <weir/detail/decoder.hpp>
#include <weir/detail/encoder.hpp>

namespace {

using weir::ContentCoding;
using weir::detail::Decoder;
using weir::detail::Encoder;

constexpr std::size_t kBytes = 20 * 1024;

/// Rows as an API answers them: names that come again, numbers that do not.
std::string json() {
  std::string text = "[";
  for (std::uint32_t i = 0; text.size() < kBytes; ++i)
    text += "{\"id\":" + std::to_string(i * 2654435761U) + ",\"name\":\"user " + std::to_string(i) +
            "\",\"active\":" + (i % 3 == 0 ? "true" : "false") + "},";
  text.resize(kBytes - 1);
  return text + "]";
}

int level_of(ContentCoding coding) {
  const weir::CompressOptions options;
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

std::string encode(ContentCoding coding, std::string_view text) {
  std::string out;
  Encoder::make(coding, level_of(coding))->put(text, Encoder::Flush::end, out);
  return out;
}

void BM_Encode(benchmark::State& state, ContentCoding coding) {
  const std::string text = json();
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string coded = encode(coding, text);
    bytes = coded.size();
    benchmark::DoNotOptimize(coded.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
  state.counters["coded_bytes"] = static_cast<double>(bytes);
}
BENCHMARK_CAPTURE(BM_Encode, gzip_kept, ContentCoding::gzip);
BENCHMARK_CAPTURE(BM_Encode, br, ContentCoding::br);
BENCHMARK_CAPTURE(BM_Encode, zstd_kept, ContentCoding::zstd);

void BM_EncodeNew(benchmark::State& state, ContentCoding coding) {
  const std::string text = json();
  for (auto _ : state) {
    std::string coded;
    const std::unique_ptr<Encoder> encoder = Encoder::make(coding, level_of(coding));
    encoder->put(text, Encoder::Flush::sync,
                 coded);  // not ended it is not kept, nor its size known
    benchmark::DoNotOptimize(coded.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}
BENCHMARK_CAPTURE(BM_EncodeNew, gzip_new, ContentCoding::gzip);
BENCHMARK_CAPTURE(BM_EncodeNew, zstd_new, ContentCoding::zstd);

void BM_Decode(benchmark::State& state, ContentCoding coding) {
  const std::string coded = encode(coding, json());
  char piece[16 * 1024];
  for (auto _ : state) {
    const std::unique_ptr<Decoder> decoder = Decoder::make(weir::http::to_string(coding));
    std::string_view bytes = coded;
    std::size_t all = 0;
    Decoder::State at = Decoder::State::has_output;
    while (at == Decoder::State::has_output) {
      std::size_t written = 0;
      at = decoder->step(bytes, piece, sizeof piece, written);
      all += written;
      benchmark::DoNotOptimize(&piece[0]);
    }
    if (at != Decoder::State::complete || all != kBytes) state.SkipWithError("not what was coded");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}
BENCHMARK_CAPTURE(BM_Decode, gzip, ContentCoding::gzip);
BENCHMARK_CAPTURE(BM_Decode, br, ContentCoding::br);
BENCHMARK_CAPTURE(BM_Decode, zstd, ContentCoding::zstd);

}  // namespace
