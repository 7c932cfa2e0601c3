// SPDX-License-Identifier: MIT
#pragma once
#include <exception>
#include <utility>
#include <weir/detail/core.hpp>
#include <weir/detail/late_handler.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/detail/route_table.hpp>
#include <weir/log.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE void LateHandler::run_on_loop(Exchange& exchange, Call& call) noexcept {
  try {
    const Reactor::Running running(*exchange.reactor, *exchange.data.route);
    exchange.taken = false;
    try {
      call(exchange.request, exchange.draft);
    } catch (...) {
      exchange.reactor->answer_exception(std::current_exception(), exchange.request,
                                         exchange.draft);
    }
    if (!exchange.taken) exchange.complete(std::move(exchange.draft));
  } catch (...) {
    // The handler's time-out will answer.
    log::write(log::Level::error, "out of memory while a form was handled");
  }
}

WEIR_INLINE void LateHandler::run_on_worker(Exchange& exchange, Call& call) noexcept {
  exchange.reactor->work_for(exchange, [&] {
    exchange.taken = false;
    call(exchange.request, exchange.draft);
  });
}

WEIR_INLINE bool LateHandler::guard(Exchange& exchange, Call& call) noexcept {
  try {
    try {
      call(exchange.request, exchange.draft);
      return true;
    } catch (...) {
      Response error;
      exchange.reactor->answer_exception(std::current_exception(), exchange.request, error);
      if (exchange.complete(std::move(error)) == SendResult::already_answered &&
          exchange.answer_begun)
        exchange.post([](Reactor& loop, Exchange& self) { loop.abort(self); });
    }
  } catch (...) {
    log::write(log::Level::error, "out of memory while a form was read");
  }
  return false;
}

}  // namespace detail
WEIR_END_NAMESPACE
