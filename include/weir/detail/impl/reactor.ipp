// SPDX-License-Identifier: MIT
#pragma once
#include <cstring>
#include <exception>
#include <new>
#include <utility>
#include <weir/detail/reactor.hpp>
#include <weir/http/target.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// The least room that a read into a held message is given.
inline constexpr std::size_t kHeldRoom = 4 * 1024;

/// Content is collected in steps from here up to its announced length: an announcement alone must
/// not take memory.
inline constexpr std::size_t kFirstCollect = 16 * 1024;

/// The limit of content that nobody reads, because the answer is given or will be without it.
inline constexpr std::uint64_t kUnread = ~std::uint64_t{0};

inline std::uint64_t clock_ms(net::Clock::TimePoint time) noexcept {
  // 0 stands for "no deadline".
  return static_cast<std::uint64_t>(
             std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch())
                 .count()) +
         1;
}

inline std::uint64_t after_ms(std::uint64_t now, std::chrono::milliseconds delay) noexcept {
  return delay.count() == 0 ? 0 : now + static_cast<std::uint64_t>(delay.count());
}

/// Whether an answer may have `status`: an interim one would leave the client waiting for another.
inline bool is_final(Status status) noexcept {
  const auto code = static_cast<unsigned>(status);
  return code >= 200 && code <= 999;
}

WEIR_INLINE Endpoint local_endpoint(const void* connection) noexcept {
  return static_cast<const net::Connection*>(connection)->local_endpoint();
}

// ── Life ─────────────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE Reactor::Reactor(Core& core)
    : core_(core),
      loop_(*this, core.clock),
      fields_(core.limits.field_count),
      context_{core.limits, core.timeouts, *this, cork_, scratch_.head, {}},
      buffer_(new char[kTurnBytes]) {
  scratch_.head.fields = fields_.data();
  scratch_.head.field_capacity = core.limits.field_count;
  response_.promoter_ = this;
  context_.max_requests = core.options.max_requests_per_connection;
  context_.server = core.options.server_name;
}

WEIR_INLINE Reactor::~Reactor() {
  close_all();
  peers_.for_each([this](Peer& peer) { peers_.erase(net::SlotMap<Peer>::slot_of(peer)); });
  for (const std::shared_ptr<UserTimer>& timer : timers_) loop_.timers().cancel(*timer);
}

WEIR_INLINE net::Acceptor& Reactor::add_acceptor() {
  // Generation 0 is no peer's: the token is the acceptor's index.
  acceptors_.push_back(std::make_unique<net::Acceptor>(
      loop_, acceptors_.size(),
      [this](net::Fd socket, const Endpoint& remote) { adopt(std::move(socket), remote); }));
  return *acceptors_.back();
}

template <class Stream>
Peer* Reactor::make_peer(Stream stream, const Endpoint& remote) {
  // Room for every peer's token now, so that no list can fail later.
  const std::size_t needed = peers_.size() + 1;
  for (std::vector<std::uint64_t>* list : {&ready_, &serving_})
    if (list->capacity() < needed) list->reserve(needed * 2);
  Peer* const peer = peers_.emplace(*this, std::move(stream), remote);
  if (peer == nullptr) return nullptr;
  core_.connections.fetch_add(1, std::memory_order_relaxed);
  context_.now_ms = clock_ms(loop_.now());
  peer->session.begin(context_);
  schedule(*peer);
  return peer;
}

WEIR_INLINE void Reactor::adopt(net::Fd socket, const Endpoint& remote) noexcept {
  static log::Limiter limiter;
  if (core_.connections.load(std::memory_order_relaxed) >= core_.max_connections ||
      context_.closing) {
    if (!context_.closing)
      log::write_limited(limiter, log::Level::warning,
                         "connection shed: Options::max_connections is reached");
    return;  // the descriptor closes itself
  }
  try {
    const int fd = socket.get();
    Peer* const peer = make_peer(std::move(socket), remote);
    if (peer == nullptr) return;
    if (loop_.add(fd, net::Connection::epoll_events(), token_of(*peer))) lose(*peer);
  } catch (const std::exception&) {
    log::write_limited(limiter, log::Level::error, "connection shed: out of memory");
  }
}

