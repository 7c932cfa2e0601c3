// SPDX-License-Identifier: MIT
// From a loop to the pool and back. Processor time is that of all threads of the process; a
// wake-up is a thread that went to sleep and was woken (a voluntary context switch).
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <utility>
#include <weir/net/event_loop.hpp>
#include <weir/net/thread_pool.hpp>

using weir::net::EventLoop;
using weir::net::Mailbox;
using weir::net::ThreadPool;

namespace {

struct NoSink final : weir::net::EventSink {
  void on_event(std::uint64_t, std::uint32_t) override {}
  bool on_turn() override { return false; }
};

struct Spent {
  double cpu_ns = 0;
  double wake_ups = 0;

  static Spent now() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return {1e9 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec),
            static_cast<double>(usage.ru_nvcsw)};
  }
};

/// Tasks that do nothing on the pool and come back to the loop, as a blocking handler does.
class HandOver {
 public:
  explicit HandOver(std::size_t workers) : pool_(options(workers)) {}
  ~HandOver() { pool_.stop(ThreadPool::Finish::drain); }

  void submit() {
    const auto accepted =
        pool_.submit([mailbox = loop_.mailbox(), this] { mailbox->post([this] { ++back_; }); });
    if (accepted != ThreadPool::Submit::accepted) std::abort();
  }

  /// How many are back that had not been counted.
  std::uint64_t collect() {
    while (back_ == 0) loop_.turn(std::chrono::milliseconds(100));
    return std::exchange(back_, 0);
  }

 private:
  static ThreadPool::Options options(std::size_t workers) {
    ThreadPool::Options options;
    options.threads = workers;
    return options;
  }
  NoSink sink_;
  EventLoop loop_{sink_};
  ThreadPool pool_;
  std::uint64_t back_ = 0;
};

void report(benchmark::State& state, const Spent& before, std::uint64_t tasks) {
  const Spent after = Spent::now();
  const double count = static_cast<double>(tasks);
  state.SetItemsProcessed(static_cast<std::int64_t>(tasks));
  state.counters["cpu_ns_per_task"] = (after.cpu_ns - before.cpu_ns) / count;
  state.counters["wake_ups_per_task"] = (after.wake_ups - before.wake_ups) / count;
}

/// `outstanding` tasks at any time: whoever is back goes again.
void BM_Steady(benchmark::State& state) {
  const auto outstanding = static_cast<std::uint64_t>(state.range(0));
  HandOver hand(static_cast<std::size_t>(state.range(1)));
  std::uint64_t tasks = 0;
  std::uint64_t out = 0;
  for (; out < outstanding; ++out) hand.submit();
  const Spent before = Spent::now();
  for (auto _ : state) {
    const std::uint64_t back = hand.collect();
    tasks += back;
    for (std::uint64_t i = 0; i < back; ++i) hand.submit();
  }
  report(state, before, tasks);
  while (out > 0) out -= hand.collect();
}
BENCHMARK(BM_Steady)->ArgsProduct({{1, 64}, {1, 4}})->UseRealTime();

/// A batch at a time, all of it back before the next.
void BM_Batch(benchmark::State& state) {
  const auto batch = static_cast<std::uint64_t>(state.range(0));
  HandOver hand(static_cast<std::size_t>(state.range(1)));
  std::uint64_t tasks = 0;
  const Spent before = Spent::now();
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < batch; ++i) hand.submit();
    for (std::uint64_t back = 0; back < batch;) back += hand.collect();
    tasks += batch;
  }
  report(state, before, tasks);
}
BENCHMARK(BM_Batch)->ArgsProduct({{1, 64}, {1, 4}})->UseRealTime();

}  // namespace
