// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstring>
#include <weir/http/chars.hpp>
#include <weir/http/host.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/target.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

// Eight bytes in a word. All tests are exact: no byte disturbs its neighbour.
inline constexpr std::uint64_t kEachOne = 0x0101010101010101;
inline constexpr std::uint64_t kEachHigh = 0x8080808080808080;
inline constexpr std::uint64_t kEachLow = 0x7F7F7F7F7F7F7F7F;

WEIR_INLINE std::uint64_t load_word(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// The high bit of each byte of `word` that is `c`.
constexpr std::uint64_t bytes_equal(std::uint64_t word, char c) noexcept {
  const std::uint64_t other = word ^ (kEachOne * static_cast<unsigned char>(c));
  return ~(((other & kEachLow) + kEachLow) | other | kEachLow);
}

/// The high bit of each byte of `word` that is_target() refuses.
constexpr std::uint64_t bytes_refused(std::uint64_t word) noexcept {
  const std::uint64_t low = word & kEachLow;
  const std::uint64_t at_most_space = ~(low + kEachOne * (0x80 - 0x21));
  const std::uint64_t at_least_del = (low + kEachOne) | word;
  return ((at_most_space | at_least_del) & kEachHigh) | bytes_equal(word, '#');
}

/// Whether is_target() holds for all of `text`.
WEIR_INLINE bool all_target(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; end - at >= 8; at += 8)
    if (bytes_refused(load_word(at)) != 0) return false;
  for (; at != end; ++at)
    if (!is_target(*at)) return false;
  return true;
}

/// Whether `path`, which begins with '/', is its own routed form: no escape, no "/.", no bad byte.
WEIR_INLINE bool is_plain_path(std::string_view path) noexcept {
  const char* at = path.data() + 1;
  const char* const end = path.data() + path.size();
  for (; end - at >= 8; at += 8) {
    const std::uint64_t word = load_word(at);
    const std::uint64_t dotted = bytes_equal(word, '.') & bytes_equal(load_word(at - 1), '/');
    if ((bytes_refused(word) | bytes_equal(word, '%') | dotted) != 0) return false;
  }
  for (; at != end; ++at)
    if (!is_target(*at) || *at == '%' || (*at == '.' && at[-1] == '/')) return false;
  return true;
}

WEIR_COLD WEIR_INLINE TargetError bad_byte(std::string_view text) noexcept {
  for (const char c : text) {
    if (c == '#') return TargetError::fragment;
    if (!is_target(c)) return TargetError::bad_character;
  }
  return TargetError::none;
}

/// An authority with a host that is not empty (RFC 9110 §4.2.1).
WEIR_INLINE bool is_authority(std::string_view text, bool needs_port) noexcept {
  if (text.empty() || text[0] == ':' || !is_host(text)) return false;
  if (!needs_port) return true;
  return text.rfind(':') != std::string_view::npos && is_digit(text.back());
}

/// Removes a scheme that we serve and its "://" from the front of `text`.
WEIR_INLINE TargetError take_scheme(std::string_view& text) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_alpha(text[0])) return TargetError::bad_form;
  if (text.substr(colon, 3) != "://") return TargetError::bad_form;
  const std::string_view scheme = text.substr(0, colon);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))
    return TargetError::bad_scheme;
  text.remove_prefix(colon + 3);
  return TargetError::none;
}

/// Decodes one segment behind `out`. What stands there afterwards on an error means nothing.
WEIR_INLINE TargetError decode_segment(std::string_view segment, std::string& out) {
  const std::size_t start = out.size();
  bool has_high = false;
  while (!segment.empty()) {
    const std::size_t plain = segment.find('%');
    out.append(segment.substr(0, plain));
    if (plain == std::string_view::npos) break;
    segment.remove_prefix(plain);
    const int octet = percent_octet(segment);
    if (octet < 0) return TargetError::bad_escape;
    if (octet == 0) return TargetError::encoded_nul;
    has_high = has_high || octet >= 0x80;
    out += octet == '/' ? kEncodedSlash : static_cast<char>(octet);
    segment.remove_prefix(3);
  }
  if (has_high && !is_utf8(std::string_view(out).substr(start))) return TargetError::bad_utf8;
  return TargetError::none;
}

