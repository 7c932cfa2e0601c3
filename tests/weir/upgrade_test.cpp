// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

struct Log {
  int opened = 0;
  int ended = 0;
  int destroyed = 0;
  weir::Stream out;
};

/// Sends each whole line back; "quit" ends the connection, "throw" throws.
class LineEcho : public weir::Upgrade {
 public:
  explicit LineEcho(Log& log) : log_(log) {}
  ~LineEcho() override { ++log_.destroyed; }

  void on_open(weir::Stream out) override {
    ++log_.opened;
    log_.out = std::move(out);
  }
  std::size_t on_bytes(std::string_view bytes) override {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return 0;
    const std::string line(bytes.substr(0, end + 1));
    if (line == "throw\n") throw 7;
    log_.out.write(line);
    if (line == "quit\n") log_.out.end();
    return end + 1 + (bytes.size() > end + 1 ? on_bytes(bytes.substr(end + 1)) : 0);
  }
  void on_end() override {
    ++log_.ended;
    log_.out.end();
  }

 private:
  Log& log_;
};

struct Fixture {
  explicit Fixture(weir::Options options = {}) : server(std::move(options)) {
    server.get("/lines", [this](const weir::Request&, weir::Response& res) {
      res.header("X-Kind", "echo");
      res.upgrade("line-echo", std::make_unique<LineEcho>(log));
    });
    server.get("/", [] { return "plain"; });
  }
  Log log;
  weir::Server server;
};

const std::string kUpgrade =
    "GET /lines HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
    "Upgrade: other/1, Line-Echo\r\n\r\n";

}  // namespace

TEST_CASE("a connection goes on in the protocol it was upgraded to", "[upgrade]") {
  Fixture f;
  {
    weir::testing::Client client(f.server);
    client.send_raw(kUpgrade);
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == 101);
    CHECK(answer.header("Upgrade") == "line-echo");
    CHECK(answer.header("Connection") == "upgrade");
    CHECK(answer.header("X-Kind") == "echo");
    CHECK_FALSE(answer.has_header("Content-Length"));
    CHECK(f.log.opened == 1);
    client.send_raw("one\ntw");
    CHECK(client.receive_raw() == "one\n");
    client.send_raw("o\nGET / HTTP/1.1\r\n");  // no longer HTTP
    CHECK(client.receive_raw() == "two\nGET / HTTP/1.1\r\n");
    client.send_raw("quit\n");
    CHECK(client.receive_raw() == "quit\n");
    CHECK(client.connection().is_closed() == false);  // a new one: the old one has ended
  }
  CHECK(f.log.destroyed == 1);
}

TEST_CASE("bytes that come together with the request are the protocol's", "[upgrade]") {
  Fixture f;
  weir::testing::Client client(f.server);
  const std::string bytes = kUpgrade + "first\nsecond\nthi";
  SECTION("in one piece") { client.send_raw(bytes); }
  SECTION("byte by byte") {
    client.connection().set_largest_io(1);
    client.send_raw(bytes);
  }
  SECTION("each alone") {
    for (const char byte : bytes) client.send_raw({&byte, 1});
  }
  CHECK(client.receive().status == 101);
  CHECK(client.receive_raw() == "first\nsecond\n");
  client.send_raw("rd\n");
  CHECK(client.receive_raw() == "third\n");
}

TEST_CASE("who does not ask for the protocol is told which it is", "[upgrade]") {
  Fixture f;
  weir::testing::Client client(f.server);
  const char* const requests[] = {
      "GET /lines HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /lines HTTP/1.1\r\nHost: a\r\nUpgrade: line-echo\r\n\r\n",  // for another hop
      "GET /lines HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
      "GET /lines HTTP/1.0\r\nConnection: upgrade, keep-alive\r\nUpgrade: line-echo\r\n\r\n",
  };
  for (const std::string_view request : requests) {
    CAPTURE(request);
    client.connection();
    client.send_raw(request);
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == 426);
    CHECK(answer.header("Upgrade") == "line-echo");
  }
  CHECK(f.log.opened == 0);
  CHECK(client.get("/").body == "plain");
}

TEST_CASE("an upgraded connection ends in every way without a trace", "[upgrade]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(kUpgrade);
  REQUIRE(client.receive().status == 101);
  SECTION("half-closed by the client, then ended by the protocol") {
    client.send_raw("last\n");
    client.half_close();
    CHECK(f.log.ended == 1);
    CHECK(client.receive_raw() == "last\n");
    CHECK(client.is_closed());
  }
  SECTION("reset by the client") {
    client.vanish();
    CHECK(f.log.out.write("nobody\n") == weir::WriteResult::gone);
  }
  SECTION("by an exception") {
    client.send_raw("throw\n");
    CHECK(client.is_closed());
  }
  SECTION("by abort") {
    f.log.out.abort();
    client.settle();
    CHECK(client.is_closed());
    CHECK(client.connection().is_closed() == false);
  }
  SECTION("by more bytes than may wait for their end") {
    client.send_raw(std::string(100'000, 'x'));
    CHECK(client.is_closed());
  }
  client.settle();
  CHECK(f.log.destroyed == 1);
}

TEST_CASE("an upgraded connection is written to from any thread", "[upgrade]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(kUpgrade);
  REQUIRE(client.receive().status == 101);
  std::thread([out = f.log.out]() mutable { out.write("from elsewhere\n"); }).join();
  client.settle();
  CHECK(client.receive_raw() == "from elsewhere\n");
  f.log.out = {};
  client.settle();
  CHECK(f.log.destroyed == 1);  // nobody could end it any more
}

TEST_CASE("an upgraded connection outlives every time-out of HTTP", "[upgrade]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(kUpgrade);
  REQUIRE(client.receive().status == 101);
  client.advance(std::chrono::hours(1));
  client.send_raw("still here\n");
  CHECK(client.receive_raw() == "still here\n");
}
