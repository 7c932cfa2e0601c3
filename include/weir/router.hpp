// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Which handler answers which request.
///
/// Patterns are paths with parameters: `/users/{id}`, `/users/{id:int}`, `/files/{rest...}`. Fixed
/// text is preferred to parameters, those to a rest; see http/route_tree.hpp. HEAD is answered by
/// GET, OPTIONS by the methods there are, a known path with another method by 405 with Allow.
///
/// Thread: before the server starts; then routes are frozen and registering throws
/// std::logic_error.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <weir/config.hpp>
#include <weir/file_options.hpp>
#include <weir/fwd.hpp>
#include <weir/handler.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

/// What one route has differently from Options.
struct RouteOptions {
  /// Bytes of content; above it 413. By default Options::max_body_bytes, for streamed() handlers
  /// Options::max_streamed_body_bytes.
  std::optional<std::uint64_t> body_limit;

  /// From the request to its answer; 0: without limit. By default Options::handler_timeout.
  std::optional<std::chrono::milliseconds> timeout;
};

namespace detail {
struct RouteGroup;
struct HostRoutes;
}  // namespace detail

/// Registers handlers under a common prefix with common middleware. A handle: copies add to the
/// same.
class WEIR_API Router {
 public:
  /// Adds a route. Throws std::invalid_argument, naming the pattern, when it is malformed, and
  /// naming both when it conflicts with an earlier one; std::logic_error when the server has
  /// started.
  template <class H>
  Router& get(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("GET", pattern, std::forward<H>(handler), options);
  }
  template <class H>
  Router& post(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("POST", pattern, std::forward<H>(handler), options);
  }
  template <class H>
  Router& put(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("PUT", pattern, std::forward<H>(handler), options);
  }
  template <class H>
  Router& patch(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("PATCH", pattern, std::forward<H>(handler), options);
  }
  template <class H>
  Router& del(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("DELETE", pattern, std::forward<H>(handler), options);
  }
  template <class H>
  Router& head(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("HEAD", pattern, std::forward<H>(handler), options);
  }
  template <class H>
  Router& options(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("OPTIONS", pattern, std::forward<H>(handler), options);
  }

  /// Every method that the pattern has no other route for.
  template <class H>
  Router& any(std::string_view pattern, H&& handler, const RouteOptions& options = {}) {
    return route("*", pattern, std::forward<H>(handler), options);
  }

  /// A method of any name, in the letters that it will be sent in.
  template <class H>
  Router& route(std::string_view method, std::string_view pattern, H&& handler,
                const RouteOptions& options = {}) {
    add(method, pattern, detail::make_handler(std::forward<H>(handler)), options);
    return *this;
  }

  /// Adds middleware to all routes of this router and its groups, whatever the order of the calls.
  /// Several are called in the order given.
  template <class... M>
  Router& use(M&&... middleware) {
    (add(detail::make_middleware(std::forward<M>(middleware))), ...);
    return *this;
  }

  /// Routes under `prefix` (may be empty) with middleware of their own: `f(Router&)` adds them.
  template <class F>
  Router& group(std::string_view prefix, F&& f) {
    Router inner = make_group(prefix);
    std::forward<F>(f)(inner);
    return *this;
  }

  /// Serves the files below `directory` at `prefix` ("/static", or "" for all): GET and HEAD, with
  /// ranges and conditional requests (docs/static-files.md). Nothing outside of the directory can
  /// be reached. Throws as get() does, std::system_error when the directory cannot be opened, and
  /// std::invalid_argument naming the option.
  Router& files(std::string_view prefix, const std::string& directory, const FileOptions& options);
  Router& files(std::string_view prefix, const std::string& directory) {
    return files(prefix, directory, FileOptions());
  }

  /// Serves files that are part of the program (embedded_files.hpp) in the same way; of the
  /// options those on keeping files mean nothing. Throws std::invalid_argument naming the option,
  /// or the file whose path no request can have.
  Router& files(std::string_view prefix, const EmbeddedFiles& embedded, const FileOptions& options);
  Router& files(std::string_view prefix, const EmbeddedFiles& embedded) {
    return files(prefix, embedded, FileOptions());
  }

  /// What all patterns of this router begin with; empty at the top.
  const std::string& prefix() const noexcept { return prefix_; }

 protected:
  friend class Server;

  Router(std::shared_ptr<detail::HostRoutes> host, std::shared_ptr<detail::RouteGroup> group,
         std::string prefix);

  void add(std::string_view method, std::string_view pattern, detail::HandlerEntry handler,
           const RouteOptions& options);
  void add(detail::MiddlewareEntry middleware);
  Router make_group(std::string_view prefix) const;

  std::shared_ptr<detail::HostRoutes> host_;
  std::shared_ptr<detail::RouteGroup> group_;
  std::string prefix_;
};

WEIR_END_NAMESPACE
