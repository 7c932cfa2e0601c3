// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <type_traits>
#include <weir/http/status.hpp>

namespace {

using namespace weir::http;

TEST_CASE("the table of phrases is ordered and complete in itself", "[http]") {
  unsigned last = 99;
  for (const auto& entry : weir::http::detail::kStatusPhrases) {
    CAPTURE(code(entry.status));
    CHECK(code(entry.status) > last);
    CHECK(code(entry.status) < 600);
    CHECK_FALSE(entry.phrase.empty());
    last = code(entry.status);
  }
}

TEST_CASE("a status has the phrase of the registry", "[http]") {
  CHECK(reason(Status::ok) == "OK");
  CHECK(reason(Status::not_found) == "Not Found");
  CHECK(reason(Status::content_too_large) == "Content Too Large");
  CHECK(reason(Status::network_authentication_required) == "Network Authentication Required");
  CHECK(reason(static_cast<Status>(299)).empty());
  CHECK(code(Status::im_a_teapot) == 418);
  CHECK(std::is_same_v<weir::Status, Status>);
}

TEST_CASE("1xx, 204 and 304 have no content", "[http]") {
  CHECK(forbids_content(Status::continue_));
  CHECK(forbids_content(Status::early_hints));
  CHECK(forbids_content(Status::no_content));
  CHECK(forbids_content(Status::not_modified));
  CHECK_FALSE(forbids_content(Status::ok));
  CHECK_FALSE(forbids_content(Status::reset_content));
}

}  // namespace
