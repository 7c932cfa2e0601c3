// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <support/parsed_head.hpp>
#include <vector>
#include <weir/http/forwarded.hpp>

using namespace weir;
using namespace std::string_view_literals;
using http::ForwardedElement;
using http::ForwardedNode;
using http::KnownField;
using http::MembersFromEnd;
using test::ParsedHead;
using Kind = ForwardedNode::Kind;

namespace {

struct NodeCase {
  std::string_view text;
  Kind kind;  // none: refused
  std::string_view name = {};
  unsigned port = 0;
};

const NodeCase kNodes[] = {
    {"192.0.2.1", Kind::ipv4, "192.0.2.1"},
    {"192.0.2.1:4711", Kind::ipv4, "192.0.2.1", 4711},
    {"192.0.2.1:0", Kind::ipv4, "192.0.2.1", 0},
    {"192.0.2.1:65535", Kind::ipv4, "192.0.2.1", 65535},
    {"192.0.2.1:00080", Kind::ipv4, "192.0.2.1", 80},
    {"192.0.2.1:_port", Kind::ipv4, "192.0.2.1"},
    {"[2001:db8::1]", Kind::ipv6, "2001:db8::1"},
    {"[2001:db8::1]:4711", Kind::ipv6, "2001:db8::1", 4711},
    {"[::ffff:192.0.2.1]", Kind::ipv6, "::ffff:192.0.2.1"},
    {"unknown", Kind::unknown, "unknown"},
    {"UnKnown:80", Kind::unknown, "UnKnown", 80},
    {"_hidden", Kind::obfuscated, "_hidden"},
    {"_a.B-9_:_x", Kind::obfuscated, "_a.B-9_"},

    {"", Kind::none},
    {" 192.0.2.1", Kind::none},
    {"192.0.2.1 ", Kind::none},
    {"192.0.2", Kind::none},
    {"192.0.2.256", Kind::none},
    {"192.0.2.01", Kind::none},
    {"192.0.2.1.1", Kind::none},
    {"0x7f.1", Kind::none},
    {"3221225985", Kind::none},
    {"192.0.2.1:", Kind::none},
    {"192.0.2.1:65536", Kind::none},
    {"192.0.2.1:000080", Kind::none},
    {"192.0.2.1:-1", Kind::none},
    {"192.0.2.1:80:80", Kind::none},
    {"192.0.2.1:_", Kind::none},
    {"192.0.2.1/8", Kind::none},
    {"[192.0.2.1]", Kind::none},
    {"2001:db8::1", Kind::none},
    {"[2001:db8::1", Kind::none},
    {"[2001:db8::1]4711", Kind::none},
    {"[2001:db8::1]:", Kind::none},
    {"[fe80::1%eth0]", Kind::none},
    {"[]", Kind::none},
    {"[", Kind::none},
    {"]", Kind::none},
    {":80", Kind::none},
    {"_", Kind::none},
    {"_a b", Kind::none},
    {"_a,b", Kind::none},
    {"_\xc3\xa4", Kind::none},
    {"hidden", Kind::none},
    {"unknown.", Kind::none},
    {"localhost", Kind::none},
    {"unix:", Kind::none},
    {"\"192.0.2.1\"", Kind::none},
    {"192.0.2.1\0"sv, Kind::none},
};

void check(const std::optional<ForwardedNode>& node, const NodeCase& c) {
  REQUIRE(node.has_value() == (c.kind != Kind::none));
  if (!node) return;
  CHECK(node->kind == c.kind);
  CHECK(node->name == c.name);
  CHECK(node->port == c.port);
  CHECK(node->is_address() == (c.kind == Kind::ipv4 || c.kind == Kind::ipv6));
}

std::vector<std::string> from_end(std::string_view lines, MembersFromEnd::Quotes quotes) {
  const ParsedHead head(lines);
  REQUIRE(head.is_valid());
  MembersFromEnd members(*head, KnownField::forwarded, quotes);
  std::vector<std::string> all;
  for (std::string_view member; members.next(member);) all.emplace_back(member);
  std::string_view none;
  CHECK_FALSE(members.next(none));
  return all;
}

}  // namespace

TEST_CASE("nodes", "[http][forwarded]") {
  for (const NodeCase& c : kNodes) {
    CAPTURE(c.text);
    check(http::parse_forwarded_node(c.text), c);
  }
}

