// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <weir/http/forwarded.hpp>
#include <weir/http/host.hpp>
#include <weir/net/address_range.hpp>
#include <weir/request.hpp>
#include <weir/trusted_proxy.hpp>

WEIR_BEGIN_NAMESPACE

struct TrustedProxies::State {
  explicit State(const TrustedProxyOptions& given)
      : trusts_unix(given.trust_unix_sockets),
        is_rfc7239(given.fields == TrustedProxyOptions::Fields::forwarded),
        max_hops(given.max_hops) {
    for (const std::string& range : given.ranges) {
      try {
        ranges.add(range);
      } catch (const std::invalid_argument& error) {
        refuse("ranges", error.what());
      }
    }
    if (ranges.empty() && !trusts_unix)
      refuse("ranges", "must name a range, or trust_unix_sockets must be set");
    if (!is_rfc7239 && given.fields != TrustedProxyOptions::Fields::x_forwarded)
      refuse("fields", "must be forwarded or x_forwarded");
    if (max_hops == 0 || max_hops > 64) refuse("max_hops", "must be 1 to 64");
  }

  [[noreturn]] static void refuse(const char* field, const char* why) {
    throw std::invalid_argument(
        std::string("weir::TrustedProxyOptions::").append(field).append(": ").append(why));
  }

  bool trusts(const Endpoint& endpoint) const noexcept {
    return endpoint.is_unix() ? trusts_unix : ranges.contains(endpoint);
  }

  /// Makes `node` the client. Whether there is more to ask: it is a proxy that is trusted.
  bool take(const http::ForwardedNode& node, ForwardedClient& client) const noexcept {
    if (!node.is_address()) return false;
    const std::optional<Endpoint> endpoint = net::parse_endpoint(node.name, node.port);
    if (!endpoint) return false;
    client.address = *endpoint;
    return trusts(client.address);
  }

  void read_forwarded(const http::RequestHead& head, ForwardedClient& client) const {
    http::MembersFromEnd members(head, http::KnownField::forwarded,
                                 http::MembersFromEnd::Quotes::part_strings);
    std::string_view host;
    std::uint32_t hops = 0;
    for (std::string_view member; hops < max_hops && members.next(member);) {
      if (member.empty()) continue;  // means nothing in a list (RFC 9110 §5.6.1.2)
      const std::optional<http::ForwardedElement> element = http::parse_forwarded_element(member);
      if (!element) break;
      ++hops;
      if (!element->host.empty()) host = element->host;
      if (const std::optional<bool> is_secure = http::is_secure_scheme(element->proto))
        client.is_secure = *is_secure;
      if (!take(element->client, client)) break;
    }
    client.host = host;
  }

  void read_x_forwarded(const http::RequestHead& head, ForwardedClient& client) const {
    http::MembersFromEnd members(head, http::KnownField::x_forwarded_for,
                                 http::MembersFromEnd::Quotes::are_text);
    std::uint32_t hops = 0;
    // An empty member ends it, too: whoever wrote it does not know, and in front of it stands what
    // he was sent.
    for (std::string_view member; hops < max_hops && members.next(member); ++hops) {
      const std::optional<http::ForwardedNode> node = http::parse_x_forwarded_for(member);
      if (!node || !take(*node, client)) break;
    }
    const std::string_view scheme = http::last_member(head, http::KnownField::x_forwarded_proto);
    if (const std::optional<bool> is_secure = http::is_secure_scheme(scheme))
      client.is_secure = *is_secure;
    const std::string_view host = http::last_member(head, http::KnownField::x_forwarded_host);
    if (http::is_host(host)) client.host = host;
  }

  net::AddressRanges ranges;
  const bool trusts_unix;
  const bool is_rfc7239;
  const std::uint32_t max_hops;
};

WEIR_INLINE TrustedProxies::TrustedProxies(const TrustedProxyOptions& options)
    : state_(std::make_shared<const State>(options)) {}

WEIR_INLINE void TrustedProxies::before(Request& request, Response&) const {
  const State& state = *state_;
  if (!state.trusts(request.remote_address())) return;
  ForwardedClient client{request.remote_address(), request.is_secure()};
  const http::RequestHead& head = detail::RequestAccess::head(request);
  if (state.is_rfc7239) {
    state.read_forwarded(head, client);
  } else {
    state.read_x_forwarded(head, client);
  }
  request.set(std::move(client));
}

WEIR_END_NAMESPACE
