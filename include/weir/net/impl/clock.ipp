// SPDX-License-Identifier: MIT
#pragma once
#include <new>
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
  // Never destroyed: it outlives every static object.
  alignas(detail::SystemClock) static unsigned char storage[sizeof(detail::SystemClock)];
  static Clock& clock = *::new (static_cast<void*>(storage)) detail::SystemClock;
  return clock;
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