/// normalise_path() for what is not plain.
WEIR_COLD WEIR_INLINE TargetError decode_path(std::string_view raw, std::string& out) {
  const TargetError bad = bad_byte(raw);
  if (bad != TargetError::none) return bad;
  out.clear();
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t slash = raw.find('/', at + 1);
    const bool last = slash == std::string_view::npos;
    const std::size_t next = last ? raw.size() : slash;
    const std::size_t start = out.size();
    out += '/';
    const TargetError error = decode_segment(raw.substr(at + 1, next - at - 1), out);
    if (error != TargetError::none) return error;
    at = next;

    const std::string_view segment = std::string_view(out).substr(start + 1);
    if (segment == ".") {
      out.resize(last ? start + 1 : start);
    } else if (segment == "..") {
      if (start == 0) return TargetError::above_root;
      const std::size_t parent = out.rfind('/', start - 1);  // data is never '/': it is marked
      out.resize(last ? parent + 1 : parent);
    }
  }
  return TargetError::none;
}

}  // namespace detail

WEIR_INLINE Status status_of(TargetError error) noexcept {
  return error == TargetError::none ? Status::ok : Status::bad_request;
}

WEIR_INLINE std::string_view message_of(TargetError error) noexcept {
  switch (error) {
    case TargetError::none:
      return "no error";
    case TargetError::empty:
      return "empty request target";
    case TargetError::bad_form:
      return "request target of a form that the method does not have";
    case TargetError::bad_character:
      return "byte in the request target that has to be escaped";
    case TargetError::fragment:
      return "fragment in the request target";
    case TargetError::bad_scheme:
      return "scheme other than http and https in the request target";
    case TargetError::bad_authority:
      return "malformed authority in the request target";
    case TargetError::bad_escape:
      return "'%' without two hex digits in the path";
    case TargetError::encoded_nul:
      return "NUL in the path";
    case TargetError::bad_utf8:
      return "path that is not UTF-8";
    case TargetError::above_root:
      return "path that climbs above the root";
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE TargetError split(std::string_view target, Method method, Target& out) noexcept {
  if (WEIR_UNLIKELY(target.empty())) return TargetError::empty;
  if (WEIR_UNLIKELY(!detail::all_target(target))) return detail::bad_byte(target);
  out = Target();
  if (WEIR_UNLIKELY(method == Method::connect)) {
    if (!detail::is_authority(target, true)) return TargetError::bad_authority;
    out.form = Target::Form::authority;
    out.authority = target;
    return TargetError::none;
  }
  if (WEIR_UNLIKELY(target[0] != '/')) {
    if (target == "*") {
      if (method != Method::options) return TargetError::bad_form;
      out.form = Target::Form::asterisk;
      out.path = target;
      return TargetError::none;
    }
    const TargetError error = detail::take_scheme(target);
    if (error != TargetError::none) return error;
    const std::size_t end = target.find_first_of("/?");
    out.form = Target::Form::absolute;
    out.authority = target.substr(0, end);
    if (!detail::is_authority(out.authority, false)) return TargetError::bad_authority;
    target = end == std::string_view::npos ? std::string_view() : target.substr(end);
  }
  const std::size_t question = target.find('?');
  out.path = target.substr(0, question);
  if (question != std::string_view::npos) {
    out.has_query = true;
    out.query = target.substr(question + 1);
  }
  if (out.path.empty()) out.path = "/";
  return TargetError::none;
}

WEIR_INLINE TargetError normalise_path(std::string_view raw, std::string& scratch,
                                       RoutedPath& out) {
  if (WEIR_UNLIKELY(raw.empty())) return TargetError::empty;
  if (WEIR_UNLIKELY(raw[0] != '/') && raw != "*") return TargetError::bad_form;
  out.has_encoded_slash = false;
  if (WEIR_LIKELY(detail::is_plain_path(raw))) {
    out.text = raw;
    return TargetError::none;
  }
  const TargetError error = detail::decode_path(raw, scratch);
  if (error != TargetError::none) return error;
  out.text = scratch;
  out.has_encoded_slash = out.text.find(kEncodedSlash) != std::string_view::npos;
  return TargetError::none;
}

WEIR_INLINE std::string_view expand_path(std::string_view routed, std::string& out) {
  std::size_t mark = routed.find(kEncodedSlash);
  if (mark == std::string_view::npos) return routed;
  out.clear();
  while (mark != std::string_view::npos) {
    out.append(routed.substr(0, mark)).append("%2F");
    routed.remove_prefix(mark + 1);
    mark = routed.find(kEncodedSlash);
  }
  out.append(routed);
  return out;
}

WEIR_INLINE std::string_view param_value(std::string_view routed, std::string& out) {
  if (routed.find(kEncodedSlash) == std::string_view::npos) return routed;
  out.assign(routed);
  for (char& c : out)
    if (c == kEncodedSlash) c = '/';
  return out;
}

}  // namespace http
WEIR_END_NAMESPACE
