// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Where the time comes from: the machine, or a test.
///
/// Thread: any.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// A steady clock for deadlines and a calendar for dates.
class WEIR_API Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Clock();
  virtual TimePoint now() noexcept = 0;

  /// Seconds since 1970-01-01 UTC, without leap seconds.
  virtual std::int64_t unix_seconds() noexcept = 0;

  /// The machine's; lives for ever.
  static Clock& system() noexcept;
};

/// Stands still until it is told to move, so that a test turns an hour in a microsecond.
class WEIR_API FakeClock final : public Clock {
 public:
  /// By default the date of RFC 9110's examples: Sun, 06 Nov 1994 08:49:37 GMT.
  explicit FakeClock(std::int64_t unix_seconds = 784111777) noexcept : unix_start_(unix_seconds) {}
  ~FakeClock() override;

  void advance(std::chrono::nanoseconds by) noexcept {
    elapsed_.fetch_add(by.count(), std::memory_order_acq_rel);
  }

  TimePoint now() noexcept override;
  std::int64_t unix_seconds() noexcept override;

 private:
  std::int64_t unix_start_;
  // Nanoseconds. Release and acquire: who sees the new time sees what its setter did before.
  std::atomic<std::int64_t> elapsed_{0};
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/clock.ipp>
#endif
