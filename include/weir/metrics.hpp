// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a server does, in numbers: for Prometheus, for a dashboard, for the program itself.
///
///     #include <weir/metrics.hpp>
///
///     server.get("/metrics", weir::metrics(server));
///
/// Requests and their time by route, connections, bytes, the worker pool, the loops. Measuring
/// begins with the first Metrics of a server, which must be made before its start; a server without
/// one measures nothing. Every loop counts in cells of its own. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <memory>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/metrics_snapshot.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {
class RequestMeter;
}  // namespace detail

/// A server's measures, and the handler that shows them. A handle: copies show the same; all of
/// them only while the server lives.
class WEIR_API Metrics {
 public:
  /// Turns measuring on. Throws std::logic_error after the start of a server that does not measure.
  explicit Metrics(Server& server);

  MetricsSnapshot snapshot() const;

  /// Answers with to_prometheus().
  void operator()(const Request& request, Response& response) const;

 private:
  detail::ServerState* state_;
  std::shared_ptr<detail::RequestMeter> meter_;
  double process_started_;
};

/// The same, in the words of a route.
inline Metrics metrics(Server& server) { return Metrics(server); }

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/metrics.ipp>
#endif
