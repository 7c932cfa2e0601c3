// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "../support/raw_client.hpp"

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

TEST_CASE("head hooks see the announcement of another protocol", "[upgrade]") {
  Fixture f;
  struct Naming {
    void head(const weir::Request&, weir::ResponseHead& head) const { head.set("X-Hook", "1"); }
  };
  f.server.use(Naming());
  weir::testing::Client client(f.server);
  client.send_raw(kUpgrade);
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.status == 101);
  CHECK(answer.header("X-Hook") == "1");
}

TEST_CASE("no protocol begins inside of a request", "[upgrade]") {
  Log log;
  weir::Server server;
  server.post("/lines",
              weir::streamed([&](const weir::Request&, const weir::Body&, weir::Response& res) {
                res.upgrade("line-echo", std::make_unique<LineEcho>(log));
              }));
  weir::testing::Client client(server);
  client.send_raw(
      "POST /lines HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: line-echo\r\n"
      "Content-Length: 9\r\n\r\nhalf");
  CHECK(client.is_closed());
  CHECK(client.receive_raw().empty());
  CHECK(log.opened == 0);
  CHECK(log.destroyed == 1);
}

TEST_CASE("a stopping server tells the protocol", "[upgrade]") {
  /// Says goodbye when the server stops, or nothing, or throws.
  class Leaving : public weir::Upgrade {
   public:
    explicit Leaving(char way) : way_(way) {}
    void on_open(weir::Stream out) override { out_ = std::move(out); }
    std::size_t on_bytes(std::string_view bytes) override { return bytes.size(); }
    void on_end() override { out_.end(); }
    bool on_stopping() override {
      if (way_ == 't') throw 7;
      if (way_ == 'd') return Upgrade::on_stopping();
      out_.write("bye\n");
      out_.end();
      return true;
    }

   private:
    char way_;
    weir::Stream out_;
  };
  weir::log::set_level(weir::log::Level::off);
  for (const char way : {'g', 'd', 't'}) {
    CAPTURE(way);
    weir::Options options;
    options.threads = 1;
    weir::Server server(options);
    server.get("/", [way](const weir::Request&, weir::Response& res) {
      res.upgrade("line-echo", std::make_unique<Leaving>(way));
    });
    server.listen("127.0.0.1", 0);
    server.start();
    weir::test::RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: line-echo\r\n\r\n");
    CHECK(client.read_any_response().status == 101);
    server.stop();
    if (way == 'g') CHECK(client.read_some(4) == "bye\n");
    CHECK_NOTHROW(server.wait());
  }
  weir::log::set_level(weir::log::Level::warning);
}

TEST_CASE("the test client's reader says what is no answer", "[upgrade][testing]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(kUpgrade);
  REQUIRE(client.receive().status == 101);
  const char* const what[] = {
      "HTTP/1.1\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naXX\r\n",
  };
  for (const char* bytes : what) {
    CAPTURE(bytes);
    client.send_raw(bytes);
    CHECK_THROWS_AS(client.receive(), std::runtime_error);
    client.receive_raw();
  }
}
