// SPDX-License-Identifier: MIT
#pragma once
#include <cerrno>
#include <stdexcept>
#include <weir/detail/server_state.hpp>
#include <weir/net/error.hpp>
#include <weir/net/sys.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE void TimerHandle::cancel() noexcept {
  if (timer_ == nullptr) return;
  timer_->cancelled.store(true, std::memory_order_release);
  // Not given to a loop yet: the loop will see that it is cancelled.
  if (!timer_->placed.load(std::memory_order_acquire)) return;
  try {
    timer_->mailbox->post([timer = timer_] {
      if (timer->reactor != nullptr) timer->reactor->remove_timer(*timer);
    });
  } catch (...) {
    // Out of memory: it will find itself cancelled when it fires.
  }
}

WEIR_INLINE Server::Server(Options options)
    : Server(std::make_unique<detail::ServerState>(std::move(options))) {}

WEIR_INLINE Server::Server(std::unique_ptr<detail::ServerState> state)
    : Router(state->routes->default_host(), state->routes->default_host()->root, std::string()),
      state_(std::move(state)) {}

WEIR_INLINE Server::~Server() {
  stop();
  wait();
}

WEIR_INLINE const Options& Server::options() const noexcept { return state_->options; }

WEIR_INLINE Router Server::make_host(std::string_view name) {
  std::shared_ptr<detail::HostRoutes> host = state_->routes->host(name);
  std::shared_ptr<detail::RouteGroup> root = host->root;
  return Router(std::move(host), std::move(root), std::string());
}

WEIR_INLINE void Server::set_not_found(detail::HandlerEntry handler) {
  if (state_->routes->frozen())
    throw std::logic_error("weir: not_found() was called after the server's start");
  if (handler.call == nullptr || handler.blocking)
    throw std::invalid_argument("weir: not_found() takes a plain handler");
  state_->routes->set_not_found(std::move(handler));
}

WEIR_INLINE void Server::set_method_not_allowed(detail::HandlerEntry handler) {
  if (state_->routes->frozen())
    throw std::logic_error("weir: method_not_allowed() was called after the server's start");
  if (handler.call == nullptr || handler.blocking)
    throw std::invalid_argument("weir: method_not_allowed() takes a plain handler");
  state_->routes->set_method_not_allowed(std::move(handler));
}

WEIR_INLINE void Server::set_error_handler(std::shared_ptr<const void> object,
                                           void (*call)(const void*, const Error&, Response&)) {
  if (state_->routes->frozen())
    throw std::logic_error("weir: on_error() was called after the server's start");
  state_->routes->set_error_handler(std::move(object), call);
}

WEIR_INLINE Server& Server::listen(std::string_view host, std::uint16_t port) {
  auto listen = std::make_unique<detail::ServerState::Listen>();
  listen->address = net::Address::ip(host, port);
  state_->add_listen(std::move(listen));
  return *this;
}

WEIR_INLINE Server& Server::listen_unix(std::string_view path) {
  auto listen = std::make_unique<detail::ServerState::Listen>();
  listen->address = net::Address::unix_socket(path);
  state_->add_listen(std::move(listen));
  return *this;
}

WEIR_INLINE Server& Server::listen_fd(int fd) {
  if (fd < 0) net::throw_errno(EBADF, "listen_fd");
  auto listen = std::make_unique<detail::ServerState::Listen>();
  listen->inherited = net::Fd(fd);
  state_->add_listen(std::move(listen));
  return *this;
}

WEIR_INLINE std::uint16_t Server::port() const noexcept {
  for (const auto& listen : state_->listens)
    if (listen->bound.port() != 0) return listen->bound.port();
  return 0;
}

WEIR_INLINE std::vector<std::string> Server::addresses() const {
  std::vector<std::string> all;
  for (const auto& listen : state_->listens) all.push_back(listen->bound.to_string());
  return all;
}

WEIR_INLINE void Server::start() { state_->start(); }

WEIR_INLINE int Server::run() {
  const detail::SignalStop signals(state_->stop_fd.get());
  state_->start();
  state_->wait();
  return state_->failed.load(std::memory_order_relaxed) ? 1 : 0;
}

WEIR_INLINE void Server::stop() noexcept { state_->stop(); }

WEIR_INLINE void Server::wait() { state_->wait(); }

WEIR_INLINE bool Server::running() const noexcept {
  return state_->running.load(std::memory_order_acquire) && !draining();
}

WEIR_INLINE bool Server::draining() const noexcept {
  return state_->stop_asked.load(std::memory_order_acquire) ||
         state_->look(false, [](detail::Core& core) {
           return core.draining.load(std::memory_order_relaxed);
         });
}

WEIR_INLINE TimerHandle Server::after(std::chrono::milliseconds delay, net::Task f) {
  return add_timer(delay, std::move(f), false);
}

WEIR_INLINE TimerHandle Server::every(std::chrono::milliseconds period, net::Task f) {
  if (period.count() <= 0)
    throw std::invalid_argument("weir: the period of Server::every() must be positive");
  return add_timer(period, std::move(f), true);
}

WEIR_INLINE TimerHandle Server::add_timer(std::chrono::milliseconds delay, net::Task f,
                                          bool repeated) {
  auto timer = std::make_shared<detail::UserTimer>(std::move(f), delay, repeated);
  state_->add_timer(timer);
  return TimerHandle(std::move(timer));
}

WEIR_INLINE std::size_t Server::connections() const noexcept {
  return state_->look(std::size_t{0}, [](detail::Core& core) {
    return core.connections.load(std::memory_order_relaxed);
  });
}

WEIR_INLINE Counters Server::counters() const { return state_->counters(); }

WEIR_INLINE std::uint64_t Server::stalls() const noexcept {
  return state_->look(std::uint64_t{0}, [](detail::Core& core) {
    return core.stalls.load(std::memory_order_relaxed);
  });
}

WEIR_INLINE std::size_t Server::queued() const noexcept {
  return state_->look(std::size_t{0}, [](detail::Core& core) { return core.pool->queued(); });
}

WEIR_END_NAMESPACE
