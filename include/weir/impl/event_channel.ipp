// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <atomic>
#include <deque>
#include <new>
#include <utility>
#include <vector>
#include <weir/detail/event_support.hpp>
#include <weir/detail/exchange.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/detail/user_timer.hpp>
#include <weir/event_channel.hpp>
#include <weir/log.hpp>
#include <weir/net/mutex.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

/// Subscribers that are written to in one go: in between the loop serves its other connections.
inline constexpr std::size_t kSubscribersAtOnce = 256;

/// Bytes of events that wait for a loop that is held; above it that loop goes without.
inline constexpr std::size_t kMaxBehind = 4 * 1024 * 1024;

/// Text on its way to subscribers; null bytes end their streams.
struct Published {
  std::shared_ptr<const std::string> bytes;
  std::uint64_t number = 0;  // in the channel's order; of a heartbeat the largest
};

inline std::size_t cost_of(const Published& what) noexcept {
  return (what.bytes == nullptr ? 0 : what.bytes->size()) + sizeof(Published);
}

inline constexpr std::uint64_t kForEverybody = ~std::uint64_t{0};

struct SubscriberGroup;

struct Subscriber {
  explicit Subscriber(std::shared_ptr<EventChannelState> of) noexcept;  // takes a seat
  ~Subscriber();  // frees its seat, and gives up what it came for
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  const std::shared_ptr<EventChannelState> channel;
  bool is_one_too_many = false;            // for max_subscribers
  std::shared_ptr<SubscriberGroup> group;  // from registered() to join()
  bool is_coming = false;                  // in between
  Stream stream;
  std::uint64_t seen = 0;  // number of the last event that it has, or is too old to get
  std::size_t place = 0;   // in its group
  bool over = false;       // nothing is written any more
};

/// The subscribers on one loop. What stands under `mailbox` is the loop's thread's; `waiting` and
/// what follows it are under the channel's mutex.
struct SubscriberGroup : std::enable_shared_from_this<SubscriberGroup> {
  SubscriberGroup(std::shared_ptr<EventChannelState> of, std::shared_ptr<net::Mailbox> its_mailbox)
      : channel(std::move(of)), mailbox(std::move(its_mailbox)) {}

  /// Has the loop call deliver(); false when it has ended.
  bool post();

  void take_in(std::unique_ptr<Subscriber> subscriber);
  void remove(Subscriber& subscriber) noexcept;
  void deliver();
  void beat();
  void give(Subscriber& subscriber, const Published& what, bool must_take);
  void end(Subscriber& subscriber);
  void fill_holes() noexcept;
  void leave_if_empty() noexcept;

  const std::shared_ptr<EventChannelState> channel;
  const std::shared_ptr<net::Mailbox> mailbox;

  Reactor* reactor = nullptr;  // set by the first to join; valid in tasks of the mailbox
  std::vector<std::unique_ptr<Subscriber>> subscribers;  // null where one went during a round
  std::vector<Published> round;  // what is being delivered: to those before `next` already
  std::size_t next = 0;
  std::size_t holes = 0;
  bool in_call = false;         // deliver() is at work: nothing may move
  bool quiet = true;            // no event since the last heartbeat
  std::uint64_t delivered = 0;  // not in the channel's count yet
  std::shared_ptr<UserTimer> timer;

  std::vector<Published> waiting;
  std::size_t waiting_bytes = 0;
  bool posted = false;
  std::deque<std::uint64_t> coming;  // `seen` of those that are registered, and have not joined yet
  std::deque<Published> early;       // what was published since the first of them
  std::size_t early_bytes = 0;
};

struct EventChannelState {
  explicit EventChannelState(EventChannelOptions given) : options(std::move(given)) {
    if (options.retry.count() > 0) opening.retry(options.retry);
  }

  struct Kept {
    std::string id;
    Published event;
  };

  std::vector<Published> registered(const std::shared_ptr<EventChannelState>& self,
                                    Subscriber& subscriber,
                                    const std::shared_ptr<net::Mailbox>& mailbox,
                                    const std::string& last_event_id);
  std::vector<Published> arrived(Subscriber& subscriber);
  void withdraw(Subscriber& subscriber) noexcept;
  void join(Reactor& loop, Exchange& exchange, std::unique_ptr<Subscriber> subscriber,
            std::vector<Published> to_replay);
  void tell(const Published& what) WEIR_REQUIRES(mutex);
  void keep(std::string_view id, const Published& what) WEIR_REQUIRES(mutex);
  std::vector<Published> missed(const std::string& last_event_id) WEIR_REQUIRES(mutex);
  void close();

