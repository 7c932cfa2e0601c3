// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/incident.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE Incident incident_of(ParseError error) noexcept {
  switch (error) {
    case ParseError::request_line_too_long:
      return Incident::request_line_too_long;
    case ParseError::field_too_long:
      return Incident::field_too_long;
    case ParseError::fields_too_long:
      return Incident::fields_too_long;
    case ParseError::too_many_fields:
      return Incident::too_many_fields;
    case ParseError::chunk_extensions_too_long:
      return Incident::chunk_extensions_too_long;
    case ParseError::trailers_too_long:
      return Incident::trailers_too_long;
    case ParseError::body_too_large:
      return Incident::content_too_large;
    default:
      return Incident::malformed;
  }
}

}  // namespace http
WEIR_END_NAMESPACE
