// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/http/cookie.hpp>
#include <weir/http/date.hpp>

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

http::SetCookie cookie(std::string name, std::string value) {
  http::SetCookie made;
  made.name = std::move(name);
  made.value = std::move(value);
  return made;
}

template <class Change>
std::string text_with(Change change) {
  http::SetCookie made = cookie("id", "42");
  change(made);
  return made.to_string();
}

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

TEST_CASE("a cookie to set says what it was given", "[http][cookie]") {
  using http::SameSite;
  using http::SetCookie;
  CHECK(cookie("id", "42").to_string() == "id=42; Path=/; HttpOnly; SameSite=Lax");
  CHECK(text_with([](SetCookie& c) {
          c.path.clear();
          c.http_only = false;
          c.same_site = SameSite::unset;
        }) == "id=42");
  CHECK(text_with([](SetCookie& c) {
          c.path = "/a b";
          c.domain = "example.org";
          c.max_age = std::chrono::hours(1);
          c.expires = 784111777;
          c.secure = true;
          c.same_site = SameSite::none;
          c.partitioned = true;
        }) ==
        "id=42; Path=/a b; Domain=example.org; Max-Age=3600; "
        "Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; HttpOnly; SameSite=None; Partitioned");
  CHECK(text_with([](SetCookie& c) { c.max_age = std::chrono::seconds(0); }) ==
        "id=42; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
  CHECK(text_with([](SetCookie& c) { c.same_site = SameSite::strict; }) ==
        "id=42; Path=/; HttpOnly; SameSite=Strict");
  CHECK(cookie("id", "").to_string() == "id=; Path=/; HttpOnly; SameSite=Lax");
}

TEST_CASE("bytes that would end a cookie, its attribute or its line are refused",
          "[http][cookie]") {
  for (const std::string bad : {"\r", "\n", ";", "\x7f", "\x01", "\xFF"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(cookie("a" + bad, "1").to_string(), std::invalid_argument);
    CHECK_THROWS_AS(cookie("a", "1" + bad).to_string(), std::invalid_argument);
    CHECK_THROWS_AS(text_with([&](http::SetCookie& c) { c.path = "/" + bad; }),
                    std::invalid_argument);
    CHECK_THROWS_AS(text_with([&](http::SetCookie& c) { c.domain = "a" + bad; }),
                    std::invalid_argument);
  }
  const std::string nul(1, '\0');
  CHECK_THROWS_AS(cookie("a" + nul, "1").to_string(), std::invalid_argument);
  CHECK_THROWS_AS(cookie("a", nul).to_string(), std::invalid_argument);
  for (const char* value : {" ", "\"", ",", "\\", "a b"})
    CHECK_THROWS_AS(cookie("a", value).to_string(), std::invalid_argument);
  for (const char* name : {"", "a b", "a=b", "(a)", "\xC3\xA4"})
    CHECK_THROWS_AS(cookie(name, "1").to_string(), std::invalid_argument);
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.path = "relative"; }),
                  std::invalid_argument);
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.expires = INT64_MAX; }),
                  std::invalid_argument);
}

TEST_CASE("what browsers would drop is refused, and the message names the cookie",
          "[http][cookie]") {
  http::SetCookie host = cookie("__Host-id", "1");
  CHECK_THROWS_WITH(host.to_string(), Catch::Contains("__Host-id"));
  host.secure = true;
  CHECK_NOTHROW(host.to_string());
  host.domain = "example.org";
  CHECK_THROWS_AS(host.to_string(), std::invalid_argument);
  host.domain.clear();
  host.path = "/a";
  CHECK_THROWS_AS(host.to_string(), std::invalid_argument);

  CHECK_THROWS_WITH(cookie("__secure-id", "1").to_string(), Catch::Contains("Secure"));
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.same_site = http::SameSite::none; }),
                  std::invalid_argument);
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.partitioned = true; }),
                  std::invalid_argument);
}

TEST_CASE("a cookie's members are reached through the iterator", "[http][cookie]") {
  const http::CookieView cookies("a=1");
  CHECK(cookies.begin()->value == "1");
  CHECK(cookies.begin() == cookies.begin());
}

TEST_CASE("a cookie's domain is a host name, its end a date that can be written",
          "[http][cookie]") {
  const auto with_domain = [](const char* domain) {
    return text_with([domain](http::SetCookie& c) { c.domain = domain; });
  };
  CHECK(with_domain("a-b.0_c").find("Domain=a-b.0_c") != std::string::npos);
  CHECK_THROWS_AS(with_domain("a b"), std::invalid_argument);
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.expires = http::kFirstDate - 1; }),
                  std::invalid_argument);
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.expires = http::kLastDate + 1; }),
                  std::invalid_argument);
  http::SetCookie secure = cookie("__Secure-id", "1");
  secure.secure = true;
  CHECK_NOTHROW(secure.to_string());
}
