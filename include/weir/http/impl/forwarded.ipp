// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/chars.hpp>
#include <weir/http/forwarded.hpp>
#include <weir/http/host.hpp>
#include <weir/http/media_type.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {
namespace detail {

/// "_" 1*( ALPHA / DIGIT / "." / "_" / "-" ) (RFC 7239 §6.3).
WEIR_INLINE bool is_obfuscated(std::string_view text) noexcept {
  if (text.size() < 2 || text.front() != '_') return false;
  for (const char c : text)
    if (!is_alpha(c) && !is_digit(c) && c != '.' && c != '_' && c != '-') return false;
  return true;
}

/// 1*5DIGIT up to 65535, or an obfuscated port, which is 0.
WEIR_INLINE bool read_node_port(std::string_view text, std::uint16_t& port) noexcept {
  if (is_obfuscated(text)) return true;
  if (text.empty() || text.size() > 5) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + hex_value(c);
  }
  if (value > 65535) return false;
  port = static_cast<std::uint16_t>(value);
  return true;
}

}  // namespace detail

WEIR_INLINE std::optional<ForwardedNode> parse_forwarded_node(std::string_view text) noexcept {
  ForwardedNode node;
  std::string_view rest;  // a colon and the port
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    node.kind = ForwardedNode::Kind::ipv6;
    node.name = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    if (!is_ipv6(node.name)) return std::nullopt;
  } else {
    const std::size_t colon = text.find(':');
    node.name = text.substr(0, colon);
    if (colon != std::string_view::npos) rest = text.substr(colon);
    if (is_ipv4(node.name)) {
      node.kind = ForwardedNode::Kind::ipv4;
    } else if (equals_ignoring_case(node.name, "unknown")) {
      node.kind = ForwardedNode::Kind::unknown;
    } else if (detail::is_obfuscated(node.name)) {
      node.kind = ForwardedNode::Kind::obfuscated;
    } else {
      return std::nullopt;
    }
  }
  if (rest.empty()) return node;
  if (rest.front() != ':' || !detail::read_node_port(rest.substr(1), node.port))
    return std::nullopt;
  return node;
}

WEIR_INLINE std::optional<ForwardedNode> parse_x_forwarded_for(std::string_view member) noexcept {
  if (!is_ipv6(member)) return parse_forwarded_node(member);
  ForwardedNode node;
  node.kind = ForwardedNode::Kind::ipv6;
  node.name = member;
  return node;
}

WEIR_INLINE std::optional<ForwardedElement> parse_forwarded_element(
    std::string_view text) noexcept {
  struct Pair {
    std::string_view name;
    std::string_view value;
    bool has_come;
  };
  Pair pairs[] = {{"for", {}, false}, {"by", {}, false}, {"host", {}, false}, {"proto", {}, false}};
  ParameterReader reader(text, ParameterReader::Ending::strict, ParameterReader::Begin::name);
  for (Parameter parameter; reader.next(parameter);) {
    for (Pair& pair : pairs) {
      if (!equals_ignoring_case(parameter.name, pair.name)) continue;
      if (pair.has_come || parameter.value.find('\\') != std::string_view::npos)
        return std::nullopt;
      pair.has_come = true;
      pair.value = parameter.value;
    }
  }
  if (reader.malformed()) return std::nullopt;

  ForwardedElement element;
  ForwardedNode* const nodes[] = {&element.client, &element.by};
  for (std::size_t i = 0; i < 2; ++i) {
    if (!pairs[i].has_come) continue;
    const std::optional<ForwardedNode> node = parse_forwarded_node(pairs[i].value);
    if (!node) return std::nullopt;
    *nodes[i] = *node;
  }
  element.host = pairs[2].value;
  element.proto = pairs[3].value;
  if (!is_host(element.host)) return std::nullopt;
  // scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 §3.1)
  if (pairs[3].has_come && (element.proto.empty() || !is_alpha(element.proto.front())))
    return std::nullopt;
  for (const char c : element.proto)
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return std::nullopt;
  return element;
}

WEIR_INLINE std::optional<bool> is_secure_scheme(std::string_view scheme) noexcept {
  if (equals_ignoring_case(scheme, "https") || equals_ignoring_case(scheme, "wss")) return true;
  if (equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "ws")) return false;
  return std::nullopt;
}

WEIR_INLINE bool MembersFromEnd::next(std::string_view& member) noexcept {
  while (!is_open_) {
    if (line_ == 0) return false;
    --line_;
    if (head_->fields[line_].id != field_) continue;
    rest_ = head_->value(line_);
    is_open_ = true;
  }
  const std::size_t begin = begin_of_last();
  member = trim(rest_.substr(begin));
  if (begin == 0) {
    is_open_ = false;
  } else {
    rest_ = rest_.substr(0, begin - 1);  // without the comma
  }
  return true;
}

WEIR_INLINE std::size_t MembersFromEnd::begin_of_last() const noexcept {
  const bool has_strings = quotes_ == Quotes::part_strings;
  std::size_t at = rest_.size();
  while (at != 0) {
    const char c = rest_[at - 1];
    if (c == ',') return at;
    --at;
    if (c != '"' || !has_strings) continue;
    // The end of a string: go on in front of the quote that begins it, which is one with an even
    // number of backslashes before it. Inside there are none such.
    for (bool is_begin = false; !is_begin;) {
      if (at == 0) return 0;
      const std::size_t quote = rest_.rfind('"', at - 1);
      if (quote == std::string_view::npos) return 0;
      at = quote;
      while (at != 0 && rest_[at - 1] == '\\') --at;
      is_begin = (quote - at) % 2 == 0;
    }
  }
  return 0;
}

WEIR_INLINE std::string_view last_member(const RequestHead& head, KnownField field) noexcept {
  std::string_view member;
  MembersFromEnd(head, field, MembersFromEnd::Quotes::are_text).next(member);
  return member;
}

}  // namespace http
WEIR_END_NAMESPACE
