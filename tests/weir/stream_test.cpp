// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
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

using weir::Gone;
using weir::WriteResult;
using Result = weir::Outcome::Result;

std::string get(std::string_view target, std::string_view method = "GET") {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

weir::Options with_buffer(std::size_t bytes) {
  weir::Options options;
  options.stream_buffer = bytes;
  return options;
}

/// A server whose /stream puts its Stream into `streams`.
struct Fixture {
  explicit Fixture(weir::Options options = {}) : server(std::move(options)) {
    server.get("/", [] { return "now"; });
    server.get("/stream", [this](const weir::Request&, weir::Response& res) {
      streams.push_back(res.stream());
      weir::Stream& stream = streams.back();
      stream.on_gone([this](Gone how) { gone.push_back(how); });
      stream.on_done([this](const weir::Outcome& how) { done.push_back(how); });
    });
    server.get("/ten", [this](const weir::Request&, weir::Response& res) {
      res.header("Content-Length", "10");
      streams.push_back(res.stream());
      streams.back().on_done([this](const weir::Outcome& how) { done.push_back(how); });
    });
  }

  weir::Server server;
  std::vector<weir::Stream> streams;
  std::vector<Gone> gone;
  std::vector<weir::Outcome> done;
};

}  // namespace

// ── Ways to stream ───────────────────────────────────────────────────────────────────────────────

TEST_CASE("a stream is written inline, from a worker, from a thread or from a reply", "[stream]") {
  weir::Server server;
  const auto fill = [](weir::Stream stream) {
    stream.write("one ");
    stream.write(std::string("two "));
    stream.write(std::string_view("three "));
    stream.write(std::make_shared<const std::string>("four"));
    stream.write("");
    stream.end();
  };
  server.get("/inline", [&](const weir::Request&, weir::Response& res) {
    res.status(weir::Status::accepted).header("X-Kind", "inline");
    fill(res.stream());
  });
  server.get("/pooled", weir::blocking([&](const weir::Request&, weir::Response& res) {
               res.status(weir::Status::accepted).header("X-Kind", "pooled");
               fill(res.stream());
             }));
  std::thread writer;
  server.get("/thread", [&](const weir::Request&, weir::Response& res) {
    res.status(weir::Status::accepted).header("X-Kind", "thread");
    writer = std::thread([&, stream = res.stream()] { fill(stream); });
  });
  server.get("/reply", [&](const weir::Request&, weir::Response& res) {
    writer = std::thread([&, reply = res.defer()]() mutable {
      weir::Response head;
      head.status(weir::Status::accepted).header("X-Kind", "reply");
      fill(reply.stream(std::move(head)));
    });
  });
  weir::testing::Client client(server);
  for (const std::string kind : {"inline", "pooled", "thread", "reply"}) {
    CAPTURE(kind);
    const weir::testing::Answer answer = client.get("/" + kind);
    if (writer.joinable()) writer.join();
    CHECK(answer.status == 202);
    CHECK(answer.header("X-Kind") == kind);
    CHECK(answer.header("Transfer-Encoding") == "chunked");
    CHECK(answer.body == "one two three four");
    CHECK(answer.trailers.empty());
  }
}

TEST_CASE("the head of a stream and each piece leave when they are written", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  CHECK(client.receive_raw().find("200 OK") != std::string::npos);
  weir::Stream& stream = f.streams.at(0);
  CHECK(stream.write("piece") == WriteResult::ok);
  client.settle();
  CHECK(client.receive_raw() == "5\r\npiece\r\n");
  client.advance(1h);  // no time-out for the handler once the answer has begun
  CHECK(stream.write("late") == WriteResult::ok);
  stream.end();
  client.settle();
  CHECK(client.receive_raw() == "4\r\nlate\r\n0\r\n\r\n");
  REQUIRE(f.done.size() == 1);
  CHECK(f.done[0].result == Result::delivered);
  CHECK(f.done[0].status == weir::Status::ok);
  CHECK(f.done[0].content_bytes == 9);
  CHECK(client.get("/").body == "now");
}

