// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <utility>
#include <weir/detail/reactor.hpp>
#include <weir/http/target.hpp>
#include <weir/log.hpp>
#include <weir/net/page_cache.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// The least room that a read into a held message is given.
inline constexpr std::size_t kHeldRoom = 4 * 1024;

/// How often a loop looks whether memory has come free for those that are not read.
inline constexpr std::chrono::milliseconds kFeedPeriod{50};

/// What an exchange's block costs beside the bytes that it keeps.
inline constexpr std::uint64_t kBlockBytes = 256;

WEIR_INLINE Endpoint local_endpoint(const void* connection) noexcept {
  return static_cast<const net::Connection*>(connection)->local_endpoint();
}

// ── Life ─────────────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE Reactor::Reactor(Core& core)
    : core_(core),
      loop_(*this, core.clock),
      fields_(core.limits.field_count),
      context_{core.limits, core.timeouts, *this, cork_, scratch_.head, {}},
      buffer_(new char[kTurnBytes]),
      max_age_((static_cast<std::uint64_t>(core.options.max_connection_age.count()) +
                (1U << Peer::kAgeBits) - 1) >>
               Peer::kAgeBits),
      memory_(*core.budget) {
  scratch_.head.fields = fields_.data();
  scratch_.head.field_capacity = core.limits.field_count;
  response_.promoter_ = this;
  context_.max_requests = core.options.max_requests_per_connection;
  context_.server = core.options.server_name;
}

WEIR_INLINE Reactor::~Reactor() {
  close_all();
  if (meter_ != nullptr) meter_->publish(*this);
  peers_.for_each([this](Peer& peer) { peers_.erase(net::SlotMap<Peer>::slot_of(peer)); });
  for (const std::shared_ptr<UserTimer>& timer : timers_) loop_.timers().cancel(*timer);
}

WEIR_INLINE void Reactor::start_meter() {
  const std::shared_ptr<Meter>& meter = core_.routes->meter();
  if (meter != nullptr) meter_ = meter->add_loop(core_.clock);
}

WEIR_INLINE net::Acceptor& Reactor::add_acceptor() {
  // Generation 0 is no peer's: the token is the acceptor's index.
  acceptors_.push_back(std::make_unique<net::Acceptor>(
      loop_, acceptors_.size(), [this](net::Fd socket, const Endpoint& remote) {
        if (core_.admit(remote)) adopt(std::move(socket), remote);
      }));
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
  context_.now_ms = clock_ms(loop_.now());
  peer->born = static_cast<std::uint16_t>(age_units());
  peer->session.begin(context_);
  schedule(*peer);
  return peer;
}

WEIR_INLINE void Reactor::adopt(net::Fd socket, const Endpoint& remote) noexcept {
  Peer* peer = nullptr;
  const int fd = socket.get();
  try {
    if (!context_.closing) peer = make_peer(std::move(socket), remote);
  } catch (const std::exception&) {
    static log::Limiter limiter;
    log::write_limited(limiter, log::Level::error, "connection shed: out of memory");
    tally_.add(Counter::shed_memory);
  }
  if (peer == nullptr) {
    core_.release(remote);
  } else if (loop_.add(fd, net::Connection::epoll_events(), token_of(*peer))) {
    tally_.add(Counter::shed_memory);
    lose(*peer);
  }
}

WEIR_INLINE std::uint64_t Reactor::adopt(std::unique_ptr<net::Transport> transport,
                                         const Endpoint& remote) {
  if (!core_.admit(remote)) {
    transport->close(false);
    return net::EventLoop::kReservedToken;
  }
  Peer* peer = nullptr;
  try {
    peer = make_peer(std::move(transport), remote);
  } catch (...) {
    core_.release(remote);
    throw;
  }
  if (peer == nullptr) core_.release(remote);
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
  if (WEIR_UNLIKELY(has_chores_)) do_chores();
  tally_.set(Counter::timers, loop_.timers().size());
  tally_.set(Counter::buffered_bytes, memory_.used());
  if (WEIR_UNLIKELY(context_.closing) && peers_.empty() && on_empty_) {
    net::Task on_empty = std::move(on_empty_);
    on_empty_ = {};
    on_empty();
  }
  return !ready_.empty();
}

