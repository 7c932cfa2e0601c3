// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The syntax of Host and of the authority in a target: uri-host [ ":" port ] (RFC 9110 §7.2).
///
/// Thread: any.
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Whether `text` is an IPv4address (RFC 3986 §3.2.2): four numbers without zeros in front.
WEIR_API bool is_ipv4(std::string_view text) noexcept;

/// Whether `text` is an IPv6address (RFC 3986 §3.2.2), without brackets. A zone is refused.
WEIR_API bool is_ipv6(std::string_view text) noexcept;

/// Whether `text` is a reg-name, an IPv4 address or "[" IPv6address "]", with an optional port of
/// at most five digits up to 65535 ("host:" is allowed, as RFC 3986 does). An empty text is
/// allowed: a client without an authority sends that. User information, paths, lists, white space
/// and IPvFuture are not: nobody sends them but to be read in two ways.
WEIR_API bool is_host(std::string_view text) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/host.ipp>
#endif
