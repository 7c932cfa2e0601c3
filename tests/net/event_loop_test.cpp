// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <weir/net/event_loop.hpp>

#include "../support/fake_sys.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using weir::net::EventLoop;
using weir::net::EventSink;
using weir::net::FakeClock;
using weir::net::Fd;
using weir::net::Timer;
using weir::net::UniqueFunction;
using weir::test::FakeSys;

namespace {

constexpr milliseconds kForEver = milliseconds::max();  // a loop that wrongly waits hangs the test

struct Sink final : EventSink {
  void on_event(std::uint64_t token, std::uint32_t events) override {
    seen.emplace_back(token, events);
    if (event) event(token, events);
  }
  bool on_turn() override {
    ++turns;
    return turn ? turn() : false;
  }
  std::vector<std::pair<std::uint64_t, std::uint32_t>> seen;
  int turns = 0;
  UniqueFunction<void(std::uint64_t, std::uint32_t)> event;
  UniqueFunction<bool()> turn;
};

struct Fixture {
  FakeSys::Scope scope;
  FakeClock clock;
  Sink sink;
  EventLoop loop{sink, clock};
};

struct Pair {
  Pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
  }
  void say() { REQUIRE(::write(theirs.get(), "x", 1) == 1); }
  Fd ours;
  Fd theirs;
};

EventLoop* signalled = nullptr;

}  // namespace

TEST_CASE_METHOD(Fixture, "events come with their token, edge or level as asked", "[net][loop]") {
  Pair edge;
  Pair level;
  REQUIRE_FALSE(loop.add(edge.ours.get(), EPOLLIN | EPOLLET, 1));
  REQUIRE_FALSE(loop.add(level.ours.get(), EPOLLIN, 2));
  edge.say();
  level.say();
  loop.turn(kForEver);
  CHECK(sink.seen.size() == 2);
  sink.seen.clear();
  loop.turn(kForEver);
  REQUIRE(sink.seen.size() == 1);
  CHECK(sink.seen[0].first == 2);
  CHECK(sink.seen[0].second == EPOLLIN);

  sink.seen.clear();
  REQUIRE_FALSE(loop.modify(level.ours.get(), EPOLLOUT, 3));
  loop.turn(kForEver);
  REQUIRE(sink.seen.size() == 1);
  CHECK(sink.seen[0].first == 3);

  sink.seen.clear();
  loop.remove(level.ours.get());
  loop.remove(level.ours.get());
  loop.turn(0ms);
  CHECK(sink.seen.empty());
  CHECK(loop.add(-1, EPOLLIN, 4) == std::errc::bad_file_descriptor);
}

TEST_CASE_METHOD(Fixture, "a turn of events alone makes one system call", "[net][loop]") {
  Pair pair;
  REQUIRE_FALSE(loop.add(pair.ours.get(), EPOLLIN, 1));
  pair.say();
  const auto before = FakeSys::count("epoll_ctl");
  for (int i = 0; i < 10; ++i) loop.turn(kForEver);
  CHECK(FakeSys::count("epoll_wait") == 10);
  CHECK(FakeSys::count("epoll_ctl") == before);
  CHECK(FakeSys::count("eventfd_read") == 0);
  CHECK(FakeSys::count("eventfd_write") == 0);
  CHECK(loop.turns() == 10);
}

TEST_CASE_METHOD(Fixture, "a task posted by a task or an event runs the next turn", "[net][loop]") {
  std::string order;
  loop.post([&] {
    order += 'a';
    loop.post([&] { order += 'c'; });
  });
  loop.post([&] { order += 'b'; });
  loop.inject(1, EPOLLIN);
  sink.event = [&](std::uint64_t, std::uint32_t) { loop.post([&] { order += 'd'; }); };
  loop.turn(kForEver);
  CHECK(order == "ab");
  loop.turn(kForEver);
  CHECK(order == "abdc");
  CHECK(FakeSys::count("eventfd_write") == 0);
}

TEST_CASE_METHOD(Fixture, "an injected event is delivered in the next turn", "[net][loop]") {
  sink.event = [&](std::uint64_t token, std::uint32_t) {
    if (token < 9) loop.inject(token + 1, EPOLLOUT);
  };
  loop.inject(7, EPOLLIN | EPOLLRDHUP);
  loop.turn(kForEver);
  REQUIRE(sink.seen.size() == 1);
  CHECK(sink.seen[0].first == 7);
  CHECK(sink.seen[0].second == (EPOLLIN | EPOLLRDHUP));
  loop.turn(kForEver);
  CHECK(sink.seen.size() == 2);
  loop.turn(kForEver);
  CHECK(sink.seen.size() == 3);
  loop.turn(0ms);
  CHECK(sink.seen.size() == 3);
}

