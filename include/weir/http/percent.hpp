// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Percent-encoding (RFC 3986 §2.1) and the check for UTF-8 that what was decoded has to pass.
///
/// Decoded text may hold any byte, CR and LF included. It is data: fields refuse such bytes
/// (ResponseHead), and a Location is made with percent_encode_path().
///
/// Thread: any.
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/chars.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// The byte that the escape at the front of `text` stands for, or -1 when it is none. `text` begins
/// with the '%'.
constexpr int percent_octet(std::string_view text) noexcept {
  if (text.size() < 3 || !is_hex(text[1]) || !is_hex(text[2])) return -1;
  return static_cast<int>(hex_value(text[1]) * 16 + hex_value(text[2]));
}

/// Appends `text` with each `%XX` as its byte to `out`. False when a '%' is followed by anything
/// but two hex digits; `out` is then as it was.
WEIR_API bool percent_decode(std::string_view text, std::string& out);

/// Appends `text` with all but unreserved characters (RFC 3986 §2.3) as `%XX`: fit for one path
/// segment, one query name or one query value.
WEIR_API void percent_encode(std::string_view text, std::string& out);
/// The same as a string of its own.
WEIR_API std::string percent_encode(std::string_view text);

/// Appends a decoded path with all that a path cannot hold as `%XX`, '/' kept: fit for a Location.
/// A leading "//" is written "/%2F", or a client would read a host in it (an open redirect). A '%'
/// is text like any other: the "%2F" of a shown path (target.hpp) comes out as "%252F".
WEIR_API void percent_encode_path(std::string_view path, std::string& out);
/// The same as a string of its own.
WEIR_API std::string percent_encode_path(std::string_view path);

/// Bytes of the UTF-8 character that `text`, which is not empty, begins with (RFC 3629); 0 when
/// that is none: an overlong form, a surrogate, above U+10FFFF, or cut off.
WEIR_API std::size_t utf8_size(std::string_view text) noexcept;

/// Whether `text` is well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above
/// U+10FFFF.
WEIR_API bool is_utf8(std::string_view text) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/percent.ipp>
#endif