WEIR_INLINE std::uint64_t Reactor::adopt(std::unique_ptr<net::Transport> transport,
                                         const Endpoint& remote) {
  Peer* const peer = make_peer(std::move(transport), remote);
  return peer == nullptr ? net::EventLoop::kReservedToken : token_of(*peer);
}

// ── Events ───────────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE void Reactor::on_event(std::uint64_t token, std::uint32_t events) {
  const auto slot = static_cast<std::uint32_t>(token);
  const auto generation = static_cast<std::uint32_t>(token >> 32);
  if (WEIR_UNLIKELY(generation == 0)) {
    if (slot < acceptors_.size()) acceptors_[slot]->on_event(events);
    return;
  }
  Peer* const peer = peers_.find(slot, generation);
  if (WEIR_UNLIKELY(peer == nullptr || peer->closed)) return;
  peer->connection.on_edge(events);
  serve(*peer);
}

WEIR_INLINE bool Reactor::on_turn() {
  settle();
  serving_.swap(ready_);
  for (const std::uint64_t token : serving_) {
    Peer* const peer =
        peers_.find(static_cast<std::uint32_t>(token), static_cast<std::uint32_t>(token >> 32));
    if (peer == nullptr) continue;
    peer->ready = false;
    if (!peer->closed) serve(*peer);
  }
  serving_.clear();
  while (dead_ != Peer::kNone) {
    const std::uint32_t slot = dead_;
    dead_ = peers_.find(slot, peers_.generation_of(slot))->next_dead;
    peers_.erase(slot);
  }
  if (WEIR_UNLIKELY(context_.closing) && peers_.empty() && on_empty_) {
    net::Task on_empty = std::move(on_empty_);
    on_empty_ = {};
    on_empty();
  }
  return !ready_.empty();
}

WEIR_INLINE void Peer::on_timer(net::Timer& timer) {
  Peer& peer = static_cast<Peer&>(timer);
  peer.reactor.on_timer(peer);
}

WEIR_INLINE void Reactor::on_timer(Peer& peer) noexcept {
  if (peer.closed) return;
  enter(peer);
  if (peer.io_deadline != 0 && context_.now_ms >= peer.io_deadline) {
    // A stalled write, or the end of lingering: in both the peer has had its time.
    lose(peer);
    return;
  }
  try {
    peer.session.on_deadline(context_);
  } catch (...) {
    lose(peer);
    return;
  }
  settle();
}

WEIR_INLINE void Reactor::schedule(Peer& peer) noexcept {
  std::uint64_t next = peer.session.next_deadline();
  if (peer.io_deadline != 0 && (next == 0 || peer.io_deadline < next)) next = peer.io_deadline;
  // A later deadline is a store only: the timer fires early and is linked anew.
  if (next == 0) return;
  const net::Clock::TimePoint deadline{std::chrono::milliseconds(next - 1)};  // see clock_ms()
  if (WEIR_LIKELY(loop_.timers().fires_by(peer, deadline))) return;
  loop_.timers().arm_at(peer, deadline);
}

WEIR_INLINE void Reactor::make_ready(Peer& peer) noexcept {
  if (peer.ready || peer.closed) return;
  peer.ready = true;
  ready_.push_back(token_of(peer));  // make_peer() has reserved its place
}

// ── The three steps ──────────────────────────────────────────────────────────────────────────────

WEIR_INLINE void Reactor::enter(Peer& peer) noexcept {
  if (current_ == &peer) return;
  settle();
  current_ = &peer;
  cork_.attach(peer.connection);
  context_.now_ms = clock_ms(loop_.now());
  context_.date = date_.at(loop_.unix_seconds());
  context_.requests = kTurnRequests;
  context_.out_of_turn = false;
}

WEIR_INLINE void Reactor::serve(Peer& peer) noexcept {
  enter(peer);
  settle();
}

