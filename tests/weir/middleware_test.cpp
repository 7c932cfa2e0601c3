// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
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

/// Writes "<name" at before, "|name" at head and "name>" at done.
struct Trace {
  std::string* log;
  const char* name;
  weir::Next before(weir::Request&, weir::Response&) const {
    log->append("<").append(name);
    return weir::Next::proceed;
  }
  void head(const weir::Request&, weir::ResponseHead&) const { log->append("|").append(name); }
  void done(const weir::Request&, const weir::Outcome&) const { log->append(name).append(">"); }
};

/// Counts its hooks and keeps the last outcome.
struct Counts {
  int before = 0;
  int head = 0;
  int done = 0;
  weir::Outcome outcome;
  std::string path;
};

struct Counting {
  Counts* counts;
  void before(weir::Request&, weir::Response&) const { ++counts->before; }
  void head(const weir::Request&, weir::ResponseHead& head) const {
    ++counts->head;
    head.set("X-Head", "1");
  }
  void done(const weir::Request& request, const weir::Outcome& outcome) const {
    ++counts->done;
    counts->outcome = outcome;
    counts->path = request.path();
  }
};

using Result = weir::Outcome::Result;

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"; }

}  // namespace

TEST_CASE("before runs outer to inner, head and done the other way", "[middleware]") {
  std::string log;
  weir::Server server;
  server.use(Trace{&log, "a"}, Trace{&log, "b"});
  server.group("/g", [&](weir::Router& group) {
    group.get("/early", [&] { log += "!"; });
    group.use(Trace{&log, "c"});
    group.group("/h", [&](weir::Router& inner) {
      inner.use(Trace{&log, "d"});
      inner.get("/x", [&] { log += "!"; });
    });
  });
  server.get("/plain", [&] { log += "!"; });
  server.use(Trace{&log, "z"});  // after the routes, and still around them
  server.host("h.org", [&](weir::Router& host) {
    host.use(Trace{&log, "host"});
    host.get("/x", [&] { log += "!"; });
  });
  weir::testing::Client client(server);
  struct Case {
    const char* target;
    const char* log;
  };
  constexpr Case kCases[] = {
      {"/plain", "<a<b<z!|z|b|az>b>a>"},
      {"/g/early", "<a<b<z<c!|c|z|b|ac>z>b>a>"},
      {"/g/h/x", "<a<b<z<c<d!|d|c|z|b|ad>c>z>b>a>"},
      {"/g/none", "<a<b<z|z|b|az>b>a>"},  // chosen by the route, never by the prefix
      {"http://h.org/x", "<a<b<z<host!|host|z|b|ahost>z>b>a>"},
      {"http://h.org/none", "<a<b<z|z|b|az>b>a>"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.target);
    log.clear();
    client.get(c.target);
    CHECK(log == c.log);
  }
}

TEST_CASE("any object with one of the hooks, or a callable, is a middleware", "[middleware]") {
  struct HeadOnly {
    void head(const weir::Request&, weir::ResponseHead& head) const { head.set("X-Head", "1"); }
  };
  struct VoidBefore {
    void before(weir::Request&, weir::Response& res) const { res.header("X-Before", "1"); }
  };
  weir::Server server;
  server.use(
      HeadOnly{}, VoidBefore{},
      [](weir::Request&, weir::Response& res) { res.header("X-Lambda", "1"); },
      [](const weir::Request& r, weir::Response& res) {
        if (r.path() != "/stop") return weir::Next::proceed;
        res.status(weir::Status::forbidden).text("stopped");
        return weir::Next::done;
      });
  server.get("/", [] { return "x"; });
  server.get("/stop", [] { return "not reached"; });
  weir::testing::Client client(server);
  const auto answer = client.get("/");
  CHECK(answer.body == "x");
  for (const char* name : {"X-Head", "X-Before", "X-Lambda"}) CHECK(answer.header(name) == "1");
  const auto stopped = client.get("/stop");
  CHECK(stopped.status == 403);
  CHECK(stopped.body == "stopped");
  CHECK(stopped.header("X-Head") == "1");
}