TEST_CASE("pieces of any size arrive whole, by any path of the output", "[stream]") {
  Fixture f(with_buffer(8 * 1024 * 1024));
  weir::testing::Client client(f.server);
  weir::testing::Connection connection = client.connect();
  connection.send_raw(get("/stream"));
  std::string sent;
  char letter = 'a';
  for (const std::size_t size : {1U, 4095U, 4096U, 4097U, 65'535U, 65'536U, 65'537U, 300'000U}) {
    std::string piece(size, letter++);
    sent += piece;
    CHECK(f.streams.at(0).write(std::move(piece)) == WriteResult::ok);
    auto shared = std::make_shared<const std::string>(size, letter++);
    sent += *shared;
    CHECK(f.streams.at(0).write(shared) == WriteResult::ok);
  }
  f.streams.at(0).end();
  CHECK(connection.receive().body == sent);
}

TEST_CASE("a peer that takes a byte at a time gets the same", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.connection().set_largest_io(1);
  client.send_raw(get("/stream"));
  const std::string piece(5000, 'p');
  CHECK(f.streams.at(0).write(piece) == WriteResult::ok);
  CHECK(f.streams.at(0).write("end") == WriteResult::ok);
  f.streams.at(0).end();
  CHECK(client.receive().body == piece + "end");
  CHECK(client.get("/").body == "now");
}

TEST_CASE("pieces of one thread keep their order, those of several are whole", "[stream]") {
  Fixture f(with_buffer(8 * 1024 * 1024));
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  std::vector<std::thread> writers;
  for (char id = 'a'; id < 'e'; ++id)
    writers.emplace_back([id, stream = f.streams.at(0)]() mutable {
      for (int i = 0; i < 100; ++i) stream.write(id + std::to_string(i) + ";");
    });
  for (std::thread& writer : writers) writer.join();
  f.streams.at(0).end();
  const std::string body = client.receive().body;
  int next[4] = {};
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t end = body.find(';', at);
    REQUIRE(end != std::string::npos);
    int& expected = next[body[at] - 'a'];
    REQUIRE(body.substr(at + 1, end - at - 1) == std::to_string(expected++));
    at = end + 1;
  }
  for (const int count : next) CHECK(count == 100);
}

TEST_CASE("one payload goes to many connections without a copy", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  std::vector<weir::testing::Connection> connections;
  for (int i = 0; i < 10; ++i) {
    connections.push_back(client.connect());
    connections.back().set_window(100);
    connections.back().send_raw(get("/stream"));
  }
  auto payload = std::make_shared<const std::string>(100'000, 'x');
  for (weir::Stream& stream : f.streams) {
    CHECK(stream.write(payload) == WriteResult::ok);
    stream.end();
  }
  client.settle();
  CHECK(payload.use_count() > 10);
  for (std::size_t i = 0; i < 9; ++i) CHECK(connections[i].receive().body == *payload);
  connections[9].vanish();
  client.settle();
  CHECK(payload.use_count() == 1);
}

// ── Framing ──────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a HEAD request gets the head of a stream and no content", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  for (const char* target : {"/stream", "/ten"}) {
    CAPTURE(target);
    f.streams.clear();
    f.done.clear();
    client.send_raw(get(target, "HEAD"));
    CHECK(f.streams.at(0).write("dropped") == WriteResult::ok);
    f.streams.at(0).end();
    CHECK(client.receive(true).status == 200);
    client.settle();
    CHECK(client.receive_raw().empty());
    REQUIRE(f.done.size() == 1);
    CHECK(f.done[0].result == Result::delivered);
    CHECK(f.done[0].content_bytes == 0);
    CHECK(client.get("/").body == "now");
  }
}

TEST_CASE("a stream to an HTTP/1.0 client goes on until the close", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  f.streams.at(0).write("all ");
  f.streams.at(0).write("of it");

  SECTION("and ends by a FIN") {
    weir::ResponseHead trailers;
    trailers.append("X-Trailer", "dropped");
    f.streams.at(0).end(trailers);
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.body == "all of it");
    CHECK_FALSE(answer.has_header("Transfer-Encoding"));
    CHECK(client.connection().is_closed() == false);  // a new one
    CHECK(f.done.at(0).result == Result::delivered);
  }
  SECTION("or is broken off by a reset") {
    f.streams.at(0).abort();
    client.settle();
    CHECK(client.is_closed());
    CHECK(f.done.at(0).result == Result::aborted);
  }
}

