// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <weir/net/timer_wheel.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {

WEIR_INLINE bool empty(const TimerLink& head) noexcept { return head.next == &head; }

WEIR_INLINE void clear(TimerLink& head) noexcept { head.next = head.prev = &head; }

WEIR_INLINE void push_back(TimerLink& head, TimerLink& link) noexcept {
  link.next = &head;
  link.prev = head.prev;
  head.prev->next = &link;
  head.prev = &link;
}

WEIR_INLINE void unlink(TimerLink& link) noexcept {
  link.prev->next = link.next;
  link.next->prev = link.prev;
  link.next = link.prev = nullptr;
}

/// Moves the whole list of `from` to `to`, which is empty.
WEIR_INLINE void splice(TimerLink& to, TimerLink& from) noexcept {
  to.next = from.next;
  to.prev = from.prev;
  to.next->prev = to.prev->next = &to;
  clear(from);
}

}  // namespace detail

WEIR_INLINE void Timer::disarm() noexcept { wheel_->cancel(*this); }

WEIR_INLINE TimerWheel::TimerWheel(TimePoint start) noexcept
    : start_(start), now_(start), advanced_to_(start) {
  for (auto& level : slots_)
    for (detail::TimerLink& head : level) detail::clear(head);
  detail::clear(due_);
}

WEIR_INLINE TimerWheel::~TimerWheel() {
  for (auto& level : slots_)
    for (detail::TimerLink& head : level)
      while (!detail::empty(head)) detail::unlink(*head.next);
  while (!detail::empty(due_)) detail::unlink(*due_.next);
}

WEIR_INLINE void TimerWheel::arm(Timer& timer, std::chrono::milliseconds after) noexcept {
  using std::chrono::milliseconds;
  const auto room = std::chrono::duration_cast<milliseconds>(TimePoint::max() - now_);
  arm_at(timer, after >= room ? TimePoint::max() : now_ + std::max(after, milliseconds(0)));
}

WEIR_INLINE void TimerWheel::arm_at(Timer& timer, TimePoint deadline) noexcept {
  if (timer.armed()) timer.disarm();
  std::uint64_t tick = ticks_until(deadline);
  if (deadline > start_ && (deadline - start_) % kTick != TimePoint::duration(0)) ++tick;
  reached_ = std::max(reached_, ticks_until(advanced_to_));
  timer.tick_ = std::max(tick, reached_ + 1);
  timer.wheel_ = this;
  const unsigned shift = static_cast<unsigned>(link(timer)) * kDigitBits;
  next_due_ = std::min(next_due_, time_of(timer.tick_ >> shift << shift));
  ++armed_;
}

WEIR_INLINE void TimerWheel::cancel(Timer& timer) noexcept {
  if (!timer.armed()) return;
  WEIR_ASSERT(timer.wheel_ == this);
  detail::unlink(timer);
  timer.wheel_ = nullptr;
  --armed_;
  // Also right for a timer in due_: its slot has been emptied, and its bit cleared, before.
  const std::size_t level = level_of(timer.tick_);
  const std::size_t slot = slot_of(timer.tick_, level);
  if (!detail::empty(slots_[level][slot])) return;
  used_[level] &= ~(std::uint64_t{1} << slot);
  find_next_due();
}

WEIR_INLINE std::size_t TimerWheel::fire_until_now() {
  // Whatever a callback throws, or arms, the wheel is looked at again.
  next_due_ = start_;
  reached_ = std::max(reached_, ticks_until(now_));
  std::size_t fired = fire_due();
  while (armed_ != 0) {
    const Next at = next();
    if (at.tick > reached_) break;
    current_ = at.tick;
    detail::splice(due_, slots_[at.level][at.slot]);
    used_[at.level] &= ~(std::uint64_t{1} << at.slot);
    if (at.level == 0) {
      fired += fire_due();
      continue;
    }
    while (!detail::empty(due_)) {
      auto& timer = static_cast<Timer&>(*due_.next);
      detail::unlink(timer);
      link(timer);
    }
  }
  current_ = reached_;
  find_next_due();
  return fired;
}

WEIR_INLINE void TimerWheel::find_next_due() noexcept {
  if (armed_ == 0) {
    next_due_ = TimePoint::max();
  } else if (!detail::empty(due_)) {
    next_due_ = start_;
  } else {
    next_due_ = time_of(next().tick);
  }
}

WEIR_INLINE TimerWheel::TimePoint TimerWheel::time_of(std::uint64_t tick) const noexcept {
  return tick > ticks_until(TimePoint::max()) ? TimePoint::max()
                                              : start_ + kTick * static_cast<std::int64_t>(tick);
}

WEIR_INLINE std::uint64_t TimerWheel::ticks_until(TimePoint when) const noexcept {
  return when <= start_ ? 0 : static_cast<std::uint64_t>((when - start_) / kTick);
}

WEIR_INLINE std::size_t TimerWheel::level_of(std::uint64_t tick) const noexcept {
  const std::uint64_t difference = tick ^ current_;
  if (difference == 0) return 0;
  return static_cast<std::size_t>(63 - __builtin_clzll(difference)) / kDigitBits;
}

WEIR_INLINE TimerWheel::Next TimerWheel::next() const noexcept {
  std::size_t level = 0;
  while (used_[level] == 0) ++level;
  const auto slot = static_cast<std::size_t>(__builtin_ctzll(used_[level]));
  const unsigned shift = static_cast<unsigned>(level) * kDigitBits;
  const std::uint64_t above = current_ >> (shift + kDigitBits) << kDigitBits;
  return {level, slot, (above | slot) << shift};
}

WEIR_INLINE std::size_t TimerWheel::link(Timer& timer) noexcept {
  const std::size_t level = level_of(timer.tick_);
  const std::size_t slot = slot_of(timer.tick_, level);
  detail::push_back(slots_[level][slot], timer);
  used_[level] |= std::uint64_t{1} << slot;
  return level;
}

WEIR_INLINE std::size_t TimerWheel::fire_due() {
  std::size_t fired = 0;
  while (!detail::empty(due_)) {
    auto& timer = static_cast<Timer&>(*due_.next);
    detail::unlink(timer);
    timer.wheel_ = nullptr;
    --armed_;
    ++fired;
    timer.callback_(timer);  // which may have destroyed it
  }
  return fired;
}

}  // namespace net
WEIR_END_NAMESPACE
