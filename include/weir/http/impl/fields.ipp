// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/fields.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// Where the next `stop` outside of quoted strings is, or text.size().
WEIR_INLINE std::size_t find_unquoted(std::string_view text, char stop) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;  // quoted-pair: what follows is text, a quote too
      else if (c == '"')
        quoted = false;
    } else if (c == stop) {
      return i;
    } else if (c == '"') {
      quoted = true;
    }
  }
  return text.size();
}

WEIR_INLINE std::string_view next_member(std::string_view& list) noexcept {
  const std::size_t comma = list.find(',');
  const std::string_view member = trim(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return member;
}

/// Cuts the piece before the next unquoted `stop` off the front of `rest`, trimmed.
WEIR_INLINE std::string_view cut_piece(std::string_view& rest, char stop) noexcept {
  const std::size_t end = find_unquoted(rest, stop);
  const std::string_view piece = trim(rest.substr(0, end));
  rest.remove_prefix(end < rest.size() ? end + 1 : end);
  return piece;
}

}  // namespace detail

WEIR_INLINE void ListView::iterator::advance() noexcept {
  element_ = {};
  while (element_.empty() && !rest_.empty()) element_ = detail::cut_piece(rest_, ',');
}

WEIR_INLINE bool list_contains(std::string_view list, std::string_view token) noexcept {
  for (const std::string_view element : ListView(list))
    if (equals_ignoring_case(element, token)) return true;
  return false;
}

WEIR_INLINE std::optional<std::string_view> parameter(std::string_view value,
                                                      std::string_view name) noexcept {
  detail::cut_piece(value, ';');
  while (!value.empty()) {
    const std::string_view item = detail::cut_piece(value, ';');
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || !equals_ignoring_case(item.substr(0, equals), name))
      continue;
    std::string_view found = item.substr(equals + 1);
    if (found.size() >= 2 && found.front() == '"' && found.back() == '"')
      found = found.substr(1, found.size() - 2);
    return found;
  }
  return std::nullopt;
}

WEIR_INLINE std::optional<std::uint16_t> parse_weight(std::string_view text) noexcept {
  // qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  unsigned thousandths = text[0] == '1' ? 1000 : 0;
  unsigned place = 100;
  for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
    if (!is_digit(text[i])) return std::nullopt;
    thousandths += static_cast<unsigned>(text[i] - '0') * place;
  }
  if (thousandths > 1000) return std::nullopt;
  return static_cast<std::uint16_t>(thousandths);
}

WEIR_INLINE Weighted split_weight(std::string_view element) noexcept {
  std::string_view rest = element;
  detail::cut_piece(rest, ';');
  while (!rest.empty()) {
    const char* const start = rest.data();
    const std::string_view item = detail::cut_piece(rest, ';');
    if (item.size() < 2 || to_lower(item[0]) != 'q' || item[1] != '=') continue;
    // What follows a weight is an extension that RFC 9110 §12.5.1 has done away with.
    const auto before = static_cast<std::size_t>(start - element.data()) - 1;
    return {trim(element.substr(0, before)), parse_weight(item.substr(2)).value_or(0)};
  }
  return {trim(element), 1000};
}

}  // namespace http
WEIR_END_NAMESPACE
