// SPDX-License-Identifier: MIT
// Bytes in, bytes out: what the HTTP/1.1 session costs a request, without socket and router.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "in_memory.hpp"

namespace {

void run(benchmark::State& state, std::string_view wire, std::size_t requests, std::size_t piece) {
  in_memory::Hello hello;
  for (auto _ : state) {
    hello.context.requests = ~0u;
    std::size_t used = 0;
    for (std::size_t end = piece; used < wire.size(); end += piece)
      used += hello.session.on_bytes(wire.data() + used,
                                     (end < wire.size() ? end : wire.size()) - used, hello.context);
    benchmark::ClobberMemory();
  }
  if (!hello.session.is_idle()) state.SkipWithError("a request was not taken");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(requests));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(wire.size()));
}

const std::string kSmall = "GET /plaintext HTTP/1.1\r\nHost: localhost:8080\r\n\r\n";
const std::string kBrowser =
    "GET /static/app.js?v=17 HTTP/1.1\r\nHost: www.example.org\r\nConnection: keep-alive\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Referer: https://www.example.org/\r\nCookie: session=0123456789abcdef; theme=dark\r\n\r\n";

std::string pipelined(const std::string& one) {
  std::string wire;
  for (int i = 0; i < 16; ++i) wire += one;
  return wire;
}

void BM_Small(benchmark::State& state) { run(state, kSmall, 1, kSmall.size()); }
BENCHMARK(BM_Small);

void BM_Browser(benchmark::State& state) { run(state, kBrowser, 1, kBrowser.size()); }
BENCHMARK(BM_Browser);

/// The head in two reads: the price of keeping a parser.
void BM_BrowserInTwo(benchmark::State& state) { run(state, kBrowser, 1, kBrowser.size() / 2 + 1); }
BENCHMARK(BM_BrowserInTwo);

void BM_Pipelined16(benchmark::State& state) {
  const std::string wire = pipelined(kSmall);
  run(state, wire, 16, wire.size());
}
BENCHMARK(BM_Pipelined16);

void BM_PostByLength(benchmark::State& state) {
  const std::string wire =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x');
  run(state, wire, 1, wire.size());
}
BENCHMARK(BM_PostByLength);

void BM_PostChunked(benchmark::State& state) {
  const std::string wire =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
      std::string(1000, 'x') + "\r\n0\r\n\r\n";
  run(state, wire, 1, wire.size());
}
BENCHMARK(BM_PostChunked);

}  // namespace
