// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>
#include <weir/detail/server_state.hpp>
#include <weir/log.hpp>
#include <weir/net/error.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Descriptors that are kept for everything that is no connection.
inline constexpr std::size_t kSpareDescriptors = 64;

/// Workers that there are at least: blocking handlers wait more than they compute.
inline constexpr std::size_t kLeastWorkers = 4;

WEIR_INLINE ServerState::ServerState(Options given)
    : options(std::move(given)), stop_fd(net::sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!stop_fd) net::throw_errno(errno, "eventfd");
}

WEIR_INLINE ServerState::~ServerState() { tear_down(); }

/// Raises the soft limit of descriptors to the hard one and returns it.
inline std::size_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (net::sys::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (net::sys::setrlimit(RLIMIT_NOFILE, &raised) == 0) {
      try {
        log::write(log::Level::info, "descriptor limit raised from " +
                                         std::to_string(limit.rlim_cur) + " to " +
                                         std::to_string(limit.rlim_max));
      } catch (...) {
      }
      limit = raised;
    }
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

WEIR_INLINE void ServerState::build() {
  if (core != nullptr) return;
  options.check();
  const std::size_t processors = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  const std::size_t loops = options.threads == 0 ? processors : options.threads;
  try {
    core = std::make_unique<Core>(options, routes, net::Clock::system(), loops);
    core->stop_fd = stop_fd.get();
    const std::size_t descriptors = raise_descriptor_limit();
    const std::size_t most =
        descriptors > 2 * kSpareDescriptors ? descriptors - kSpareDescriptors : descriptors / 2;
    core->max_connections = std::min(options.max_connections, most);
    for (std::size_t i = 0; i < loops; ++i) reactors.push_back(std::make_unique<Reactor>(*core));
    control = std::make_unique<Control>(*core, stop_fd.get(), reactors);
  } catch (...) {
    tear_down();
    throw;
  }
}

/// Where `acceptor` listens. A kernel that cannot say it now makes the port unknown to everybody:
/// the acceptor is closed.
inline net::Address bound_address(net::Acceptor& acceptor, const net::Address& asked) {
  errno = 0;
  net::Address bound = acceptor.local();
  const int error = errno;
  if (bound.family() == net::Family::none && error != 0) {  // no error: a family unknown to us
    acceptor.close();
    net::throw_errno(error, "getsockname", asked.to_string());
  }
  return bound;
}

WEIR_INLINE void ServerState::open(Listen& listen) {
  net::Acceptor::Options accept;
  accept.backlog = options.backlog;
  accept.no_delay = options.tcp_no_delay;
  accept.defer_accept_seconds = options.defer_accept_seconds;
  accept.v6_only = options.ipv6_only;
  accept.unsent_in_kernel = static_cast<int>(options.kernel_send_ahead);
  accept.max_per_second = options.max_accepts_per_second;

  const auto place = [this]() -> net::Acceptor& {
    // One loop accepts for itself, without a hop; several are dealt to.
    return reactors.size() == 1 ? reactors.front()->add_acceptor() : control->add_acceptor();
  };
  if (listen.inherited) {
    net::Acceptor& acceptor = place();
    const int copy = net::sys::fcntl(listen.inherited.get(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) net::throw_errno(errno, "fcntl", "of the inherited socket");
    acceptor.adopt(net::Fd(copy), accept);
    listen.bound = bound_address(acceptor, listen.address);
  } else if (options.reuse_port && listen.address.family() != net::Family::unix_domain) {
    accept.reuse_port = true;
    if (accept.max_per_second != 0)  // each loop has its part of the address's rate
      accept.max_per_second = std::max<std::uint32_t>(
          1, accept.max_per_second / static_cast<std::uint32_t>(reactors.size()));
    listen.bound = listen.address;
    std::vector<net::Acceptor*> opened;
    try {
      for (const auto& reactor : reactors) {
        opened.push_back(&reactor->add_acceptor());
        opened.back()->open(listen.bound, accept);
        // Port 0 has become one that the others share.
        listen.bound = bound_address(*opened.back(), listen.address);
      }
    } catch (...) {
      for (net::Acceptor* const acceptor : opened) acceptor->close();
      throw;
    }
  } else {
    net::Acceptor& acceptor = place();
    acceptor.open(listen.address, accept);
    listen.bound = bound_address(acceptor, listen.address);
  }
  listen.open = true;
}

WEIR_INLINE void ServerState::add_listen(std::unique_ptr<Listen> listen) {
  {
    const net::MutexLock lock(mutex);
    if (phase != Phase::idle)
      throw std::logic_error("weir: listen() was called while the server runs");
  }
  build();
  open(*listen);
  listens.push_back(std::move(listen));
}

WEIR_INLINE void ServerState::run_loop(net::EventLoop& loop) noexcept {
  try {
    loop.run();
  } catch (const std::exception& what) {
    failed.store(true, std::memory_order_relaxed);
    running.store(false, std::memory_order_release);
    log::write(log::Level::error, what.what());
    // A loop without epoll cannot go on, and a server without a loop should not pretend to.
    for (const auto& reactor : reactors) reactor->loop().stop();
    control->loop().stop();
  }
  const net::MutexLock lock(mutex);
  --live_threads;
  changed.notify_all();
}

WEIR_INLINE void ServerState::spawn(net::EventLoop& loop) {
  {
    const net::MutexLock lock(mutex);
    ++live_threads;
  }
  try {
    threads.emplace_back([this, &loop] { run_loop(loop); });
  } catch (...) {
    const net::MutexLock lock(mutex);
    --live_threads;
    throw;
  }
}

WEIR_INLINE void ServerState::start() {
  {
    const net::MutexLock lock(mutex);
    if (phase != Phase::idle) throw std::logic_error("weir: the server runs already");
  }
  if (listens.empty())
    throw std::logic_error(
        "weir: the server has no address; call listen() before run() or start()");
  failed.store(false, std::memory_order_relaxed);
  build();
  for (const auto& listen : listens)
    if (!listen->open) open(*listen);
  routes->freeze(options);
  for (const auto& reactor : reactors) reactor->start_meter();

  // Our threads take no signals: they belong to the program's own.
  net::sys::SignalMask previous;
  const bool blocked = net::sys::block_signals(&previous) == 0;
  try {
    const std::size_t processors = std::max<std::size_t>(1, std::thread::hardware_concurrency());
    core->start_workers(options.workers == 0 ? std::max(kLeastWorkers, processors)
                                             : options.workers);
    {
      const net::MutexLock lock(mutex);
      for (const std::shared_ptr<UserTimer>& timer : pending_timers)
        post_timer(*reactors.front(), timer);
      pending_timers.clear();
      phase = Phase::running;
      core_is_shown = true;
    }
    running.store(true, std::memory_order_release);
    for (const auto& reactor : reactors) spawn(reactor->loop());
    control->watch_stalls();
    if (routes->meter() != nullptr) routes->meter()->watch(control->loop(), reactors);
    spawn(control->loop());
  } catch (...) {
    if (blocked) net::sys::restore_signals(previous);
    for (const auto& reactor : reactors) reactor->loop().stop();
    control->loop().stop();
    join_threads();
    tear_down();
    running.store(false, std::memory_order_release);
    const net::MutexLock lock(mutex);
    phase = Phase::idle;
    throw;
  }
  if (blocked) net::sys::restore_signals(previous);
}

WEIR_INLINE void ServerState::stop() noexcept {
  // Both are async-signal-safe, and the eventfd remembers until the control loop looks.
  stop_asked.store(true, std::memory_order_release);
  net::sys::eventfd_write(stop_fd.get());
}

WEIR_INLINE void ServerState::join_threads() {
  {
    net::MutexLock lock(mutex);
    while (live_threads > 0) {
      const std::size_t before = live_threads;
      if (changed.wait_for(lock.native(), std::chrono::seconds(1)) == std::cv_status::timeout &&
          live_threads == before && core->draining.load(std::memory_order_relaxed)) {
        for (const auto& reactor : reactors)
          if (const RouteEntry* const route = reactor->running())
            log::write(log::Level::warning, "stop waits for the handler of " + route->pattern +
                                                ", which holds its loop");
      }
    }
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

WEIR_INLINE void ServerState::join_workers() {
  if (core->pool == nullptr) return;
  while (!core->pool->wait_idle(std::chrono::seconds(1)))
    for (const std::string& pattern : core->running_patterns())
      log::write(log::Level::warning, "stop waits for the handler of " + pattern);
  // Nobody waits for what is still queued: its connections are closed.
  core->pool->stop(net::ThreadPool::Finish::drop);
}

WEIR_INLINE void ServerState::wait() {
  {
    net::MutexLock lock(mutex);
    if (phase == Phase::idle) return;
    if (phase == Phase::joining) {
      while (phase == Phase::joining) changed.wait(lock.native());
      return;
    }
    phase = Phase::joining;
  }
  join_threads();
  running.store(false, std::memory_order_release);
  // Nothing, but after a loop that failed: workers that wait for its clients must wake.
  for (const auto& reactor : reactors) reactor->close_all();
  join_workers();
  tear_down();
  net::sys::eventfd_read(stop_fd.get());
  stop_asked.store(false, std::memory_order_release);
  const net::MutexLock lock(mutex);
  phase = Phase::idle;
  changed.notify_all();
}

WEIR_INLINE Counters ServerState::sum_counters() const noexcept {
  Counters sum;
  core->shared.add_to(sum);
  const auto add_acceptors = [&sum](const std::vector<std::unique_ptr<net::Acceptor>>& acceptors) {
    for (const auto& acceptor : acceptors) {
      sum[Counter::shed_descriptors] += acceptor->shed();
      sum[Counter::accept_rests] += acceptor->rate_limited();
      sum[Counter::accept_errors] += acceptor->errors();
    }
  };
  for (const auto& reactor : reactors) {
    reactor->tally().add_to(sum);
    add_acceptors(reactor->acceptors());
  }
  add_acceptors(control->acceptors());
  sum[Counter::connections] = core->connections.load(std::memory_order_relaxed);
  sum[Counter::stalls] = core->stalls.load(std::memory_order_relaxed);
  return sum;
}

WEIR_INLINE Counters ServerState::counters() {
  const net::MutexLock lock(mutex);
  return core_is_shown ? sum_counters() : last_counters;
}

WEIR_INLINE void ServerState::tear_down() noexcept {
  {
    const net::MutexLock lock(mutex);
    if (core_is_shown) last_counters = sum_counters();
    core_is_shown = false;
  }
  // The pool's tasks name reactors: it ends first.
  if (core != nullptr) core->pool.reset();
  control.reset();
  reactors.clear();
  core.reset();
  for (const auto& listen : listens) listen->open = false;
}

WEIR_INLINE void ServerState::post_timer(Reactor& reactor,
                                         const std::shared_ptr<UserTimer>& timer) {
  timer->place_on(reactor.loop().mailbox());
  reactor.loop().post([&reactor, timer] { reactor.add_timer(timer); });
}

WEIR_INLINE void ServerState::add_timer(const std::shared_ptr<UserTimer>& timer) {
  const net::MutexLock lock(mutex);  // the reactors stay while it is held
  if (Reactor* const here = reactor_here()) {
    timer->place_on(here->loop().mailbox());
    here->add_timer(timer);
  } else if (core_is_shown) {
    post_timer(*reactors.front(), timer);
  } else if (!visitors.empty()) {  // a test client's worker
    post_timer(*visitors.back(), timer);
  } else {
    pending_timers.push_back(timer);
  }
}

WEIR_INLINE Reactor* ServerState::reactor_here() noexcept {
  // Their threads live while the core is shown; before and after, others may be changing the list.
  if (core_is_shown)
    for (const auto& reactor : reactors)
      if (reactor->loop().in_loop_thread()) return reactor.get();
  for (Reactor* const reactor : visitors)
    if (reactor->loop().in_loop_thread()) return reactor;
  return nullptr;
}

// ── Signals ──────────────────────────────────────────────────────────────────────────────────────

// The one global state of the library: a signal handler has no other way to learn whom to stop.
inline constexpr std::size_t kMaxSignalled = 64;

struct Signalled {
  std::atomic<int> stop_fds[kMaxSignalled];  // -1 where free; set before the handler is installed
  net::Mutex mutex;
  std::size_t users WEIR_GUARDED_BY(mutex) = 0;
  struct sigaction previous_int WEIR_GUARDED_BY(mutex) {};
  struct sigaction previous_term WEIR_GUARDED_BY(mutex) {};

  Signalled() noexcept {
    for (std::atomic<int>& fd : stop_fds) fd.store(-1);
  }
};

inline Signalled& signalled() noexcept {
  static Signalled the_state;
  return the_state;
}

inline void on_stop_signal(int) noexcept {
  const int saved = errno;
  for (const std::atomic<int>& fd : signalled().stop_fds) {
    const int stop_fd = fd.load(std::memory_order_relaxed);
    if (stop_fd >= 0) net::sys::eventfd_write(stop_fd);
  }
  errno = saved;
}

WEIR_INLINE SignalStop::SignalStop(int stop_fd) : place_(0) {
  Signalled& state = signalled();
  const net::MutexLock lock(state.mutex);
  while (place_ < kMaxSignalled && state.stop_fds[place_].load() >= 0) ++place_;
  if (place_ == kMaxSignalled)
    throw std::logic_error("weir: more servers in run() than signals can stop; use start()");
  state.stop_fds[place_].store(stop_fd);
  if (state.users++ > 0) return;
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &state.previous_int);
  sigaction(SIGTERM, &action, &state.previous_term);
}

WEIR_INLINE SignalStop::~SignalStop() {
  Signalled& state = signalled();
  const net::MutexLock lock(state.mutex);
  state.stop_fds[place_].store(-1);
  if (--state.users > 0) return;
  sigaction(SIGINT, &state.previous_int, nullptr);
  sigaction(SIGTERM, &state.previous_term, nullptr);
}

}  // namespace detail
WEIR_END_NAMESPACE
