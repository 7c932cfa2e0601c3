// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <weir/http/date.hpp>
#include <weir/http/set_cookie.hpp>

using namespace weir;

namespace {

constexpr std::int64_t kFirstDate = -11644473600;  // 1601-01-01

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

TEST_CASE("a cookie to set says what it was given", "[http][set_cookie]") {
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
          "[http][set_cookie]") {
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
          "[http][set_cookie]") {
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

TEST_CASE("a cookie's domain is a host name, its end a date that can be written",
          "[http][set_cookie]") {
  const auto with_domain = [](const char* domain) {
    return text_with([domain](http::SetCookie& c) { c.domain = domain; });
  };
  CHECK(with_domain("a-b.0_c").find("Domain=a-b.0_c") != std::string::npos);
  CHECK_THROWS_AS(with_domain("a b"), std::invalid_argument);
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.expires = kFirstDate - 1; }),
                  std::invalid_argument);
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) { c.expires = http::kLastDate + 1; }),
                  std::invalid_argument);
  http::SetCookie secure = cookie("__Secure-id", "1");
  secure.secure = true;
  CHECK_NOTHROW(secure.to_string());
}

TEST_CASE("a cookie's size is what browsers take", "[http][set_cookie]") {
  CHECK_NOTHROW(cookie("id", std::string(http::kMaxCookieSize - 2, 'x')).to_string());
  CHECK_THROWS_WITH(cookie("id", std::string(http::kMaxCookieSize - 1, 'x')).to_string(),
                    Catch::Contains("\"id\"") && Catch::Contains("4096"));
  const auto with_path = [](std::size_t size) {
    return text_with([size](http::SetCookie& c) { c.path = "/" + std::string(size - 1, 'p'); });
  };
  CHECK_NOTHROW(with_path(http::kMaxCookieAttribute));
  CHECK_THROWS_WITH(with_path(http::kMaxCookieAttribute + 1), Catch::Contains("1024"));
  CHECK_THROWS_AS(text_with([](http::SetCookie& c) {
                    c.domain = std::string(http::kMaxCookieAttribute + 1, 'd');
                  }),
                  std::invalid_argument);
}

TEST_CASE("a cookie's domain has labels, a dot in front is forgiven", "[http][set_cookie]") {
  for (const char* domain : {"a", ".example.org", "127.0.0.1"})
    CHECK_NOTHROW(text_with([domain](http::SetCookie& c) { c.domain = domain; }));
  for (const char* domain : {".", "..a", "a..b", "a.", "a:80", "[::1]", "a/b"}) {
    CAPTURE(domain);
    CHECK_THROWS_WITH(text_with([domain](http::SetCookie& c) { c.domain = domain; }),
                      Catch::Contains("domain"));
  }
}

TEST_CASE("each prefix of a name asks for what it promises", "[http][set_cookie]") {
  struct Prefix {
    const char* name;
    bool needs_http_only;
    bool needs_root;  // the path "/" and no domain
  };
  for (const Prefix& prefix : {Prefix{"__Secure-a", false, false}, Prefix{"__Host-a", false, true},
                               Prefix{"__Http-a", true, false}, Prefix{"__Host-Http-a", true, true},
                               Prefix{"__HOST-a", false, true}, Prefix{"__http-a", true, false}}) {
    CAPTURE(prefix.name);
    http::SetCookie good = cookie(prefix.name, "1");
    good.secure = true;
    CHECK_NOTHROW(good.to_string());
    http::SetCookie bad = good;
    bad.secure = false;
    CHECK_THROWS_AS(bad.to_string(), std::invalid_argument);
    const auto holds = [](const http::SetCookie& set) {
      try {
        return !set.to_string().empty();
      } catch (const std::invalid_argument&) {
        return false;
      }
    };
    bad = good;
    bad.http_only = false;
    CHECK(holds(bad) == !prefix.needs_http_only);
    bad = good;
    bad.path = "/a";
    CHECK(holds(bad) == !prefix.needs_root);
    bad = good;
    bad.domain = "example.org";
    CHECK(holds(bad) == !prefix.needs_root);
  }
  CHECK_NOTHROW(cookie("__Hosta", "1").to_string());
  CHECK_NOTHROW(cookie("a__Host-", "1").to_string());
}

TEST_CASE("a cookie is appended whole or not at all", "[http][set_cookie]") {
  std::string out = "Set-Cookie: ";
  cookie("a", "1").append_to(out);
  CHECK(out == "Set-Cookie: a=1; Path=/; HttpOnly; SameSite=Lax");
  CHECK_THROWS_AS(cookie("a", ";").append_to(out), std::invalid_argument);
  CHECK(out == "Set-Cookie: a=1; Path=/; HttpOnly; SameSite=Lax");
}
