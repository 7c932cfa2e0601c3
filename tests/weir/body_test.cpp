// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

using weir::test::Silence;

using weir::BodyError;
using weir::Gone;

std::string head(std::size_t length, std::string_view fields = {}) {
  return "POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(fields) + "\r\n";
}

const std::string kChunkedHead =
    "POST /up HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A server whose POST /up keeps Body and Reply and leaves the rest to the test.
struct Fixture {
  explicit Fixture(weir::Options options = {}, const weir::RouteOptions& route = {})
      : server(std::move(options)) {
    server.get("/", [] { return "now"; });
    server.post("/up",
                weir::streamed([this](const weir::Request&, weir::Body b, weir::Response& res) {
                  body = std::move(b);
                  reply = res.defer();
                }),
                route);
  }

  /// Collects into `content`, `trailers` and `errors`, and answers the number of bytes.
  void collect() {
    collect_data();
    body.on_end([this](std::string_view lines) {
      ++ends;
      trailers = lines;
      reply.text(std::to_string(content.size()));
    });
    body.on_error([this](BodyError error) { errors.push_back(error); });
  }
  void collect_data() {
    body.on_data([this](std::string_view piece) { content += piece; });
  }

  weir::Server server;
  weir::Body body;
  weir::Reply reply;
  std::string content;
  std::string trailers;
  std::vector<BodyError> errors;
  int ends = 0;
};

}  // namespace

// ── Callbacks ────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a streamed body comes piece by piece, then its end", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(10) + "123");
  f.collect();
  client.settle();
  CHECK(f.content == "123");
  CHECK(f.ends == 0);
  client.send_raw("4567");
  CHECK(f.content == "1234567");
  client.send_raw("890" + std::string("GET / HTTP/1.1\r\nHost: t\r\n\r\n"));
  CHECK(f.content == "1234567890");
  CHECK(f.ends == 1);
  CHECK(f.errors.empty());
  CHECK(client.receive().body == "10");
  CHECK(client.receive().body == "now");
}

TEST_CASE("a streamed body without content ends at once", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  for (const std::string& request :
       {head(0), kChunkedHead + "0\r\n\r\n", std::string("POST /up HTTP/1.1\r\nHost: t\r\n\r\n")}) {
    CAPTURE(request);
    f.ends = 0;
    client.send_raw(request);
    f.collect();
    client.settle();
    CHECK(f.ends == 1);
    CHECK(client.receive().body == "0");
  }
}

TEST_CASE("callbacks may be set in any order and late", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(5) + "hello");
  const auto on_end = [&](std::string_view) {
    ++f.ends;
    f.reply.text("end");
  };

  SECTION("on_end before on_data") {
    f.body.on_end(on_end);
    client.settle();
    CHECK(f.ends == 0);  // on_data() starts the reading
    f.collect_data();
    client.settle();
  }
  SECTION("on_end after the last piece") {
    f.collect_data();
    client.settle();
    CHECK(f.content == "hello");
    CHECK(f.ends == 0);
    f.body.on_end(on_end);
    client.settle();
  }
  SECTION("from another thread") {
    std::thread([&] {
      f.body.on_end(on_end);
      f.body.on_data([&](std::string_view piece) { f.content += piece; });
    }).join();
    client.settle();
  }
  CHECK(f.content == "hello");
  CHECK(f.ends == 1);
  CHECK(client.receive().body == "end");
  CHECK(client.get("/").body == "now");
}

TEST_CASE("on_error set late is told what happened", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(5) + "hel");
  f.collect_data();
  client.settle();
  client.vanish();
  f.body.on_error([&](BodyError error) { f.errors.push_back(error); });
  client.settle();
  CHECK(f.errors == std::vector<BodyError>{BodyError::gone});
  CHECK(f.content == "hel");
}