  const EventChannelOptions options;
  EventWriter opening;
  const std::shared_ptr<const std::string> heartbeat =
      std::make_shared<const std::string>(kHeartbeat);

  // Relaxed: they order nothing.
  std::atomic<std::size_t> seats{0};
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> replayed{0};
  std::atomic<std::uint64_t> skipped{0};
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> refused{0};

  net::Mutex mutex;
  std::vector<std::shared_ptr<SubscriberGroup>> groups WEIR_GUARDED_BY(mutex);
  std::deque<Kept> kept WEIR_GUARDED_BY(mutex);
  std::size_t kept_bytes WEIR_GUARDED_BY(mutex) = 0;
  std::uint64_t last_number WEIR_GUARDED_BY(mutex) = 0;
  bool closed WEIR_GUARDED_BY(mutex) = false;
};

WEIR_INLINE Subscriber::Subscriber(std::shared_ptr<EventChannelState> of) noexcept
    : channel(std::move(of)),
      is_one_too_many(channel->seats.fetch_add(1, std::memory_order_relaxed) >=
                      channel->options.max_subscribers) {}

WEIR_INLINE Subscriber::~Subscriber() {
  if (is_coming) channel->withdraw(*this);
  channel->seats.fetch_sub(1, std::memory_order_relaxed);
}

/// What the copies of a channel share: subscribers hold the state, and it them.
struct EventChannelOwner {
  explicit EventChannelOwner(EventChannelOptions options)
      : state(std::make_shared<EventChannelState>(std::move(options))) {}
  ~EventChannelOwner() {
    try {
      state->close();
    } catch (...) {
      log::write(log::Level::error, "out of memory while a channel of events was closed");
    }
  }

  const std::shared_ptr<EventChannelState> state;
};

WEIR_INLINE bool SubscriberGroup::post() {
  return mailbox->post([self = shared_from_this()] {
    try {
      self->deliver();
    } catch (...) {
      self->in_call = false;
      log::write(log::Level::error, "out of memory while events were delivered");
    }
  });
}

WEIR_INLINE void SubscriberGroup::take_in(std::unique_ptr<Subscriber> subscriber) {
  subscriber->place = subscribers.size();
  subscribers.push_back(std::move(subscriber));
  const std::chrono::milliseconds period = channel->options.heartbeat;
  if (timer != nullptr || period.count() == 0) return;
  auto fire = [weak = weak_from_this()] {
    if (const std::shared_ptr<SubscriberGroup> self = weak.lock()) self->beat();
  };
  try {
    auto fresh = std::make_shared<UserTimer>(std::move(fire), period, true);
    reactor->add_timer(fresh);
    timer = std::move(fresh);
  } catch (const std::bad_alloc&) {
    // The next one to subscribe brings the heartbeat.
  }
}

WEIR_INLINE void SubscriberGroup::remove(Subscriber& subscriber) noexcept {
  const std::shared_ptr<SubscriberGroup> keep = weak_from_this().lock();
  const std::unique_ptr<Subscriber> gone = std::move(subscribers[subscriber.place]);
  ++holes;
  gone->over = true;
  if (round.empty()) {  // else those that are still to come must not move
    subscribers[gone->place] = std::move(subscribers.back());
    subscribers.pop_back();
    if (gone->place < subscribers.size()) subscribers[gone->place]->place = gone->place;
    --holes;
  }
  if (holes < subscribers.size()) return;
  if (timer != nullptr) reactor->remove_timer(*timer);
  timer.reset();
  leave_if_empty();
}

WEIR_INLINE void SubscriberGroup::leave_if_empty() noexcept {
  if (holes < subscribers.size()) return;
  const std::shared_ptr<SubscriberGroup> self = weak_from_this().lock();
  const net::MutexLock lock(channel->mutex);
  if (!coming.empty()) return;
  auto& groups = channel->groups;
  groups.erase(std::remove(groups.begin(), groups.end(), self), groups.end());
}

