// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string_view>
#include <support/parsed_head.hpp>
#include <vector>
#include <weir/http/field_values.hpp>

using namespace weir;

namespace {

using Lines = std::vector<std::string_view>;

Lines accept_lines(const test::ParsedHead& head) {
  Lines lines;
  for (const std::string_view line : http::FieldValues(*head, http::KnownField::accept))
    lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("the values of all lines of a field come in order", "[http]") {
  CHECK(accept_lines(test::ParsedHead("")).empty());
  CHECK(accept_lines(test::ParsedHead("X-A: 1\n")).empty());
  CHECK(accept_lines(test::ParsedHead("Accept: a\n")) == Lines{"a"});
  CHECK(accept_lines(test::ParsedHead("Accept: a\nX: b\n")) == Lines{"a"});
  CHECK(accept_lines(test::ParsedHead("Accept: a\nTE: x\nACCEPT: b, c\naccept:\nX: y\n")) ==
        Lines{"a", "b, c", ""});
}
