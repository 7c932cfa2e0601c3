// SPDX-License-Identifier: MIT
#pragma once
// A reactor's answers: whole, filtered and in pieces, and what other threads post of them.
#include <exception>
#include <utility>
#include <weir/detail/file_content.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Whether an answer may have `status`: an interim one would leave the client waiting for another.
inline bool is_final(Status status) noexcept {
  const auto code = static_cast<unsigned>(status);
  return code >= 200 && code <= 999;
}

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE bool Reactor::scratch_is_of(const Peer& peer) const noexcept {
  return scratch_peer_ == &peer && scratch_exchange_ == peer.session.exchange();
}

WEIR_INLINE void Reactor::answer_error(Peer& peer, Status status, std::string_view message,
                                       const Request* request) {
  Error error;
  error.status = status;
  error.message = message;
  error.request = request;
  Response response;
  core_.routes->shape_error(error, response);
  answer(peer, response);
}

WEIR_INLINE void Reactor::refuse_status(const Request& request, Response& response) noexcept {
  static log::Limiter limiter;
  log::write_limited(limiter, log::Level::error, "an answer had a status that is no final one");
  Error error;
  error.request = &request;
  core_.routes->shape_error(error, response);
  if (!is_final(response.head_.status)) response.head_.status = Status::internal_server_error;
}

WEIR_INLINE void Reactor::answer(Peer& peer, Response& response) { answer_step(peer, response); }

WEIR_STEP void Reactor::answer_step(Peer& peer, Response& response) {
  http::Session& session = peer.session;
  if (WEIR_UNLIKELY(!session.answer_pending() || session.answer_begun())) return;
  if (WEIR_UNLIKELY(response.is_empty())) response.head_.status = Status::no_content;
  const Request& request = peer.exchange ? peer.exchange->request : request_;
  if (WEIR_UNLIKELY(!is_final(response.head_.status))) refuse_status(request, response);
  const RouteEntry& route = *request.data_->route;
  if (WEIR_UNLIKELY(route.has_head_hooks)) {
    BodyFilters filters;
    filters.content_size_ = response.source_ == Response::Source::files
                                ? response.file_content()->size
                                : response.body().size();
    run_head_hooks(route, request, response.head_, filters);
    if (!filters.empty() && !http::forbids_content(response.head_.status)) {
      if (response.source_ == Response::Source::files) {
        response.file_content()->filter(*this, peer, response, filters);
        return;
      }
      start_filters(peer, filters);
      Exchange& exchange = *peer.exchange;
      exchange.claim();
      FilterChain& chain = *exchange.filters;
      chain.whole = true;
      chain.waiting.push_back({std::string(response.body()), true, 0});
      response.drop_content();
      response.head_.remove("Content-Length");
      if (&response != &exchange.response) exchange.response = std::move(response);
      filter(peer, exchange);
      return;
    }
  }
  write_whole(peer, response);
}

WEIR_STEP void Reactor::write_whole(Peer& peer, Response& response) {
  http::Session& session = peer.session;
  const std::string_view content = response.body();
  Outcome outcome;
  outcome.status = response.head_.status;
  bool has_content = false;
  if (WEIR_UNLIKELY(response.source_ == Response::Source::files)) {
    outcome.content_bytes = response.file_content()->write(*this, peer, response);
  } else if (WEIR_LIKELY(content.size() <= http::kCopyLimit)) {
    has_content = session.answer(response.head_, content, context_);
  } else {
    has_content = session.begin_answer(response.head_, content.size(), context_);
    if (session.begin_piece(content.size(), context_)) {
      if (response.source_ == Response::Source::owned) {
        cork_.push(std::move(response.text_));
      } else {
        cork_.push(content, std::move(response.keep_));
      }
      session.end_piece(context_);
    }
    session.end_answer({}, context_);
  }
  if (WEIR_LIKELY(has_content)) outcome.content_bytes = content.size();
  if (WEIR_UNLIKELY(response.source_ >= Response::Source::kept))
    response.drop_content();  // copied, or in the queue's hands
  // Requests that are read already count too: a client that does not read its answers gets no more.
  if (WEIR_UNLIKELY(peer.connection.has_output()) &&
      cork_.unsent() > core_.options.output_high_water)
    context_.requests = 0;
  exchange_answered(peer, outcome);
}

