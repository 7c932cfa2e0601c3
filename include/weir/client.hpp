// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Who asked, by which scheme, and for which host: what a proxy that is trusted says of it, else
/// what the connection and the request themselves say.
///
///     #include <weir/client.hpp>
///
///     server.get("/me", [](const weir::Request& req) {
///       return weir::client_address(req).host() + " came by " + std::string(weir::scheme_of(req));
///     });
///
/// trusted_proxy.hpp has the middleware that decides whom to trust. Without it, these answer for
/// the connection. Not part of weir/weir.hpp.
///
/// Thread: that of the request.
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/net/address.hpp>
#include <weir/request.hpp>

WEIR_BEGIN_NAMESPACE

/// What trusted proxies say of a request; set by weir::trusted_proxy() on each that comes from one.
/// A middleware of yours that knows better may set it: `req.set(weir::ForwardedClient{…})`.
struct WEIR_API ForwardedClient {
  Endpoint address;        ///< see client_address()
  bool is_secure = false;  ///< the client came by TLS
  std::string host{};      ///< with its port, if any; empty: no proxy says so
};

/// Who asked: the nearest address that is not a trusted proxy's, or the other end of the
/// connection. Its port is 0 where a proxy does not say it. Lives as long as the request.
inline const Endpoint& client_address(const Request& request) noexcept {
  const ForwardedClient* const forwarded = request.get<ForwardedClient>();
  return forwarded != nullptr ? forwarded->address : request.remote_address();
}

/// Whether the client came by TLS, be it that a trusted proxy ended it.
inline bool is_secure_client(const Request& request) noexcept {
  const ForwardedClient* const forwarded = request.get<ForwardedClient>();
  return forwarded != nullptr ? forwarded->is_secure : request.is_secure();
}

/// "https" or "http".
inline std::string_view scheme_of(const Request& request) noexcept {
  return is_secure_client(request) ? "https" : "http";
}

/// The host that was asked, with its port, if any: as a trusted proxy says, else of a target in
/// absolute form (RFC 9112 §3.2.2), else of the Host field. Well formed or empty, and what the
/// client chose all the same: compare it with names of yours before anything is made of it. Routes
/// for hosts go by the Host field alone. The view lives as long as the request.
WEIR_API std::string_view host_of(const Request& request) noexcept;

/// Whether the request came from a trusted proxy. Also as an option:
/// `RequestIdOptions::trusts = weir::is_forwarded`.
inline bool is_forwarded(const Request& request) noexcept {
  return request.get<ForwardedClient>() != nullptr;
}

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/client.ipp>
#endif
