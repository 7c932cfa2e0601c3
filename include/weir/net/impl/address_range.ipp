// SPDX-License-Identifier: MIT
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <weir/net/address_range.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
namespace detail {

[[noreturn]] WEIR_COLD WEIR_INLINE void bad_range(const char* what, std::string_view text) {
  throw std::invalid_argument(std::string(what).append(" \"").append(text).append("\""));
}

/// A number of at most three digits and nothing else; nothing when it is above `most`.
WEIR_INLINE std::optional<unsigned> read_bits(std::string_view text, unsigned most) noexcept {
  unsigned bits = 0;
  if (text.empty() || text.size() > 3) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || stop != text.data() + text.size() || bits > most) return std::nullopt;
  return bits;
}

/// The bits of byte `index` that count when the leading `bits` of all do.
constexpr unsigned byte_mask(unsigned bits, std::size_t index) noexcept {
  const auto before = static_cast<unsigned>(index) * 8;
  if (bits >= before + 8) return 0xff;
  return bits <= before ? 0 : 0xffU & (0xffU << (before + 8 - bits));
}

}  // namespace detail

WEIR_INLINE std::optional<Endpoint> parse_endpoint(std::string_view text,
                                                   std::uint16_t port) noexcept {
  char digits[INET6_ADDRSTRLEN] = "";  // with room for a NUL behind the longest
  if (text.size() >= sizeof digits || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  if (!text.empty()) std::memcpy(digits, text.data(), text.size());
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, digits, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return Endpoint::from(reinterpret_cast<const ::sockaddr*>(&v4), sizeof v4);
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, digits, &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return Endpoint::from(reinterpret_cast<const ::sockaddr*>(&v6), sizeof v6);
  }
  return std::nullopt;
}

WEIR_INLINE AddressRange::AddressRange(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const std::optional<Endpoint> first = parse_endpoint(address);
  if (!first) detail::bad_range("not a range of addresses:", text);
  first_ = *first;
  const bool is_long = address.find(':') != std::string_view::npos;
  const unsigned mapped = is_long && first_.is_v4() ? 96 : 0;
  const unsigned most = is_long ? 128 : 32;
  bits_ = most;
  if (slash != std::string_view::npos) {
    const std::optional<unsigned> bits = detail::read_bits(text.substr(slash + 1), most);
    if (!bits) detail::bad_range("no such length of a prefix:", text);
    bits_ = *bits;
  }
  // Of a mapped address the first 96 bits are given.
  if (bits_ < mapped) detail::bad_range("bits behind the prefix:", text);
  bits_ -= mapped;
  const std::array<std::uint8_t, 16>& bytes = first_.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if ((bytes[i] & ~detail::byte_mask(bits_, i)) != 0)
      detail::bad_range("bits behind the prefix:", text);
}

WEIR_INLINE bool AddressRange::contains(const Endpoint& endpoint) const noexcept {
  if (endpoint.family() != first_.family()) return false;
  for (std::size_t i = 0; i * 8 < bits_; ++i)
    if (((endpoint.bytes()[i] ^ first_.bytes()[i]) & detail::byte_mask(bits_, i)) != 0)
      return false;
  return true;
}

WEIR_INLINE void AddressRanges::add(std::string_view text) {
  struct Named {
    std::string_view name;
    const char* range;
  };
  constexpr Named kNamed[] = {
      {"loopback", "127.0.0.0/8"},      {"loopback", "::1"},           {"private", "10.0.0.0/8"},
      {"private", "172.16.0.0/12"},     {"private", "192.168.0.0/16"}, {"private", "fc00::/7"},
      {"link-local", "169.254.0.0/16"}, {"link-local", "fe80::/10"},
  };
  bool is_name = false;
  for (const Named& named : kNamed) {
    if (named.name != text) continue;
    is_name = true;
    ranges_.emplace_back(named.range);
  }
  if (!is_name) ranges_.emplace_back(text);
}

WEIR_INLINE bool AddressRanges::contains(const Endpoint& endpoint) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const AddressRange& range) { return range.contains(endpoint); });
}

}  // namespace net
WEIR_END_NAMESPACE
