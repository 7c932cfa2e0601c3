// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <condition_variable>
#include <thread>
#include <vector>
#include <weir/net/mutex.hpp>

using weir::net::Mutex;
using weir::net::MutexLock;

namespace {
struct Counter {
  Mutex mutex;
  std::condition_variable changed;
  int value WEIR_GUARDED_BY(mutex) = 0;
};
}  // namespace

TEST_CASE("a lock keeps threads apart and serves a condition variable", "[net][mutex]") {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&counter] {
      for (int j = 0; j < 1000; ++j) {
        MutexLock lock(counter.mutex);
        ++counter.value;
      }
      counter.changed.notify_one();
    });
  {
    MutexLock lock(counter.mutex);
    while (counter.value != 4000) counter.changed.wait(lock.native());
    CHECK(counter.value == 4000);
  }
  for (std::thread& thread : threads) thread.join();
}
