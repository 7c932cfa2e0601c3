// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

using weir::test::Silence;

/// What on_error was told last; it may be called on a worker.
struct Told {
  std::mutex mutex;
  int calls = 0;
  int status = 0;
  std::string message;
  std::string what;  // of the exception; "" where there was none
  bool had_request = false;
  std::string path;

  void take(const weir::Error& error) {
    const std::lock_guard<std::mutex> lock(mutex);
    ++calls;
    status = static_cast<int>(error.status);
    message = error.message;
    had_request = error.request != nullptr;
    path = had_request ? std::string(error.request->path()) : std::string();
    what.clear();
    if (error.exception == nullptr) return;
    try {
      std::rethrow_exception(error.exception);
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
      what = "?";
    }
  }
  void reset() {
    const std::lock_guard<std::mutex> lock(mutex);
    calls = 0;
  }
};

void routes(weir::Server& server, weir::Reply& late) {
  server.get("/a", [] { return "a"; });
  server.post("/post", [] { return "posted"; });
  server.get("/throw", [] { throw std::runtime_error("secret"); });
  server.get("/odd", [] { throw 42; });
  server.get("/http", [] { throw weir::HttpError(weir::Status::conflict, "name is taken"); });
  server.get("/bare", [] { throw weir::HttpError(weir::Status::gone); });
  server.get("/pooled", weir::blocking([] { throw std::runtime_error("secret"); }));
  server.get("/late", [&late](const weir::Request&, weir::Response& res) { late = res.defer(); });
  server.get("/dropped", [](const weir::Request&, weir::Response& res) { res.defer(); });
  server.get("/reply", [](const weir::Request&, weir::Response& res) {
    res.defer().error(weir::Status::payment_required, "pay");
  });
  server.group("/before", [](weir::Router& group) {
    group.use([](weir::Request&, weir::Response&) {
      throw weir::HttpError(weir::Status::unauthorized, "who");
    });
    group.get("/x", [] { return "not reached"; });
  });
}

struct Case {
  const char* name;
  std::string bytes;
  std::chrono::milliseconds wait;
  int status;
  const char* what;     // of the exception
  const char* path;     // null: there is no request
  const char* message;  // null: any
};

