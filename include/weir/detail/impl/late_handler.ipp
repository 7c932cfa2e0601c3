// SPDX-License-Identifier: MIT
#pragma once
#include <exception>
#include <thread>
#include <utility>
#include <weir/detail/core.hpp>
#include <weir/detail/late_handler.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/detail/route_table.hpp>
#include <weir/log.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE void LateHandler::run(Exchange& exchange, Call& call) {
  exchange.taken = false;
  try {
    call(exchange.request, exchange.draft);
  } catch (...) {
    exchange.reactor->answer_exception(std::current_exception(), exchange.request, exchange.draft);
  }
}

WEIR_INLINE void LateHandler::run_on_loop(Exchange& exchange, Call& call) noexcept {
  try {
    const Reactor::Running running(*exchange.reactor, *exchange.data.route);
    run(exchange, call);
    if (!exchange.taken) exchange.complete(std::move(exchange.draft));
  } catch (...) {
    // The handler's time-out will answer.
    log::write(log::Level::error, "out of memory while a form was handled");
  }
}

WEIR_INLINE void LateHandler::run_on_worker(Exchange& exchange, Call& call) noexcept {
  if (is_over(exchange)) return;  // nobody waits for the answer any more
  try {
    const Core::RunningHandler running(exchange.reactor->core_, *exchange.data.route);
    exchange.handler_begun.store(true, std::memory_order_relaxed);
    exchange.worker.store(std::this_thread::get_id(), std::memory_order_relaxed);
    run(exchange, call);
    exchange.worker.store({}, std::memory_order_relaxed);
    if (!exchange.taken) exchange.complete(std::move(exchange.draft));
  } catch (...) {
    log::write(log::Level::error, "out of memory on a worker");
  }
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
