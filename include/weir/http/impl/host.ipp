// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <weir/http/chars.hpp>
#include <weir/http/host.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {
namespace detail {

WEIR_INLINE bool is_dec_octet(std::string_view text) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + hex_value(c);
  }
  return value <= 255;
}

WEIR_INLINE bool is_port(std::string_view text) noexcept {
  if (text.size() > 5) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + hex_value(c);
  }
  return value <= 65535;
}

/// *( unreserved / pct-encoded / sub-delims ), up to the end or a colon. The length of it, or npos.
WEIR_INLINE std::size_t reg_name_size(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    if (WEIR_LIKELY(is_reg_name(text[i]))) {
      ++i;
    } else if (text[i] == '%' && text.size() - i > 2 && is_hex(text[i + 1]) &&
               is_hex(text[i + 2])) {
      i += 3;
    } else {
      return text[i] == ':' ? i : std::string_view::npos;
    }
  }
  return i;
}

}  // namespace detail

WEIR_INLINE bool is_ipv4(std::string_view text) noexcept {
  for (int octet = 0; octet < 3; ++octet) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || !detail::is_dec_octet(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return detail::is_dec_octet(text);
}

WEIR_INLINE bool is_ipv6(std::string_view text) noexcept {
  unsigned groups = 0;  // of 16 bits, at most eight
  bool gap = false;     // "::" stands for one group at least, and only once
  if (text.substr(0, 2) == "::") {
    gap = true;
    text.remove_prefix(2);
    if (text.empty()) return true;
  }
  for (;;) {
    std::size_t digits = 0;
    while (digits < text.size() && is_hex(text[digits])) ++digits;
    if (digits < text.size() && text[digits] == '.') {  // the last 32 bits as an IPv4 address
      groups += 2;
      return is_ipv4(text) && (gap ? groups < 8 : groups == 8);
    }
    if (digits == 0 || digits > 4 || ++groups > 8) return false;
    text.remove_prefix(digits);
    if (text.empty()) return gap ? groups < 8 : groups == 8;
    if (text.front() != ':') return false;
    text.remove_prefix(1);
    if (!text.empty() && text.front() == ':') {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
      if (text.empty()) return groups < 8;
    }
  }
}

WEIR_INLINE bool is_host(std::string_view text) noexcept {
  if (text.empty()) return true;
  std::size_t size = 0;
  if (WEIR_UNLIKELY(text.front() == '[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1))) return false;
    size = close + 1;
  } else {
    size = detail::reg_name_size(text);
    if (size == 0 || size == std::string_view::npos) return false;
  }
  if (size == text.size()) return true;
  return text[size] == ':' && detail::is_port(text.substr(size + 1));
}

}  // namespace http
WEIR_END_NAMESPACE