std::vector<Case> cases() {
  const auto get = [](const char* target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  const std::string post = "POST /post HTTP/1.1\r\nHost: x\r\n";
  return {
      {"no request line", "garbage\r\n\r\n", 0ms, 400, "", nullptr, nullptr},
      {"no Host", "GET /a HTTP/1.1\r\n\r\n", 0ms, 400, "", nullptr, "no Host field"},
      {"a coding that nobody knows", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 0ms, 501,
       "", nullptr, nullptr},
      {"HTTP/2", "GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 0ms, 505, "", nullptr, nullptr},
      {"a long request line", get(("/" + std::string(9000, 'x')).c_str()), 0ms, 414, "", nullptr,
       nullptr},
      {"a long field", "GET /a HTTP/1.1\r\nHost: x\r\nA: " + std::string(17'000, 'x') + "\r\n\r\n",
       0ms, 431, "", nullptr, nullptr},
      {"an expectation", post + "Expect: wonders\r\nContent-Length: 1\r\n\r\nx", 0ms, 417, "",
       nullptr, nullptr},
      {"NUL in the path", get("/a%00"), 0ms, 400, "", "", "NUL in the path"},
      {"no route", get("/none"), 0ms, 404, "", "/none", ""},
      {"no method", get("/post"), 0ms, 405, "", "/post", ""},
      {"too large", post + "Content-Length: 2000000\r\n\r\n", 0ms, 413, "", "/post",
       "content too large"},
      {"too large in chunks",
       post + "Transfer-Encoding: chunked\r\n\r\n" + "100001\r\n" + std::string(0x100001, 'x') +
           "\r\n",
       0ms, 413, "", "/post", "content too large"},
      {"a broken chunk", post + "Transfer-Encoding: chunked\r\n\r\nx\r\n", 0ms, 400, "", "/post",
       nullptr},
      {"half a head", "GET /a HT", 11s, 408, "", nullptr, "the head did not come in time"},
      {"half a body", post + "Content-Length: 9\r\n\r\nabc", 11s, 408, "", "/post", nullptr},
      {"an exception", get("/throw"), 0ms, 500, "secret", "/throw", ""},
      {"what is none", get("/odd"), 0ms, 500, "?", "/odd", ""},
      {"on a worker", get("/pooled"), 0ms, 500, "secret", "/pooled", ""},
      {"HttpError", get("/http"), 0ms, 409, "name is taken", "/http", "name is taken"},
      {"HttpError without a message", get("/bare"), 0ms, 410, "", "/bare", ""},
      {"HttpError of a middleware", get("/before/x"), 0ms, 401, "who", "/before/x", "who"},
      {"a dropped reply", get("/dropped"), 0ms, 500, "", "/dropped", ""},
      {"Reply::error()", get("/reply"), 0ms, 402, "", "/reply", "pay"},
      {"too late", get("/late"), 31s, 504, "", "/late", "the handler did not answer in time"},
  };
}

}  // namespace

TEST_CASE("on_error is told of each kind of error, once, and shapes the answer", "[error]") {
  const Silence silence;
  Told told;
  weir::Reply late;
  weir::Server server;
  routes(server, late);
  server.on_error([&told](const weir::Error& error, weir::Response& res) {
    told.take(error);
    CHECK(res.status() == error.status);
    res.header("X-Shaped", "1").json("{\"message\":\"" + std::string(error.message) + "\"}");
  });
  weir::testing::Client client(server);
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    // A request before, on a connection that is closed: nothing of it may be seen.
    CHECK(client.get("/a?before", {{"Connection", "close"}}).body == "a");
    told.reset();
    client.send_raw(c.bytes);
    if (c.wait.count() > 0) client.advance(c.wait);
    const auto answer = client.receive();
    CHECK(answer.status == c.status);
    CHECK(told.calls == 1);
    CHECK(told.status == c.status);
    CHECK(told.what == c.what);
    CHECK(told.had_request == (c.path != nullptr));
    if (c.path != nullptr) CHECK(told.path == c.path);
    if (c.message != nullptr) CHECK(told.message == c.message);
    CHECK(answer.header("X-Shaped") == "1");
    CHECK(answer.header("Content-Type") == "application/json");
    CHECK(answer.body == "{\"message\":\"" + told.message + "\"}");
    CHECK(answer.raw.find("secret") == std::string::npos);
    if (c.status == 405) CHECK(answer.header("Allow") == "POST, OPTIONS");
    client.vanish();
    client.advance(5s);
  }
  late = {};
}

TEST_CASE("without on_error, or when it throws, the usual text is sent", "[error]") {
  const Silence silence;
  weir::Reply late;
  weir::Server plain;
  routes(plain, late);
  weir::Server throwing;
  routes(throwing, late);
  throwing.on_error([](const weir::Error&, weir::Response& res) {
    res.status(weir::Status::ok).header("X-Half", "1").text("half");
    throw std::runtime_error("secret");
  });
  weir::Server idle;
  routes(idle, late);
  idle.on_error([](const weir::Error&, weir::Response&) {});
  for (weir::Server* server : {&plain, &throwing, &idle}) {
    weir::testing::Client client(*server);
    for (const Case& c : cases()) {
      CAPTURE(c.name);
      client.send_raw(c.bytes);
      if (c.wait.count() > 0) client.advance(c.wait);
      const auto answer = client.receive();
      CHECK(answer.status == c.status);
      CHECK_THAT(answer.body, Catch::StartsWith(std::to_string(c.status) + " "));
      CHECK_THAT(answer.body, Catch::EndsWith("\n"));
      if (c.message != nullptr && *c.message != '\0')
        CHECK_THAT(answer.body, Catch::EndsWith(": " + std::string(c.message) + "\n"));
      CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
      CHECK_FALSE(answer.has_header("X-Half"));
      CHECK(answer.raw.find("secret") == std::string::npos);
      client.vanish();
      client.advance(5s);
    }
  }
  late = {};
}

TEST_CASE("on_error may set fields only, or another status", "[error]") {
  const Silence silence;
  weir::Server server;
  server.on_error([](const weir::Error& error, weir::Response& res) {
    res.header("X-Own", "1");
    if (error.status == weir::Status::not_found) return;
    res.status(weir::Status::im_a_teapot);
  });
  server.get("/throw", [] { throw std::runtime_error("x"); });
  weir::testing::Client client(server);
  const auto none = client.get("/none");
  CHECK(none.status == 404);
  CHECK(none.body == "404 Not Found\n");
  CHECK(none.header("X-Own") == "1");
  const auto thrown = client.get("/throw");
  CHECK(thrown.status == 418);
  CHECK(thrown.body == "");
  CHECK(thrown.header("X-Own") == "1");
}

TEST_CASE("no worker is free: 503 with Retry-After", "[error]") {
  Told told;
  std::mutex gate;
  std::atomic<int> begun{0};
  weir::Options options;
  options.workers = 1;
  options.worker_queue = 1;
  options.worker_wait = 5s;
  weir::Server server(options);
  server.get("/", weir::blocking([&] {
               ++begun;
               const std::lock_guard<std::mutex> lock(gate);
             }));
  server.on_error([&told](const weir::Error& error, weir::Response&) { told.take(error); });
  weir::testing::Client client(server);
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  gate.lock();
  auto running = client.connect();
  running.send_raw(get);
  REQUIRE(client.wait_for([&] { return begun == 1; }));
  auto waiting = client.connect();
  waiting.send_raw(get);
  auto refused = client.connect();
  const auto full = refused.get("/");
  CHECK(full.status == 503);
  CHECK(full.header("Retry-After") == "1");
  CHECK(told.calls == 1);
  CHECK(told.status == 503);
  CHECK(told.path == "/");
  CHECK(told.message == "too many requests wait for a worker");

  client.advance(6s);  // `waiting` has waited for longer than it may
  gate.unlock();
  CHECK(running.receive().status == 204);
  const auto expired = waiting.receive();
  CHECK(expired.status == 503);
  CHECK(expired.header("Retry-After") == "1");
  CHECK(told.message == "no worker was free in time");
  CHECK(begun == 1);
}

TEST_CASE("a time-out is 503 when no worker had begun and 504 when one had", "[error]") {
  std::mutex gate;
  std::atomic<int> begun{0};
  weir::Options options;
  options.workers = 1;
  options.worker_wait = 0s;
  options.handler_timeout = 2s;
  weir::Server server(options);
  server.get("/", weir::blocking([&] {
               ++begun;
               const std::lock_guard<std::mutex> lock(gate);
             }));
  weir::testing::Client client(server);
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  gate.lock();
  auto running = client.connect();
  running.send_raw(get);
  REQUIRE(client.wait_for([&] { return begun == 1; }));
  auto waiting = client.connect();
  waiting.send_raw(get);
  client.advance(3s);
  CHECK(running.receive().status == 504);
  CHECK(waiting.receive().status == 503);
  gate.unlock();
  client.settle();
  CHECK(running.receive_raw() == "");
  CHECK(waiting.receive_raw() == "");
  CHECK(begun == 1);  // nobody waited for the second any more
}

TEST_CASE("an HttpError is an exception with a status", "[error]") {
  const weir::HttpError error(weir::Status::conflict, "taken");
  CHECK(error.status() == weir::Status::conflict);
  CHECK(std::string_view(error.what()) == "taken");
  CHECK(std::string_view(weir::HttpError(weir::Status::gone).what()).empty());
}

TEST_CASE("an error that throws while it shapes its answer keeps its status", "[error]") {
  struct Thrower : weir::HttpError {
    using HttpError::HttpError;
    void shape(weir::Response& response) const override {
      response.header("X-Half", "1");
      throw std::runtime_error("no");
    }
  };
  const Silence silence;
  const bool sets_fields = GENERATE(false, true);
  CAPTURE(sets_fields);
  weir::Server server;
  if (sets_fields)
    server.on_error([](const weir::Error&, weir::Response& res) { res.header("X-Own", "1"); });
  const auto handler = [] { throw Thrower(weir::Status::conflict, "taken"); };
  server.get("/", handler).get("/blocking", weir::blocking(handler));
  weir::testing::Client client(server);
  for (const char* const path : {"/", "/blocking"}) {
    const weir::testing::Answer answer = client.get(path);
    CHECK(answer.status == 409);
    CHECK(answer.body == "409 Conflict: taken\n");
    CHECK(answer.header("X-Half").empty());
  }
}

TEST_CASE("no answer has a status that is not final", "[error]") {
  const Silence silence;
  weir::Server server;
  const auto interim = static_cast<weir::Status>(103);
  server.get("/whole", [&](const weir::Request&, weir::Response& res) { res.status(interim); });
  server.get("/stream", [&](const weir::Request&, weir::Response& res) {
    res.status(interim);
    weir::Stream stream = res.stream();
    stream.end();
  });
  SECTION("by itself") {}
  SECTION("nor when on_error() sets one") {
    server.on_error([&](const weir::Error&, weir::Response& res) { res.status(interim); });
  }
  weir::testing::Client client(server);
  CHECK(client.get("/whole").status == 500);
  CHECK(client.get("/stream").status == 500);
  CHECK(client.connections() == 1);
}

TEST_CASE("what no route was found for has no pattern", "[error]") {
  weir::Server server;
  std::string pattern = "?";
  server.on_error([&](const weir::Error& error, weir::Response&) {
    pattern = error.request == nullptr ? "no request" : std::string(error.request->pattern());
  });
  weir::testing::Client client(server);
  client.send_raw("GET /../.. HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive().status == 400);
  CHECK(pattern.empty());
}
