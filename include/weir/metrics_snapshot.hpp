// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a server has done and does now, as values, and as text for others to read.
///
/// Thread: values.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/counters.hpp>

WEIR_BEGIN_NAMESPACE

/// Upper bounds of the buckets that times are counted in, microseconds; one more is for the rest.
inline constexpr std::array<std::uint64_t, 19> kLatencyBounds = {
    10,     25,     50,      100,     250,     500,       1'000,     2'500,     5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

/// Times by bucket.
struct WEIR_API LatencyHistogram {
  std::array<std::uint64_t, kLatencyBounds.size() + 1> buckets{};  ///< each for itself
  std::uint64_t sum_ns = 0;

  std::uint64_t count() const noexcept;

  /// Microseconds that `share` (0 to 1) of the times are within, as if they lay evenly in each
  /// bucket; 0 without any, the last bound for what is above it.
  std::uint64_t quantile_us(double share) const noexcept;
};

/// What a server has done since its start, and what it does now. Each number was right at a moment,
/// but not all of them at the same one.
struct MetricsSnapshot {
  /// Requests of one method to one route that are over: answered, or their client lost.
  struct Route {
    std::string method;       ///< "GET"; "other" for those that RFC 9110 and 5789 do not name
    std::string pattern;      ///< behind its host's name, if it has one; "unmatched": no route
    std::uint64_t count = 0;  ///< of all statuses
    std::vector<std::pair<std::string, std::uint64_t>> by_status;  ///< "200"; "gone": no answer
    std::array<std::uint64_t, 6> by_class{};                       ///< [2]: 2xx; [0]: gone, others
    std::uint64_t bytes_out = 0;                                   ///< content of answers
    LatencyHistogram latency;  ///< from the head's arrival to the answer's last byte, or the loss
  };

  struct Loop {
    std::uint64_t lag_us = 0;  ///< by which its last probe was late; there are ten a second
    std::uint64_t connections = 0;
    std::uint64_t requests = 0;  ///< begun
  };

  struct Pool {
    std::uint64_t threads = 0;
    std::uint64_t running = 0;  ///< of them at work
    std::uint64_t queued = 0;
    LatencyHistogram wait;  ///< of requests for a worker
  };

  std::uint64_t time_ms = 0;     ///< since 1970
  std::uint64_t started_ms = 0;  ///< since 1970; 0: it never was
  std::uint64_t uptime_ms = 0;
  double process_started = 0;  ///< seconds since 1970; 0: unknown
  bool draining = false;       ///< see Server::draining()

  // As of the loops' last look, at most a tenth of a second ago; a second with many connections
  std::uint64_t idle = 0;      ///< connections between two requests
  std::uint64_t reading = 0;   ///< a request has come in part
  std::uint64_t handling = 0;  ///< an answer is waited for, or another protocol spoken
  std::uint64_t writing = 0;   ///< an answer has begun and is not sent
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;  ///< heads, frames and content, given to connections

  Pool pool;
  LatencyHistogram lag;     ///< of the probes of all loops
  std::vector<Loop> loops;  ///< of a server that runs
  Counters counters;
  std::vector<Route> routes;  ///< that have had requests, in the order of their registration
};

/// For a dashboard: an object whose fields are named in docs/metrics.md.
WEIR_API std::string to_json(const MetricsSnapshot& snapshot);

/// Prometheus' text format, version 0.0.4.
WEIR_API std::string to_prometheus(const MetricsSnapshot& snapshot);

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/metrics_snapshot.ipp>
#endif
