// SPDX-License-Identifier: MIT
#pragma once
#include <sys/epoll.h>

#include <new>
#include <utility>
#include <weir/detail/control.hpp>
#include <weir/log.hpp>
#include <weir/net/error.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE Control::Control(Core& core, int stop_fd,
                             std::vector<std::unique_ptr<Reactor>>& reactors)
    : core_(core),
      loop_(*this, core.clock),
      reactors_(reactors),
      stall_watch_(loop_, reactors, core.options.stall_threshold, core.stalls) {
  // Level-triggered: a stop() from before the start is seen as well.
  if (const std::error_code error = loop_.add(stop_fd, EPOLLIN, kStopToken))
    net::throw_errno(error.value(), "epoll_ctl");
}

WEIR_INLINE net::Acceptor& Control::add_acceptor() {
  acceptors_.push_back(std::make_unique<net::Acceptor>(
      loop_, acceptors_.size(),
      [this](net::Fd socket, const Endpoint& remote) { deal_out(std::move(socket), remote); }));
  return *acceptors_.back();
}

WEIR_INLINE void Control::on_event(std::uint64_t token, std::uint32_t events) {
  if (token < acceptors_.size()) {
    acceptors_[static_cast<std::size_t>(token)]->on_event(events);
  } else if (token == kStopToken && phase_ == Phase::running) {
    next_phase();
  }
}

WEIR_INLINE void Control::deal_out(net::Fd socket, const Endpoint& remote) {
  if (!core_.admit(remote)) return;  // the descriptor closes itself
  Reactor& reactor = *reactors_[next_reactor_];
  next_reactor_ = next_reactor_ + 1 == reactors_.size() ? 0 : next_reactor_ + 1;
  try {
    reactor.loop().post([&reactor, remote, socket = std::move(socket)]() mutable {
      reactor.adopt(std::move(socket), remote);
    });
  } catch (const std::bad_alloc&) {  // it costs this connection and nothing else
    core_.release(remote);
    core_.shared.add_shared(Counter::shed_memory);
  }
}

WEIR_INLINE void Control::next_phase() {
  switch (phase_) {
    case Phase::running:
      phase_ = Phase::draining;
      core_.draining.store(true, std::memory_order_relaxed);
      // Nobody reads the eventfd: take it out, or level triggering would report it for ever.
      if (core_.stop_fd >= 0) loop_.remove(core_.stop_fd);
      if (core_.options.drain_delay.count() > 0) {
        loop_.timers().arm(timer_, core_.options.drain_delay);
      } else {
        next_phase();
      }
      return;
    case Phase::draining:
      phase_ = Phase::closing;
      close_gracefully();
      return;
    case Phase::closing:
      phase_ = Phase::forced;
      force();
      return;
    case Phase::forced:
    case Phase::finished:
      return;
  }
}

WEIR_INLINE void Control::close_gracefully() {
  for (const auto& acceptor : acceptors_) acceptor->close();
  for (const auto& owned : reactors_) {
    Reactor& reactor = *owned;
    reactor.loop().post([this, &reactor] {
      for (const auto& acceptor : reactor.acceptors()) acceptor->close();
      reactor.close_gracefully([this] { loop_.post([this] { reactor_is_empty(); }); });
    });
  }
  if (core_.options.stop_deadline.count() > 0)
    loop_.timers().arm(timer_, core_.options.stop_deadline);
}

WEIR_INLINE void Control::force() {
  log::write(log::Level::warning,
             "stop: requests were still unfinished at Options::stop_deadline; closing");
  core_.forced.store(true, std::memory_order_relaxed);
  for (const auto& owned : reactors_) {
    Reactor& reactor = *owned;
    reactor.loop().post([&reactor] { reactor.close_all(); });
  }
}

WEIR_INLINE void Control::reactor_is_empty() {
  if (++empty_reactors_ < reactors_.size()) return;
  finish();
}

WEIR_INLINE void Control::finish() noexcept {
  phase_ = Phase::finished;
  loop_.timers().cancel(timer_);
  stall_watch_.stop();
  for (const auto& reactor : reactors_) reactor->loop().stop();
  loop_.stop();
}

}  // namespace detail
WEIR_END_NAMESPACE
