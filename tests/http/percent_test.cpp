// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/percent.hpp>

using namespace weir;
using namespace std::string_view_literals;

TEST_CASE("escapes are decoded, broken ones refused", "[http][percent]") {
  struct Case {
    std::string_view text;
    bool ok;
    std::string_view decoded;
  };
  const Case cases[] = {
      {"", true, ""},
      {"plain", true, "plain"},
      {"a+b", true, "a+b"},
      {"%41%62", true, "Ab"},
      {"%e2%82%AC", true, "\xE2\x82\xAC"},
      {"%00", true, "\0"sv},
      {"%0d%0A", true, "\r\n"},
      {"%252F", true, "%2F"},
      {"%", false, ""},
      {"%4", false, ""},
      {"a%4g", false, ""},
      {"%g4", false, ""},
      {"ok%41then%", false, ""},
      {"%%41", false, ""},
      {"%-1", false, ""},
      {"% 1", false, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    std::string out = "before:";
    CHECK(http::percent_decode(c.text, out) == c.ok);
    CHECK(out == "before:" + std::string(c.decoded));
  }
}

TEST_CASE("encoding leaves nothing that could end a segment, a pair or a line", "[http][percent]") {
  CHECK(http::percent_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(http::percent_encode("a b/c?d#e&f=g+h%") == "a%20b%2Fc%3Fd%23e%26f%3Dg%2Bh%25");
  CHECK(http::percent_encode("\r\n\xFF") == "%0D%0A%FF");
  CHECK(http::percent_encode("") == "");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    std::string back;
    REQUIRE(http::percent_decode(http::percent_encode(text), back));
    REQUIRE(back == text);
  }
}

TEST_CASE("an encoded path is fit for a Location", "[http][percent]") {
  CHECK(http::percent_encode_path("/a b/c:d@e;f=1") == "/a%20b/c:d@e;f=1");
  CHECK(http::percent_encode_path("/a?b#c%d") == "/a%3Fb%23c%25d");
  CHECK(http::percent_encode_path("/x\r\nSet-Cookie: a") == "/x%0D%0ASet-Cookie:%20a");
  CHECK(http::percent_encode_path("//evil.example/") == "/%2Fevil.example/");
  CHECK(http::percent_encode_path("/\\evil.example/") == "/%5Cevil.example/");
  CHECK(http::percent_encode_path("/a//b") == "/a//b");
}

TEST_CASE("UTF-8 is what RFC 3629 says", "[http][percent]") {
  struct Case {
    const char* name;
    std::string_view text;
    bool ok;
  };
  const Case cases[] = {
      {"empty", "", true},
      {"ASCII, NUL too", "a\0b"sv, true},
      {"first of two bytes", "\xC2\x80", true},
      {"last of two bytes", "\xDF\xBF", true},
      {"first of three bytes", "\xE0\xA0\x80", true},
      {"last before the surrogates", "\xED\x9F\xBF", true},
      {"first after the surrogates", "\xEE\x80\x80", true},
      {"U+FFFF", "\xEF\xBF\xBF", true},
      {"first of four bytes", "\xF0\x90\x80\x80", true},
      {"U+10FFFF", "\xF4\x8F\xBF\xBF", true},
      {"text behind", "\xC3\xA4x", true},
      {"continuation alone", "\x80", false},
      {"overlong slash", "\xC0\xAF", false},
      {"overlong of two bytes", "\xC1\xBF", false},
      {"overlong of three bytes", "\xE0\x9F\xBF", false},
      {"overlong of four bytes", "\xF0\x8F\xBF\xBF", false},
      {"first surrogate", "\xED\xA0\x80", false},
      {"last surrogate", "\xED\xBF\xBF", false},
      {"above U+10FFFF", "\xF4\x90\x80\x80", false},
      {"F5", "\xF5\x80\x80\x80", false},
      {"FF", "\xFF", false},
      {"cut after one of two", "\xC3", false},
      {"cut after two of three", "\xE2\x82", false},
      {"cut after three of four", "\xF0\x9F\x98", false},
      {"ASCII within", "\xE2\x28\xA1", false},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      CHECK(http::is_utf8(c.text) == c.ok);
    }
}

TEST_CASE("only two slashes at the front could name a host", "[http][percent]") {
  CHECK(http::percent_encode_path("a/b") == "a/b");
  CHECK(http::percent_encode_path("a//b") == "a//b");
  CHECK(http::percent_encode_path("/a//b") == "/a//b");
}
