// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>
#include <weir/net/acceptor.hpp>
#include <weir/net/error.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {

/// Failures of accept() that belong to one connection or to the network, and say nothing about the
/// next (accept(2)).
WEIR_INLINE bool passes(int error) noexcept {
  switch (error) {
    case ECONNABORTED:
    case EPERM:  // a firewall's rule
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case ETIMEDOUT:
      return true;
    default:
      return false;
  }
}

WEIR_INLINE void set_option(int fd, int level, int name, int value, const char* call,
                            const Address& address) {
  if (sys::setsockopt(fd, level, name, &value, sizeof value) != 0)
    throw_errno(errno, call, address.to_string());
}

/// Unlinks the file of a Unix socket on which nobody listens. False if somebody may, or if it is
/// something else.
WEIR_INLINE bool remove_stale(const Address& address) noexcept {
  const char* const path = address.path().data();
  struct ::stat before;
  if (sys::lstat(path, &before) != 0) return errno == ENOENT;
  if (!S_ISSOCK(before.st_mode)) return false;
  const Fd probe(sys::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!probe || sys::connect(probe.get(), address.data(), address.size()) == 0) return false;
  if (errno != ECONNREFUSED) return errno == ENOENT;
  struct ::stat now;  // another process may have come to the same conclusion meanwhile
  if (sys::lstat(path, &now) != 0) return errno == ENOENT;
  if (now.st_dev != before.st_dev || now.st_ino != before.st_ino) return false;
  return sys::unlink(path) == 0 || errno == ENOENT;
}

}  // namespace detail

WEIR_INLINE Acceptor::Rest::Rest(Acceptor& owner) noexcept
    : Timer([](Timer& timer) { static_cast<Rest&>(timer).acceptor.watch(); }), acceptor(owner) {}

WEIR_INLINE Acceptor::Acceptor(EventLoop& loop, std::uint64_t token, OnAccept on_accept)
    : loop_(loop), token_(token), on_accept_(std::move(on_accept)), rest_(*this) {}

WEIR_INLINE Acceptor::~Acceptor() { close(); }

WEIR_INLINE void Acceptor::open(const Address& address, const Options& options) {
  close();
  if (address.family() == Family::none) throw std::invalid_argument("no address to listen on");
  set_rate(options.max_per_second);
  Fd fd(sys::socket(address.data()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) throw_errno(errno, "socket", address.to_string());
  try {
    if (address.family() == Family::unix_domain)
      bind_unix(fd.get(), address, options);
    else
      bind_ip(fd.get(), address, options);
    if (sys::listen(fd.get(), options.backlog) != 0)
      throw_errno(errno, "listen", address.to_string());
    start(std::move(fd));
  } catch (...) {
    close();
    throw;
  }
}

WEIR_INLINE void Acceptor::adopt(Fd listening, const Options& options) {
  close();
  set_rate(options.max_per_second);
  int accepts = 0;
  sys::Socklen size = sizeof accepts;
  if (sys::getsockopt(listening.get(), SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) != 0)
    throw_errno(errno, "getsockopt", "adopted socket");
  if (accepts == 0) throw_errno(EINVAL, "accept", "adopted socket that does not listen");
  const int flags = sys::fcntl(listening.get(), F_GETFL, 0);
  if (flags < 0 || sys::fcntl(listening.get(), F_SETFL, flags | O_NONBLOCK) < 0 ||
      sys::fcntl(listening.get(), F_SETFD, FD_CLOEXEC) < 0)
    throw_errno(errno, "fcntl", "adopted socket");
  const int on = 1;  // fails for a Unix socket, which has no use for it
  sys::setsockopt(listening.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options.unsent_in_kernel > 0)
    sys::setsockopt(listening.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &options.unsent_in_kernel,
                    sizeof options.unsent_in_kernel);
  start(std::move(listening));
}

WEIR_INLINE void Acceptor::close() noexcept {
  loop_.assert_here();
  unwatch();
  loop_.timers().cancel(rest_);
  if (!path_.empty()) {
    struct ::stat now;
    if (sys::lstat(path_.c_str(), &now) == 0 && now.st_dev == device_ && now.st_ino == inode_)
      sys::unlink(path_.c_str());
    path_.clear();
  }
  fd_.reset();
  spare_.reset();
  paused_ = false;
}

WEIR_INLINE void Acceptor::on_event(std::uint32_t) {
  loop_.assert_here();
  int failed = 0;
  for (int i = 0; i < kMaxAccepts && watched_; ++i) {  // on_accept_ may pause or close
    const std::chrono::nanoseconds wait = until_allowed();
    if (WEIR_UNLIKELY(wait.count() > 0)) {
      if (i > 0) return;  // the next event says whether anybody waits
      ++rate_limited_;
      return rest(std::chrono::ceil<std::chrono::milliseconds>(wait));
    }
    sockaddr_storage storage;
    auto* const remote = reinterpret_cast<::sockaddr*>(&storage);
    sys::Socklen size = sizeof storage;
    Fd connection(sys::accept4(fd_.get(), remote, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (WEIR_LIKELY(static_cast<bool>(connection))) {
      count_accepted();
      on_accept_(std::move(connection), Endpoint::from(remote, size));
    } else if (errno == EAGAIN) {  // on Linux EWOULDBLOCK is the same number
      return;
    } else if (errno == EINTR) {
      continue;
    } else if (errno == EMFILE || errno == ENFILE) {
      shed_one();
      rest(kRest);
    } else {
      ++errors_;
      // A level-triggered socket would spin, also on errors that pass but never end.
      if (!detail::passes(errno) || ++failed == kMaxAccepts) rest(kRest);
    }
  }
}

WEIR_INLINE void Acceptor::pause() noexcept {
  loop_.assert_here();
  paused_ = true;
  unwatch();
}

WEIR_INLINE void Acceptor::resume() noexcept {
  loop_.assert_here();
  paused_ = false;
  watch();
}

WEIR_INLINE Address Acceptor::local() const noexcept {
  sockaddr_storage storage;
  auto* const address = reinterpret_cast<::sockaddr*>(&storage);
  sys::Socklen size = sizeof storage;
  if (!fd_ || sys::getsockname(fd_.get(), address, &size) != 0) return {};
  return Address::from(address, size);
}

WEIR_INLINE void Acceptor::bind_ip(int fd, const Address& address, const Options& options) {
  // A restarted server need not wait for the last connections' TIME_WAIT.
  detail::set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1, "setsockopt SO_REUSEADDR", address);
  if (options.reuse_port)
    detail::set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1, "setsockopt SO_REUSEPORT", address);
  if (address.family() == Family::ipv6)
    detail::set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0,
                       "setsockopt IPV6_V6ONLY", address);
  if (options.no_delay)  // accepted sockets inherit it: no system call for each of them
    detail::set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1, "setsockopt TCP_NODELAY", address);
  if (options.unsent_in_kernel > 0)  // inherited too
    detail::set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, options.unsent_in_kernel,
                       "setsockopt TCP_NOTSENT_LOWAT", address);
  if (options.defer_accept_seconds > 0)
    detail::set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, options.defer_accept_seconds,
                       "setsockopt TCP_DEFER_ACCEPT", address);
  if (sys::bind(fd, address.data(), address.size()) != 0)
    throw_errno(errno, "bind", address.to_string());
}

