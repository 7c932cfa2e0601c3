// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <string>
#include <weir/detail/stall_watch.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE StallWatch::StallWatch(net::EventLoop& loop,
                                   const std::vector<std::unique_ptr<Reactor>>& reactors,
                                   std::chrono::milliseconds threshold,
                                   std::atomic<std::uint64_t>& stalls)
    : loop_(loop), reactors_(reactors), threshold_(threshold), stalls_(stalls) {}

WEIR_INLINE void StallWatch::start() {
  if (threshold_.count() == 0) return;
  seen_.assign(reactors_.size(), Seen{});
  for (Seen& seen : seen_) {
    seen.since = loop_.now();
    seen.report_after = threshold_;
  }
  look();
}

WEIR_INLINE void StallWatch::stop() noexcept { loop_.timers().cancel(timer_); }

WEIR_INLINE void StallWatch::look() {
  for (std::size_t i = 0; i < seen_.size(); ++i) look_at(i, loop_.now());
  const std::chrono::milliseconds pause{
      std::max<std::int64_t>(threshold_.count() / kLooksPerThreshold, 1)};
  loop_.timers().arm(timer_, pause);
}

WEIR_INLINE void StallWatch::look_at(std::size_t index, net::EventLoop::TimePoint now) {
  Reactor& reactor = *reactors_[index];
  Seen& seen = seen_[index];
  const std::uint64_t turns = reactor.loop().turns();
  // A loop that has not begun to run does not turn either.
  if (turns != seen.turns || turns == 0 || reactor.loop().waiting()) {
    seen.turns = turns;
    seen.since = now;
    seen.report_after = threshold_;
    return;
  }
  const auto held = std::chrono::duration_cast<std::chrono::milliseconds>(now - seen.since);
  if (held < seen.report_after) return;
  if (seen.report_after == threshold_)
    stalls_.store(stalls_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  seen.report_after *= 2;
  const RouteEntry* const route = reactor.running();
  std::string message = "loop " + std::to_string(index) + " has been held for " +
                        std::to_string(held.count()) + " ms by ";
  if (route == nullptr) {
    message += "a callback or a timer";
  } else if (route->pattern.empty()) {
    message += "the handler of an error";
  } else {
    message += "the handler of " + route->pattern;
  }
  log::write(log::Level::warning, message + "; what blocks belongs into weir::blocking()");
}

}  // namespace detail
WEIR_END_NAMESPACE
