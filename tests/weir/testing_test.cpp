// SPDX-License-Identifier: MIT
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

void add_routes(weir::Server& server) {
  server.get("/", [] { return "now"; });
  server.get("/users/{id}", [](const weir::Request& req) { return std::string(req.param("id")); });
  server.post("/echo", [](const weir::Request& req, weir::Response& res) {
    res.header("X-Type", req.header("Content-Type")).body(req.body());
  });
  server.get("/big", [] { return std::string(300'000, 'b'); });
}

}  // namespace

TEST_CASE("the client asks and reads like one", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client client(server);
  const weir::testing::Answer answer = client.get("/users/7");
  CHECK(answer.status == 200);
  CHECK(answer.reason == "OK");
  CHECK(answer.body == "7");
  CHECK(answer.header("content-length") == "1");
  CHECK(answer.header("CONTENT-LENGTH") == "1");
  CHECK(answer.has_header("Date"));
  CHECK_FALSE(answer.has_header("X-None"));
  CHECK(answer.header("X-None").empty());
  CHECK(answer.raw.substr(0, 15) == "HTTP/1.1 200 OK");

  const weir::testing::Answer echo = client.post("/echo", "body", {{"Content-Type", "a/b"}});
  CHECK(echo.body == "body");
  CHECK(echo.header("X-Type") == "a/b");
  const weir::testing::Answer head = client.head("/big");
  CHECK(head.body.empty());
  CHECK(head.header("Content-Length") == "300000");
  CHECK(client.request("DELETE", "/").status == 405);
  CHECK(client.get("/", {{"Host", "other"}}).status == 200);
  CHECK(client.connections() == 1);
}

TEST_CASE("the first connection is opened anew when the server has closed it", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client client(server);
  CHECK(client.get("/", {{"Connection", "close"}}).header("Connection") == "close");
  CHECK(client.is_closed());
  CHECK(client.connections() == 0);
  CHECK(client.get("/").status == 200);
  CHECK(client.connections() == 1);
}

TEST_CASE("other connections stand beside the first", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client client(server);
  {
    weir::testing::Connection second = client.connect();
    CHECK(second.get("/").body == "now");
    CHECK(client.connections() == 2);
    weir::testing::Connection moved = std::move(second);
    CHECK(moved.get("/").body == "now");
    moved = client.connect();
    CHECK(client.connections() == 2);
    CHECK(moved.get("/").body == "now");
  }
  CHECK(client.connections() == 1);
}

TEST_CASE("a connection may outlive its client", "[testing]") {
  weir::Server server;
  add_routes(server);
  std::unique_ptr<weir::testing::Connection> connection;
  {
    weir::testing::Client client(server);
    connection = std::make_unique<weir::testing::Connection>(client.connect());
  }
  CHECK(connection->get("/").body == "now");
}

TEST_CASE("clients of one server are worlds of their own", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client one(server);
  weir::testing::Client other(server);
  CHECK(one.get("/").body == "now");
  CHECK(other.get("/").body == "now");
  one.advance(16s);
  CHECK(one.connections() == 0);
  CHECK(other.connections() == 1);
}

TEST_CASE("a request in pieces of any size is the same request", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client client(server);
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Type: x\r\nContent-Length: 4\r\n\r\nbody";
  for (const std::size_t piece : {1U, 2U, 7U}) {
    for (std::size_t at = 0; at < request.size(); at += piece)
      client.send_raw(std::string_view(request).substr(at, piece));
    CHECK(client.receive().body == "body");
  }
  client.connection().set_largest_io(1);
  client.send_raw(request + request);
  CHECK(client.receive().body == "body");
  CHECK(client.receive().body == "body");
}

TEST_CASE("a window holds the server's answers back", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client client(server);
  client.connection().set_window(1'000);
  client.send_raw(get("/big"));
  CHECK(client.receive_raw().size() == 1'000);
  CHECK(client.receive_raw().size() == 1'000);
  client.connection().set_window(300'000);
  client.settle();
  CHECK(client.receive_raw().size() > 290'000);
  client.connection().set_window(10);
  CHECK(client.get("/big").body.size() == 300'000);
}

TEST_CASE("the clock stands still until it is moved", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client client(server);
  client.send_raw("GET / HTTP/1.1\r\n");
  client.settle();
  CHECK(client.receive_raw().empty());
  client.advance(9s);
  CHECK(client.receive_raw().empty());
  client.advance(2s);
  CHECK(client.receive().status == 408);
}

TEST_CASE("ends of a connection can be told apart", "[testing]") {
  weir::Server server;
  add_routes(server);
  server.get("/abort", [](const weir::Request&, weir::Response& res) { res.stream().abort(); });
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  SECTION("closed by the server after a half-close") {
    connection.half_close();
    CHECK(connection.is_closed());
    CHECK_FALSE(connection.was_reset());
  }
  SECTION("reset by the server") {
    connection.send_raw(get("/abort"));
    CHECK(connection.was_reset());
    CHECK(connection.has_ended());
  }
  SECTION("lingering: ended, not closed yet") {
    connection.send_raw("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\nabc");
    CHECK(connection.receive().status == 413);
    CHECK(connection.has_ended());
    CHECK_FALSE(connection.is_closed());
    client.advance(3s);
    CHECK(connection.is_closed());
  }
}

TEST_CASE("receive() throws when no complete answer can come", "[testing]") {
  weir::Server server;
  add_routes(server);
  weir::testing::Client client(server);
  SECTION("in time") {
    client.set_patience(20ms);
    client.send_raw("GET /");
    CHECK_THROWS_AS(client.receive(), std::runtime_error);
  }
  SECTION("because the connection ended") {
    client.half_close();
    CHECK_THROWS_AS(client.receive(), std::runtime_error);
  }
}

TEST_CASE("wait_for() turns the loop until another thread has done its part", "[testing]") {
  weir::Server server;
  std::promise<void> go;
  server.get("/slow", weir::blocking([&] {
               go.get_future().wait();
               return "done";
             }));
  weir::testing::Client client(server);
  client.send_raw(get("/slow"));
  CHECK(client.receive_raw().empty());
  std::thread releaser([&] { go.set_value(); });
  CHECK(client.receive().body == "done");
  releaser.join();
  int turns = 0;
  CHECK(client.wait_for([&] { return ++turns > 3; }));
  client.set_patience(5ms);
  CHECK_FALSE(client.wait_for([] { return false; }));
}

// ── The worker pool, as a handler sees it ────────────────────────────────────────────────────────

namespace {

/// A server with one worker, which the handlers of /hold keep busy until release().
struct Held {
  explicit Held(weir::Options options = {}) : server(one_worker(std::move(options))) {
    server.get("/hold", weir::blocking([this] {
                 ++holding;
                 released.wait();
                 return "held";
               }));
    server.get("/pooled", weir::blocking([this] {
                 ++ran;
                 return "pooled";
               }));
    server.get("/", [] { return "now"; });
  }
  ~Held() { release(); }

  static weir::Options one_worker(weir::Options options) {
    options.workers = 1;
    return options;
  }
  void release() {
    if (!is_released) gate.set_value();
    is_released = true;
  }

  std::promise<void> gate;
  std::shared_future<void> released = gate.get_future().share();
  bool is_released = false;
  std::atomic<int> holding{0};
  std::atomic<int> ran{0};
  weir::Server server;
};

}  // namespace

TEST_CASE("a full queue is answered 503 with Retry-After, at once", "[pool]") {
  weir::Options options;
  options.worker_queue = 1;
  Held h(options);
  weir::testing::Client client(h.server);
  weir::testing::Connection holder = client.connect();
  holder.send_raw(get("/hold"));
  REQUIRE(client.wait_for([&] { return h.holding == 1; }));
  weir::testing::Connection waiter = client.connect();
  waiter.send_raw(get("/pooled"));
  const weir::testing::Answer full = client.get("/pooled");
  CHECK(full.status == 503);
  CHECK(full.has_header("Retry-After"));
  CHECK(client.get("/").body == "now");  // the loop is free
  h.release();
  CHECK(holder.receive().body == "held");
  CHECK(waiter.receive().body == "pooled");
  CHECK(h.ran == 1);
  CHECK(client.get("/pooled").body == "pooled");
}

TEST_CASE("what comes at once is handed over in batches, and each request keeps its place",
          "[pool]") {
  constexpr std::size_t kClients = 40;  // two whole batches and a part of one
  weir::Options options;
  options.worker_queue = GENERATE(std::size_t{1024}, std::size_t{20});
  Held h(options);
  weir::testing::Client client(h.server);
  weir::testing::Connection holder = client.connect();
  holder.send_raw(get("/hold"));
  REQUIRE(client.wait_for([&] { return h.holding == 1; }));
  std::vector<weir::testing::Connection> waiters;
  for (std::size_t i = 0; i < kClients; ++i) {
    waiters.push_back(client.connect());
    waiters.back().send_raw(get("/pooled"));
  }
  CHECK(client.get("/").body == "now");
  h.release();
  std::size_t pooled = 0;
  std::size_t refused = 0;
  for (weir::testing::Connection& waiter : waiters) {
    const weir::testing::Answer answer = waiter.receive();
    if (answer.status == 503)
      ++refused;
    else if (answer.body == "pooled")
      ++pooled;
  }
  CHECK(pooled == std::min(kClients, options.worker_queue));
  CHECK(pooled + refused == kClients);
  CHECK(h.ran == static_cast<int>(pooled));
}

TEST_CASE("a request that waited too long for a worker is answered 503 and never run", "[pool]") {
  weir::Options options;
  SECTION("by the pool") {
    options.worker_wait = 5s;
    options.handler_timeout = 60s;
  }
  SECTION("by the handler's time-out") {
    options.worker_wait = 0s;
    options.handler_timeout = 5s;
  }
  SECTION("by both, which count once") {
    options.worker_wait = 5s;
    options.handler_timeout = 1s;
  }
  Held h(options);
  weir::testing::Client client(h.server);
  weir::testing::Connection holder = client.connect();
  holder.send_raw(get("/hold"));
  REQUIRE(client.wait_for([&] { return h.holding == 1; }));
  client.send_raw(get("/pooled"));
  client.advance(6s);
  h.release();
  const weir::testing::Answer answer = client.receive();
  CHECK(answer.status == 503);
  CHECK(client.get("/pooled").body == "pooled");
  CHECK(h.ran == 1);
  CHECK(client.counters()[weir::Counter::worker_wait_timeouts] == 1);
}

TEST_CASE("a handler that has begun and takes too long is answered 504", "[pool]") {
  Held h;
  weir::testing::Client client(h.server);
  client.send_raw(get("/hold"));
  REQUIRE(client.wait_for([&] { return h.holding == 1; }));
  client.advance(31s);
  CHECK(client.receive().status == 504);
  h.release();
  client.settle();
  CHECK(client.receive_raw().empty());  // its answer comes too late
  CHECK(client.get("/pooled").body == "pooled");
}

TEST_CASE("a request whose client vanished while it waited is not run", "[pool]") {
  Held h;
  weir::testing::Client client(h.server);
  weir::testing::Connection holder = client.connect();
  holder.send_raw(get("/hold"));
  REQUIRE(client.wait_for([&] { return h.holding == 1; }));
  client.send_raw(get("/pooled"));
  client.vanish();
  h.release();
  CHECK(holder.receive().body == "held");
  client.settle();
  CHECK(h.ran == 0);
}

TEST_CASE("exceptions on a worker are answered as on the loop", "[pool]") {
  weir::log::set_level(weir::log::Level::off);
  weir::Server server;
  server.get("/throw", weir::blocking([](const weir::Request&, weir::Response& res) {
               res.text("half an answer");
               throw std::runtime_error("x");
             }));
  server.get("/http", weir::blocking([](const weir::Request&) -> std::string {
               throw weir::HttpError(weir::Status::conflict, "taken");
             }));
  server.get("/int", weir::blocking([](const weir::Request&) -> std::string { throw 1; }));
  weir::testing::Client client(server);
  CHECK(client.get("/throw").status == 500);
  const weir::testing::Answer conflict = client.get("/http");
  CHECK(conflict.status == 409);
  CHECK(conflict.body.find("taken") != std::string::npos);
  CHECK(client.get("/int").status == 500);
  weir::log::set_level(weir::log::Level::warning);
}
