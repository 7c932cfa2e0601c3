// SPDX-License-Identifier: MIT
#pragma once
// A reactor's requests: from the head to the handler, and the content on its way there.
#include <algorithm>
#include <exception>
#include <new>
#include <utility>
#include <weir/detail/content_limit.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/http/target.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Content is collected in steps from here up to its announced length: an announcement alone must
/// not take memory.
inline constexpr std::size_t kFirstCollect = 16 * 1024;

// ── The way of a request ─────────────────────────────────────────────────────────────────────────

WEIR_STEP http::TargetError Reactor::route_request(Peer& peer, http::RequestHead& head) {
  scratch_peer_ = &peer;
  scratch_exchange_ = peer.session.exchange();
  request_.data_ = &scratch_;
  scratch_.content = {};
  scratch_.remote = &peer.remote;
  scratch_.local_of = &peer.connection;
  scratch_.received_at = loop_.now();
  scratch_.secure = peer.connection.is_secure();
  scratch_.params.clear();
  if (WEIR_UNLIKELY(!scratch_.values.empty())) scratch_.values.clear();
  response_.clear();

  const std::string_view target = head.target_text();
  const std::size_t path_size = head.plain_path;
  if (WEIR_UNLIKELY(path_size == 0)) return route_unusual(head);
  scratch_.path = {target.data(), path_size};
  scratch_.query = path_size == target.size() ? std::string_view() : target.substr(path_size + 1);
  find_route(head, {}, scratch_.path);
  return http::TargetError::none;
}

// A target that the parser has not taken apart: another form, escapes, dots.
WEIR_INLINE http::TargetError Reactor::route_unusual(http::RequestHead& head) {
  http::Target target;
  http::TargetError error = http::split(head.target_text(), head.method, target);
  if (error != http::TargetError::none) return error;
  http::RoutedPath routed;
  error = http::normalise_path(target.path, scratch_.scratch, routed);
  if (error != http::TargetError::none) return error;
  scratch_.query = target.query;
  find_route(head, target.authority, routed.text);
  scratch_.path = http::show_path(routed, scratch_.scratch, scratch_.params);
  return http::TargetError::none;
}

WEIR_STEP void Reactor::find_route(const http::RequestHead& head, std::string_view authority,
                                   std::string_view path) noexcept {
  std::string_view host;
  if (WEIR_UNLIKELY(core_.routes->has_hosts()))
    host = authority.empty() ? head.header(http::KnownField::host) : authority;
  scratch_.route =
      &core_.routes->find(host, head.method, head.text(head.method_text), path, scratch_.params);
}

WEIR_STEP http::ContentPlan Reactor::plan_of(const RouteEntry& route) const noexcept {
  http::ContentPlan plan;
  plan.kind = route.handler.call_streamed != nullptr ? http::ContentPlan::Kind::stream
                                                     : http::ContentPlan::Kind::collect;
  plan.limit = route.body_limit;
  plan.handler_ms = route.timeout_ms;
  return plan;
}

WEIR_INLINE http::ContentPlan Reactor::on_head(http::Session&, http::RequestHead& head) {
  Peer& peer = *current_;
  tally_.add(Counter::requests);
  if (WEIR_UNLIKELY(is_too_old(peer))) {
    tally_.add(Counter::max_age_reached);
    peer.session.close_after_answer();
  }
  const http::TargetError error = route_request(peer, head);
  if (WEIR_UNLIKELY(error != http::TargetError::none)) {
    scratch_.route = &core_.routes->bad_request();
    scratch_.path = scratch_.query = {};
    peer.session.close_after_answer();
    answer_error(peer, http::status_of(error), http::message_of(error), &request_);
    return {http::ContentPlan::Kind::answered, 0, 0};
  }
  const RouteEntry& route = *scratch_.route;
  if (WEIR_UNLIKELY(!route.chain.empty())) {
    std::uint32_t at = 0;
    const Next next = run_before(route, 0, request_, response_, at);
    if (next == Next::suspended) {
      peer.exchange->chain_at = at;
      peer.exchange->draft = std::move(response_);
      peer.exchange->draft.promoter_ = peer.exchange.get();
      return {http::ContentPlan::Kind::suspended, route.timeout_ms, 0};
    }
    if (next == Next::done) {
      if (!(peer.exchange && peer.exchange->taken)) answer(peer, response_);
      return {http::ContentPlan::Kind::answered, route.timeout_ms, 0};
    }
    return start_behind(peer, request_, response_);
  }
  return start(peer, request_, response_);
}

