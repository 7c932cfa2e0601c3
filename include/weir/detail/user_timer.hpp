// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A timer of the application's, on one loop.
///
/// Thread: the loop's, but for `cancelled`, `placed` and, once that is set, `mailbox`.
#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <utility>
#include <weir/config.hpp>
#include <weir/net/mailbox.hpp>
#include <weir/net/task.hpp>
#include <weir/net/timer_wheel.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class Reactor;

struct UserTimer : net::Timer {
  UserTimer(net::Task the_task, std::chrono::milliseconds the_delay, bool is_repeated)
      : net::Timer(&UserTimer::on_fire),
        task(std::move(the_task)),
        delay(the_delay),
        repeated(is_repeated) {}

  static void on_fire(net::Timer& timer);

  /// Names the loop that the timer will run on. Once, under the server's lock.
  void place_on(std::shared_ptr<net::Mailbox> of_loop) noexcept {
    mailbox = std::move(of_loop);
    placed.store(true, std::memory_order_release);
  }

  net::Task task;
  const std::chrono::milliseconds delay;
  const bool repeated;
  std::atomic<bool> cancelled{false};  // release by who cancels, acquire by the loop
  Reactor* reactor = nullptr;
  std::shared_ptr<net::Mailbox> mailbox;  // of the loop; null until the timer is given to one
  std::atomic<bool> placed{false};        // `mailbox` is set: release, and acquire by who cancels
  std::list<std::shared_ptr<UserTimer>>::iterator place;
};

}  // namespace detail
WEIR_END_NAMESPACE
