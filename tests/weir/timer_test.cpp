// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <support/silence.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

using weir::test::Silence;

}  // namespace

TEST_CASE("after() calls once, not before its time", "[timer]") {
  weir::Server server;
  weir::testing::Client client(server);
  int calls = 0;
  server.after(1s, [&] { ++calls; });
  client.settle();
  client.advance(990ms);
  CHECK(calls == 0);
  client.advance(20ms);
  CHECK(calls == 1);
  client.advance(1h);
  CHECK(calls == 1);
}

TEST_CASE("after() with no delay calls soon, also with a negative one", "[timer]") {
  weir::Server server;
  weir::testing::Client client(server);
  int calls = 0;
  server.after(0ms, [&] { ++calls; });
  server.after(-1s, [&] { ++calls; });
  client.advance(20ms);
  CHECK(calls == 2);
  server.after(std::chrono::milliseconds::max(), [&] { ++calls; });
  client.advance(24h);
  CHECK(calls == 2);
}

TEST_CASE("every() calls again and again until it is cancelled", "[timer]") {
  weir::Server server;
  weir::testing::Client client(server);
  int calls = 0;
  weir::TimerHandle timer = server.every(100ms, [&] { ++calls; });
  client.settle();
  for (int i = 0; i < 5; ++i) client.advance(110ms);
  CHECK(calls == 5);
  timer.cancel();
  client.advance(1s);
  CHECK(calls == 5);
  CHECK_THROWS_AS(server.every(0ms, [] {}), std::invalid_argument);
  CHECK_THROWS_AS(server.every(-1ms, [] {}), std::invalid_argument);
}

TEST_CASE("a timer set before the start runs from the start on", "[timer]") {
  weir::Server server;
  int calls = 0;
  server.after(1s, [&] { ++calls; });
  server.every(1s, [&] { ++calls; });
  server.after(1s, [&] { calls += 100; }).cancel();
  weir::testing::Client client(server);
  CHECK(calls == 0);
  client.advance(1100ms);
  CHECK(calls == 2);
  client.advance(1100ms);
  CHECK(calls == 3);
}

TEST_CASE("a timer may be set and cancelled from a handler, a timer or a worker", "[timer]") {
  weir::Server server;
  std::atomic<int> calls{0};
  weir::TimerHandle timer;
  const auto set = [&] {
    timer = server.after(50ms, [&] { ++calls; });
    return weir::Status::ok;
  };
  const auto cancel = [&] {
    timer.cancel();
    return weir::Status::ok;
  };
  server.get("/set", set);
  server.get("/cancel", cancel);
  server.get("/pooled/set", weir::blocking(set));
  server.get("/pooled/cancel", weir::blocking(cancel));
  weir::testing::Client client(server);
  const auto armed = client.timers();
  for (const char* setter : {"/set", "/pooled/set"}) {
    CAPTURE(setter);
    calls = 0;
    CHECK(client.get(setter).status == 200);
    client.settle();
    client.advance(60ms);
    CHECK(calls == 1);
    for (const char* canceller : {"/cancel", "/pooled/cancel"}) {
      CAPTURE(canceller);
      CHECK(client.get(setter).status == 200);
      CHECK(client.get(canceller).status == 200);
      client.settle();
      CHECK(client.timers() == armed);
      client.advance(60ms);
      CHECK(calls == 1);
    }
  }
  SECTION("a timer sets the next") {
    calls = 0;
    server.after(10ms, [&] { server.after(10ms, [&] { ++calls; }); });
    client.settle();
    client.advance(20ms);
    client.advance(20ms);
    CHECK(calls == 1);
  }
  SECTION("a timer cancels itself, once it runs in vain") {
    calls = 0;
    timer = server.every(10ms, [&] {
      ++calls;
      timer.cancel();
    });
    client.settle();
    for (int i = 0; i < 5; ++i) client.advance(20ms);
    CHECK(calls == 1);
    CHECK(client.timers() == armed);
  }
  SECTION("a timer cancels another one due in the same turn") {
    calls = 0;
    weir::TimerHandle other;
    server.after(10ms, [&] {
      ++calls;
      other.cancel();
    });
    other = server.after(10ms, [&] { ++calls; });
    client.settle();
    client.advance(100ms);
    CHECK(calls == 1);
  }
}

