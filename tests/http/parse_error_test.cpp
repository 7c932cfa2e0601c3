// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <weir/http/parse_error.hpp>

namespace {

using namespace weir::http;

TEST_CASE("every error has its own message and the status of a refusal", "[http]") {
  std::set<std::string> messages;
  for (std::size_t i = 0; i < kParseErrorCount; ++i) {
    const auto error = static_cast<ParseError>(i);
    CAPTURE(i);
    CHECK(messages.emplace(message_of(error)).second);
    if (error != ParseError::none) CHECK(code(status_of(error)) >= 400);
  }
}

TEST_CASE("errors are answered as the RFCs ask", "[http]") {
  CHECK(status_of(ParseError::none) == Status::ok);
  CHECK(status_of(ParseError::bare_lf) == Status::bad_request);
  CHECK(status_of(ParseError::length_and_encoding) == Status::bad_request);
  CHECK(status_of(ParseError::body_too_large) == Status::content_too_large);
  CHECK(status_of(ParseError::request_line_too_long) == Status::uri_too_long);
  CHECK(status_of(ParseError::field_too_long) == Status::request_header_fields_too_large);
  CHECK(status_of(ParseError::trailers_too_long) == Status::request_header_fields_too_large);
  CHECK(status_of(ParseError::chunk_extensions_too_long) == Status::bad_request);
  CHECK(status_of(ParseError::connect_refused) == Status::not_implemented);
  CHECK(status_of(ParseError::unknown_transfer_encoding) == Status::not_implemented);
  CHECK(status_of(ParseError::unsupported_version) == Status::http_version_not_supported);
  CHECK(status_of(ParseError::http2_preface) == Status::http_version_not_supported);
}

}  // namespace
