// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A bound on what all buffers of a server hold together, shared without contention: loops borrow
/// it in slices and count inside their slice by themselves.
///
///     MemoryBudget (one a server)   limit ─ lent ─┬─► MemoryShare of loop 0: used ≤ lent
///                                                 └─► MemoryShare of loop 1: used ≤ lent
///
/// The budget cannot refuse what is held already: it counts it, says that it is tight or exhausted,
/// and who asks stops accepting and reading until it is not.
#include <atomic>
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Bytes that may be held in all. Any thread.
class WEIR_API MemoryBudget {
 public:
  /// `limit` bytes, 0 for any number, for so many shares at most.
  explicit MemoryBudget(std::uint64_t limit, std::uint64_t shares = 1) noexcept;
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// Lends `bytes`, also beyond the limit.
  void lend(std::uint64_t bytes) noexcept;
  void give_back(std::uint64_t bytes) noexcept;

  /// A quarter is used: who may hold much in advance should hold little, so that many can.
  bool is_strained() const noexcept { return limit_ != 0 && lent() > limit_ / 4; }

  /// Less than an eighth is left: newcomers should be shed, and who holds memory should not read.
  bool is_tight() const noexcept { return limit_ != 0 && lent() > limit_ - limit_ / 8; }

  /// Not even a slice is left: nobody should read.
  bool is_exhausted() const noexcept { return limit_ != 0 && lent() + slice_ > limit_; }

  std::uint64_t lent() const noexcept { return lent_.load(std::memory_order_relaxed); }
  std::uint64_t limit() const noexcept { return limit_; }

  /// What a share borrows at a time: what all shares keep to spare is small against the limit.
  std::uint64_t slice() const noexcept { return slice_; }

 private:
  const std::uint64_t limit_;
  const std::uint64_t slice_;
  // Relaxed: a bound, it orders nothing.
  std::atomic<std::uint64_t> lent_{0};
};

/// What one loop holds of a budget. Thread: the loop's.
class WEIR_API MemoryShare {
 public:
  /// `budget` outlives the share.
  explicit MemoryShare(MemoryBudget& budget) noexcept : budget_(budget) {}
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;
  ~MemoryShare() { budget_.give_back(lent_); }

  /// Something that held `before` bytes holds `after` now.
  void change(std::uint64_t before, std::uint64_t after) noexcept;

  /// Whether the budget was exhausted when a slice was last moved or look() was called: a load from
  /// the loop's own memory.
  bool is_exhausted() const noexcept { return exhausted_; }

  /// Looks at the budget itself, which other loops write.
  bool is_tight() const noexcept { return budget_.is_tight(); }
  bool look() noexcept { return exhausted_ = budget_.is_exhausted(); }

  std::uint64_t used() const noexcept { return used_; }

 private:
  MemoryBudget& budget_;
  std::uint64_t used_ = 0;
  std::uint64_t lent_ = 0;  // invariant: a number of slices, at least used_
  bool exhausted_ = false;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/memory_budget.ipp>
#endif
