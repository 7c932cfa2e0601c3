// SPDX-License-Identifier: MIT
// What the http layer does for a file: its name, its type, preconditions, codings and ranges.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/http/accept_encoding.hpp>
#include <weir/http/byte_ranges.hpp>
#include <weir/http/conditional.hpp>
#include <weir/http/file_path.hpp>
#include <weir/http/mime_types.hpp>
#include <weir/http/request_parser.hpp>

using namespace weir;

namespace {

constexpr std::string_view kPlain =
    "GET /s/app.js HTTP/1.1\r\nHost: example.org\r\nUser-Agent: x\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n\r\n";
constexpr std::string_view kCached =
    "GET /s/app.js HTTP/1.1\r\nHost: example.org\r\nIf-None-Match: \"18a2f3c49d0e7b00-1f40\"\r\n"
    "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
constexpr std::string_view kDated =
    "GET /s/app.js HTTP/1.1\r\nHost: example.org\r\n"
    "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
constexpr std::string_view kRanged =
    "GET /s/app.js HTTP/1.1\r\nHost: example.org\r\nRange: bytes=500-999\r\n\r\n";

constexpr std::int64_t kModified = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::uint64_t kSize = 8000;

struct Parsed {
  std::array<http::FieldIndex, 16> index{};
  http::RequestHead head;
  explicit Parsed(std::string_view wire) {
    head.fields = index.data();
    head.field_capacity = static_cast<std::uint32_t>(index.size());
    http::RequestParser().parse(wire.data(), wire.size(), head, {});
  }
};

void preconditions(benchmark::State& state, std::string_view wire) {
  const Parsed parsed(wire);
  const http::FileTag tag(0x18a2f3c49d0e7b00, kSize);
  const http::Representation representation{true, tag.text(), kModified};
  for (auto _ : state)
    benchmark::DoNotOptimize(
        http::evaluate_preconditions(parsed.head, representation, kModified + 1000));
}
BENCHMARK_CAPTURE(preconditions, none, kPlain);
BENCHMARK_CAPTURE(preconditions, tag_and_date, kCached);
BENCHMARK_CAPTURE(preconditions, date, kDated);
BENCHMARK_CAPTURE(preconditions, range, kRanged);

void byte_ranges(benchmark::State& state, std::string_view range) {
  for (auto _ : state) {
    const http::ByteRanges ranges(range, kSize);
    benchmark::DoNotOptimize(ranges.total());
  }
}
BENCHMARK_CAPTURE(byte_ranges, single, "bytes=500-999");
BENCHMARK_CAPTURE(byte_ranges, three, "bytes=0-99, 4000-4099, -100");
BENCHMARK_CAPTURE(byte_ranges, flood,
                  "bytes=0-0,200-200,400-400,600-600,800-800,1000-1000,1200-1200,1400-1400,"
                  "1600-1600,1800-1800,2000-2000,2200-2200,2400-2400,2600-2600,2800-2800,0-");

void content_range(benchmark::State& state) {
  for (auto _ : state) {
    const http::ContentRange range({500, 999}, kSize);
    benchmark::DoNotOptimize(range.text());
  }
}
BENCHMARK(content_range);

void accept_encoding(benchmark::State& state) {
  const Parsed parsed(kPlain);
  const http::CodingOffer offer{http::ContentCoding::br, http::ContentCoding::gzip,
                                http::ContentCoding::identity};
  for (auto _ : state) benchmark::DoNotOptimize(http::AcceptedCodings(parsed.head).choose(offer));
}
BENCHMARK(accept_encoding);

void file_path(benchmark::State& state) {
  for (auto _ : state) {
    http::FilePath path;
    benchmark::DoNotOptimize(
        http::to_file_path("assets/js/app-3f2a9c1b.min.js", http::DotFiles::hidden, path));
    benchmark::DoNotOptimize(path);
  }
}
BENCHMARK(file_path);

void media_type(benchmark::State& state) {
  http::MimeTypes types;
  types.add_table("image/x-y x y\n");
  for (auto _ : state)
    benchmark::DoNotOptimize(types.find_for_path("assets/js/app-3f2a9c1b.min.js"));
}
BENCHMARK(media_type);

void file_tag(benchmark::State& state) {
  std::int64_t modified = 0x18a2f3c49d0e7b00;
  for (auto _ : state) {
    const http::FileTag tag(++modified, kSize);
    benchmark::DoNotOptimize(tag.text());
  }
}
BENCHMARK(file_tag);

}  // namespace