TEST_CASE_METHOD(Fixture, "the end of a turn comes after all else and keeps the loop awake",
                 "[net][loop]") {
  std::string order;
  struct Note : Timer {
    explicit Note(std::string& to)
        : Timer([](Timer& timer) { static_cast<Note&>(timer).order += 't'; }), order(to) {}
    std::string& order;
  } note(order);
  loop.timers().arm(note, 10ms);
  clock.advance(10ms);
  loop.post([&] { order += 'p'; });
  loop.inject(1, 0);
  sink.event = [&](std::uint64_t, std::uint32_t) { order += 'e'; };
  sink.turn = [&] {
    order += 'o';
    return sink.turns < 3;
  };
  loop.turn(kForEver);
  CHECK(order == "epto");
  loop.turn(kForEver);
  loop.turn(kForEver);
  CHECK(order == "eptooo");
}

TEST_CASE_METHOD(Fixture, "timers follow the loop's clock", "[net][loop]") {
  struct Count : Timer {
    Count() : Timer([](Timer& timer) { ++static_cast<Count&>(timer).fired; }) {}
    int fired = 0;
  } timer;
  clock.advance(1h);
  loop.turn(0ms);
  CHECK(loop.now() == clock.now());
  loop.timers().arm(timer, 1s);
  clock.advance(999ms);
  loop.turn(0ms);
  CHECK(timer.fired == 0);
  clock.advance(1ms);
  loop.turn(kForEver);  // due by the fake clock: no wait
  CHECK(timer.fired == 1);
}

TEST_CASE("the calendar is looked up at most once in its period", "[net][loop]") {
  struct CountingClock final : weir::net::Clock {
    TimePoint now() noexcept override { return time; }
    std::int64_t unix_seconds() noexcept override { return ++lookups; }
    TimePoint time{};
    int lookups = 0;
  } clock;
  Sink sink;
  EventLoop loop(sink, clock);
  loop.turn(0ms);
  CHECK(clock.lookups == 0);
  CHECK(loop.unix_seconds() == 1);
  CHECK(loop.unix_seconds() == 1);
  clock.time += EventLoop::kCalendarPeriod - 1ms;
  loop.turn(0ms);
  CHECK(loop.unix_seconds() == 1);
  clock.time += 1ms;
  loop.turn(0ms);
  CHECK(loop.unix_seconds() == 2);
  CHECK(clock.lookups == 2);
}

TEST_CASE_METHOD(Fixture, "an interrupted wait counts the time that has passed", "[net][loop]") {
  Timer timer([](Timer&) {});
  loop.turn(0ms);
  loop.timers().arm(timer, 2s);
  FakeSys::fail("epoll_wait", EINTR);
  clock.advance(1990ms);  // while it waited
  loop.turn(kForEver);
  CHECK(FakeSys::last_wait() <= 10);
}

TEST_CASE_METHOD(Fixture, "a far timer is waited for in parts, a near one to the millisecond",
                 "[net][loop]") {
  struct Case {
    std::chrono::milliseconds due;
    int shortest;
    int longest;
  };
  const Case cases[] = {{50ms, 50, 50}, {600ms, 600, 600}, {1h, 500, 500}, {2s, 400, 500}};
  for (const Case& c : cases) {
    INFO(c.due.count());
    Timer timer([](Timer&) {});
    const FakeSys::Scope cleared;
    loop.timers().arm(timer, c.due);
    FakeSys::fail("epoll_wait", EBADF);
    CHECK_THROWS_AS(loop.turn(kForEver), std::system_error);
    CHECK(FakeSys::last_wait() >= c.shortest);
    CHECK(FakeSys::last_wait() <= c.longest);
  }
}

TEST_CASE_METHOD(Fixture, "a stop before run makes it return at once", "[net][loop]") {
  const auto alive = std::make_shared<int>(0);
  loop.post([alive] { FAIL(); });
  loop.stop();
  loop.stop();
  loop.run();
  CHECK(sink.turns == 0);
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(loop.post([alive] { FAIL(); }));
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(loop.in_loop_thread());
}

TEST_CASE_METHOD(Fixture, "a mailbox outlives its loop", "[net][loop]") {
  std::shared_ptr<weir::net::Mailbox> mailbox;
  const auto alive = std::make_shared<int>(0);
  {
    EventLoop brief(sink, clock);
    mailbox = brief.mailbox();
    CHECK(mailbox->post([alive] { FAIL(); }));
  }
  CHECK(alive.use_count() == 1);
  CHECK_FALSE(mailbox->post([alive] { FAIL(); }));
}