WEIR_INLINE void Reactor::settle() noexcept {
  if (current_ == nullptr) return;
  Peer& peer = *current_;
  if (WEIR_UNLIKELY(peer.lingering)) {
    linger(peer);
    return;
  }
  if (WEIR_UNLIKELY(peer.connection.broken())) {
    lose(peer);
    return;
  }
  try {
    take_input(peer);
    if (current_ == &peer) finish(peer);
  } catch (const std::exception&) {
    // Out of memory, in nearly all cases: it costs this connection.
    static log::Limiter limiter;
    log::write_limited(limiter, log::Level::error, "connection dropped: out of memory");
    lose(peer);
  }
}

WEIR_INLINE void Reactor::take_input(Peer& peer) {
  net::Connection& connection = peer.connection;
  http::Session& session = peer.session;
  std::size_t budget = kTurnBytes;
  const std::uint64_t high_water = core_.options.output_high_water;
  while (session.wants_bytes() && !context_.out_of_turn && !inline_done_) {
    if (connection.has_output() && cork_.unsent() > high_water) break;
    if (peer.held_is_fresh) {
      input_end_ = peer.held.data() + peer.held.view().size();
      const std::size_t used =
          session.on_bytes(peer.held.data(), peer.held.view().size(), context_);
      peer.held.consume(used);
      // What is left is part of a message, or waits until the session wants bytes again.
      peer.held_is_fresh = !peer.held.empty() && (!session.wants_bytes() || context_.out_of_turn);
      continue;
    }
    if (!connection.readable() || budget == 0) break;
    if (WEIR_LIKELY(peer.held.empty())) {
      char* const data = buffer_.get();
      const net::IoResult result = connection.read(data, kTurnBytes);
      if (result.bytes == 0) break;
      budget -= result.bytes < budget ? result.bytes : budget;
      input_end_ = data + result.bytes;
      const std::size_t used = session.on_bytes(data, result.bytes, context_);
      if (WEIR_UNLIKELY(used < result.bytes)) {
        peer.held.append({data + used, result.bytes - used});
        peer.held_is_fresh = !session.wants_bytes() || context_.out_of_turn;
      }
#ifdef WEIR_CHECKED
      // A view that somebody kept reads this from now on, unless a hook still needs the request.
      if (!inline_done_) std::memset(data, 0xDB, result.bytes);
#endif
    } else {
      const net::InputBuffer::Room room = peer.held.room(kHeldRoom);
      const std::size_t wanted = room.size < kTurnBytes ? room.size : kTurnBytes;
      const net::IoResult result = connection.read(room.data, wanted);
      if (result.bytes == 0) break;
      budget -= result.bytes < budget ? result.bytes : budget;
      peer.held.grown(result.bytes);
      peer.held_is_fresh = true;
    }
  }
  input_end_ = nullptr;
  if (WEIR_LIKELY(!connection.peer_closed())) return;

  if (connection.broken()) {
    lose(peer);
    return;
  }
  // Requests that came in front of the end of stream are answered first.
  if (connection.input_ended() && !peer.held_is_fresh) session.on_eof(context_);
  if (peer.exchange && session.answer_pending()) {
    if (core_.options.half_close == HalfClose::abort) {
      lose(peer);
      return;
    }
    peer.exchange->raise_gone(Gone::half_closed);
  }
}

