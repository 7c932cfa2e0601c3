// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a reactor tells whoever measures its requests. There is nobody unless weir/metrics.hpp is
/// used: these are interfaces, so that a program without it does not link it.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/net/clock.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
class EventLoop;
}  // namespace net

namespace detail {

struct RequestData;

/// One loop's measures. Thread: the loop's.
class LoopMeter {
 public:
  virtual ~LoopMeter() = default;

  /// Looks at the loop ten times a second by a timer of its own, where no watch() does.
  virtual void begin(Reactor& reactor) = 0;

  /// A request is over: answered, or its client lost; its status is 0 if that was before an answer
  /// began.
  virtual void ended(const RequestData& request, const Outcome& outcome) noexcept = 0;

  /// Takes over what the reactor counts by itself.
  virtual void publish(Reactor& reactor) noexcept = 0;
};

/// A server's measures.
class Meter {
 public:
  virtual ~Meter() = default;

  /// The number of a route, from 1 on; 0 stands for requests without one. Before the start.
  virtual std::uint32_t add_route(std::string_view host, std::string_view pattern) = 0;

  /// For a loop that is to run. `clock` outlives it. Any thread.
  virtual std::shared_ptr<LoopMeter> add_loop(net::Clock& clock) = 0;

  /// Looks at all reactors ten times a second by a timer of `loop`, which does not run yet. They
  /// live as long as it runs.
  virtual void watch(net::EventLoop& loop,
                     const std::vector<std::unique_ptr<Reactor>>& reactors) = 0;

  /// A request has waited for a worker. Any thread.
  virtual void waited(std::chrono::nanoseconds time) noexcept = 0;
};

}  // namespace detail
WEIR_END_NAMESPACE