// The answer is written, not sent. What wants to know of its delivery waits for the flush.
WEIR_STEP void Reactor::exchange_answered(Peer& peer, const Outcome& outcome) {
  if (WEIR_LIKELY(!peer.exchange)) {
    const RouteEntry& route = *scratch_.route;
    if (WEIR_UNLIKELY(route.has_end_work) && meter_ != nullptr) meter_->ended(scratch_, outcome);
    if (WEIR_LIKELY(!route.has_end_work) || !route.has_done_hooks) {
      if (WEIR_UNLIKELY(!scratch_.values.empty())) scratch_.values.clear();
      return;
    }
    const char* const request_end =
        scratch_.head.base + scratch_.head.size + scratch_.content.size();
    // Only the loop's buffer stays as it is until the flush, and only if nothing is parsed behind
    // this.
    const bool in_buffer = input_end_ != nullptr && scratch_.head.base >= buffer_.get() &&
                           scratch_.head.base < buffer_.get() + kTurnBytes;
    if (WEIR_LIKELY(in_buffer && request_end == input_end_ && !inline_done_)) {
      inline_done_ = true;
      inline_outcome_ = outcome;
      return;
    }
    promote();
  } else if (WEIR_UNLIKELY(meter_ != nullptr)) {
    meter_->ended(peer.exchange->data, outcome);
  }
  await_delivery(peer, outcome);
}

WEIR_INLINE void Reactor::await_delivery(Peer& peer, const Outcome& outcome) {
  Ref<Exchange> exchange = std::move(peer.exchange);
  exchange->claim();
  exchange->end_pieces();
  exchange->outcome = outcome;
  exchange->outcome.duration_ms = context_.now_ms - exchange->started_ms;
  exchange->answer_begun = true;
  Ref<Exchange>* last = &peer.finishing;
  while (*last) last = &(*last)->next_finishing;
  *last = std::move(exchange);
}

WEIR_INLINE void Reactor::deliver_finished(Peer& peer, std::uint64_t sent, bool all) noexcept {
  while (peer.finishing && (all || peer.finishing->done_position <= sent)) {
    const Ref<Exchange> exchange = std::move(peer.finishing);
    peer.finishing = std::move(exchange->next_finishing);
    tell_done(*exchange, Outcome::Result::delivered);
  }
}

WEIR_INLINE void Reactor::tell_done(Exchange& exchange, Outcome::Result result) noexcept {
  Outcome outcome = exchange.outcome;
  outcome.result = result;
  if (!exchange.answer_begun) outcome.status = Status{};
  if (result != Outcome::Result::delivered)
    outcome.duration_ms = clock_ms(loop_.now()) - exchange.started_ms;
  if (exchange.data.route != nullptr && exchange.data.route->has_done_hooks)
    run_done_hooks(*exchange.data.route, exchange.request, outcome);
  // A worker may still read the request; its values go with the block then.
  exchange.tell_done(outcome);
}

WEIR_INLINE void Reactor::run_head_hooks(const RouteEntry& route, const Request& request,
                                         ResponseHead& head, BodyFilters& filters) noexcept {
  for (std::size_t i = route.chain.size(); i-- > 0;) {
    const MiddlewareEntry& entry = route.chain[i];
    if (entry.head == nullptr) continue;
    try {
      entry.head(entry.object.get(), request, head, filters);
    } catch (const std::exception& what) {
      static log::Limiter limiter;
      log::write_limited(limiter, log::Level::error, what.what());
    } catch (...) {
      log::write(log::Level::error, "a head hook threw");
    }
  }
}

WEIR_INLINE void Reactor::run_done_hooks(const RouteEntry& route, const Request& request,
                                         const Outcome& outcome) noexcept {
  for (std::size_t i = route.chain.size(); i-- > 0;) {
    const MiddlewareEntry& entry = route.chain[i];
    if (entry.done == nullptr) continue;
    try {
      entry.done(entry.object.get(), request, outcome);
    } catch (const std::exception& what) {
      static log::Limiter limiter;
      log::write_limited(limiter, log::Level::error, what.what());
    } catch (...) {
      log::write(log::Level::error, "a done hook threw");
    }
  }
}

