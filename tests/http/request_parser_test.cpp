// SPDX-License-Identifier: MIT
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/request_parser.hpp>
#include <weir/http/target.hpp>

#include "../support/guarded_bytes.hpp"
#include "../support/pieces.hpp"

namespace {

using namespace std::string_view_literals;
using namespace weir::http;
using weir::test::Cuts;
using weir::test::GuardedBytes;
using Kind = RequestParser::Result::Kind;
using Framing = RequestHead::Framing;

/// What a parse came to, apart from where its bytes lie.
struct Outcome {
  Kind kind = Kind::partial;
  ParseError error = ParseError::none;
  std::uint32_t consumed = 0;
  std::string text;   // method, target and fields, if the head is complete
  std::string known;  // which of the fields are known ones

  bool operator==(const Outcome& o) const {
    return kind == o.kind && error == o.error && consumed == o.consumed && text == o.text &&
           known == o.known;
  }
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "kind " << static_cast<int>(o.kind) << ", " << message_of(o.error) << " at "
             << o.consumed << ": " << o.text;
}

std::string describe_known(const RequestHead& head) {
  std::string text = std::to_string(head.present) + " " + std::to_string(head.repeated);
  for (std::size_t i = 0; i < head.field_count; ++i)
    text.append(" ").append(to_string(head.fields[i].id));
  return text;
}

std::string describe(const RequestHead& head) {
  std::string text(head.method_name());
  text.append(" ").append(head.target_text());
  text.append(" HTTP/1.").append(std::to_string(head.minor_version)).append("\n");
  for (std::size_t i = 0; i < head.field_count; ++i)
    text.append("<").append(head.name(i)).append("=").append(head.value(i)).append(">");
  text.append("\nframing ").append(std::to_string(static_cast<int>(head.framing)));
  text.append(" ").append(std::to_string(head.content_length));
  for (const bool flag : {head.keep_alive, head.expect_continue, head.expect_unknown, head.has_host,
                          head.wants_upgrade})
    text.append(flag ? " 1" : " 0");
  return text;
}

/// Parses `wire` piece by piece; before each call the bytes so far move to the end of a guarded
/// page.
Outcome parse_in_pieces(std::string_view wire, const Cuts& cuts, const Limits& limits,
                        GuardedBytes& memory) {
  std::vector<FieldIndex> index(200);
  RequestHead head;
  head.fields = index.data();
  head.field_capacity = static_cast<std::uint32_t>(index.size());
  RequestParser parser;
  RequestParser::Result result;
  std::size_t size = 0;
  for (const std::size_t piece : cuts) {
    size += piece;
    const std::string_view bytes = memory.at_end(wire.substr(0, size));
    result = parser.parse(bytes.data(), bytes.size(), head, limits);
    if (result.kind != Kind::partial) break;
    if (result.consumed != 0 || result.error != ParseError::none) return {};
  }
  Outcome outcome{result.kind, result.error, result.consumed, {}, {}};
  if (result.kind == Kind::complete) {
    outcome.text = describe(head);
    outcome.known = describe_known(head);
  }
  return outcome;
}

/// The outcome of the whole, after checking that every other cut gives the same.
Outcome parse_all_ways(std::string_view wire, const Limits& limits = {}) {
  GuardedBytes memory(wire.size());
  const Outcome at_once = parse_in_pieces(wire, weir::test::whole(wire.size()), limits, memory);
  weir::test::for_each_cut(wire.size(), [&](const Cuts& cuts) {
    const Outcome got = parse_in_pieces(wire, cuts, limits, memory);
    if (!(got == at_once)) {
      CAPTURE(cuts);
      CHECK(got == at_once);
    }
  });
  return at_once;
}

/// One head for a test to look at; it owns its bytes.
struct Parsed {
  explicit Parsed(std::string_view wire, const Limits& limits = {}) : bytes(wire) {
    head.fields = index.data();
    head.field_capacity = static_cast<std::uint32_t>(index.size());
    result = parser.parse(bytes.data(), bytes.size(), head, limits);
  }
  std::string bytes;
  std::array<FieldIndex, 100> index{};
  RequestHead head;
  RequestParser parser;
  RequestParser::Result result;
};

#define HOST "Host: a\r\n"

struct Refused {
  const char* name;
  std::string_view wire;
  ParseError error;
  std::size_t at;  // offset of the byte that broke the rule; npos: behind the head
};
constexpr std::size_t kEnd = std::string_view::npos;

constexpr Refused kRequestLines[] = {
    {"three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\n", ParseError::too_many_empty_lines, 4},
    {"LF as an empty line", "\nGET / HTTP/1.1\r\n", ParseError::bare_lf, 0},
    {"CR as an empty line", "\rGET / HTTP/1.1\r\n", ParseError::bare_cr, 1},
    {"space first", " GET / HTTP/1.1\r\n", ParseError::bad_method, 0},
    {"no method", "/ HTTP/1.1\r\n", ParseError::bad_method, 0},
    {"method alone", "GET\r\n", ParseError::bad_method, 3},
    {"method with a delimiter", "GE(T / HTTP/1.1\r\n", ParseError::bad_method, 2},
    {"tab behind the method", "GET\t/ HTTP/1.1\r\n", ParseError::bad_method, 3},
    {"TLS hello", "\x16\x03\x01\x02\x00"sv, ParseError::bad_method, 0},
    {"NUL in the method", "G\0T / HTTP/1.1\r\n"sv, ParseError::bad_method, 1},
    {"UTF-8 in the method", "G\xc3\xa9T / HTTP/1.1\r\n", ParseError::bad_method, 1},
    {"CONNECT", "CONNECT a:443 HTTP/1.1\r\n", ParseError::connect_refused, 7},
    {"two spaces before the target", "GET  / HTTP/1.1\r\n", ParseError::bad_target, 4},
    {"no target", "GET \r\n", ParseError::bad_target, 4},
    {"fragment", "GET /a#b HTTP/1.1\r\n", ParseError::bad_target, 6},
    {"tab in the target", "GET /a\tb HTTP/1.1\r\n", ParseError::bad_target, 6},
    {"DEL in the target", "GET /a\x7f HTTP/1.1\r\n", ParseError::bad_target, 6},
    {"NUL in the target", "GET /\0 HTTP/1.1\r\n"sv, ParseError::bad_target, 5},
    {"UTF-8 in the target", "GET /\xc3\xa9 HTTP/1.1\r\n", ParseError::bad_target, 5},
    {"UTF-8 far in the target", "GET /0123456789012345678\xc3 HTTP/1.1\r\n", ParseError::bad_target,
     24},
    {"HTTP/0.9", "GET /\r\n", ParseError::missing_version, 5},
    {"HTTP/0.9 with LF", "GET /\n", ParseError::missing_version, 5},
    {"two spaces before the version", "GET /  HTTP/1.1\r\n", ParseError::bad_version, 6},
    {"space in the target", "GET /a b HTTP/1.1\r\n", ParseError::bad_version, 7},
    {"space behind the target alone", "GET / \r\n", ParseError::bad_version, 6},
    {"lower-case version", "GET / http/1.1\r\n", ParseError::bad_version, 6},
    {"another protocol", "GET / ICY/1.1\r\n", ParseError::bad_version, 6},
    {"HTTPS as a protocol", "GET / HTTPS/1.1\r\n", ParseError::bad_version, 10},
    {"comma in the version", "GET / HTTP/1,1\r\n", ParseError::bad_version, 12},
    {"no minor version", "GET / HTTP/1\r\n", ParseError::bad_version, 12},
    {"empty minor version", "GET / HTTP/1.\r\n", ParseError::bad_version, 13},
    {"two-digit minor version", "GET / HTTP/1.10\r\n", ParseError::bad_version, 14},
    {"two-digit major version", "GET / HTTP/11.1\r\n", ParseError::bad_version, 12},
    {"leading zero", "GET / HTTP/01.1\r\n", ParseError::bad_version, 12},
    {"space behind the version", "GET / HTTP/1.1 \r\n", ParseError::bad_version, 14},
    {"words behind the version", "GET / HTTP/1.1 x\r\n", ParseError::bad_version, 14},
    {"HTTP/0.9 written out", "GET / HTTP/0.9\r\n", ParseError::unsupported_version, 13},
    {"HTTP/2.0", "GET / HTTP/2.0\r\n", ParseError::unsupported_version, 13},
    {"HTTP/3.0", "GET / HTTP/3.0\r\n", ParseError::unsupported_version, 13},
    {"HTTP/9.9", "GET / HTTP/9.9\r\n", ParseError::unsupported_version, 13},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ParseError::http2_preface, 13},
    {"PRI of a path in HTTP/2.0", "PRI /a HTTP/2.0\r\n", ParseError::unsupported_version, 14},
    {"another method in HTTP/2.0", "GET * HTTP/2.0\r\n", ParseError::unsupported_version, 13},
    {"PRI in HTTP/1.1", "PRI * HTTP/1.1\r\n", ParseError::bad_target_form, 13},
    {"asterisk but not OPTIONS", "GET * HTTP/1.1\r\n", ParseError::bad_target_form, 13},
    {"asterisk and more", "OPTIONS *a HTTP/1.1\r\n", ParseError::bad_target_form, 18},
    {"relative target", "GET a HTTP/1.1\r\n", ParseError::bad_target_form, 13},
    {"authority-form", "GET a:80 HTTP/1.1\r\n", ParseError::bad_target_form, 16},
    {"another scheme", "GET ftp://a/ HTTP/1.1\r\n", ParseError::bad_target_form, 20},
    {"scheme alone", "GET http:// HTTP/1.1\r\n", ParseError::bad_target_form, 19},
    {"LF behind the version", "GET / HTTP/1.1\nHost: a\r\n\r\n", ParseError::bare_lf, 14},
    {"CR behind the version", "GET / HTTP/1.1\rHost: a\r\n\r\n", ParseError::bare_cr, 15},
    {"CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", ParseError::bare_cr, 15},
};

