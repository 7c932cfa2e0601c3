// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "support/raw_client.hpp"

using namespace std::chrono_literals;
using weir::Counter;

namespace {

std::string post(std::string_view target, std::string_view fields, std::string_view content = {}) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n" + std::string(fields) + "\r\n" +
         std::string(content);
}

weir::Options small() {
  weir::Options options;
  options.max_request_line_bytes = 64;
  options.max_field_bytes = 64;
  options.max_header_bytes = 200;
  options.max_headers = 5;
  options.max_body_bytes = 100;
  options.max_chunk_extension_bytes = 8;
  options.max_trailer_bytes = 8;
  options.max_requests_per_connection = 3;
  options.first_byte_timeout = 5s;
  options.workers = 1;
  options.worker_queue = 1;
  return options;
}

struct Case {
  Counter counter;
  std::string bytes;
  std::chrono::milliseconds then = 0ms;
  std::size_t window = ~std::size_t{0};
};

}  // namespace

TEST_CASE("every counter has a name of its own", "[counters]") {
  std::set<std::string> names;
  weir::Counters counters;
  counters[Counter::stalls] = 7;
  counters.for_each([&](std::string_view name, std::uint64_t value) {
    CHECK_FALSE(name.empty());
    names.emplace(name);
    CHECK(value == (name == "stalls" ? 7U : 0U));
  });
  CHECK(names.size() == weir::kCounterCount);
  CHECK(to_string(Counter::head_timeouts) == "head_timeouts");
  CHECK(to_string(Counter::count_).empty());
}

TEST_CASE("each limit and time-out of a connection counts in its own counter", "[counters]") {
  const std::string get = "GET / HTTP/1.1\r\nHost: t\r\n\r\n";
  const std::string many = "a: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\ne: 1\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const Case cases[] = {
      {Counter::malformed, "GET / HTTP/1.1\r\n\r\n"},
      {Counter::malformed, "PRI * HTTP/2.0\r\n\r\n"},
      {Counter::malformed, post("/", chunked, "x\r\n")},
      {Counter::request_line_too_long, "GET /" + std::string(80, 'x') + " HTTP/1.1\r\n\r\n"},
      {Counter::field_too_long, post("/", "X: " + std::string(80, 'x') + "\r\n")},
      {Counter::header_too_long,
       post("/", "X: " + std::string(50, 'x') + "\r\nY: " + std::string(55, 'x') +
                     "\r\nZ: " + std::string(55, 'x') + "\r\nA: " + std::string(55, 'x') + "\r\n")},
      {Counter::too_many_headers, post("/", many)},
      {Counter::content_too_large, post("/", "Content-Length: 101\r\n")},
      {Counter::content_too_large, post("/", chunked, "65\r\n" + std::string(101, 'x'))},
      {Counter::chunk_extensions_too_long, post("/", chunked, "1;aaaaaaaa=b\r\n")},
      {Counter::trailers_too_long, post("/", chunked, "0\r\nA: 123456789\r\n\r\n")},
      {Counter::expectation_failed, post("/", "Expect: tea\r\nContent-Length: 1\r\n")},
      {Counter::max_requests_reached, get + get + get},
      {Counter::first_byte_timeouts, "", 6s},
      {Counter::head_timeouts, "GET", 11s},
      {Counter::keep_alive_timeouts, get, 16s},
      {Counter::body_stall_timeouts, post("/", "Content-Length: 10\r\n", "1"), 11s},
      {Counter::handler_timeouts, "GET /never HTTP/1.1\r\nHost: t\r\n\r\n", 31s},
      {Counter::write_stall_timeouts, "GET /big HTTP/1.1\r\nHost: t\r\n\r\n", 31s, 10},
  };
  weir::Server server(small());
  std::vector<weir::Reply> replies;
  server.get("/", [] { return "now"; });
  server.post("/", [](const weir::Request& req) { return std::to_string(req.body().size()); });
  server.get("/never",
             [&](const weir::Request&, weir::Response& res) { replies.push_back(res.defer()); });
  server.get("/big", [] { return std::string(100'000, 'x'); });
  for (const Case& one : cases) {
    CAPTURE(to_string(one.counter), one.bytes);
    weir::testing::Client client(server);
    weir::testing::Connection connection = client.connect();
    client.connection().vanish();
    connection.set_window(one.window);
    if (!one.bytes.empty()) connection.send_raw(one.bytes);
    if (one.then != 0ms) client.advance(one.then);
    const weir::Counters counters = client.counters();
    CHECK(counters[one.counter] == 1);
    // And in no other, but for what is no limit.
    std::uint64_t sum = 0;
    for (auto i = static_cast<std::size_t>(Counter::shed_connections); i < weir::kCounterCount; ++i)
      sum += counters[static_cast<Counter>(i)];
    CHECK(sum == 1);
  }
}

TEST_CASE("content that comes too slowly counts apart from content that stops", "[counters]") {
  weir::Server server;
  server.post("/", [](const weir::Request& req) { return std::to_string(req.body().size()); });
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  connection.send_raw(post("/", "Content-Length: 100000\r\n", std::string(50'000, 'x')));
  int seconds = 0;
  for (; seconds < 60 && !connection.has_ended(); ++seconds) {
    client.advance(1s);
    connection.send_raw("x");
  }
  // A fast beginning is no credit for ever.
  CHECK(seconds < 15);
  CHECK(connection.receive().status == 408);
  CHECK(client.counters()[Counter::body_rate_timeouts] == 1);
  CHECK(client.counters()[Counter::body_stall_timeouts] == 0);
}

TEST_CASE("a client below the minimum write rate counts apart from one that takes nothing",
          "[counters]") {
  weir::Server server;
  server.get("/", [] { return std::string(100'000, 'x'); });
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  connection.set_window(100);
  connection.send_raw("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  for (int i = 0; i < 31; ++i) {
    client.advance(1s);
    connection.receive_raw();
  }
  CHECK(connection.was_reset());
  CHECK(client.counters()[Counter::write_rate_timeouts] == 1);
  CHECK(client.counters()[Counter::write_stall_timeouts] == 0);
}

TEST_CASE("the server adds its loops up, and keeps the sum after a stop", "[counters]") {
  weir::Options options;
  options.threads = 2;
  options.max_connections = 3;
  options.max_connections_per_address = 2;
  weir::Server server(options);
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  CHECK(server.counters()[Counter::accepted] == 0);
  server.start();
  {
    weir::test::RawClient first(server.port());
    weir::test::RawClient second(server.port());
    first.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK(first.read_response().status == 200);
    second.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    CHECK(second.read_response().status == 200);
    weir::test::RawClient third(server.port());
    CHECK(third.read_until_close().empty());
    CHECK(server.counters()[Counter::connections] == 2);
    CHECK(server.counters()[Counter::shed_address] == 1);
  }
  server.stop();
  server.wait();
  const weir::Counters counters = server.counters();
  CHECK(counters[Counter::accepted] == 2);
  CHECK(counters[Counter::requests] == 2);
  CHECK(counters[Counter::shed_address] == 1);
  CHECK(counters[Counter::connections] == 0);
}
