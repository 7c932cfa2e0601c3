// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/json_text.hpp>

using namespace weir::http;

TEST_CASE("a media type is JSON by name or suffix", "[http]") {
  for (const char* const yes :
       {"application/json", "Application/JSON", " application/json ", "application/problem+json",
        "application/json; charset=utf-8", "application/vnd.x.v1+JSON;q=\"a\"", "x/y+json"}) {
    CAPTURE(yes);
    CHECK(is_json_type(yes));
  }
  for (const char* const no :
       {"", "json", "application/", "application/jsonx", "application/x-json", "text/json",
        "text/plain", "application/+json", "application/json+xml", "application/json, text/plain",
        "application/json x", "application/json; charset", "application /json"}) {
    CAPTURE(no);
    CHECK_FALSE(is_json_type(no));
  }
}

TEST_CASE("brackets outside of strings count for the depth", "[http]") {
  constexpr std::size_t kNone = std::string_view::npos;
  struct Row {
    const char* json;
    std::size_t max_depth;
    std::size_t at;
  };
  const Row rows[] = {
      {"", 0, kNone},
      {"1", 0, kNone},
      {"[", 0, 0},
      {"{\"a\":[]}", 2, kNone},
      {"{\"a\":[]}", 1, 5},
      {"[[],[],{}]", 2, kNone},
      {"[[],[[]]]", 2, 5},
      {R"(["[[[[\"[[\\"])", 1, kNone},
      {R"(["\\",[]])", 1, 6},
      {"[\"[[[", 1, kNone},
      {"[\"\\", 1, kNone},
      {"]]]][[", 1, 5},
      {"}{[", 1, 2},
      {"[[}]", 1, 1},
  };
  for (const Row& row : rows) {
    INFO(row.json << " " << row.max_depth);
    CHECK(find_too_deep(row.json, row.max_depth) == row.at);
  }
}

TEST_CASE("a place is a line and a column", "[http]") {
  constexpr std::string_view kText = "a\nbc\n\nd\xC3\xA4x";
  struct Row {
    std::size_t offset;
    std::size_t line;
    std::size_t column;
  };
  const Row rows[] = {{0, 1, 1}, {1, 1, 2}, {2, 2, 1},  {4, 2, 3}, {5, 3, 1},
                      {6, 4, 1}, {9, 4, 4}, {10, 4, 5}, {99, 4, 5}};
  for (const Row& row : rows) {
    CAPTURE(row.offset);
    CHECK(line_and_column(kText, row.offset).line == row.line);
    CHECK(line_and_column(kText, row.offset).column == row.column);
  }
  CHECK(line_and_column("", 0).line == 1);
  CHECK(line_and_column("", 7).column == 1);
}

TEST_CASE("names are escaped in a JSON Pointer", "[http]") {
  std::string pointer;
  for (const char* const name : {"a", "", "b/c", "~", "~1", "\"\xC3\xA4 "})
    append_pointer(pointer, name);
  CHECK(pointer == "/a//b~1c/~0/~01/\"\xC3\xA4 ");
}
