// SPDX-License-Identifier: MIT
// Tasks on their way into a loop: what a post costs, and how many of them share a wake-up.
#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>
#include <weir/net/event_loop.hpp>

using weir::net::EventLoop;
using weir::net::Mailbox;
using weir::net::Task;

namespace {

struct NoSink final : weir::net::EventSink {
  void on_event(std::uint64_t, std::uint32_t) override {}
  bool on_turn() override { return false; }
};

/// Post and take on one thread: the price without anybody else.
void BM_PostAndTake(benchmark::State& state) {
  Mailbox mailbox;
  std::vector<Task> tasks;
  std::uint64_t runs = 0;
  const std::int64_t batch = state.range(0);
  for (auto _ : state) {
    for (std::int64_t i = 0; i < batch; ++i) mailbox.post([&runs] { ++runs; });
    mailbox.take(tasks);
    for (Task& task : tasks) task();
    tasks.clear();
  }
  if (runs != static_cast<std::uint64_t>(state.iterations() * batch))
    state.SkipWithError("a task was lost");
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(BM_PostAndTake)->Arg(1)->Arg(64);

/// A batch is posted to a loop that sleeps on another thread, and all of it has run before the
/// next. `waits_per_batch` counts how often the loop's wait ended: 1 is one wake-up for all.
void BM_PostToSleeper(benchmark::State& state) {
  NoSink sink;
  EventLoop loop(sink);
  std::thread thread([&loop] { loop.run(); });
  const auto batch = static_cast<std::uint64_t>(state.range(0));
  std::atomic<std::uint64_t> runs{0};
  std::uint64_t posted = 0;
  while (!loop.waiting()) std::this_thread::yield();
  const std::uint64_t turns = loop.turns();
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < batch; ++i)
      loop.post([&runs] { runs.fetch_add(1, std::memory_order_relaxed); });
    posted += batch;
    while (runs.load(std::memory_order_relaxed) != posted || !loop.waiting())
      std::this_thread::yield();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(posted));
  state.counters["waits_per_batch"] =
      static_cast<double>(loop.turns() - turns) / static_cast<double>(state.iterations());
  loop.stop();
  loop.post([] {});
  thread.join();
}
BENCHMARK(BM_PostToSleeper)->Arg(1)->Arg(16)->Arg(64)->UseRealTime();

/// Several threads post to one loop without end; an item is a task that ran.
void BM_PostFromThreads(benchmark::State& state) {
  static EventLoop* shared = nullptr;
  static std::thread* runner = nullptr;
  static std::atomic<std::uint64_t> runs{0};
  if (state.thread_index() == 0) {
    static NoSink sink;
    shared = new EventLoop(sink);
    runner = new std::thread([] { shared->run(); });
    runs = 0;
  }
  std::uint64_t posted = 0;
  for (auto _ : state) {
    shared->post([] { runs.fetch_add(1, std::memory_order_relaxed); });
    // No more than the loop can take: the queue would grow without bound.
    if (++posted % 256 == 0)
      while (posted > runs.load(std::memory_order_relaxed) + 4096) std::this_thread::yield();
  }
  if (state.thread_index() == 0) {
    shared->stop();
    runner->join();
    delete runner;
    delete shared;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_PostFromThreads)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