WEIR_INLINE void Reactor::do_chores() {
  has_chores_ = false;
  if (!ready_.empty()) serve_ready();
  if (!for_pool_.empty()) hand_over();
  while (dead_ != Peer::kNone) {
    const std::uint32_t slot = dead_;
    dead_ = peers_.find(slot, peers_.generation_of(slot))->next_dead;
    peers_.erase(slot);
  }
}

WEIR_INLINE void Reactor::serve_ready() {
  serving_.swap(ready_);
  for (const std::uint64_t token : serving_) {
    Peer* const peer =
        peers_.find(static_cast<std::uint32_t>(token), static_cast<std::uint32_t>(token >> 32));
    if (peer == nullptr) continue;
    peer->ready = false;
    if (!peer->closed) serve(*peer);
  }
  serving_.clear();
}

WEIR_INLINE void Peer::on_timer(net::Timer& timer) {
  Peer& peer = static_cast<Peer&>(timer);
  peer.reactor.on_timer(peer);
}

WEIR_INLINE void Reactor::on_timer(Peer& peer) noexcept {
  if (peer.closed) return;
  enter(peer);
  // After a long turn what came in time may wait for its event behind those that were taken: look
  // before judging.
  const std::uint64_t deadline = peer.session.next_deadline();
  if (deadline != 0 && context_.now_ms >= deadline && peer.session.wants_bytes() &&
      !peer.lingering && !peer.starved) {
    Peer* const guest = std::exchange(guest_, &peer);
    peer.connection.assume_readable();
    settle();
    guest_ = guest != nullptr && guest->closed ? nullptr : guest;
    if (peer.closed) return;
    enter(peer);
  }
  if (peer.io_deadline != 0 && context_.now_ms >= peer.io_deadline) {
    on_io_deadline(peer);
    if (peer.closed) return;
  }
  // Where it is we who do not read its bytes may lie in the kernel. Who takes no answers is watched
  // apart, and who waits for memory without holding any would set none free by its end.
  const bool held_up = peer.connection.has_output() && peer.session.wants_bytes() &&
                       cork_.unsent() > core_.options.output_high_water;
  if (WEIR_UNLIKELY(held_up || (peer.starved && peer.charged == 0)))
    peer.session.postpone_deadline(after_ms(context_.now_ms, 20 * kFeedPeriod));
  try {
    peer.session.on_deadline(context_);
  } catch (...) {
    lose(peer);
    return;
  }
  settle();
}

WEIR_INLINE void Reactor::on_io_deadline(Peer& peer) noexcept {
  if (peer.lingering) {
    tally_.add(Counter::linger_timeouts);
    lose(peer);
  } else if (!peer.connection.has_output()) {
    peer.io_deadline = 0;
  } else if (keeps_pace(peer)) {
    watch_writing(peer);
  } else {
    lose(peer);
  }
}

/// Bytes of `connection`'s queue that its peer has acknowledged; below zero while that still does
/// so for bytes from before the queue was made.
inline std::int64_t arrived(net::Connection& connection) noexcept {
  return static_cast<std::int64_t>(connection.unsent()->sent()) -
         static_cast<std::int64_t>(connection.unacknowledged());
}

// Begins a period of writing.
WEIR_INLINE void Reactor::watch_writing(Peer& peer) noexcept {
  if (core_.options.write_stall_timeout.count() == 0) return;
  net::OutputQueue::Pace& pace = peer.connection.unsent()->pace;
  pace.since_ms = context_.now_ms;
  pace.arrived = arrived(peer.connection);
  peer.io_deadline = after_ms(context_.now_ms, core_.options.write_stall_timeout);
}

// Whether the period that ends saw enough arrive.
WEIR_INLINE bool Reactor::keeps_pace(Peer& peer) noexcept {
  const net::OutputQueue::Pace& pace = peer.connection.unsent()->pace;
  const std::int64_t got = arrived(peer.connection) - pace.arrived;
  if (peer.fetching) return true;  // it is the disk that is slow
  if (got <= 0) {
    tally_.add(Counter::write_stall_timeouts);
    return false;
  }
  const std::uint64_t elapsed = context_.now_ms - pace.since_ms;
  if (static_cast<std::uint64_t>(got) * 1000 >= elapsed * core_.options.write_min_rate) return true;
  tally_.add(Counter::write_rate_timeouts);
  return false;
}

