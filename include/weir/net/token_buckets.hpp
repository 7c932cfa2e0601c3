// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A token bucket for each of many names, in memory that does not grow.
///
///     name ─► set i of n   │name full_at│name full_at│ … 8 ways │   locks: one for every 64th set
///
/// A bucket is one number, the moment when it will be full again: each token that is taken moves it
/// by an interval, and time fills the bucket by passing. A full bucket is like none at all, so
/// nothing needs to be cleared. When a new name finds its set occupied, it takes the place of the
/// bucket that is nearest to full: whoever has used up his tokens is the last to be forgotten.
///
/// Thread: any.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>
#include <weir/config.hpp>
#include <weir/net/mutex.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

class WEIR_API TokenBuckets {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Nanoseconds = std::chrono::nanoseconds;

  /// A bucket holds `burst` tokens, one or more, and gets one each `interval`, above 0; both
  /// together less than a century. `names` are rounded up to whole sets.
  TokenBuckets(Nanoseconds interval, std::uint32_t burst, std::size_t names);

  /// What a bucket looks like.
  struct Level {
    bool has_taken = false;     ///< take(): there was a token
    std::uint32_t left = 0;     ///< whole tokens
    Nanoseconds until_next{0};  ///< until there is one more; 0 when it is full
  };

  /// Takes a token if there is one. `name` is a hash that nobody can choose, see KeyedHash. A `now`
  /// somewhat older than another's does no harm.
  Level take(std::uint64_t name, TimePoint now) noexcept;

  /// Takes nothing.
  Level look(std::uint64_t name, TimePoint now) const noexcept;

  /// How many names fit at most.
  std::size_t capacity() const noexcept { return sets_.size() * kWays; }

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kLocks = 64;

  struct Bucket {  // all zeros: free, and full
    std::uint64_t name = 0;
    std::int64_t full_at = 0;  // nanoseconds of the clock
  };
  struct alignas(64) Set {
    std::array<Bucket, kWays> ways;
  };
  struct alignas(64) Lock {  // neighbours share no cache line
    mutable Mutex mutex;
  };

  std::size_t set_of(std::uint64_t name) const noexcept {
    return static_cast<std::size_t>(name % sets_.size());
  }
  Level level_of(std::int64_t full_at, std::int64_t now) const noexcept;

  const std::int64_t interval_;
  const std::int64_t depth_;  // from empty to full
  std::vector<Set> sets_;     // sets_[i] is guarded by locks_[i % kLocks]
  std::array<Lock, kLocks> locks_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/token_buckets.ipp>
#endif
