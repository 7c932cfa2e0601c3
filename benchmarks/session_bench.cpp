// SPDX-License-Identifier: MIT
// Bytes in, bytes out: what the HTTP/1.1 session costs a request, without socket and router.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/session.hpp>

using namespace weir;
using http::ContentPlan;
using http::Session;

namespace {

/// A cork that is emptied whenever it is full.
class Cork final : public http::Output {
 public:
  Cork() { rewind(); }
  void push(std::string&&) override {}
  void push(std::string_view, std::shared_ptr<const void>) override {}
  void push_file(int, std::uint64_t, std::uint64_t, std::shared_ptr<const void>) override {}

 private:
  void make_room(std::size_t) override { rewind(); }
  void rewind() {
    at_ = bytes_;
    end_ = bytes_ + sizeof bytes_;
  }
  char bytes_[64 * 1024];
};

/// Answers every request with the same few bytes.
class Hello final : public http::Application {
 public:
  Hello() {
    head.fields = fields.data();
    head.field_capacity = limits.field_count;
    response.set_content_type("text/plain; charset=utf-8");
    session.begin(context);
  }
  ContentPlan on_head(Session&, http::RequestHead&) override {
    return {ContentPlan::Kind::collect, 1024 * 1024, 0};
  }
  void on_request(Session& self, http::RequestHead&, std::string_view) override {
    self.answer(response, "Hello, World!", context);
  }
  void on_content_begin(Session&, http::RequestHead&) override {}
  void on_content(Session&, std::string_view piece) override { bytes += piece.size(); }
  void on_content_end(Session& self, std::string_view) override {
    self.answer(response, "Hello, World!", context);
  }
  void on_content_error(Session&, http::ContentError) override {}
  void on_refused(Session&, http::Status, std::string_view) override {}
  void on_handler_timeout(Session&) override {}

  http::Limits limits;
  http::Timeouts timeouts;
  std::vector<http::FieldIndex> fields = std::vector<http::FieldIndex>(100);
  http::RequestHead head;
  http::ResponseHead response;
  Cork output;
  Session session;
  std::uint64_t bytes = 0;
  http::SessionContext context{limits, timeouts, *this, output, head, {}};
};

void run(benchmark::State& state, std::string_view wire, std::size_t requests, std::size_t piece) {
  Hello hello;
  hello.context.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  hello.context.now_ms = 1;
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
