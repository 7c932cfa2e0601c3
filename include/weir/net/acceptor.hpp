// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One listening socket: TCP over IPv4 or IPv6, Unix, or inherited from a supervisor.
///
/// The socket is watched level-triggered and a call accepts 64 connections at most, so that a flood
/// of newcomers starves nobody. When descriptors run out, one connection is accepted with a spare
/// descriptor and closed, so that its client learns it; then the listener rests and goes on by
/// itself. Above a rate of accepting, if there is one, newcomers wait in the kernel's queue too,
/// and nobody is closed.
///
/// Thread: the owning loop's; the counts are read by any.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <weir/config.hpp>
#include <weir/net/address.hpp>
#include <weir/net/event_loop.hpp>
#include <weir/net/fd.hpp>
#include <weir/net/task.hpp>
#include <weir/net/timer_wheel.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Accepts connections and hands them on.
class WEIR_API Acceptor {
 public:
  struct Options {
    int backlog = 4096;       ///< connections the kernel queues; it caps them at net.core.somaxconn
    bool reuse_port = false;  ///< SO_REUSEPORT: several listeners share the port
    bool no_delay = true;     ///< TCP_NODELAY on each connection: answers leave at once
    int unsent_in_kernel = 128 * 1024;  ///< TCP_NOTSENT_LOWAT of each connection; 0: the system's
    int defer_accept_seconds = 0;  ///< TCP_DEFER_ACCEPT: wait so long for a first byte; 0: do not
    bool v6_only = false;          ///< "::" without IPv4
    int unix_mode = 0;             ///< permissions of a Unix socket's file; 0: what umask leaves

    /// Connections accepted a second; 0: any number. After a quiet time a tenth of a second's worth
    /// is accepted at once, but at least one.
    std::uint32_t max_per_second = 0;
  };

  /// Takes a connection: non-blocking, close-on-exec. May close() or pause() the acceptor, not
  /// destroy it.
  using OnAccept = UniqueFunction<void(Fd connection, const Endpoint& remote)>;

  static constexpr int kMaxAccepts = 64;                  // a call
  static constexpr std::chrono::milliseconds kRest{100};  // after running out of something

  /// `loop` outlives the acceptor and reports the socket's events under `token`; the loop's sink
  /// hands them to on_event().
  Acceptor(EventLoop& loop, std::uint64_t token, OnAccept on_accept);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor();

  /// Listens on `address`. Throws std::system_error with the call and the address in its message
  /// ("bind 127.0.0.1:80: Address already in use") and is then closed as before. A Unix socket's
  /// file that nobody listens on any more is replaced; a live one, or a file that is no socket, is
  /// an error.
  void open(const Address& address, const Options& options);

  /// Listens on a stream socket that already does, such as systemd's. Sets it non-blocking and
  /// close-on-exec, and TCP_NODELAY. Throws std::system_error if it does not listen. Its file, if
  /// it is a Unix socket, stays when it is closed. Of `options` max_per_second counts.
  void adopt(Fd listening, const Options& options);
  void adopt(Fd listening) { adopt(std::move(listening), Options()); }

  /// Stops listening; the file of a Unix socket is unlinked if it is still the one that open()
  /// made. Allowed when closed.
  void close() noexcept;
  bool is_open() const noexcept { return static_cast<bool>(fd_); }

  /// Accepts what waits, 64 at most.
  void on_event(std::uint32_t events);

  /// Leaves newcomers in the kernel's queue until resume().
  void pause() noexcept;
  void resume() noexcept;

  /// What is listened on, as the kernel says: port 0 has become a real one. Empty when closed.
  Address local() const noexcept;
  std::uint16_t port() const noexcept { return local().port(); }

  /// Counts since construction: handed on; closed for want of descriptors; other failures of
  /// accept.
  std::uint64_t accepted() const noexcept { return accepted_.get(); }
  std::uint64_t shed() const noexcept { return shed_.get(); }
  std::uint64_t errors() const noexcept { return errors_.get(); }

  /// How often somebody waited and the rate let nobody in.
  std::uint64_t rate_limited() const noexcept { return rate_limited_.get(); }

 private:
  /// Written by the loop alone. Relaxed: a number that orders nothing.
  class Count {
   public:
    void operator++() noexcept { value_.store(get() + 1, std::memory_order_relaxed); }
    std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_{0};
  };

  struct Rest : Timer {
    explicit Rest(Acceptor& owner) noexcept;
    Acceptor& acceptor;
  };

  void bind_ip(int fd, const Address& address, const Options& options);
  void bind_unix(int fd, const Address& address, const Options& options);
  void start(Fd listening);
  void watch() noexcept;
  void unwatch() noexcept;
  void rest(std::chrono::milliseconds time) noexcept;
  void shed_one() noexcept;
  void set_rate(std::uint32_t max_per_second) noexcept;
  std::chrono::nanoseconds until_allowed() const noexcept;
  void count_accepted() noexcept;

  EventLoop& loop_;
  std::uint64_t token_;
  OnAccept on_accept_;
  Fd fd_;
  Fd spare_;  // given up for a moment when there are no descriptors left
  Rest rest_;
  bool paused_ = false;
  bool watched_ = false;      // in the loop's epoll: open, neither paused nor resting
  std::string path_;          // of the file that open() made
  std::uint64_t device_ = 0;  // its identity: somebody may have replaced it since
  std::uint64_t inode_ = 0;
  std::chrono::nanoseconds interval_{0};  // of accepting at the full rate; 0: no rate
  std::chrono::nanoseconds burst_{0};     // what of it may be used ahead of its time
  EventLoop::TimePoint due_{};            // of the next one, had all come at the full rate
  Count accepted_;
  Count shed_;
  Count errors_;
  Count rate_limited_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/acceptor.ipp>
#endif
