// SPDX-License-Identifier: MIT
#pragma once
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <weir/detail/exchange.hpp>
#include <weir/detail/filter_chain.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/detail/route_table.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE void ref_acquire(Exchange& object) noexcept {
  object.references_.fetch_add(1, std::memory_order_relaxed);
}

WEIR_INLINE void ref_release(Exchange& object) noexcept {
  if (object.references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  object.~Exchange();
  ::operator delete(&object);
}

WEIR_INLINE void FilterChainDeleter::operator()(FilterChain* chain) const noexcept { delete chain; }

inline std::atomic<std::uint32_t>& handle_count(Exchange& exchange, HandleKind kind) noexcept {
  switch (kind) {
    case HandleKind::reply:
      return exchange.replies;
    case HandleKind::stream:
      return exchange.streams;
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE void handle_acquire(Exchange& exchange, HandleKind kind) noexcept {
  handle_count(exchange, kind).fetch_add(1, std::memory_order_relaxed);
}

WEIR_INLINE void handle_release(Exchange& exchange, HandleKind kind) noexcept {
  if (handle_count(exchange, kind).fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  try {
    switch (kind) {
      case HandleKind::reply:
        if (!exchange.is_claimed() && exchange.gone() != Gone::yes)
          exchange.complete_with_error(Status::internal_server_error, {});
        return;
      case HandleKind::stream: {
        StreamState& stream = *exchange.stream();
        {
          const net::MutexLock lock(stream.mutex);
          if (stream.ended) return;
          stream.ended = true;
        }
        exchange.post([](Reactor& loop, Exchange& self) { loop.abort(self); });
        return;
      }
    }
  } catch (...) {
    // Out of memory: the handler's time-out will answer.
    log::write(log::Level::error, "out of memory while a reply was dropped");
  }
}

WEIR_INLINE Ref<Exchange> Exchange::create(const RequestData& from, std::string_view content) {
  // One allocation: the block, the field index, the head's bytes, the content.
  const std::size_t index_bytes = from.head.field_count * sizeof(http::FieldIndex);
  const std::size_t size = sizeof(Exchange) + index_bytes + from.head.size + content.size();
  static_assert(alignof(Exchange) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  static_assert(sizeof(Exchange) % alignof(http::FieldIndex) == 0);
  void* memory = ::operator new(size);
  Exchange* block = nullptr;
  try {
    block = new (memory) Exchange;
  } catch (...) {
    ::operator delete(memory);
    throw;
  }
  Ref<Exchange> exchange(*block);
  block->block_bytes = size;
  auto* fields = reinterpret_cast<http::FieldIndex*>(block + 1);
  char* bytes = reinterpret_cast<char*>(block + 1) + index_bytes;

  RequestData& data = block->data;
  data.head = from.head;
  data.head.fields = fields;
  data.head.field_capacity = from.head.field_count;
  if (index_bytes != 0) std::memcpy(fields, from.head.fields, index_bytes);
  if (from.head.size != 0) std::memcpy(bytes, from.head.base, from.head.size);
  data.head.base = bytes;
  char* content_bytes = bytes + from.head.size;
  if (!content.empty()) std::memcpy(content_bytes, content.data(), content.size());
  data.content = {content_bytes, content.size()};

  // The path lies in the head, or all of it and of the parameters in the scratch.
  data.scratch = from.scratch;
  data.params = from.params;
  const char* const old_scratch = from.scratch.data();
  const auto lies_in_scratch = [&](std::string_view view) {
    return view.data() >= old_scratch && view.data() <= old_scratch + from.scratch.size();
  };
  const bool decoded = !from.path.empty() && !from.scratch.empty() && lies_in_scratch(from.path);
  const char* const old_base = decoded ? old_scratch : from.head.base;
  const char* const new_base = decoded ? data.scratch.data() : bytes;
  if (!from.path.empty()) {
    data.path = {new_base + (from.path.data() - old_base), from.path.size()};
    data.params.rebase(old_base, new_base);
  }
  if (!from.query.empty())
    data.query = {bytes + (from.query.data() - from.head.base), from.query.size()};

  data.route = from.route;
  data.received_at = from.received_at;
  data.secure = from.secure;
  data.values = std::move(from.values);
  block->draft.promoter_ = block;
  return exchange;
}

WEIR_INLINE SuspensionTicket::~SuspensionTicket() {
  if (used.load(std::memory_order_acquire) || exchange->gone() == Gone::yes) return;
  try {
    exchange->complete_with_error(Status::internal_server_error, {});
  } catch (...) {
    // Out of memory: the handler's time-out will answer.
    log::write(log::Level::error, "out of memory while a suspension was dropped");
  }
}

WEIR_INLINE void Exchange::give_up(Reactor& reactor, Exchange& exchange) noexcept {
  log::write(log::Level::error, "connection dropped: a posted task failed");
  reactor.abort(exchange);
}

WEIR_INLINE SendResult Exchange::complete(Response&& answer) {
  if (gone() == Gone::yes) return SendResult::gone;
  if (!claim()) return gone() == Gone::yes ? SendResult::gone : SendResult::already_answered;
  response = std::move(answer);
  try {
    return post([](Reactor& loop, Exchange& self) { loop.deliver(self); }) ? SendResult::accepted
                                                                           : SendResult::gone;
  } catch (...) {
    state_.store(State::open, std::memory_order_release);  // somebody may still answer
    throw;
  }
}

WEIR_INLINE SendResult Exchange::complete_with_error(Status status, std::string_view message,
                                                     bool retry_later) {
  Error error;
  error.status = status;
  error.message = message;
  error.request = &request;
  Response answer;
  routes->shape_error(error, answer);
  if (retry_later) answer.header("Retry-After", "1");
  return complete(std::move(answer));
}

WEIR_INLINE SendResult Exchange::complete_with_upgrade_required(std::string_view protocol) {
  Error error;
  error.status = Status::upgrade_required;
  error.request = &request;
  Response answer;
  routes->shape_error(error, answer);
  answer.header("Upgrade", protocol);  // RFC 9110 §15.5.22
  return complete(std::move(answer));
}

WEIR_INLINE bool Exchange::begin_stream(Response&& answer) {
  if (gone() == Gone::yes || !claim()) return false;
  response = std::move(answer);
  try {
    make_stream();
    return post([](Reactor& loop, Exchange& self) { loop.begin_stream(self); });
  } catch (...) {
    delete stream_.exchange(nullptr);
    state_.store(State::open, std::memory_order_release);
    throw;
  }
}

/// A listener on its way to the loop. If the loop ends before it arrives, it hears of the loss.
template <class Argument>
struct ListenerBox {
  ListenerBox(net::UniqueFunction<void(Argument)> f, std::decay_t<Argument> when_lost)
      : listener(std::move(f)), lost(std::move(when_lost)) {}
  ~ListenerBox() { call(std::move(listener), lost); }

  static void call(net::UniqueFunction<void(Argument)> f, Argument argument) noexcept {
    if (!f) return;
    try {
      f(argument);
    } catch (...) {
      log::write(log::Level::error, "an on_gone or on_done callback threw");
    }
  }

  net::UniqueFunction<void(Argument)> listener;
  std::decay_t<Argument> lost;
};

WEIR_INLINE bool Exchange::run_on_worker(net::Task& task) noexcept {
  return reactor->run_on_worker(task);
}

WEIR_INLINE void Exchange::listen_gone(net::UniqueFunction<void(Gone)> f) {
  if (!f) return;
  using Box = ListenerBox<Gone>;
  auto box = std::make_unique<Box>(std::move(f), Gone::yes);
  post([box = std::move(box)](Reactor&, Exchange& self) {
    net::UniqueFunction<void(Gone)> listener = std::move(box->listener);
    const Gone now = self.gone();
    if (now == Gone::yes || self.done_told) {
      if (now != Gone::no) Box::call(std::move(listener), now);
      return;
    }
    self.gone_listeners_.push_back(std::move(listener));
    if (now == Gone::no) return;
    try {
      self.gone_listeners_.back()(now);
    } catch (...) {
      log::write(log::Level::error, "an on_gone callback threw");
    }
  });
}

WEIR_INLINE void Exchange::listen_done(net::UniqueFunction<void(const Outcome&)> f) {
  if (!f) return;
  using Box = ListenerBox<const Outcome&>;
  Outcome lost;
  lost.result = Outcome::Result::gone;
  auto box = std::make_unique<Box>(std::move(f), lost);
  post([box = std::move(box)](Reactor&, Exchange& self) {
    self.add_done_listener(std::move(box->listener));
  });
}

WEIR_INLINE void Exchange::add_done_listener(net::UniqueFunction<void(const Outcome&)> f) {
  if (done_told) {
    ListenerBox<const Outcome&>::call(std::move(f), outcome);
  } else {
    done_listeners_.push_back(std::move(f));
  }
}

WEIR_INLINE void Exchange::end_pieces() noexcept {
  if (StreamState* const state = stream()) {
    {
      const net::MutexLock lock(state->mutex);
      state->ended = true;
    }
    state->room.notify_all();
  }
  if (body != nullptr) {
    {
      const net::MutexLock lock(body->mutex);
      if (!body->ended) body->failed = true;
      body->ended = true;
    }
    body->arrived.notify_all();
  }
}

WEIR_INLINE void Exchange::raise_gone(Gone value) noexcept {
  if (gone() >= value) return;
  gone_.store(value);
  if (value == Gone::yes) end_pieces();
  for (std::size_t i = 0; i < gone_listeners_.size(); ++i) {
    try {
      gone_listeners_[i](value);
    } catch (...) {
      log::write(log::Level::error, "an on_gone callback threw");
    }
  }
  if (value == Gone::yes) gone_listeners_.clear();
}

WEIR_INLINE void Exchange::tell_done(const Outcome& how) noexcept {
  if (done_told) return;
  done_told = true;
  outcome = how;
  for (std::size_t i = 0; i < done_listeners_.size(); ++i) {
    try {
      done_listeners_[i](outcome);
    } catch (...) {
      log::write(log::Level::error, "an on_done callback threw");
    }
  }
  done_listeners_.clear();
  gone_listeners_.clear();
  // Callbacks often hold a handle of their own exchange: dropping them breaks the circle.
  if (body != nullptr) {
    body->on_data = {};
    body->on_end = {};
    body->on_error = {};
  }
  if (StreamState* const state = stream()) state->on_writable = {};
  filters.reset();  // a job inside holds the exchange
  successor.reset();
}

}  // namespace detail
WEIR_END_NAMESPACE
