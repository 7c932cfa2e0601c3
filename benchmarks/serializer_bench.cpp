// SPDX-License-Identifier: MIT
// Heads of answers: setting fields and writing them.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/http/date.hpp>
#include <weir/http/serializer.hpp>

#include "in_memory.hpp"

using namespace weir;

namespace {

http::HeadOptions options_with(http::HeadOptions::Framing framing) {
  http::HeadOptions options;
  options.framing = framing;
  options.content_length = 13;
  options.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  options.server = "weir";
  return options;
}

/// The whole way of the smallest answer: clear, Content-Type, head, body.
void BM_Plaintext(benchmark::State& state) {
  in_memory::Cork out;
  http::ResponseHead head;
  const http::HeadOptions options = options_with(http::HeadOptions::Framing::length);
  for (auto _ : state) {
    head.clear();
    head.set_content_type("text/plain; charset=utf-8");
    http::write_head(out, head, options);
    out.append("Hello, World!");
    benchmark::DoNotOptimize(out);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_Plaintext);

/// Eight fields as an application sets them behind a proxy.
void BM_SetFields(benchmark::State& state) {
  http::ResponseHead head;
  for (auto _ : state) {
    head.clear();
    head.set_content_type("application/json");
    head.set("Cache-Control", "private, max-age=0, must-revalidate");
    head.set("ETag", "\"33a64df551425fcc55e4d42a148795d9f25f89d4\"");
    head.set("Vary", "Accept-Encoding, Origin");
    head.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    head.set("X-Content-Type-Options", "nosniff");
    head.append("Set-Cookie", "id=8f14e45fceea167a5a36dedd4bea2543; Path=/; HttpOnly");
    head.append("Set-Cookie", "theme=dark; Path=/; SameSite=Lax");
    benchmark::DoNotOptimize(head);
  }
}
BENCHMARK(BM_SetFields);

void BM_WriteChunkedHead(benchmark::State& state) {
  in_memory::Cork out;
  http::ResponseHead head;
  head.set_content_type("text/html; charset=utf-8");
  head.set("Cache-Control", "no-store");
  const http::HeadOptions options = options_with(http::HeadOptions::Framing::chunked);
  for (auto _ : state) {
    http::write_head(out, head, options);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_WriteChunkedHead);

void BM_WriteUncommonStatus(benchmark::State& state) {
  in_memory::Cork out;
  http::ResponseHead head;
  head.status = Status::too_many_requests;
  const http::HeadOptions options = options_with(http::HeadOptions::Framing::length);
  for (auto _ : state) {
    http::write_head(out, head, options);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_WriteUncommonStatus);

void BM_WriteChunk(benchmark::State& state) {
  in_memory::Cork out;
  const std::string content(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    http::write_chunk(out, content);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_WriteChunk)->Arg(16)->Arg(1024);

/// Once a second and loop.
void BM_WriteDate(benchmark::State& state) {
  char text[http::kDateSize];
  std::int64_t now = 1767225600;
  for (auto _ : state) {
    http::write_date(now++, text);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_WriteDate);

}  // namespace
