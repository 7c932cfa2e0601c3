// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <weir/security_headers.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using weir::SecurityHeadersOptions;
using weir::testing::Answer;
using weir::testing::Client;

TEST_CASE("every answer has the fields, and what a handler sets stays", "[security_headers]") {
  weir::Server server;
  server.use(weir::security_headers());
  server.get("/", [] { return "x"; });
  server.get("/framed", [](const weir::Request&, weir::Response& res) {
    res.header("X-Frame-Options", "SAMEORIGIN").header("content-security-policy", "").text("x");
  });
  server.get("/thrown", []() -> std::string { throw 1; });
  server.get("/streamed", [](const weir::Request&, weir::Response& res) {
    weir::Stream out = res.stream();
    out.end();
  });
  weir::log::set_level(weir::log::Level::off);
  Client client(server);
  for (const char* const target : {"/", "/thrown", "/streamed", "/nowhere"}) {
    CAPTURE(target);
    const Answer answer = client.get(target);
    CHECK(answer.header("X-Content-Type-Options") == "nosniff");
    CHECK(answer.header("Referrer-Policy") == "no-referrer");
    CHECK(answer.header("X-Frame-Options") == "DENY");
    CHECK(answer.header("Content-Security-Policy") ==
          "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; "
          "object-src 'none'");
    CHECK(answer.header("Permissions-Policy") ==
          "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    CHECK(answer.header("Cross-Origin-Opener-Policy") == "same-origin");
    CHECK(answer.header("Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(answer.header("X-Permitted-Cross-Domain-Policies") == "none");
    CHECK_FALSE(answer.has_header("Strict-Transport-Security"));  // not secure
  }
  weir::log::set_level(weir::log::Level::warning);
  const Answer framed = client.get("/framed");
  CHECK(framed.header("X-Frame-Options") == "SAMEORIGIN");
  CHECK(framed.header("Content-Security-Policy").empty());
  CHECK(framed.raw.find("DENY") == std::string::npos);
}

TEST_CASE("HSTS when it is asked for", "[security_headers]") {
  struct Case {
    void (*change)(SecurityHeadersOptions&);
    const char* value;
  };
  const Case cases[] = {
      {[](SecurityHeadersOptions&) {}, "max-age=31536000; includeSubDomains"},
      {[](SecurityHeadersOptions& o) { o.hsts_preload = true; },
       "max-age=31536000; includeSubDomains; preload"},
      {[](SecurityHeadersOptions& o) {
         o.hsts_subdomains = false;
         o.hsts_max_age = std::chrono::minutes(1);
       },
       "max-age=60"},
      {[](SecurityHeadersOptions& o) { o.hsts_max_age = std::chrono::seconds(0); }, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.value);
    SecurityHeadersOptions options;
    options.hsts_always = true;
    options.frame_options.clear();  // an empty one is not sent
    c.change(options);
    weir::Server server;
    server.use(weir::security_headers(options)).get("/", [] { return "x"; });
    Client client(server);
    const Answer answer = client.get("/");
    CHECK(answer.header("Strict-Transport-Security") == c.value);
    CHECK_FALSE(answer.has_header("X-Frame-Options"));
  }
}

TEST_CASE("values that no field may have are refused by name", "[security_headers]") {
  SecurityHeadersOptions options;
  options.referrer_policy = "a\r\nb";
  CHECK_THROWS_WITH(weir::security_headers(options), Catch::Contains("::referrer_policy"));
  options = {};
  options.hsts_max_age = std::chrono::seconds(-1);
  CHECK_THROWS_WITH(weir::security_headers(options), Catch::Contains("::hsts_max_age"));
}
