// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Notices loops that do not turn: a handler that blocks one is named while it still hangs.
///
/// A loop counts its turns and says when it waits in the kernel. One that does neither turn nor
/// wait for longer than a threshold is held by somebody's code; everybody else on it is held up as
/// well.
///
/// Thread: the control loop's, but for stalls().
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/net/event_loop.hpp>
#include <weir/net/timer_wheel.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class WEIR_API StallWatch {
 public:
  /// How often a threshold's length is looked: a stall is reported at most a quarter late.
  static constexpr int kLooksPerThreshold = 4;

  /// Watches `reactors` by a timer of `loop` from start() on; a threshold of 0 watches nothing. All
  /// references outlive this object.
  StallWatch(net::EventLoop& loop, const std::vector<std::unique_ptr<Reactor>>& reactors,
             std::chrono::milliseconds threshold, std::atomic<std::uint64_t>& stalls);
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

  void start();
  void stop() noexcept;

 private:
  struct Seen {
    std::uint64_t turns = 0;
    net::EventLoop::TimePoint since{};
    std::chrono::milliseconds report_after{0};  // doubles, so that a long stall does not flood
  };

  struct LookTimer : net::Timer {
    explicit LookTimer(StallWatch& owner) noexcept
        : net::Timer([](net::Timer& timer) { static_cast<LookTimer&>(timer).watch.look(); }),
          watch(owner) {}
    StallWatch& watch;
  };

  void look();
  void look_at(std::size_t index, net::EventLoop::TimePoint now);

  net::EventLoop& loop_;
  const std::vector<std::unique_ptr<Reactor>>& reactors_;
  const std::chrono::milliseconds threshold_;
  std::atomic<std::uint64_t>& stalls_;  // one writer; relaxed
  std::vector<Seen> seen_;
  LookTimer timer_{*this};
};

}  // namespace detail
WEIR_END_NAMESPACE
