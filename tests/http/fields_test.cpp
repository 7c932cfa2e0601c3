// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/fields.hpp>

using namespace weir;

namespace {

struct ListCase {
  const char* name;
  std::string_view list;
  std::vector<std::string_view> elements;
};

const ListCase kLists[] = {
    {"nothing", "", {}},
    {"commas and blanks alone", " , ,\t,", {}},
    {"one", "gzip", {"gzip"}},
    {"whitespace around is no part", " gzip\t,  br ", {"gzip", "br"}},
    {"empty elements are skipped", ",a,,b,", {"a", "b"}},
    {"whitespace inside is kept", "a b, c", {"a b", "c"}},
    {"a comma in quotes is text", "\"a,b\", c", {"\"a,b\"", "c"}},
    {"a quote in quotes is text", "\"a\\\",b\",c", {"\"a\\\",b\"", "c"}},
    {"an open quote reaches to the end", "a, \"b, c", {"a", "\"b, c"}},
    {"a backslash at the end", "\"a\\", {"\"a\\"}},
    {"quotes in the middle", "x=\"1,2\";y, z", {"x=\"1,2\";y", "z"}},
};

}  // namespace

TEST_CASE("a list field gives its elements", "[http][fields]") {
  for (const ListCase& c : kLists) DYNAMIC_SECTION(c.name) {
      std::vector<std::string_view> elements;
      for (const std::string_view element : http::ListView(c.list)) elements.push_back(element);
      CHECK(elements == c.elements);
    }
}

TEST_CASE("a token is found in a list whatever its case", "[http][fields]") {
  CHECK(http::list_contains("keep-alive, Upgrade", "upgrade"));
  CHECK(http::list_contains("CLOSE", "close"));
  CHECK_FALSE(http::list_contains("closed, clos", "close"));
  CHECK_FALSE(http::list_contains("\"a, close\"", "close"));
  CHECK_FALSE(http::list_contains("", "close"));
}

TEST_CASE("a parameter is found behind the value", "[http][fields]") {
  struct Case {
    const char* name;
    std::string_view value;
    std::optional<std::string_view> charset;
  };
  const Case cases[] = {
      {"token", "text/html;charset=utf-8", "utf-8"},
      {"blanks and case", "text/html ; level=1 ; Charset=UTF-8 ", "UTF-8"},
      {"quoted", "text/html; charset=\"utf-8\"", "utf-8"},
      {"a semicolon in quotes", "text/html; a=\"; charset=x\"; charset=y", "y"},
      {"the first counts", "a/b; charset=1; charset=2", "1"},
      {"a quote that is not closed", "a/b; charset=\"utf-8", "\"utf-8"},
      {"a quote that is not opened", "a/b; charset=utf-8\"", "utf-8\""},
      {"empty", "a/b; charset=", ""},
      {"none", "text/html; level=1", std::nullopt},
      {"the value itself is none", "charset=utf-8", std::nullopt},
      {"no '='", "a/b; charset", std::nullopt},
      {"nothing at all", "", std::nullopt},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      CHECK(http::parameter(c.value, "charset") == c.charset);
    }
}

TEST_CASE("a weight is 0 to 1 with three decimals", "[http][fields]") {
  struct Case {
    std::string_view text;
    std::optional<std::uint16_t> weight;
  };
  const Case cases[] = {
      {"0", 0},        {"1", 1000},  {"0.5", 500}, {"0.25", 250}, {"0.123", 123}, {"0.001", 1},
      {"1.000", 1000}, {"1.", 1000}, {"0.", 0},    {"1.001", {}}, {"2", {}},      {"0.1234", {}},
      {"", {}},        {".5", {}},   {"-1", {}},   {"0,5", {}},   {"0.x", {}},    {"10", {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(http::parse_weight(c.text) == c.weight);
  }
}

TEST_CASE("an element is parted from its weight", "[http][fields]") {
  struct Case {
    std::string_view element;
    std::string_view value;
    std::uint16_t weight;
  };
  const Case cases[] = {
      {"gzip", "gzip", 1000},
      {"gzip;q=0.8", "gzip", 800},
      {"gzip ; Q=0", "gzip", 0},
      {"text/html;level=1;q=0.7", "text/html;level=1", 700},
      {"text/html; q=0.7; ext=1", "text/html", 700},
      {"a;x=\";q=0\";q=1", "a;x=\";q=0\"", 1000},
      {"gzip;q=x", "gzip", 0},
      {"gzip;quality=0", "gzip;quality=0", 1000},
      {";q=0.1", "", 100},
      {"", "", 1000},
  };
  for (const Case& c : cases) {
    CAPTURE(c.element);
    const http::Weighted got = http::split_weight(c.element);
    CHECK(got.value == c.value);
    CHECK(got.weight == c.weight);
  }
}

TEST_CASE("a parameter of one byte is no weight", "[http][fields]") {
  CHECK(http::split_weight("a;q;x").weight == 1000);
  CHECK(http::split_weight("a;qq;x=1;q=0.5").weight == 500);
}
