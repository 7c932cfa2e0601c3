// SPDX-License-Identifier: MIT
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <weir/net/address.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {

inline constexpr std::size_t kUnixPathAt = offsetof(sockaddr_un, sun_path);

/// The sockaddr of type S, or zeros if the kernel wrote less.
template <class S>
bool read_sockaddr(const ::sockaddr* address, std::uint32_t size, S& into) noexcept {
  if (size < sizeof(S)) return false;
  std::memcpy(&into, address, sizeof(S));
  return true;
}

/// A scope by number or by the interface's name; 0 if it is neither.
WEIR_INLINE std::uint32_t parse_scope(const std::string& text) {
  std::uint32_t scope = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, scope);
  if (error == std::errc() && at == end) return scope;
  return sys::if_nametoindex(text.c_str());
}

[[noreturn]] WEIR_INLINE void bad_address(const char* what, std::string_view text) {
  throw std::invalid_argument(std::string(what).append(" \"").append(text).append("\""));
}

}  // namespace detail

WEIR_INLINE Endpoint Endpoint::from(const ::sockaddr* address, std::uint32_t size) noexcept {
  Endpoint endpoint;
  if (address == nullptr || size < sizeof(sa_family_t)) return endpoint;
  sa_family_t family;
  std::memcpy(&family, address, sizeof family);
  if (family == AF_INET) {
    sockaddr_in v4;
    if (!detail::read_sockaddr(address, size, v4)) return endpoint;
    endpoint.family_ = Family::ipv4;
    endpoint.port_ = ntohs(v4.sin_port);
    std::memcpy(endpoint.bytes_.data(), &v4.sin_addr, 4);
  } else if (family == AF_INET6) {
    sockaddr_in6 v6;
    if (!detail::read_sockaddr(address, size, v6)) return endpoint;
    endpoint.port_ = ntohs(v6.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      endpoint.family_ = Family::ipv4;
      std::memcpy(endpoint.bytes_.data(), &v6.sin6_addr.s6_addr[12], 4);
    } else {
      endpoint.family_ = Family::ipv6;
      std::memcpy(endpoint.bytes_.data(), &v6.sin6_addr, 16);
      endpoint.scope_ = v6.sin6_scope_id;
    }
  } else if (family == AF_UNIX) {
    endpoint.family_ = Family::unix_domain;
  }
  return endpoint;
}

WEIR_INLINE std::string Endpoint::host() const {
  if (family_ != Family::ipv4 && family_ != Family::ipv6) return {};
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  std::string host(text);
  if (scope_ != 0) host.append(1, '%').append(std::to_string(scope_));
  return host;
}

WEIR_INLINE std::string Endpoint::to_string() const {
  switch (family_) {
    case Family::none:
      return {};
    case Family::ipv4:
      return host().append(1, ':').append(std::to_string(port_));
    case Family::ipv6:
      return std::string(1, '[').append(host()).append("]:").append(std::to_string(port_));
    case Family::unix_domain:
      return "unix:";
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE Address Address::ip(std::string_view host, std::uint16_t port) {
  std::string text(host);
  if (text.empty() || text == "*") text = "0.0.0.0";
  if (text == "localhost") text = "127.0.0.1";
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);

  sockaddr_in v4{};
  if (text.find('\0') == std::string::npos &&
      ::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return from(reinterpret_cast<const ::sockaddr*>(&v4), sizeof v4);
  }

  sockaddr_in6 v6{};
  if (const std::size_t percent = text.find('%'); percent != std::string::npos) {
    v6.sin6_scope_id = detail::parse_scope(text.substr(percent + 1));
    if (v6.sin6_scope_id == 0) detail::bad_address("no such interface in the address", host);
    text.resize(percent);
  }
  if (text.find('\0') != std::string::npos ||
      ::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1)
    detail::bad_address("not a numeric IPv4 or IPv6 address:", host);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  return from(reinterpret_cast<const ::sockaddr*>(&v6), sizeof v6);
}

WEIR_INLINE Address Address::unix_socket(std::string_view path) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  if (path.empty() || path == "@") detail::bad_address("empty Unix socket path", path);
  if (path.find('\0') != std::string_view::npos)
    detail::bad_address("NUL in the Unix socket path", path);
  if (path.size() >= sizeof un.sun_path) detail::bad_address("Unix socket path too long:", path);
  std::memcpy(un.sun_path, path.data(), path.size());
  std::size_t size = detail::kUnixPathAt + path.size();
  if (path.front() == '@')
    un.sun_path[0] = '\0';  // the name is what the size says, without a NUL at its end
  else
    ++size;
  return from(reinterpret_cast<const ::sockaddr*>(&un), static_cast<std::uint32_t>(size));
}

WEIR_INLINE Address Address::from(const ::sockaddr* address, std::uint32_t size) noexcept {
  static_assert(kCapacity == sizeof(sockaddr_storage));
  Address result;
  if (address == nullptr || size < sizeof(sa_family_t)) return result;
  result.size_ = std::min(size, static_cast<std::uint32_t>(kCapacity));
  std::memcpy(result.storage_.data(), address, result.size_);
  return result;
}

WEIR_INLINE Family Address::family() const noexcept {
  if (size_ == 0) return Family::none;
  switch (data()->sa_family) {
    case AF_INET:
      return Family::ipv4;
    case AF_INET6:
      return Family::ipv6;
    case AF_UNIX:
      return Family::unix_domain;
    default:
      return Family::none;
  }
}

WEIR_INLINE std::uint16_t Address::port() const noexcept { return endpoint().port(); }

WEIR_INLINE std::string_view Address::path() const noexcept {
  if (family() != Family::unix_domain) return {};
  return reinterpret_cast<const char*>(storage_.data()) + detail::kUnixPathAt;  // zeros follow it
}

WEIR_INLINE std::string Address::to_string() const {
  if (family() == Family::ipv6) {  // as it is, not as Endpoint would say it: "[::ffff:1.2.3.4]:80"
    sockaddr_in6 v6;
    char text[INET6_ADDRSTRLEN] = "";
    if (detail::read_sockaddr(data(), size_, v6) && IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
      return std::string(1, '[').append(text).append("]:").append(std::to_string(port()));
    }
  }
  if (family() != Family::unix_domain) return endpoint().to_string();
  std::string text("unix:");
  if (size_ <= detail::kUnixPathAt) return text;
  if (!path().empty()) return text.append(path());
  const auto* const name = reinterpret_cast<const char*>(storage_.data()) + detail::kUnixPathAt;
  return text.append(1, '@').append(name + 1, size_ - detail::kUnixPathAt - 1);
}

}  // namespace net
WEIR_END_NAMESPACE
