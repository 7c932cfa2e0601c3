// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A page that shows what a server does, second by second, and lets a person try its routes.
///
///     #include <weir/dashboard.hpp>
///
///     server.group("/admin", [&](weir::Router& admin) {
///       admin.use(only_for_admins);
///       weir::dashboard(admin, server);
///     });
///
/// The page needs nothing from elsewhere and runs under a strict Content-Security-Policy. It shows
/// patterns and numbers to whoever may open it: put it behind an authentication of your own.
///
/// Not part of weir/weir.hpp. See docs/dashboard.md.
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>
#include <weir/config.hpp>
#include <weir/fwd.hpp>

WEIR_BEGIN_NAMESPACE

/// A request that the page offers to send.
struct DashboardTry {
  std::string method = "GET";
  /// A path, with a query if wanted; {names} in the path are asked for.
  std::string path{};
  /// Field lines, "Name: value", with LF between them.
  std::string fields{};
  std::string body{};
};

struct DashboardOptions {
  /// Of the page.
  std::string title = "weir";

  /// Offered in front of the routes that the server has. By default these alone.
  std::vector<DashboardTry> tries{};

  /// Between two snapshots while somebody watches; 100 ms to a minute.
  std::chrono::milliseconds period{1000};

  /// Pages that may watch at a time; above 0.
  std::size_t max_watchers = 64;

  /// What a snapshot is made by: an object in JSON without a line end, called by one thread at a
  /// time on a loop. By default the server's numbers.
  std::function<std::string()> snapshot{};
};

/// Mounts the page at `router`'s prefix, with a slash behind it, and below it `events` and `tries`,
/// which it reads. All links are relative, so that a proxy may put a prefix in front.
///
/// Before the start. `server` is that whose router it is. Throws std::invalid_argument, naming the
/// field, for a value that cannot be, and as Router::get() does where a pattern is taken.
WEIR_API void dashboard(Router& router, Server& server, DashboardOptions options = {});

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/dashboard.ipp>
#endif
