// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a server has done and has had to refuse, and what it holds now: a number for each limit and
/// each time-out, so that an operator can tell which of them was met.
///
/// Thread: a value. Server::counters() makes it, on any thread; each number was right at a moment,
/// but not all of them at the same one.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE

enum class Counter : std::uint8_t {
  // Held now
  connections,     ///< open connections
  timers,          ///< armed on the loops: deadlines of connections and timers of the application
  buffered_bytes,  ///< what Options::max_buffered_bytes bounds

  // Since the start
  accepted,  ///< connections that were accepted and kept
  requests,  ///< requests whose head was read, each answered or lost later

  // Connections that were not kept
  shed_connections,  ///< Options::max_connections
  shed_address,      ///< Options::max_connections_per_address
  shed_memory,       ///< Options::max_buffered_bytes, or memory ran out
  shed_descriptors,  ///< the process or the system had no descriptor left
  accept_rests,      ///< Options::max_accepts_per_second: times that newcomers had to wait
  accept_errors,     ///< other failures of accept()

  // Requests that were refused, and their status
  malformed,              ///< breaks a rule of RFC 9112; 400, 501 or 505
  request_line_too_long,  ///< Options::max_request_line_bytes; 414
  field_too_long,         ///< Options::max_field_bytes; 431
  header_too_long,        ///< Options::max_header_bytes; 431
  too_many_headers,       ///< Options::max_headers; 431
  content_too_large,      ///< Options::max_body_bytes, max_streamed_body_bytes or a route's; 413
  chunk_extensions_too_long,  ///< Options::max_chunk_extension_bytes; 400
  trailers_too_long,          ///< Options::max_trailer_bytes; 431
  expectation_failed,         ///< an unknown Expect; 417
  worker_queue_full,          ///< Options::worker_queue; 503

  // Time-outs
  first_byte_timeouts,   ///< Options::first_byte_timeout; closed
  head_timeouts,         ///< Options::head_timeout; 408
  keep_alive_timeouts,   ///< Options::keep_alive_timeout; closed
  body_stall_timeouts,   ///< Options::body_stall_timeout; 408
  body_rate_timeouts,    ///< Options::body_min_rate; 408
  handler_timeouts,      ///< Options::handler_timeout or a route's, the handler had begun; 504
  worker_wait_timeouts,  ///< Options::worker_wait, or the handler's time without a worker; 503
  write_stall_timeouts,  ///< Options::write_stall_timeout; reset
  write_rate_timeouts,   ///< Options::write_min_rate; reset
  linger_timeouts,       ///< Options::linger_timeout; closed

  // Other limits
  max_requests_reached,  ///< Options::max_requests_per_connection; closed after the answer
  max_age_reached,       ///< Options::max_connection_age; closed after the answer
  memory_pauses,         ///< Options::max_buffered_bytes: times that a connection was not read
  stalls,                ///< Options::stall_threshold: times that a loop was found held

  count_,  // not a counter
};

inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(Counter::count_);

/// The enumerator's name, "head_timeouts".
WEIR_API std::string_view to_string(Counter counter) noexcept;

/// One number for each Counter.
class Counters {
 public:
  std::uint64_t operator[](Counter counter) const noexcept {
    return values_[static_cast<std::size_t>(counter)];
  }
  std::uint64_t& operator[](Counter counter) noexcept {
    return values_[static_cast<std::size_t>(counter)];
  }

  /// Calls `f(std::string_view name, std::uint64_t value)` for each, in the enumeration's order.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < kCounterCount; ++i)
      f(to_string(static_cast<Counter>(i)), values_[i]);
  }

 private:
  std::array<std::uint64_t, kCounterCount> values_{};
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/counters.ipp>
#endif
