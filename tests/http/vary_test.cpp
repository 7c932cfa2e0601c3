// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <weir/http/vary.hpp>

using namespace weir;

TEST_CASE("Vary names a field once, unless it is everything", "[http]") {
  http::ResponseHead head;
  http::add_vary(head, "Origin");
  CHECK(head.lines() == "Vary: Origin\r\n");
  http::add_vary(head, "origin");
  CHECK(head.lines() == "Vary: Origin\r\n");
  http::add_vary(head, "Accept-Encoding");
  CHECK(head.lines() == "Vary: Origin\r\nVary: Accept-Encoding\r\n");
  head.set("Vary", "Cookie, ACCEPT-encoding");
  http::add_vary(head, "Accept-Encoding");
  CHECK(head.lines() == "Vary: Cookie, ACCEPT-encoding\r\n");
  head.set("Vary", "*");
  http::add_vary(head, "Origin");
  CHECK(head.lines() == "Vary: *\r\n");
}

TEST_CASE("a member is looked for in all lines of a field", "[http]") {
  http::ResponseHead head;
  head.append("Cache-Control", "private");
  head.append("cache-control", "max-age=1, No-Transform");
  head.append("Other", "no-store");
  CHECK(http::has_member(head, "Cache-Control", "no-transform"));
  CHECK(http::has_member(head, "Cache-Control", "private"));
  CHECK_FALSE(http::has_member(head, "Cache-Control", "no-store"));
  CHECK_FALSE(http::has_member(head, "Cache-Control", "transform"));
  CHECK_FALSE(http::has_member(head, "Vary", "private"));
}