TEST_CASE("members of X-Forwarded-For are nodes, or IPv6 addresses without brackets",
          "[http][forwarded]") {
  for (const NodeCase& c : kNodes) {
    CAPTURE(c.text);
    const bool is_bare = c.text == "2001:db8::1";
    check(http::parse_x_forwarded_for(c.text), is_bare ? NodeCase{c.text, Kind::ipv6, c.text} : c);
  }
  constexpr NodeCase kBare[] = {
      {"::", Kind::ipv6, "::"},
      {"::ffff:10.0.0.1", Kind::ipv6, "::ffff:10.0.0.1"},
      {"2001:db8::1:8080", Kind::ipv6, "2001:db8::1:8080"},  // an address: no port can be told
      {"1:2:3:4:5:6:7:8:80", Kind::none},
      {"fe80::1%2", Kind::none},
      {"for=192.0.2.1", Kind::none},
  };
  for (const NodeCase& c : kBare) {
    CAPTURE(c.text);
    check(http::parse_x_forwarded_for(c.text), c);
  }
}

TEST_CASE("members of Forwarded", "[http][forwarded]") {
  struct Case {
    std::string_view text;
    const char* client;  // nullptr: the member is refused
    const char* by = "";
    const char* host = "";
    const char* proto = "";
  };
  // The first four are RFC 7239's own.
  constexpr Case kCases[] = {
      {"for=\"_gazonk\"", "_gazonk"},
      {"For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17:4711"},
      {"for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", "203.0.113.43", "", "http"},
      {"for=192.0.2.43", "192.0.2.43"},
      {"for=192.0.2.1;host=\"example.org:8080\"", "192.0.2.1", "", "example.org:8080"},
      {"host=example.org;proto=https", "", "", "example.org", "https"},
      {"for=unknown", "unknown"},
      {"for=\"192.0.2.1:80\";by=_proxy", "192.0.2.1:80", "_proxy"},
      {"FOR=192.0.2.1;PROTO=HTTPS", "192.0.2.1", "", "", "HTTPS"},
      {"for=192.0.2.1 ; proto=https", "192.0.2.1", "", "", "https"},
      {";for=192.0.2.1;;proto=https;", "192.0.2.1", "", "", "https"},
      {"for=192.0.2.1;secret=\"a\\\"b,c;for=x\";other=1", "192.0.2.1"},
      {"secret=a;secret=b", ""},
      {"for=192.0.2.1;host=\"\"", "192.0.2.1"},
      {"host=\"[::1]\"", "", "", "[::1]"},
      {"proto=git+ssh", "", "", "", "git+ssh"},
      {"", ""},

      {"for", nullptr},
      {"for=", nullptr},
      {"for=\"\"", nullptr},
      {"=192.0.2.1", nullptr},
      {"192.0.2.1", nullptr},
      {"for =192.0.2.1", nullptr},
      {"for= 192.0.2.1", nullptr},
      {"for=192.0.2.1:80", nullptr},  // a colon needs quotes
      {"for=[::1]", nullptr},
      {"for=\"::1\"", nullptr},
      {"for='192.0.2.1'", nullptr},
      {"for=\"192.0.2.1", nullptr},
      {"for=\"192.0.2.1\"x", nullptr},
      {"for=\"192.0.2.1\" by=_a", nullptr},
      {"for=\"192\\.0.2.1\"", nullptr},
      {"for=192.0.2.1;for=192.0.2.2", nullptr},
      {"for=192.0.2.1;For=192.0.2.1", nullptr},
      {"proto=http;proto=https", nullptr},
      {"for=example.org", nullptr},
      {"by=example.org", nullptr},
      {"for=192.0.2.1;by", nullptr},
      {"for=192.0.2.1, for=192.0.2.2", nullptr},
      {"for=192.0.2.1;host=\"a b\"", nullptr},
      {"for=192.0.2.1;host=\"a/b\"", nullptr},
      {"for=192.0.2.1;host=\"u@a\"", nullptr},
      {"for=192.0.2.1;host=\"a:99999\"", nullptr},
      {"for=192.0.2.1;proto=\"\"", nullptr},
      {"for=192.0.2.1;proto=1http", nullptr},
      {"for=192.0.2.1;proto=\"https://\"", nullptr},
      {"for=192.0.2.1;\xc3\xa4=1", nullptr},
      {"for=192.0.2.1\0"sv, nullptr},
  };
  const auto text = [](const ForwardedNode& node) {
    return std::string(node.name) + (node.port == 0 ? "" : ":" + std::to_string(node.port));
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    const std::optional<ForwardedElement> element = http::parse_forwarded_element(c.text);
    REQUIRE(element.has_value() == (c.client != nullptr));
    if (!element) continue;
    CHECK(text(element->client) == c.client);
    CHECK(text(element->by) == c.by);
    CHECK(element->host == c.host);
    CHECK(element->proto == c.proto);
  }
}

TEST_CASE("schemes with TLS and without", "[http][forwarded]") {
  for (const std::string_view text : {"https"sv, "HTTPS"sv, "wss"sv})
    CHECK(http::is_secure_scheme(text) == true);
  for (const std::string_view text : {"http"sv, "Http"sv, "ws"sv})
    CHECK(http::is_secure_scheme(text) == false);
  for (const std::string_view text :
       {""sv, "on"sv, "1"sv, "https "sv, "http,https"sv, "https://"sv, "ftp"sv, "httpss"sv})
    CHECK_FALSE(http::is_secure_scheme(text));
}