WEIR_STEP void Reactor::schedule(Peer& peer) noexcept {
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
  has_chores_ = true;
}

// ── The three steps ──────────────────────────────────────────────────────────────────────────────

WEIR_STEP void Reactor::enter(Peer& peer) noexcept {
  if (current_ == &peer) return;
  settle();
  current_ = &peer;
  cork_.attach(peer.connection);
  context_.now_ms = clock_ms(loop_.now());
  context_.date = date_.at(loop_.unix_seconds());
  context_.requests = kTurnRequests;
  context_.out_of_turn = false;
}

WEIR_STEP void Reactor::serve(Peer& peer) noexcept {
  enter(peer);
  settle();
}

WEIR_INLINE void Reactor::settle_current() noexcept {
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
  } catch (const std::bad_alloc&) {
    // It costs this connection and nothing else.
    static log::Limiter limiter;
    log::write_limited(limiter, log::Level::error, "connection dropped: out of memory");
    lose(peer);
  } catch (...) {
    static log::Limiter limiter;
    log::write_limited(limiter, log::Level::error, "connection dropped: its protocol threw");
    lose(peer);
  }
}

WEIR_INLINE std::size_t Reactor::give_upgraded(Peer& peer, std::string_view bytes) {
  const std::size_t used = peer.exchange->successor->on_bytes(bytes);
  return used < bytes.size() ? used : bytes.size();
}

WEIR_INLINE void Reactor::take_upgraded(Peer& peer) {
  net::Connection& connection = peer.connection;
  const Ref<Exchange> exchange = peer.exchange;  // the successor may end it
  std::size_t budget = kTurnBytes;
  while (peer.session.is_upgraded()) {
    if (connection.has_output() && cork_.unsent() > core_.options.output_high_water) break;
    if (peer.held_is_fresh) {
      peer.held_is_fresh = false;
      peer.held.consume(give_upgraded(peer, peer.held.view()));
      continue;
    }
    if (!connection.readable() || budget == 0) break;
    if (WEIR_UNLIKELY(must_starve(peer))) {
      starve(peer);
      break;
    }
    if (peer.held.view().size() > core_.limits.request_line) {
      peer.session.abort();  // it waits for more than may be kept here
      return;
    }
    char* data = buffer_.get();
    std::size_t room = kTurnBytes;
    if (!peer.held.empty()) {
      const net::InputBuffer::Room behind = peer.held.room(kHeldRoom);
      data = behind.data;
      room = behind.size < kTurnBytes ? behind.size : kTurnBytes;
    }
    const net::IoResult result = connection.read(data, room);
    if (result.bytes == 0) break;
    budget -= result.bytes < budget ? result.bytes : budget;
    bytes_read_ += result.bytes;
    if (data != buffer_.get()) {
      peer.held.grown(result.bytes);
      peer.held_is_fresh = true;
      continue;
    }
    const std::size_t used = give_upgraded(peer, {data, result.bytes});
    peer.held.append({data + used, result.bytes - used});
  }
  if (connection.broken()) {
    lose(peer);
  } else if (connection.input_ended() && !peer.held_is_fresh && exchange->gone() == Gone::no) {
    exchange->raise_gone(Gone::half_closed);
    exchange->successor->on_end();
  }
}

