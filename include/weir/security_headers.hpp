// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that tells browsers what not to do: the fields that OWASP's Secure Headers Project
/// recommends.
///
///     #include <weir/security_headers.hpp>
///
///     server.use(weir::security_headers());
///
/// They are on every answer, errors and streams included; a field that the handler has set stays as
/// it is. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/http/response_head.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

/// Values of the fields; an empty one is not sent.
struct SecurityHeadersOptions {
  std::string content_type_options = "nosniff";  ///< X-Content-Type-Options
  std::string referrer_policy = "no-referrer";
  std::string frame_options = "DENY";  ///< X-Frame-Options
  /// Content-Security-Policy: scripts, styles and all else from this origin alone, none inline.
  std::string content_security_policy =
      "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; "
      "object-src 'none'";
  std::string permissions_policy =
      "camera=(), geolocation=(), microphone=(), payment=(), usb=()";  ///< Permissions-Policy
  std::string opener_policy = "same-origin";  ///< Cross-Origin-Opener-Policy
  /// Cross-Origin-Resource-Policy: pages of other origins may not embed what is served.
  std::string resource_policy = "same-origin";
  std::string cross_domain_policies = "none";  ///< X-Permitted-Cross-Domain-Policies

  /// Strict-Transport-Security (RFC 6797): how long browsers come by TLS alone; 0 s: the field is
  /// not sent. Not to be had back before it ends.
  std::chrono::seconds hsts_max_age = std::chrono::hours(24 * 365);
  bool hsts_subdomains = true;
  bool hsts_preload = false;  ///< asks to be built into browsers, which takes months to undo

  /// Sends it to clients that did not come by TLS, too, see is_secure_client(): TLS ends at a proxy
  /// of yours and trusted_proxy() is not used. Browsers ignore it where they came in clear (RFC
  /// 6797 §8.1).
  bool hsts_always = false;
};

/// The middleware.
class WEIR_API SecurityHeaders {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that no field may have.
  explicit SecurityHeaders(const SecurityHeadersOptions& options = {});

  void head(const Request& request, http::ResponseHead& head) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// `server.use(weir::security_headers())`.
inline SecurityHeaders security_headers(const SecurityHeadersOptions& options = {}) {
  return SecurityHeaders(options);
}

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/security_headers.ipp>
#endif
