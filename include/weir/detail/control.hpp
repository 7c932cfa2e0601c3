// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The main reactor: the loop that accepts for several others and walks a server through its stop.
///
///     running ─ stop() ─► draining ─ drain_delay ─► closing ─ all connections gone ─► finished
///                                                      └─ stop_deadline ─► forced ──────┘
///
/// Thread: its loop's, but for what says otherwise.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/core.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/detail/stall_watch.hpp>
#include <weir/net/acceptor.hpp>
#include <weir/net/event_loop.hpp>
#include <weir/net/timer_wheel.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class WEIR_API Control final : public net::EventSink {
 public:
  /// `stop_fd` is an eventfd: writing it asks for the stop. Both outlive this object, as the
  /// reactors must. Throws std::system_error.
  Control(Core& core, int stop_fd, std::vector<std::unique_ptr<Reactor>>& reactors);

  net::EventLoop& loop() noexcept { return loop_; }

  /// Another listening socket on this loop, whose connections are dealt out round-robin. Before the
  /// loop runs.
  net::Acceptor& add_acceptor();

  const std::vector<std::unique_ptr<net::Acceptor>>& acceptors() const noexcept {
    return acceptors_;
  }

  /// Begins to watch the reactors for stalls. Before the loop runs.
  void watch_stalls() { stall_watch_.start(); }

  void on_event(std::uint64_t token, std::uint32_t events) override;
  bool on_turn() override { return false; }

 private:
  enum class Phase : std::uint8_t { running, draining, closing, forced, finished };

  static constexpr std::uint64_t kStopToken = std::uint64_t{1} << 32;

  struct PhaseTimer : net::Timer {
    explicit PhaseTimer(Control& owner) noexcept
        : net::Timer(
              [](net::Timer& timer) { static_cast<PhaseTimer&>(timer).control.next_phase(); }),
          control(owner) {}
    Control& control;
  };

  void deal_out(net::Fd socket, const Endpoint& remote);
  void next_phase();
  void close_gracefully();
  void force();
  void reactor_is_empty();
  void finish() noexcept;

  Core& core_;
  net::EventLoop loop_;
  std::vector<std::unique_ptr<Reactor>>& reactors_;
  std::vector<std::unique_ptr<net::Acceptor>> acceptors_;
  std::size_t next_reactor_ = 0;
  std::size_t empty_reactors_ = 0;
  Phase phase_ = Phase::running;
  PhaseTimer timer_{*this};
  StallWatch stall_watch_;
};

}  // namespace detail
WEIR_END_NAMESPACE
