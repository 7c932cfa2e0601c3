// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <weir/net/memory_budget.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Slices in a budget at least, and for each share, which keeps two to spare at most; a slice's
/// bounds in bytes.
inline constexpr std::uint64_t kSlices = 256;
inline constexpr std::uint64_t kLeastSlice = 64;
inline constexpr std::uint64_t kSlicesOfShare = 32;
inline constexpr std::uint64_t kMostSlice = 1024 * 1024;

WEIR_INLINE MemoryBudget::MemoryBudget(std::uint64_t limit, std::uint64_t shares) noexcept
    : limit_(limit),
      slice_(std::clamp(limit / std::max(kSlices, kSlicesOfShare * shares), kLeastSlice,
                        kMostSlice)) {}

WEIR_INLINE void MemoryBudget::lend(std::uint64_t bytes) noexcept {
  lent_.fetch_add(bytes, std::memory_order_relaxed);
}

WEIR_INLINE void MemoryBudget::give_back(std::uint64_t bytes) noexcept {
  if (bytes != 0) lent_.fetch_sub(bytes, std::memory_order_relaxed);
}

WEIR_INLINE void MemoryShare::change(std::uint64_t before, std::uint64_t after) noexcept {
  used_ = used_ - before + after;
  const std::uint64_t slice = budget_.slice();
  if (used_ > lent_) {
    const std::uint64_t wanted = (used_ - lent_ + slice - 1) / slice * slice;
    lent_ += wanted;
    budget_.lend(wanted);
    look();
  } else if (lent_ - used_ >= 2 * slice) {
    // One slice stays, or a buffer that comes and goes would move one each time.
    const std::uint64_t spare = (lent_ - used_) / slice * slice - slice;
    lent_ -= spare;
    budget_.give_back(spare);
    look();
  }
}

}  // namespace net
WEIR_END_NAMESPACE
