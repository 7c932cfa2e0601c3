// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/http/cookie.hpp>

using namespace weir;

namespace {

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

struct ReadCase {
  const char* name;
  std::string_view field;
  Pairs cookies;
};

const ReadCase kReads[] = {
    {"nothing", "", {}},
    {"one", "id=42", {{"id", "42"}}},
    {"two", "a=1; b=2", {{"a", "1"}, {"b", "2"}}},
    {"no blank behind the semicolon", "a=1;b=2", {{"a", "1"}, {"b", "2"}}},
    {"blanks around", " a = 1 ;\tb=2 ", {{"a", "1"}, {"b", "2"}}},
    {"'=' in a value", "a=b=c==", {{"a", "b=c=="}}},
    {"empty value", "a=; b=2", {{"a", ""}, {"b", "2"}}},
    {"quotes are taken off", "a=\"x y\"; b=\"\"", {{"a", "x y"}, {"b", ""}}},
    {"one quote stays", "a=\"; b=\"x", {{"a", "\""}, {"b", "\"x"}}},
    {"a semicolon ends also what is quoted", "a=\"1;2\"", {{"a", "\"1"}}},
    {"no '=' is no cookie", "junk; a=1; junk", {{"a", "1"}}},
    {"no name is no cookie", "=1; a=1; =", {{"a", "1"}}},
    {"empty pieces", ";; a=1;;", {{"a", "1"}}},
    {"nothing is decoded", "a=%41+b", {{"a", "%41+b"}}},
    {"a comma is text", "a=1,2", {{"a", "1,2"}}},
};

}  // namespace

TEST_CASE("a Cookie field gives its cookies", "[http][cookie]") {
  for (const ReadCase& c : kReads) DYNAMIC_SECTION(c.name) {
      Pairs cookies;
      for (const auto& [name, value] : http::CookieView(c.field)) cookies.emplace_back(name, value);
      CHECK(cookies == c.cookies);
    }
}

TEST_CASE("a cookie is found by its exact name, the first of several", "[http][cookie]") {
  const http::CookieView cookies("a=long path; a=short path; A=other; empty=");
  CHECK(cookies.get("a") == "long path");
  CHECK(cookies.get("A") == "other");
  CHECK(cookies.get("empty") == "");
  CHECK_FALSE(cookies.get("b"));
  CHECK_FALSE(cookies.get(""));
}

TEST_CASE("a cookie's members are reached through the iterator", "[http][cookie]") {
  const http::CookieView cookies("a=1");
  CHECK(cookies.begin()->value == "1");
  CHECK(cookies.begin() == cookies.begin());
}