// The same behind `before` hooks, which may have left a limit.
WEIR_INLINE http::ContentPlan Reactor::start_behind(Peer& peer, const Request& request,
                                                    Response& response) {
  const ContentLimit* const value = request.get<ContentLimit>();
  const std::uint64_t limit = value == nullptr ? kNoContentLimit : value->bytes;
  // Later the values may be a worker's.
  if (peer.exchange) peer.exchange->content_limit = limit;
  http::ContentPlan plan = start(peer, request, response);
  if (limit < plan.limit) plan.limit = limit;
  return plan;
}

// What is done once the `before` hooks are through; the content is still unread.
WEIR_STEP http::ContentPlan Reactor::start(Peer& peer, const Request& request, Response& response) {
  const RouteEntry& route = *request.data_->route;
  if (WEIR_UNLIKELY(route.stand_in)) {
    invoke(route, request, response);
    if (!(peer.exchange && peer.exchange->taken)) answer(peer, response);
    return {http::ContentPlan::Kind::answered, 0, 0};
  }
  if (WEIR_UNLIKELY(route.handler.call_streamed != nullptr)) {
    Exchange& exchange = promote();
    if (&response != &exchange.draft) {
      exchange.draft = std::move(response);
      exchange.draft.promoter_ = &exchange;
    }
    start_streamed(exchange);
  }
  return plan_of(route);
}

WEIR_INLINE Next Reactor::run_before(const RouteEntry& route, std::uint32_t from, Request& request,
                                     Response& response, std::uint32_t& at) {
  const Running running(*this, route);
  for (at = from; at < route.chain.size(); ++at) {
    const MiddlewareEntry& entry = route.chain[at];
    if (entry.before == nullptr) continue;
    Next next = Next::done;
    try {
      next = entry.before(entry.object.get(), request, response);
    } catch (...) {
      answer_exception(std::current_exception(), request, response);
    }
    const Exchange* const exchange = current_->exchange.get();
    if (next == Next::suspended && (exchange == nullptr || !exchange->taken)) {
      // Nobody could ever go on: the hook forgot to take the Suspension.
      response.clear();
      response.status(Status::internal_server_error);
      log::write(log::Level::error, "a before hook returned Next::suspended without suspend()");
      return Next::done;
    }
    if (next != Next::proceed) return next;
  }
  return Next::proceed;
}

WEIR_INLINE void Reactor::on_request(http::Session&, http::RequestHead&, std::string_view content) {
  Peer& peer = *current_;
  scratch_.content = content;
  const RouteEntry& route = *scratch_.route;
  if (WEIR_UNLIKELY(peer.exchange)) {  // a `before` hook made the block already
    if (peer.exchange->decoder == nullptr) {
      peer.exchange->content.assign(content.data(), content.size());
    } else if (!decode(peer, content) || !decoded_is_whole(peer)) {
      return;
    }
    peer.exchange->data.content = peer.exchange->content;
  }
  if (WEIR_UNLIKELY(route.handler.blocking)) {
    Exchange& exchange = promote();
    exchange.draft = std::move(response_);
    exchange.draft.promoter_ = &exchange;
    submit(exchange);
    return;
  }
  invoke(route, request_, response_);
  if (WEIR_UNLIKELY(peer.exchange && peer.exchange->taken)) return;
  answer_step(peer, response_);
}

WEIR_INLINE void Reactor::on_content_begin(http::Session&, http::RequestHead& head) {
  Exchange& exchange = promote();
  exchange.draft = std::move(response_);
  exchange.draft.promoter_ = &exchange;
  if (head.framing == http::RequestHead::Framing::length) {
    const std::uint64_t length = head.content_length;
    exchange.content.reserve(length < kFirstCollect ? static_cast<std::size_t>(length)
                                                    : kFirstCollect);
  }
}

WEIR_INLINE void Reactor::on_content(http::Session&, std::string_view piece) {
  Peer& peer = *current_;
  if (WEIR_UNLIKELY(peer.exchange->decoder != nullptr)) {
    decode(peer, piece);
  } else {
    take_content(peer, piece);
  }
}

