// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string_view>
#include <weir/http/host.hpp>

namespace {

using namespace std::string_view_literals;
using namespace weir::http;

TEST_CASE("what names a host", "[http]") {
  for (const std::string_view text :
       {""sv, "a"sv, "example.com"sv, "EXAMPLE.com."sv, "a:80"sv, "a:"sv, "a:0"sv, "a:65535"sv,
        "127.0.0.1"sv, "127.0.0.1:8080"sv, "[::1]"sv, "[::1]:443"sv, "[::]:"sv, "a_b-c~d"sv,
        "xn--bcher-kva.example"sv, "%41.example"sv, "a!$&'()*+;=b"sv, "1.2.3.4.5"sv}) {
    CAPTURE(text);
    CHECK(is_host(text));
  }
}

TEST_CASE("what does not name a host", "[http]") {
  for (const std::string_view text : {"a b"sv,      "a/b"sv,
                                      "/"sv,        "u@a"sv,
                                      "u:p@a"sv,    "a?b"sv,
                                      "a#b"sv,      "a\\b"sv,
                                      "http://a"sv, "a:b"sv,
                                      "a:-1"sv,     "a:+80"sv,
                                      "a:65536"sv,  "a:000080"sv,
                                      "a:80:80"sv,  "a: 80"sv,
                                      ":80"sv,      ":"sv,
                                      "a, b"sv,     "%"sv,
                                      "%4"sv,       "%4g"sv,
                                      "a%"sv,       "["sv,
                                      "[]"sv,       "[::1"sv,
                                      "::1"sv,      "[::1]a"sv,
                                      "[::1]]"sv,   "[[::1]]"sv,
                                      "[a]"sv,      "[127.0.0.1]"sv,
                                      "[v1.a]"sv,   "[fe80::1%25eth0]"sv,
                                      "a]"sv,       "\"a\""sv,
                                      "<a>"sv,      "a|b"sv,
                                      "a\0b"sv,     "\xc3\xa9.example"sv,
                                      "a\x7f"sv}) {
    CAPTURE(text);
    CHECK_FALSE(is_host(text));
  }
}

TEST_CASE("what is an IPv6 address", "[http]") {
  for (const std::string_view text :
       {"::"sv, "::1"sv, "1::"sv, "1:2:3:4:5:6:7:8"sv, "1::8"sv, "1:2:3:4:5:6:7::"sv,
        "::2:3:4:5:6:7:8"sv, "ABCD:ef01::"sv, "::ffff:1.2.3.4"sv, "1:2:3:4:5:6:1.2.3.4"sv,
        "::1.2.3.4"sv, "64:ff9b::192.0.2.33"sv, "1:2:3::5:6:7:8"sv}) {
    CAPTURE(text);
    CHECK(is_ipv6(text));
  }
}

TEST_CASE("what is no IPv6 address", "[http]") {
  for (const std::string_view text : {""sv,
                                      ":"sv,
                                      ":::"sv,
                                      "1"sv,
                                      "1:2:3:4:5:6:7"sv,
                                      "1:2:3:4:5:6:7:8:9"sv,
                                      "1::2::3"sv,
                                      "12345::"sv,
                                      "1:"sv,
                                      ":1"sv,
                                      "1:2:3:4:5:6:7:8::"sv,
                                      "::1:2:3:4:5:6:7:8"sv,
                                      "1:2:3:4::5:6:7:8"sv,
                                      "g::"sv,
                                      "::1.2.3"sv,
                                      "::1.2.3.256"sv,
                                      "::1.2.3.04"sv,
                                      "::1..2.3"sv,
                                      "::1.2.3."sv,
                                      "::1.2.3.0255"sv,
                                      "::1.2.3.1234"sv,
                                      "::01.2.3.4"sv,
                                      "1:2:3:4:5:6:7:1.2.3.4"sv,
                                      "1.2.3.4::"sv,
                                      "::1.2.3.4:5"sv,
                                      "1.2.3.4"sv,
                                      "::1 "sv}) {
    CAPTURE(text);
    CHECK_FALSE(is_ipv6(text));
  }
}

}  // namespace
