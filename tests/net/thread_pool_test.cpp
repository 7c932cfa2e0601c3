// SPDX-License-Identifier: MIT
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <weir/net/thread_pool.hpp>

using namespace std::chrono_literals;
using weir::net::FakeClock;
using weir::net::ThreadPool;
using Submit = ThreadPool::Submit;
using Finish = ThreadPool::Finish;

namespace {

ThreadPool::Options options(std::size_t threads, std::size_t capacity = 1024) {
  ThreadPool::Options result;
  result.threads = threads;
  result.queue_capacity = capacity;
  return result;
}

// Keeps a worker busy until it is opened.
class Gate {
 public:
  explicit Gate(ThreadPool& pool) {
    std::promise<void> entered;
    auto inside = entered.get_future();
    REQUIRE(pool.submit([entered = std::move(entered), opened = opened_]() mutable {
      entered.set_value();
      opened.wait();
    }) == Submit::accepted);
    inside.wait();
  }
  void open() { open_.set_value(); }

 private:
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

struct WhereDestroyed {
  explicit WhereDestroyed(std::thread::id& to) : where(&to) {}
  WhereDestroyed(WhereDestroyed&& other) noexcept : where(std::exchange(other.where, nullptr)) {}
  ~WhereDestroyed() {
    if (where != nullptr) *where = std::this_thread::get_id();
  }
  std::thread::id* where;
};

}  // namespace

TEST_CASE("a drained pool has run everything", "[net][thread_pool]") {
  std::atomic<int> runs{0};
  ThreadPool pool(options(4, 5000));
  CHECK(pool.threads() == 4);
  for (int i = 0; i < 5000; ++i) REQUIRE(pool.submit([&] { ++runs; }) == Submit::accepted);
  pool.stop(Finish::drain);
  CHECK(runs == 5000);
  CHECK(pool.queued() == 0);
  CHECK(pool.running() == 0);
  CHECK(pool.submit([] {}) == Submit::stopped);
}

TEST_CASE("no worker sleeps while a task waits", "[net][thread_pool]") {
  // A batch of tasks that each wait for all of the others: every worker must have been woken.
  constexpr int kWorkers = 4;
  ThreadPool pool(options(kWorkers));
  std::mutex mutex;
  std::condition_variable changed;
  for (int round = 0; round < 500; ++round) {
    int met = 0;
    int left = 0;
    bool all = true;
    for (int i = 0; i < kWorkers; ++i) {
      REQUIRE(pool.submit([&] {
        std::unique_lock<std::mutex> lock(mutex);
        ++met;
        changed.notify_all();
        if (!changed.wait_for(lock, 20s, [&] { return met == kWorkers; })) all = false;
        ++left;
        changed.notify_all();
      }) == Submit::accepted);
    }
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return left == kWorkers; });
    REQUIRE(all);
  }
}

TEST_CASE("one worker runs tasks in the order of their submission", "[net][thread_pool]") {
  ThreadPool pool(options(1, 100));
  std::vector<int> order;
  for (int round = 0; round < 3; ++round) {  // the queue's ring turns and grows
    Gate gate(pool);
    CHECK(pool.running() == 1);
    for (int i = 0; i < 20 * (round + 1); ++i)
      REQUIRE(pool.submit([&order, i] { order.push_back(i); }) == Submit::accepted);
    CHECK(pool.queued() == static_cast<std::size_t>(20 * (round + 1)));
    gate.open();
    Gate(pool).open();
    for (int i = 0; i < 20 * (round + 1); ++i) REQUIRE(order[static_cast<std::size_t>(i)] == i);
    order.clear();
  }
}

TEST_CASE("a full pool refuses, and the caller's thread destroys the task", "[net][thread_pool]") {
  ThreadPool pool(options(1, 2));
  Gate gate(pool);
  CHECK(pool.submit([] {}) == Submit::accepted);
  CHECK(pool.submit([] {}) == Submit::accepted);
  std::thread::id where;
  CHECK(pool.submit([guard = WhereDestroyed(where)] { FAIL(); }) == Submit::full);
  CHECK(where == std::this_thread::get_id());
  gate.open();
  CHECK(ThreadPool(options(1, 0)).submit([] {}) == Submit::full);
}

