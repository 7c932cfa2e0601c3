// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <weir/body_limit.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using weir::testing::Answer;
using weir::testing::Client;

namespace {

const auto echo = [](const weir::Request& req) { return std::string(req.body()); };

const auto count = weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
  auto bytes = std::make_shared<std::size_t>(0);
  body.on_data([bytes](std::string_view piece) { *bytes += piece.size(); });
  body.on_end([bytes, reply = res.defer()](std::string_view) mutable {
    reply.text(std::to_string(*bytes));
  });
});

void add_routes(weir::Router& router) {
  router.post("/collected", echo);
  router.post("/pooled", weir::blocking(echo));
  router.post("/streamed", count);
}

std::string chunked(const std::string& target, std::size_t first, std::size_t second) {
  const auto chunk = [](std::size_t size) {
    return std::to_string(size) + "\r\n" + std::string(size, 'x') + "\r\n";  // below ten
  };
  return "POST " + target + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
         chunk(first) + chunk(second) + "0\r\n\r\n";
}

}  // namespace

TEST_CASE("a group's limit holds for announced and for chunked content", "[body_limit]") {
  weir::Server server;
  add_routes(server);
  server.group("/small", [](weir::Router& small) {
    small.use(weir::body_limit(8));
    add_routes(small);
  });
  for (const char* const path : {"/collected", "/pooled", "/streamed"}) {
    CAPTURE(path);
    const std::string small = std::string("/small") + path;
    Client client(server);
    CHECK(client.post(path, "123456789").status == 200);
    CHECK(client.post(small, "12345678").status == 200);
    CHECK(client.post(small, "123456789").status == 413);
    CHECK(client.post(small, "").status < 300);
    client.send_raw(chunked(small, 4, 4));
    CHECK(client.receive().status == 200);
    client.send_raw(chunked(small, 4, 5));
    CHECK(client.receive().status == 413);
    client.send_raw(chunked(path, 4, 5));
    CHECK(client.receive().status == 200);
  }
}

TEST_CASE("what is announced too large is not asked for", "[body_limit]") {
  weir::Server server;
  server.use(weir::body_limit(8));
  server.post("/", count);
  server.on_error([](const weir::Error& error, weir::Response& res) {
    res.text("shaped: " + std::string(error.message));
  });
  Client client(server);
  client.send_raw(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  const Answer refused = client.receive();
  CHECK(refused.status == 413);
  CHECK(refused.interim.empty());
  CHECK(refused.body == "shaped: content too large");
  client.send_raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n");
  CHECK(client.receive().status == 413);
}

TEST_CASE("the lowest limit counts, whoever has set it, and none is raised", "[body_limit]") {
  struct Case {
    std::uint64_t outer;
    std::uint64_t inner;
    std::uint64_t route;
    std::size_t fits;
  };
  for (const Case& c : {Case{3, 5, 7, 3}, Case{5, 3, 7, 3}, Case{7, 5, 3, 3}, Case{0, 5, 5, 0}}) {
    CAPTURE(c.outer, c.inner, c.route);
    weir::RouteOptions options;
    options.body_limit = c.route;
    weir::Server server;
    server.use(weir::body_limit(c.outer), weir::body_limit(c.inner));
    server.post("/", echo, options);
    Client client(server);
    CHECK(client.post("/", std::string(c.fits, 'x')).status == 200);
    CHECK(client.post("/", std::string(c.fits + 1, 'x')).status == 413);
    client.send_raw(chunked("/", 1, c.fits == 0 ? 1 : c.fits));
    CHECK(client.receive().status == 413);
  }
}

TEST_CASE("a limit may be for some requests", "[body_limit]") {
  weir::Server server;
  server.use(weir::body_limit(4, [](const weir::Request& req) { return req.param("n") == "a"; }));
  server.post("/{n}", echo);
  Client client(server);
  CHECK(client.post("/a", "12345").status == 413);
  CHECK(client.post("/b", "12345").status == 200);
}

TEST_CASE("a limit set before a suspension holds behind it", "[body_limit]") {
  weir::Server server;
  server.use(weir::body_limit(8));
  server.use([&server](weir::Request&, weir::Response& res) {
    server.after(std::chrono::milliseconds(10), [go = res.suspend()]() mutable { go.proceed(); });
    return weir::Next::suspended;
  });
  add_routes(server);
  for (const char* const path : {"/collected", "/pooled", "/streamed"}) {
    CAPTURE(path);
    Client client(server);
    client.send_raw(chunked(path, 4, 4));
    client.advance(std::chrono::milliseconds(20));
    CHECK(client.receive().status == 200);
    client.send_raw(chunked(path, 4, 5));
    client.advance(std::chrono::milliseconds(20));
    CHECK(client.receive().status == 413);
  }
}
