// SPDX-License-Identifier: MIT
#include <sys/socket.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/weir.hpp>

#include "support/raw_client.hpp"

using namespace std::chrono_literals;
using weir::test::RawClient;
using weir::test::RawEnd;
using weir::test::RawFraming;
using weir::test::RawResponse;

namespace {

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

/// The same routes under one or several loops, on a real port.
struct Running {
  explicit Running(weir::Options options = {}) : server(with_threads(std::move(options))) {
    server.get("/", [] { return "now"; });
    server.get("/big", [] { return std::string(5'000'000, 'b'); });
    server.post("/echo",
                [](const weir::Request& req, weir::Response& res) { res.body(req.body()); });
    server.post("/count",
                weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
                  auto bytes = std::make_shared<std::size_t>(0);
                  body.on_data([bytes](std::string_view piece) { *bytes += piece.size(); });
                  body.on_end([bytes, reply = res.defer()](std::string_view) mutable {
                    reply.text(std::to_string(*bytes));
                  });
                }));
    server.get("/chunks", weir::blocking([](const weir::Request&, weir::Response& res) {
                 weir::Stream stream = res.stream();
                 for (int i = 0; i < 300; ++i)
                   if (stream.write(std::string(10'000, 'c')) != weir::WriteResult::ok) return;
                 stream.end();
               }));
    server.get("/later", [this](const weir::Request&, weir::Response& res) {
      weir::Reply reply = res.defer();
      reply.on_gone([this](weir::Gone how) { gone.set_value(how); });
      held.set_value(std::move(reply));
    });
    server.get("/early", [](const weir::Request&, weir::Response& res) {
      weir::ResponseHead hints;
      hints.append("Link", "</style.css>");
      res.interim(weir::Status::early_hints, hints);
      res.text("final");
    });
    server.listen("127.0.0.1", 0);
  }

  void start() {
    server.start();
    port = server.port();
  }

  static weir::Options with_threads(weir::Options options) {
    options.threads = 2;
    options.workers = 2;
    return options;
  }

  std::promise<weir::Reply> held;
  std::promise<weir::Gone> gone;
  weir::Server server;
  std::uint16_t port = 0;
};

}  // namespace

TEST_CASE("requests on one connection are answered in order, however they come", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  const std::string post = "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhello";
  SECTION("in one segment") { client.send(get("/") + post + get("/none") + get("/")); }
  SECTION("in pieces") { client.send_pieces(get("/") + post + get("/none") + get("/"), 7); }
  CHECK(client.read_response().body == "now");
  CHECK(client.read_response().body == "hello");
  CHECK(client.read_response().status == 404);
  CHECK(client.read_response().body == "now");
}

TEST_CASE("two thousand pipelined requests get two thousand answers", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  std::string all;
  for (int i = 0; i < 2'000; ++i) all += get("/");
  client.send(all);
  for (int i = 0; i < 2'000; ++i) REQUIRE(client.read_response().body == "now");
}

TEST_CASE("answers larger than the socket's buffer arrive whole at a slow reader", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  const int small = 32 * 1024;
  ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.set_timeout(30s);
  const RawResponse big = client.request(get("/big"));
  CHECK(big.framing == RawFraming::length);
  CHECK(big.body.size() == 5'000'000);
  const RawResponse chunks = client.request(get("/chunks"));
  CHECK(chunks.framing == RawFraming::chunked);
  CHECK(chunks.body.size() == 3'000'000);
  CHECK(client.request(get("/")).body == "now");
}

TEST_CASE("large bodies are taken, plain and streamed", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  client.set_timeout(30s);
  const std::string content(1'000'000, 'x');
  const std::string length = "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n";
  CHECK(client.request("POST /echo HTTP/1.1\r\nHost: t\r\n" + length + content).body == content);
  CHECK(client.request("POST /count HTTP/1.1\r\nHost: t\r\n" + length + content).body == "1000000");
  client.send("POST /count HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) client.send("3e8\r\n" + std::string(1'000, 'x') + "\r\n");
  client.send("0\r\n\r\n");
  CHECK(client.read_response().body == "100000");
}

TEST_CASE("a client that waits for 100 Continue gets it", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  for (const char* target : {"/echo", "/count"}) {
    CAPTURE(target);
    client.send("POST " + std::string(target) +
                " HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    CHECK(client.read_any_response().status == 100);
    client.send("hello");
    CHECK(client.read_response().status == 200);
  }
}

TEST_CASE("an interim answer goes in front of the final one", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  const RawResponse answer = client.request(get("/early"));
  CHECK(answer.interim == std::vector<int>{103});
  CHECK(answer.body == "final");
  client.send("GET /early HTTP/1.0\r\n\r\n");
  CHECK(client.read_any_response().status == 200);
}

TEST_CASE("HTTP/1.0 closes unless it asks to keep alive", "[socket]") {
  Running r;
  r.start();
  RawClient kept(r.port);
  for (int i = 0; i < 2; ++i) {
    const RawResponse answer = kept.request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(answer.body == "now");
    CHECK_FALSE(answer.closes());
  }
  RawClient closed(r.port);
  CHECK(closed.request("GET / HTTP/1.0\r\n\r\n").body == "now");
  closed.expect_closed();
  RawClient stream(r.port);
  stream.send("GET /chunks HTTP/1.0\r\n\r\n");
  const RawResponse answer = stream.read_response();
  CHECK(answer.framing == RawFraming::until_close);
  CHECK(answer.body.size() == 3'000'000);
  CHECK(stream.ended() == RawEnd::eof);
}

TEST_CASE("the error of a refused request arrives although more is being sent", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100000000\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  const RawResponse answer = client.read_response();
  CHECK(answer.status == 413);
  CHECK(answer.closes());
  CHECK(client.peek(5s) == RawEnd::eof);  // no reset has overtaken it
}

TEST_CASE("what is behind a bad request is never read", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  client.send("GET / HTTP/1.1\r\nHost: t\r\nBad Name: x\r\n\r\n" + get("/"));
  CHECK(client.read_response().status == 400);
  CHECK(client.read_until_close().empty());
}

TEST_CASE("a client that sends FIN behind its request still gets the answer", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  SECTION("at once") {
    client.send(get("/") + get("/big"));
    client.half_close();
    CHECK(client.read_response().body == "now");
    CHECK(client.read_response().body.size() == 5'000'000);
  }
  SECTION("later") {
    client.send(get("/later"));
    weir::Reply reply = r.held.get_future().get();
    client.half_close();
    CHECK(r.gone.get_future().get() == weir::Gone::half_closed);
    CHECK(reply.text("still here") == weir::SendResult::accepted);
    CHECK(client.read_response().body == "still here");
  }
  client.expect_closed();
}

TEST_CASE("a reset is told to who holds the reply", "[socket]") {
  Running r;
  r.start();
  RawClient client(r.port);
  client.send(get("/later"));
  weir::Reply reply = r.held.get_future().get();
  client.reset();
  CHECK(r.gone.get_future().get() == weir::Gone::yes);
  CHECK(reply.gone() == weir::Gone::yes);
  CHECK(reply.text("late") == weir::SendResult::gone);
}

TEST_CASE("a writer on a worker is let go when its client resets", "[socket]") {
  std::promise<weir::WriteResult> last;
  weir::Server server(Running::with_threads({}));
  server.get("/", weir::blocking([&](const weir::Request&, weir::Response& res) {
               weir::Stream stream = res.stream();
               weir::WriteResult result = weir::WriteResult::ok;
               while (result == weir::WriteResult::ok)
                 result = stream.write(std::string(100'000, 'x'));
               last.set_value(result);
             }));
  server.listen("127.0.0.1", 0);
  server.start();
  RawClient client(server.port());
  client.send(get("/"));
  CHECK(client.read_some(1'000).size() >= 1'000);
  client.reset();
  CHECK(last.get_future().get() == weir::WriteResult::gone);
}

TEST_CASE("many clients at once, coming and going, leave nothing behind", "[socket]") {
  Running r;
  r.start();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 40; ++n) {
        RawClient client(r.port);
        switch ((n + i) % 4) {
          case 0:
            if (client.request(get("/")).body != "now") ++wrong;
            break;
          case 1:
            client.send(get("/big"));
            client.reset();
            break;
          case 2:
            client.send("POST /count HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nabc");
            client.close();
            break;
          case 3:
            if (client.request(get("/chunks")).body.size() != 3'000'000) ++wrong;
            break;
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  while (r.server.connections() > 0) std::this_thread::yield();
  CHECK(r.server.queued() == 0);
}

TEST_CASE("time-outs close on a real clock as well", "[socket]") {
  weir::Options options;
  options.head_timeout = 100ms;
  options.keep_alive_timeout = 100ms;
  Running r(options);
  r.start();
  RawClient silent(r.port);
  RawClient slow(r.port);
  slow.send("GET / HTT");
  RawClient idle(r.port);
  CHECK(idle.request(get("/")).body == "now");
  silent.expect_closed();
  CHECK(slow.read_response().status == 408);
  slow.expect_closed();
  idle.expect_closed();
}
