// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Sets of addresses, written as people write them: "10.0.0.0/8", "2001:db8::/32", "::1".
///
/// Thread: any; all are values.
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/net/address.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Reads all of `text` as a numeric IPv4 address (four decimal numbers) or IPv6 address, without
/// brackets and without a scope. As everywhere, an IPv4 address mapped into IPv6 becomes plain
/// IPv4. Nothing when it is neither; never throws, for what peers send.
WEIR_API std::optional<Endpoint> parse_endpoint(std::string_view text,
                                                std::uint16_t port = 0) noexcept;

/// An address and how many of its leading bits count (CIDR, RFC 4632).
class WEIR_API AddressRange {
 public:
  /// "192.0.2.0/24", "2001:db8::/32", or an address alone, which is a range of one. A range of IPv4
  /// addresses mapped into IPv6, "::ffff:10.0.0.0/104", is that of the IPv4 addresses. Throws
  /// std::invalid_argument that quotes `text` when it is anything else, and when there are bits
  /// behind those that count, "10.0.0.1/8": one of the two is not what was meant.
  explicit AddressRange(std::string_view text);

  /// Whether the endpoint's address is in it; ports and scopes do not count. IPv4 and IPv6 are
  /// apart, "::/0" holds no IPv4 address. Unix sockets, and what has no address, are in none.
  bool contains(const Endpoint& endpoint) const noexcept;

 private:
  Endpoint first_;
  unsigned bits_ = 0;
};

/// Several ranges.
class WEIR_API AddressRanges {
 public:
  /// Adds a range as AddressRange reads it, or one of these by name:
  ///
  ///  - "loopback": 127.0.0.0/8 and ::1
  ///  - "private": 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) and fc00::/7 (RFC 4193)
  ///  - "link-local": 169.254.0.0/16 (RFC 3927) and fe80::/10
  ///
  /// Throws as AddressRange does.
  void add(std::string_view text);

  bool contains(const Endpoint& endpoint) const noexcept;
  bool empty() const noexcept { return ranges_.empty(); }

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/address_range.ipp>
#endif