WEIR_STEP void Reactor::take_input(Peer& peer) {
  if (WEIR_UNLIKELY(peer.session.is_upgraded())) {
    take_upgraded(peer);
    return;
  }
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
    if (WEIR_UNLIKELY(must_starve(peer))) {
      starve(peer);
      break;
    }
    if (WEIR_LIKELY(peer.held.empty())) {
      char* const data = buffer_.get();
      const net::IoResult result = connection.read(data, kTurnBytes);
      if (result.bytes == 0) break;
      budget -= result.bytes < budget ? result.bytes : budget;
      bytes_read_ += result.bytes;
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
      bytes_read_ += result.bytes;
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

WEIR_STEP void Reactor::finish(Peer& peer) {
  net::Connection& connection = peer.connection;
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
    case net::Connection::Flush::cold:
    case net::Connection::Flush::more: {
      const net::OutputQueue& queue = *connection.unsent();
      unsent = queue.size();
      if (queue.pace.since_ms == 0) watch_writing(peer);
      if (inline_done_) {
        const Outcome outcome = inline_outcome_;
        promote();
        inline_done_ = false;
        await_delivery(peer, outcome);
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
  if (WEIR_UNLIKELY(peer.charged != 0 || unsent != 0 || !peer.held.empty() || peer.exchange ||
                    peer.finishing))
    charge(peer, memory_of(peer));
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
  bool again = flushed == net::Connection::Flush::more;
  if (WEIR_UNLIKELY(flushed == net::Connection::Flush::cold)) again = !fetch_file(peer);
  current_ = nullptr;
  if (WEIR_UNLIKELY(again) || ((peer.session.wants_bytes() || peer.session.is_upgraded()) &&
                               (connection.readable() || peer.held_is_fresh) &&
                               unsent <= core_.options.output_high_water && !peer.starved))
    make_ready(peer);
  schedule(peer);
}

// Has a worker read what is to be sent next; false when none will, and the loop has to wait for the
// disk itself.
WEIR_INLINE bool Reactor::fetch_file(Peer& peer) {
  if (peer.fetching) return true;
  net::Segment& file = *peer.connection.unsent()->front_file();
  const std::uint64_t size = file.size < net::kFileWindow ? file.size : net::kFileWindow;
  const std::uint64_t end = file.offset + size;
  net::Task task = [this, mailbox = loop_.mailbox(), token = token_of(peer), keep = file.keep,
                    fd = file.fd, offset = file.offset, size] {
    net::fetch(fd, offset, size);  // what cannot be read is sendfile's to find
    mailbox->post([this, token, fd, end = offset + size] { file_fetched(token, fd, end); });
  };
  if (!run_on_worker(task)) {
    file.at_hand = end;
    return false;
  }
  return peer.fetching = true;
}

WEIR_INLINE void Reactor::file_fetched(std::uint64_t token, int fd, std::uint64_t end) {
  Peer* const peer =
      peers_.find(static_cast<std::uint32_t>(token), static_cast<std::uint32_t>(token >> 32));
  if (peer == nullptr || peer->closed) return;
  peer->fetching = false;
  net::OutputQueue* const queue = peer->connection.unsent();
  net::Segment* const file = queue == nullptr ? nullptr : queue->front_file();
  if (file != nullptr && file->fd == fd && file->offset < end) file->at_hand = end;
  enter(*peer);
}

// ── Memory ───────────────────────────────────────────────────────────────────────────────────────

// What a client can make grow: its unread and unsent bytes and the blocks of its requests.
WEIR_INLINE std::uint64_t Reactor::memory_of(Peer& peer) const noexcept {
  std::uint64_t bytes = peer.held.capacity() + peer.session.memory();
  if (peer.connection.has_output()) bytes += peer.connection.unsent()->memory();
  for (const Exchange* one = peer.finishing.get(); one != nullptr; one = one->next_finishing.get())
    bytes += one->block_bytes + kBlockBytes + one->content.capacity();
  if (peer.exchange) {
    Exchange& exchange = *peer.exchange;
    bytes += exchange.block_bytes + kBlockBytes + exchange.content.capacity();
    if (exchange.body != nullptr) {
      if (exchange.data.route->handler.blocking) bytes += BodyState::kHighWater;
      if (exchange.decoder != nullptr) bytes += exchange.decoder->memory();
    }
    if (exchange.filters != nullptr) bytes += exchange.filters->memory();
    if (StreamState* const stream = exchange.stream()) {
      const net::MutexLock lock(stream->mutex);
      bytes += stream->waiting;
    }
  }
  return bytes;
}

WEIR_INLINE void Reactor::charge(Peer& peer, std::uint64_t bytes) noexcept {
  constexpr std::uint64_t kMostUnits = 0xffffffff;
  const std::uint64_t units =
      std::min(kMostUnits, (bytes + (1U << Peer::kChargeBits) - 1) >> Peer::kChargeBits);
  if (units == peer.charged) return;
  memory_.change(std::uint64_t{peer.charged} << Peer::kChargeBits, units << Peer::kChargeBits);
  if (units > peer.charged && memory_.is_tight() && !feed_timer_.armed())
    loop_.timers().arm(feed_timer_, kFeedPeriod);
  peer.charged = static_cast<std::uint32_t>(units);
}

WEIR_INLINE void Reactor::starve(Peer& peer) noexcept {
  if (peer.starved) return;
  peer.starved = true;
  tally_.add(Counter::memory_pauses);
  if (!feed_timer_.armed()) loop_.timers().arm(feed_timer_, kFeedPeriod);
}

// Lets those go on that were not read, once there is memory again: whichever loop has freed it.
// While there is none two go on: the one that holds most and has more to read, because the memory
// of many half-read requests would only come free by their time-outs; and all the others in turn.
WEIR_INLINE void Reactor::feed() noexcept {
  memory_.look();
  // Only who has something to read keeps the favour.
  if (favoured_ != nullptr &&
      (favoured_->charged == 0 || !favoured_->connection.readable() ||
       !(favoured_->session.wants_bytes() || favoured_->session.is_upgraded())))
    favoured_ = nullptr;
  guest_ = nullptr;
  Peer* largest = nullptr;
  Peer* first = nullptr;
  Peer* following = nullptr;
  const bool tight = memory_.is_tight();
  peers_.for_each([&](Peer& peer) {
    if (peer.closed) return;
    if (tight) drop_pipelined(peer);
    if (!peer.starved) return;
    if (must_starve(peer)) {
      if (largest == nullptr || peer.charged > largest->charged) largest = &peer;
      if (first == nullptr) first = &peer;
      if (following == nullptr && net::SlotMap<Peer>::slot_of(peer) > fed_) following = &peer;
    } else {
      peer.starved = false;
      make_ready(peer);
    }
  });
  if (tight || largest != nullptr) loop_.timers().arm(feed_timer_, kFeedPeriod);
  if (largest == nullptr) {
    favoured_ = nullptr;
    return;
  }
  if (favoured_ == nullptr) {
    favoured_ = largest;
    favoured_->starved = false;
    make_ready(*favoured_);
  }
  guest_ = following != nullptr ? following : first;
  fed_ = net::SlotMap<Peer>::slot_of(*guest_);
  guest_->starved = false;
  make_ready(*guest_);
}

// Requests behind an answer that may never end hold memory without a time-out. When it is tight
// they are given up, as a server may behind any answer (RFC 9112 §9.3.2).
WEIR_INLINE void Reactor::drop_pipelined(Peer& peer) noexcept {
  if (peer.held.empty() || peer.session.is_upgraded() || !peer.session.request_is_complete() ||
      !peer.session.answer_begun())
    return;
  peer.held.release();
  peer.held_is_fresh = false;
  peer.session.give_up_input();
  charge(peer, memory_of(peer));
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
  charge(peer, memory_of(peer));
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
  bury(peer);  // first: who sees it closed finds that its handlers know
  peer.connection.close(true);
}

WEIR_INLINE void Reactor::bury(Peer& peer) noexcept {
  peer.closed = true;
  loop_.timers().cancel(peer);
  peer.held.release();
  charge(peer, 0);
  if (favoured_ == &peer) favoured_ = nullptr;
  if (guest_ == &peer) guest_ = nullptr;
  core_.release(peer.remote);
  peer.next_dead = dead_;
  dead_ = net::SlotMap<Peer>::slot_of(peer);
  has_chores_ = true;
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
    if (meter_ != nullptr) {
      Outcome outcome = exchange->outcome;
      if (!exchange->answer_begun) outcome.status = Status{};
      meter_->ended(exchange->data, outcome);
    }
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
      if (peer.connection.readable()) {  // a close would reset it
        peer.starved = false;
        make_ready(peer);
        return;
      }
      peer.connection.close(false);
      bury(peer);
    } else if (peer.session.is_upgraded()) {
      bool goes_on = false;
      try {
        goes_on = peer.exchange->successor->on_stopping();
      } catch (...) {
        log::write(log::Level::error, "an on_stopping callback threw");
      }
      if (!goes_on) lose(peer);
    } else if (peer.exchange && peer.exchange->stream() != nullptr &&
               peer.exchange->stream()->ends_with_server) {
      const Ref<Exchange> exchange = peer.exchange;
      end_stream_with_server(*exchange);
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
