// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Character classes of HTTP (RFC 9110 §5.6, RFC 3986 §2) and comparison without regard to case.
///
/// Everything is constexpr and knows ASCII alone: no locale has a say in a protocol.
///
/// Thread: any.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// The classes a byte may belong to; a table entry is their union.
namespace char_class {
inline constexpr std::uint8_t token = 1;         ///< tchar (RFC 9110 §5.6.2)
inline constexpr std::uint8_t target = 2;        ///< allowed in a request-target, see is_target()
inline constexpr std::uint8_t value = 4;         ///< allowed in a field value, HTAB and SP included
inline constexpr std::uint8_t digit = 8;         ///< DIGIT
inline constexpr std::uint8_t hex = 16;          ///< HEXDIG in either case
inline constexpr std::uint8_t reg_name = 32;     ///< reg-name but "%" (RFC 3986 §3.2.2)
inline constexpr std::uint8_t quoted_text = 64;  ///< qdtext (RFC 9110 §5.6.4)
inline constexpr std::uint8_t alpha = 128;       ///< ALPHA
}  // namespace char_class

namespace detail {

constexpr bool contains(std::string_view set, unsigned c) noexcept {
  for (const char member : set)
    if (static_cast<unsigned char>(member) == c) return true;
  return false;
}

constexpr std::uint8_t classify(unsigned c) noexcept {
  unsigned classes = 0;
  const bool digit = c >= '0' && c <= '9';
  const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (digit) classes |= char_class::digit;
  if (alpha) classes |= char_class::alpha;
  if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) classes |= char_class::hex;
  if (digit || alpha || contains("!#$%&'*+-.^_`|~", c)) classes |= char_class::token;
  // Unreserved and sub-delims (RFC 3986 §2.2, §2.3).
  if (digit || alpha || contains("-._~!$&'()*+,;=", c)) classes |= char_class::reg_name;
  if (c > 0x20 && c < 0x7f && c != '#') classes |= char_class::target;
  if ((c >= 0x20 && c != 0x7f) || c == '\t') classes |= char_class::value;
  if (((c >= 0x20 && c != 0x7f) || c == '\t') && c != '"' && c != '\\')
    classes |= char_class::quoted_text;
  return static_cast<std::uint8_t>(classes);
}

constexpr std::array<std::uint8_t, 256> make_class_table() noexcept {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = classify(c);
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kClassTable = make_class_table();

constexpr bool is_class(char c, std::uint8_t classes) noexcept {
  return (kClassTable[static_cast<unsigned char>(c)] & classes) != 0;
}

}  // namespace detail

constexpr bool is_token(char c) noexcept { return detail::is_class(c, char_class::token); }

/// Whether a request-target may hold `c`: visible ASCII but "#".
///
/// RFC 3986 also forbids `"<>\^`{|}` unescaped, but real clients send them: curl passes on whatever
/// it is given, browsers leave `\^`{|}` in a query as they are. They delimit nothing in HTTP, so
/// they are data. "#" would start a fragment, which no client sends and which other parsers cut
/// off: two readings of one request, hence refused. So are white space, control and non-ASCII
/// bytes.
constexpr bool is_target(char c) noexcept { return detail::is_class(c, char_class::target); }

/// field-vchar, SP and HTAB (RFC 9110 §5.5); bytes above 0x7f (obs-text) are data.
constexpr bool is_value(char c) noexcept { return detail::is_class(c, char_class::value); }

constexpr bool is_digit(char c) noexcept { return detail::is_class(c, char_class::digit); }
constexpr bool is_alpha(char c) noexcept { return detail::is_class(c, char_class::alpha); }
constexpr bool is_hex(char c) noexcept { return detail::is_class(c, char_class::hex); }
constexpr bool is_reg_name(char c) noexcept { return detail::is_class(c, char_class::reg_name); }
constexpr bool is_quoted_text(char c) noexcept {
  return detail::is_class(c, char_class::quoted_text);
}

/// SP or HTAB: what OWS and BWS are made of (RFC 9110 §5.6.3).
constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

/// The value of a HEXDIG. Only for bytes that is_hex() accepts.
constexpr unsigned hex_value(char c) noexcept {
  const unsigned byte = static_cast<unsigned char>(c);
  return byte <= '9' ? byte - '0' : (byte | 0x20u) - 'a' + 10;
}

/// ASCII letters in lower case, every other byte as it is.
constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Whether `a` and `b` are the same but for the case of ASCII letters.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

/// Whether `text` is one or more tchar.
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_token(c)) return false;
  return !text.empty();
}

/// `text` without the SP and HTAB around it.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace http
WEIR_END_NAMESPACE