WEIR_INLINE void Reactor::finish(Peer& peer) {
  net::Connection& connection = peer.connection;
  const net::OutputQueue* const before = connection.unsent();
  const bool had_output = before != nullptr;
  const std::uint64_t sent_before = had_output ? before->sent() : 0;
  // A broken-off answer is not flushed as if it were whole, but what was written of it may go.
  const net::Connection::Flush flushed = cork_.flush();
  std::uint64_t unsent = 0;
  switch (flushed) {
    case net::Connection::Flush::sent:
      peer.io_deadline = 0;
      if (WEIR_UNLIKELY(peer.finishing)) deliver_finished(peer, 0, true);
      if (WEIR_UNLIKELY(inline_done_)) {  // the last of them
        inline_done_ = false;
        run_done_hooks(*scratch_.route, request_, inline_outcome_);
        scratch_.values.clear();
      }
      break;
    case net::Connection::Flush::blocked:
    case net::Connection::Flush::more: {
      const net::OutputQueue& queue = *connection.unsent();
      unsent = queue.size();
      const bool progress = !had_output || queue.sent() > sent_before;
      if (progress || peer.io_deadline == 0)
        peer.io_deadline = after_ms(context_.now_ms, core_.options.write_stall_timeout);
      if (inline_done_) {
        const Outcome outcome = inline_outcome_;
        promote();
        inline_done_ = false;
        exchange_answered(peer, outcome);
      }
      for (Exchange* one = peer.finishing.get(); one != nullptr; one = one->next_finishing.get())
        if (one->done_position == 0) one->done_position = queue.pushed();
      if (peer.finishing) deliver_finished(peer, queue.sent(), false);
      break;
    }
    case net::Connection::Flush::failed:
      lose(peer);
      return;
  }
  if (WEIR_UNLIKELY(peer.exchange && peer.exchange->stream() != nullptr))
    make_room(*peer.exchange, unsent);
  if (WEIR_UNLIKELY(peer.session.is_aborted())) {
    lose(peer);
    return;
  }
  const bool over = peer.session.wants_close() ||
                    (context_.closing && peer.session.is_idle() && !peer.held_is_fresh);
  if (WEIR_UNLIKELY(over) && flushed == net::Connection::Flush::sent) {
    end(peer);
    return;
  }
  current_ = nullptr;
  if (WEIR_UNLIKELY(flushed == net::Connection::Flush::more) ||
      (peer.session.wants_bytes() && (connection.readable() || peer.held_is_fresh) &&
       unsent <= core_.options.output_high_water))
    make_ready(peer);
  schedule(peer);
}

// ── A peer's end ─────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE void Reactor::end(Peer& peer) {
  net::Connection& connection = peer.connection;
  // Closing with bytes unread makes the kernel send a reset, which can overtake the answer
  // (RFC 9112 §9.6): say that nothing more comes, and read on until the peer has seen it.
  const bool unread =
      peer.session.may_have_unread_input() || !peer.held.empty() || connection.readable();
  if (!unread || connection.input_ended() || core_.options.linger_timeout.count() == 0) {
    current_ = nullptr;
    connection.close(false);
    bury(peer);
    return;
  }
  connection.shutdown_write();
  peer.held.release();
  peer.held_is_fresh = false;
  peer.lingering = true;
  peer.io_deadline = after_ms(context_.now_ms, core_.options.linger_timeout);
  schedule(peer);
  linger(peer);
}

WEIR_INLINE void Reactor::linger(Peer& peer) noexcept {
  cork_.detach();
  current_ = nullptr;
  std::size_t budget = kTurnBytes;
  while (peer.connection.readable() && budget > 0) {
    const net::IoResult result = peer.connection.read(buffer_.get(), kTurnBytes);
    budget -= result.bytes < budget ? result.bytes : budget;
    if (result.bytes == 0) break;
  }
  if (peer.connection.input_ended() || peer.connection.broken()) {
    peer.connection.close(false);
    bury(peer);
  } else {
    if (peer.connection.readable()) make_ready(peer);
    schedule(peer);  // an earlier deadline's timer may have fired just now
  }
}

WEIR_INLINE void Reactor::lose(Peer& peer) noexcept {
  if (peer.closed) return;
  if (current_ == &peer) {
    cork_.detach();
    current_ = nullptr;
  }
  peer.connection.close(true);
  bury(peer);
}

