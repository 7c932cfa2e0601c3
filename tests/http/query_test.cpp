// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/http/query.hpp>

using namespace weir;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Case {
  const char* name;
  std::string_view text;
  Pairs pairs;  // decoded
};

const Case kCases[] = {
    {"nothing", "", {}},
    {"one", "a=1", {{"a", "1"}}},
    {"two, in order", "b=2&a=1", {{"b", "2"}, {"a", "1"}}},
    {"a name alone", "a", {{"a", ""}}},
    {"no value", "a=", {{"a", ""}}},
    {"no name", "=1", {{"", "1"}}},
    {"'=' alone", "=", {{"", ""}}},
    {"empty pairs are skipped", "&&a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
    {"the first '=' parts", "a=b=c", {{"a", "b=c"}}},
    {"a name twice", "a=1&a=2", {{"a", "1"}, {"a", "2"}}},
    {"'+' is a space", "first+name=a+b", {{"first name", "a b"}}},
    {"escapes", "%61=%26%3D%2B%20", {{"a", "&=+ "}}},
    {"what is no escape stays",
     "a=%&b=%4&c=%zz&d=100%25",
     {{"a", "%"}, {"b", "%4"}, {"c", "%zz"}, {"d", "100%"}}},
    {"an escape of an escape is decoded once", "a=%2541", {{"a", "%41"}}},
    {"any byte", "a=%0d%0A%00", {{"a", std::string("\r\n\0", 3)}}},
    {"';' parts nothing", "a=1;b=2", {{"a", "1;b=2"}}},
    {"'?' is text", "a=?&?b=1", {{"a", "?"}, {"?b", "1"}}},
};

}  // namespace

TEST_CASE("a query gives its pairs", "[http][query]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      Pairs pairs;
      for (const auto& [name, value] : http::QueryView(c.text))
        pairs.emplace_back(http::form_decode(name), http::form_decode(value));
      CHECK(pairs == c.pairs);
      for (const auto& [name, value] : c.pairs) {
        CHECK(http::QueryView(c.text).contains(name));
        CHECK(http::QueryView(c.text).get(name));
      }
    }
}

TEST_CASE("a value is found by its decoded name, the first of several", "[http][query]") {
  const http::QueryView query("a=1&%61%20b=x+y&a=2&empty&plus%2B=1");
  CHECK(query.get("a") == "1");
  CHECK(query.get("a b") == "x y");
  CHECK(query.raw("a b") == "x+y");
  CHECK(query.get("empty") == "");
  CHECK(query.get("plus+") == "1");
  CHECK_FALSE(query.get("A"));
  CHECK_FALSE(query.get(""));
  CHECK_FALSE(query.get("1"));
  CHECK_FALSE(http::QueryView("").contains("a"));
}

TEST_CASE("comparing decoded text needs no copy", "[http][query]") {
  CHECK(http::form_equals("a%62c", "abc"));
  CHECK(http::form_equals("", ""));
  CHECK(http::form_equals("%", "%"));
  CHECK_FALSE(http::form_equals("a%62c", "ab"));
  CHECK_FALSE(http::form_equals("ab", "abc"));
  CHECK_FALSE(http::form_equals("a+", "a+"));
}

TEST_CASE("a pair's members are reached through the iterator", "[http][query]") {
  const http::QueryView query("a=1");
  CHECK(query.begin()->value == "1");
  CHECK(query.begin() == query.begin());
}