TEST_CASE("with a length announced the content has that length", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/ten"));
  weir::Stream& stream = f.streams.at(0);

  SECTION("exactly") {
    stream.write("12345");
    stream.write("67890");
    stream.end();
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.header("Content-Length") == "10");
    CHECK_FALSE(answer.has_header("Transfer-Encoding"));
    CHECK(answer.body == "1234567890");
    CHECK(client.get("/").body == "now");
  }
  SECTION("short of it the answer is broken off") {
    stream.write("12345");
    stream.end();
    client.settle();
    CHECK(client.is_closed());
    const std::string bytes = client.receive_raw();
    CHECK(bytes.substr(bytes.find("\r\n\r\n") + 4) == "12345");
    REQUIRE(f.done.size() == 1);
    CHECK(f.done[0].result == Result::aborted);
  }
  SECTION("what exceeds it is not sent") {
    stream.write("1234567890");
    stream.write("more");
    stream.end();
    CHECK(client.receive().body == "1234567890");
    CHECK(client.receive_raw().empty());
    client.settle();
    REQUIRE(f.done.size() == 1);
    CHECK(f.done[0].content_bytes == 10);
    CHECK(client.get("/").body == "now");
  }
}

TEST_CASE("trailers follow chunked content", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  weir::ResponseHead trailers;
  trailers.append("X-Sum", "42");
  trailers.append("X-Other", "43");
  client.send_raw(get("/stream"));
  f.streams.at(0).write("x");
  f.streams.at(0).end(trailers);
  CHECK(client.receive().trailers == "X-Sum: 42\r\nX-Other: 43\r\n");
  client.send_raw(get("/ten"));
  f.streams.at(1).write("1234567890");
  f.streams.at(1).end(trailers);
  CHECK(client.receive().trailers.empty());
  CHECK(client.get("/").body == "now");
}

TEST_CASE("an answer without content may be streamed: pieces are dropped", "[stream]") {
  weir::Server server;
  server.get("/", [](const weir::Request&, weir::Response& res) {
    res.status(weir::Status::no_content);
    weir::Stream stream = res.stream();
    stream.write("x");
    stream.end();
  });
  weir::testing::Client client(server);
  CHECK(client.get("/").status == 204);
  CHECK(client.receive_raw().empty());
  CHECK(client.get("/").status == 204);
}

// ── Ends ─────────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("the last copy dropped without end() breaks the answer off", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  f.streams.at(0).write("part");
  weir::Stream copy = f.streams[0];

  SECTION("on the loop's thread") {
    f.streams.clear();
    client.settle();
    CHECK_FALSE(client.is_closed());
    copy = weir::Stream();
    client.settle();
  }
  SECTION("on another thread") {
    f.streams.clear();
    std::thread([mine = std::move(copy)] {}).join();
    client.settle();
  }
  SECTION("by abort()") {
    copy.abort();
    CHECK(f.streams[0].write("x") == WriteResult::gone);
    client.settle();
    CHECK(f.streams[0].gone() == Gone::yes);
  }
  CHECK(client.is_closed());
  CHECK_THROWS_AS(client.receive(), std::runtime_error);
  REQUIRE(f.done.size() == 1);
  CHECK(f.done[0].result == Result::aborted);
  CHECK(f.done[0].status == weir::Status::ok);
  CHECK(f.done[0].content_bytes == 4);
}

TEST_CASE("a handler that throws after stream() breaks the answer off", "[stream]") {
  const Silence silence;
  weir::Server server;
  server.get("/inline", [](const weir::Request&, weir::Response& res) {
    weir::Stream stream = res.stream();
    stream.write("part");
    throw std::runtime_error("x");
  });
  server.get("/pooled", weir::blocking([](const weir::Request&, weir::Response& res) {
               weir::Stream stream = res.stream();
               stream.write("part");
               throw std::runtime_error("x");
             }));
  weir::testing::Client client(server);
  for (const char* target : {"/inline", "/pooled"}) {
    CAPTURE(target);
    CHECK_THROWS_AS(client.get(target), std::runtime_error);
    CHECK(client.is_closed());
  }
}

