// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a server allows and how long it waits: one plain struct, every field with a safe default.
///
/// Times of 0 mean without limit. An impossible value is refused when the server starts, by a
/// std::invalid_argument that names the field.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE

/// What happens to an unanswered request whose client has ended its direction of the connection.
enum class HalfClose : std::uint8_t {
  answer,  ///< it is answered: the client may well be reading
  abort,   ///< it counts as gone: nothing is computed for a closed tab
};

/// What happens to a path that has a route only with, or only without, its trailing slash.
enum class TrailingSlash : std::uint8_t {
  exact,     ///< 404
  redirect,  ///< 308 to the path that has one
};

struct WEIR_API Options {
  // Threads

  /// Event loops, each on a thread of its own; 0: one for each processor. More than processors only
  /// costs.
  std::size_t threads = 0;

  /// Threads for blocking() handlers; 0: as many as processors, at least 4. Started with the
  /// server.
  std::size_t workers = 0;

  /// Requests that may wait for a worker; above it 503. Too many only wait for their time-out.
  std::size_t worker_queue = 1024;

  /// How long a request may wait for a worker before it is answered 503.
  std::chrono::milliseconds worker_wait{10'000};

  // Accepting

  /// Connections at the same time; above it new ones are closed at once. Never more than
  /// RLIMIT_NOFILE - 64, to which the soft limit is raised at the start.
  std::size_t max_connections = 50'000;

  /// Connections from one IPv4 address or one IPv6 /64 at the same time; above it new ones are
  /// closed at once. 0: any number, because behind a proxy all come from one address.
  std::size_t max_connections_per_address = 0;

  /// Connections accepted a second, of each listening address; above it newcomers wait in the
  /// kernel's queue. 0: any number.
  std::uint32_t max_accepts_per_second = 0;

  /// Connections the kernel queues for accepting; it has a bound of its own (net.core.somaxconn).
  int backlog = 4096;

  /// A listening socket for each loop (SO_REUSEPORT) instead of one that deals out connections:
  /// fewer hops for short connections, no even distribution for long ones.
  bool reuse_port = false;

  /// Sends small answers at once (TCP_NODELAY).
  bool tcp_no_delay = true;

  /// Unsent bytes of a connection that the kernel takes ahead (TCP_NOTSENT_LOWAT); 0: as many as
  /// the system allows, often 4 MiB, which a few hundred slow readers make gigabytes. While 2 MiB
  /// and more of a file are left it takes those: not copies, but pages that it has for all who read
  /// it, though net.ipv4.tcp_mem counts them.
  std::size_t kernel_send_ahead = 128 * 1024;

  /// Accepts a connection only when its first bytes are there, waiting that long
  /// (TCP_DEFER_ACCEPT); 0: accepts at once.
  int defer_accept_seconds = 0;

  /// Serves "::" for IPv6 alone.
  bool ipv6_only = false;

  // Requests

  /// Bytes of a request line; above it 414 (RFC 9112 §3 asks for at least 8000).
  std::size_t max_request_line_bytes = 8 * 1024;

  /// Bytes of one field line, and of all of them; above it 431.
  std::size_t max_field_bytes = 16 * 1024;
  std::size_t max_header_bytes = 32 * 1024;

  /// Field lines of a request; above it 431.
  std::size_t max_headers = 100;

  /// Bytes of content that a plain handler gets in one piece; above it 413. Routes may differ.
  std::uint64_t max_body_bytes = 1024 * 1024;

  /// Bytes of content for a streamed() handler; 0: any number, the minimum rate holds all the same.
  std::uint64_t max_streamed_body_bytes = 0;

  /// Bytes of chunk extensions in a body, above it 400, and of trailers, above it 431.
  std::size_t max_chunk_extension_bytes = 4 * 1024;
  std::size_t max_trailer_bytes = 8 * 1024;

  /// Takes a bare LF for a line end in the head (RFC 9112 §2.2 allows it, smugglers use it).
  bool allow_bare_lf = false;

  /// Requests on one connection, after which it is closed; 0: any number.
  std::uint64_t max_requests_per_connection = 0;

  TrailingSlash trailing_slash = TrailingSlash::exact;
  HalfClose half_close = HalfClose::answer;

  // Time

  /// From the connection to its first byte; then it is closed. A client that connects ahead of its
  /// needs waits longer than one that has a request.
  std::chrono::milliseconds first_byte_timeout{10'000};

  /// From the connection, or a later request's first byte, to the end of its head, however the
  /// bytes trickle in; then 408.
  std::chrono::milliseconds head_timeout{10'000};

  /// Between requests; then the connection is closed.
  std::chrono::milliseconds keep_alive_timeout{15'000};

  /// Between two pieces of content; then 408.
  std::chrono::milliseconds body_stall_timeout{10'000};

  /// Bytes a second of content, over each period that is longer than the grace; below it 408. 0:
  /// any rate.
  std::uint32_t body_min_rate = 240;
  std::chrono::milliseconds body_rate_grace{5'000};

  /// From a request to the beginning of its answer: 504, or 503 when it still waited for a worker.
  std::chrono::milliseconds handler_timeout{30'000};

  /// While an answer waits for its client, each period of this length must see bytes arrive there:
  /// one at least, and `write_min_rate` bytes a second; else the connection is reset. What the
  /// kernel holds unacknowledged does not count as arrived.
  std::chrono::milliseconds write_stall_timeout{30'000};
  std::uint32_t write_min_rate = 240;

  /// Age at which a connection is closed after the answer it is giving, so that clients spread anew
  /// over servers and none stays for ever. 0: any age.
  std::chrono::milliseconds max_connection_age{3'600'000};

  /// How long a connection that was closed early is read out, so that the answer arrives before the
  /// reset that unread bytes would cause.
  std::chrono::milliseconds linger_timeout{2'000};

  /// A loop that neither turns nor waits for so long is reported by the log, with the route whose
  /// handler holds it, while it still hangs; 0: no watch. Short values report what is merely slow.
  std::chrono::milliseconds stall_threshold{500};

  // Memory

  /// Bytes that the buffers of all connections may hold together: parts of requests, collected
  /// content, answers that are not sent. From seven eighths of it new connections are closed at
  /// once and those that hold buffers are not read; above it none is read until memory comes free,
  /// while the time-outs go on. 0: any number. What handlers hold is theirs and does not count.
  std::uint64_t max_buffered_bytes = 256 * 1024 * 1024;

  /// Unsent bytes of a connection above which no further request of it is read.
  std::size_t output_high_water = 256 * 1024;

  /// Bytes that a Stream takes ahead of the client before it says `full`. A piece counts for 64
  /// bytes more than it has, so that many small ones cannot outgrow it.
  std::size_t stream_buffer = 256 * 1024;

  // Stopping

  /// How long, after stop(), connections are still accepted while `draining()` is true, so that a
  /// load balancer can take the server out.
  std::chrono::milliseconds drain_delay{0};

  /// How long running requests may take to finish before their connections are closed.
  std::chrono::milliseconds stop_deadline{10'000};

  // Identity

  /// The value of a Server field; empty: none is sent.
  std::string server_name;

  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  void check() const;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/options.ipp>
#endif
