// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <weir/http/chars.hpp>
#include <weir/http/fields.hpp>
#include <weir/http/host.hpp>
#include <weir/http/request_head.hpp>
#include <weir/http/scan.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE std::string_view RequestHead::header(std::string_view wanted) const noexcept {
  const KnownField known = known_field_from(wanted);
  if (known != KnownField::none) return header(known);
  for (std::size_t i = 0; i < field_count; ++i)
    if (fields[i].id == KnownField::none && equals_ignoring_case(name(i), wanted)) return value(i);
  return {};
}

WEIR_INLINE void RequestHead::clear() noexcept {
  field_count = 0;
  present = 0;
  repeated = 0;
  content_length = 0;
  method_text = {};
  target = {};
  plain_path = 0;
  size = 0;
  method = Method::unknown;
  minor_version = 1;
  framing = Framing::none;
  keep_alive = false;
  expect_continue = false;
  expect_unknown = false;
  has_host = false;
  wants_upgrade = false;
}

namespace detail {

/// Content-Length = 1*DIGIT (RFC 9110 §8.6), on one line.
///
/// RFC 9110 lets a recipient take a repeated or listed length when all are equal. We do not:
/// whoever sends two lengths has been through something that adds fields, and the next hop may read
/// the other.
WEIR_INLINE ParseError interpret_length(RequestHead& head) noexcept {
  if (head.is_repeated(KnownField::content_length)) return ParseError::repeated_content_length;
  const std::string_view text = head.header(KnownField::content_length);
  if (text.empty()) return ParseError::bad_content_length;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return ParseError::bad_content_length;
    value = value * 10 + hex_value(c);  // may wrap: looked at for up to 19 digits only
  }
  // 19 digits fit in 64 bits. Longer ones are too large or padded with zeros for somebody's
  // overflow.
  if (text.size() > 19 ||
      value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return ParseError::content_length_overflow;
  head.framing = RequestHead::Framing::length;
  head.content_length = value;
  return ParseError::none;
}

/// Why a Transfer-Encoding that is not plainly "chunked" is refused (RFC 9112 §6.1, §7).
WEIR_COLD WEIR_INLINE ParseError refused_encoding(std::string_view list) noexcept {
  do {
    const bool is_last = list.find(',') == std::string_view::npos;
    const std::string_view member = next_member(list);
    const std::size_t semicolon = member.find(';');
    const std::string_view coding = trim(member.substr(0, semicolon));
    if (!is_token(coding)) return ParseError::bad_transfer_encoding;
    if (equals_ignoring_case(coding, "chunked") &&
        (!is_last || semicolon != std::string_view::npos))
      return ParseError::bad_transfer_encoding;
    if (!is_last && list.empty()) return ParseError::bad_transfer_encoding;  // "gzip,"
  } while (!list.empty());
  return ParseError::unknown_transfer_encoding;
}

/// Exactly one "chunked" on one line, and no Content-Length beside it (RFC 9112 §6.3).
WEIR_INLINE ParseError interpret_encoding(RequestHead& head) noexcept {
  // §6.1: an HTTP/1.0 sender does not know the coding, so somebody in between wrote or kept it.
  if (head.minor_version == 0) return ParseError::encoding_in_http_1_0;
  if (head.has(KnownField::content_length)) return ParseError::length_and_encoding;
  if (head.is_repeated(KnownField::transfer_encoding)) return ParseError::bad_transfer_encoding;
  const std::string_view value = head.header(KnownField::transfer_encoding);
  if (!equals_ignoring_case(value, "chunked")) return refused_encoding(value);
  head.framing = RequestHead::Framing::chunked;
  return ParseError::none;
}

/// What the members of Connection ask for. Those that are no options of ours are left alone.
struct ConnectionOptions {
  bool close = false;
  bool keep_alive = false;
  bool upgrade = false;
};

WEIR_INLINE void add_options(std::string_view list, ConnectionOptions& options) noexcept {
  if (list == "keep-alive") {  // what most clients send
    options.keep_alive = true;
    return;
  }
  while (!list.empty()) {
    const std::string_view member = next_member(list);
    if (equals_ignoring_case(member, "close")) options.close = true;
    if (equals_ignoring_case(member, "keep-alive")) options.keep_alive = true;
    if (equals_ignoring_case(member, "upgrade")) options.upgrade = true;
  }
}

WEIR_COLD WEIR_INLINE void add_all_options(const RequestHead& head,
                                           ConnectionOptions& options) noexcept {
  for (const std::string_view line : FieldValues(head, KnownField::connection))
    add_options(line, options);
}

WEIR_INLINE void interpret_connection(RequestHead& head) noexcept {
  ConnectionOptions options;
  if (WEIR_LIKELY(!head.is_repeated(KnownField::connection))) {
    add_options(head.header(KnownField::connection), options);
  } else {
    add_all_options(head, options);
  }
  head.keep_alive = !options.close && (head.minor_version != 0 || options.keep_alive);
  // HTTP/1.0 knows no Upgrade (RFC 9110 §7.8).
  head.wants_upgrade =
      options.upgrade && head.minor_version != 0 && !head.header(KnownField::upgrade).empty();
}

/// "100-continue" alone, on one line, is understood (RFC 9110 §10.1.1).
WEIR_INLINE void interpret_expect(RequestHead& head) noexcept {
  if (head.minor_version == 0) return;  // to be ignored from such a client
  head.expect_continue = !head.is_repeated(KnownField::expect) &&
                         equals_ignoring_case(head.header(KnownField::expect), "100-continue");
  head.expect_unknown = !head.expect_continue;
}

/// Exactly one Host in HTTP/1.1, at most one in HTTP/1.0 (RFC 9112 §3.2).
inline ParseError interpret_host(RequestHead& head) noexcept {
  head.has_host = head.has(KnownField::host);
  if (WEIR_UNLIKELY(!head.has_host))
    return head.minor_version == 0 ? ParseError::none : ParseError::missing_host;
  if (WEIR_UNLIKELY(head.is_repeated(KnownField::host))) return ParseError::repeated_host;
  const std::string_view host = head.value(head.first[static_cast<std::size_t>(KnownField::host)]);
  const char* const end = host.data() + host.size();
  const char* const name_end = scan_host_name(head.base, host.data(), end);
  if (WEIR_LIKELY(name_end == end)) return ParseError::none;
  if (*name_end == ':' && name_end != host.data() &&
      is_port({name_end + 1, static_cast<std::size_t>(end - name_end - 1)}))
    return ParseError::none;
  return is_host(host) ? ParseError::none : ParseError::bad_host;
}

WEIR_INLINE ParseError interpret_fields(RequestHead& head) noexcept {
  constexpr std::uint64_t kOthers = bit_of(KnownField::transfer_encoding) |
                                    bit_of(KnownField::content_length) |
                                    bit_of(KnownField::connection) | bit_of(KnownField::expect);

  ParseError error = interpret_host(head);
  if (error != ParseError::none) return error;
  head.keep_alive = head.minor_version != 0;
  if ((head.present & kOthers) == 0) return ParseError::none;

  if (head.has(KnownField::connection)) interpret_connection(head);
  if (head.has(KnownField::expect)) interpret_expect(head);
  if (head.has(KnownField::transfer_encoding)) return interpret_encoding(head);
  if (head.has(KnownField::content_length)) return interpret_length(head);
  return ParseError::none;
}

}  // namespace detail
}  // namespace http
WEIR_END_NAMESPACE