TEST_CASE("a batch is taken from its front, as far as there is room", "[net][thread_pool]") {
  std::vector<int> run;  // by the only worker
  {
    ThreadPool pool(options(1, 3));
    Gate gate(pool);
    CHECK(pool.submit([&run] { run.push_back(0); }) == Submit::accepted);
    ThreadPool::Job jobs[4];
    for (int i = 1; i <= 4; ++i) jobs[i - 1] = [&run, i](ThreadPool::Fate) { run.push_back(i); };
    CHECK(pool.submit(jobs, 4) == 2);
    CHECK_FALSE(static_cast<bool>(jobs[0]));
    CHECK_FALSE(static_cast<bool>(jobs[1]));
    CHECK(static_cast<bool>(jobs[2]));
    CHECK(pool.queued() == 3);
    CHECK(pool.submit(jobs + 2, 2) == 0);
    gate.open();
    pool.stop(Finish::drain);
    CHECK(pool.submit(jobs + 2, 2) == 0);
    CHECK(pool.submit(jobs + 2, 0) == 0);
  }
  CHECK(run == std::vector<int>{0, 1, 2});
}

TEST_CASE("each of a batch expires by itself", "[net][thread_pool]") {
  FakeClock clock;
  ThreadPool::Options limited = options(1);
  limited.max_wait = 10ms;
  ThreadPool pool(limited, clock);
  std::vector<std::string> done;
  {
    Gate gate(pool);
    ThreadPool::Job jobs[2];
    for (ThreadPool::Job& job : jobs)
      job = [&done](ThreadPool::Fate fate) {
        done.emplace_back(fate == ThreadPool::Fate::run ? "run" : "expired");
      };
    CHECK(pool.submit(jobs, 1) == 1);
    clock.advance(11ms);
    CHECK(pool.submit(jobs + 1, 1) == 1);
    gate.open();
  }
  pool.stop(Finish::drain);
  CHECK(done == std::vector<std::string>{"expired", "run"});
}

TEST_CASE("each worker has a number of its own", "[net][thread_pool]") {
  constexpr std::size_t kWorkers = 3;
  ThreadPool pool(options(kWorkers));
  std::atomic<int> seen[kWorkers]{};
  std::atomic<std::size_t> running{0};
  for (std::size_t i = 0; i < kWorkers; ++i)
    pool.submit([&] {
      seen[ThreadPool::worker()].fetch_add(1);
      running.fetch_add(1);
      while (running.load() < kWorkers) std::this_thread::yield();  // so that each runs one
    });
  pool.stop(Finish::drain);
  for (const auto& count : seen) CHECK(count.load() == 1);
}

TEST_CASE("a pool is idle when nothing runs or waits", "[net][thread_pool]") {
  ThreadPool pool(options(1));
  CHECK(pool.wait_idle(0ms));
  bool done = false;
  {
    Gate gate(pool);
    CHECK(pool.submit([&done] { done = true; }) == Submit::accepted);
    CHECK_FALSE(pool.wait_idle(1ms));
    gate.open();
  }
  CHECK(pool.wait_idle(10s));
  CHECK(done);
}

TEST_CASE("a dropped queue is destroyed unrun by who stops", "[net][thread_pool]") {
  ThreadPool pool(options(1));
  Gate gate(pool);
  std::thread::id where;
  const auto alive = std::make_shared<int>(0);
  pool.submit([guard = WhereDestroyed(where), alive] { FAIL(); }, [alive] { FAIL(); });
  CHECK(alive.use_count() == 3);
  std::thread stopper([&] { pool.stop(Finish::drop); });
  const std::thread::id stopper_id = stopper.get_id();
  while (alive.use_count() != 1) std::this_thread::yield();
  gate.open();
  stopper.join();
  CHECK(where == stopper_id);
  pool.stop(Finish::drop);
  pool.stop(Finish::drain);
}