TEST_CASE("an empty function is no middleware", "[middleware]") {
  weir::Server server;
  const std::function<weir::Next(weir::Request&, weir::Response&)> empty;
  void (*const null)(weir::Request&, weir::Response&) = nullptr;
  CHECK_THROWS_AS(server.use(empty), std::invalid_argument);
  CHECK_THROWS_AS(server.use(null), std::invalid_argument);
}

TEST_CASE("a before hook that answers ends the chain; what has begun is finished", "[middleware]") {
  std::string log;
  weir::Server server;
  server.use(Trace{&log, "a"});
  server.group("", [&](weir::Router& group) {
    group.use([&log](weir::Request& r, weir::Response& res) {
      log += "?";
      const auto what = r.query("do").value_or("");
      if (what == "throw") throw weir::HttpError(weir::Status::unauthorized, "who are you");
      if (what == "text") res.text("answered");
      if (what == "stream") {
        auto stream = res.stream();
        stream.write("streamed");
        stream.end();
      }
      if (what == "defer") {
        weir::Reply reply = res.defer();
        reply.text("deferred");
      }
      return what == "go" ? weir::Next::proceed : weir::Next::done;
    });
    group.use(Trace{&log, "b"});
    group.any("/", [&log] { log += "!"; });
  });
  weir::testing::Client client(server);
  struct Case {
    const char* target;
    int status;
    const char* body;
    const char* log;
  };
  constexpr Case kCases[] = {
      {"/?do=go", 204, "", "<a?<b!|b|ab>a>"},
      {"/?do=text", 200, "answered", "<a?|b|ab>a>"},
      {"/?do=empty", 204, "", "<a?|b|ab>a>"},
      {"/?do=throw", 401, "401 Unauthorized: who are you\n", "<a?|b|ab>a>"},
      {"/?do=stream", 200, "streamed", "<a?|b|ab>a>"},
      {"/?do=defer", 200, "deferred", "<a?|b|ab>a>"},
  };
  for (const Case& c : kCases) {
    for (const std::size_t size :
         {0U, 10U, 100'000U}) {  // the content is unread, and in nobody's way
      CAPTURE(c.target, size);
      log.clear();
      const auto answer = client.request("POST", c.target, std::string(size, 'x'));
      client.settle();
      CHECK(answer.status == c.status);
      CHECK(answer.body == c.body);
      CHECK(log == c.log);
    }
  }
}

TEST_CASE("middleware of the server sees what has no route", "[middleware]") {
  Counts counts;
  weir::Options options;
  options.trailing_slash = weir::TrailingSlash::redirect;
  weir::Server server(options);
  server.use(Counting{&counts});
  server.get("/a", [] { return "a"; });
  weir::testing::Client client(server);
  struct Case {
    const char* method;
    const char* target;
    int status;
  };
  constexpr Case kCases[] = {
      {"GET", "/none", 404}, {"POST", "/a", 405}, {"OPTIONS", "/a", 204},
      {"OPTIONS", "*", 204}, {"GET", "/a/", 308}, {"HEAD", "/none", 404},
  };
  int expected = 0;
  for (const Case& c : kCases) {
    CAPTURE(c.method, c.target);
    const auto answer = client.request(c.method, c.target);
    CHECK(answer.status == c.status);
    CHECK(answer.header("X-Head") == "1");
    ++expected;
    CHECK(counts.before == expected);
    CHECK(counts.head == expected);
    CHECK(counts.done == expected);
    CHECK(static_cast<int>(counts.outcome.status) == c.status);
    CHECK(counts.outcome.result == Result::delivered);
    CHECK(counts.path == (std::string_view(c.target) == "*" ? "*" : c.target));
  }
}

TEST_CASE("a request that cannot be read gets done alone, with an empty request", "[middleware]") {
  struct Seen {
    int done = 0;
    bool empty = true;
    int status = 0;
  };
  struct Watch {
    Seen* seen;
    Counts* counts;
    void before(weir::Request&, weir::Response&) const { ++counts->before; }
    void head(const weir::Request&, weir::ResponseHead&) const { ++counts->head; }
    void done(const weir::Request& r, const weir::Outcome& outcome) const {
      ++seen->done;
      seen->status = static_cast<int>(outcome.status);
      seen->empty = r.path().empty() && r.target().empty() && r.query().empty() &&
                    r.headers().size() == 0 && r.header("Host").empty() && r.body().empty() &&
                    r.params().empty() && r.pattern().empty() && r.method_text().empty() &&
                    r.get<std::string>() == nullptr;
    }
  };
  Seen seen;
  Counts counts;
  weir::Server server;
  server.use(Watch{&seen, &counts});
  server.get("/set", [](const weir::Request& r, weir::Response& res) {
    r.set(std::string("of another"));
    res.close().text("x");
  });
  weir::testing::Client client(server);
  const std::string long_line = "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n\r\n";
  const std::string long_field =
      "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n";
  struct Case {
    std::string bytes;
    int status;
  };
  const Case cases[] = {
      {"garbage\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},  // no Host
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {long_line, 414},
      {long_field, 431},
  };
  for (const Case& c : cases) {
    for (const bool after_another : {false, true}) {
      CAPTURE(c.bytes.substr(0, 30), after_another);
      // A request before on a connection that is gone: nothing of it may show.
      if (after_another) CHECK(client.get("/set?q", {{"X-A", "secret"}}).body == "x");
      seen = {};
      counts = {};
      client.send_raw(c.bytes);
      CHECK(client.receive().status == c.status);
      CHECK(seen.done == 1);
      CHECK(seen.status == c.status);
      CHECK(seen.empty);
      CHECK(counts.before == 0);
      CHECK(counts.head == 0);
      client.advance(5s);  // the lingering ends
    }
  }
  // The head that never ends.
  seen = {};
  client.send_raw("GET / HT");
  client.advance(11s);
  CHECK(client.receive().status == 408);
  CHECK(seen.done == 1);
  CHECK(seen.empty);
  CHECK(counts.head == 0);
}

TEST_CASE("each hook runs once, with what became of the answer", "[middleware]") {
  const Silence silence;
  Counts counts;
  weir::Reply late;
  weir::Stream stream;
  weir::Options options;
  options.workers = 1;
  weir::Server server(options);
  server.use(Counting{&counts});
  server.any("/inline", [] { return "12345"; });
  server.any("/large", [] { return std::string(100'000, 'x'); });
  server.any("/pooled", weir::blocking([] { return "12345"; }));
  server.any("/deferred", [](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    reply.text("12345");
  });
  server.any("/late", [&](const weir::Request&, weir::Response& res) { late = res.defer(); });
  server.any("/dropped", [](const weir::Request&, weir::Response& res) { res.defer(); });
  server.any("/stream", [](const weir::Request&, weir::Response& res) {
    auto pieces = res.stream();
    pieces.write("123");
    pieces.write("45");
    pieces.end();
  });
  server.any("/half", [&](const weir::Request&, weir::Response& res) {
    stream = res.stream();
    stream.write("123");
  });
  server.any("/short", [](const weir::Request&, weir::Response& res) {
    res.header("Content-Length", "10");
    auto pieces = res.stream();
    pieces.write("123");
    pieces.end();
  });
  server.any("/bstream", weir::blocking([](const weir::Request&, weir::Response& res) {
               auto pieces = res.stream();
               pieces.write("12345");
               pieces.end();
             }));
  server.any(
      "/body", weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
        body.on_data([](std::string_view) {});
        body.on_end([reply = res.defer()](std::string_view) mutable { reply.text("12345"); });
      }));
  server.any(
      "/bbody",
      weir::blocking(weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
        char piece[100];
        while (body.read(piece, sizeof piece) > 0) {
        }
        res.text("12345");
      })));
  server.any("/throws", [] { throw std::runtime_error("x"); });
  server.any("/bthrows", weir::blocking([] { throw std::runtime_error("x"); }));
  server.any(
      "/ithrows", weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
        body.on_data([](std::string_view) { throw std::runtime_error("x"); });
        body.on_end([reply = res.defer()](std::string_view) mutable { reply.text("12345"); });
      }));
  weir::testing::Client client(server);

  const auto check = [&](int requests, Result result, int status, std::uint64_t bytes) {
    CHECK(counts.before == requests);
    CHECK(counts.done == requests);
    CHECK(counts.outcome.result == result);
    CHECK(static_cast<int>(counts.outcome.status) == status);
    CHECK(counts.outcome.content_bytes == bytes);
  };

  SECTION("answered") {
    struct Case {
      const char* path;
      int status;
      std::uint64_t bytes;
    };
    constexpr Case kCases[] = {
        {"/inline", 200, 5},   {"/large", 200, 100'000}, {"/pooled", 200, 5},
        {"/deferred", 200, 5}, {"/stream", 200, 5},      {"/bstream", 200, 5},
        {"/body", 200, 5},     {"/bbody", 200, 5},       {"/dropped", 500, 26},
        {"/throws", 500, 26},  {"/bthrows", 500, 26},
    };
    for (const Case& c : kCases) {
      for (const std::size_t size : {0U, 10U, 100'000U}) {
        CAPTURE(c.path, size);
        counts = {};
        const auto answer = client.request("POST", c.path, std::string(size, 'x'));
        client.settle();
        CHECK(answer.status == c.status);
        CHECK(answer.header("X-Head") == "1");
        CHECK(counts.head == 1);
        CHECK(counts.path == c.path);
        check(1, Result::delivered, c.status, c.bytes);
      }
      CAPTURE(c.path);
      counts = {};
      CHECK(client.head(c.path).status == c.status);
      client.settle();
      CHECK(counts.head == 1);
      check(1, Result::delivered, c.status, 0);
    }
    counts = {};
    CHECK(client.post("/ithrows", "x").status == 500);
    client.settle();
    CHECK(counts.head == 1);
    check(1, Result::delivered, 500, 26);
  }

  SECTION("refused content") {
    for (const char* path : {"/inline", "/pooled", "/late"}) {
      CAPTURE(path);
      counts = {};
      CHECK(client.post(path, std::string(2'000'000, 'x')).status == 413);
      client.settle();
      CHECK(counts.head == 1);
      CHECK(counts.done == 1);
      CHECK(counts.outcome.status == weir::Status::content_too_large);
      CHECK(counts.path == path);
      client.advance(5s);
    }
    for (const char* path : {"/inline", "/pooled", "/body", "/bbody"}) {
      CAPTURE(path);
      counts = {};
      client.send_raw("POST " + std::string(path) +
                      " HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
      CHECK(counts.done == 0);
      client.advance(11s);
      CHECK(client.receive().status == 408);
      client.advance(5s);
      CHECK(counts.before == 1);
      CHECK(counts.head == 1);
      CHECK(counts.done == 1);
      CHECK(counts.outcome.status == weir::Status::request_timeout);
      CHECK(counts.outcome.result == Result::delivered);
    }
  }

  SECTION("timed out") {
    client.send_raw(get("/late"));
    CHECK(counts.done == 0);
    client.advance(31s);
    CHECK(client.receive().status == 504);
    client.settle();
    CHECK(counts.head == 1);
    check(1, Result::delivered, 504, counts.outcome.content_bytes);
    CHECK(counts.outcome.duration_ms >= 30'000);
    CHECK(late.text("too late") != weir::SendResult::accepted);
    late = {};
    client.settle();
    CHECK(counts.done == 1);
    CHECK(counts.head == 1);
  }

  SECTION("gone before the answer") {
    for (const char* path : {"/late", "/body", "/bbody", "/inline", "/pooled"}) {
      CAPTURE(path);
      counts = {};
      auto other = client.connect();
      other.send_raw("POST " + std::string(path) +
                     " HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n" +
                     (std::string_view(path) == "/late" ? "123456789" : "123"));
      CHECK(counts.done == 0);
      other.vanish();
      client.settle();
      CHECK(counts.head == 0);
      CHECK(counts.path == path);
      check(1, Result::gone, 0, 0);
      late = {};
      client.settle();
      CHECK(counts.done == 1);
    }
  }

  SECTION("gone with the answer half sent") {
    for (const char* path : {"/large", "/half"}) {
      CAPTURE(path);
      counts = {};
      auto other = client.connect();
      other.set_window(200);
      other.send_raw(get(path));
      CHECK(counts.head == 1);
      CHECK(counts.done == 0);
      other.vanish();
      client.settle();
      CHECK(counts.head == 1);
      CHECK(counts.done == 1);
      CHECK(counts.outcome.result == Result::gone);
      CHECK(counts.outcome.status == weir::Status::ok);
      stream = {};
      client.settle();
      CHECK(counts.done == 1);
    }
  }

  SECTION("delivered when the last byte is taken, not before") {
    auto other = client.connect();
    other.set_window(200);
    other.send_raw(get("/large"));
    CHECK(counts.done == 0);
    other.set_window(~std::size_t{0});
    CHECK(other.receive().body.size() == 100'000);
    client.settle();
    check(1, Result::delivered, 200, 100'000);
  }

  SECTION("a client that takes nothing") {
    auto other = client.connect();
    other.set_window(200);
    other.send_raw(get("/large"));
    client.advance(31s);
    CHECK(other.was_reset());
    CHECK(counts.done == 1);
    CHECK(counts.outcome.result == Result::gone);
  }

  SECTION("broken off") {
    client.send_raw(get("/half"));
    CHECK(counts.done == 0);
    stream.abort();
    client.settle();
    CHECK(counts.head == 1);
    check(1, Result::aborted, 200, 3);
    counts = {};
    client.send_raw(get("/half"));
    stream = {};  // dropped
    client.settle();
    check(1, Result::aborted, 200, 3);
    counts = {};
    client.send_raw(get("/short"));
    client.settle();
    check(1, Result::aborted, 200, 3);
  }

  SECTION("the client object ends") {
    {
      weir::testing::Client inner(server);
      inner.send_raw(get("/late"));
      CHECK(counts.done == 0);
    }
    check(1, Result::gone, 0, 0);
    CHECK(late.text("x") == weir::SendResult::gone);
  }
  late = {};
  stream = {};
}

TEST_CASE("pipelined requests are done in their order, and leave in one write", "[middleware]") {
  struct Order {
    std::string* log;
    void done(const weir::Request& r, const weir::Outcome& o) const {
      log->append(r.path()).append(o.result == Result::delivered ? " " : "! ");
      CHECK(r.header("X-Own") == r.path());
    }
  };
  std::string log;
  weir::Server server;
  server.use(Order{&log});
  server.any("/{n}", [](const weir::Request& r) { return r.param("n"); });
  server.any("/p/{n}", weir::blocking([](const weir::Request& r) { return r.param("n"); }));
  weir::testing::Client client(server);
  for (const std::string content : {"", "content"}) {
    for (const bool cut : {false, true}) {
      CAPTURE(content, cut);
      auto connection = client.connect();
      if (cut) connection.set_largest_io(7);
      std::string bytes;
      std::string expected;
      for (int i = 1; i <= 16; ++i) {
        const std::string path = "/" + std::to_string(i);
        bytes += "POST " + path + " HTTP/1.1\r\nHost: x\r\nX-Own: " + path +
                 "\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content;
        expected += path + " ";
      }
      log.clear();
      connection.send_raw(bytes);
      CHECK(log == expected);
      if (!cut) CHECK(connection.writes() == 1);
      for (int i = 1; i <= 16; ++i) CHECK(connection.receive().body == std::to_string(i));
    }
  }
  log.clear();
  std::string bytes;
  for (const char* path : {"/1", "/p/2", "/3", "/p/4"})
    bytes += "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nX-Own: " + path + "\r\n\r\n";
  client.send_raw(bytes);
  for (const char* body : {"1", "2", "3", "4"}) CHECK(client.receive().body == body);
  client.settle();
  CHECK(log == "/1 /p/2 /3 /p/4 ");
}

TEST_CASE("what head and done hooks throw is logged and stops nothing", "[middleware]") {
  const Silence silence;
  struct Throws {
    void head(const weir::Request&, weir::ResponseHead&) const { throw std::runtime_error("head"); }
    void done(const weir::Request&, const weir::Outcome&) const { throw 42; }
  };
  Counts counts;
  weir::Server server;
  server.use(Counting{&counts}, Throws{});
  server.get("/", [] { return "x"; });
  weir::testing::Client client(server);
  CHECK(client.get("/").header("X-Head") == "1");
  CHECK(client.get("/").body == "x");
  CHECK(counts.head == 2);
  CHECK(counts.done == 2);
}

TEST_CASE("a suspended chain goes on when it is told to", "[middleware]") {
  const Silence silence;
  std::string log;
  weir::Suspension kept;
  weir::Server server;
  server.use(Trace{&log, "a"});
  server.group("", [&](weir::Router& group) {
    group.use([&](weir::Request&, weir::Response& res) {
      log += "?";
      res.header("X-Before", "1");
      kept = res.suspend();
      return weir::Next::suspended;
    });
    group.use(Trace{&log, "b"});
    const auto size = [&log](const weir::Request& r) {
      log += "!";
      return std::to_string(r.body().size());
    };
    group.any("/plain", size);
    group.any("/pooled", weir::blocking([](const weir::Request& r) {
                return std::to_string(r.body().size());
              }));
    group.any("/streamed",
              weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
                auto all = std::make_shared<std::size_t>(0);
                body.on_data([all](std::string_view piece) { *all += piece.size(); });
                body.on_end([all, reply = res.defer()](std::string_view) mutable {
                  reply.text(std::to_string(*all));
                });
              }));
  });
  server.get("/free", [] { return "free"; });
  weir::testing::Client client(server);
  const auto post = [&](weir::testing::Connection& to, const std::string& path, std::size_t size) {
    to.send_raw("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) +
                "\r\n\r\n" + std::string(size, 'x'));
    log.clear();
  };

  SECTION("from the same thread") {
    for (const std::string path : {"/plain", "/pooled", "/streamed"}) {
      for (const std::size_t size : {0U, 10U, 5000U, 300'000U}) {
        CAPTURE(path, size);
        post(client.connection(), path, size);
        CHECK(client.receive_raw() == "");
        CHECK(kept.request().path() == path);
        CHECK(kept.gone() == weir::Gone::no);
        CHECK(kept.proceed() == weir::SendResult::accepted);
        const auto answer = client.receive();
        CHECK(answer.status == 200);
        CHECK(answer.body == std::to_string(size));
        if (path != "/streamed") CHECK(answer.header("X-Before") == "1");  // a Reply brings its own
        client.settle();
        CHECK(log == (path == "/plain" ? "<b!|b|ab>a>" : "<b|b|ab>a>"));
        CHECK(kept.proceed() != weir::SendResult::accepted);
        CHECK(client.get("/free").body == "free");
      }
    }
  }

  SECTION("from another thread") {
    post(client.connection(), "/plain", 10);
    std::thread([&] { CHECK(kept.proceed() == weir::SendResult::accepted); }).join();
    CHECK(client.receive().body == "10");
  }

  SECTION("twice: the first counts") {
    post(client.connection(), "/plain", 10);
    const weir::Suspension copy = kept;
    CHECK(kept.proceed() == weir::SendResult::accepted);
    CHECK(weir::Suspension(copy).proceed() == weir::SendResult::already_answered);
    CHECK(kept.answer(weir::Response(weir::Status::forbidden)) ==
          weir::SendResult::already_answered);
    CHECK(client.receive().body == "10");
    client.settle();
    CHECK(log == "<b!|b|ab>a>");
  }

  SECTION("dropped: 500") {
    for (const std::size_t size : {0U, 10U, 300'000U}) {
      CAPTURE(size);
      post(client.connection(), "/plain", size);
      kept = {};
      CHECK(client.receive().status == 500);
      client.settle();
      CHECK(log == "|b|ab>a>");
    }
  }

  SECTION("answered") {
    for (const std::string path : {"/plain", "/streamed"}) {
      for (const std::size_t size : {0U, 10U, 300'000U}) {
        CAPTURE(path, size);
        post(client.connection(), path, size);
        CHECK(kept.answer(weir::Response(weir::Status::forbidden, "no")) ==
              weir::SendResult::accepted);
        CHECK(kept.proceed() == weir::SendResult::already_answered);
        const auto answer = client.receive();
        CHECK(answer.status == 403);
        CHECK(answer.body == "no");
        client.settle();
        CHECK(log == "|b|ab>a>");
        if (!client.is_closed()) CHECK(client.get("/free").body == "free");
      }
    }
  }

  SECTION("the client goes meanwhile") {
    for (const std::size_t size : {0U, 10U, 300'000U}) {
      CAPTURE(size);
      auto other = client.connect();
      post(other, "/plain", size);
      other.vanish();
      CHECK(log == "b>a>");
      CHECK(kept.gone() == weir::Gone::yes);
      CHECK(kept.proceed() == weir::SendResult::gone);
      CHECK(kept.answer(weir::Response(weir::Status::ok)) == weir::SendResult::gone);
      client.settle();
      CHECK(log == "b>a>");
    }
  }

  SECTION("in time only") {
    post(client.connection(), "/plain", 10);
    client.advance(31s);
    CHECK(client.receive().status == 504);
    CHECK(kept.proceed() != weir::SendResult::accepted);
    client.settle();
    CHECK(log == "|b|ab>a>");
  }

  SECTION("half closed: the answer is still wanted") {
    post(client.connection(), "/plain", 0);
    client.half_close();
    CHECK(kept.gone() == weir::Gone::half_closed);
    CHECK(kept.proceed() == weir::SendResult::accepted);
    CHECK(client.receive().body == "0");
  }

  SECTION("what comes behind waits") {
    client.send_raw(get("/plain") + get("/free"));
    CHECK(client.receive_raw() == "");
    kept.proceed();
    CHECK(client.receive().body == "0");
    CHECK(client.receive().body == "free");
  }

  SECTION("100 Continue only once it has proceeded") {
    client.send_raw(
        "POST /plain HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    CHECK(client.receive_raw() == "");
    kept.proceed();
    client.settle();
    CHECK(client.receive_raw() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send_raw("abc");
    CHECK(client.receive().body == "3");
  }
  kept = {};
}

TEST_CASE("several hooks may suspend, one after the other", "[middleware]") {
  std::vector<weir::Suspension> all;
  weir::Server server;
  const auto suspend = [&](weir::Request&, weir::Response& res) {
    all.push_back(res.suspend());
    return weir::Next::suspended;
  };
  server.use(suspend, suspend);
  server.get("/", [] { return "through"; });
  weir::testing::Client client(server);
  client.send_raw(get("/"));
  REQUIRE(all.size() == 1);
  CHECK(all[0].proceed() == weir::SendResult::accepted);
  client.settle();
  REQUIRE(all.size() == 2);
  // The first one's right is used up: it must not stand in for the second.
  CHECK(all[0].proceed() == weir::SendResult::already_answered);
  CHECK(all[0].answer(weir::Response(weir::Status::ok)) == weir::SendResult::already_answered);
  client.settle();
  CHECK(client.receive_raw() == "");
  CHECK(all[1].proceed() == weir::SendResult::accepted);
  CHECK(client.receive().body == "through");
}

TEST_CASE("a suspension taken in vain, or forgotten, is a 500", "[middleware]") {
  const Silence silence;
  weir::Server server;
  server.group("/forgot", [](weir::Router& group) {
    group.use([](weir::Request&, weir::Response&) { return weir::Next::suspended; });
    group.get("", [] { return "not reached"; });
  });
  server.group("/throws", [](weir::Router& group) {
    group.use([](weir::Request&, weir::Response& res) -> weir::Next {
      const weir::Suspension suspension = res.suspend();
      throw std::runtime_error("x");
    });
    group.get("", [] { return "not reached"; });
  });
  server.group("/inside", [](weir::Router& group) {
    group.use([](weir::Request&, weir::Response& res) {
      res.suspend().proceed();
      return weir::Next::suspended;
    });
    group.get("", [] { return "reached"; });
  });
  weir::testing::Client client(server);
  CHECK(client.get("/forgot").status == 500);
  CHECK(client.get("/throws").status == 500);
  CHECK(client.get("/inside").body == "reached");
  CHECK(client.receive_raw() == "");
}

TEST_CASE("whatever a head or done hook throws is logged", "[middleware]") {
  const Silence silence;
  struct Throwing {
    bool standard;
    void head(const weir::Request&, weir::ResponseHead&) const { fail(); }
    void done(const weir::Request&, const weir::Outcome&) const { fail(); }
    void fail() const {
      if (standard) throw std::runtime_error("a hook");
      throw 7;
    }
  };
  weir::Server server;
  server.use(Throwing{true}, Throwing{false});
  server.get("/", [] { return "fine"; });
  weir::testing::Client client(server);
  for (int i = 0; i < 2; ++i) CHECK(client.get("/").body == "fine");
}

TEST_CASE("a suspension that was never taken is gone", "[middleware]") {
  CHECK(weir::Suspension().gone() == weir::Gone::yes);
}
