// SPDX-License-Identifier: MIT
// Forms taken apart: bytes a second of files, of many fields, and of what is meant to be slow.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <weir/http/form.hpp>
#include <weir/http/multipart_parser.hpp>

namespace {

using namespace weir::http;

constexpr std::string_view kBoundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
constexpr std::size_t kFile = std::size_t{8} << 20;
constexpr std::size_t kPiece = 64 * 1024;  // as they come from a socket

std::string part(std::string_view parameters, std::string_view data) {
  return std::string("--")
      .append(kBoundary)
      .append("\r\nContent-Disposition: form-data; ")
      .append(parameters)
      .append("\r\n\r\n")
      .append(data)
      .append("\r\n");
}

std::string form_of(const std::string& parts) {
  return std::string(parts).append("--").append(kBoundary).append("--\r\n");
}

std::string file_of(std::string_view data) {
  return form_of(part("name=\"file\"; filename=\"x.bin\"", data));
}

std::string repeat(std::string_view text, std::size_t size) {
  std::string out;
  out.reserve(size + text.size());
  while (out.size() < size) out += text;
  return out;
}

std::string random_bytes() {
  std::string out(kFile, '\0');
  std::uint64_t random = 1;
  for (char& c : out) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    c = static_cast<char>(random >> 56);
  }
  return out;
}

struct Count {
  std::size_t bytes = 0;
  std::size_t parts = 0;
  void on_part(const MultipartPart&) { ++parts; }
  void on_data(std::string_view data) { bytes += data.size(); }
  void on_part_end() {}
};

void parse(benchmark::State& state, const std::string& wire, std::size_t piece) {
  MultipartLimits limits;
  limits.parts = 1'000'000;
  for (auto _ : state) {
    MultipartParser parser(kBoundary, limits);
    Count count;
    for (std::size_t at = 0; at < wire.size(); at += piece)
      parser.feed(std::string_view(wire).substr(at, piece), count);
    if (parser.finish() != MultipartError::none) state.SkipWithError("no form");
    benchmark::DoNotOptimize(count);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(wire.size()));
}

/// A photo, an archive: a CR in 256 bytes.
void BM_BinaryFile(benchmark::State& state) { parse(state, file_of(random_bytes()), kPiece); }
BENCHMARK(BM_BinaryFile);

/// A text with a CRLF every 60 bytes.
void BM_TextFile(benchmark::State& state) {
  parse(state,
        file_of(repeat("The quick brown fox jumps over the lazy dog, and then again.\r\n", kFile)),
        kPiece);
}
BENCHMARK(BM_TextFile);

/// The same binary file, searched by memmem(3) for the delimiter: no parser is faster than that.
void BM_Memmem(benchmark::State& state) {
  const std::string wire = file_of(random_bytes());
  const std::string delimiter = std::string("\r\n--").append(kBoundary);
  for (auto _ : state)
    for (std::size_t at = 0; at < wire.size(); at += kPiece) {
      const std::string_view piece = std::string_view(wire).substr(at, kPiece);
      benchmark::DoNotOptimize(
          memmem(piece.data(), piece.size(), delimiter.data(), delimiter.size()));
    }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(wire.size()));
}
BENCHMARK(BM_Memmem);

// What is meant to be slow. The time for a byte must not grow with the boundary.

/// All of the delimiter but its last byte, over and over.
void BM_NearDelimiters(benchmark::State& state) {
  const std::string near = std::string("\r\n--").append(kBoundary.substr(0, kBoundary.size() - 1));
  parse(state, file_of(repeat(near, kFile)), kPiece);
}
BENCHMARK(BM_NearDelimiters);

/// The first three bytes of it, each with its last byte where the search looks for that.
void BM_FalseCandidates(benchmark::State& state) {
  const std::size_t last = kBoundary.size() + 3;  // of the delimiter
  std::size_t period = 4;
  while (last % period != 3) ++period;
  std::string unit = "\r\n-";
  unit.resize(period, kBoundary.back());
  parse(state, file_of(repeat(unit, kFile)), kPiece);
}
BENCHMARK(BM_FalseCandidates);

void BM_OnlyCarriageReturns(benchmark::State& state) {
  parse(state, file_of(std::string(kFile, '\r')), kPiece);
}
BENCHMARK(BM_OnlyCarriageReturns);

/// Near-delimiters, a byte in each piece.
void BM_NearDelimitersByteByByte(benchmark::State& state) {
  const std::string near = std::string("\r\n--").append(kBoundary.substr(0, kBoundary.size() - 1));
  parse(state, file_of(repeat(near, kFile / 16)), 1);
}
BENCHMARK(BM_NearDelimitersByteByByte);

/// 1,000 small fields; an item is a field.
void BM_Fields(benchmark::State& state) {
  std::string parts;
  for (int i = 0; i < 1000; ++i)
    parts += part("name=\"field" + std::to_string(i) + "\"", "a short value");
  parse(state, form_of(parts), kPiece);
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_Fields);

/// The same fields urlencoded.
void BM_UrlencodedFields(benchmark::State& state) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "field" + std::to_string(i) + "=a+short+value&";
  Form form;
  for (auto _ : state) {
    if (form.parse(body) != FormError::none) state.SkipWithError("no form");
    benchmark::DoNotOptimize(form.size());
  }
  state.SetItemsProcessed(state.iterations() * 1000);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(BM_UrlencodedFields);

}  // namespace
