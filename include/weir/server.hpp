// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The server: routes, addresses, and a life from start to stop.
///
///     weir::Server server;
///     server.get("/", [] { return "Hello, World!"; });
///     server.listen("127.0.0.1", 8080);
///     return server.run();  // until SIGINT or SIGTERM
///
/// Set up on one thread, by exceptions; then run() or start(). A stopped server may be started
/// again.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/counters.hpp>
#include <weir/error.hpp>
#include <weir/fwd.hpp>
#include <weir/net/task.hpp>
#include <weir/options.hpp>
#include <weir/router.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {
struct UserTimer;
}  // namespace detail

namespace testing {
class Client;
}  // namespace testing

/// A timer of Server::after() or every(). Copies name the same timer; dropping them does not stop
/// it.
class WEIR_API TimerHandle {
 public:
  TimerHandle() noexcept = default;

  /// The callback will not be called again, but may be running now. Any thread; from the timer's
  /// own thread it takes effect at once.
  void cancel() noexcept;

 private:
  friend class Server;
  explicit TimerHandle(std::shared_ptr<detail::UserTimer> timer) noexcept
      : timer_(std::move(timer)) {}

  std::shared_ptr<detail::UserTimer> timer_;
};

class WEIR_API Server : public Router {
 public:
  /// Checks nothing yet; see listen() and start().
  explicit Server(Options options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// stop() and wait(). Not from a handler.
  ~Server();

  const Options& options() const noexcept;

  // Routes: see Router for get(), post(), use(), group() …

  using Router::options;  // the method of that name

  /// Routes of one host name, "api.example.org", or of all below one, "*.example.org": `f(Router&)`
  /// adds them. Case and port do not count; exact names before wildcards before the rest.
  template <class F>
  Server& host(std::string_view name, F&& f) {
    Router inner = make_host(name);
    std::forward<F>(f)(inner);
    return *this;
  }

  /// Replace the answers to a path without a route and to a known path without one for the method.
  /// The status is 404 or 405 unless the handler sets another; Allow is added to the latter. Plain
  /// handlers only: they run on the loop.
  template <class H>
  Server& not_found(H&& handler) {
    set_not_found(detail::make_handler(std::forward<H>(handler)));
    return *this;
  }
  template <class H>
  Server& method_not_allowed(H&& handler) {
    set_method_not_allowed(detail::make_handler(std::forward<H>(handler)));
    return *this;
  }

  /// `f(const Error&, Response&)` shapes every error answer of the server's making: the parser's,
  /// the limits', time-outs, exceptions, 404, 405 and 501. The status is set; with nothing else set
  /// the usual text is sent. Called through const, by several threads at once.
  template <class F>
  Server& on_error(F&& f) {
    using Object = std::decay_t<F>;
    static_assert(std::is_invocable_v<const Object&, const Error&, Response&>,
                  "weir: on_error takes a callable (const weir::Error&, weir::Response&) that can "
                  "be called through const");
    set_error_handler(std::make_shared<const Object>(std::forward<F>(f)),
                      [](const void* object, const Error& error, Response& response) {
                        (*static_cast<const Object*>(object))(error, response);
                      });
    return *this;
  }

  // Addresses

  /// Listens on a numeric address, "localhost", or "" for every IPv4 ("::" for every) address. Port
  /// 0 takes a free one, see port(). Connections wait in the kernel until the server runs. Throws
  /// std::system_error, "bind 127.0.0.1:80: Permission denied", or std::invalid_argument;
  /// std::logic_error while the server runs.
  Server& listen(std::string_view host, std::uint16_t port);

  /// Listens on a Unix socket; a leading '@' makes it abstract. A file left by a dead server is
  /// replaced. Throws as listen() does.
  Server& listen_unix(std::string_view path);

  /// Takes over a listening socket, such as systemd's, and closes it in the end. Throws as
  /// listen().
  Server& listen_fd(int fd);

  /// The port of the first address that has one; 0 before listen().
  std::uint16_t port() const noexcept;

  /// All addresses, "127.0.0.1:8080", "unix:/run/app.sock".
  std::vector<std::string> addresses() const;

  // Life

  /// start(), then wait(), with SIGINT and SIGTERM stopping the server meanwhile; what was done on
  /// them before is restored. Returns 0, or 1 if a loop failed. After a stop() that came before, it
  /// returns at once. Throws as start() does.
  int run();

  /// Starts the loops and the workers and returns. Touches no signal. Throws std::logic_error
  /// without an address or when it runs already, std::invalid_argument for an impossible option,
  /// and std::system_error.
  void start();

  /// Asks the server to stop; returns at once. Any thread, a handler, a signal handler
  /// (async-signal-safe); before run() and any number of times.
  ///
  /// Then: for `drain_delay` connections are still accepted while draining() is true; listeners and
  /// idle connections are closed, running requests finished; after `stop_deadline` what is left is
  /// closed. User code is never interrupted.
  void stop() noexcept;

  /// Waits until the server has stopped: no handler runs any more and no descriptor is left. While
  /// it waits for a handler it logs the route once a second. At once when the server does not run.
  void wait();

  /// Whether the server runs and has not been asked to stop.
  bool running() const noexcept;

  /// Whether it has been asked to stop: readiness probes should fail. Any thread.
  bool draining() const noexcept;

  // Timers

  /// Calls `f` on a loop's thread after `delay`: on the calling loop, or on the first one when
  /// called from elsewhere; before start(), from the start on. Dropped unrun when the server stops.
  TimerHandle after(std::chrono::milliseconds delay, net::Task f);

  /// The same again and again, the first time after `period`. Throws std::invalid_argument when
  /// that is not positive.
  TimerHandle every(std::chrono::milliseconds period, net::Task f);

  // Numbers. Any thread.

  /// Connections open now.
  std::size_t connections() const noexcept;

  /// Everything that is counted, of all loops together; after a stop what it had come to.
  Counters counters() const;

  /// How often a loop was found held for Options::stall_threshold since the start.
  std::uint64_t stalls() const noexcept;

  /// Requests that wait for a worker now.
  std::size_t queued() const noexcept;

 private:
  friend class testing::Client;
  friend class Metrics;

  explicit Server(std::unique_ptr<detail::ServerState> state);

  Router make_host(std::string_view name);
  void set_not_found(detail::HandlerEntry handler);
  void set_method_not_allowed(detail::HandlerEntry handler);
  void set_error_handler(std::shared_ptr<const void> object,
                         void (*call)(const void*, const Error&, Response&));
  TimerHandle add_timer(std::chrono::milliseconds delay, net::Task f, bool repeated);

  std::unique_ptr<detail::ServerState> state_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/definitions.ipp>
#endif
