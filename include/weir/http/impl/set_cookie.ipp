// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <string_view>
#include <weir/http/chars.hpp>
#include <weir/http/date.hpp>
#include <weir/http/set_cookie.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// cookie-octet (RFC 6265 §4.1.1): visible ASCII but quote, comma, semicolon and backslash.
constexpr bool is_cookie_octet(char c) noexcept {
  return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

/// av-octet: what an attribute's value may hold.
constexpr bool is_attribute_octet(char c) noexcept { return c >= 0x20 && c < 0x7f && c != ';'; }

inline constexpr std::int64_t kFirstCookieDate = -11644473600;  // 1601-01-01 (RFC 6265bis §5.1.1)

constexpr bool is_domain_octet(char c) noexcept {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

template <class Predicate>
bool all_are(std::string_view text, Predicate predicate) noexcept {
  for (const char c : text)
    if (!predicate(c)) return false;
  return true;
}

[[noreturn]] WEIR_COLD WEIR_INLINE void refuse_cookie(std::string_view name, const char* why) {
  std::string message = "cookie \"";
  message += name;
  message += "\": ";
  message += why;
  throw std::invalid_argument(message);
}

/// Empty, or labels of which none is; browsers ignore a dot in front (RFC 6265 §5.2.3).
WEIR_INLINE bool is_cookie_domain(std::string_view domain) noexcept {
  if (domain.empty()) return true;
  if (domain.front() == '.') domain.remove_prefix(1);
  return !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
         domain.find("..") == std::string_view::npos && all_are(domain, is_domain_octet);
}

WEIR_INLINE void check_cookie(const SetCookie& cookie) {
  const std::string_view name = cookie.name;
  // Browsers know the prefixes whatever the case, since CVE-2022-2860.
  const auto has_prefix = [name](std::string_view prefix) {
    return equals_ignoring_case(name.substr(0, prefix.size()), prefix);
  };
  if (!is_token(name)) refuse_cookie("", "its name is no token");
  if (!all_are(cookie.value, is_cookie_octet))
    refuse_cookie(name, "its value has a byte that no cookie may hold");
  if (!all_are(cookie.path, is_attribute_octet) ||
      (!cookie.path.empty() && cookie.path.front() != '/'))
    refuse_cookie(name, "its path does not begin with '/' or has a byte that it may not hold");
  if (!is_cookie_domain(cookie.domain)) refuse_cookie(name, "its domain is no host name");
  if (name.size() + cookie.value.size() > kMaxCookieSize)
    refuse_cookie(name, "name and value have more than 4096 bytes, browsers drop it");
  if (cookie.path.size() > kMaxCookieAttribute || cookie.domain.size() > kMaxCookieAttribute)
    refuse_cookie(name, "its path or domain has more than 1024 bytes, browsers ignore it");
  if (has_prefix("__Secure-") && !cookie.secure) refuse_cookie(name, "this name needs Secure");
  if (has_prefix("__Host-") && (!cookie.secure || cookie.path != "/" || !cookie.domain.empty()))
    refuse_cookie(name, "this name needs Secure, the path \"/\" and no domain");
  if ((has_prefix("__Http-") && !(cookie.secure && cookie.http_only)) ||
      (has_prefix("__Host-Http-") && !cookie.http_only))
    refuse_cookie(name, "this name needs Secure and HttpOnly");
  if (cookie.same_site == SameSite::none && !cookie.secure)
    refuse_cookie(name, "SameSite=None needs Secure");
  if (cookie.partitioned && !cookie.secure) refuse_cookie(name, "Partitioned needs Secure");
  if (cookie.expires && (*cookie.expires < kFirstCookieDate || *cookie.expires > kLastDate))
    refuse_cookie(name, "it expires before 1601 or after 9999, which browsers cannot read");
}

}  // namespace detail

WEIR_INLINE void SetCookie::append_to(std::string& out) const {
  detail::check_cookie(*this);
  out += name;
  out += '=';
  out += value;
  if (!path.empty()) out.append("; Path=").append(path);
  if (!domain.empty()) out.append("; Domain=").append(domain);
  if (max_age) out.append("; Max-Age=").append(std::to_string(max_age->count()));
  if (expires) out.append("; Expires=").append(format_date(*expires));
  if (secure) out += "; Secure";
  if (http_only) out += "; HttpOnly";
  switch (same_site) {
    case SameSite::unset:
      break;
    case SameSite::lax:
      out += "; SameSite=Lax";
      break;
    case SameSite::strict:
      out += "; SameSite=Strict";
      break;
    case SameSite::none:
      out += "; SameSite=None";
      break;
  }
  if (partitioned) out += "; Partitioned";
}

WEIR_INLINE std::string SetCookie::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace http
WEIR_END_NAMESPACE
