// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that lowers the limit of content for a group of routes, or for some requests.
///
///     #include <weir/body_limit.hpp>
///
///     server.group("/api", [](weir::Router& api) {
///       api.use(weir::body_limit(64 * 1024));
///       api.post("/notes", add_note);
///     });
///
/// A request that announces more is answered 413 at once, its content unread; one that sends more
/// in chunks when it has done so. Of several limits, the route's own among them, the lowest counts:
/// it can never be raised. Handlers in pieces (weir::streamed) are limited, too, and decoded bytes
/// count where content is decoded. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <cstdint>
#include <functional>
#include <utility>
#include <weir/config.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

/// The middleware.
class WEIR_API BodyLimit {
 public:
  /// `bytes` of content at most; 0: none. `applies`: to which requests; empty: to all. It runs on
  /// the connection's loop and must not wait.
  explicit BodyLimit(std::uint64_t bytes, std::function<bool(const Request&)> applies = {})
      : bytes_(bytes), applies_(std::move(applies)) {}

  /// Throws HttpError for what is announced and too large: Server::on_error shapes the 413.
  void before(Request& request, Response& response) const;

 private:
  std::uint64_t bytes_;
  std::function<bool(const Request&)> applies_;
};

/// `group.use(weir::body_limit(64 * 1024))`.
inline BodyLimit body_limit(std::uint64_t bytes, std::function<bool(const Request&)> applies = {}) {
  return BodyLimit(bytes, std::move(applies));
}

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/body_limit.ipp>
#endif
