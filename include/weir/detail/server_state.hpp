// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Everything a Server owns, as a tree:
///
///     ServerState
///     ├─ RouteTable      shared with exchanges that outlive the server
///     ├─ Core            options, counters, the worker pool
///     ├─ Reactor …       one for each loop: EventLoop, Peers (Connection + Session), timers
///     ├─ Control         the main reactor: acceptors, phases of the stop
///     └─ std::thread …   one for each loop
///
/// Core, reactors and control are made by the first listen() or start() and end with each stop.
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/control.hpp>
#include <weir/detail/core.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/detail/route_table.hpp>
#include <weir/net/address.hpp>
#include <weir/net/fd.hpp>
#include <weir/net/mutex.hpp>
#include <weir/options.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

struct ServerState {
  explicit ServerState(Options given);
  ~ServerState();

  /// An address to listen on; kept, so that a server started again listens on it again.
  struct Listen {
    net::Address address;  // as asked for
    net::Fd inherited;     // or a socket that listens already
    net::Address bound;    // what the kernel made of it
    bool open = false;
  };

  /// Makes core, reactors and control if they are not there.
  void build();
  void open(Listen& listen);
  /// Opens and keeps an address. Throws std::logic_error when the server runs.
  void add_listen(std::unique_ptr<Listen> listen);
  void start();
  void wait();
  void stop() noexcept;

  /// What `f(Core&)` gives, or `otherwise` when the server does not run. Any thread.
  template <class T, class F>
  T look(T otherwise, F f) {
    const net::MutexLock lock(mutex);
    return core_is_shown ? f(*core) : otherwise;
  }

  /// Of the running server, or of the last that ran. Any thread.
  Counters counters();

  /// Arms a timer on the calling loop, else on the first one, else at the start. Any thread.
  void add_timer(const std::shared_ptr<UserTimer>& timer);

  enum class Phase : std::uint8_t { idle, running, joining };

  Options options;
  std::shared_ptr<RouteTable> routes = std::make_shared<RouteTable>();
  net::Fd stop_fd;
  std::vector<std::unique_ptr<Listen>> listens;

  std::unique_ptr<Core> core;
  std::vector<std::unique_ptr<Reactor>> reactors;
  std::unique_ptr<Control> control;

  // Set by stop(), possibly in a signal handler; taken back when a stop is complete. acq_rel: what
  // was done before stop() is seen by who acts on it.
  std::atomic<bool> stop_asked{false};
  std::atomic<bool> running{false};
  std::atomic<bool> failed{false};

  net::Mutex mutex;
  std::condition_variable changed;
  Phase phase WEIR_GUARDED_BY(mutex) = Phase::idle;
  std::size_t live_threads WEIR_GUARDED_BY(mutex) = 0;
  // Timers set before the start; and the reactors of test clients, whose handlers set timers too.
  std::vector<std::shared_ptr<UserTimer>> pending_timers WEIR_GUARDED_BY(mutex);
  std::vector<Reactor*> visitors WEIR_GUARDED_BY(mutex);
  bool core_is_shown WEIR_GUARDED_BY(mutex) = false;  // other threads may look into `core`
  Counters last_counters WEIR_GUARDED_BY(mutex);      // of the run before
  std::vector<std::thread> threads;                   // of who starts and who joins

 private:
  void run_loop(net::EventLoop& loop) noexcept;
  void spawn(net::EventLoop& loop);
  void join_threads();
  void join_workers();
  void tear_down() noexcept;
  Counters sum_counters() const noexcept;
  /// The reactor whose loop runs on this thread, or nullptr.
  Reactor* reactor_here() noexcept WEIR_REQUIRES(mutex);
  static void post_timer(Reactor& reactor, const std::shared_ptr<UserTimer>& timer);
};

/// Lets SIGINT and SIGTERM write `stop_fd` while it lives; the last one restores what was before.
class SignalStop {
 public:
  explicit SignalStop(int stop_fd);
  ~SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;

 private:
  std::size_t place_;
};

}  // namespace detail
WEIR_END_NAMESPACE
