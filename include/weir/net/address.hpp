// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Socket addresses: `Address` is what one listens on, `Endpoint` the 24 bytes kept of a peer.
///
/// Thread: any; both are values.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/config.hpp>

struct sockaddr;

WEIR_BEGIN_NAMESPACE
namespace net {

enum class Family : std::uint16_t { none, ipv4, ipv6, unix_domain };

/// Who is at one end of a connection, small enough to be kept with each. A Unix socket's endpoint
/// has no path: its peers seldom have a name.
class WEIR_API Endpoint {
 public:
  Endpoint() noexcept = default;

  /// Reads what the kernel wrote. An IPv4 address that came mapped into IPv6 (RFC 4291 §2.5.5.2, a
  /// dual-stack listener) becomes plain IPv4, so that one peer has one name. An address that is too
  /// short or of an unknown family gives `Family::none`.
  static Endpoint from(const ::sockaddr* address, std::uint32_t size) noexcept;

  Family family() const noexcept { return family_; }
  bool is_v4() const noexcept { return family_ == Family::ipv4; }
  bool is_v6() const noexcept { return family_ == Family::ipv6; }
  bool is_unix() const noexcept { return family_ == Family::unix_domain; }

  /// In host order; 0 where ports do not exist.
  std::uint16_t port() const noexcept { return port_; }

  /// The address in network order: four bytes and zeros for IPv4, sixteen for IPv6, else zeros.
  const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }

  /// The interface of a link-local IPv6 address, else 0.
  std::uint32_t scope() const noexcept { return scope_; }

  /// "127.0.0.1", "::1", "fe80::1%2", or "" for a Unix socket and for none.
  std::string host() const;

  /// "127.0.0.1:80", "[::1]:80", "unix:", or "" for none.
  std::string to_string() const;

  friend bool operator==(const Endpoint& a, const Endpoint& b) noexcept {
    return a.family_ == b.family_ && a.port_ == b.port_ && a.scope_ == b.scope_ &&
           a.bytes_ == b.bytes_;
  }
  friend bool operator!=(const Endpoint& a, const Endpoint& b) noexcept { return !(a == b); }

 private:
  Family family_ = Family::none;
  std::uint16_t port_ = 0;
  std::array<std::uint8_t, 16> bytes_{};
  std::uint32_t scope_ = 0;
};

static_assert(sizeof(Endpoint) <= 24, "every connection keeps one");

/// A whole socket address, as bind() and connect() take it.
class WEIR_API Address {
 public:
  /// No address: `Family::none`, size 0.
  Address() noexcept = default;

  /// `host` is a numeric IPv4 or IPv6 address (brackets and a scope, "fe80::1%eth0", are
  /// understood), "localhost" (127.0.0.1), or "" or "*" for every IPv4 address ("::" is every
  /// address of both). Names are not looked up. Anything else throws std::invalid_argument that
  /// quotes it.
  static Address ip(std::string_view host, std::uint16_t port);

  /// A Unix socket at `path`, or in the abstract namespace when it starts with '@'. Throws
  /// std::invalid_argument when `path` is empty, has a NUL or is too long (107 bytes).
  static Address unix_socket(std::string_view path);

  /// Copies what the kernel wrote; Unix sockets keep their path.
  static Address from(const ::sockaddr* address, std::uint32_t size) noexcept;

  /// The sockaddr and its size; lives as long as this object.
  const ::sockaddr* data() const noexcept {
    return reinterpret_cast<const ::sockaddr*>(storage_.data());
  }
  std::uint32_t size() const noexcept { return size_; }

  Family family() const noexcept;
  std::uint16_t port() const noexcept;

  /// The file of a Unix socket; "" for abstract and unnamed ones and for other families. A view
  /// into this object, NUL-terminated.
  std::string_view path() const noexcept;

  Endpoint endpoint() const noexcept { return Endpoint::from(data(), size_); }

  /// "127.0.0.1:80", "[::1]:80", "unix:/run/app.sock", "unix:@name", or "" for none.
  std::string to_string() const;

 private:
  static constexpr std::size_t kCapacity = 128;  // sizeof(sockaddr_storage)

  alignas(8) std::array<unsigned char, kCapacity> storage_{};
  std::uint32_t size_ = 0;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/address.ipp>
#endif