constexpr Refused kFieldLines[] = {
    {"space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
     ParseError::space_before_first_field, 16},
    {"line of white space", "GET / HTTP/1.1\r\n \r\n\r\n", ParseError::space_before_first_field,
     16},
    {"folded by a space", "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", ParseError::obs_fold, 31},
    {"folded by a tab", "GET / HTTP/1.1\r\n" HOST "A: b\r\n\tc\r\n\r\n", ParseError::obs_fold, 31},
    {"folded to nothing", "GET / HTTP/1.1\r\n" HOST "A: b\r\n \r\n\r\n", ParseError::obs_fold, 31},
    {"empty name", "GET / HTTP/1.1\r\n: a\r\n\r\n", ParseError::empty_name, 16},
    {"space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", ParseError::space_before_colon,
     20},
    {"tab before the colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", ParseError::space_before_colon,
     20},
    {"space in the name", "GET / HTTP/1.1\r\nA B: c\r\n\r\n", ParseError::space_before_colon, 17},
    {"no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", ParseError::missing_colon, 20},
    {"delimiter in the name", "GET / HTTP/1.1\r\nHo(st: a\r\n\r\n", ParseError::bad_name, 18},
    {"NUL in the name", "GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n"sv, ParseError::bad_name, 18},
    {"UTF-8 in the name", "GET / HTTP/1.1\r\nHo\xc3\xa9: a\r\n\r\n", ParseError::bad_name, 18},
    {"CR for a hyphen in a known name", "GET / HTTP/1.1\r\nContent\rLength: 5\r\n\r\n",
     ParseError::missing_colon, 23},
    {"vertical tab before the name", "GET / HTTP/1.1\r\n\vTransfer-Encoding: chunked\r\n\r\n",
     ParseError::bad_name, 16},
    {"NUL in a value", "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"sv, ParseError::nul_in_value, 20},
    {"bell in a value", "GET / HTTP/1.1\r\nA: b\ac\r\n\r\n", ParseError::bad_value, 20},
    {"DEL in a value", "GET / HTTP/1.1\r\nA: b\x7f\r\n\r\n", ParseError::bad_value, 20},
    {"vertical tab as white space", "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding:\vchunked\r\n\r\n",
     ParseError::bad_value, 43},
    {"form feed behind a value", "GET / HTTP/1.1\r\nA: b\f\r\n\r\n", ParseError::bad_value, 20},
    {"bare CR in a value", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", ParseError::bare_cr, 21},
    {"CR CR LF behind a value", "GET / HTTP/1.1\r\nA: b\r\r\n\r\n", ParseError::bare_cr, 21},
    {"bare LF behind a value", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", ParseError::bare_lf, 20},
    {"bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", ParseError::bare_lf, 25},
    {"bare CR as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\rX", ParseError::bare_cr, 26},
};

constexpr Refused kMeanings[] = {
    // Host
    {"no fields in HTTP/1.1", "GET / HTTP/1.1\r\n\r\n", ParseError::missing_host, kEnd},
    {"no Host in HTTP/1.1", "GET / HTTP/1.1\r\nA: b\r\n\r\n", ParseError::missing_host, kEnd},
    {"no Host beside an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n",
     ParseError::missing_host, kEnd},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", ParseError::repeated_host, kEnd},
    {"two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhOST: a\r\n\r\n", ParseError::repeated_host,
     kEnd},
    {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
     ParseError::repeated_host, kEnd},
    {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", ParseError::bad_host, kEnd},
    {"Host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", ParseError::bad_host,
     kEnd},
    {"Host with white space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", ParseError::bad_host, kEnd},
    {"Host as a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", ParseError::bad_host, kEnd},
    {"Host with a port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", ParseError::bad_host,
     kEnd},
    // Content-Length
    {"empty length", "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"plus", "POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"minus", "POST / HTTP/1.1\r\n" HOST "Content-Length: -5\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"minus zero", "POST / HTTP/1.1\r\n" HOST "Content-Length: -0\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"hexadecimal", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"space inside", "POST / HTTP/1.1\r\n" HOST "Content-Length: 1 0\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"underscore", "POST / HTTP/1.1\r\n" HOST "Content-Length: 1_0\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"fraction", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5.0\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"exponent", "POST / HTTP/1.1\r\n" HOST "Content-Length: 1e1\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"list of equal lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"fullwidth digit", "POST / HTTP/1.1\r\n" HOST "Content-Length: \xef\xbc\x95\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"superscript of Latin-1", "POST / HTTP/1.1\r\n" HOST "Content-Length: \xb2\r\n\r\n",
     ParseError::bad_content_length, kEnd},
    {"2^63", "POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775808\r\n\r\n",
     ParseError::content_length_overflow, kEnd},
    {"2^64 + 5", "POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551621\r\n\r\n",
     ParseError::content_length_overflow, kEnd},
    {"twenty zeros", "POST / HTTP/1.1\r\n" HOST "Content-Length: 00000000000000000000\r\n\r\n",
     ParseError::content_length_overflow, kEnd},
    {"two lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
     ParseError::repeated_content_length, kEnd},
    {"two equal lengths",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\ncontent-length: 5\r\n\r\n",
     ParseError::repeated_content_length, kEnd},
    // Transfer-Encoding
    {"length and encoding",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
     ParseError::length_and_encoding, kEnd},
    {"encoding and length",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
     ParseError::length_and_encoding, kEnd},
    {"broken encoding and length",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: x\r\nContent-Length: 0\r\n\r\n",
     ParseError::length_and_encoding, kEnd},
    {"encoding in HTTP/1.0", "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
     ParseError::encoding_in_http_1_0, kEnd},
    {"empty encoding", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"gzip alone", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n",
     ParseError::unknown_transfer_encoding, kEnd},
    {"identity", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n",
     ParseError::unknown_transfer_encoding, kEnd},
    {"gzip, then chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
     ParseError::unknown_transfer_encoding, kEnd},
    {"chunked, then gzip", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, gzip\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"chunked, then identity",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked,identity\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"chunked twice in a list",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"chunked on two lines",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"chunked and another on two lines",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"chunked with a parameter",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked;a=b\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"chunked with an empty member",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked,\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"an empty member first", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: ,chunked\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"gzip with an empty member", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip,\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"quoted chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \"chunked\"\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"xchunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n",
     ParseError::unknown_transfer_encoding, kEnd},
    {"chunked with a Kelvin sign",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chun\xe2\x84\xaa"
     "ed\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
    {"a space inside chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chun ked\r\n\r\n",
     ParseError::bad_transfer_encoding, kEnd},
};

void check_refused(const Refused& c) {
  const Outcome got = parse_all_ways(c.wire);
  CAPTURE(std::string(message_of(got.error)));
  CHECK(got.kind == Kind::failed);
  CHECK(got.error == c.error);
  CHECK(got.consumed == (c.at == kEnd ? c.wire.size() : c.at));
}

TEST_CASE("what breaks a rule of the request line is refused at its byte", "[http]") {
  for (const Refused& c : kRequestLines) DYNAMIC_SECTION(c.name) {
      check_refused(c);
    }
}

TEST_CASE("what breaks a rule of the field lines is refused at its byte", "[http]") {
  for (const Refused& c : kFieldLines) DYNAMIC_SECTION(c.name) {
      check_refused(c);
    }
}

TEST_CASE("fields that could be read in two ways are refused behind the head", "[http]") {
  for (const Refused& c : kMeanings) DYNAMIC_SECTION(c.name) {
      check_refused(c);
    }
}

struct Accepted {
  const char* name;
  std::string_view wire;
  std::string_view text;  // describe()
};

constexpr Accepted kAccepted[] = {
    {"the least of HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\n\nframing 0 0 0 0 0 0 0"},
    {"the least of HTTP/1.1", "GET / HTTP/1.1\r\n" HOST "\r\n",
     "GET / HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
     "GET / HTTP/1.1\n<Host=>\nframing 0 0 1 0 0 1 0"},
    {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n",
     "GET / HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"a higher minor version", "GET / HTTP/1.7\r\n" HOST "\r\n",
     "GET / HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"any token as a method", "M-SEARCH!#$%&'*+.^_`|~ / HTTP/1.1\r\n" HOST "\r\n",
     "M-SEARCH!#$%&'*+.^_`|~ / HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"a method in lower case", "get / HTTP/1.1\r\n" HOST "\r\n",
     "get / HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"what curl sends unescaped", "GET /\"<>\\^`{|}?a=[b]&c=\"{}|\" HTTP/1.1\r\n" HOST "\r\n",
     "GET /\"<>\\^`{|}?a=[b]&c=\"{}|\" HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"two slashes", "GET //a//b HTTP/1.1\r\n" HOST "\r\n",
     "GET //a//b HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"absolute-form", "GET HTTP://a/b HTTP/1.1\r\n" HOST "\r\n",
     "GET HTTP://a/b HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"asterisk-form", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n",
     "OPTIONS * HTTP/1.1\n<Host=a>\nframing 0 0 1 0 0 1 0"},
    {"values lose the white space around them",
     "GET / HTTP/1.1\r\nHost:a\r\nA: \t b\t c \t\r\nB:\r\nC: \r\nD:\t\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><A=b\t c><B=><C=><D=>\nframing 0 0 1 0 0 1 0"},
    {"obs-text in a value", "GET / HTTP/1.1\r\n" HOST "A: \x80\xff\xc3\xa9\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><A=\x80\xff\xc3\xa9>\nframing 0 0 1 0 0 1 0"},
    {"every tchar in a name", "GET / HTTP/1.1\r\n" HOST "!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><!#$%&'*+-.^_`|~09azAZ=b>\nframing 0 0 1 0 0 1 0"},
    {"colons in a value", "GET / HTTP/1.1\r\n" HOST "A::b:c\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><A=:b:c>\nframing 0 0 1 0 0 1 0"},
    {"a length", "POST / HTTP/1.1\r\n" HOST "content-LENGTH: 5\r\n\r\nhello",
     "POST / HTTP/1.1\n<Host=a><content-LENGTH=5>\nframing 1 5 1 0 0 1 0"},
    {"a length of zero", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
     "POST / HTTP/1.1\n<Host=a><Content-Length=0>\nframing 1 0 1 0 0 1 0"},
    {"a length with zeros", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0005\r\n\r\n",
     "POST / HTTP/1.1\n<Host=a><Content-Length=0005>\nframing 1 5 1 0 0 1 0"},
    {"2^63-1", "POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775807\r\n\r\n",
     "POST / HTTP/1.1\n<Host=a><Content-Length=9223372036854775807>\n"
     "framing 1 9223372036854775807 1 0 0 1 0"},
    {"chunked in any case", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\tChUnKeD \r\n\r\n",
     "POST / HTTP/1.1\n<Host=a><Transfer-Encoding=ChUnKeD>\nframing 2 0 1 0 0 1 0"},
    {"close", "GET / HTTP/1.1\r\n" HOST "Connection: Close\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Connection=Close>\nframing 0 0 0 0 0 1 0"},
    {"close wins", "GET / HTTP/1.1\r\n" HOST "Connection: keep-alive, ,close,\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Connection=keep-alive, ,close,>\nframing 0 0 0 0 0 1 0"},
    {"close wins on another line",
     "GET / HTTP/1.1\r\n" HOST "Connection: close\r\nConnection: keep-alive\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Connection=close><Connection=keep-alive>\nframing 0 0 0 0 0 1 0"},
    {"closed is not close", "GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Connection=closed>\nframing 0 0 1 0 0 1 0"},
    {"HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
     "GET / HTTP/1.0\n<Connection=Keep-Alive>\nframing 0 0 1 0 0 0 0"},
    {"100-continue", "GET / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Expect=100-Continue>\nframing 0 0 1 1 0 1 0"},
    {"another expectation", "GET / HTTP/1.1\r\n" HOST "Expect: 200-ok\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Expect=200-ok>\nframing 0 0 1 0 1 1 0"},
    {"100-continue twice",
     "GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Expect=100-continue><Expect=100-continue>\n"
     "framing 0 0 1 0 1 1 0"},
    {"100-continue in HTTP/1.0", "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
     "GET / HTTP/1.0\n<Expect=100-continue>\nframing 0 0 0 0 0 0 0"},
    {"an upgrade",
     "GET / HTTP/1.1\r\n" HOST "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Upgrade=websocket><Connection=keep-alive, Upgrade>\n"
     "framing 0 0 1 0 0 1 1"},
    {"Upgrade without its option", "GET / HTTP/1.1\r\n" HOST "Upgrade: websocket\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Upgrade=websocket>\nframing 0 0 1 0 0 1 0"},
    {"the option without Upgrade", "GET / HTTP/1.1\r\n" HOST "Connection: upgrade\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Connection=upgrade>\nframing 0 0 1 0 0 1 0"},
    {"an upgrade in HTTP/1.0", "GET / HTTP/1.0\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n",
     "GET / HTTP/1.0\n<Upgrade=a><Connection=upgrade>\nframing 0 0 0 0 0 0 0"},
    {"names that are nearly framing ones",
     "GET / HTTP/1.1\r\n" HOST "Content_Length: 5\r\nTransfer_Encoding: chunked\r\n"
     "X-Content-Length: 6\r\n\r\n",
     "GET / HTTP/1.1\n<Host=a><Content_Length=5><Transfer_Encoding=chunked>"
     "<X-Content-Length=6>\nframing 0 0 1 0 0 1 0"},
};

TEST_CASE("a well-formed head means the same however it is cut", "[http]") {
  for (const Accepted& c : kAccepted) DYNAMIC_SECTION(c.name) {
      const Outcome got = parse_all_ways(c.wire);
      CHECK(got.kind == Kind::complete);
      CHECK(got.error == ParseError::none);
      CHECK(got.text == c.text);
      CHECK(got.consumed == c.wire.rfind("\r\n\r\n") + 4);
    }
}

TEST_CASE("a head that has not ended is partial and nothing may be dropped", "[http]") {
  const std::string_view wire = "\r\nPOST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n";
  for (std::size_t size = 0; size < wire.size(); ++size) {
    CAPTURE(size);
    const Parsed got(wire.substr(0, size));
    CHECK(got.result.kind == Kind::partial);
    CHECK(got.result.consumed == 0);
    CHECK(got.parser.started() == (size > 2));
  }
}

TEST_CASE("what follows a head is not looked at", "[http]") {
  Parsed got("GET /a HTTP/1.1\r\n" HOST "\r\n\x16GARBAGE\0\r\n"sv);
  REQUIRE(got.result.kind == Kind::complete);
  CHECK(got.result.consumed == 28);
  CHECK(got.head.size == 28);
  const auto again = got.parser.parse(got.bytes.data(), got.bytes.size(), got.head, {});
  CHECK(again.kind == Kind::complete);
  CHECK(again.consumed == 28);
}

TEST_CASE("an error is final until reset", "[http]") {
  Parsed got("GET / HTTP/1.1\nHost: a\r\n\r\n");
  REQUIRE(got.result.error == ParseError::bare_lf);
  const std::string_view good = "GET / HTTP/1.1\r\n" HOST "\r\n";
  CHECK(got.parser.parse(good.data(), good.size(), got.head, {}).error == ParseError::bare_lf);
  got.parser.reset();
  CHECK(got.parser.parse(good.data(), good.size(), got.head, {}).kind == Kind::complete);
}

TEST_CASE("LF alone ends a line only where it is allowed to", "[http]") {
  Limits limits;
  limits.allow_bare_lf = true;
  const Outcome got =
      parse_all_ways("\nGET / HTTP/1.1\nHost: a\nA: b \r\nContent-Length: 5\n\nhello", limits);
  CHECK(got.kind == Kind::complete);
  CHECK(got.text == "GET / HTTP/1.1\n<Host=a><A=b><Content-Length=5>\nframing 1 5 1 0 0 1 0");
  CHECK(parse_all_ways("GET / HTTP/1.1\rHost: a\n\n", limits).error == ParseError::bare_cr);
  CHECK(parse_all_ways("GET / HTTP/1.1\nA: b\n c\n\n", limits).error == ParseError::obs_fold);
}

TEST_CASE("each limit holds at its byte", "[http]") {
  Limits limits;
  SECTION("the request line may have as many bytes, and no more") {
    limits.request_line = 40;
    const std::string fits = "GET /" + std::string(26, 'a') + " HTTP/1.1\r\n" HOST "\r\n";
    CHECK(parse_all_ways(fits, limits).kind == Kind::complete);
    const std::string long_one = "GET /" + std::string(27, 'a') + " HTTP/1.1\r\n" HOST "\r\n";
    CHECK(parse_all_ways(long_one, limits) ==
          Outcome{Kind::failed, ParseError::request_line_too_long, 32, {}, {}});
    const std::string endless = "GET /" + std::string(100, 'a') + "\x01";
    CHECK(parse_all_ways(endless, limits) ==
          Outcome{Kind::failed, ParseError::request_line_too_long, 40, {}, {}});
    CHECK(parse_all_ways(std::string(100, 'A'), limits) ==
          Outcome{Kind::failed, ParseError::request_line_too_long, 40, {}, {}});
    CHECK(parse_all_ways("\r\n" + std::string(100, 'A'), limits) ==
          Outcome{Kind::failed, ParseError::request_line_too_long, 42, {}, {}});
  }
  SECTION("so may a field") {
    limits.field = 20;
    const std::string start = "GET / HTTP/1.1\r\n";
    CHECK(parse_all_ways(start + HOST "A:" + std::string(18, 'b') + "\r\n\r\n", limits).kind ==
          Kind::complete);
    CHECK(parse_all_ways(start + HOST "A:" + std::string(19, 'b') + "\r\n\r\n", limits) ==
          Outcome{Kind::failed, ParseError::field_too_long, 45, {}, {}});
    CHECK(parse_all_ways(start + std::string(30, 'A') + ": b\r\n", limits) ==
          Outcome{Kind::failed, ParseError::field_too_long, 36, {}, {}});
    CHECK(parse_all_ways(start + "A:" + std::string(30, ' ') + "b\r\n", limits) ==
          Outcome{Kind::failed, ParseError::field_too_long, 36, {}, {}});
  }
  SECTION("so may all fields together") {
    limits.all_fields = 30;
    const std::string start = "GET / HTTP/1.1\r\n" HOST;  // nine bytes of fields
    CHECK(parse_all_ways(start + "A: " + std::string(16, 'b') + "\r\n\r\n", limits).kind ==
          Kind::complete);
    CHECK(parse_all_ways(start + "A: " + std::string(17, 'b') + "\r\n\r\n", limits) ==
          Outcome{Kind::failed, ParseError::fields_too_long, 46, {}, {}});
    CHECK(parse_all_ways(start + "A: " + std::string(19, 'b') + "\r\n\r\n", limits) ==
          Outcome{Kind::failed, ParseError::fields_too_long, 46, {}, {}});
    CHECK(parse_all_ways(start + "A: b\r\nB: c\r\nC: d\r\nD: e\r\n\r\n", limits) ==
          Outcome{Kind::failed, ParseError::fields_too_long, 46, {}, {}});
  }
  SECTION("so many fields, and no more") {
    limits.field_count = 3;
    const std::string start = "GET / HTTP/1.1\r\n" HOST "A: b\r\nA: b\r\n";
    CHECK(parse_all_ways(start + "\r\n", limits).kind == Kind::complete);
    CHECK(parse_all_ways(start + "A: b\r\n\r\n", limits) ==
          Outcome{Kind::failed, ParseError::too_many_fields, 37, {}, {}});
  }
  SECTION("the caller's index is a limit, too") {
    std::string wire = "GET / HTTP/1.1\r\n" HOST;
    for (int i = 0; i < 200; ++i) wire += "A: b\r\n";
    const Parsed got(wire + "\r\n", [] {
      Limits many;
      many.field_count = 1000;
      return many;
    }());
    CHECK(got.result.error == ParseError::too_many_fields);
    CHECK(got.head.field_count == 100);
  }
  SECTION("a name has 65,535 bytes at most, whatever the limits") {
    limits.field = 200'000;
    limits.all_fields = 200'000;
    const std::string start = "GET / HTTP/1.1\r\n" HOST;
    const Parsed fits(start + std::string(65'535, 'n') + ": v\r\n\r\n", limits);
    CHECK(fits.result.kind == Kind::complete);
    CHECK(fits.head.name(1).size() == 65'535);
    const Parsed long_one(start + std::string(65'536, 'n') + ": v\r\n\r\n", limits);
    CHECK(long_one.result.error == ParseError::field_too_long);
    CHECK(long_one.result.consumed == start.size() + 65'535);
  }
}

TEST_CASE("a real request parses whole and cut", "[http]") {
  const std::string_view wire =
      "GET /articles/how-to-read?from=front&x=%20 HTTP/1.1\r\n"
      "Host: www.example.com:8080\r\n"
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
      "Accept-Encoding: gzip, deflate, br, zstd\r\n"
      "X-Unknown-But-Long-Enough-Name: yes\r\n"
      "Connection: keep-alive\r\n"
      "Cookie: session=0123456789abcdef; theme=dark\r\n"
      "Sec-Fetch-User: ?1\r\n"
      "DNT: 1\r\n"
      "\r\n";
  CHECK(parse_all_ways(wire).kind == Kind::complete);
  const Parsed got(wire);
  CHECK(got.head.method == Method::get);
  CHECK(got.head.header("HOST") == "www.example.com:8080");
  CHECK(got.head.header(KnownField::dnt) == "1");
  CHECK(got.head.header("x-unknown-but-long-enough-name") == "yes");
}

/// Field lines with which the parser takes a head's lines by its widest blocks.
const std::string kMuch = "Much: " + std::string(600, 'x') + "\r\n";

TEST_CASE("every byte value is told apart at every place of a plain head", "[http]") {
  const std::string plain =
      "GET /abc HTTP/1.1\r\nHost: a\r\nName: value\r\nUpgrade-Insecure-Requests: 1\r\n";
  GuardedBytes memory(plain.size() + kMuch.size() + 2);
  for (const std::string& rest : {std::string("\r\n"), kMuch + "\r\n"})
    for (std::size_t at = 0; at < plain.size() + 2; ++at)
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string wire = plain + rest;
        wire[at] = static_cast<char>(byte);
        weir::test::Cuts cuts(plain.size() + 1, 1);  // the state machine's, and then the rest
        cuts.push_back(wire.size() - cuts.size());
        const Outcome once = parse_in_pieces(wire, weir::test::whole(wire.size()), {}, memory);
        const Outcome bytes = parse_in_pieces(wire, cuts, {}, memory);
        if (!(once == bytes)) {
          CAPTURE(at, byte, rest.size());
          CHECK(once == bytes);
        }
      }
  SUCCEED();
}

TEST_CASE("a name of any length is read and known, whatever stands around it", "[http]") {
  std::vector<std::string> names;
  for (std::size_t size = 1; size < 70; ++size) names.push_back(std::string(size, 'n'));
  for (std::size_t size = 3; size < 70; ++size) names.push_back(std::string(size - 2, 'n') + "!n");
  for (std::size_t i = 1; i < kKnownFieldCount; ++i) {
    std::string name(to_string(static_cast<KnownField>(i)));
    names.push_back(name);
    name[0] = static_cast<char>(name[0] & ~0x20);
    names.push_back(name);
    names.push_back(name + "x");
    name.back() = '-';
    names.push_back(name);
  }
  for (const std::string& before : {std::string(), kMuch})
    for (const std::string& behind : {std::string(), kMuch})
      for (const std::string& name : names)
        for (const std::string_view value : {"", "v", "a longer value: it ends in another block"}) {
          if (known_field_from(name) == KnownField::transfer_encoding ||
              known_field_from(name) == KnownField::content_length)
            continue;  // these are refused
          CAPTURE(name, value, before.size(), behind.size());
          const std::string line = name + ": " + std::string(value) + "\r\n";
          const Parsed got("GET / HTTP/1.0\r\n" + before + line + behind + "\r\n");
          if (known_field_from(name) == KnownField::host && value.size() > 1) continue;
          REQUIRE(got.result.kind == Kind::complete);
          const std::size_t i = before.empty() ? 0 : 1;
          REQUIRE(got.head.name(i) == name);
          REQUIRE(got.head.value(i) == value);
          REQUIRE(got.head.fields[i].id == known_field_from(name));
          REQUIRE(got.head.has(got.head.fields[i].id) ==
                  (got.head.fields[i].id != KnownField::none));
        }
}

TEST_CASE("the parser knows a path that means itself", "[http][target]") {
  const auto plain_path = [](std::string_view target) {
    const Parsed got("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(got.result.kind == Kind::complete);
    const std::size_t size = got.head.plain_path;
    if (size == 0) return size;
    // What it stands for is what the long way finds.
    Target parts;
    REQUIRE(split(got.head.target_text(), Method::get, parts) == TargetError::none);
    CHECK(parts.form == Target::Form::origin);
    CHECK(parts.path == target.substr(0, size));
    CHECK(parts.has_query == (size != target.size()));
    CHECK(parts.query == (parts.has_query ? target.substr(size + 1) : std::string_view()));
    CHECK(parts.authority.empty());
    std::string scratch;
    RoutedPath routed;
    REQUIRE(normalise_path(parts.path, scratch, routed) == TargetError::none);
    CHECK(routed.text == parts.path);
    CHECK(routed.text.data() == parts.path.data());
    CHECK_FALSE(routed.has_encoded_slash);
    return size;
  };
  CHECK(plain_path("/") == 1);
  CHECK(plain_path("/?") == 1);
  CHECK(plain_path("/a/b") == 4);
  CHECK(plain_path("/a/b?c=%20&d=.") == 4);
  CHECK(plain_path("/a..b/c.d") == 9);
  CHECK(plain_path("/a//b/") == 6);
  CHECK(plain_path("/a-long-path/of-more-than/one-block?and=a&long=query&behind=it") == 35);
  for (const std::string_view target :
       {"/.", "/..", "/a/.", "/a/../b", "/a/.b?c", "/a%20b", "/%2e/", "/a$b", "/a%?b"})
    CHECK(plain_path(target) == 0);
  CHECK(plain_path("http://a/b") == 0);
}

}  // namespace