WEIR_INLINE void Reactor::bury(Peer& peer) noexcept {
  peer.closed = true;
  loop_.timers().cancel(peer);
  peer.held.release();
  core_.connections.fetch_sub(1, std::memory_order_relaxed);
  peer.next_dead = dead_;
  dead_ = net::SlotMap<Peer>::slot_of(peer);
  // Those before it have come first.
  while (peer.finishing) {
    const Ref<Exchange> exchange = std::move(peer.finishing);
    peer.finishing = std::move(exchange->next_finishing);
    exchange->raise_gone(Gone::yes);
    tell_done(*exchange, Outcome::Result::gone);
  }
  if (inline_done_ && scratch_peer_ == &peer) {
    inline_done_ = false;
    inline_outcome_.result = Outcome::Result::gone;
    run_done_hooks(*scratch_.route, request_, inline_outcome_);
    scratch_.values.clear();
  }
  // The next peer in this slot has the same address, and counts its requests from 1 as well.
  if (scratch_peer_ == &peer) {
    scratch_peer_ = nullptr;
    request_.data_ = &scratch_;
  }
  if (peer.exchange) {
    const Ref<Exchange> exchange = std::move(peer.exchange);
    const bool broken_off = exchange->answer_begun && peer.session.is_aborted();
    exchange->raise_gone(Gone::yes);
    exchange->claim();
    if (exchange->body != nullptr && !exchange->body->complete && !exchange->body->broken)
      tell_body_error(*exchange->body, BodyError::gone);
    tell_done(*exchange, broken_off ? Outcome::Result::aborted : Outcome::Result::gone);
  }
}

WEIR_INLINE void Reactor::close_gracefully(net::Task on_empty) {
  settle();
  context_.closing = true;
  on_empty_ = std::move(on_empty);
  peers_.for_each([this](Peer& peer) {
    if (peer.closed || peer.lingering) return;
    if (peer.session.is_idle() && !peer.connection.has_output() && !peer.held_is_fresh) {
      peer.connection.close(false);
      bury(peer);
    }
  });
}

WEIR_INLINE void Reactor::close_all() noexcept {
  settle();
  context_.closing = true;
  peers_.for_each([this](Peer& peer) { lose(peer); });
}

WEIR_INLINE Peer* Reactor::find(const Exchange& exchange) noexcept {
  Peer* const peer = peers_.find(exchange.id.slot, exchange.id.generation);
  if (peer == nullptr || peer->closed || peer->exchange.get() != &exchange) return nullptr;
  WEIR_ASSERT(peer->session.exchange() == exchange.id.exchange);
  return peer;
}

// ── The way of a request ─────────────────────────────────────────────────────────────────────────

WEIR_INLINE bool Reactor::route_request(Peer& peer, http::RequestHead& head, Error& error) {
  scratch_peer_ = &peer;
  scratch_exchange_ = peer.session.exchange();
  request_.data_ = &scratch_;
  scratch_.content = {};
  scratch_.remote = &peer.remote;
  scratch_.local_of = &peer.connection;
  scratch_.secure = peer.connection.is_secure();
  scratch_.route = &core_.routes->bad_request();
  scratch_.path = {};
  scratch_.query = {};
  scratch_.params.clear();
  if (WEIR_UNLIKELY(!scratch_.values.empty())) scratch_.values.clear();
  response_.clear();

  http::Target target;
  const http::TargetError split_error = http::split(head.text(head.target), head.method, target);
  if (split_error != http::TargetError::none) {
    error.status = http::status_of(split_error);
    error.message = http::message_of(split_error);
    return false;
  }
  http::RoutedPath routed;
  const http::TargetError path_error = http::normalise_path(target.path, scratch_.scratch, routed);
  if (path_error != http::TargetError::none) {
    error.status = http::status_of(path_error);
    error.message = http::message_of(path_error);
    return false;
  }
  scratch_.query = target.query;
  std::string_view host;
  if (WEIR_UNLIKELY(core_.routes->has_hosts()))
    host = target.authority.empty() ? head.header(http::KnownField::host) : target.authority;
  scratch_.route = &core_.routes->find(host, head.method, head.text(head.method_text), routed.text,
                                       scratch_.params);
  scratch_.path = http::show_path(routed, scratch_.scratch, scratch_.params);
  return true;
}