TEST_CASE("cancel() may come from another thread, twice, late, and on an empty handle", "[timer]") {
  weir::TimerHandle late;
  int calls = 0;
  {
    weir::Server server;
    weir::testing::Client client(server);
    late = server.after(1h, [&] { ++calls; });
    weir::TimerHandle timer = server.after(10ms, [&] { ++calls; });
    std::thread([timer]() mutable {
      timer.cancel();
      timer.cancel();
    }).join();
    client.settle();
    client.advance(1s);
    weir::TimerHandle fired = server.after(10ms, [&] { calls += 10; });
    client.settle();
    client.advance(20ms);
    fired.cancel();
    client.settle();
  }
  late.cancel();
  CHECK(calls == 10);
  weir::TimerHandle().cancel();
}

TEST_CASE("dropping the handle does not stop a timer", "[timer]") {
  weir::Server server;
  weir::testing::Client client(server);
  int calls = 0;
  {
    const weir::TimerHandle dropped = server.after(10ms, [&] { ++calls; });
  }
  client.settle();
  client.advance(20ms);
  CHECK(calls == 1);
}

TEST_CASE("a timer whose callback throws goes on", "[timer]") {
  const Silence silence;
  weir::Server server;
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  int calls = 0;
  server.every(10ms, [&] {
    ++calls;
    throw std::runtime_error("x");
  });
  client.settle();
  client.advance(20ms);
  client.advance(20ms);
  CHECK(calls == 2);
  CHECK(client.get("/").body == "now");
}

TEST_CASE("the server's end drops timers unrun, with what they hold", "[timer]") {
  auto held = std::make_shared<int>(0);
  int calls = 0;
  SECTION("under the test client") {
    weir::Server server;
    weir::testing::Client client(server);
    server.after(1h, [&calls, held] { ++calls; });
    server.every(1h, [&calls, held] { ++calls; });
    client.settle();
  }
  SECTION("in a server that ran") {
    weir::Options options;
    options.threads = 2;
    weir::Server server(options);
    server.after(1h, [&calls, held] { ++calls; });
    server.listen("127.0.0.1", 0);
    server.start();
    const weir::TimerHandle handle = server.after(1h, [&calls, held] { ++calls; });
    server.stop();
    server.wait();
    CHECK(held.use_count() == 1 + 1);  // the handle's
  }
  SECTION("in a server that never ran") {
    weir::Server server;
    server.after(1h, [&calls, held] { ++calls; });
  }
  CHECK(held.use_count() == 1);
  CHECK(calls == 0);
}

TEST_CASE("timers run on a loop's thread of a server that runs", "[timer]") {
  weir::Options options;
  options.threads = 2;
  weir::Server server(options);
  std::promise<std::thread::id> from_before;
  std::promise<std::thread::id> from_outside;
  std::promise<std::pair<std::thread::id, std::thread::id>> from_timer;
  server.after(1ms, [&] { from_before.set_value(std::this_thread::get_id()); });
  server.listen("127.0.0.1", 0);
  server.start();
  server.after(1ms, [&] {
    from_outside.set_value(std::this_thread::get_id());
    const std::thread::id here = std::this_thread::get_id();
    server.after(1ms, [&, here] { from_timer.set_value({here, std::this_thread::get_id()}); });
  });
  const std::thread::id first = from_before.get_future().get();
  CHECK(first != std::this_thread::get_id());
  CHECK(from_outside.get_future().get() == first);
  const auto both = from_timer.get_future().get();
  CHECK(both.first == both.second);
}

TEST_CASE("threads may set and cancel timers while the server starts and stops", "[timer]") {
  std::atomic<bool> over{false};
  weir::Options options;
  options.threads = 2;
  weir::Server server(options);
  server.listen("127.0.0.1", 0);
  std::atomic<int> set{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      while (!over) {
        weir::TimerHandle timer = server.after(1ms, [&] { ++set; });
        if (set % 2 == 0) timer.cancel();
        std::this_thread::yield();
      }
    });
  for (int i = 0; i < 20; ++i) {
    server.start();
    std::promise<void> ran;
    server.after(1ms, [&] { ran.set_value(); });
    ran.get_future().wait();
    server.stop();
    server.wait();
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
}
