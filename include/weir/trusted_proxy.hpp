// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that believes proxies of yours, and nobody else, who is behind them.
///
///     #include <weir/trusted_proxy.hpp>
///
///     weir::TrustedProxyOptions proxies;
///     proxies.ranges = {"10.0.0.0/8", "::1"};
///     proxies.fields = weir::TrustedProxyOptions::Fields::x_forwarded;
///     server.use(weir::trusted_proxy(proxies));  // first: the others ask it
///     server.get("/", [](const weir::Request& req) { return weir::client_address(req).host(); });
///
/// Not part of weir/weir.hpp.
///
/// Thread: any.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>
#include <weir/client.hpp>
#include <weir/config.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

struct TrustedProxyOptions {
  /// Where your proxies connect from: "10.0.0.0/8", "2001:db8::1", or "loopback", "private",
  /// "link-local", see net::AddressRanges::add(). Whoever can connect from there can say that he is
  /// anybody. As narrow as can be.
  std::vector<std::string> ranges{};

  /// Whether who connects through a Unix socket is a proxy of yours, too: nginx on the same
  /// machine. The rights of the socket's file say who can.
  bool trust_unix_sockets = false;

  enum class Fields : std::uint8_t {
    none,         ///< not chosen yet: refused
    forwarded,    ///< Forwarded (RFC 7239)
    x_forwarded,  ///< X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host
  };

  /// What your proxies write. Must be chosen, and only that is read: a proxy hands on the fields
  /// that it does not know as its client sent them.
  Fields fields = Fields::none;

  /// Proxies between a client and the server that are believed at most, 1 to 64: the address that
  /// the last of them names is the client's, trusted or not.
  std::uint32_t max_hops = 8;
};

/// The middleware. Sets a ForwardedClient for each request whose connection comes from a trusted
/// address; all others stay as they are, whatever they say.
///
/// The list of addresses is walked from its end, where the nearest proxy wrote who connected to it,
/// and goes on as long as the address that was found is a trusted one: the first that is not, or
/// the last there is, is the client. A member that is malformed or names no address ends the walk,
/// and the proxy that wrote it stands for the client. Never an error: a broken field costs no
/// request.
///
/// Scheme and host: of Forwarded the outermost trusted member that has them. X-Forwarded-Proto and
/// X-Forwarded-Host cannot be told apart by proxies, hence the last member counts: what the nearest
/// proxy wrote or let through. What is malformed there counts as not said, and then the
/// connection's own scheme and the request's own host do.
class WEIR_API TrustedProxies {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit TrustedProxies(const TrustedProxyOptions& options);

  void before(Request& request, Response& response) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// `server.use(weir::trusted_proxy(options))`.
inline TrustedProxies trusted_proxy(const TrustedProxyOptions& options) {
  return TrustedProxies(options);
}

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/trusted_proxy.ipp>
#endif