WEIR_INLINE void SubscriberGroup::fill_holes() noexcept {
  if (holes == 0) return;
  std::size_t place = 0;
  for (std::unique_ptr<Subscriber>& subscriber : subscribers) {
    if (subscriber == nullptr) continue;
    subscriber->place = place;
    if (&subscribers[place] != &subscriber) subscribers[place] = std::move(subscriber);
    ++place;
  }
  subscribers.resize(place);
  holes = 0;
}

// A part of a round, and the next one's begin when it is through.
WEIR_INLINE void SubscriberGroup::deliver() {
  if (in_call) return;
  if (round.empty()) {
    const net::MutexLock lock(channel->mutex);
    round.swap(waiting);
    waiting_bytes = 0;
    posted = false;
    next = 0;
  }
  if (round.empty()) return;
  in_call = true;
  const std::size_t end = std::min(subscribers.size(), next + kSubscribersAtOnce);
  for (; next < end; ++next)
    for (const Published& what : round) {
      Subscriber* const subscriber = subscribers[next].get();
      if (subscriber == nullptr || subscriber->over) break;
      if (what.number > subscriber->seen) give(*subscriber, what, false);
    }
  in_call = false;
  channel->delivered.fetch_add(std::exchange(delivered, 0), std::memory_order_relaxed);
  if (next == subscribers.size()) {
    round.clear();
    fill_holes();
    leave_if_empty();
    const net::MutexLock lock(channel->mutex);
    if (waiting.empty() || posted) return;
    posted = true;
  }
  post();
}

WEIR_INLINE void SubscriberGroup::beat() {
  if (!std::exchange(quiet, true) || !round.empty()) return;
  round.push_back({channel->heartbeat, kForEverybody});
  next = 0;
  deliver();
}

