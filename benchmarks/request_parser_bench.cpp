// SPDX-License-Identifier: MIT
// The request parser on the two requests that matter: what a load generator sends, what a browser
// does.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <weir/http/chunk_decoder.hpp>
#include <weir/http/request_parser.hpp>

namespace {

using namespace weir::http;

constexpr std::string_view kSmall = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
static_assert(kSmall.size() == 35);

constexpr std::string_view kBrowser =
    "GET /articles/2024/how-to-read-a-request?from=frontpage HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.com/articles\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Priority: u=0, i\r\n"
    "\r\n";
static_assert(kBrowser.size() >= 600 && kBrowser.size() <= 700);

void parse(benchmark::State& state, std::string_view wire) {
  const std::string bytes(wire);
  std::array<FieldIndex, 100> index;
  RequestHead head;
  head.fields = index.data();
  head.field_capacity = static_cast<std::uint32_t>(index.size());
  const Limits limits;
  for (auto _ : state) {
    RequestParser parser;
    const auto result = parser.parse(bytes.data(), bytes.size(), head, limits);
    if (result.kind != RequestParser::Result::Kind::complete) std::abort();
    benchmark::DoNotOptimize(head);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
  state.counters["fields"] = head.field_count;
}

void small_request(benchmark::State& state) { parse(state, kSmall); }
BENCHMARK(small_request);

void browser_request(benchmark::State& state) { parse(state, kBrowser); }
BENCHMARK(browser_request);

/// The same by one byte a call: what the state machine costs without its fast path.
void browser_request_byte_by_byte(benchmark::State& state) {
  const std::string bytes(kBrowser);
  std::array<FieldIndex, 100> index;
  RequestHead head;
  head.fields = index.data();
  head.field_capacity = static_cast<std::uint32_t>(index.size());
  const Limits limits;
  for (auto _ : state) {
    RequestParser parser;
    for (std::size_t size = 1; size <= bytes.size(); ++size)
      benchmark::DoNotOptimize(parser.parse(bytes.data(), size, head, limits));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
}
BENCHMARK(browser_request_byte_by_byte);

void chunked_16k(benchmark::State& state) {
  const std::string bytes = "4000\r\n" + std::string(0x4000, 'x') + "\r\n0\r\n\r\n";
  const Limits limits;
  std::string trailers;
  for (auto _ : state) {
    ChunkDecoder decoder;
    std::size_t at = 0;
    while (!decoder.is_done()) {
      const auto progress = decoder.step(bytes.data() + at, bytes.size() - at, limits, trailers);
      benchmark::DoNotOptimize(progress.data.data());
      at += progress.consumed;
    }
  }
}
BENCHMARK(chunked_16k);

}  // namespace

BENCHMARK_MAIN();
