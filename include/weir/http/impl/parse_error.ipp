// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/parse_error.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE Status status_of(ParseError error) noexcept {
  switch (error) {
    case ParseError::none:
      return Status::ok;

    case ParseError::too_many_empty_lines:
    case ParseError::bad_method:
    case ParseError::bad_target:
    case ParseError::bad_target_form:
    case ParseError::missing_version:
    case ParseError::bad_version:
    case ParseError::bare_cr:
    case ParseError::bare_lf:
    case ParseError::space_before_first_field:
    case ParseError::obs_fold:
    case ParseError::empty_name:
    case ParseError::space_before_colon:
    case ParseError::missing_colon:
    case ParseError::bad_name:
    case ParseError::nul_in_value:
    case ParseError::bad_value:
    case ParseError::missing_host:
    case ParseError::repeated_host:
    case ParseError::bad_host:
    case ParseError::bad_content_length:
    case ParseError::content_length_overflow:
    case ParseError::repeated_content_length:
    case ParseError::length_and_encoding:
    case ParseError::encoding_in_http_1_0:
    case ParseError::bad_transfer_encoding:
    case ParseError::bad_chunk_size:
    case ParseError::chunk_size_overflow:
    case ParseError::bad_chunk_extension:
    case ParseError::chunk_extensions_too_long:
    case ParseError::bad_chunk_end:
      return Status::bad_request;

    case ParseError::body_too_large:
      return Status::content_too_large;
    case ParseError::request_line_too_long:
      return Status::uri_too_long;

    case ParseError::field_too_long:
    case ParseError::fields_too_long:
    case ParseError::too_many_fields:
    case ParseError::trailers_too_long:
      return Status::request_header_fields_too_large;

    case ParseError::connect_refused:
    case ParseError::unknown_transfer_encoding:
      return Status::not_implemented;

    case ParseError::unsupported_version:
    case ParseError::http2_preface:
      return Status::http_version_not_supported;
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE std::string_view message_of(ParseError error) noexcept {
  switch (error) {
    case ParseError::none:
      return "no error";
    case ParseError::too_many_empty_lines:
      return "too many empty lines before the request line";
    case ParseError::bad_method:
      return "the method is not a token";
    case ParseError::connect_refused:
      return "CONNECT is not served";
    case ParseError::bad_target:
      return "the request target is empty or has a forbidden byte";
    case ParseError::bad_target_form:
      return "the request target has no form that is served";
    case ParseError::missing_version:
      return "the request line has no version";
    case ParseError::bad_version:
      return "the version is malformed";
    case ParseError::unsupported_version:
      return "the major version is not 1";
    case ParseError::http2_preface:
      return "HTTP/2 preface on an HTTP/1 connection";
    case ParseError::request_line_too_long:
      return "the request line is too long";
    case ParseError::bare_cr:
      return "CR without LF";
    case ParseError::bare_lf:
      return "LF without CR";
    case ParseError::space_before_first_field:
      return "white space after the request line";
    case ParseError::obs_fold:
      return "a folded field line";
    case ParseError::empty_name:
      return "a field without a name";
    case ParseError::space_before_colon:
      return "white space between field name and colon";
    case ParseError::missing_colon:
      return "a field line without a colon";
    case ParseError::bad_name:
      return "a field name is not a token";
    case ParseError::nul_in_value:
      return "a zero byte in a field value";
    case ParseError::bad_value:
      return "a control byte in a field value";
    case ParseError::field_too_long:
      return "a field is too long";
    case ParseError::fields_too_long:
      return "the fields are too long together";
    case ParseError::too_many_fields:
      return "too many fields";
    case ParseError::missing_host:
      return "no Host field";
    case ParseError::repeated_host:
      return "more than one Host field";
    case ParseError::bad_host:
      return "the Host field is malformed";
    case ParseError::bad_content_length:
      return "Content-Length is not a number";
    case ParseError::content_length_overflow:
      return "Content-Length is too large";
    case ParseError::repeated_content_length:
      return "more than one Content-Length field";
    case ParseError::length_and_encoding:
      return "both Content-Length and Transfer-Encoding";
    case ParseError::encoding_in_http_1_0:
      return "Transfer-Encoding in an HTTP/1.0 request";
    case ParseError::bad_transfer_encoding:
      return "Transfer-Encoding is malformed";
    case ParseError::unknown_transfer_encoding:
      return "a transfer coding other than chunked";
    case ParseError::bad_chunk_size:
      return "a chunk size is malformed";
    case ParseError::chunk_size_overflow:
      return "a chunk size is too large";
    case ParseError::bad_chunk_extension:
      return "a chunk extension is malformed";
    case ParseError::chunk_extensions_too_long:
      return "the chunk extensions are too long";
    case ParseError::bad_chunk_end:
      return "no line end after a chunk";
    case ParseError::trailers_too_long:
      return "the trailer fields are too long";
    case ParseError::body_too_large:
      return "the body is too large";
  }
  WEIR_UNREACHABLE();
}

}  // namespace http
WEIR_END_NAMESPACE
