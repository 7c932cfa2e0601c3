// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <weir/http/base64url.hpp>

using weir::http::base64url_decode;
using weir::http::base64url_encode;
using weir::http::base64url_size;

TEST_CASE("base64url writes what RFC 4648 §10 has, without padding", "[base64url]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
  };
  for (const auto& [bytes, text] : cases) {
    CHECK(base64url_encode(bytes) == text);
    CHECK(base64url_decode(text) == std::string(bytes));
    CHECK(base64url_size(bytes.size()) == text.size());
  }
}

TEST_CASE("base64url reads back every byte at every place", "[base64url]") {
  for (std::size_t size = 0; size < 5; ++size)
    for (int byte = 0; byte < 256; ++byte) {
      const std::string bytes(size, static_cast<char>(byte));
      REQUIRE(base64url_decode(base64url_encode(bytes)) == bytes);
    }
}

TEST_CASE("base64url reads nothing else", "[base64url]") {
  for (const std::string_view text :
       {"Z", "Zm9vY", "Zg==", "Zg=", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n", "\xc3\xa4vvv"})
    CHECK_FALSE(base64url_decode(text).has_value());
  CHECK_FALSE(base64url_decode(std::string_view("Zm9\0", 4)).has_value());
}
