// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <weir/net/async.hpp>

using weir::net::async;
using weir::net::Error;
using weir::net::ThreadPool;

namespace {
ThreadPool::Options one_worker(std::size_t capacity) {
  ThreadPool::Options options;
  options.threads = 1;
  options.queue_capacity = capacity;
  return options;
}
}  // namespace

TEST_CASE("a future carries a task's result or what it threw", "[net][async]") {
  ThreadPool pool(one_worker(8));
  CHECK(async(pool, [] { return std::string("done"); }).get() == "done");
  CHECK(*async(pool, [p = std::make_unique<int>(7)]() mutable { return std::move(p); }).get() == 7);
  async(pool, [] {}).get();
  auto failed = async(pool, []() -> int { throw std::runtime_error("broke"); });
  // The worker lets go first: TSan does not see the exception's count, which libstdc++.so keeps.
  pool.stop(ThreadPool::Finish::drain);
  CHECK_THROWS_WITH(failed.get(), "broke");
  CHECK(pool.exceptions() == 0);
}

TEST_CASE("a pool that takes no task says why, and a dropped task breaks its promise",
          "[net][async]") {
  ThreadPool pool(one_worker(1));
  std::promise<void> open;
  std::promise<void> entered;
  auto blocker = async(pool, [&] {
    entered.set_value();
    open.get_future().wait();
  });
  entered.get_future().wait();
  auto waiting = async(pool, [] { return 1; });
  const auto code_of = [&pool] {
    try {
      async(pool, [] {});
    } catch (const std::system_error& error) {
      return error.code();
    }
    return std::error_code();
  };
  CHECK(code_of() == Error::pool_full);
  std::thread stopper([&] { pool.stop(ThreadPool::Finish::drop); });
  CHECK_THROWS_AS(waiting.get(), std::future_error);
  CHECK(code_of() == Error::pool_stopped);
  open.set_value();
  stopper.join();
  blocker.get();
}
