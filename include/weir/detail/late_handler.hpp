// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A handler whose turn comes late: when what it needs of the content has been read.
#include <string_view>
#include <weir/config.hpp>
#include <weir/detail/exchange.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

struct LateHandler {
  /// The exchange that `body` is of.
  static Exchange& exchange_of(const Body& body) noexcept { return *body.block_; }

  /// Whether somebody has answered already, or nobody waits.
  static bool is_over(const Exchange& exchange) noexcept {
    return exchange.is_claimed() || exchange.gone() == Gone::yes;
  }

  using Call = net::UniqueFunction<void(const Request&, Response&)>;

  /// Calls `call` as the route's handler is called: it may defer, stream and throw, and what it
  /// leaves in the response is the answer. The caller holds a Reply meanwhile.
  static void run_on_loop(Exchange& exchange, Call& call) noexcept;
  static void run_on_worker(Exchange& exchange, Call& call) noexcept;

  /// To be called, on the loop's thread, when the handler is handed to the pool: a time-out is then
  /// one of waiting.
  static void will_wait(Exchange& exchange) noexcept { exchange.pooled = true; }

  /// Calls `call`, a callback of the content, outside of the content's events. What it throws is
  /// answered, or breaks off what is answered already: then false. Loop's thread.
  static bool guard(Exchange& exchange, Call& call) noexcept;
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/late_handler.ipp>
#endif
