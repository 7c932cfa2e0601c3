// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Why a message was refused: one entry for each rule that it may break.
///
/// Every one of them ends the connection: after it nobody knows where the next message starts.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

enum class ParseError : std::uint8_t {
  none,

  // The request line (RFC 9112 §3).
  too_many_empty_lines,  ///< more than kMaxEmptyLines before the request line (§2.2); 400
  bad_method,            ///< no token before the first SP (RFC 9110 §9.1); 400
  connect_refused,       ///< CONNECT: weir is no proxy (RFC 9110 §9.3.6); 501
  bad_target,            ///< empty, or a byte outside visible ASCII, or "#" (§3.2); 400
  bad_target_form,       ///< neither origin-form, nor an http(s) URI, nor OPTIONS with "*"; 400
  missing_version,       ///< the line ends behind the target, as in HTTP/0.9; 400
  bad_version,           ///< not "HTTP/" DIGIT "." DIGIT with a line end behind it (§2.3); 400
  unsupported_version,   ///< a major version other than 1; 505
  http2_preface,  ///< "PRI * HTTP/2.0" on a connection that speaks HTTP/1 (RFC 9113 §3.4); 505
  request_line_too_long,  ///< Limits::request_line; 414

  // Line ends and field lines (RFC 9112 §2.2, §5).
  bare_cr,                   ///< CR without LF; 400
  bare_lf,                   ///< LF without CR while Limits::allow_bare_lf is off; 400
  space_before_first_field,  ///< white space after the request line (§2.2); 400
  obs_fold,                  ///< a line that goes on on the next one (§5.2); 400
  empty_name,                ///< a field line that starts with ":"; 400
  space_before_colon,        ///< white space between name and colon (§5.1); 400
  missing_colon,             ///< a line that ends within the name; 400
  bad_name,                  ///< a byte that is no tchar (RFC 9110 §5.1); 400
  nul_in_value,              ///< a zero byte (RFC 9110 §5.5); 400
  bad_value,                 ///< a control byte other than HTAB (RFC 9110 §5.5); 400
  field_too_long,            ///< Limits::field; 431 (RFC 6585 §5)
  fields_too_long,           ///< Limits::all_fields; 431
  too_many_fields,           ///< Limits::field_count or the index is full; 431

  // What the fields mean (RFC 9112 §3.2, §6).
  missing_host,             ///< HTTP/1.1 without Host; 400
  repeated_host,            ///< more than one Host line; 400
  bad_host,                 ///< not uri-host [ ":" port ] (RFC 9110 §7.2); 400
  bad_content_length,       ///< not 1*DIGIT: a sign, a list, white space, nothing; 400
  content_length_overflow,  ///< above 2^63-1; 400
  repeated_content_length,  ///< more than one Content-Length line, equal or not; 400
  length_and_encoding,      ///< both Content-Length and Transfer-Encoding (§6.3); 400
  encoding_in_http_1_0,     ///< Transfer-Encoding in an HTTP/1.0 request (§6.1); 400
  bad_transfer_encoding,    ///< chunked repeated, not last or with parameters; no list at all; 400
  unknown_transfer_encoding,  ///< a coding other than chunked (§6.1); 501

  // Chunked content (RFC 9112 §7.1).
  bad_chunk_size,             ///< no HEXDIG where a size must be, or junk behind it; 400
  chunk_size_overflow,        ///< more than 16 digits, or above 2^63-1; 400
  bad_chunk_extension,        ///< not *( ";" name [ "=" value ] ) (§7.1.1); 400
  chunk_extensions_too_long,  ///< Limits::chunk_extensions; 400
  bad_chunk_end,              ///< something else than CRLF behind the chunk's data; 400
  trailers_too_long,          ///< Limits::trailers; 431

  body_too_large,  ///< Limits::body; 413. Raised by who collects the body
};

inline constexpr std::size_t kParseErrorCount =
    static_cast<std::size_t>(ParseError::body_too_large) + 1;

/// The status that answers `error`; Status::ok for ParseError::none.
WEIR_API Status status_of(ParseError error) noexcept;

/// A short English clause for logs and error answers, "bare LF in the head". It names the rule and
/// quotes nothing of what the peer sent.
WEIR_API std::string_view message_of(ParseError error) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/parse_error.ipp>
#endif