WEIR_INLINE void Acceptor::bind_unix(int fd, const Address& address, const Options& options) {
  const std::string path(address.path());  // empty: abstract, without a file
  const auto mode = static_cast<sys::FileMode>(options.unix_mode);
  // The file is born with the socket's own mode (less umask): it is never wider than asked.
  if (mode != 0 && !path.empty()) sys::fchmod(fd, mode);
  if (sys::bind(fd, address.data(), address.size()) != 0) {
    const int error = errno;
    if (error != EADDRINUSE || path.empty() || !detail::remove_stale(address))
      throw_errno(error, "bind", address.to_string());
    if (sys::bind(fd, address.data(), address.size()) != 0)
      throw_errno(errno, "bind", address.to_string());
  }
  if (path.empty()) return;
  struct ::stat made;
  if (sys::lstat(path.c_str(), &made) != 0) throw_errno(errno, "lstat", address.to_string());
  path_ = path;
  device_ = made.st_dev;
  inode_ = made.st_ino;
  if (mode != 0 && sys::chmod(path.c_str(), mode) != 0)
    throw_errno(errno, "chmod", address.to_string());
}

WEIR_INLINE void Acceptor::start(Fd listening) {
  fd_ = std::move(listening);
  spare_.reset(sys::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (const std::error_code error = loop_.add(fd_.get(), EPOLLIN, token_)) {
    const std::string address = local().to_string();
    close();
    throw_errno(error.value(), "epoll_ctl", address);
  }
  watched_ = true;
}

WEIR_INLINE void Acceptor::watch() noexcept {
  if (!fd_ || paused_ || watched_ || rest_.armed()) return;
  if (!spare_) spare_.reset(sys::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (loop_.add(fd_.get(), EPOLLIN, token_))
    rest(kRest);  // no memory for it: try again later
  else
    watched_ = true;
}

WEIR_INLINE void Acceptor::unwatch() noexcept {
  if (std::exchange(watched_, false)) loop_.remove(fd_.get());
}

WEIR_INLINE void Acceptor::rest(std::chrono::milliseconds time) noexcept {
  unwatch();
  loop_.timers().arm(rest_, time);
}

WEIR_INLINE void Acceptor::set_rate(std::uint32_t max_per_second) noexcept {
  interval_ = burst_ = std::chrono::nanoseconds(0);
  if (max_per_second == 0) return;
  interval_ = std::chrono::nanoseconds(std::chrono::seconds(1)) / max_per_second;
  burst_ = std::max<std::chrono::nanoseconds>(std::chrono::milliseconds(100), interval_);
}

WEIR_INLINE std::chrono::nanoseconds Acceptor::until_allowed() const noexcept {
  if (interval_.count() == 0) return std::chrono::nanoseconds(0);
  return due_ + interval_ - burst_ - loop_.now();
}

WEIR_INLINE void Acceptor::count_accepted() noexcept {
  ++accepted_;
  if (interval_.count() != 0) due_ = std::max(due_, loop_.now()) + interval_;
}

WEIR_INLINE void Acceptor::shed_one() noexcept {
  spare_.reset();
  {
    const Fd refused(sys::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (refused) {
      ++shed_;
    } else if (errno != EAGAIN) {  // else it is gone by itself
      ++errors_;
    }
  }
  spare_.reset(sys::open("/dev/null", O_RDONLY | O_CLOEXEC));  // watch() tries again if that fails
}

}  // namespace net
WEIR_END_NAMESPACE
