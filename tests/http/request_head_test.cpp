// SPDX-License-Identifier: MIT
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <support/parsed_head.hpp>
#include <vector>
#include <weir/http/request_head.hpp>
#include <weir/http/request_parser.hpp>

namespace {

using namespace weir::http;

constexpr std::string_view kWire =
    "POST /a?b HTTP/1.1\r\nHOST: example.com\r\nX-A: 1\r\naccept: x\r\nx-a: 2\r\n"
    "Accept: y\r\nContent-Length: 3\r\n\r\n";

struct Parsed {
  std::string bytes{kWire};
  std::array<FieldIndex, 16> index{};
  RequestHead head;
  Parsed() {
    head.fields = index.data();
    head.field_capacity = static_cast<std::uint32_t>(index.size());
    RequestParser parser;
    REQUIRE(parser.parse(bytes.data(), bytes.size(), head, {}).kind ==
            RequestParser::Result::Kind::complete);
  }
};

TEST_CASE("the first field of a name is found whatever the case", "[http]") {
  const Parsed p;
  CHECK(p.head.header("host") == "example.com");
  CHECK(p.head.header("Accept") == "x");
  CHECK(p.head.header(KnownField::accept) == "x");
  CHECK(p.head.header("X-a") == "1");
  CHECK(p.head.header("X-B").data() == nullptr);
  CHECK(p.head.header(KnownField::cookie).data() == nullptr);
  CHECK(p.head.header(KnownField::none).data() == nullptr);
  CHECK(p.head.header("").data() == nullptr);
}

TEST_CASE("a head knows what is there and what is there twice", "[http]") {
  const Parsed p;
  CHECK(p.head.has(KnownField::host));
  CHECK_FALSE(p.head.has(KnownField::cookie));
  CHECK_FALSE(p.head.has(KnownField::none));
  CHECK(p.head.is_repeated(KnownField::accept));
  CHECK_FALSE(p.head.is_repeated(KnownField::host));
  CHECK(p.head.name(0) == "HOST");
  CHECK(p.head.fields[1].id == KnownField::none);
}

TEST_CASE("views follow the base when the bytes move", "[http]") {
  Parsed p;
  const std::string moved = p.bytes;
  p.bytes.assign(p.bytes.size(), '?');
  p.head.base = moved.data();
  CHECK(p.head.method_name() == "POST");
  CHECK(p.head.target_text() == "/a?b");
  CHECK(p.head.header("host") == "example.com");
  CHECK(p.head.header("host").data() > moved.data());
}

TEST_CASE("clear keeps bytes and index", "[http]") {
  Parsed p;
  p.head.clear();
  CHECK(p.head.base == p.bytes.data());
  CHECK(p.head.field_capacity == 16);
  CHECK(p.head.field_count == 0);
  CHECK(p.head.content_length == 0);
  CHECK(p.head.framing == RequestHead::Framing::none);
  CHECK_FALSE(p.head.has(KnownField::host));
  CHECK(p.head.header("x-a").empty());
}

using Lines = std::vector<std::string_view>;

Lines accept_lines(const weir::test::ParsedHead& head) {
  Lines lines;
  for (const std::string_view line : FieldValues(*head, KnownField::accept)) lines.push_back(line);
  return lines;
}

TEST_CASE("the values of all lines of a field come in order", "[http]") {
  CHECK(accept_lines(weir::test::ParsedHead("")).empty());
  CHECK(accept_lines(weir::test::ParsedHead("X-A: 1\n")).empty());
  CHECK(accept_lines(weir::test::ParsedHead("Accept: a\n")) == Lines{"a"});
  CHECK(accept_lines(weir::test::ParsedHead("Accept: a\nX: b\n")) == Lines{"a"});
  CHECK(accept_lines(weir::test::ParsedHead("Accept: a\nTE: x\nACCEPT: b, c\naccept:\nX: y\n")) ==
        Lines{"a", "b, c", ""});
}

}  // namespace