TEST_CASE("nothing is read before on_data()", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(200'000));
  const std::uint64_t before = client.connection().reads();
  client.send_raw(std::string(100'000, 'x'));
  client.send_raw(std::string(100'000, 'x'));
  CHECK(client.connection().reads() <= before + 1);
  f.collect();
  client.settle();
  CHECK(f.content.size() == 200'000);
  CHECK(client.receive().body == "200000");
}

TEST_CASE("a paused body is not read: the client is held up", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(1'000'000));
  bool pausing = true;
  f.body.on_data([&](std::string_view piece) {
    f.content += piece;
    if (pausing) f.body.pause();
  });
  f.body.on_end([&](std::string_view) { f.reply.text("end"); });
  client.settle();
  client.send_raw(std::string(500'000, 'x'));
  const std::size_t at_pause = f.content.size();
  const std::uint64_t reads = client.connection().reads();
  CHECK(at_pause > 0);
  CHECK(at_pause <= 128 * 1024);
  client.send_raw(std::string(500'000, 'x'));
  CHECK(f.content.size() == at_pause);
  CHECK(client.connection().reads() == reads);

  SECTION("resumed on the loop's thread it goes on to the next pause") {
    f.body.resume();
    client.settle();
    CHECK(f.content.size() > at_pause);
    CHECK(f.content.size() <= at_pause + 128 * 1024);
    pausing = false;
    f.body.resume();
  }
  SECTION("resumed from another thread") {
    pausing = false;
    std::thread([&] { f.body.resume(); }).join();
  }
  CHECK(client.receive().body == "end");
  CHECK(f.content.size() == 1'000'000);
}

TEST_CASE("the end waits for resume() when the last piece was paused", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  SECTION("with a length") { client.send_raw(head(5) + "hello"); }
  SECTION("in chunks") { client.send_raw(kChunkedHead + "5\r\nhello\r\n0\r\n\r\n"); }
  f.body.on_data([&](std::string_view piece) {
    f.content += piece;
    f.body.pause();
  });
  f.body.on_end([&](std::string_view) {
    ++f.ends;
    f.reply.text("end");
  });
  client.settle();
  CHECK(f.content == "hello");
  CHECK(f.ends == 0);
  f.body.resume();
  CHECK(client.receive().body == "end");
  CHECK(f.ends == 1);
  CHECK(client.get("/").body == "now");
}

TEST_CASE("pause() and resume() in one callback cancel each other", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(6) + "abc");
  f.collect();
  f.body.on_data([&](std::string_view piece) {
    f.content += piece;
    f.body.pause();
    f.body.resume();
  });
  client.settle();
  client.send_raw("def");
  CHECK(client.receive().body == "6");
}

TEST_CASE("a callback that throws before the answer gives 500", "[body]") {
  const Silence silence;
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(3) + "abc");
  SECTION("on_data") {
    f.body.on_data([](std::string_view) { throw std::runtime_error("x"); });
  }
  SECTION("on_data, HttpError") {
    f.body.on_data(
        [](std::string_view) { throw weir::HttpError(weir::Status::unsupported_media_type, "x"); });
  }
  SECTION("on_end") {
    f.collect_data();
    f.body.on_end([](std::string_view) { throw std::runtime_error("x"); });
  }
  SECTION("on_end, set late") {
    f.collect_data();
    client.settle();
    f.body.on_end([](std::string_view) { throw std::runtime_error("x"); });
  }
  client.settle();
  const int status = client.receive().status;
  CHECK((status == 500 || status == 415));
  CHECK(f.reply.text("late") != weir::SendResult::accepted);
  CHECK(client.get("/").body == "now");
}

TEST_CASE("an on_error that throws harms nobody", "[body]") {
  const Silence silence;
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(3) + "ab");
  f.collect_data();
  f.body.on_error([](BodyError) { throw std::runtime_error("x"); });
  client.settle();
  client.vanish();
  f.body.on_error([](BodyError) { throw std::runtime_error("late"); });
  client.settle();
  CHECK(client.get("/").body == "now");
}

TEST_CASE("callbacks that hold their own body and reply do not keep them alive", "[body]") {
  auto alive = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = alive;
  weir::Server server;
  server.post("/up",
              weir::streamed([&](const weir::Request&, weir::Body body, weir::Response& res) {
                weir::Reply reply = res.defer();
                body.on_data([body, reply, alive](std::string_view) {});
                body.on_end([body, reply, alive](std::string_view) mutable { reply.text("end"); });
                body.on_error([body, reply, alive](BodyError) {});
              }));
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  SECTION("after the answer") { CHECK(client.post("/up", "hello").body == "end"); }
  SECTION("after the loss") {
    client.send_raw(head(5) + "he");
    client.vanish();
  }
  client.settle();
  CHECK(client.get("/").body == "now");
  CHECK(alive.use_count() == 1);
}

// ── Framing ──────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a chunked body comes decoded, with its trailers", "[body]") {
  const std::string wire = "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, wire.size()}) {
    CAPTURE(piece);
    Fixture f;
    weir::testing::Client client(f.server);
    client.send_raw(kChunkedHead);
    f.collect();
    for (std::size_t at = 0; at < wire.size(); at += piece) client.send_raw(wire.substr(at, piece));
    CHECK(f.content == "hello world");
    CHECK(f.trailers == "X-Sum: 11\r\n");
    CHECK(client.receive().body == "11");
    CHECK(client.get("/").body == "now");
  }
}

TEST_CASE("bytes that come one at a time make the same body", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.connection().set_largest_io(1);
  client.send_raw(head(300) + std::string(300, 'x'));
  f.collect();
  client.settle();
  CHECK(client.receive().body == "300");
}

TEST_CASE("malformed chunks are answered 400", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(kChunkedHead);
  f.collect();
  client.send_raw("3\r\nabc\r\nxyz\r\n");
  CHECK(f.content == "abc");
  CHECK(f.errors == std::vector<BodyError>{BodyError::malformed});
  CHECK(f.ends == 0);
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.status == 400);
  CHECK(answer.header("Connection") == "close");
  CHECK(f.reply.gone() == Gone::yes);
  CHECK(f.reply.text("x") == weir::SendResult::gone);
}

TEST_CASE("a body above its limit is answered 413", "[body]") {
  weir::Options options;
  options.max_streamed_body_bytes = 1'000;
  weir::RouteOptions route;
  SECTION("of the options") {}
  SECTION("of the route") {
    options.max_streamed_body_bytes = 0;
    route.body_limit = 1'000;
  }
  Fixture f(options, route);
  weir::testing::Client client(f.server);
  SECTION("announced") {
    client.send_raw(head(1'001));
    f.collect();
    CHECK(client.receive().status == 413);
    CHECK(f.content.empty());
    client.settle();
    CHECK(f.errors == std::vector<BodyError>{BodyError::too_large});
  }
  SECTION("announced, with Expect: no 100") {
    client.send_raw(head(1'001, "Expect: 100-continue\r\n"));
    f.collect();
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == 413);
    CHECK(answer.interim.empty());
  }
  SECTION("in chunks") {
    client.send_raw(kChunkedHead);
    f.collect();
    client.send_raw("3e8\r\n" + std::string(1'000, 'x') + "\r\n");
    CHECK(f.content.size() == 1'000);
    CHECK(f.errors.empty());
    client.send_raw("1\r\ny\r\n");
    CHECK(client.receive().status == 413);
    CHECK(f.errors == std::vector<BodyError>{BodyError::too_large});
  }
  SECTION("just as long as it may be") {
    client.send_raw(head(1'000) + std::string(1'000, 'x'));
    f.collect();
    client.settle();
    CHECK(client.receive().body == "1000");
  }
}

// ── Expect ───────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("100 Continue is sent at the first read and not before", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(5, "Expect: 100-continue\r\n"));
  f.body.on_end([&](std::string_view) { f.reply.text("end"); });
  client.settle();
  CHECK(client.receive_raw().empty());
  f.collect_data();
  client.settle();
  CHECK(client.receive_raw() == "HTTP/1.1 100 Continue\r\n\r\n");
  f.collect_data();
  client.settle();
  CHECK(client.receive_raw().empty());
  client.send_raw("hello");
  CHECK(client.receive().body == "end");
  CHECK(client.get("/").body == "now");
}

TEST_CASE("an early answer without reading sends no 100 and closes", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(5, "Expect: 100-continue\r\n"));
  f.reply.error(weir::Status::forbidden);
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.status == 403);
  CHECK(answer.interim.empty());
  CHECK(answer.header("Connection") == "close");
}

TEST_CASE("an early answer to a short body drains it and keeps the connection", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(10) + "123");
  f.reply.text("early");
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.body == "early");
  CHECK_FALSE(answer.has_header("Connection"));
  f.collect();  // too late: nobody is told
  client.send_raw("4567890" + std::string("GET / HTTP/1.1\r\nHost: t\r\n\r\n"));
  CHECK(client.receive().body == "now");
  CHECK(f.content.empty());
  CHECK(f.ends == 0);
}

TEST_CASE("an early answer to a long body closes the connection", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(10'000'000) + "123");
  f.reply.text("early");
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.body == "early");
  CHECK(answer.header("Connection") == "close");
  client.send_raw(std::string(100'000, 'x'));
  client.advance(3s);
  CHECK(client.is_closed());
}

TEST_CASE("a plain handler's body is continued at once", "[body]") {
  weir::Server server;
  server.post("/up", [](const weir::Request& req) { return std::string(req.body()); });
  weir::testing::Client client(server);
  client.send_raw(head(5, "Expect: 100-continue\r\n"));
  CHECK(client.receive_raw() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send_raw("hello");
  CHECK(client.receive().body == "hello");
  client.send_raw(head(2'000'000, "Expect: 100-continue\r\n"));
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.status == 413);
  CHECK(answer.interim.empty());
}

// ── Losses ───────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a body that stalls is answered 408", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(10'000) + std::string(5'000, 'x'));
  f.collect();
  client.settle();
  client.advance(9s);
  CHECK(f.errors.empty());
  client.advance(2s);
  CHECK(client.receive().status == 408);
  CHECK(f.errors == std::vector<BodyError>{BodyError::timed_out});
  CHECK(f.reply.gone() == Gone::yes);
}

TEST_CASE("a body that trickles below the minimum rate is answered 408", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(10'000));
  f.collect();
  client.settle();
  for (int i = 0; i < 10 && f.errors.empty(); ++i) {
    client.advance(1s);
    client.send_raw("x");
  }
  CHECK(client.receive().status == 408);
  CHECK(f.errors == std::vector<BodyError>{BodyError::timed_out});
}

TEST_CASE("time that the handler has paused is not the client's", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(6) + "abc");
  f.body.on_data([&](std::string_view piece) {
    f.content += piece;
    if (f.content.size() == 3) f.body.pause();
  });
  f.body.on_end([&](std::string_view) { f.reply.text("end"); });
  client.settle();
  CHECK(f.content == "abc");
  client.advance(25s);  // above the stall time-out, below the handler's
  client.send_raw("def");
  f.body.resume();
  CHECK(client.receive().body == "end");
}

TEST_CASE("a handler that never reads is timed out as a handler", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(6) + "abc");
  client.advance(31s);
  CHECK(client.receive().status == 504);
  CHECK(f.reply.gone() == Gone::yes);
}

TEST_CASE("a client lost in its body is told as gone", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(10) + "123");
  f.collect();
  client.settle();
  SECTION("by a reset") { client.vanish(); }
  SECTION("by a FIN inside the body") { client.half_close(); }
  CHECK(f.errors == std::vector<BodyError>{BodyError::gone});
  CHECK(f.ends == 0);
  CHECK(f.reply.gone() == Gone::yes);
  CHECK(f.body.failed());
  CHECK(client.connections() == 0);
}

TEST_CASE("a client lost while its body is paused is told as gone", "[body]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(head(10) + "123");
  f.body.on_error([&](BodyError error) { f.errors.push_back(error); });
  client.settle();
  client.vanish();
  CHECK(f.errors == std::vector<BodyError>{BodyError::gone});
  CHECK(f.reply.gone() == Gone::yes);
}

TEST_CASE("a body outlives its server", "[body]") {
  weir::Body body;
  {
    Fixture f;
    weir::testing::Client client(f.server);
    client.send_raw(head(10) + "123");
    body = f.body;
  }
  body.on_data([](std::string_view) {});
  body.on_end([](std::string_view) {});
  body.on_error([](BodyError) {});
  body.pause();
  body.resume();
  CHECK(body.failed());
}

TEST_CASE("an empty body has nothing", "[body]") {
  weir::Body body;
  body.on_data([](std::string_view) {});
  body.on_end([](std::string_view) {});
  body.on_error([](BodyError) {});
  body.pause();
  body.resume();
  CHECK(body.failed());
  char byte;
  CHECK_THROWS_AS(body.read(&byte, 1), std::logic_error);
}

// ── Both ways ────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a body is echoed into a stream, with back-pressure from one to the other", "[body]") {
  weir::Options options;
  options.stream_buffer = 16 * 1024;
  weir::Server server(options);
  server.post("/up", weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
                weir::Stream stream = res.stream();
                auto refused = std::make_shared<std::string>();
                stream.on_writable([stream, body, refused]() mutable {
                  if (refused->empty()) return;
                  if (stream.write(*refused) != weir::WriteResult::ok) return;
                  refused->clear();
                  body.resume();
                });
                body.on_data([stream, body, refused](std::string_view piece) mutable {
                  if (stream.write(piece) != weir::WriteResult::full) return;
                  *refused = piece;
                  body.pause();
                });
                body.on_end([stream](std::string_view) mutable { stream.end(); });
              }));
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  connection.set_window(10'000);
  std::string sent;
  for (int i = 0; i < 100'000; ++i) sent += std::to_string(i);
  connection.send_raw(head(sent.size()) + sent);
  const std::uint64_t reads = connection.reads();
  client.settle();
  CHECK(connection.reads() == reads);  // nothing is read while the client does not read either
  const bool same = connection.receive().body == sent;  // half a megabyte is not to be printed
  CHECK(same);
}

// ── read() ───────────────────────────────────────────────────────────────────────────────────────

namespace {

/// A blocking handler that reads all and answers what it got.
struct Reading {
  explicit Reading(weir::Options options = {}) : server(std::move(options)) {
    server.get("/", [] { return "now"; });
    server.post("/up", weir::blocking(weir::streamed(
                           [this](const weir::Request&, weir::Body body, weir::Response& res) {
                             ++begun;
                             char buffer[1'000];
                             std::size_t all = 0;
                             while (const std::size_t got = body.read(buffer, sizeof buffer))
                               all += got;
                             failed = body.failed();
                             bytes = all;
                             CHECK(body.read(buffer, sizeof buffer) == 0);  // and so it stays
                             res.text(std::to_string(all));
                             ++finished;
                           })));
  }

  weir::Server server;
  std::atomic<int> begun{0};
  std::atomic<int> finished{0};
  std::atomic<bool> failed{false};
  std::atomic<std::size_t> bytes{0};
};

}  // namespace

TEST_CASE("a worker reads the body, waiting for it", "[body]") {
  Reading r;
  weir::testing::Client client(r.server);
  CHECK(client.post("/up", std::string(300'000, 'x')).body == "300000");
  CHECK_FALSE(r.failed);
  client.send_raw(kChunkedHead + "3\r\nabc\r\n");
  CHECK(r.finished == 1);
  client.send_raw("2\r\nde\r\n0\r\n\r\n");
  CHECK(client.receive().body == "5");
  CHECK(client.post("/up", "").body == "0");
  CHECK_FALSE(r.failed);
}

TEST_CASE("100 Continue is sent when a worker begins to read", "[body]") {
  Reading r;
  weir::testing::Client client(r.server);
  client.send_raw(head(5, "Expect: 100-continue\r\n"));
  CHECK(client.receive_raw() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send_raw("hello");
  CHECK(client.receive().body == "5");
}

TEST_CASE("a worker that waits for content wakes up when there will be none", "[body]") {
  Reading r;
  weir::testing::Client client(r.server);
  SECTION("the client vanishes") {
    client.send_raw(head(10) + "123");
    REQUIRE(client.wait_for([&] { return r.begun == 1; }));
    client.vanish();
  }
  SECTION("the client ends its direction") {
    client.send_raw(head(10) + "123");
    REQUIRE(client.wait_for([&] { return r.begun == 1; }));
    client.half_close();
  }
  SECTION("the content stalls") {
    client.send_raw(head(10) + "123");
    REQUIRE(client.wait_for([&] { return r.begun == 1; }));
    client.settle();
    client.advance(11s);
    CHECK(client.receive().status == 408);
  }
  SECTION("the content is malformed") {
    client.send_raw(kChunkedHead + "3\r\n123\r\n");
    REQUIRE(client.wait_for([&] { return r.begun == 1; }));
    client.send_raw("xyz\r\n");
    CHECK(client.receive().status == 400);
  }
  CHECK(client.wait_for([&] { return r.finished == 1; }));
  CHECK(r.failed);
  CHECK(r.bytes <= 3);
}

TEST_CASE("a worker that does not read holds its client up", "[body]") {
  weir::Server server;
  std::promise<void> go;
  std::atomic<bool> waiting{false};
  server.post("/up", weir::blocking(weir::streamed(
                         [&](const weir::Request&, weir::Body body, weir::Response& res) {
                           std::vector<char> buffer(1'000'000);
                           std::size_t all = body.read(buffer.data(), 1);
                           waiting = true;
                           go.get_future().wait();
                           while (const std::size_t got = body.read(buffer.data(), buffer.size()))
                             all += got;
                           res.text(std::to_string(all));
                         })));
  weir::testing::Client client(server);
  client.send_raw(head(5'000'000) + std::string(5'000'000, 'x'));
  REQUIRE(client.wait_for([&] { return waiting.load(); }));
  client.settle();
  const std::uint64_t reads = client.connection().reads();
  CHECK(reads < 10);  // of at most 64 KiB: far from all of it
  client.settle();
  CHECK(client.connection().reads() == reads);
  go.set_value();
  CHECK(client.receive().body == "5000000");
}

TEST_CASE("read() on the loop's thread throws", "[body]") {
  const Silence silence;
  weir::Server server;
  bool threw = false;
  server.post("/up",
              weir::streamed([&](const weir::Request&, weir::Body body, weir::Response& res) {
                char byte;
                try {
                  body.read(&byte, 1);
                } catch (const std::logic_error&) {
                  threw = true;
                }
                res.status(weir::Status::no_content);
              }));
  weir::testing::Client client(server);
  CHECK(client.post("/up", "x").status == 204);
  CHECK(threw);
}

TEST_CASE("a worker that answers without reading drains the body", "[body]") {
  weir::Server server;
  server.get("/", [] { return "now"; });
  server.post("/up",
              weir::blocking(weir::streamed([](const weir::Request&, weir::Body,
                                               weir::Response& res) { res.text("early"); })));
  weir::testing::Client client(server);
  CHECK(client.post("/up", std::string(1'000, 'x')).body == "early");
  CHECK(client.get("/").body == "now");
}

TEST_CASE("a callback that throws behind the answer's beginning breaks it off", "[body]") {
  const Silence silence;
  weir::Server server;
  weir::Stream stream;
  server.post("/", weir::streamed([&](const weir::Request&, weir::Body body, weir::Response& res) {
                stream = res.stream();
                stream.write("begun");
                body.on_data([](std::string_view) { throw std::runtime_error("x"); });
              }));
  weir::testing::Client client(server);
  client.send_raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n");
  client.settle();
  client.send_raw("abc");
  CHECK(client.is_closed());
  const std::string raw = client.receive_raw();
  CHECK(raw.find("begun") != std::string::npos);
  CHECK(raw.find("\r\n0\r\n") == std::string::npos);
  CHECK(stream.gone() == weir::Gone::yes);
}