TEST_CASE("another thread posts to a waiting loop and stops it", "[net][loop]") {
  Sink sink;
  EventLoop loop(sink);
  std::thread runner([&] { loop.run(); });
  while (!loop.waiting()) std::this_thread::yield();
  std::promise<bool> here;
  CHECK_FALSE(loop.in_loop_thread());
  CHECK(loop.run_in_loop([&] {
    bool at_once = false;
    loop.run_in_loop([&] { at_once = loop.in_loop_thread(); });
    here.set_value(at_once);
  }));
  CHECK(here.get_future().get());
  while (!loop.waiting()) std::this_thread::yield();
  const auto turns = loop.turns();
  CHECK(turns >= 1);
  loop.stop();
  runner.join();
  CHECK_FALSE(loop.waiting());
  CHECK(loop.stopped());
}

TEST_CASE("tasks of many threads all run, each thread's in order", "[net][loop]") {
  constexpr int kThreads = 4;
  constexpr int kTasks = 3000;
  Sink sink;
  EventLoop loop(sink);
  int next[kThreads] = {};
  int runs = 0;
  int disorder = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i)
        loop.post([&, t, i] {
          if (next[t]++ != i) ++disorder;
          if (++runs == kThreads * kTasks) loop.stop();
        });
    });
  loop.run();
  for (std::thread& thread : threads) thread.join();
  CHECK(runs == kThreads * kTasks);
  CHECK(disorder == 0);
}

TEST_CASE("posts that race with the end run or are destroyed, never kept", "[net][loop]") {
  for (int round = 0; round < 50; ++round) {
    const auto alive = std::make_shared<int>(0);
    {
      Sink sink;
      EventLoop loop(sink);
      std::thread poster([mailbox = loop.mailbox(), alive] {
        while (mailbox->post([alive] {})) {
        }
      });
      std::thread stopper([&loop] { loop.stop(); });
      loop.run();
      stopper.join();
      poster.join();
    }
    REQUIRE(alive.use_count() == 1);
  }
}

TEST_CASE("a signal handler stops the loop", "[net][loop]") {
  Sink sink;
  EventLoop loop(sink);
  signalled = &loop;
  struct sigaction action {};
  struct sigaction old {};
  action.sa_handler = [](int) { signalled->stop(); };
  ::sigaction(SIGUSR1, &action, &old);
  const pthread_t runner = ::pthread_self();
  std::thread sender([&] {
    while (!loop.waiting()) std::this_thread::yield();
    ::pthread_kill(runner, SIGUSR1);
  });
  loop.run();
  sender.join();
  ::sigaction(SIGUSR1, &old, nullptr);
  CHECK(loop.stopped());
}

TEST_CASE_METHOD(Fixture, "an interrupted wait goes on, a broken one is reported", "[net][loop]") {
  FakeSys::fail("epoll_wait", EINTR, 3);
  loop.turn(0ms);
  CHECK(FakeSys::count("epoll_wait") == 4);
  FakeSys::fail("epoll_wait", EBADF);
  CHECK_THROWS_WITH(loop.turn(0ms), "epoll_wait: Bad file descriptor");
  FakeSys::fail("epoll_wait", EBADF);
  CHECK_THROWS_AS(loop.run(), std::system_error);
  CHECK_FALSE(loop.post([] {}));
}

TEST_CASE_METHOD(Fixture, "a loop that cannot be made says why", "[net][loop]") {
  FakeSys::fail("epoll_create1", EMFILE);
  CHECK_THROWS_WITH(EventLoop(sink), "epoll_create1: Too many open files");
  FakeSys::fail("epoll_ctl", ENOSPC);
  CHECK_THROWS_WITH(EventLoop(sink), "epoll_ctl eventfd: No space left on device");
}

TEST_CASE_METHOD(Fixture, "tasks behind one that throws run the next turn", "[net][loop]") {
  std::string order;
  loop.post([] { throw std::runtime_error("task"); });
  loop.post([&] { order += 'a'; });
  CHECK_THROWS_WITH(loop.turn(0ms), "task");
  loop.post([&] { order += 'b'; });
  loop.turn(kForEver);
  CHECK(order == "a");
  loop.turn(kForEver);
  CHECK(order == "ab");
}

#ifdef WEIR_CHECKED
TEST_CASE("a call from a wrong thread aborts in checked builds", "[net][loop]") {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDERR_FILENO);
    ::signal(SIGABRT, SIG_DFL);
    Sink sink;
    EventLoop loop(sink);
    loop.turn(0ms);
    std::thread([&] { loop.remove(0); }).join();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
}
#endif
