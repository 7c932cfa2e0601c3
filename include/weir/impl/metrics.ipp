// SPDX-License-Identifier: MIT
#pragma once
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <weir/detail/request_meter.hpp>
#include <weir/detail/server_state.hpp>
#include <weir/detail/user_timer.hpp>
#include <weir/metrics.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

// ── Counting ─────────────────────────────────────────────────────────────────────────────────────

inline constexpr std::chrono::milliseconds kProbePeriod{100};

/// With more connections than this a loop looks at them at every tenth probe alone.
inline constexpr std::size_t kOftenLookedAt = 1024;

WEIR_INLINE LoopCells::~LoopCells() {
  for (std::atomic<SeriesCells*>& series : series_) delete series.load(std::memory_order_relaxed);
}

WEIR_INLINE void LoopCells::begin(Reactor& reactor) {
  due_ = reactor.loop().now() + kProbePeriod;
  // It holds no share of this: the reactor, whose timers end before it, does.
  auto timer = std::make_shared<UserTimer>(
      [this, &reactor] {
        probe(reactor, due_);
        due_ = reactor.loop().now() + kProbePeriod;
      },
      kProbePeriod, true);
  timer->place_on(reactor.loop().mailbox());
  reactor.add_timer(std::move(timer));
}

WEIR_INLINE void LoopCells::ask(Reactor& reactor) noexcept {
  if (asked_at_.load(std::memory_order_relaxed) != 0) return;
  const net::Clock::TimePoint now = clock_.now();
  asked_at_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  try {
    reactor.loop().post([this, &reactor, now] {
      asked_at_.store(0, std::memory_order_relaxed);
      probe(reactor, now);
    });
  } catch (...) {  // out of memory: another time
    asked_at_.store(0, std::memory_order_relaxed);
  }
}

WEIR_INLINE void LoopCells::probe(Reactor& reactor, net::Clock::TimePoint due) noexcept {
  const std::chrono::nanoseconds late = clock_.now() - due;
  last_lag_ns_.set(to_ns(late));
  lag.add(late);
  if (reactor.connections() <= kOftenLookedAt || ++probes_ % 10 == 0) publish(reactor);
}

WEIR_INLINE std::uint64_t LoopCells::lag_ns(net::Clock::TimePoint now) const noexcept {
  const std::int64_t asked = asked_at_.load(std::memory_order_relaxed);
  const std::chrono::nanoseconds waits = now.time_since_epoch() - std::chrono::nanoseconds(asked);
  return asked == 0 ? last_lag_ns_.get() : std::max(last_lag_ns_.get(), to_ns(waits));
}

WEIR_INLINE void LoopCells::ended(const RequestData& request, const Outcome& outcome) noexcept {
  std::atomic<SeriesCells*>& place = series_[request.route->number * http::kMethodCount +
                                             static_cast<std::size_t>(request.head.method)];
  SeriesCells* series = place.load(std::memory_order_relaxed);
  if (WEIR_UNLIKELY(series == nullptr) && (series = make(place)) == nullptr) return;
  const auto code = static_cast<std::size_t>(outcome.status);
  series->by_status[WEIR_LIKELY(code < kStatusSlot.size()) ? kStatusSlot[code] : kOtherStatus].add(
      1);
  series->content_bytes.add(outcome.content_bytes);
  series->latency.add(clock_.now() - request.received_at);
}

WEIR_COLD WEIR_INLINE SeriesCells* LoopCells::make(std::atomic<SeriesCells*>& place) noexcept {
  auto* const series = new (std::nothrow) SeriesCells;
  place.store(series, std::memory_order_release);
  return series;
}

WEIR_INLINE void LoopCells::publish(Reactor& reactor) noexcept {
  const Reactor::Census census = reactor.census();
  by_state[0].set(census.idle);
  by_state[1].set(census.reading);
  by_state[2].set(census.handling);
  by_state[3].set(census.writing);
  connections.set(census.idle + census.reading + census.handling + census.writing);
  bytes_in.set(reactor.bytes_read());
  bytes_out.set(reactor.bytes_written());
}