TEST_CASE("lists are walked from their end", "[http][forwarded]") {
  using Members = std::vector<std::string>;
  struct Case {
    const char* name;
    std::string_view lines;
    Members as_text;
    Members with_strings;
  };
  const Case kCases[] = {
      {"no field", "X: a\n", {}, {}},
      {"one", "Forwarded: a\n", {"a"}, {"a"}},
      {"three, blanks", "Forwarded: a,b ,\tc\n", {"c", "b", "a"}, {"c", "b", "a"}},
      {"empty line", "Forwarded:\n", {""}, {""}},
      {"empty members", "Forwarded: ,a, ,\n", {"", "", "a", ""}, {"", "", "a", ""}},
      {"lines, the last one first",
       "Forwarded: a, b\nX: x\nforwarded: c\nFORWARDED: d,e\n",
       {"e", "d", "c", "b", "a"},
       {"e", "d", "c", "b", "a"}},
      {"a comma in a string",
       "Forwarded: a, b=\"1,2\", c\n",
       {"c", "2\"", "b=\"1", "a"},
       {"c", "b=\"1,2\"", "a"}},
      {"an escaped quote",
       "Forwarded: a, b=\"1\\\",2\", c\n",
       {"c", "2\"", "b=\"1\\\"", "a"},
       {"c", "b=\"1\\\",2\"", "a"}},
      {"an escaped backslash",
       "Forwarded: a, b=\"1,\\\\\", c\n",
       {"c", "\\\\\"", "b=\"1", "a"},
       {"c", "b=\"1,\\\\\"", "a"}},
      {"two strings",
       "Forwarded: a=\",\";b=\",\"\n",
       {"\"", "\";b=\"", "a=\""},
       {"a=\",\";b=\",\""}},
      {"an empty string", "Forwarded: a, b=\"\"\n", {"b=\"\"", "a"}, {"b=\"\"", "a"}},
      // What a client has left open does not reach what a proxy has appended.
      {"half a string in front",
       "Forwarded: for=\"x, for=192.0.2.1\n",
       {"for=192.0.2.1", "for=\"x"},
       {"for=192.0.2.1", "for=\"x"}},
      {"half a string in front of a string",
       "Forwarded: for=\"x, for=\"[::1]\"\n",
       {"for=\"[::1]\"", "for=\"x"},
       {"for=\"[::1]\"", "for=\"x"}},
      {"a backslash in front",
       "Forwarded: for=\"\\, for=\"[::1]\"\n",
       {"for=\"[::1]\"", "for=\"\\"},
       {"for=\"[::1]\"", "for=\"\\"}},
      {"half a string on the line above",
       "Forwarded: for=\"x\nForwarded: for=_a\n",
       {"for=_a", "for=\"x"},
       {"for=_a", "for=\"x"}},
      {"half a string at the end", "Forwarded: a, b, c\"\n", {"c\"", "b", "a"}, {"a, b, c\""}},
      {"only a quote", "Forwarded: \"\n", {"\""}, {"\""}},
      {"only an escaped quote at the front", "Forwarded: \\\"a\"\n", {"\\\"a\""}, {"\\\"a\""}},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    CHECK(from_end(c.lines, MembersFromEnd::Quotes::are_text) == c.as_text);
    CHECK(from_end(c.lines, MembersFromEnd::Quotes::part_strings) == c.with_strings);
  }
}

TEST_CASE("the last member of all lines", "[http][forwarded]") {
  const auto last = [](std::string_view lines) {
    const ParsedHead head(lines);
    return std::string(http::last_member(*head, KnownField::x_forwarded_proto));
  };
  CHECK(last("").empty());
  CHECK(last("X-Forwarded-Proto: http\n") == "http");
  CHECK(last("X-Forwarded-Proto: http, https\n") == "https");
  CHECK(last("X-Forwarded-Proto: http\nX-Forwarded-Proto: ws , https \n") == "https");
  CHECK(last("X-Forwarded-Proto: https,\n").empty());
  CHECK(last("X-Forwarded-Proto: https\nX-Forwarded-Proto:\n").empty());
}

TEST_CASE("the members of any quotes and backslashes make up the line", "[http][forwarded]") {
  for (const char* const piece : {"\"", "\\\"", "\\", ",\"", "\\\\\"", "\",\""}) {
    CAPTURE(piece);
    std::string line;
    while (line.size() < 15'000) line += piece;
    std::string again;
    for (const std::string& member :
         from_end("Forwarded: " + line + "\n", MembersFromEnd::Quotes::part_strings))
      again.insert(0, member + ",");
    CHECK(again == line + ",");
  }
}
