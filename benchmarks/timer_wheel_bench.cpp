// SPDX-License-Identifier: MIT
// The deadlines of a loop, beside 10,000 and 100,000 that are armed.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <weir/net/timer_wheel.hpp>

using std::chrono::milliseconds;
using weir::net::Timer;
using weir::net::TimerWheel;

namespace {

constexpr std::uint64_t kFarthestMs = 30'000;  // as connections have them

/// A wheel in which timers are armed at any time of the next 30 s.
struct Armed {
  explicit Armed(
      std::int64_t count, Timer::Callback callback = [](Timer&) {}) {
    for (std::int64_t i = 0; i < count; ++i) timers.emplace_back(callback);
    for (Timer& timer : timers) wheel.arm(timer, next_delay());
  }

  milliseconds next_delay() {
    random = random * 6364136223846793005U + 1442695040888963407U;
    return milliseconds(1 + (random >> 33) % kFarthestMs);
  }

  TimerWheel::TimePoint now{};
  std::uint64_t random = 1;
  std::deque<Timer> timers;
  TimerWheel wheel{now};
};

/// A timer that stands among the others gets a new deadline: a request that begins.
void BM_Rearm(benchmark::State& state) {
  Armed armed(state.range(0));
  auto at = armed.timers.begin();
  for (auto _ : state) {
    armed.wheel.arm(*at, armed.next_delay());
    if (++at == armed.timers.end()) at = armed.timers.begin();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Rearm)->Arg(10'000)->Arg(100'000);

void BM_ArmAndCancel(benchmark::State& state) {
  Armed armed(state.range(0));
  Timer timer([](Timer&) {});
  for (auto _ : state) {
    armed.wheel.arm(timer, armed.next_delay());
    armed.wheel.cancel(timer);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ArmAndCancel)->Arg(10'000)->Arg(100'000);

/// What a turn of the loop asks: nothing is due.
void BM_AdvanceWithinTick(benchmark::State& state) {
  Armed armed(state.range(0));
  armed.wheel.advance(armed.now);
  for (auto _ : state) {
    benchmark::DoNotOptimize(armed.wheel.advance(armed.now));
    benchmark::DoNotOptimize(armed.wheel.until_next(armed.now));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_AdvanceWithinTick)->Arg(10'000)->Arg(100'000);

/// Time passes tick by tick; whatever fires is armed again, so that as many stay. An item is a
/// timer that fired.
void BM_Ticks(benchmark::State& state) {
  static Armed* all = nullptr;
  Armed armed(state.range(0), [](Timer& timer) { all->wheel.arm(timer, all->next_delay()); });
  all = &armed;
  std::size_t fired = 0;
  for (auto _ : state) {
    armed.now += TimerWheel::kTick;
    fired += armed.wheel.advance(armed.now);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(fired));
  state.counters["fired_per_tick"] =
      static_cast<double>(fired) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_Ticks)->Arg(10'000)->Arg(100'000);

}  // namespace