WEIR_INLINE Reactor::Census Reactor::census() noexcept {
  Census census;
  peers_.for_each([&census](Peer& peer) {
    if (peer.closed) return;
    if (peer.lingering || peer.connection.has_output()) {
      ++census.writing;
    } else if (peer.session.is_idle()) {
      ++census.idle;
    } else if (peer.session.answer_begun() && !peer.session.is_upgraded()) {
      ++census.writing;
    } else if (peer.session.wants_bytes()) {
      ++census.reading;
    } else {
      ++census.handling;
    }
  });
  return census;
}

WEIR_INLINE std::uint32_t RequestMeter::add_route(std::string_view host, std::string_view pattern) {
  std::string name(host);
  name.append(pattern);
  const auto known = std::find(names_.begin(), names_.end(), name);  // another method's
  const auto number = static_cast<std::uint32_t>(known - names_.begin());
  if (known == names_.end()) names_.push_back(std::move(name));
  return number;
}

WEIR_INLINE std::shared_ptr<LoopMeter> RequestMeter::add_loop(net::Clock& clock) {
  auto loop = std::make_shared<LoopCells>(names_.size(), clock);
  const net::MutexLock lock(mutex_);
  // Those of a run before are kept until the next one begins.
  const bool has_begun = std::any_of(loops_.begin(), loops_.end(),
                                     [](const auto& one) { return one.use_count() > 1; });
  if (!has_begun) {
    loops_.clear();
    wait_.clear();
    started_ = std::chrono::system_clock::now();
    began_ = std::chrono::steady_clock::now();
  }
  loops_.push_back(loop);
  return loop;
}

WEIR_INLINE void RequestMeter::watch(net::EventLoop& loop,
                                     const std::vector<std::unique_ptr<Reactor>>& reactors) {
  pulse_ = std::make_unique<Pulse>(loop, reactors);
  loop.timers().arm(*pulse_, kProbePeriod);
}

WEIR_INLINE void RequestMeter::Pulse::fire() noexcept {
  for (const auto& reactor : reactors) static_cast<LoopCells*>(reactor->meter())->ask(*reactor);
  loop.timers().arm(*this, kProbePeriod);
}

inline std::string status_name(std::size_t slot) {
  if (slot < kNamedStatuses)
    return std::to_string(static_cast<unsigned>(http::detail::kStatusPhrases[slot].status));
  if (slot == kGoneStatus) return "gone";
  if (slot == kOtherStatus) return "other";
  return std::to_string(slot - kNamedStatuses + 1) + "xx";
}

inline std::size_t status_class(std::size_t slot) noexcept {
  if (slot < kNamedStatuses)
    return static_cast<std::size_t>(http::detail::kStatusPhrases[slot].status) / 100;
  return slot < kOtherStatus ? slot - kNamedStatuses + 1 : 0;
}

WEIR_INLINE void RequestMeter::fill(MetricsSnapshot& snapshot) const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto ms = [](auto time) {
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(time).count());
  };
  snapshot.time_ms = ms(std::chrono::system_clock::now().time_since_epoch());
  wait_.add_to(snapshot.pool.wait);
  const net::MutexLock lock(mutex_);
  if (loops_.empty()) return;
  snapshot.started_ms = ms(started_.time_since_epoch());
  snapshot.uptime_ms = ms(std::chrono::steady_clock::now() - began_);
  for (const auto& loop : loops_) {
    snapshot.idle += loop->by_state[0].get();
    snapshot.reading += loop->by_state[1].get();
    snapshot.handling += loop->by_state[2].get();
    snapshot.writing += loop->by_state[3].get();
    snapshot.bytes_in += loop->bytes_in.get();
    snapshot.bytes_out += loop->bytes_out.get();
    loop->lag.add_to(snapshot.lag);
  }
  for (std::size_t route = 0; route < names_.size(); ++route)
    for (std::size_t method = 0; method < http::kMethodCount; ++method) {
      std::array<std::uint64_t, kStatusSlots> by_status{};
      MetricsSnapshot::Route sum;
      for (const auto& loop : loops_) {
        const SeriesCells* const series = loop->series(route, method);
        if (series == nullptr) continue;
        for (std::size_t i = 0; i < kStatusSlots; ++i) by_status[i] += series->by_status[i].get();
        series->latency.add_to(sum.latency);
        sum.bytes_out += series->content_bytes.get();
      }
      for (std::size_t i = 0; i < kStatusSlots; ++i) {
        if (by_status[i] == 0) continue;
        sum.by_status.emplace_back(status_name(i), by_status[i]);
        sum.by_class[status_class(i)] += by_status[i];
        sum.count += by_status[i];
      }
      if (sum.count == 0) continue;
      const std::string_view name = http::to_string(static_cast<http::Method>(method));
      sum.method = name.empty() ? "other" : name;
      sum.pattern = names_[route];
      snapshot.routes.push_back(std::move(sum));
    }
}

