// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <weir/http/limits.hpp>

namespace {

TEST_CASE("the defaults are the documented ones", "[http]") {
  const weir::http::Limits limits;
  CHECK(limits.request_line == 8 * 1024);
  CHECK(limits.field == 16 * 1024);
  CHECK(limits.all_fields == 32 * 1024);
  CHECK(limits.field_count == 100);
  CHECK(limits.body == 1024 * 1024);
  CHECK(limits.chunk_extensions == 4 * 1024);
  CHECK(limits.trailers == 8 * 1024);
  CHECK_FALSE(limits.allow_bare_lf);
}

}  // namespace
