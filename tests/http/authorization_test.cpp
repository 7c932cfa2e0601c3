// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/authorization.hpp>

using namespace weir;

TEST_CASE("a token68 is characters and then padding", "[authorization]") {
  for (const std::string_view text : {"a", "Zm9v", "Zg==", "a-._~+/0", "a==========="}) {
    CAPTURE(text);
    CHECK(http::is_token68(text));
  }
  for (const std::string_view text : {"", "=", "==a", "a=b", "a b", "a,b", "a\"", "\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(http::is_token68(text));
  }
}

TEST_CASE("a scheme matches whatever its case, and what follows is trimmed", "[authorization]") {
  struct Case {
    std::string_view value;
    bool matches;
    std::string_view rest;
  };
  constexpr Case kCases[] = {
      {"Basic abc", true, "abc"}, {"bAsIc abc", true, "abc"}, {"Basic    abc", true, "abc"},
      {"Basic", true, ""},        {"Basic ", true, ""},       {"Basic a b", true, "a b"},
      {"Basicabc", false, ""},    {"Basi abc", false, ""},    {"", false, ""},
      {" Basic abc", false, ""},  {"Basic\tabc", false, ""},  {"Bearer abc", false, ""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.value);
    const auto rest = http::credentials_of(c.value, "Basic");
    CHECK(rest.has_value() == c.matches);
    if (rest) CHECK(*rest == c.rest);
  }
}

TEST_CASE("Basic credentials are padded base64 of name:password", "[authorization]") {
  struct Case {
    const char* token;
    const char* name;  // null: refused
    const char* password;
  };
  constexpr Case kCases[] = {
      {"QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"},  // RFC 7617 §2
      {"dGVzdDoxMjPCow==", "test", "123\xc2\xa3"},                 // §2.1
      {"Og==", "", ""},
      {"YTo=", "a", ""},
      {"OmI=", "", "b"},
      {"YTpiOmM=", "a", "b:c"},
      {"YTp+fj8/", "a", "~~??"},
      {"", nullptr, nullptr},
      {"=", nullptr, nullptr},
      {"====", nullptr, nullptr},
      {"YTo", nullptr, nullptr},   // no padding
      {"YTp=", nullptr, nullptr},  // bits that mean nothing
      {"YQ==", nullptr, nullptr},  // no colon
      {"YTo= ", nullptr, nullptr},
      {"YT o=", nullptr, nullptr},
      {"YTp-fj8_", nullptr, nullptr},  // base64url
      {"YTr/", nullptr, nullptr},      // no UTF-8
      {"YToA", nullptr, nullptr},      // NUL
      {"YToKYg==", nullptr, nullptr},  // line feed
      {"YTp/", nullptr, nullptr},      // DEL
  };
  for (const Case& c : kCases) {
    CAPTURE(c.token);
    const auto pair = http::decode_basic(c.token);
    REQUIRE(pair.has_value() == (c.name != nullptr));
    if (!pair) continue;
    CHECK(pair->name == c.name);
    CHECK(pair->password == c.password);
  }
}

TEST_CASE("secrets are the same only byte by byte", "[authorization]") {
  CHECK(http::is_same_secret("", ""));
  CHECK(http::is_same_secret("abc", "abc"));
  for (const auto& [secret, given] : {std::pair<std::string_view, std::string_view>{"abc", ""},
                                      {"", "a"},
                                      {"abc", "ab"},
                                      {"ab", "abc"},
                                      {"abc", "abd"},
                                      {"ab", "abab"},
                                      {"a", "aa"},
                                      {"", std::string_view("\0", 1)},
                                      {"abc", "ABC"}}) {
    CAPTURE(secret, given);
    CHECK_FALSE(http::is_same_secret(secret, given));
  }
}