// ── Filters ──────────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE void Reactor::start_filters(Peer& peer, BodyFilters& filters) {
  Exchange& exchange = peer.exchange ? *peer.exchange : promote();
  exchange.filters.reset(new FilterChain);
  exchange.filters->filters = std::move(filters.filters_);
}

// Takes pieces through the chain until none waits or a filter wants to finish later.
WEIR_INLINE void Reactor::filter(Peer& peer, Exchange& exchange) {
  const Ref<Exchange> keep(exchange);  // the last piece ends the exchange
  while (exchange.filters != nullptr) {
    FilterChain& chain = *exchange.filters;
    if (chain.job != nullptr) {
      if (!chain.job->done.load()) return;
      chain.current.bytes = std::move(chain.job->result);
      chain.job.reset();
      ++chain.stage;
    } else if (!chain.inside) {
      if (chain.waiting.empty()) return;
      chain.current = std::move(chain.waiting.front());
      chain.waiting.pop_front();
      chain.stage = 0;
      chain.inside = true;
    }
    if (chain.stage == chain.filters.size()) {
      chain.inside = false;
      emit_filtered(peer, exchange, std::move(chain.current));
      continue;
    }
    const bool more = !chain.current.last && (chain.steady || !chain.waiting.empty());
    chain.job = std::make_shared<FilterJob>(exchange, more);
    const std::shared_ptr<FilterJob> job = chain.job;
    try {
      chain.filters[chain.stage]->transform(chain.current.bytes, chain.current.last,
                                            FilterJob::output_of(job));
    } catch (...) {
      log::write(log::Level::error, "a body filter threw");
      job->done.store(true);
      exchange.answer_begun = true;
      exchange.filters.reset();  // later pieces must not make it look whole
      peer.session.abort();
      return;
    }
    job->in_call.store(false);
  }
}

WEIR_INLINE void Reactor::emit_filtered(Peer& peer, Exchange& exchange, FilterChain::Piece piece) {
  FilterChain& chain = *exchange.filters;
  if (chain.whole) {
    chain.gathered.append(piece.bytes);
    if (!piece.last) return;
    Response whole = std::move(exchange.response);
    whole.body(std::move(chain.gathered));
    exchange.filters.reset();
    write_whole(peer, whole);
    return;
  }
  if (!piece.bytes.empty()) push_piece(peer, std::move(piece.bytes), nullptr);
  if (!piece.last) {
    count_taken(exchange, piece.counted);
    return;
  }
  const std::string trailers = std::move(chain.trailers);
  exchange.filters.reset();
  peer.session.end_answer(trailers, context_);
  const Outcome outcome = exchange.outcome;
  exchange_answered(peer, outcome);
}

WEIR_INLINE void Reactor::filter_done(Exchange& exchange) {
  Peer* const peer = find(exchange);
  if (peer == nullptr || exchange.filters == nullptr) return;
  enter(*peer);
  try {
    filter(*peer, exchange);
  } catch (...) {
    lose(*peer);
  }
}

// ── What other threads post ──────────────────────────────────────────────────────────────────────

WEIR_INLINE void Reactor::deliver(Exchange& exchange) {
  Peer* const peer = find(exchange);
  if (peer == nullptr || exchange.answer_begun) return;
  enter(*peer);
  try {
    answer(*peer, exchange.response);
  } catch (...) {
    lose(*peer);
  }
}

WEIR_INLINE void Reactor::begin_stream(Exchange& exchange) {
  Peer* const peer = find(exchange);
  if (peer == nullptr || exchange.answer_begun || !peer->session.answer_pending()) return;
  enter(*peer);
  try {
    exchange.answer_begun = true;
    ResponseHead& head = exchange.response.head_;
    const RouteEntry& route = *exchange.data.route;
    if (exchange.successor != nullptr) {
      begin_upgrade(*peer, exchange);
      return;
    }
    if (!is_final(head.status)) refuse_status(exchange.request, exchange.response);
    if (route.has_head_hooks) {
      BodyFilters filters;
      run_head_hooks(route, exchange.request, head, filters);
      if (!filters.empty() && !http::forbids_content(head.status)) {
        start_filters(*peer, filters);
        head.remove("Content-Length");
      }
    }
    exchange.outcome.status = head.status;
    peer->session.begin_answer(head, http::Session::kUnknownSize, context_);
  } catch (...) {
    lose(*peer);
  }
}

