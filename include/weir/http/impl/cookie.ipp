// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <weir/http/chars.hpp>
#include <weir/http/cookie.hpp>
#include <weir/http/date.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// cookie-octet (RFC 6265 §4.1.1): visible ASCII but quote, comma, semicolon and backslash.
constexpr bool is_cookie_octet(char c) noexcept {
  return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

/// av-octet: what an attribute's value may hold.
constexpr bool is_attribute_octet(char c) noexcept { return c >= 0x20 && c < 0x7f && c != ';'; }

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
  if (!all_are(cookie.domain, is_domain_octet)) refuse_cookie(name, "its domain is no host name");
  if (has_prefix("__Secure-") && !cookie.secure) refuse_cookie(name, "this name needs Secure");
  if (has_prefix("__Host-") && (!cookie.secure || cookie.path != "/" || !cookie.domain.empty()))
    refuse_cookie(name, "this name needs Secure, the path \"/\" and no domain");
  if (cookie.same_site == SameSite::none && !cookie.secure)
    refuse_cookie(name, "SameSite=None needs Secure");
  if (cookie.partitioned && !cookie.secure) refuse_cookie(name, "Partitioned needs Secure");
  if (cookie.expires && (*cookie.expires < kFirstDate || *cookie.expires > kLastDate))
    refuse_cookie(name, "it expires at no date that HTTP can write");
}

}  // namespace detail

WEIR_INLINE void CookieView::iterator::advance() noexcept {
  cookie_ = {};
  while (cookie_.name.empty() && !rest_.empty()) {
    const std::size_t end = rest_.find(';');
    const std::string_view pair = trim(rest_.substr(0, end));
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    cookie_.name = trim(pair.substr(0, equals));
    cookie_.value = trim(pair.substr(equals + 1));
    if (cookie_.value.size() >= 2 && cookie_.value.front() == '"' && cookie_.value.back() == '"')
      cookie_.value = cookie_.value.substr(1, cookie_.value.size() - 2);
  }
}

WEIR_INLINE std::optional<std::string_view> CookieView::get(std::string_view name) const noexcept {
  for (const Cookie& cookie : *this)
    if (cookie.name == name) return cookie.value;
  return std::nullopt;
}

WEIR_INLINE std::string SetCookie::to_string() const {
  detail::check_cookie(*this);
  std::string out = name;
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
  return out;
}

}  // namespace http
WEIR_END_NAMESPACE