WEIR_INLINE http::ContentPlan Reactor::plan_of(const RouteEntry& route) const noexcept {
  http::ContentPlan plan;
  plan.kind = route.handler.call_streamed != nullptr ? http::ContentPlan::Kind::stream
                                                     : http::ContentPlan::Kind::collect;
  plan.limit = route.body_limit;
  plan.handler_ms = route.timeout_ms;
  return plan;
}

WEIR_INLINE http::ContentPlan Reactor::on_head(http::Session&, http::RequestHead& head) {
  Peer& peer = *current_;
  Error error;
  if (WEIR_UNLIKELY(!route_request(peer, head, error))) {
    peer.session.close_after_answer();
    answer_error(peer, error.status, error.message, &request_);
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
      return {http::ContentPlan::Kind::suspended, 0, route.timeout_ms};
    }
    if (next == Next::done) {
      if (!(peer.exchange && peer.exchange->taken)) answer(peer, response_);
      return {http::ContentPlan::Kind::answered, kUnread, route.timeout_ms};
    }
  }
  return start(peer, request_, response_);
}

// What is done once the `before` hooks are through; the content is still unread.
WEIR_INLINE http::ContentPlan Reactor::start(Peer& peer, const Request& request,
                                             Response& response) {
  const RouteEntry& route = *request.data_->route;
  if (WEIR_UNLIKELY(route.stand_in)) {
    invoke(route, request, response);
    if (!(peer.exchange && peer.exchange->taken)) answer(peer, response);
    return {http::ContentPlan::Kind::answered, kUnread, 0};
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
    peer.exchange->content.assign(content.data(), content.size());
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
  answer(peer, response_);
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

WEIR_INLINE void Reactor::on_content(http::Session& session, std::string_view piece) {
  Exchange& exchange = *current_->exchange;
  BodyState* const body = exchange.body.get();
  if (body == nullptr) {
    exchange.content.append(piece.data(), piece.size());
    return;
  }
  bool to_worker = false;
  {
    const net::MutexLock lock(body->mutex);
    to_worker = body->reading;
    if (to_worker) {
      body->held.append(piece.data(), piece.size());
      if (body->held.size() - body->held_read >= BodyState::kHighWater) {
        body->held_up = true;
        session.pause_content(context_);
      }
    }
  }
  if (to_worker) {
    body->arrived.notify_one();
    return;
  }
  if (body->on_data) {
    try {
      body->on_data(piece);
    } catch (...) {
      body_callback_threw(*current_, exchange);
      return;
    }
  }
  if (body->paused.load(std::memory_order_relaxed)) session.pause_content(context_);
}

WEIR_INLINE void Reactor::on_content_end(http::Session&, std::string_view trailers) {
  Peer& peer = *current_;
  Exchange& exchange = *peer.exchange;
  if (BodyState* const body = exchange.body.get()) {
    {
      const net::MutexLock lock(body->mutex);
      body->ended = true;
    }
    body->arrived.notify_all();
    body->complete = true;
    body->trailers.assign(trailers.data(), trailers.size());
    tell_body_end(peer, exchange);
    return;
  }
  exchange.data.content = exchange.content;
  const RouteEntry& route = *exchange.data.route;
  if (route.handler.blocking) {
    submit(exchange);
    return;
  }
  invoke(route, exchange.request, exchange.draft);
  if (!exchange.taken) answer(peer, exchange.draft);
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
  exchange.raise_gone(Gone::yes);
  answer_error(peer, waited ? Status::service_unavailable : Status::gateway_timeout,
               waited ? "no worker was free in time" : "the handler did not answer in time",
               &exchange.request);
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
  exchange.stream_buffer = core_.options.stream_buffer;
  exchange.started_ms = context_.now_ms;
  exchange.remote = peer.remote;
  exchange.data.remote = &exchange.remote;
  exchange.data.local = peer.connection.local_endpoint();
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
  try {
    route.handler.call_streamed(route.handler.object.get(), exchange.request,
                                Body(Ref<Exchange>(exchange)), exchange.draft);
  } catch (...) {
    answer_exception(std::current_exception(), exchange.request, exchange.draft);
  }
  if (!exchange.taken) answer(*current_, exchange.draft);
}

WEIR_INLINE void Reactor::invoke(const RouteEntry& route, const Request& request,
                                 Response& response) noexcept {
  // Release: who reads the pointer may follow it.
  running_.store(&route, std::memory_order_release);
  try {
    route.handler.call(route.handler.object.get(), request, response);
  } catch (...) {
    answer_exception(std::current_exception(), request, response);
  }
  running_.store(nullptr, std::memory_order_relaxed);
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
    response.head().status = Status::internal_server_error;
  }
}

WEIR_INLINE void Reactor::submit(Exchange& exchange) {
  exchange.pooled = true;
  Ref<Exchange> block(exchange);
  const net::ThreadPool::Submit submitted = core_.pool->submit(
      [this, block] { run_on_worker(*block); },
      [block] {
        block->complete_with_error(Status::service_unavailable, "no worker was free in time", true);
      });
  if (submitted == net::ThreadPool::Submit::accepted) return;
  exchange.complete_with_error(Status::service_unavailable, "too many requests wait for a worker",
                               true);
}

WEIR_INLINE void Reactor::run_on_worker(Exchange& exchange) noexcept {
  // Nobody waits for the answer any more: do not compute it.
  if (exchange.gone() == Gone::yes || exchange.is_claimed()) return;
  const RouteEntry& route = *exchange.data.route;
  try {
    const Core::RunningHandler running(core_, route.pattern);
    exchange.handler_begun.store(true, std::memory_order_relaxed);
    exchange.worker.store(std::this_thread::get_id(), std::memory_order_relaxed);
    try {
      if (route.handler.call_streamed != nullptr) {
        route.handler.call_streamed(route.handler.object.get(), exchange.request,
                                    Body(Ref<Exchange>(exchange)), exchange.draft);
      } else {
        route.handler.call(route.handler.object.get(), exchange.request, exchange.draft);
      }
    } catch (...) {
      answer_exception(std::current_exception(), exchange.request, exchange.draft);
    }
    exchange.worker.store({}, std::memory_order_relaxed);
    if (!exchange.taken) exchange.complete(std::move(exchange.draft));
  } catch (...) {
    // The handler's time-out will answer.
    log::write(log::Level::error, "out of memory on a worker");
  }
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

WEIR_INLINE void Reactor::answer(Peer& peer, Response& response) {
  http::Session& session = peer.session;
  if (WEIR_UNLIKELY(!session.answer_pending() || session.answer_begun())) return;
  if (WEIR_UNLIKELY(response.is_empty())) response.head_.status = Status::no_content;
  const Request& request = peer.exchange ? peer.exchange->request : request_;
  if (WEIR_UNLIKELY(!is_final(response.head_.status))) refuse_status(request, response);
  const RouteEntry& route = *request.data_->route;
  // What cannot be read or routed has no request that a hook could go by.
  if (WEIR_UNLIKELY(route.has_head_hooks) && &route != &core_.routes->bad_request()) {
    BodyFilters filters;
    run_head_hooks(route, request, response.head_, filters);
    if (!filters.empty() && !http::forbids_content(response.head_.status)) {
      start_filters(peer, filters);
      Exchange& exchange = *peer.exchange;
      exchange.claim();
      FilterChain& chain = *exchange.filters;
      chain.whole = true;
      chain.waiting.push_back({std::string(response.body()), true, 0});
      if (response.view_is_set_) response.drop_view();
      response.head_.remove("Content-Length");
      if (&response != &exchange.response) exchange.response = std::move(response);
      filter(peer, exchange);
      return;
    }
  }
  write_whole(peer, response);
}

WEIR_INLINE void Reactor::write_whole(Peer& peer, Response& response) {
  http::Session& session = peer.session;
  const std::string_view content = response.body();
  Outcome outcome;
  outcome.status = response.head_.status;
  if (session.begin_answer(response.head_, content.size(), context_)) {
    outcome.content_bytes = content.size();
    if (session.begin_piece(content.size(), context_)) {
      if (WEIR_LIKELY(content.size() <= http::kCopyLimit)) {
        cork_.append(content);
      } else if (response.view_is_set_) {
        cork_.push(content, std::move(response.keep_));
      } else {
        cork_.push(std::move(response.text_));
      }
      session.end_piece(context_);
    }
  }
  if (WEIR_UNLIKELY(response.view_is_set_))
    response.drop_view();  // copied, or in the queue's hands
  session.end_answer({}, context_);
  // Requests that are read already count too: a client that does not read its answers gets no more.
  if (WEIR_UNLIKELY(peer.connection.has_output()) &&
      cork_.unsent() > core_.options.output_high_water)
    context_.requests = 0;
  exchange_answered(peer, outcome);
}

// The answer is written, not sent. What wants to know of its delivery waits for the flush.
WEIR_INLINE void Reactor::exchange_answered(Peer& peer, const Outcome& outcome) {
  if (WEIR_LIKELY(!peer.exchange)) {
    if (WEIR_LIKELY(!scratch_.route->has_done_hooks)) {
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
  }
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
    chain.job = std::make_shared<FilterJob>(exchange);
    const std::shared_ptr<FilterJob> job = chain.job;
    try {
      chain.filters[chain.stage]->transform(chain.current.bytes, chain.current.last,
                                            FilterJob::output_of(job));
    } catch (...) {
      log::write(log::Level::error, "a body filter threw");
      job->done.store(true);
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

WEIR_INLINE void Reactor::abort(Exchange& exchange) noexcept {
  Peer* const peer = find(exchange);
  if (peer == nullptr) return;
  enter(*peer);
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
    http::ContentPlan plan{http::ContentPlan::Kind::answered, kUnread, 0};
    switch (next) {
      case Next::suspended:
        exchange.chain_at = at;
        return;
      case Next::done:
        if (!exchange.taken) answer(*peer, exchange.draft);
        break;
      case Next::proceed:
        plan = start(*peer, exchange.request, exchange.draft);
        break;
    }
    if (current_ == peer) peer->session.follow_plan(plan, context_);
  } catch (...) {
    lose(*peer);
  }
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
    bool reading = false;
    {
      const net::MutexLock lock(body.mutex);
      reading = body.reading;
    }
    if (!body.on_data && !reading) return;  // nobody takes pieces yet
    if (!body.paused.load(std::memory_order_relaxed)) peer->session.resume_content(context_);
  } catch (...) {
    lose(*peer);
  }
}

// ── Timers of the application ────────────────────────────────────────────────────────────────────

WEIR_INLINE void Reactor::add_timer(std::shared_ptr<UserTimer> timer) {
  if (timer->cancelled.load(std::memory_order_acquire)) return;
  UserTimer& added = *timer;
  added.reactor = this;
  added.place = timers_.insert(timers_.end(), std::move(timer));
  loop_.timers().arm(added, added.delay);
}

WEIR_INLINE void Reactor::remove_timer(UserTimer& timer) noexcept {
  if (timer.reactor == nullptr) return;
  loop_.timers().cancel(timer);
  timer.reactor = nullptr;
  const std::shared_ptr<UserTimer> last = std::move(*timer.place);
  timers_.erase(timer.place);
  // What the callback holds, such as a Reply, ends now and not with the last handle.
  const net::Task ended = std::move(timer.task);
}

WEIR_INLINE void UserTimer::on_fire(net::Timer& timer) {
  UserTimer& self = static_cast<UserTimer&>(timer);
  Reactor& reactor = *self.reactor;
  const std::shared_ptr<UserTimer> keep = *self.place;
  const bool run = !self.cancelled.load(std::memory_order_acquire);
  if (run) {
    try {
      self.task();
    } catch (...) {
      log::write(log::Level::error, "a timer's callback threw");
    }
  }
  if (self.reactor == nullptr) return;  // cancelled from within
  if (self.repeated && run && !self.cancelled.load(std::memory_order_acquire)) {
    reactor.loop().timers().arm(self, self.delay);
  } else {
    reactor.remove_timer(self);
  }
}

}  // namespace detail
WEIR_END_NAMESPACE