TEST_CASE("after the end nothing can be written, ended or broken", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  weir::Stream copy = f.streams.at(0);
  copy.write("x");
  copy.end();
  copy.end();
  f.streams[0].end();
  CHECK(f.streams[0].write("y") == WriteResult::gone);
  copy.abort();
  CHECK(client.receive().body == "x");
  CHECK(client.get("/").body == "now");
  f.streams[0].end();
  CHECK(copy.write("z") == WriteResult::gone);
  f.streams.clear();
  copy = weir::Stream();
  CHECK(client.get("/").body == "now");
}

TEST_CASE("an empty stream takes nothing", "[stream]") {
  weir::Stream stream;
  CHECK_FALSE(stream);
  CHECK(stream.write("x") == WriteResult::gone);
  CHECK(stream.gone() == Gone::yes);
  stream.end();
  stream.abort();
  stream.on_writable([] {});
}

TEST_CASE("writing to a client that is gone says so", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  CHECK(f.streams.at(0).write("x") == WriteResult::ok);
  client.half_close();
  CHECK(f.streams[0].gone() == Gone::half_closed);
  CHECK(f.streams[0].write("still read, perhaps") == WriteResult::ok);
  client.vanish();
  CHECK(f.streams[0].gone() == Gone::yes);
  CHECK(f.streams[0].write("y") == WriteResult::gone);
  f.streams[0].end();
  CHECK(f.gone == std::vector<Gone>{Gone::half_closed, Gone::yes});
  REQUIRE(f.done.size() == 1);
  CHECK(f.done[0].result == Result::gone);
  CHECK(client.get("/").body == "now");
}

TEST_CASE("a stream outlives its server", "[stream]") {
  weir::Stream stream;
  {
    weir::Server server;
    server.get("/", [&](const weir::Request&, weir::Response& res) { stream = res.stream(); });
    weir::testing::Client client(server);
    client.send_raw(get("/"));
    CHECK(stream.write("x") == WriteResult::ok);
  }
  CHECK(stream.write("x") == WriteResult::gone);
  CHECK(stream.gone() == Gone::yes);
  CHECK(stream.request().path() == "/");
  bool told = false;
  stream.on_gone([&](Gone how) { told = how == Gone::yes; });
  CHECK(told);
  stream.on_writable([] {});
  stream.end();
}

TEST_CASE("pipelined requests wait for the end of a stream", "[stream]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream") + get("/") + get("/stream"));
  CHECK(f.streams.size() == 1);
  f.streams[0].write("a");
  client.settle();
  CHECK(f.streams.size() == 1);
  f.streams[0].end();
  CHECK(client.receive().body == "a");
  CHECK(client.receive().body == "now");
  REQUIRE(f.streams.size() == 2);
  f.streams[1].end();
  CHECK(client.receive().body.empty());
}

