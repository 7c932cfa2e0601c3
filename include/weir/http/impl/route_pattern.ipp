// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <string>
#include <weir/http/chars.hpp>
#include <weir/http/params.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/route_pattern.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_COLD WEIR_INLINE void refuse_pattern(std::string_view pattern, const char* why) {
  std::string message = "route \"";
  message += pattern;
  message += "\": ";
  message += why;
  throw std::invalid_argument(message);
}

namespace detail {

constexpr bool is_name(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_alpha(c) && !is_digit(c) && c != '_' && c != '-') return false;
  return !text.empty();
}

/// What a pattern may be, apart from its parameters.
WEIR_INLINE void check_text(std::string_view pattern) {
  if (pattern.empty()) refuse_pattern(pattern, "a pattern is not empty");
  if (pattern[0] != '/') refuse_pattern(pattern, "a pattern begins with '/'");
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto byte = static_cast<unsigned char>(pattern[i]);
    if (byte < 0x20 || byte == 0x7f) refuse_pattern(pattern, "a control character");
    if (byte == '?' || byte == '#') refuse_pattern(pattern, "a pattern is a path, without a query");
    if (byte == '%' && percent_octet(pattern.substr(i)) >= 0)
      refuse_pattern(pattern, "a pattern is written decoded, without escapes");
    if (byte != '/') continue;
    const std::string_view rest = pattern.substr(i + 1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment == "." || segment == "..")
      refuse_pattern(pattern, "a dot segment, which no path has when it is matched");
  }
  if (!is_utf8(pattern)) refuse_pattern(pattern, "a pattern is UTF-8");
}

}  // namespace detail

WEIR_COLD WEIR_INLINE std::vector<PatternPiece> read_pattern(std::string_view pattern) {
  detail::check_text(pattern);
  std::vector<PatternPiece> pieces;
  std::size_t params = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] == '}') refuse_pattern(pattern, "'}' without '{'");
    if (pattern[at] != '{') {
      std::size_t end = pattern.find_first_of("{}", at);
      if (end == std::string_view::npos) end = pattern.size();
      pieces.push_back({false, ParamType::any, pattern.substr(at, end - at), {}});
      at = end;
      continue;
    }
    const std::size_t close = pattern.find_first_of("{}/", at + 1);
    if (close == std::string_view::npos || pattern[close] != '}')
      refuse_pattern(pattern, "'{' without '}' in the same segment");
    std::string_view name = pattern.substr(at + 1, close - at - 1);
    const std::size_t next = close + 1;
    PatternPiece piece{true, ParamType::any, pattern.substr(next, 0), {}};
    if (name.size() >= 3 && name.substr(name.size() - 3) == "...") {
      name.remove_suffix(3);
      piece.type = ParamType::rest;
      if (next != pattern.size() || pattern[at - 1] != '/')
        refuse_pattern(pattern, "\"...\" is for a parameter that is the whole last segment");
    } else {
      std::size_t end = pattern.find_first_of("{}/", next);
      if (end == std::string_view::npos) end = pattern.size();
      if (end < pattern.size() && pattern[end] == '{')
        refuse_pattern(pattern, "two parameters in one segment");
      piece.text = pattern.substr(next, end - next);
      const std::size_t colon = name.find(':');
      if (colon != std::string_view::npos) {
        const std::string_view type = name.substr(colon + 1);
        if (type == "int")
          piece.type = ParamType::integer;
        else if (type == "uint")
          piece.type = ParamType::uint;
        else
          refuse_pattern(pattern, "a parameter's type is int or uint");
        name = name.substr(0, colon);
      }
    }
    if (!detail::is_name(name))
      refuse_pattern(pattern, "a parameter's name is letters, digits, '_' and '-'");
    for (const PatternPiece& other : pieces)
      if (other.name == name) refuse_pattern(pattern, "two parameters of one name");
    if (++params > Params::kCapacity) refuse_pattern(pattern, "more than 16 parameters");
    piece.name = name;
    pieces.push_back(piece);
    at = next + piece.text.size();
  }
  return pieces;
}

}  // namespace http
WEIR_END_NAMESPACE