/// When the process was started, seconds since 1970; 0 if the system does not tell.
WEIR_INLINE double process_start() noexcept {
  std::FILE* const file = std::fopen("/proc/self/stat", "re");
  if (file == nullptr) return 0;
  char text[1024];
  const std::size_t size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[size] = '\0';
  // The name in parentheses may have any bytes: fields are counted behind it, from the third.
  const char* at = nullptr;
  for (const char* c = text; *c != '\0'; ++c)
    if (*c == ')') at = c + 1;
  if (at == nullptr) return 0;
  unsigned long long ticks = 0;
  for (int field = 3; field <= 22; ++field) {
    while (*at == ' ') ++at;
    if (field == 22) break;
    while (*at != ' ' && *at != '\0') ++at;
  }
  while (*at >= '0' && *at <= '9') ticks = ticks * 10 + static_cast<unsigned>(*at++ - '0');
  const long rate = ::sysconf(_SC_CLK_TCK);
  timespec since_boot{};
  timespec calendar{};
  if (ticks == 0 || rate <= 0 || ::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0 ||
      ::clock_gettime(CLOCK_REALTIME, &calendar) != 0)
    return 0;
  const auto seconds = [](const timespec& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  return seconds(calendar) - seconds(since_boot) +
         static_cast<double>(ticks) / static_cast<double>(rate);
}

}  // namespace detail

// ── The handle ───────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE Metrics::Metrics(Server& server)
    : state_(server.state_.get()), process_started_(detail::process_start()) {
  detail::RouteTable& routes = *state_->routes;
  if (routes.meter() == nullptr) {
    if (routes.frozen())
      throw std::logic_error("weir: metrics() was called after the server's start");
    routes.set_meter(std::make_shared<detail::RequestMeter>());
  }
  meter_ = std::static_pointer_cast<detail::RequestMeter>(routes.meter());  // there is no other
}

WEIR_INLINE MetricsSnapshot Metrics::snapshot() const {
  MetricsSnapshot snapshot;
  snapshot.process_started = process_started_;
  snapshot.counters = state_->counters();
  snapshot.draining = state_->stop_asked.load(std::memory_order_acquire);
  const auto look = [&snapshot](const detail::Core& core, detail::Reactor& reactor) {
    auto* const cells = static_cast<detail::LoopCells*>(reactor.meter());
    if (cells == nullptr) return;
    if (reactor.loop().in_loop_thread()) cells->publish(reactor);
    MetricsSnapshot::Loop loop;
    loop.lag_us = cells->lag_ns(core.clock.now()) / 1000;
    loop.connections = cells->connections.get();
    Counters counted;
    reactor.tally().add_to(counted);
    loop.requests = counted[Counter::requests];
    snapshot.loops.push_back(loop);
    snapshot.draining = snapshot.draining || core.draining.load(std::memory_order_relaxed);
    snapshot.pool.threads = core.pool->threads();
    snapshot.pool.running = core.pool->running();
    snapshot.pool.queued = core.pool->queued();
  };
  {
    const net::MutexLock lock(state_->mutex);  // they stay while it is held
    if (state_->core_is_shown) {
      for (const auto& reactor : state_->reactors) look(*state_->core, *reactor);
    } else {  // test clients
      for (detail::Reactor* const reactor : state_->visitors) {
        look(reactor->core(), *reactor);
        reactor->core().shared.add_to(snapshot.counters);
        reactor->tally().add_to(snapshot.counters);
        snapshot.counters[Counter::connections] +=
            reactor->core().connections.load(std::memory_order_relaxed);
      }
    }
  }
  meter_->fill(snapshot);
  return snapshot;
}

WEIR_INLINE void Metrics::operator()(const Request&, Response& response) const {
  response.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.header("Cache-Control", "no-store");
  response.body(to_prometheus(snapshot()));
}

WEIR_END_NAMESPACE