/// Writes to a subscriber on its own loop, without a task of its own.
WEIR_INLINE void SubscriberGroup::give(Subscriber& subscriber, const Published& what,
                                       bool must_take) {
  const bool is_event = what.number != kForEverybody;
  if (is_event) {
    quiet = false;
    subscriber.seen = what.number;
  }
  if (what.bytes == nullptr) {
    end(subscriber);
    return;
  }
  const Ref<Exchange> keep(StreamAccess::exchange_of(subscriber.stream));
  Exchange& exchange = *keep;  // which may be lost in here, and the subscriber with it
  StreamState& stream = *exchange.stream();
  const EventChannelOptions& options = channel->options;
  bool drop = false;
  {
    const net::MutexLock lock(stream.mutex);
    if (stream.ended) {
      subscriber.over = true;
      return;
    }
    const std::uint64_t ahead = stream.waiting + stream.queued;
    const bool is_slow =
        ahead > options.max_waiting_bytes || (ahead != 0 && exchange.budget->is_strained());
    if (is_slow && !must_take) {
      if (!is_event) return;
      drop = options.slow == SlowSubscriber::drop;
      if (!drop) {
        channel->skipped.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      stream.ended = true;
    } else {
      stream.waiting += what.bytes->size() + StreamState::kPieceCost;
    }
  }
  if (drop) {
    subscriber.over = true;
    channel->dropped.fetch_add(1, std::memory_order_relaxed);
    reactor->abort(exchange);
    return;
  }
  if (is_event) ++delivered;
  reactor->write_stream(exchange, {}, what.bytes);
}

WEIR_INLINE void SubscriberGroup::end(Subscriber& subscriber) {
  subscriber.over = true;
  subscriber.stream.end();
}

/// From here on nothing that is published passes the subscriber by. What it has missed before.
WEIR_INLINE std::vector<Published> EventChannelState::registered(
    const std::shared_ptr<EventChannelState>& self, Subscriber& subscriber,
    const std::shared_ptr<net::Mailbox>& mailbox, const std::string& last_event_id) {
  const net::MutexLock lock(mutex);
  std::vector<Published> to_replay = missed(last_event_id);
  if (closed) to_replay.push_back({});
  for (const std::shared_ptr<SubscriberGroup>& one : groups)
    if (one->mailbox == mailbox) subscriber.group = one;
  if (subscriber.group == nullptr) {
    auto fresh = std::make_shared<SubscriberGroup>(self, mailbox);
    if (!closed) groups.push_back(fresh);
    subscriber.group = std::move(fresh);
  }
  subscriber.seen = last_number;
  subscriber.group->coming.push_back(last_number);  // none is above it
  subscriber.is_coming = true;
  return to_replay;
}

/// What was published while the subscriber was on its way to its loop.
WEIR_INLINE std::vector<Published> EventChannelState::arrived(Subscriber& subscriber) {
  std::vector<Published> missed_by_it;
  {
    const net::MutexLock lock(mutex);
    for (const Published& event : subscriber.group->early)
      if (event.number > subscriber.seen) missed_by_it.push_back(event);
  }
  withdraw(subscriber);
  return missed_by_it;
}

/// Keeps no longer what it alone was waiting for.
WEIR_INLINE void EventChannelState::withdraw(Subscriber& subscriber) noexcept {
  subscriber.is_coming = false;
  SubscriberGroup& group = *subscriber.group;
  const net::MutexLock lock(mutex);
  group.coming.erase(std::lower_bound(group.coming.begin(), group.coming.end(), subscriber.seen));
  while (!group.early.empty() &&
         (group.coming.empty() || group.early.front().number <= group.coming.front())) {
    group.early_bytes -= cost_of(group.early.front());
    group.early.pop_front();
  }
}

// On the loop's thread, behind the answer's begin.
WEIR_INLINE void EventChannelState::join(Reactor& loop, Exchange& exchange,
                                         std::unique_ptr<Subscriber> subscriber,
                                         std::vector<Published> to_replay) {
  Subscriber& joined = *subscriber;
  const std::vector<Published> early = arrived(joined);
  const std::shared_ptr<SubscriberGroup> group = std::move(joined.group);
  group->reactor = &loop;
  if (exchange.done_told || exchange.gone() == Gone::yes) {
    group->leave_if_empty();
    return;
  }
  EventWriter first = opening;
  if (options.on_subscribe) options.on_subscribe(exchange.request, first);
  group->take_in(std::move(subscriber));
  // Without its listener it would stay for ever.
  try {
    exchange.add_done_listener([group, &joined](const Outcome&) {
      const Ref<Exchange> keep(StreamAccess::exchange_of(joined.stream));
      group->remove(joined);
      if (!group->channel->options.on_gone) return;
      group->channel->options.on_gone(keep->request);
    });
  } catch (...) {
    group->remove(joined);
    throw;
  }
  if (!first.empty())
    group->give(joined, {std::make_shared<const std::string>(first.take()), kForEverybody}, true);
  // All of it is taken: nothing was sent yet, so that the client cannot be slow.
  for (Published& event : to_replay) {
    if (exchange.done_told) return;  // lost for want of memory: `joined` has gone
    if (event.bytes != nullptr) {
      replayed.fetch_add(1, std::memory_order_relaxed);
      delivered.fetch_add(1, std::memory_order_relaxed);
    }
    group->give(joined, {std::move(event.bytes), kForEverybody}, true);
  }
  for (const Published& event : early) {
    if (exchange.done_told || joined.over) return;
    group->give(joined, event, true);
  }
}

WEIR_INLINE std::vector<Published> EventChannelState::missed(const std::string& last_event_id) {
  std::vector<Published> all;
  if (last_event_id.empty()) return all;
  auto from = kept.begin();
  for (auto at = kept.end(); at != kept.begin();)
    if ((--at)->id == last_event_id) {
      from = at + 1;
      break;
    }
  for (; from != kept.end(); ++from) all.push_back(from->event);
  return all;
}

WEIR_INLINE void EventChannelState::keep(std::string_view id, const Published& what) {
  if (id.empty() || what.bytes->size() > options.replay_bytes || options.replay_events == 0) return;
  kept.push_back({std::string(id), what});
  kept_bytes += what.bytes->size();
  while (kept.size() > options.replay_events || kept_bytes > options.replay_bytes) {
    kept_bytes -= kept.front().event.bytes->size();
    kept.pop_front();
  }
}

WEIR_INLINE void EventChannelState::tell(const Published& what) {
  const std::size_t cost = cost_of(what);
  std::size_t live = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    SubscriberGroup& group = *groups[i];
    bool is_alive = true;
    if (what.bytes != nullptr && std::max(group.waiting_bytes, group.early_bytes) > kMaxBehind) {
      skipped.fetch_add(1, std::memory_order_relaxed);
    } else {
      if (!group.coming.empty()) {
        group.early.push_back(what);
        group.early_bytes += cost;
      }
      group.waiting.push_back(what);
      group.waiting_bytes += cost;
      // A lost task would be the last one: after no memory for it the next event tries again.
      if (!group.posted) is_alive = group.posted = group.post();
    }
    if (is_alive) {
      if (live != i) groups[live] = std::move(groups[i]);
      ++live;
    }
  }
  groups.resize(live);
}

