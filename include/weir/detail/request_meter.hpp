// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The live side of weir::Metrics: cells that one thread counts in and any thread reads.
///
/// Thread: a LoopCells is its loop's, but for what adds up; the rest is said at each function.
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/meter.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/http/method.hpp>
#include <weir/http/status.hpp>
#include <weir/metrics_snapshot.hpp>
#include <weir/net/mutex.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// A number that one thread changes. Relaxed: it orders nothing.
class Cell {
 public:
  void add(std::uint64_t n) noexcept { set(get() + n); }
  void add_shared(std::uint64_t n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

inline std::uint64_t to_ns(std::chrono::nanoseconds time) noexcept {
  return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
}

/// The bounds in nanoseconds, and one that nothing exceeds.
inline constexpr std::array<std::uint64_t, kLatencyBounds.size() + 1> kBoundsNs = [] {
  std::array<std::uint64_t, kLatencyBounds.size() + 1> bounds{};
  for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) bounds[i] = kLatencyBounds[i] * 1000;
  bounds.back() = ~std::uint64_t{0};
  return bounds;
}();

inline std::size_t latency_bucket(std::uint64_t ns) noexcept {
  std::size_t i = 0;
  while (ns > kBoundsNs[i]) ++i;  // short times are the many
  return i;
}

struct HistogramCells {
  std::array<Cell, kLatencyBounds.size() + 1> buckets;
  Cell sum_ns;

  void add(std::chrono::nanoseconds time) noexcept {
    buckets[latency_bucket(to_ns(time))].add(1);
    sum_ns.add(to_ns(time));
  }
  void add_shared(std::chrono::nanoseconds time) noexcept {
    buckets[latency_bucket(to_ns(time))].add_shared(1);
    sum_ns.add_shared(to_ns(time));
  }
  void clear() noexcept {
    for (Cell& bucket : buckets) bucket.set(0);
    sum_ns.set(0);
  }
  void add_to(LatencyHistogram& sum) const noexcept {
    for (std::size_t i = 0; i < buckets.size(); ++i) sum.buckets[i] += buckets[i].get();
    sum.sum_ns += sum_ns.get();
  }
};

/// Statuses that are counted one by one: the registered ones; behind them what else there is by its
/// class, what has no class, and requests without an answer.
inline constexpr std::size_t kNamedStatuses = http::detail::kStatusPhrases.size();
inline constexpr std::size_t kOtherStatus = kNamedStatuses + 5;
inline constexpr std::size_t kGoneStatus = kNamedStatuses + 6;
inline constexpr std::size_t kStatusSlots = kNamedStatuses + 7;

inline constexpr std::array<std::uint8_t, 600> kStatusSlot = [] {
  std::array<std::uint8_t, 600> slots{};
  for (std::size_t code = 0; code < slots.size(); ++code)
    slots[code] = static_cast<std::uint8_t>(
        code == 0 ? kGoneStatus : (code < 100 ? kOtherStatus : kNamedStatuses + code / 100 - 1));
  for (std::size_t i = 0; i < kNamedStatuses; ++i)
    slots[static_cast<std::size_t>(http::detail::kStatusPhrases[i].status)] =
        static_cast<std::uint8_t>(i);
  return slots;
}();

/// Requests of one method to one route, of one loop.
struct SeriesCells {
  std::array<Cell, kStatusSlots> by_status;
  HistogramCells latency;
  Cell content_bytes;
};

/// One loop's.
class LoopCells final : public LoopMeter {
 public:
  LoopCells(std::size_t routes, net::Clock& clock)
      : clock_(clock), series_(routes * http::kMethodCount) {}
  LoopCells(const LoopCells&) = delete;
  LoopCells& operator=(const LoopCells&) = delete;
  ~LoopCells() override;

  void begin(Reactor& reactor) override;
  void ended(const RequestData& request, const Outcome& outcome) noexcept override;
  void publish(Reactor& reactor) noexcept override;

  /// Asks for a probe on the loop, unless the one before still waits. The watching thread.
  void ask(Reactor& reactor) noexcept;

  /// By how much the last probe was late, or the one that waits already is. Any thread.
  std::uint64_t lag_ns(net::Clock::TimePoint now) const noexcept;

  /// Null until the first such request. Any thread.
  const SeriesCells* series(std::size_t route, std::size_t method) const noexcept {
    return series_[route * http::kMethodCount + method].load(std::memory_order_acquire);
  }

  // Read by any thread
  Cell connections;
  std::array<Cell, 4> by_state;
  Cell bytes_in;
  Cell bytes_out;
  HistogramCells lag;

 private:
  void probe(Reactor& reactor, net::Clock::TimePoint due) noexcept;
  static SeriesCells* make(std::atomic<SeriesCells*>& place) noexcept;

  net::Clock& clock_;
  // Release and acquire: who sees the pointer sees the cells.
  std::vector<std::atomic<SeriesCells*>> series_;
  net::Clock::TimePoint due_;  // the next probe by a timer of the loop's own
  Cell last_lag_ns_;
  // Of the probe that waits, by the clock; 0: none does. Relaxed: the task orders the rest.
  std::atomic<std::int64_t> asked_at_{0};
  unsigned probes_ = 0;
};

/// A server's.
class RequestMeter final : public Meter {
 public:
  std::uint32_t add_route(std::string_view host, std::string_view pattern) override;
  std::shared_ptr<LoopMeter> add_loop(net::Clock& clock) override;
  void watch(net::EventLoop& loop, const std::vector<std::unique_ptr<Reactor>>& reactors) override;
  void waited(std::chrono::nanoseconds time) noexcept override { wait_.add_shared(time); }

  /// Adds up what the loops have counted. Any thread.
  void fill(MetricsSnapshot& snapshot) const;

 private:
  struct Pulse : net::Timer {
    Pulse(net::EventLoop& on, const std::vector<std::unique_ptr<Reactor>>& to)
        : net::Timer([](net::Timer& timer) { static_cast<Pulse&>(timer).fire(); }),
          loop(on),
          reactors(to) {}
    void fire() noexcept;

    net::EventLoop& loop;
    const std::vector<std::unique_ptr<Reactor>>& reactors;
  };
  std::unique_ptr<Pulse> pulse_;  // of the last start; disarmed with its loop

  std::vector<std::string> names_{"unmatched"};  // by number; fixed from the start on
  HistogramCells wait_;

  mutable net::Mutex mutex_;
  std::vector<std::shared_ptr<LoopCells>> loops_ WEIR_GUARDED_BY(mutex_);  // and those that ended
  std::chrono::system_clock::time_point started_ WEIR_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point began_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace detail
WEIR_END_NAMESPACE
