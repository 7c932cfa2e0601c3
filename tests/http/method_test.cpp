// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <weir/http/method.hpp>

namespace {

using namespace weir::http;

TEST_CASE("a method and its name are one", "[http]") {
  for (std::size_t i = 1; i < kMethodCount; ++i) {
    const auto method = static_cast<Method>(i);
    CHECK(method_from(to_string(method)) == method);
  }
  CHECK(to_string(Method::delete_) == "DELETE");
  CHECK(to_string(Method::trace) == "TRACE");
}

TEST_CASE("other tokens, and other cases, are unknown methods", "[http]") {
  for (const char* name : {"", "get", "Get", "GETT", "GE", "PROPFIND", "GET "})
    CHECK(method_from(name) == Method::unknown);
  CHECK(to_string(Method::unknown).empty());
}

TEST_CASE("safe methods are those of RFC 9110 §9.2.1", "[http]") {
  CHECK(is_safe(Method::get));
  CHECK(is_safe(Method::head));
  CHECK(is_safe(Method::options));
  CHECK(is_safe(Method::trace));
  CHECK_FALSE(is_safe(Method::post));
  CHECK_FALSE(is_safe(Method::unknown));
}

}  // namespace