WEIR_INLINE void EventChannelState::close() {
  const net::MutexLock lock(mutex);
  if (closed) return;
  closed = true;
  tell({nullptr, ++last_number});
  groups.clear();  // their tasks keep them, and nothing will be told any more
}

WEIR_INLINE EventChannelOptions checked(EventChannelOptions options) {
  if (options.max_subscribers == 0)
    refuse_event_option("EventChannelOptions::max_subscribers", "above 0");
  if (!is_event_time(options.heartbeat))
    refuse_event_option("EventChannelOptions::heartbeat", "0 to a year");
  if (!is_event_time(options.retry))
    refuse_event_option("EventChannelOptions::retry", "0 to a year");
  return options;
}

}  // namespace detail

WEIR_INLINE EventChannel::EventChannel(EventChannelOptions options)
    : owner_(std::make_shared<detail::EventChannelOwner>(detail::checked(std::move(options)))) {}

WEIR_INLINE bool EventChannel::subscribe(const Request& request, Response& response) const {
  using detail::Exchange;
  using detail::Reactor;
  const std::shared_ptr<detail::EventChannelState>& state = owner_->state;
  bool is_closed = false;
  {
    const net::MutexLock lock(state->mutex);
    is_closed = state->closed;
  }
  if (is_closed) {
    response.status(Status::no_content);
    return false;
  }
  if (request.method() == Method::head) {
    detail::set_event_fields(response);
    response.status(Status::ok);
    return false;
  }
  auto subscriber = std::make_unique<detail::Subscriber>(state);
  if (subscriber->is_one_too_many) {
    state->refused.fetch_add(1, std::memory_order_relaxed);
    response.status(Status::service_unavailable).header("Retry-After", "5");
    response.text("too many subscribers\n");
    return false;
  }
  const std::string last_event_id(request.header("Last-Event-ID"));
  detail::set_event_fields(response);
  subscriber->stream = response.stream();
  if (!subscriber->stream) return false;
  subscriber->stream.end_with_server();
  Exchange& exchange = detail::StreamAccess::exchange_of(subscriber->stream);
  std::vector<detail::Published> to_replay =
      state->registered(state, *subscriber, exchange.mailbox, last_event_id);
  return exchange.post([state, subscriber = std::move(subscriber),
                        to_replay = std::move(to_replay)](Reactor& loop, Exchange& self) mutable {
    state->join(loop, self, std::move(subscriber), std::move(to_replay));
  });
}

WEIR_INLINE bool EventChannel::publish(const Event& event) const {
  EventWriter text;
  text.event(event);
  detail::Published what{std::make_shared<const std::string>(text.take()), 0};
  detail::EventChannelState& state = *owner_->state;
  const net::MutexLock lock(state.mutex);
  if (state.closed) return false;
  what.number = ++state.last_number;
  state.published.fetch_add(1, std::memory_order_relaxed);
  state.keep(event.id, what);
  state.tell(what);
  return true;
}

WEIR_INLINE void EventChannel::close() const { owner_->state->close(); }

WEIR_INLINE std::size_t EventChannel::subscribers() const noexcept {
  return owner_->state->seats.load(std::memory_order_relaxed);
}

WEIR_INLINE EventCounts EventChannel::counts() const noexcept {
  const detail::EventChannelState& state = *owner_->state;
  EventCounts counts;
  counts.published = state.published.load(std::memory_order_relaxed);
  counts.delivered = state.delivered.load(std::memory_order_relaxed);
  counts.replayed = state.replayed.load(std::memory_order_relaxed);
  counts.skipped = state.skipped.load(std::memory_order_relaxed);
  counts.dropped = state.dropped.load(std::memory_order_relaxed);
  counts.refused = state.refused.load(std::memory_order_relaxed);
  return counts;
}

WEIR_END_NAMESPACE
