// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The live side of weir::Counters: cells that one thread counts in and any thread reads.
///
/// Every loop has a Tally of its own, so that counting is a load and a store and no line is written
/// by two threads. What happens elsewhere (accepting, workers) is counted in one that is shared.
#include <array>
#include <atomic>
#include <cstdint>
#include <weir/config.hpp>
#include <weir/counters.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class alignas(64) Tally {
 public:
  /// Counts. The owning thread alone.
  void add(Counter counter, std::uint64_t n = 1) noexcept {
    std::atomic<std::uint64_t>& cell = cells_[static_cast<std::size_t>(counter)];
    cell.store(cell.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  /// Replaces a number that is held now. The owning thread alone.
  void set(Counter counter, std::uint64_t value) noexcept {
    cells_[static_cast<std::size_t>(counter)].store(value, std::memory_order_relaxed);
  }

  /// Counts in a Tally that no thread owns. Any thread.
  void add_shared(Counter counter, std::uint64_t n = 1) noexcept {
    cells_[static_cast<std::size_t>(counter)].fetch_add(n, std::memory_order_relaxed);
  }

  /// Adds every cell to `sum`. Any thread.
  void add_to(Counters& sum) const noexcept {
    for (std::size_t i = 0; i < kCounterCount; ++i)
      sum[static_cast<Counter>(i)] += cells_[i].load(std::memory_order_relaxed);
  }

 private:
  // Relaxed: numbers that order nothing.
  std::array<std::atomic<std::uint64_t>, kCounterCount> cells_{};
};

}  // namespace detail
WEIR_END_NAMESPACE
