// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <weir/detail/json_complaint.hpp>

using namespace weir::detail;

TEST_CASE("a syntax complaint has neither place nor the client's bytes", "[json]") {
  struct Row {
    const char* what;
    const char* complaint;
  };
  const Row rows[] = {
      {"[json.exception.parse_error.101] parse error at line 1, column 8: syntax error while "
       "parsing object key - unexpected '}'; expected string literal",
       "syntax error while parsing object key - unexpected '}'; expected string literal"},
      {"[json.exception.parse_error.101] parse error at line 1, column 3: syntax error while "
       "parsing value - invalid string: ill-formed UTF-8 byte; last read: '\"\xff'",
       "syntax error while parsing value - invalid string: ill-formed UTF-8 byte"},
      {"another library's words", "another library's words"},
      {"", ""},
  };
  for (const Row& row : rows) CHECK(json_syntax_complaint(row.what) == row.complaint);
  CHECK(json_syntax_complaint(std::string(1000, 'a')) == std::string(200, 'a') + "...");
}

TEST_CASE("a mismatch has a pointer and words", "[json]") {
  constexpr int kType = 302;
  constexpr int kNoKey = 403;
  struct Row {
    const char* what;
    int id;
    std::string pointer;
    const char* detail;
  };
  const Row rows[] = {
      {"[json.exception.type_error.302] type must be number, but is string", kType, "",
       "type must be number, but is string"},
      {"[json.exception.type_error.302] (/a/b) type must be number, but is string", kType, "/a/b",
       "type must be number, but is string"},
      {"[json.exception.type_error.302] (/) ~1) (/) type must be null, but is array", kType,
       "/) ~1) (/", "type must be null, but is array"},
      {"[json.exception.type_error.304] (/0(/) cannot use x) cannot use at() with number", 304,
       "/0(/) cannot use x", "cannot use at() with number"},
      {"[json.exception.type_error.304] (/0() cannot use at() with number", 304, "/0(",
       "cannot use at() with number"},
      {"[json.exception.type_error.999] (/a) other words", 999, "", "(/a) other words"},
      {"[json.exception.out_of_range.403] key 'a/b~' not found", kNoKey, "/a~1b~0",
       "key 'a/b~' not found"},
      {"[json.exception.out_of_range.403] (/0) key 'a'b' not found", kNoKey, "/0/a'b",
       "key 'a'b' not found"},
      {"[json.exception.out_of_range.403] (/x) key 'y) key 'a' not found", kNoKey, "/x) key 'y/a",
       "key 'a' not found"},
      {"[json.exception.out_of_range.401] (/p) array index 1 is out of range", 401, "/p",
       "array index 1 is out of range"},
      {"(/never closed", kType, "", "(/never closed"},
      {"", kNoKey, "", ""},
      {"key '", kNoKey, "", "key '"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const JsonMismatch mismatch = json_mismatch(row.what, row.id);
    CHECK(mismatch.pointer == row.pointer);
    CHECK(mismatch.detail == row.detail);
  }
}

TEST_CASE("what is wrong is said in short", "[json]") {
  const std::string longest(1023, 'a');
  CHECK(json_mismatch("[x] (/" + longest + ") cannot use it", 304).pointer == "/" + longest);
  const JsonMismatch too_long = json_mismatch("[x] (/" + longest + "a) cannot use it", 304);
  CHECK(too_long.pointer == std::nullopt);
  CHECK(too_long.detail == "cannot use it");
  CHECK(json_mismatch("[x] " + longest, 302).detail == longest.substr(0, 200) + "...");
}
