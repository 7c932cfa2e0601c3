// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <weir/http/percent.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

constexpr bool is_unreserved(char c) noexcept {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// pchar but "%" (RFC 3986 §3.3), and the '/' between segments.
constexpr bool is_path(char c) noexcept {
  return is_reg_name(c) || c == ':' || c == '@' || c == '/';
}

WEIR_INLINE void put_escape(char c, std::string& out) {
  constexpr char kHex[] = "0123456789ABCDEF";  // RFC 3986 §2.1: upper case is the normal form
  const auto byte = static_cast<unsigned char>(c);
  const char escape[] = {'%', kHex[byte >> 4], kHex[byte & 15]};
  out.append(escape, sizeof escape);
}

}  // namespace detail

WEIR_INLINE bool percent_decode(std::string_view text, std::string& out) {
  const std::size_t before = out.size();
  while (!text.empty()) {
    const std::size_t plain = text.find('%');
    out.append(text.substr(0, plain));
    if (plain == std::string_view::npos) break;
    text.remove_prefix(plain);
    const int octet = percent_octet(text);
    if (octet < 0) {
      out.resize(before);
      return false;
    }
    out += static_cast<char>(octet);
    text.remove_prefix(3);
  }
  return true;
}

WEIR_INLINE void percent_encode(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (detail::is_unreserved(c))
      out += c;
    else
      detail::put_escape(c, out);
  }
}

WEIR_INLINE std::string percent_encode(std::string_view text) {
  std::string out;
  percent_encode(text, out);
  return out;
}

WEIR_INLINE void percent_encode_path(std::string_view path, std::string& out) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool host = i == 1 && path[0] == '/' && path[1] == '/';
    if (detail::is_path(path[i]) && !host)
      out += path[i];
    else
      detail::put_escape(path[i], out);
  }
}

WEIR_INLINE std::string percent_encode_path(std::string_view path) {
  std::string out;
  percent_encode_path(path, out);
  return out;
}

WEIR_INLINE std::size_t utf8_size(std::string_view text) noexcept {
  // RFC 3629 §4. Only the second byte of a sequence has a range that depends on the first.
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (first == 0xE0) low = 0xA0;   // else overlong
  if (first == 0xED) high = 0x9F;  // else a surrogate
  if (first == 0xF0) low = 0x90;   // else overlong
  if (first == 0xF4) high = 0x8F;  // else above U+10FFFF
  for (std::size_t i = 1; i < size; ++i, low = 0x80, high = 0xBF)
    if (byte(i) < low || byte(i) > high) return 0;
  return size;
}

WEIR_INLINE bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace http
WEIR_END_NAMESPACE
