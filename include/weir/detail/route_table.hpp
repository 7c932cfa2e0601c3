// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The routes of a server with their handlers and middleware, frozen when it starts.
///
/// Thread: one before freeze(); any afterwards.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/meter.hpp>
#include <weir/error.hpp>
#include <weir/handler.hpp>
#include <weir/http/route_tree.hpp>
#include <weir/middleware.hpp>
#include <weir/options.hpp>
#include <weir/router.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// A router's middleware; groups are a tree by their parents.
struct RouteGroup {
  std::shared_ptr<RouteGroup> parent;
  std::vector<MiddlewareEntry> middleware;
};

/// One route, or one of the answers that take a route's place.
struct RouteEntry {
  HandlerEntry handler;
  std::shared_ptr<RouteGroup> group;
  std::string pattern;           // with the prefix of its group; empty for a stand-in
  std::uint64_t body_limit = 0;  // bytes; filled by freeze()
  std::uint32_t timeout_ms = 0;  // 0: as the session has it
  RouteOptions options;
  bool stand_in = false;  // answers at the end of the head: 404, 405, 501, OPTIONS
  bool has_head_hooks = false;
  bool has_done_hooks = false;
  bool has_end_work = false;           // done hooks, or a meter
  std::uint32_t number = 0;            // the meter's
  std::vector<MiddlewareEntry> chain;  // outer to inner; filled by freeze()
};

/// The routes of one host name.
struct HostRoutes {
  std::string name;  // lower case; empty: any; "*.example.org" matches below
  http::RouteTree tree;
  std::vector<std::unique_ptr<RouteEntry>> routes;  // by the tree's numbers
  std::shared_ptr<RouteGroup> root;
  std::shared_ptr<const bool> frozen;  // the table's
};

/// All hosts, stand-ins and error handlers.
class WEIR_API RouteTable {
 public:
  RouteTable();
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  /// The routes of `name`, made when new. Throws std::invalid_argument for a name that is none.
  std::shared_ptr<HostRoutes> host(std::string_view name);
  const std::shared_ptr<HostRoutes>& default_host() const noexcept { return hosts_.front(); }

  void set_not_found(HandlerEntry handler);
  void set_method_not_allowed(HandlerEntry handler);
  void set_error_handler(std::shared_ptr<const void> object,
                         void (*call)(const void*, const Error&, Response&)) {
    error_object_ = std::move(object);
    error_call_ = call;
  }

  /// Who measures; null: nobody. Set before freeze().
  const std::shared_ptr<Meter>& meter() const noexcept { return meter_; }
  void set_meter(std::shared_ptr<Meter> meter) noexcept { meter_ = std::move(meter); }

  /// Flattens the middleware chains and takes the limits from `options`. Routes may not change
  /// after.
  void freeze(const Options& options);
  bool frozen() const noexcept { return *frozen_; }

  /// The route of a request to `host` (may be empty, may have a port), with its parameters. Never
  /// fails: a path or method without a route has a stand-in.
  const RouteEntry& find(std::string_view host, http::Method method, std::string_view method_text,
                         std::string_view path, http::Params& params) const noexcept {
    const HostRoutes& routes = WEIR_LIKELY(!has_hosts()) ? *hosts_.front() : routes_of(host);
    const http::Match match = routes.tree.match(method, method_text, path, params);
    if (WEIR_LIKELY(match.kind == http::Match::Kind::found)) return *routes.routes[match.route];
    return stand_in(routes, method, method_text, path, params, match.kind);
  }

  /// The Allow field for a path.
  std::string allow(std::string_view host, std::string_view path) const;

  /// The same for a request, by its target's host or its Host field (RFC 9112 §3.2.2).
  std::string allow(const Request& request) const;

  /// Shapes the answer to an error; never throws.
  void shape_error(const Error& error, Response& response) const noexcept;

  /// Whether there is more than the default host.
  bool has_hosts() const noexcept { return hosts_.size() > 1; }

  /// What answers a request whose target cannot be routed.
  const RouteEntry& bad_request() const noexcept { return bad_request_; }

 private:
  const HostRoutes& routes_of(std::string_view host) const noexcept;
  const RouteEntry& stand_in(const HostRoutes& routes, http::Method method,
                             std::string_view method_text, std::string_view path,
                             http::Params& params, http::Match::Kind kind) const noexcept;
  std::array<RouteEntry*, 6> stand_ins() noexcept;
  void freeze(RouteEntry& route, const Options& options);

  const std::shared_ptr<bool> frozen_ = std::make_shared<bool>(false);
  std::vector<std::shared_ptr<HostRoutes>> hosts_;  // hosts_[0]: any name
  RouteEntry not_found_;
  RouteEntry method_not_allowed_;
  RouteEntry not_implemented_;
  RouteEntry options_;
  RouteEntry bad_request_;
  RouteEntry redirect_slash_;
  bool redirects_slash_ = false;
  std::shared_ptr<Meter> meter_;
  std::shared_ptr<const void> error_object_;
  void (*error_call_)(const void*, const Error&, Response&) = nullptr;
};

/// The reserved answers of the library, used where the user has set none.
WEIR_API void default_error_answer(const Error& error, Response& response);

}  // namespace detail
WEIR_END_NAMESPACE
