// SPDX-License-Identifier: MIT
#pragma once
#include <weir/net/clock.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {
class SystemClock final : public Clock {
 public:
  TimePoint now() noexcept override { return std::chrono::steady_clock::now(); }
  std::int64_t unix_seconds() noexcept override {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};
}  // namespace detail

WEIR_INLINE Clock::~Clock() = default;

WEIR_INLINE Clock& Clock::system() noexcept {
  static detail::SystemClock* const clock =
      new detail::SystemClock;  // outlives every static object
  return *clock;
}

WEIR_INLINE FakeClock::~FakeClock() = default;

WEIR_INLINE Clock::TimePoint FakeClock::now() noexcept {
  return TimePoint(std::chrono::nanoseconds(elapsed_.load(std::memory_order_acquire)));
}

WEIR_INLINE std::int64_t FakeClock::unix_seconds() noexcept {
  return unix_start_ +
         std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
}

}  // namespace net
WEIR_END_NAMESPACE
