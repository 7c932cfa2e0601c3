// SPDX-License-Identifier: MIT
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <weir/http/chars.hpp>

namespace {

using namespace weir::http;

std::string members(bool (*is)(char)) {
  std::string text;
  for (int c = 0; c < 256; ++c)
    if (is(static_cast<char>(c))) text.push_back(static_cast<char>(c));
  return text;
}

const std::string kDigits = "0123456789";
const std::string kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const std::string kLower = "abcdefghijklmnopqrstuvwxyz";

TEST_CASE("a tchar is what RFC 9110 §5.6.2 lists", "[http]") {
  CHECK(members([](char c) { return is_token(c); }) ==
        "!#$%&'*+-." + kDigits + kUpper + "^_`" + kLower + "|~");
}

TEST_CASE("a target byte is visible ASCII but the number sign", "[http]") {
  const std::string all = members([](char c) { return is_target(c); });
  CHECK(all.size() == 93);
  CHECK(all.front() == '!');
  CHECK(all.back() == '~');
  CHECK(all.find('#') == std::string::npos);
}

TEST_CASE("a value holds anything but control bytes, and tabs", "[http]") {
  const std::string all = members([](char c) { return is_value(c); });
  CHECK(all.size() == 1 + 95 + 128);
  CHECK(all.front() == '\t');
  CHECK(all[1] == ' ');
  CHECK(all.find('\x7f') == std::string::npos);
  CHECK(all.back() == '\xff');
}

TEST_CASE("the other classes", "[http]") {
  CHECK(members([](char c) { return is_digit(c); }) == kDigits);
  CHECK(members([](char c) { return is_alpha(c); }) == kUpper + kLower);
  CHECK(members([](char c) { return is_hex(c); }) == kDigits + "ABCDEFabcdef");
  CHECK(members([](char c) { return is_space(c); }) == "\t ");
  CHECK(members([](char c) { return is_reg_name(c); }) ==
        "!$&'()*+,-." + kDigits + ";=" + kUpper + "_" + kLower + "~");
  const std::string quoted = members([](char c) { return is_quoted_text(c); });
  CHECK(quoted.size() == 1 + 95 + 128 - 2);
  CHECK(quoted.find_first_of("\"\\") == std::string::npos);
}

TEST_CASE("hex digits have values in either case", "[http]") {
  const std::string digits = "0123456789abcdef";
  for (std::size_t i = 0; i < digits.size(); ++i) CHECK(hex_value(digits[i]) == i);
  CHECK(hex_value('A') == 10);
  CHECK(hex_value('F') == 15);
}

TEST_CASE("case is that of ASCII letters and of nothing else", "[http]") {
  CHECK(equals_ignoring_case("Content-Length", "cONTENT-lENGTH"));
  CHECK(equals_ignoring_case("", ""));
  CHECK_FALSE(equals_ignoring_case("a", "ab"));
  CHECK_FALSE(equals_ignoring_case("[", "{"));
  CHECK_FALSE(equals_ignoring_case("@", "`"));
  CHECK_FALSE(equals_ignoring_case("\xc4", "\xe4"));
}

TEST_CASE("trim takes spaces and tabs off both ends", "[http]") {
  CHECK(trim(" \ta b\t ") == "a b");
  CHECK(trim(" \t ").empty());
  CHECK(trim("").empty());
  CHECK(trim("\va") == "\va");
}

TEST_CASE("a token is not empty", "[http]") {
  CHECK(is_token(std::string_view("a!")));
  CHECK_FALSE(is_token(std::string_view("")));
  CHECK_FALSE(is_token(std::string_view("a b")));
}

TEST_CASE("the table of classes is the same when it is made at run time", "[http]") {
  std::array<std::uint8_t, 256> table{};
  table = detail::make_class_table();
  for (unsigned c = 0; c < 256; ++c)
    CHECK(is_token(static_cast<char>(c)) == ((table[c] & char_class::token) != 0));
}

}  // namespace
