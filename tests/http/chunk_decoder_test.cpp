// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/chunk_decoder.hpp>

#include "../support/guarded_bytes.hpp"
#include "../support/pieces.hpp"

namespace {

using namespace std::string_view_literals;
using namespace weir::http;
using weir::test::Cuts;
using weir::test::GuardedBytes;

struct Decoded {
  std::string body;
  std::string trailers;
  std::size_t consumed = 0;
  bool done = false;
  ParseError error = ParseError::none;

  bool operator==(const Decoded& o) const {
    return body == o.body && trailers == o.trailers && consumed == o.consumed && done == o.done &&
           error == o.error;
  }
};

/// Decodes `wire` piece by piece; each piece ends at an unreadable page.
Decoded decode_in_pieces(std::string_view wire, const Cuts& cuts, const Limits& limits,
                         GuardedBytes& memory) {
  Decoded got;
  ChunkDecoder decoder;
  std::size_t at = 0;
  for (const std::size_t size : cuts) {
    std::string_view piece = memory.at_end(wire.substr(at, size));
    at += size;
    while (!piece.empty()) {
      const auto step = decoder.step(piece.data(), piece.size(), limits, got.trailers);
      got.body += step.data;
      got.consumed += step.consumed;
      got.done = step.done;
      got.error = step.error;
      if (step.done || step.error != ParseError::none) return got;
      piece.remove_prefix(step.consumed);
    }
  }
  return got;
}

Decoded decode_all_ways(std::string_view wire, const Limits& limits = {}) {
  GuardedBytes memory(wire.size());
  const Decoded at_once = decode_in_pieces(wire, weir::test::whole(wire.size()), limits, memory);
  weir::test::for_each_cut(wire.size(), [&](const Cuts& cuts) {
    const Decoded got = decode_in_pieces(wire, cuts, limits, memory);
    if (!(got == at_once)) {
      CAPTURE(cuts, got.body, got.consumed, std::string(message_of(got.error)));
      CHECK(got == at_once);
    }
  });
  return at_once;
}

struct Accepted {
  const char* name;
  std::string_view wire;
  std::string_view body;
  std::string_view trailers;
};

constexpr Accepted kAccepted[] = {
    {"no content", "0\r\n\r\n", "", ""},
    {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"three chunks", "3\r\nabc\r\n1\r\nd\r\n0A\r\n0123456789\r\n0\r\n\r\n", "abcd0123456789", ""},
    {"hex in both cases", "a\r\n0123456789\r\nB\r\n0123456789X\r\n0\r\n\r\n",
     "01234567890123456789X", ""},
    {"leading zeros", "0000000000000005\r\nhello\r\n000\r\n\r\n", "hello", ""},
    {"line ends as content", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", ""},
    {"a chunk that looks like an end", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n", ""},
    {"extension without a value", "5;a\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"blanks in an extension", "5 ; a  =\t b ; c  ;d=\"e\"  ;f\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"extensions with values", "5;a=b;c=\"d; \\\" e\";f\r\nhello\r\n0;g=h\r\n\r\n", "hello", ""},
    {"white space where the grammar has it", "5 ;\ta = b\t; c = \"\" ;d\r\nhello\r\n0\r\n\r\n",
     "hello", ""},
    {"obs-text in a quoted string", "5;a=\"\xff\xc3\xa9\"\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"trailers", "0\r\nX-Sum:abc \r\nY:\r\nZ: \t a b\t\r\n\r\n", "",
     "X-Sum: abc\r\nY: \r\nZ: a b\r\n"},
    {"a trailer whose value looks like a field", "0\r\nA: b: c\r\n\r\n", "", "A: b: c\r\n"},
    {"forbidden trailers are dropped",
     "0\r\nContent-Length: 5\r\nA: b\r\ntransfer-encoding: chunked\r\nHost: c\r\n"
     "AUTHORIZATION: d\r\nX-Forwarded-For: e\r\nC: d\r\nCookie: f\r\n\r\n",
     "", "A: b\r\nC: d\r\n"},
};

TEST_CASE("a chunked body decodes the same however it is cut", "[http]") {
  for (const Accepted& c : kAccepted) DYNAMIC_SECTION(c.name) {
      const std::string wire = std::string(c.wire) + "GET / HTTP/1.1\r\n";
      const Decoded got = decode_all_ways(wire);
      CHECK(got.error == ParseError::none);
      CHECK(got.done);
      CHECK(got.body == c.body);
      CHECK(got.trailers == c.trailers);
      CHECK(got.consumed == c.wire.size());
    }
}

struct Refused {
  const char* name;
  std::string_view wire;
  ParseError error;
  std::size_t at;  // offset of the byte that broke the rule
};

constexpr Refused kRefused[] = {
    {"no size", "\r\n", ParseError::bad_chunk_size, 0},
    {"no size but an extension", ";a\r\n", ParseError::bad_chunk_size, 0},
    {"space first", " 5\r\nhello", ParseError::bad_chunk_size, 0},
    {"plus", "+5\r\nhello", ParseError::bad_chunk_size, 0},
    {"minus", "-5\r\nhello", ParseError::bad_chunk_size, 0},
    {"0x", "0x5\r\nhello", ParseError::bad_chunk_size, 1},
    {"underscore", "1_0\r\n", ParseError::bad_chunk_size, 1},
    {"no hex digit", "g\r\n", ParseError::bad_chunk_size, 0},
    {"NUL", "5\0\r\nhello"sv, ParseError::bad_chunk_size, 1},
    {"comma", "5,a\r\n", ParseError::bad_chunk_size, 1},
    {"LF alone behind the size", "5\nhello\r\n0\r\n\r\n", ParseError::bad_chunk_size, 1},
    {"CR alone behind the size", "5\rhello\r\n", ParseError::bare_cr, 2},
    {"CR CR LF behind the size", "5\r\r\nhello\r\n", ParseError::bare_cr, 2},
    {"LF alone behind the last size", "0\n\r\n", ParseError::bad_chunk_size, 1},
    {"space behind the size", "5 \r\nhello", ParseError::bad_chunk_extension, 2},
    {"words behind the size", "5 a\r\nhello", ParseError::bad_chunk_extension, 2},
    {"17 digits", "00000000000000005\r\n", ParseError::chunk_size_overflow, 16},
    {"2^63", "8000000000000000\r\n", ParseError::chunk_size_overflow, 15},
    {"2^64-1", "FFFFFFFFFFFFFFFF\r\n", ParseError::chunk_size_overflow, 15},
    {"2^64", "10000000000000000\r\n", ParseError::chunk_size_overflow, 16},
    {"extension without a name", "5;\r\nhello", ParseError::bad_chunk_extension, 2},
    {"two semicolons", "5;;a\r\nhello", ParseError::bad_chunk_extension, 2},
    {"extension without a value", "5;a=\r\nhello", ParseError::bad_chunk_extension, 4},
    {"white space at the end of an extension", "5;a \r\nhello", ParseError::bad_chunk_extension, 4},
    {"two tokens", "5;a b\r\nhello", ParseError::bad_chunk_extension, 4},
    {"LF in an extension's name", "5;\nhello\r\n0\r\n\r\n", ParseError::bad_chunk_extension, 2},
    {"LF behind an extension's name", "5;a\nhello\r\n0\r\n\r\n", ParseError::bad_chunk_extension,
     3},
    {"LF behind a value", "5;a=b\nhello", ParseError::bad_chunk_extension, 5},
    {"LF inside a quoted string", "5;a=\"\n\"\r\nhello", ParseError::bad_chunk_extension, 5},
    {"CRLF inside a quoted string", "5;a=\"\r\n\"\r\nhello", ParseError::bad_chunk_extension, 5},
    {"escaped LF", "5;a=\"\\\n\"\r\nhello", ParseError::bad_chunk_extension, 6},
    {"CR in an extension", "5;a\rb\r\nhello", ParseError::bare_cr, 4},
    {"NUL in an extension", "5;a\0\r\nhello"sv, ParseError::bad_chunk_extension, 3},
    {"bell in a quoted string", "5;a=\"\a\"\r\nhello", ParseError::bad_chunk_extension, 5},
    {"junk behind a quoted string", "5;a=\"b\"c\r\nhello", ParseError::bad_chunk_extension, 7},
    {"data longer than the size", "5\r\nhello!\r\n0\r\n\r\n", ParseError::bad_chunk_end, 8},
    {"data shorter than the size", "5\r\nhell\r\n0\r\n\r\n", ParseError::bad_chunk_end, 8},
    {"no line end behind the data", "5\r\nhello0\r\n\r\n", ParseError::bad_chunk_end, 8},
    {"LF alone behind the data", "5\r\nhello\n0\r\n\r\n", ParseError::bad_chunk_end, 8},
    {"CR alone behind the data", "5\r\nhello\r0\r\n\r\n", ParseError::bad_chunk_end, 9},
    {"any two bytes behind the data", "5\r\nhelloXX0\r\n\r\n", ParseError::bad_chunk_end, 8},
    {"a request in place of the empty line", "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
     ParseError::space_before_colon, 6},
    {"LF as the empty line", "0\r\n\n", ParseError::bare_lf, 3},
    {"CR alone as the empty line", "0\r\n\rX", ParseError::bare_cr, 4},
    {"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", ParseError::obs_fold, 9},
    {"trailer without a name", "0\r\n: b\r\n\r\n", ParseError::empty_name, 3},
    {"trailer without a colon", "0\r\nA\r\n\r\n", ParseError::missing_colon, 4},
    {"bad trailer name", "0\r\nA(: b\r\n\r\n", ParseError::bad_name, 4},
    {"bad first byte of a trailer", "0\r\n(A: b\r\n\r\n", ParseError::bad_name, 3},
    {"LF behind a trailer", "0\r\nA: b\n\r\n", ParseError::bare_lf, 7},
    {"CR in a trailer", "0\r\nA: b\rC: d\r\n\r\n", ParseError::bare_cr, 8},
    {"NUL in a trailer", "0\r\nA: \0\r\n\r\n"sv, ParseError::nul_in_value, 6},
    {"DEL in a trailer", "0\r\nA: \x7f\r\n\r\n", ParseError::bad_value, 6},
};

TEST_CASE("a chunked body that could be read in two ways is refused at its byte", "[http]") {
  for (const Refused& c : kRefused) DYNAMIC_SECTION(c.name) {
      const Decoded got = decode_all_ways(c.wire);
      CAPTURE(std::string(message_of(got.error)));
      CHECK(got.error == c.error);
      CHECK(got.consumed == c.at);
      CHECK_FALSE(got.done);
    }
}

TEST_CASE("chunked framing wants CRLF even where the head does not", "[http]") {
  Limits limits;
  limits.allow_bare_lf = true;
  CHECK(decode_all_ways("5\nhello\r\n0\r\n\r\n", limits).error == ParseError::bad_chunk_size);
  CHECK(decode_all_ways("0\r\n\n", limits).error == ParseError::bare_lf);
}

TEST_CASE("extensions are bounded over the whole body, trailers too", "[http]") {
  Limits limits;
  limits.chunk_extensions = 6;
  CHECK(decode_all_ways("1;ab\r\nx\r\n1;cd\r\ny\r\n0\r\n\r\n", limits).done);
  const Decoded more = decode_all_ways("1;ab\r\nx\r\n1;cd\r\ny\r\n0;\r\n\r\n", limits);
  CHECK(more.error == ParseError::chunk_extensions_too_long);
  CHECK(more.consumed == 19);
  limits.trailers = 12;
  CHECK(decode_all_ways("0\r\nA: b\r\nC: d\r\n\r\n", limits).done);
  CHECK(decode_all_ways("0\r\nA: b\r\nC: de\r\n\r\n", limits).error ==
        ParseError::trailers_too_long);
  limits.trailers = 0;
  limits.chunk_extensions = 0;
  CHECK(decode_all_ways("1\r\nx\r\n0\r\n\r\n", limits).done);
  CHECK(decode_all_ways("1;a\r\nx\r\n", limits).error == ParseError::chunk_extensions_too_long);
  CHECK(decode_all_ways("0\r\nA: b\r\n\r\n", limits).error == ParseError::trailers_too_long);
}

TEST_CASE("content is handed out where it lies", "[http]") {
  const std::string_view wire = "5\r\nhello\r\n0\r\n\r\n";
  ChunkDecoder decoder;
  std::string trailers;
  const auto step = decoder.step(wire.data(), wire.size(), {}, trailers);
  CHECK(step.data.data() == wire.data() + 3);
  CHECK(step.data == "hello");
  CHECK(step.consumed == 8);
}

TEST_CASE("done and an error are final until reset", "[http]") {
  ChunkDecoder decoder;
  std::string trailers;
  CHECK(decoder.step("0\r\n\r\n", 5, {}, trailers).done);
  const auto after = decoder.step("5\r\n", 3, {}, trailers);
  CHECK(after.done);
  CHECK(after.consumed == 0);
  decoder.reset();
  CHECK(decoder.step("x", 1, {}, trailers).error == ParseError::bad_chunk_size);
  CHECK(decoder.step("5", 1, {}, trailers).error == ParseError::bad_chunk_size);
  decoder.reset();
  CHECK(decoder.step("5", 1, {}, trailers).error == ParseError::none);
}

TEST_CASE("a chunk of 2^63-1 bytes is taken", "[http]") {
  ChunkDecoder decoder;
  std::string trailers;
  const auto step = decoder.step("7fffffffffffffff\r\nabc", 21, {}, trailers);
  CHECK(step.error == ParseError::none);
  CHECK(step.data == "abc");
}

TEST_CASE("what RFC 9110 §6.5.1 forbids is no trailer", "[http]") {
  for (const char* name : {"Content-Length", "content-type", "Transfer-Encoding", "Host", "TE",
                           "Set-Cookie", "WWW-Authenticate", "Proxy-Authorization", "If-Match",
                           "Cache-Control", "Range", "Trailer", "Forwarded", "Connection"})
    CHECK(is_forbidden_trailer(name));
  for (const char* name :
       {"ETag", "Digest", "X-Checksum", "Server-Timing", "Grpc-Status", "Con", "content", "T"})
    CHECK_FALSE(is_forbidden_trailer(name));
}

}  // namespace
