// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Cross-origin requests of browsers (Fetch standard, CORS protocol).
///
///     #include <weir/cors.hpp>
///
///     weir::CorsOptions options;
///     options.origins = {"https://app.example.org"};
///     server.use(weir::Cors(options));
///
/// A preflight is answered 204 in `before`, whether the path has a route or not: use() this in
/// front of authentication. All other answers to a listed origin, errors and streams too, get their
/// fields in `head`. It keeps other origins' scripts from reading answers, not from sending
/// requests: what has effects needs a check of its own. Not part of weir/weir.hpp.
///
/// Thread: the connection's loop.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

struct CorsOptions {
  /// Origins as browsers send them, "https://app.example", compared byte by byte; or "*" alone for
  /// any. "null" counts only when it is listed: sandboxed pages of anybody's have it. Must not be
  /// empty without `allows`.
  std::vector<std::string> origins{};
  /// Asked for an origin that `origins` does not have, such as one of many subdomains. Compare all
  /// of it: an end without its dot lets "https://evilexample.org" in. Not with "*".
  std::function<bool(std::string_view origin)> allows{};
  /// What a preflight allows: methods, and fields beside the safelisted ones. "*" is any, where no
  /// credentials come along.
  std::vector<std::string> methods{"GET", "HEAD", "POST"};
  std::vector<std::string> headers{};
  /// Fields of answers that scripts may read beside the safelisted ones.
  std::vector<std::string> exposed{};
  /// Whether cookies and authentication may come along. Not with "*".
  bool credentials = false;
  /// How long a browser may remember a preflight; 0 to a day.
  std::chrono::seconds max_age{600};
};

/// The middleware.
class WEIR_API Cors {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit Cors(const CorsOptions& options);

  Next before(Request& request, Response& response) const;
  void head(const Request& request, http::ResponseHead& head) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/cors.ipp>
#endif
