// SPDX-License-Identifier: MIT
#pragma once
#include <utility>
#include <weir/detail/event_support.hpp>
#include <weir/detail/exchange.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/detail/user_timer.hpp>
#include <weir/events.hpp>
#include <weir/log.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

struct EventStreamState {
  ~EventStreamState() {
    try {
      if (timer != nullptr) {
        timer->cancelled.store(true, std::memory_order_release);
        StreamAccess::exchange_of(stream).post(
            [timer = timer](Reactor& loop, Exchange&) { loop.remove_timer(*timer); });
      }
      stream.end();
    } catch (...) {
      // Out of memory: its last handle goes with this, and the connection is broken off.
      log::write(log::Level::error, "out of memory while a stream of events ended");
    }
  }

  Stream stream;
  std::string last_event_id;
  std::shared_ptr<UserTimer> timer;  // null: no heartbeat
};

}  // namespace detail

WEIR_INLINE EventStream::EventStream(const Request& request, Response& response,
                                     const EventStreamOptions& options) {
  using detail::Exchange;
  using detail::Reactor;
  if (!detail::is_event_time(options.heartbeat))
    detail::refuse_event_option("EventStreamOptions::heartbeat", "0 to a year");
  if (!detail::is_event_time(options.retry))
    detail::refuse_event_option("EventStreamOptions::retry", "0 to a year");
  auto state = std::make_shared<detail::EventStreamState>();
  state->last_event_id = request.header("Last-Event-ID");
  const bool is_head = request.method() == Method::head;
  detail::set_event_fields(response);
  state->stream = response.stream();
  if (!state->stream) return;
  if (is_head) {
    state->stream.end();
    return;
  }
  state->stream.end_with_server();
  if (options.retry.count() > 0) {
    EventWriter opening;
    opening.retry(options.retry);
    state->stream.write(opening.take());
  }
  if (options.heartbeat.count() > 0) {
    Exchange& exchange = detail::StreamAccess::exchange_of(state->stream);
    auto beat = [weak = std::weak_ptr<detail::EventStreamState>(state)] {
      const std::shared_ptr<detail::EventStreamState> alive = weak.lock();
      if (alive != nullptr && alive->stream.write(detail::kHeartbeat) == WriteResult::gone)
        alive->timer->cancelled.store(true, std::memory_order_release);
    };
    state->timer = std::make_shared<detail::UserTimer>(std::move(beat), options.heartbeat, true);
    state->timer->place_on(exchange.mailbox);
    exchange.post([timer = state->timer](Reactor& loop, Exchange& self) {
      if (!self.done_told) loop.add_timer(timer);
    });
  }
  state_ = std::move(state);
}

WEIR_INLINE WriteResult EventStream::send(const Event& event) {
  EventWriter text;
  text.event(event);
  return send(std::move(text));
}

WEIR_INLINE WriteResult EventStream::send(EventWriter&& text) {
  return state_ == nullptr ? WriteResult::gone : state_->stream.write(text.take());
}

WEIR_INLINE WriteResult EventStream::comment(std::string_view text) {
  EventWriter writer;
  writer.comment(text);
  return send(std::move(writer));
}

WEIR_INLINE void EventStream::end() {
  if (state_ != nullptr) state_->stream.end();
}

WEIR_INLINE const std::string& EventStream::last_event_id() const noexcept {
  static const std::string none;
  return state_ == nullptr ? none : state_->last_event_id;
}

WEIR_INLINE Gone EventStream::gone() const noexcept {
  return state_ == nullptr ? Gone::yes : state_->stream.gone();
}

WEIR_INLINE void EventStream::on_gone(net::UniqueFunction<void(Gone)> f) {
  if (state_ != nullptr) state_->stream.on_gone(std::move(f));
}

WEIR_INLINE void EventStream::on_writable(net::UniqueFunction<void()> f) {
  if (state_ != nullptr) state_->stream.on_writable(std::move(f));
}

WEIR_END_NAMESPACE
