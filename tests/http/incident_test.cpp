// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstddef>
#include <weir/http/incident.hpp>

using weir::http::Incident;
using weir::http::ParseError;

TEST_CASE("an error of a limit is that limit's incident, any other is malformed", "[incident]") {
  for (std::size_t i = 1; i < weir::http::kParseErrorCount; ++i) {
    const auto error = static_cast<ParseError>(i);
    CAPTURE(i, weir::http::message_of(error));
    const Incident incident = weir::http::incident_of(error);
    switch (error) {
      case ParseError::request_line_too_long:
        CHECK(incident == Incident::request_line_too_long);
        break;
      case ParseError::field_too_long:
        CHECK(incident == Incident::field_too_long);
        break;
      case ParseError::fields_too_long:
        CHECK(incident == Incident::fields_too_long);
        break;
      case ParseError::too_many_fields:
        CHECK(incident == Incident::too_many_fields);
        break;
      case ParseError::chunk_extensions_too_long:
        CHECK(incident == Incident::chunk_extensions_too_long);
        break;
      case ParseError::trailers_too_long:
        CHECK(incident == Incident::trailers_too_long);
        break;
      case ParseError::body_too_large:
        CHECK(incident == Incident::content_too_large);
        break;
      default:
        CHECK(incident == Incident::malformed);
    }
  }
}