// ── The bound ────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a stream says full above its bound, and on_writable when there is room", "[stream]") {
  Fixture f(with_buffer(10'000));
  weir::testing::Client client(f.server);
  client.connection().set_window(500);
  client.send_raw(get("/stream"));
  client.receive_raw();
  weir::Stream& stream = f.streams.at(0);
  int writable = 0;
  stream.on_writable([&] { ++writable; });
  client.settle();
  CHECK(writable == 1);  // there is room: told at the start

  std::size_t taken = 0;
  while (stream.write(std::string(4000, 'x')) == WriteResult::ok) taken += 4000;
  CHECK(taken >= 10'000);
  CHECK(taken <= 14'000);
  client.settle();
  CHECK(stream.write("x") == WriteResult::full);
  CHECK(writable == 1);
  std::size_t read = 0;
  while (writable == 1) {
    const std::size_t got = client.receive_raw().size();
    REQUIRE(got > 0);
    read += got;
  }
  CHECK(read >= 4'000);  // down to the half of it, not at each byte
  CHECK(writable == 2);
  CHECK(stream.write("x") == WriteResult::ok);
  client.settle();
  CHECK(writable == 2);  // only after `full`
  stream.end();
}

TEST_CASE("a fast thread cannot outrun the bound, even if the loop does not run", "[stream]") {
  Fixture f(with_buffer(10'000));
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  std::size_t taken = 0;
  std::thread([&, stream = f.streams.at(0)]() mutable {
    while (stream.write(std::string(100, 'x')) == WriteResult::ok) taken += 100;
  }).join();
  // Each piece counts for 64 bytes more than it has: that is what it costs while it waits.
  CHECK(taken / 100 * 164 >= 10'000);
  CHECK(taken / 100 * 164 <= 10'200);
  f.streams[0].end();
  CHECK(client.receive().body.size() == taken);
}

TEST_CASE("a writer that goes on from on_writable sends everything", "[stream]") {
  weir::Server server(with_buffer(4'096));
  server.get("/", [](const weir::Request&, weir::Response& res) {
    weir::Stream stream = res.stream();
    auto left = std::make_shared<int>(200);
    stream.on_writable([stream, left]() mutable {
      while (*left > 0) {
        if (stream.write(std::string(500, 'w')) != WriteResult::ok) return;
        --*left;
      }
      stream.end();
    });
  });
  weir::testing::Client client(server);
  client.connection().set_window(700);
  CHECK(client.get("/").body.size() == 100'000);
  client.connection().set_largest_io(1);
  CHECK(client.get("/").body.size() == 100'000);
}

TEST_CASE("on_writable set late, when a write was refused before, is called", "[stream]") {
  Fixture f(with_buffer(4'096));
  weir::testing::Client client(f.server);
  client.connection().set_window(100);
  client.send_raw(get("/stream"));
  weir::Stream& stream = f.streams.at(0);
  while (stream.write(std::string(4000, 'x')) == WriteResult::ok) {
  }
  int first = 0;
  int second = 0;
  SECTION("while there is no room") {
    stream.on_writable([&] { ++first; });
    client.settle();
    CHECK(first == 0);
    stream.on_writable([&] { ++second; });  // replaces
    while (second == 0) REQUIRE_FALSE(client.receive_raw().empty());
    CHECK(first == 0);
  }
  SECTION("when there is room again") {
    for (int i = 0; i < 80; ++i) client.receive_raw();
    stream.on_writable([&] { ++first; });
    client.settle();
    CHECK(first == 1);
  }
}

TEST_CASE("an on_writable that throws harms nobody", "[stream]") {
  const Silence silence;
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  f.streams.at(0).on_writable([] { throw std::runtime_error("on_writable"); });
  client.settle();
  f.streams[0].write("x");
  f.streams[0].end();
  CHECK(client.receive().body == "x");
  CHECK(client.get("/").body == "now");
}

TEST_CASE("a callback that holds its own stream does not keep it alive for ever", "[stream]") {
  Fixture f;
  auto alive = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = alive;
  weir::testing::Client client(f.server);
  client.send_raw(get("/stream"));
  weir::Stream stream = std::move(f.streams.at(0));
  f.streams.clear();
  stream.on_writable([stream, alive] {});
  stream.on_done([stream, alive](const weir::Outcome&) {});
  alive.reset();
  client.settle();
  SECTION("after its end") {
    stream.end();
    client.receive();
    client.settle();
  }
  SECTION("after the loss") { client.vanish(); }
  CHECK(watched.expired());
}

// ── Writing from a worker ────────────────────────────────────────────────────────────────────────

namespace {

/// A blocking handler that writes 10,000 bytes at a time until it is told to stop, to a client that
/// takes none.
struct Pooled {
  Pooled() : server(with_buffer(10'000)) {
    server.get("/", weir::blocking([this](const weir::Request&, weir::Response& res) {
                 weir::Stream stream = res.stream();
                 held.set_value(stream);
                 WriteResult result = WriteResult::ok;
                 for (int i = 0; i < 50 && result == WriteResult::ok; ++i)
                   result = stream.write(std::string(10'000, 'w'));
                 stream.end();
                 last = result;
                 finished = true;
               }));
  }

  weir::Server server;
  std::promise<weir::Stream> held;
  std::atomic<WriteResult> last{WriteResult::ok};
  std::atomic<bool> finished{false};
};

}  // namespace

TEST_CASE("in a blocking handler write() waits for room", "[stream]") {
  Pooled p;
  weir::testing::Client client(p.server);
  client.connection().set_window(1'000);
  client.send_raw(get("/"));
  CHECK_FALSE(p.finished);

  SECTION("and goes on as the client reads") {
    CHECK(client.receive().body.size() == 500'000);
    CHECK(client.wait_for([&] { return p.finished.load(); }));
    CHECK(p.last == WriteResult::ok);
  }
  SECTION("and wakes up when the client vanishes") {
    client.vanish();
    CHECK(client.wait_for([&] { return p.finished.load(); }));
    CHECK(p.last == WriteResult::gone);
  }
  SECTION("and wakes up when the write stalls") {
    client.advance(31s);
    CHECK(client.wait_for([&] { return p.finished.load(); }));
    CHECK(p.last == WriteResult::gone);
  }
  SECTION("and wakes up when another thread ends the stream") {
    weir::Stream stream = p.held.get_future().get();
    stream.end();
    CHECK(client.wait_for([&] { return p.finished.load(); }));
    CHECK(p.last == WriteResult::gone);
  }
  SECTION("and wakes up when another thread breaks it off") {
    weir::Stream stream = p.held.get_future().get();
    stream.abort();
    CHECK(client.wait_for([&] { return p.finished.load(); }));
    CHECK(p.last == WriteResult::gone);
  }
}

TEST_CASE("a worker that waits for room is woken by the server's end", "[stream]") {
  Pooled p;
  {
    weir::testing::Client client(p.server);
    client.connection().set_window(1'000);
    client.send_raw(get("/"));
    CHECK_FALSE(p.finished);
  }
  CHECK(p.finished);
  CHECK(p.last == WriteResult::gone);
}

TEST_CASE("an empty stream takes nothing and tells nobody", "[stream]") {
  weir::Stream empty;
  const weir::Stream copy(empty);  // NOLINT(performance-unnecessary-copy-initialization)
  CHECK_FALSE(copy);
  bool called = false;
  empty.on_gone([&](Gone) { called = true; });
  empty.on_done([&](const weir::Outcome&) { called = true; });
  empty.on_writable([&] { called = true; });
  empty.end();
  empty.abort();
  CHECK(empty.write("x") == WriteResult::gone);
  CHECK(empty.gone() == Gone::yes);
  CHECK_FALSE(called);
}

TEST_CASE("no shared piece is an empty one", "[stream]") {
  weir::Server server;
  server.get("/", [](const weir::Request&, weir::Response& res) {
    weir::Stream stream = res.stream();
    CHECK(stream.write(std::shared_ptr<const std::string>()) == WriteResult::ok);
    stream.write("x");
    stream.end();
  });
  weir::testing::Client client(server);
  CHECK(client.get("/").body == "x");
}

TEST_CASE("an on_writable that throws at each call harms nobody", "[stream]") {
  const Silence silence;
  weir::Server server;
  weir::Stream stream;
  server.get("/", [&](const weir::Request&, weir::Response& res) { stream = res.stream(); });
  weir::testing::Client client(server);
  client.connection().set_window(1000);
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  int calls = 0;
  stream.on_writable([&] {
    ++calls;
    throw std::runtime_error("x");
  });
  client.settle();
  CHECK(calls == 1);
  const std::string piece(100'000, 'p');
  while (stream.write(piece) == WriteResult::ok) client.settle();
  client.connection().set_window(~std::size_t{0});
  client.receive_raw();
  client.settle();
  CHECK(calls == 2);
  CHECK(stream.write("x") == WriteResult::ok);
  stream.end();
  client.settle();
  CHECK(client.connections() == 1);
}

TEST_CASE("a second stream of one answer is empty", "[stream]") {
  weir::Server server;
  server.get("/", [](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    CHECK(reply.text("reply") == weir::SendResult::accepted);
    weir::Stream late = reply.stream(weir::Response());
    CHECK_FALSE(late);
  });
  weir::testing::Client client(server);
  CHECK(client.get("/").body == "reply");
}