WEIR_INLINE void Reactor::begin_upgrade(Peer& peer, Exchange& exchange) {
  if (!peer.session.request_is_complete()) {  // its content would be taken for the protocol's bytes
    peer.session.abort();
    return;
  }
  ResponseHead& head = exchange.response.head_;
  const RouteEntry& route = *exchange.data.route;
  if (route.has_head_hooks) {
    BodyFilters ignored;  // what follows is not content
    run_head_hooks(route, exchange.request, head, ignored);
  }
  head.status = Status::switching_protocols;
  exchange.outcome.status = head.status;
  peer.session.upgrade(head, context_);
  peer.held_is_fresh = !peer.held.empty();
  exchange.successor->on_open(Stream(exchange));
}

WEIR_INLINE void Reactor::write_stream(Exchange& exchange, std::string&& owned,
                                       std::shared_ptr<const std::string> shared) {
  const std::uint64_t size = shared != nullptr ? shared->size() : owned.size();
  Peer* const peer = find(exchange);
  if (peer == nullptr || !exchange.answer_begun) {
    count_taken(exchange, size);
    return;
  }
  enter(*peer);
  try {
    if (exchange.filters != nullptr) {
      // It counts as waiting until it is through: a slow filter holds up its writer.
      if (shared != nullptr) owned = *shared;
      exchange.filters->waiting.push_back({std::move(owned), false, size});
      filter(*peer, exchange);
      return;
    }
    push_piece(*peer, std::move(owned), std::move(shared));
  } catch (...) {
    lose(*peer);
  }
  count_taken(exchange, size);
}

WEIR_INLINE void Reactor::push_piece(Peer& peer, std::string&& owned,
                                     std::shared_ptr<const std::string> shared) {
  const std::string_view view = shared != nullptr ? std::string_view(*shared) : owned;
  if (!peer.session.begin_piece(view.size(), context_)) return;
  peer.exchange->outcome.content_bytes += view.size();
  if (view.size() <= http::kCopyLimit) {
    cork_.append(view);
  } else if (shared != nullptr) {
    cork_.push(view, std::move(shared));
  } else {
    cork_.push(std::move(owned));
  }
  peer.session.end_piece(context_);
}

WEIR_INLINE void Reactor::count_taken(Exchange& exchange, std::uint64_t size) noexcept {
  StreamState& stream = *exchange.stream();
  // The cork is lent to the exchange's own connection, or that is lost.
  const bool is_current = current_ != nullptr && current_->exchange.get() == &exchange;
  const std::uint64_t queued = is_current ? cork_.unsent() : 0;
  const net::MutexLock lock(stream.mutex);
  stream.waiting -= size + StreamState::kPieceCost;
  stream.queued = queued;
}

WEIR_INLINE void Reactor::make_room(Exchange& exchange, std::uint64_t queued) noexcept {
  StreamState& stream = *exchange.stream();
  bool tell = false;
  {
    const net::MutexLock lock(stream.mutex);
    stream.queued = queued;
    if (stream.wants_room && stream.waiting + queued <= stream.limit / 2) {
      stream.wants_room = false;
      tell = true;
    }
  }
  if (!tell) return;
  stream.room.notify_all();
  if (!stream.on_writable) return;
  try {
    stream.on_writable();
  } catch (...) {
    log::write(log::Level::error, "an on_writable callback threw");
  }
}

WEIR_INLINE void Reactor::set_on_writable(Exchange& exchange, net::UniqueFunction<void()> f) {
  if (find(exchange) == nullptr) return;  // `f` ends here
  StreamState& stream = *exchange.stream();
  stream.on_writable = std::move(f);
  {
    const net::MutexLock lock(stream.mutex);
    if (stream.waiting + stream.queued > stream.limit) return;
    stream.wants_room = false;
  }
  if (!stream.on_writable) return;
  try {
    stream.on_writable();
  } catch (...) {
    log::write(log::Level::error, "an on_writable callback threw");
  }
}

