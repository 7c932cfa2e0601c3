// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that sends clients elsewhere: to https, to the host with or without "www.", and from
/// old paths to new ones.
///
///     #include <weir/redirects.hpp>
///
///     weir::RedirectOptions options;
///     options.hosts = {"example.org", "www.example.org"};
///     options.to_https = true;
///     options.www = weir::RedirectOptions::Www::remove;
///     options.paths = {{"/old", "/new"}, {"/blog/", "https://blog.example.org/"}};
///     server.use(weir::redirects(options));
///
/// Never an open redirect: a client is sent to what the options name and nowhere else. Methods and
/// content are kept (308, RFC 9110 §15.4.9). Not part of weir/weir.hpp.
///
/// Thread: any.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>
#include <weir/config.hpp>
#include <weir/http/status.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

/// From a path to another.
struct RedirectPath {
  /// A path, "/old", or, with a slash at its end, all that begins with it: "/old/" with what is
  /// behind it. As clients send it: matched where neither escapes nor dots stand in its way.
  std::string from;

  /// A path or an http or https URL. Behind a prefix it ends in a slash, too, and what was behind
  /// `from` is put there. The query is kept, unless this has one.
  std::string to;
};

struct RedirectOptions {
  /// Your host names, without ports, as the Host field, or a trusted proxy, may have them: needed
  /// for `to_https` and `www`, which would otherwise send clients wherever a forged Host field
  /// says. Requests for another host are then answered 421 when they would have to be sent on.
  std::vector<std::string> hosts{};

  bool to_https = false;  ///< sends on what did not come by TLS

  /// Whether a request came by TLS; by default is_secure_client(). Behind a proxy that ends TLS it
  /// is so only with trusted_proxy() in front: without it, clients would go in a circle.
  std::function<bool(const Request&)> is_secure{};

  std::uint16_t https_port = 443;  ///< that clients connect to

  enum class Www : std::uint8_t {
    keep,
    add,     ///< example.org → www.example.org
    remove,  ///< www.example.org → example.org
  };
  Www www = Www::keep;  ///< the name that is sent to must stand in `hosts`

  std::vector<RedirectPath> paths{};  ///< the first that fits counts

  /// 301, 302, 303, 307 or 308. Browsers remember 301 and 308 for long: try with 307.
  http::Status status = http::Status::permanent_redirect;
};

/// The middleware.
class WEIR_API Redirects {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit Redirects(const RedirectOptions& options);

  Next before(Request& request, Response& response) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// `server.use(weir::redirects(options))`.
inline Redirects redirects(const RedirectOptions& options) { return Redirects(options); }

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/redirects.ipp>
#endif
