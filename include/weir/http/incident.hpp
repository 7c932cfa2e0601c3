// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a session met that it had to refuse or to end: one entry for each limit and time-out of it.
///
/// Thread: any.
#include <cstdint>
#include <weir/config.hpp>
#include <weir/http/parse_error.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

enum class Incident : std::uint8_t {
  malformed,                  ///< a rule of the syntax or the framing is broken
  request_line_too_long,      ///< Limits::request_line
  field_too_long,             ///< Limits::field
  fields_too_long,            ///< Limits::all_fields
  too_many_fields,            ///< Limits::field_count
  content_too_large,          ///< ContentPlan::limit
  chunk_extensions_too_long,  ///< Limits::chunk_extensions
  trailers_too_long,          ///< Limits::trailers
  expectation_failed,         ///< an expectation other than 100-continue
  first_byte_timeout,         ///< Timeouts::first_byte_ms
  head_timeout,               ///< Timeouts::head_ms
  keep_alive_timeout,         ///< Timeouts::keep_alive_ms
  content_stall,              ///< Timeouts::content_stall_ms
  content_too_slow,           ///< Timeouts::content_min_rate
  max_requests,               ///< SessionContext::max_requests
};

/// The incident that refusing a message for `error` is.
WEIR_API Incident incident_of(ParseError error) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/incident.ipp>
#endif
