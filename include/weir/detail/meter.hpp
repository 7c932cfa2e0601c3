// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a reactor tells whoever measures its requests. There is nobody unless weir/metrics.hpp is
/// used: these are interfaces, so that a program without it does not link it.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/http/method.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// One loop's measures. Thread: the loop's.
class LoopMeter {
 public:
  virtual ~LoopMeter() = default;

  /// The first turn.
  virtual void begin(Reactor& reactor) = 0;

  /// A request to the route of that number is over: answered with `status`, or 0 when its client
  /// was lost before an answer began.
  virtual void ended(std::uint32_t route, http::Method method, http::Status status,
                     std::uint64_t content_bytes, std::chrono::nanoseconds taken) noexcept = 0;

  /// Takes over what the reactor counts by itself.
  virtual void publish(Reactor& reactor) noexcept = 0;
};

/// A server's measures.
class Meter {
 public:
  virtual ~Meter() = default;

  /// The number of a route, from 1 on; 0 stands for requests without one. Before the start.
  virtual std::uint32_t add_route(std::string_view host, std::string_view pattern) = 0;

  /// For a loop that is to run. Any thread.
  virtual std::shared_ptr<LoopMeter> add_loop() = 0;

  /// A request has waited for a worker. Any thread.
  virtual void waited(std::chrono::nanoseconds time) noexcept = 0;
};

}  // namespace detail
WEIR_END_NAMESPACE