// Hands the content on that a coded piece has, or the rest of one before; false when that is
// answered with an error. What the handler does not want yet stays coded.
WEIR_INLINE bool Reactor::decode(Peer& peer, std::string_view piece) {
  using Take = ContentDecoder::Take;
  const Ref<Exchange> exchange = peer.exchange;  // a callback may answer
  ContentDecoder::Sink sink = [this, &peer, &exchange](std::string_view decoded) {
    const bool wants_more = take_content(peer, decoded);
    if (peer.exchange.get() != exchange.get() || peer.session.is_aborted()) return Take::stop;
    return wants_more ? Take::more : Take::wait;
  };
  const std::uint64_t limit =
      std::min(plan_of(*exchange->data.route).limit, exchange->content_limit);
  ContentDecoder& decoder = *exchange->decoder;
  switch (decoder.is_waiting() ? decoder.go_on(limit, sink) : decoder.put(piece, limit, sink)) {
    case ContentDecoder::Result::ok:
    case ContentDecoder::Result::waiting:
    case ContentDecoder::Result::stopped:
      return true;
    case ContentDecoder::Result::broken:
      refuse_content(peer, BodyError::malformed, Status::bad_request,
                     "the content is not what its Content-Encoding says");
      return false;
    case ContentDecoder::Result::too_large:
      tally_.add(Counter::content_too_large);
      refuse_content(peer, BodyError::too_large, Status::content_too_large,
                     "the decoded content is too large");
      return false;
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE bool Reactor::decoded_is_whole(Peer& peer) {
  if (peer.exchange->decoder->is_complete()) return true;
  refuse_content(peer, BodyError::malformed, Status::bad_request, "the coded content is not whole");
  return false;
}

// Ends a request whose content is no good: what is left of it is not read.
WEIR_INLINE void Reactor::refuse_content(Peer& peer, BodyError error, Status status,
                                         std::string_view reason) {
  const Ref<Exchange> exchange = peer.exchange;
  const bool is_open =
      exchange->claim();  // before a worker hears of it, which might answer as well
  if (exchange->body != nullptr) tell_body_error(*exchange->body, error);
  if (peer.exchange.get() != exchange.get()) return;
  peer.session.close_after_answer();
  if (is_open) {
    answer_error(peer, status, reason, &exchange->request);
  } else if (exchange->answer_begun) {
    peer.session.abort();
  }
}

// Whether the handler wants more at once.
WEIR_INLINE bool Reactor::take_content(Peer& peer, std::string_view piece) {
  Exchange& exchange = *peer.exchange;
  http::Session& session = peer.session;
  BodyState* const body = exchange.body.get();
  if (body == nullptr) {
    exchange.content.append(piece.data(), piece.size());
    return true;
  }
  bool to_worker = false;
  bool is_full = false;
  {
    const net::MutexLock lock(body->mutex);
    to_worker = body->reading;
    if (to_worker) {
      body->held.append(piece.data(), piece.size());
      if (body->held.size() - body->held_read >= BodyState::kHighWater) {
        body->held_up = is_full = true;
        session.pause_content(context_);
      }
    }
  }
  if (to_worker) {
    body->arrived.notify_one();
    return !is_full;
  }
  if (body->on_data) {
    try {
      body->on_data(piece);
    } catch (...) {
      body_callback_threw(*current_, exchange);
      return true;
    }
  }
  if (!body->paused.load(std::memory_order_relaxed)) return true;
  session.pause_content(context_);
  return false;
}

WEIR_INLINE void Reactor::on_content_end(http::Session&, std::string_view trailers) {
  Peer& peer = *current_;
  Exchange& exchange = *peer.exchange;
  if (BodyState* const body = exchange.body.get()) {
    body->trailers.assign(trailers.data(), trailers.size());
    body->received = true;
    // resume_body() comes to the end when the decoder does.
    if (exchange.decoder == nullptr || !exchange.decoder->is_waiting()) end_content(peer, exchange);
    return;
  }
  if (WEIR_UNLIKELY(exchange.decoder != nullptr) && !decoded_is_whole(peer)) return;
  exchange.data.content = exchange.content;
  const RouteEntry& route = *exchange.data.route;
  if (route.handler.blocking) {
    submit(exchange);
    return;
  }
  invoke(route, exchange.request, exchange.draft);
  if (!exchange.taken) answer(peer, exchange.draft);
}

// All content of a streamed request is given.
WEIR_INLINE void Reactor::end_content(Peer& peer, Exchange& exchange) {
  BodyState& body = *exchange.body;
  if (WEIR_UNLIKELY(exchange.decoder != nullptr) && (body.broken || !decoded_is_whole(peer)))
    return;
  {
    const net::MutexLock lock(body.mutex);
    body.ended = true;
  }
  body.arrived.notify_all();
  body.complete = true;
  tell_body_end(peer, exchange);
}

WEIR_INLINE void Reactor::tell_body_end(Peer& peer, Exchange& exchange) {
  BodyState& body = *exchange.body;
  // A paused handler has not dealt with the last piece yet: resume() comes here again.
  if (!body.on_end || body.paused.load(std::memory_order_relaxed)) return;
  net::UniqueFunction<void(std::string_view)> on_end = std::move(body.on_end);
  try {
    on_end(body.trailers);
  } catch (...) {
    body_callback_threw(peer, exchange);
  }
}

WEIR_INLINE void Reactor::body_callback_threw(Peer& peer, Exchange& exchange) {
  Response error;
  answer_exception(std::current_exception(), exchange.request, error);
  if (exchange.claim()) {
    answer(peer, error);
  } else if (exchange.answer_begun) {
    peer.session.abort();
  }
}

WEIR_INLINE void Reactor::on_content_error(http::Session&, http::ContentError error) {
  Exchange* const exchange = current_->exchange.get();
  if (exchange == nullptr || exchange->body == nullptr) return;
  BodyState& body = *exchange->body;
  BodyError what = BodyError::gone;
  switch (error) {
    case http::ContentError::malformed:
      what = BodyError::malformed;
      break;
    case http::ContentError::too_large:
      what = BodyError::too_large;
      break;
    case http::ContentError::timed_out:
      what = BodyError::timed_out;
      break;
    case http::ContentError::gone:
      what = BodyError::gone;
      break;
  }
  tell_body_error(body, what);
}

WEIR_INLINE void Reactor::tell_body_error(BodyState& body, BodyError error) noexcept {
  {
    const net::MutexLock lock(body.mutex);
    body.ended = body.failed = true;
  }
  body.arrived.notify_all();
  body.broken = true;
  body.error = error;
  if (!body.on_error) return;
  net::UniqueFunction<void(BodyError)> on_error = std::move(body.on_error);
  try {
    on_error(error);
  } catch (...) {
    log::write(log::Level::error, "an on_error callback of a body threw");
  }
}

WEIR_INLINE void Reactor::on_refused(http::Session&, Status status, std::string_view reason) {
  Peer& peer = *current_;
  if (peer.exchange) {
    // The handler may be running on a worker, or hold a Reply: from here on it is too late.
    peer.exchange->claim();
    peer.exchange->raise_gone(Gone::yes);
    answer_error(peer, status, reason, &peer.exchange->request);
    return;
  }
  if (scratch_is_of(peer)) {
    answer_error(peer, status, reason, &request_);
    return;
  }
  // No request could be read: `done` hooks of the server get an empty one.
  scratch_peer_ = &peer;
  scratch_exchange_ = peer.session.exchange();
  request_.data_ = &scratch_;
  http::FieldIndex* const fields = scratch_.head.fields;
  scratch_.head = http::RequestHead{};
  scratch_.head.fields = fields;
  scratch_.head.field_capacity = core_.limits.field_count;
  scratch_.head.base = buffer_.get();
  scratch_.content = scratch_.path = scratch_.query = {};
  scratch_.params.clear();
  scratch_.remote = &peer.remote;
  scratch_.local_of = &peer.connection;
  scratch_.received_at = loop_.now();
  scratch_.secure = peer.connection.is_secure();
  scratch_.route = &core_.routes->bad_request();
  answer_error(peer, status, reason, nullptr);
}

WEIR_INLINE void Reactor::on_handler_timeout(http::Session&) {
  Peer& peer = *current_;
  if (!peer.exchange) return;
  Exchange& exchange = *peer.exchange;
  if (!exchange.claim()) {
    // An answer is on its way; but one that a filter keeps is never to come.
    if (exchange.filters != nullptr) peer.session.abort();
    return;
  }
  const bool waited = exchange.pooled && !exchange.handler_begun.load(std::memory_order_relaxed);
  tally_.add(waited ? Counter::worker_wait_timeouts : Counter::handler_timeouts);
  exchange.raise_gone(Gone::yes);
  answer_error(peer, waited ? Status::service_unavailable : Status::gateway_timeout,
               waited ? "no worker was free in time" : "the handler did not answer in time",
               &exchange.request);
}

WEIR_INLINE void Reactor::on_incident(http::Incident incident) noexcept {
  switch (incident) {
    case http::Incident::malformed:
      return tally_.add(Counter::malformed);
    case http::Incident::request_line_too_long:
      return tally_.add(Counter::request_line_too_long);
    case http::Incident::field_too_long:
      return tally_.add(Counter::field_too_long);
    case http::Incident::fields_too_long:
      return tally_.add(Counter::header_too_long);
    case http::Incident::too_many_fields:
      return tally_.add(Counter::too_many_headers);
    case http::Incident::content_too_large:
      return tally_.add(Counter::content_too_large);
    case http::Incident::chunk_extensions_too_long:
      return tally_.add(Counter::chunk_extensions_too_long);
    case http::Incident::trailers_too_long:
      return tally_.add(Counter::trailers_too_long);
    case http::Incident::expectation_failed:
      return tally_.add(Counter::expectation_failed);
    case http::Incident::first_byte_timeout:
      return tally_.add(Counter::first_byte_timeouts);
    case http::Incident::head_timeout:
      return tally_.add(Counter::head_timeouts);
    case http::Incident::keep_alive_timeout:
      return tally_.add(Counter::keep_alive_timeouts);
    case http::Incident::content_stall:
      return tally_.add(Counter::body_stall_timeouts);
    case http::Incident::content_too_slow:
      return tally_.add(Counter::body_rate_timeouts);
    case http::Incident::max_requests:
      return tally_.add(Counter::max_requests_reached);
  }
  WEIR_UNREACHABLE();
}

// The kernel is asked once for a connection: a block keeps the address, its connection may go.
WEIR_INLINE const Endpoint& Reactor::local_of(const Peer& peer) {
  const std::uint32_t slot = net::SlotMap<Peer>::slot_of(peer);
  const std::uint32_t generation = peers_.generation_of(slot);
  if (locals_.size() <= slot) locals_.resize(slot + 1);
  Local& local = locals_[slot];
  if (local.generation != generation) local = {generation, peer.connection.local_endpoint()};
  return local.endpoint;
}

WEIR_INLINE Exchange& Reactor::promote() {
  Peer& peer = *current_;
  if (peer.exchange) return *peer.exchange;
  peer.exchange = Exchange::create(scratch_, scratch_.content);
  Exchange& exchange = *peer.exchange;
  const std::uint32_t slot = net::SlotMap<Peer>::slot_of(peer);
  exchange.id = {slot, peers_.generation_of(slot), peer.session.exchange()};
  exchange.reactor = this;
  exchange.mailbox = loop_.mailbox();
  exchange.routes = core_.routes;
  exchange.budget = core_.budget;
  exchange.stream_buffer = core_.options.stream_buffer;
  exchange.started_ms = context_.now_ms;
  exchange.remote = peer.remote;
  exchange.data.remote = &exchange.remote;
  exchange.data.local = local_of(peer);
  // From here on the handler's request is the block's: its views outlive the handler.
  request_.data_ = &exchange.data;
  return exchange;
}

WEIR_INLINE void Reactor::start_streamed(Exchange& exchange) {
  exchange.body = std::make_unique<BodyState>();
  const RouteEntry& route = *exchange.data.route;
  if (route.handler.blocking) {
    submit(exchange);
    return;
  }
  const Running running(*this, route);
  try {
    route.handler.call_streamed(route.handler.object.get(), exchange.request,
                                Body(Ref<Exchange>(exchange)), exchange.draft);
  } catch (...) {
    answer_exception(std::current_exception(), exchange.request, exchange.draft);
  }
  if (!exchange.taken) answer(*current_, exchange.draft);
}

WEIR_STEP void Reactor::invoke(const RouteEntry& route, const Request& request,
                               Response& response) noexcept {
  const Running running(*this, route);
  try {
    route.handler.call(route.handler.object.get(), request, response);
  } catch (...) {
    answer_exception(std::current_exception(), request, response);
  }
}

WEIR_INLINE void Reactor::answer_exception(const std::exception_ptr& exception,
                                           const Request& request, Response& response) noexcept {
  static log::Limiter limiter;
  Error error;
  error.exception = exception;
  error.request = &request;
  std::string message;
  try {
    try {
      std::rethrow_exception(exception);
    } catch (const HttpError& what) {
      error.status = what.status();
      error.thrown = &what;  // `exception` holds it
      message = what.what();
    } catch (const std::exception& what) {
      log::write_limited(limiter, log::Level::error,
                         "handler of " + std::string(request.pattern()) + " threw: " + what.what());
    } catch (...) {
      log::write_limited(limiter, log::Level::error,
                         "handler of " + std::string(request.pattern()) +
                             " threw something that is no std::exception");
    }
    error.message = message;
    response.clear();
    core_.routes->shape_error(error, response);
  } catch (...) {
    response.clear();
    response.status(Status::internal_server_error);
  }
}

WEIR_INLINE void Reactor::submit(Exchange& exchange) {
  exchange.pooled = true;
  if (WEIR_UNLIKELY(meter_ != nullptr)) exchange.submitted = core_.clock.now();
  for_pool_.reserve(kHandOver);
  for_pool_.emplace_back(exchange);
  has_chores_ = true;
  if (for_pool_.size() == kHandOver) hand_over();
}

// At the end of the turn, or when a batch is complete.
WEIR_INLINE void Reactor::hand_over() noexcept {
  net::ThreadPool::Job jobs[kHandOver];
  std::size_t count = 0;
  for (const Ref<Exchange>& block : for_pool_)
    jobs[count++] = [this, block](net::ThreadPool::Fate fate) {
      if (WEIR_UNLIKELY(meter_ != nullptr))
        core_.routes->meter()->waited(core_.clock.now() - block->submitted);
      if (fate == net::ThreadPool::Fate::run) {
        run_handler(*block);
      } else if (block->complete_with_error(Status::service_unavailable,
                                            "no worker was free in time",
                                            true) == SendResult::accepted) {
        core_.shared.add_shared(Counter::worker_wait_timeouts);
      }
    };
  std::size_t taken = 0;
  try {
    taken = core_.pool->submit(jobs, count);
  } catch (const std::bad_alloc&) {  // as if it were full
  }
  for (std::size_t i = taken; i < count; ++i) {
    tally_.add(Counter::worker_queue_full);
    try {
      for_pool_[i]->complete_with_error(Status::service_unavailable,
                                        "too many requests wait for a worker", true);
    } catch (...) {
      // The handler's time-out will answer.
      log::write(log::Level::error, "out of memory while a request was refused");
    }
  }
  for_pool_.clear();
}

WEIR_INLINE void Reactor::run_handler(Exchange& exchange) noexcept {
  work_for(exchange, [&exchange] {
    const HandlerEntry& handler = exchange.data.route->handler;
    if (handler.call_streamed != nullptr) {
      handler.call_streamed(handler.object.get(), exchange.request, Body(Ref<Exchange>(exchange)),
                            exchange.draft);
    } else {
      handler.call(handler.object.get(), exchange.request, exchange.draft);
    }
  });
}

WEIR_INLINE bool Reactor::run_on_worker(net::Task& task) noexcept {
  using net::ThreadPool;
  // In a box of its own, which gives it back when there is no place for it.
  std::shared_ptr<net::Task> box;
  try {
    box = std::make_shared<net::Task>();
    ThreadPool::Job job = [box](ThreadPool::Fate) { (*box)(); };
    *box = std::move(task);
    if (core_.pool->submit(&job, 1) == 1) return true;
  } catch (const std::bad_alloc&) {  // as if it were full
  }
  if (box != nullptr && *box) task = std::move(*box);
  core_.shared.add_shared(Counter::worker_queue_full);
  return false;
}

}  // namespace detail
WEIR_END_NAMESPACE
