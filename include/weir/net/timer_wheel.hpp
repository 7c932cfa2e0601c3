// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The deadlines of one loop, on a hierarchy of wheels.
///
/// Arming and cancelling move one link of an intrusive list: O(1), no allocation, no system call. A
/// timer never fires early and, if advance() is called in time, up to one tick late. The wheel
/// reads no clock; its owner tells it the time.
///
///     level 0  │·│·│●│·│ … │·│   64 slots of 1 tick        exactly one due tick a slot
///     level 1  │·│●│·│·│ … │●│   64 slots of 64 ticks      spread over level 0 when their time
///     comes level 2  │·│·│·│●│ … │·│   64 slots of 4,096 ticks   … over level 1
///       …                        7 levels: 42 bits of ticks, more than a TimePoint can express
///
/// A tick is read as digits of six bits. A timer stands on the level of the highest digit in which
/// its tick differs from `current_`, in the slot of its own digit there. From that follows: no slot
/// in use lies behind `current_`'s digit of its level, so nothing wraps around; and whatever stands
/// on a lower level is due before all that stands higher, so the next slot is the first bit of the
/// first non-empty level. 100,000 far timers cost a tick nothing: empty ticks are not visited at
/// all. When the next slot is due is kept as a time, so that a turn in which nothing is due asks
/// the wheel for one comparison.
///
/// Thread: the owning loop's, for every call.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

class TimerWheel;

namespace detail {
struct TimerLink {  // of a circular list; both null while in none
  TimerLink* next = nullptr;
  TimerLink* prev = nullptr;
};
}  // namespace detail

/// One deadline. Owners hold or inherit it; the wheel keeps only links.
class WEIR_API Timer : private detail::TimerLink {
 public:
  /// Called by advance() with the timer that is due, disarmed. It may arm, cancel or destroy any
  /// timer, this one included.
  using Callback = void (*)(Timer&);

  explicit Timer(Callback callback) noexcept : callback_(callback) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() {
    if (armed()) disarm();
  }

  bool armed() const noexcept { return next != nullptr; }

  /// The tick at which it fires, counted from the wheel's start; meaningless unless armed().
  std::uint64_t tick() const noexcept { return tick_; }

 private:
  friend class TimerWheel;

  void disarm() noexcept;

  TimerWheel* wheel_ = nullptr;  // while armed
  Callback callback_;
  std::uint64_t tick_ = 0;
};

static_assert(sizeof(Timer) <= 40, "every connection has one");

/// Fires timers when they are due. Timers may outlive it: it disarms them.
class WEIR_API TimerWheel {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kTick{10};  // the finest HTTP time-out is a second

  explicit TimerWheel(TimePoint start) noexcept;
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;  // timers hold links into slots_
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// What arm() counts from. Time never goes back; nothing fires before advance().
  void set_now(TimePoint now) noexcept {
    if (now > now_) now_ = now;
  }

  /// Fires `timer` once, `after` from the last set_now() or advance(), rounded up to a tick.
  /// Replaces an earlier deadline. What is due already fires at the next tick's advance().
  void arm(Timer& timer, std::chrono::milliseconds after) noexcept;

  /// The same for a moment.
  void arm_at(Timer& timer, TimePoint deadline) noexcept;

  /// Whether `timer` is armed and fires no later than one armed for `deadline` would: then a
  /// deadline that only moved back needs no new link, the timer fires early and is armed again.
  bool fires_by(const Timer& timer, TimePoint deadline) const noexcept {
    return timer.armed() &&
           start_ + kTick * static_cast<std::int64_t>(timer.tick()) < deadline + kTick;
  }

  /// Makes sure that `timer` does not fire; allowed when it is not armed.
  void cancel(Timer& timer) noexcept;

  /// Fires everything due at `now`, tick by tick, and returns how many that were. If a callback
  /// throws, the exception passes through and the timers not reached fire at the next advance().
  std::size_t advance(TimePoint now) {
    set_now(now);
    advanced_to_ = now_;
    return WEIR_LIKELY(now_ < next_due_) ? 0 : fire_until_now();
  }

  bool empty() const noexcept { return armed_ == 0; }
  std::size_t size() const noexcept { return armed_; }

  /// No timer is due before this moment; max() when none is armed.
  TimePoint next_due() const noexcept { return next_due_; }

  /// Time from `now` until the next slot that may hold a due timer, rounded up: a bound for
  /// epoll_wait. max() when empty.
  std::chrono::milliseconds until_next(TimePoint now) const noexcept {
    using std::chrono::milliseconds;
    if (next_due_ == TimePoint::max()) return milliseconds::max();
    return next_due_ <= now ? milliseconds(0) : std::chrono::ceil<milliseconds>(next_due_ - now);
  }

 private:
  static constexpr unsigned kDigitBits = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kDigitBits;
  static constexpr std::size_t kLevels = 7;

  struct Next {
    std::size_t level;
    std::size_t slot;
    std::uint64_t tick;  // the first tick of the slot
  };

  std::uint64_t ticks_until(TimePoint when) const noexcept;
  std::size_t level_of(std::uint64_t tick) const noexcept;
  Next next() const noexcept;  // not when all levels are empty
  std::size_t slot_of(std::uint64_t tick, std::size_t level) const noexcept {
    return (tick >> (level * kDigitBits)) % kSlots;
  }
  TimePoint time_of(std::uint64_t tick) const noexcept;
  void find_next_due() noexcept;
  std::size_t link(Timer& timer) noexcept;  // returns its level
  std::size_t fire_until_now();
  std::size_t fire_due();

  std::array<std::array<detail::TimerLink, kSlots>, kLevels> slots_;
  std::array<std::uint64_t, kLevels> used_{};  // bit s of used_[l]: slots_[l][s] is not empty
  detail::TimerLink due_;  // of the tick being fired; not empty between calls only after a throw
  std::size_t armed_ = 0;  // timers in slots_ and in due_
  std::uint64_t current_ = 0;  // no timer in slots_ has a smaller tick
  std::uint64_t reached_ = 0;  // the tick up to which advance() fires; new timers are due after it
  TimePoint start_;
  TimePoint now_;
  TimePoint advanced_to_;                  // the last advance()'s time, which reached_ may lag
  TimePoint next_due_ = TimePoint::max();  // no slot in use and nothing in due_ is due before it
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/timer_wheel.ipp>
#endif