TEST_CASE("a drop cuts a drain short", "[net][thread_pool]") {
  ThreadPool pool(options(1));
  Gate gate(pool);
  pool.submit([] { FAIL(); });
  std::thread drains([&] { pool.stop(Finish::drain); });
  while (pool.submit([] {}) != Submit::stopped) std::this_thread::yield();
  std::thread drops([&] { pool.stop(Finish::drop); });
  while (pool.queued() != 0) std::this_thread::yield();
  gate.open();
  drains.join();
  drops.join();
}

TEST_CASE("workers may stop their pool and do not wait for themselves", "[net][thread_pool]") {
  for (const Finish finish : {Finish::drain, Finish::drop}) {
    ThreadPool pool(options(3));
    std::atomic<int> stops{0};
    for (int i = 0; i < 3; ++i)
      pool.submit([&] {
        pool.stop(finish);
        ++stops;
      });
    while (pool.submit([] {}) != Submit::stopped) std::this_thread::yield();
    pool.stop(Finish::drain);
    CHECK(stops >= 1);
  }
}

TEST_CASE("a task may destroy its pool", "[net][thread_pool]") {
  auto pool = std::make_unique<ThreadPool>(options(2));
  ThreadPool& ref = *pool;
  std::promise<void> done;
  auto finished = done.get_future();
  ref.submit([pool = std::move(pool), done = std::move(done)]() mutable {
    pool.reset();
    done.set_value();
  });
  finished.wait();
}

TEST_CASE("a task that has waited too long expires", "[net][thread_pool]") {
  FakeClock clock;
  ThreadPool::Options limited = options(1);
  limited.max_wait = 1s;
  ThreadPool pool(limited, clock);
  std::string order;
  {
    Gate gate(pool);
    pool.submit([&] { order += 'a'; }, [&] { order += 'A'; });
    pool.submit([&] { order += 'b'; });  // nothing to run when it expires
    clock.advance(1ms);
    pool.submit([&] { order += 'c'; }, [&] { order += 'C'; });
    clock.advance(1s);
    gate.open();
  }
  pool.stop(Finish::drain);
  CHECK(order == "Ac");  // c has waited as long as it may, not longer
  CHECK(pool.expired() == 2);
}

TEST_CASE("what a task throws is counted and handed on", "[net][thread_pool]") {
  ThreadPool pool(options(2));
  std::string caught;
  pool.on_exception([&](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      caught += e.what();
    }
    throw std::runtime_error("the handler too");
  });
  for (int i = 0; i < 3; ++i) pool.submit([] { throw std::runtime_error("x"); });
  bool ran = false;
  pool.submit([&] { ran = true; });
  pool.stop(Finish::drain);
  CHECK(caught == "xxx");
  CHECK(ran);
  CHECK(pool.exceptions() == 6);
}

TEST_CASE("workers block signals, the thread that made them does not", "[net][thread_pool]") {
  ThreadPool pool(options(1));
  std::promise<bool> blocked;
  pool.submit([&] {
    sigset_t set;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &set);
    blocked.set_value(::sigismember(&set, SIGTERM) == 1 && ::sigismember(&set, SIGPIPE) == 1);
  });
  CHECK(blocked.get_future().get());
  sigset_t set;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &set);
  CHECK(::sigismember(&set, SIGTERM) == 0);
}

TEST_CASE("many threads submit at once", "[net][thread_pool]") {
  std::atomic<int> runs{0};
  std::atomic<int> accepted{0};
  ThreadPool pool(options(3, 64));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i)
        if (pool.submit([&] { ++runs; }) == Submit::accepted) ++accepted;
    });
  for (std::thread& thread : threads) thread.join();
  pool.stop(Finish::drain);
  CHECK(runs == accepted);
}