WEIR_INLINE void Reactor::end_stream(Exchange& exchange, std::string_view trailers) {
  Peer* const peer = find(exchange);
  if (peer == nullptr || !exchange.answer_begun) return;
  enter(*peer);
  try {
    if (exchange.filters != nullptr) {
      exchange.filters->trailers.assign(trailers.data(), trailers.size());
      exchange.filters->waiting.push_back({{}, true, 0});
      filter(*peer, exchange);
      return;
    }
    peer->session.end_answer(trailers, context_);
    // Short of its announced length the answer is broken off; settle() will see to it.
    if (!peer->session.is_aborted()) {
      const Outcome outcome = exchange.outcome;
      exchange_answered(*peer, outcome);
    }
  } catch (...) {
    lose(*peer);
  }
}

WEIR_INLINE void Reactor::end_stream_with_server(Exchange& exchange) {
  if (find(exchange) == nullptr) return;
  StreamState& stream = *exchange.stream();
  stream.ends_with_server = true;
  if (!context_.closing) return;
  {
    const net::MutexLock lock(stream.mutex);
    if (stream.ended) return;
    stream.ended = true;
  }
  stream.room.notify_all();
  end_stream(exchange, {});
}

WEIR_INLINE void Reactor::abort(Exchange& exchange) noexcept {
  Peer* const peer = find(exchange);
  if (peer == nullptr) return;
  enter(*peer);
  exchange.answer_begun = true;
  peer->session.abort();
}

WEIR_INLINE void Reactor::interim(Exchange& exchange, Status status, const ResponseHead& head) {
  Peer* const peer = find(exchange);
  if (peer == nullptr) return;
  enter(*peer);
  try {
    peer->session.send_interim(status, head, context_);
  } catch (...) {
    lose(*peer);
  }
}

WEIR_INLINE void Reactor::proceed(Exchange& exchange) {
  Peer* const peer = find(exchange);
  if (peer == nullptr || !peer->session.answer_pending() || exchange.is_claimed()) return;
  enter(*peer);
  try {
    exchange.taken = false;
    const RouteEntry& route = *exchange.data.route;
    std::uint32_t at = 0;
    const Next next =
        run_before(route, exchange.chain_at + 1, exchange.request, exchange.draft, at);
    http::ContentPlan plan{http::ContentPlan::Kind::answered, 0, 0};
    switch (next) {
      case Next::suspended:
        exchange.chain_at = at;
        return;
      case Next::done:
        if (!exchange.taken) answer(*peer, exchange.draft);
        break;
      case Next::proceed:
        plan = start_behind(*peer, exchange.request, exchange.draft);
        break;
    }
    if (current_ == peer) peer->session.follow_plan(plan, context_);
  } catch (...) {
    lose(*peer);
  }
}

// Whether somebody takes pieces, and wants one now.
WEIR_INLINE bool Reactor::wants_content(BodyState& body) noexcept {
  {
    const net::MutexLock lock(body.mutex);
    if (body.reading ? body.held_up : !body.on_data) return false;
  }
  return !body.paused.load(std::memory_order_relaxed);
}

WEIR_INLINE void Reactor::resume_body(Exchange& exchange) {
  Peer* const peer = find(exchange);
  if (peer == nullptr || exchange.body == nullptr) return;
  BodyState& body = *exchange.body;
  enter(*peer);
  try {
    if (body.complete) {
      tell_body_end(*peer, exchange);
      return;
    }
    if (!wants_content(body)) return;
    if (WEIR_UNLIKELY(exchange.decoder != nullptr) && exchange.decoder->is_waiting()) {
      const Ref<Exchange> keep(exchange);
      if (!decode(*peer, {}) || peer->exchange.get() != &exchange || exchange.decoder->is_waiting())
        return;
      if (body.received) {
        peer->session.resume_content(context_);  // the handler's time begins anew
        end_content(*peer, exchange);
        return;
      }
      if (!wants_content(body)) return;
    }
    peer->session.resume_content(context_);
  } catch (...) {
    lose(*peer);
  }
}

}  // namespace detail
WEIR_END_NAMESPACE
