// SPDX-License-Identifier: MIT
// Chapters on the content of a request: its framing, its coding, its limits, and Expect.
#include <string>
#include <utility>

#include "conformance/rows.hpp"

namespace weir::conformance {

Chapter content_length() {
  Chapter t{"Content-Length", {}};
  constexpr auto keep = End::keep;
  const auto good = [&t](std::string name, std::string_view field) {
    t.add(std::move(name), post(field, "hello"), {{200, "POST /post hello"}}, End::keep,
          "RFC 9112 §6.2");
  };
  good("plain", "Content-Length: 5\r\n");
  good("any case", "cOnTeNt-LeNgTh: 5\r\n");
  good("white space around it", "Content-Length: \t5\t \r\n");
  good("no white space before it", "Content-Length:5\r\n");
  good("a leading zero", "Content-Length: 05\r\n");
  good("nineteen digits, mostly zeros", "Content-Length: 0000000000000000005\r\n");
  t.add("zero", post("Content-Length: 0\r\n", ""), {{200, "POST /post"}}, keep, "RFC 9112 §6.2");
  t.add("zeros", post("Content-Length: 000\r\n", ""), {{200, "POST /post"}}, keep, "RFC 9110 §8.6");
  t.add("none: no content", post("", kNext), {{200, "POST /post"}, {200, "next"}}, keep,
        "RFC 9112 §6.3");
  t.add("content that looks like a request", sized_to("/post", kSmuggled),
        {{200, "POST /post GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"}}, keep, "RFC 9112 §6.2");
  t.add("content of every kind of byte", post("Content-Length: 6\r\n", "\0\r\n\n\xff\x7f"sv),
        {{200, "POST /post \0\r\n\n\xff\x7f"sv}}, keep, "RFC 9112 §6.2");
  t.add("less than what was sent: the rest is a request",
        post("Content-Length: 5\r\n", "hello" + std::string(kNext)),
        {{200, "POST /post hello"}, {200, "next"}}, keep, "RFC 9112 §6.3");
  t.add("less than what was sent: the rest is junk",
        post("Content-Length: 4\r\n", "hello" + line(" HTTP/1.1")), {{200, "POST /post hell"}, 400},
        End::close, "RFC 9112 §6.3");
  t.add("more than what was sent", post("Content-Length: 6\r\n", "hello"), {}, End::wait,
        "RFC 9112 §6.3");
  const auto bad = [&t](std::string name, std::string_view field, std::string_view source) {
    t.refuse(std::move(name), post(field, "hello" + std::string(kSmuggled)), 400, source);
  };
  for (const auto& [name, value] : {std::pair{"a plus sign", "+5"sv},
                                    std::pair{"a minus sign", "-5"sv},
                                    std::pair{"minus zero", "-0"sv},
                                    std::pair{"minus one", "-1"sv},
                                    std::pair{"hexadecimal", "0x5"sv},
                                    std::pair{"a hex digit", "a"sv},
                                    std::pair{"octal with an o", "0o5"sv},
                                    std::pair{"a fraction", "5.0"sv},
                                    std::pair{"an exponent", "5e0"sv},
                                    std::pair{"digits and letters", "5x"sv},
                                    std::pair{"a word", "five"sv},
                                    std::pair{"an underscore", "0_5"sv},
                                    std::pair{"a thousands comma", "0,005"sv},
                                    std::pair{"a quoted number", "\"5\""sv},
                                    std::pair{"apostrophes", "'5'"sv},
                                    std::pair{"full-width digits", "\xef\xbc\x95"sv},
                                    std::pair{"Arabic digits", "\xd9\xa5"sv},
                                    std::pair{"a semicolon", "5;"sv},
                                    std::pair{"space between digits", "0 5"sv},
                                    std::pair{"tab between digits", "0\t5"sv},
                                    std::pair{"no-break space", "5\xa0"sv},
                                    std::pair{"vertical tab",
                                              "\x0b"
                                              "5"sv},
                                    std::pair{"form feed behind it", "5\x0c"sv},
                                    std::pair{"NUL behind it", "5\0"sv},
                                    std::pair{"CR behind it", "5\r"sv},
                                    std::pair{"nothing", ""sv},
                                    std::pair{"white space alone", " \t "sv}})
    bad(name, "Content-Length: " + std::string(value) + "\r\n", "RFC 9110 §8.6");
  bad("a list of equals", "Content-Length: 5, 5\r\n", "RFC 9112 §6.3 (MAY), parse_error.hpp");
  bad("a list of equals without a space", "Content-Length: 5,5\r\n",
      "RFC 9112 §6.3 (MAY), parse_error.hpp");
  bad("a list of three equals", "Content-Length: 5, 5, 5\r\n",
      "RFC 9112 §6.3 (MAY), parse_error.hpp");
  bad("a plus sign and an underscore", "Content-Length: +1_0\r\n", "RFC 9110 §8.6");
  bad("tab for the hyphen", "Content\tLength: 5\r\n", "RFC 9112 §5.1");
  bad("CR for the hyphen", "Content\rLength: 5\r\n", "RFC 9110 §5.1");
  bad("vertical tab before the colon", "Content-Length\x0b: 5\r\n", "RFC 9110 §5.1");
  bad("a byte 0x85 before the colon", "Content-Length\x85: 5\r\n", "RFC 9110 §5.1");
  bad("NUL before the colon", "Content-Length\0: 5\r\n"sv, "RFC 9110 §5.1");
  bad("a list that differs", "Content-Length: 5, 0\r\n", "RFC 9112 §6.3");
  bad("a list with an empty member", "Content-Length: 5,\r\n", "RFC 9112 §6.3");
  bad("a list with an empty member first", "Content-Length: ,5\r\n", "RFC 9112 §6.3");
  bad("two lines that differ", "Content-Length: 5\r\nContent-Length: 0\r\n", "RFC 9112 §6.3");
  bad("two lines that differ, the other order", "Content-Length: 0\r\nContent-Length: 5\r\n",
      "RFC 9112 §6.3");
  bad("two equal lines", "Content-Length: 5\r\nContent-Length: 5\r\n",
      "RFC 9112 §6.3 (MAY), parse_error.hpp");
  bad("two lines, one of them empty", "Content-Length: 5\r\nContent-Length:\r\n", "RFC 9112 §6.3");
  bad("two lines apart, in different case", "content-length: 5\r\nX: 1\r\nCONTENT-LENGTH: 0\r\n",
      "RFC 9112 §6.3");
  bad("2^63", "Content-Length: 9223372036854775808\r\n", "RFC 9110 §8.6");
  bad("2^64", "Content-Length: 18446744073709551616\r\n", "RFC 9110 §8.6");
  bad("2^64 and 5, which wraps to 5", "Content-Length: 18446744073709551621\r\n", "RFC 9110 §8.6");
  bad("2^32 and 5 written past 64 bits", "Content-Length: 79228162514264337593543950341\r\n",
      "RFC 9110 §8.6");
  bad("a thousand digits", "Content-Length: " + times(1000, '9') + "\r\n", "RFC 9110 §8.6");
  bad("twenty digits, mostly zeros", "Content-Length: 00000000000000000005\r\n",
      "parse_error.hpp: overflow");
  bad("space before the colon", "Content-Length : 5\r\n", "RFC 9112 §5.1");
  bad("tab before the colon", "Content-Length\t: 5\r\n", "RFC 9112 §5.1");
  bad("space before the name", " Content-Length: 5\r\n", "RFC 9112 §5.2");
  t.refuse("2^32 and 5 is not 5", post("Content-Length: 4294967301\r\n", "hello"), 413,
           "RFC 9110 §8.6");
  t.refuse("2^63 - 1 is too much", post("Content-Length: 9223372036854775807\r\n", "hello"), 413,
           "RFC 9110 §15.5.14");
  t.refuse("bad on GET", get("/get", "Content-Length: x\r\n"), 400, "RFC 9112 §6.3");
  t.refuse("bad on HTTP/1.0", "POST /post HTTP/1.0\r\nContent-Length: +5\r\n\r\nhello", 400,
           "RFC 9112 §6.3");
  t.add("on HTTP/1.0", "POST /post HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
        {{200, "POST /post hello"}}, End::close, "RFC 9112 §6.3");
  return t;
}

Chapter transfer_encoding() {
  Chapter t{"Transfer-Encoding", {}};
  constexpr auto keep = End::keep;
  const std::string coded = "5\r\nhello\r\n0\r\n\r\n";
  const auto good = [&](std::string name, std::string_view field) {
    t.add(std::move(name), post(field, coded), {{200, "POST /post hello"}}, End::keep,
          "RFC 9112 §7.1");
  };
  good("chunked", "Transfer-Encoding: chunked\r\n");
  good("codings differ not by case", "Transfer-Encoding: CHUNKED\r\n");
  good("mixed case", "transfer-ENCODING: cHuNkEd\r\n");
  good("no white space before it", "Transfer-Encoding:chunked\r\n");
  good("white space around it", "Transfer-Encoding: \t chunked \t\r\n");
  good("TE and Trailer beside it",
       "TE: trailers, gzip\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n");
  t.add("TE is another field", get("/get", "TE: chunked\r\n"), {{200, "GET /get"}}, keep,
        "RFC 9110 §10.1.4");
  t.add("an underscore is no hyphen: no content", post("Transfer_Encoding: chunked\r\n", kNext),
        {{200, "POST /post"}, {200, "next"}}, keep, "RFC 9110 §5.1");
  t.add("a name that begins like it: no content", post("Transfer-Encodings: chunked\r\n", kNext),
        {{200, "POST /post"}, {200, "next"}}, keep, "RFC 9110 §5.1");
  t.add("Content-Encoding is no framing",
        post("Content-Encoding: chunked\r\nContent-Length: 2\r\n", "hi"), {{200, "POST /post hi"}},
        keep, "RFC 9110 §8.4");
  const auto refuse = [&](std::string name, std::string_view field, int status,
                          std::string_view source) {
    t.refuse(std::move(name), post(field, "0\r\n\r\n" + std::string(kSmuggled)), status, source);
  };
  // Both kinds of framing.
  const std::string_view both = "RFC 9112 §6.3";
  refuse("with Content-Length", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400, both);
  refuse("with Content-Length behind it", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
         400, both);
  refuse("with Content-Length: 0", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400,
         both);
  refuse("with a bad Content-Length", "Content-Length: x\r\nTransfer-Encoding: chunked\r\n", 400,
         both);
  refuse("with two Content-Lengths",
         "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400, both);
  refuse("identity with Content-Length", "Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
         400, both);
  refuse("an unknown coding with Content-Length", "Content-Length: 5\r\nTransfer-Encoding: x\r\n",
         400, both);
  refuse("empty with Content-Length", "Content-Length: 5\r\nTransfer-Encoding:\r\n", 400, both);
  t.refuse("a CL.TE attack",
           post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"), 400,
           "RFC 9112 §11.2");
  t.refuse("a TE.CL attack",
           post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                "25\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n\r\n0\r\n\r\n"),
           400, "RFC 9112 §11.2");
  t.refuse("a TE.TE attack",
           post("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n",
                "0\r\n\r\n" + std::string(kSmuggled)),
           400, "RFC 9112 §11.2");
  t.refuse("both on GET", get("/get", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400,
           both);
  // HTTP/1.0 knows no codings.
  t.refuse("on HTTP/1.0",
           "POST /post HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
           "RFC 9112 §6.1");
  t.refuse("on HTTP/1.0 with keep-alive",
           "POST /post HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: "
           "chunked\r\n\r\n0\r\n\r\n",
           400, "RFC 9112 §6.1");
  t.refuse("on HTTP/1.0 with Content-Length",
           "POST /post HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
           "chunked\r\n\r\nhello",
           400, "RFC 9112 §6.1");
  t.refuse("identity on HTTP/1.0", "GET /get HTTP/1.0\r\nTransfer-Encoding: identity\r\n\r\n", 400,
           "RFC 9112 §6.1");
  // Lists and repetitions.
  refuse("chunked twice", "Transfer-Encoding: chunked, chunked\r\n", 400, "RFC 9112 §6.1");
  refuse("chunked twice, two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
         400, "RFC 9112 §6.1");
  refuse("chunked twice, two lines, with Content-Length",
         "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400,
         "RFC 9112 §6.3");
  refuse("identity and chunked on two lines, with Content-Length",
         "Transfer-Encoding: identity\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400,
         "RFC 9112 §6.3");
  refuse("two words run together", "Transfer-Encoding: chunkedchunked\r\n", 501, "RFC 9112 §6.1");
  refuse("chunked not last", "Transfer-Encoding: chunked, gzip\r\n", 400, "RFC 9112 §6.3");
  refuse("chunked not last, two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
         400, "RFC 9112 §6.3");
  refuse("chunked before identity", "Transfer-Encoding: chunked, identity\r\n", 400,
         "RFC 9112 §6.3");
  refuse("two lines, the second empty", "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", 400,
         "RFC 9112 §6.1");
  refuse("two lines in different case",
         "transfer-encoding: identity\r\nTRANSFER-ENCODING: chunked\r\n", 400, "RFC 9112 §6.1");
  refuse("a comma behind it", "Transfer-Encoding: chunked,\r\n", 400, "parse_error.hpp: no list");
  refuse("a comma before it", "Transfer-Encoding: ,chunked\r\n", 400, "parse_error.hpp: no list");
  refuse("commas alone", "Transfer-Encoding: ,,\r\n", 400, "RFC 9112 §6.1");
  refuse("nothing", "Transfer-Encoding:\r\n", 400, "RFC 9112 §6.1");
  refuse("gzip before chunked", "Transfer-Encoding: gzip, chunked\r\n", 501, "RFC 9112 §6.1");
  refuse("gzip alone", "Transfer-Encoding: gzip\r\n", 501, "RFC 9112 §6.1");
  refuse("identity", "Transfer-Encoding: identity\r\n", 501, "RFC 9112 §7");
  refuse("identity before chunked", "Transfer-Encoding: identity, chunked\r\n", 501, "RFC 9112 §7");
  refuse("a coding of no one's", "Transfer-Encoding: cow\r\n", 501, "RFC 9112 §6.1");
  refuse("xchunked", "Transfer-Encoding: xchunked\r\n", 501, "RFC 9112 §6.1");
  refuse("chunkedx", "Transfer-Encoding: chunkedx\r\n", 501, "RFC 9112 §6.1");
  refuse("chunk", "Transfer-Encoding: chunk\r\n", 501, "RFC 9112 §6.1");
  refuse("apostrophes, which are token characters", "Transfer-Encoding: 'chunked'\r\n", 501,
         "RFC 9112 §6.1");
  // What looks like chunked to somebody.
  for (const auto& [name, value] :
       {std::pair{"a parameter", "chunked;q=1"sv},
        std::pair{"a semicolon", "chunked;"sv},
        std::pair{"quotes", "\"chunked\""sv},
        std::pair{"a slash", "chunked/1"sv},
        std::pair{"space within", "chun ked"sv},
        std::pair{"twice with a space", "chunked chunked"sv},
        std::pair{"identity and a space", "identity chunked"sv},
        std::pair{"a colon", "chunked:"sv},
        std::pair{"vertical tab before it",
                  "\x0b"
                  "chunked"sv},
        std::pair{"vertical tab behind it", "chunked\x0b"sv},
        std::pair{"form feed behind it", "chunked\x0c"sv},
        std::pair{"NUL before it", "\0chunked"sv},
        std::pair{"NUL behind it", "chunked\0"sv},
        std::pair{"no-break space before it",
                  "\xa0"
                  "chunked"sv},
        std::pair{"UTF-8 no-break space behind it", "chunked\xc2\xa0"sv},
        std::pair{"a line separator of Unicode's",
                  "\xe2\x80\xa8"
                  "chunked"sv},
        std::pair{"a dotless or long letter",
                  "chun\xe2\x84\xaa"
                  "ed"sv},
        std::pair{"CR behind it", "chunked\r"sv},
        std::pair{"CR before it", "\rchunked"sv},
        std::pair{"LF behind it", "chunked\n"sv},
        std::pair{"a fold before it", "\r\n chunked"sv},
        std::pair{"a tabbed fold before it", "\r\n\tchunked"sv},
        std::pair{"a fold behind it", "chunked\r\n ,identity"sv}})
    refuse(name, "Transfer-Encoding: " + std::string(value) + "\r\n", 400, "RFC 9112 §6.1");
  for (const auto& [name, field] :
       {std::pair{"space before the colon", "Transfer-Encoding : chunked"sv},
        std::pair{"tab before the colon", "Transfer-Encoding\t: chunked"sv},
        std::pair{"vertical tab before the colon", "Transfer-Encoding\x0b: chunked"sv},
        std::pair{"NUL before the colon", "Transfer-Encoding\0: chunked"sv},
        std::pair{"DEL before the name", "\x7fTransfer-Encoding: chunked"sv},
        std::pair{"space before the name", " Transfer-Encoding: chunked"sv},
        std::pair{"tab before the name", "\tTransfer-Encoding: chunked"sv},
        std::pair{"space for the hyphen", "Transfer Encoding: chunked"sv},
        std::pair{"hidden behind CR", "X: a\rTransfer-Encoding: chunked"sv},
        std::pair{"hidden behind LF", "X: a\nTransfer-Encoding: chunked"sv},
        std::pair{"hidden behind CR CR", "X: a\r\rTransfer-Encoding: chunked"sv},
        std::pair{"hidden behind NUL", "X: a\0Transfer-Encoding: chunked"sv},
        std::pair{"hidden behind a fold", "X: a\r\n Transfer-Encoding: chunked"sv},
        std::pair{"name cut by CR", "Transfer-\rEncoding: chunked"sv},
        std::pair{"name cut by CRLF", "Transfer-\r\nEncoding: chunked"sv},
        std::pair{"no colon", "Transfer-Encoding chunked"sv}})
    refuse(name, "Content-Length: 5\r\n" + std::string(field) + "\r\n", 400, "RFC 9112 §5");
  t.refuse("an unknown coding on GET", get("/get", "Transfer-Encoding: x\r\n"), 501,
           "RFC 9112 §6.1");
  t.refuse("an unknown coding and an unknown path", get("/missing", "Transfer-Encoding: x\r\n"),
           501, "RFC 9112 §6.1");
  return t;
}

Chapter chunk_lines() {
  Chapter t{"Chunks", {}};
  constexpr auto keep = End::keep;
  const auto ok = [&](std::string name, std::string_view coded, std::string_view saw) {
    t.add(std::move(name), chunked(coded), {{200, saw}}, End::keep, "RFC 9112 §7.1");
  };
  ok("one chunk", "5\r\nhello\r\n0\r\n\r\n", "POST /post hello");
  ok("three chunks", "2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n", "POST /post hello");
  ok("no chunk", "0\r\n\r\n", "POST /post");
  ok("a size in capitals", "A\r\n0123456789\r\n0\r\n\r\n", "POST /post 0123456789");
  ok("a size in small letters", "a\r\n0123456789\r\n0\r\n\r\n", "POST /post 0123456789");
  ok("two digits", "0a\r\n0123456789\r\n0\r\n\r\n", "POST /post 0123456789");
  ok("sixteen digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", "POST /post hello");
  ok("a last chunk of several zeros", "5\r\nhello\r\n0000\r\n\r\n", "POST /post hello");
  ok("content that looks like chunks", "7\r\n0\r\n\r\n5\r\r\n0\r\n\r\n", "POST /post 0\r\n\r\n5\r");
  ok("content of line ends", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "POST /post \r\n\r\n");
  ok("content of NULs", "3\r\n\0\0\0\r\n0\r\n\r\n"sv, "POST /post \0\0\0"sv);
  t.add("the next request follows the last chunk",
        chunked("5\r\nhello\r\n0\r\n\r\n" + std::string(kNext)),
        {{200, "POST /post hello"}, {200, "next"}}, keep, "RFC 9112 §7.1");
  t.refuse("NUL behind the last chunk", chunked("5\r\nhello\r\n0\r\n\r\n\0\r\n\r\n"sv), 400,
           "RFC 9112 §3")
      .answers = {{200, "POST /post hello"}, 400};
  t.add("the last chunk is missing", chunked("5\r\nhello\r\n"), {}, End::wait, "RFC 9112 §8");
  t.add("the last line end is missing", chunked("5\r\nhello\r\n0\r\n"), {}, End::wait,
        "RFC 9112 §8");
  t.add("the size is unfinished", chunked("5"), {}, End::wait, "RFC 9112 §8");
  t.add("chunked on GET", get("/get", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n",
        {{200, "GET /get abc"}}, keep, "RFC 9110 §9.3.1");
  const auto bad = [&](std::string name, std::string_view coded,
                       std::string_view source = "RFC 9112 §7.1") {
    t.refuse(std::move(name), chunked(coded), 400, source);
  };
  const std::string rest = "\r\nhello\r\n0\r\n\r\n";
  for (const auto& [name, size] : {std::pair{"nothing", ""sv},
                                   std::pair{"no hex digit", "g"sv},
                                   std::pair{"a prefix 0x", "0x5"sv},
                                   std::pair{"a prefix 0X", "0X5"sv},
                                   std::pair{"a suffix h", "5h"sv},
                                   std::pair{"a plus sign", "+5"sv},
                                   std::pair{"a minus sign", "-5"sv},
                                   std::pair{"minus zero", "-0"sv},
                                   std::pair{"plus zero", "+0"sv},
                                   std::pair{"zero, an underscore and digits", "0_2e"sv},
                                   std::pair{"zero and x", "0x"sv},
                                   std::pair{"minus zero and x", "-0x0"sv},
                                   std::pair{"CR before it", "\r5"sv},
                                   std::pair{"space before it", " 5"sv},
                                   std::pair{"tab before it", "\t5"sv},
                                   std::pair{"space behind it", "5 "sv},
                                   std::pair{"tab behind it", "5\t"sv},
                                   std::pair{"space within", "0 5"sv},
                                   std::pair{"a comma", "5,"sv},
                                   std::pair{"a fraction", "5.0"sv},
                                   std::pair{"an underscore", "0_5"sv},
                                   std::pair{"quotes", "\"5\""sv},
                                   std::pair{"NUL before it", "\0005"sv},
                                   std::pair{"NUL behind it", "5\0"sv},
                                   std::pair{"vertical tab behind it", "5\x0b"sv},
                                   std::pair{"a full-width digit", "\xef\xbc\x95"sv},
                                   std::pair{"DEL", "5\x7f"sv},
                                   std::pair{"a colon", "5:"sv},
                                   std::pair{"an equals sign", "5=a"sv}})
    bad(std::string("size: ") + name, std::string(size) + rest);
  bad("size: -2, which wraps to a huge number", "-2\r\n" + std::string(kSmuggled),
      "CVE-2026-45352");
  bad("size: -1", "-1\r\nhello\r\n0\r\n\r\n", "CVE-2026-45352");
  bad("size: 2^63", "8000000000000000\r\nhello");
  bad("size: 2^64 - 1", "ffffffffffffffff\r\nhello");
  bad("size: 2^64", "10000000000000000\r\nhello");
  bad("size: 2^64 and 5, which wraps to 5", "10000000000000005" + rest);
  bad("size: seventeen digits, mostly zeros", "00000000000000005" + rest,
      "chunk_decoder.hpp: 16 digits");
  bad("size: a hundred zeros", times(100, '0') + "5" + rest, "chunk_decoder.hpp: 16 digits");
  bad("size: digits without end", times(5000, '0'), "CVE-2025-53628");
  bad("LF alone behind the size", "5\nhello\r\n0\r\n\r\n", "CVE-2025-22871");
  bad("LF alone behind the last size", "5\r\nhello\r\n0\n\r\n", "CVE-2025-22871");
  bad("LF alone at the very end", "5\r\nhello\r\n0\r\n\n", "CVE-2025-22871");
  bad("LF alone everywhere", "5\nhello\n0\n\n", "CVE-2025-22871");
  bad("CR alone behind the size", "5\rhello\r\n0\r\n\r\n");
  bad("CR CR LF behind the size", "5\r\r\nhello\r\n0\r\n\r\n");
  bad("CR CR before an extension", "5\r\r;ab\r\nhello\r\n0\r\n\r\n");
  bad("CR before an extension", "5\r;ab\r\nhello\r\n0\r\n\r\n");
  bad("CR and a byte behind the size", "5\rX\nhello\r\n0\r\n\r\n");
  bad("LF before the size", "\n5\r\nhello\r\n0\r\n\r\n");
  bad("CRLF before the size", "\r\n5\r\nhello\r\n0\r\n\r\n");
  bad("CR and a byte at the very end", "0\r\n\rX");
  bad("CR CR LF at the very end", "0\r\n\r\r\n");
  bad("no line end behind the data", "5\r\nhello0\r\n\r\n");
  bad("LF alone behind the data", "5\r\nhello\n0\r\n\r\n");
  bad("CR alone behind the data", "5\r\nhello\r0\r\n\r\n");
  bad("CR CR LF behind the data", "5\r\nhello\r\r\n0\r\n\r\n");
  bad("two bytes that are no CRLF behind the data", "5\r\nhelloXX0\r\n\r\n");
  bad("space behind the data", "5\r\nhello \r\n0\r\n\r\n");
  bad("more data than the size says", "4\r\nhello\r\n0\r\n\r\n");
  bad("less data than the size says", "6\r\nhello\r\n0\r\n\r\n");
  bad("an empty line between chunks", "5\r\nhello\r\n\r\n0\r\n\r\n");
  bad("a request for a chunk", kSmuggled);
  return t;
}

Chapter chunk_extensions() {
  Chapter t{"Chunk extensions", {}};
  const auto good = [&](std::string name, std::string_view extension) {
    t.add(std::move(name), chunked("5" + std::string(extension) + "\r\nhello\r\n0\r\n\r\n"),
          {{200, "POST /post hello"}}, End::keep, "RFC 9112 §7.1.1");
  };
  good("a name", ";a");
  good("a name and a value", ";a=b");
  good("two of them", ";a=b;c=d");
  good("a quoted value", ";a=\"b c\"");
  good("an empty quoted value", ";a=\"\"");
  good("a semicolon in quotes", ";a=\"b;c\"");
  good("an escaped quote", ";a=\"b\\\"c\"");
  good("an escaped backslash", ";a=\"b\\\\\"");
  good("bytes above 0x7f in quotes", ";a=\"\xc3\xa9\"");
  good("a tab in quotes", ";a=\"b\tc\"");
  good("white space that RFC 9112 lets a sender of old put", " ; a = b ; c");
  good("digits, which belong to no size", ";5=5");
  good("what looks like a line end's escape", ";a=%0d%0a");
  t.add("on the last chunk", chunked("5\r\nhello\r\n0;a=b\r\n\r\n"), {{200, "POST /post hello"}},
        End::keep, "RFC 9112 §7.1.1");
  const auto bad = [&](std::string name, std::string_view extension,
                       std::string_view source = "RFC 9112 §7.1.1") {
    t.refuse(std::move(name), chunked("5" + std::string(extension) + "\r\nhello\r\n0\r\n\r\n"), 400,
             source);
  };
  bad("a semicolon alone", ";");
  bad("a semicolon and a space", "; ");
  bad("two semicolons", ";;a");
  bad("a semicolon at the end", ";a;");
  bad("no name", ";=b");
  bad("no value", ";a=");
  bad("two equals signs", ";a==b");
  bad("a name with a space", ";a b");
  bad("a value with a space", ";a=b c");
  bad("a name that is no token", ";a(b)");
  bad("a value that is no token", ";a=b,c");
  bad("quotes around the name", ";\"a\"");
  bad("quotes that do not end", ";a=\"b");
  bad("something behind the quotes", ";a=\"b\"c");
  bad("NUL", ";a\0b"sv);
  bad("NUL in quotes", ";a=\"\0\""sv);
  bad("a control byte", ";a=\x01");
  bad("a control byte in quotes", ";a=\"\x1b\"");
  bad("an escaped control byte", ";a=\"\\\x01\"");
  bad("UTF-8 outside of quotes", ";\xc3\xa9");
  bad("a space but no semicolon", " a");
  const auto split = [&](std::string name, std::string_view coded, std::string_view source) {
    t.refuse(std::move(name), chunked(coded), 400, source);
  };
  split("LF alone ends it", "5;a\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("LF alone behind the semicolon", "5;\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("LF within it", "5;a\nb\r\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("LF within its value", "5;a=b\nc\r\nhello\r\n0\r\n\r\n", "CVE-2025-22871");
  split("LF in quotes", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("CR within it", "5;a\rb\r\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("CR behind the semicolon", "5;\r\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("CR CR LF ends it", "5;a\r\r\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("CRLF in quotes", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("an escaped CR in quotes", "5;a=\"\\\r\n\"\r\nhello\r\n0\r\n\r\n", "CVE-2025-55315");
  split("LF alone ends that of the last chunk", "0;a\n\r\n", "CVE-2025-22871");
  split("a request hidden by LF",
        "2;\nxx\r\n2d\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n\r\n0\r\n\r\n",
        "CVE-2025-55315");
  t.add("as long as they may be", chunked("5;a=" + times(4093, 'x') + "\r\nhello\r\n0\r\n\r\n"),
        {{200, "POST /post hello"}}, End::keep, "options.md: 4 KiB");
  split("one byte above it", "5;a=" + times(4094, 'x') + "\r\nhello\r\n0\r\n\r\n",
        "CVE-2023-39326");
  split("without end", "5;a=" + times(20'000, 'x'), "CVE-2023-39326");
  split("white space without end", "5" + times(20'000, ' '), "CVE-2023-39326");
  split("quotes without end", "5;a=\"" + times(20'000, 'x'), "CVE-2023-39326");
  split("many small ones", times(500, "1;aaaaaaaaa\r\nx\r\n") + "0\r\n\r\n", "CVE-2023-39326");
  t.add("as many small ones as there may be",
        chunked(times(409, "1;aaaaaaaaa\r\nx\r\n") + "0;aaaaa\r\n\r\n"), {{200}}, End::keep,
        "limits.hpp: over a whole body");
  return t;
}

Chapter trailers() {
  Chapter t{"Trailers", {}};
  constexpr auto keep = End::keep;
  const auto good = [&](std::string name, std::string_view lines, std::string_view body,
                        std::string_view source = "RFC 9112 §7.1.2") {
    t.add(std::move(name),
          chunked_to("/trailers", "2\r\nhi\r\n0\r\n" + std::string(lines) + "\r\n"), {{200, body}},
          End::keep, source);
  };
  good("none", "", "hi|");
  good("one", "X: a\r\n", "hi|X: a\r\n");
  good("two, in their order", "Y: 1\r\nX: 2\r\n", "hi|Y: 1\r\nX: 2\r\n");
  good("white space around the value", "X: \t a \t\r\n", "hi|X: a\r\n");
  good("an empty value", "X:\r\n", "hi|X: \r\n");
  good("bytes above 0x7f", "X: \xc3\xa9\r\n", "hi|X: \xc3\xa9\r\n");
  good("escapes are not decoded", "X: %0d%0a\r\n", "hi|X: %0d%0a\r\n", "CVE-2026-45372");
  for (const char* const forbidden : {"Transfer-Encoding: chunked",
                                      "Content-Length: 5",
                                      "Host: b",
                                      "Connection: close",
                                      "Upgrade: h2c",
                                      "Expect: 100-continue",
                                      "Trailer: X",
                                      "TE: gzip",
                                      "Content-Type: text/html",
                                      "Content-Encoding: gzip",
                                      "Content-Range: bytes 0-1/2",
                                      "Authorization: Basic eDp5",
                                      "Cookie: a=b",
                                      "Set-Cookie: a=b",
                                      "Cache-Control: no-store",
                                      "Max-Forwards: 1",
                                      "If-Match: *",
                                      "Range: bytes=0-1",
                                      "X-Forwarded-For: 1.2.3.4",
                                      "Forwarded: for=1.2.3.4"})
    good(std::string("dropped: ") + forbidden, std::string(forbidden) + "\r\nX: a\r\n",
         "hi|X: a\r\n", "RFC 9110 §6.5.1");
  t.add("a plain handler never sees them", chunked("2\r\nhi\r\n0\r\nX: a\r\n\r\n"),
        {{200, "POST /post hi"}}, keep, "RFC 9110 §6.5.1");
  t.add("a trailer's Connection: close does not close", chunked("0\r\nConnection: close\r\n\r\n"),
        {{200, "POST /post"}}, keep, "RFC 9110 §6.5.1");
  t.add("a trailer's length frames nothing",
        chunked("0\r\nContent-Length: 34\r\n\r\n" + std::string(kNext)),
        {{200, "POST /post"}, {200, "next"}}, keep, "RFC 9110 §6.5.1");
  const auto bad = [&](std::string name, std::string_view lines,
                       std::string_view source = "RFC 9112 §7.1.2") {
    t.refuse(std::move(name), chunked("2\r\nhi\r\n0\r\n" + std::string(lines) + "\r\n"), 400,
             source);
  };
  bad("an empty name", ": a\r\n");
  bad("no colon", "X\r\n");
  bad("space before the colon", "X : a\r\n");
  bad("space before the name", " X: a\r\n");
  bad("a name that is no token", "X(Y): a\r\n");
  bad("a fold", "X: a\r\n b\r\n");
  bad("NUL", "X: a\0b\r\n"sv);
  bad("a control byte", "X: a\x01\r\n");
  bad("LF alone ends it", "X: a\n", "RFC 9112 §2.2 (MAY), limits.hpp");
  bad("LF hides another", "X: a\nY: b\r\n", "RFC 9112 §2.2 (MAY), limits.hpp");
  bad("CR within it", "X: a\rb\r\n");
  bad("CR CR LF ends it", "X: a\r\r\n");
  bad("LF alone ends the name", "X\n");
  bad("a request for a trailer", "GET /smuggled HTTP/1.1\r\nHost: a\r\n");
  bad("malformed in one that is dropped", "Content-Length: 5\0\r\n"sv);
  t.add("as long as they may be", chunked("0\r\nX: " + times(8187, 'v') + "\r\n\r\n"), {200}, keep,
        "options.md: 8 KiB");
  t.refuse("one byte above it", chunked("0\r\nX: " + times(8188, 'v') + "\r\n\r\n"), 431,
           "RFC 6585 §5");
  t.refuse("without end", chunked("0\r\nX: " + times(20'000, 'v')), 431, "CVE-2025-53628");
  t.refuse("many of them", chunked("0\r\n" + times(3000, "X: 1\r\n") + "\r\n"), 431, "RFC 6585 §5");
  t.refuse("many that are dropped", chunked("0\r\n" + times(3000, "Host: 1\r\n") + "\r\n"), 431,
           "RFC 6585 §5");
  return t;
}

Chapter content() {
  Chapter t{"Content", {}};
  constexpr auto keep = End::keep;
  t.add("GET with content", get("/get", "Content-Length: 2\r\n") + "hi", {{200, "GET /get hi"}},
        keep, "RFC 9110 §9.3.1");
  t.add("GET with a request for content",
        "GET /any HTTP/1.1\r\nHost: a\r\nContent-Length: 35\r\n\r\n" + std::string(kSmuggled),
        {200}, keep, "RFC 9112 §6.3");
  t.add("HEAD with content",
        line("HEAD /get HTTP/1.1\r\nContent-Length: 35") + std::string(kSmuggled),
        {Answer(200).to_head()}, keep, "RFC 9112 §6.3");
  t.add("DELETE with content", line("DELETE /users/7 HTTP/1.1\r\nContent-Length: 2") + "hi",
        {{200, "DELETE /users/7 hi"}}, keep, "RFC 9110 §9.3.5");
  t.add("OPTIONS with content",
        line("OPTIONS /get HTTP/1.1\r\nContent-Length: 35") + std::string(kSmuggled), {204}, keep,
        "RFC 9112 §6.3");
  t.add("a method of no one's with content", line("BREW /any HTTP/1.1\r\nContent-Length: 2") + "hi",
        {{200, "BREW /any hi"}}, keep, "RFC 9112 §6.3");
  t.add("at the route's limit", sized_to("/small", "0123456789"), {{200, "POST /small 0123456789"}},
        keep, "RFC 9110 §15.5.14");
  t.refuse("one above the route's limit", sized_to("/small", "0123456789a"), 413,
           "RFC 9110 §15.5.14");
  t.refuse("announced above the limit, nothing sent",
           line("POST /small HTTP/1.1\r\nContent-Length: 11"), 413, "RFC 9110 §15.5.14");
  t.add("chunks at the route's limit",
        chunked_to("/small", "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"),
        {{200, "POST /small 0123456789"}}, keep, "RFC 9110 §15.5.14");
  t.refuse("one chunk above the limit", chunked_to("/small", "b\r\n0123456789a\r\n0\r\n\r\n"), 413,
           "CVE-2025-46728");
  t.refuse("chunks above the limit",
           chunked_to("/small", "5\r\n01234\r\n5\r\n56789\r\n1\r\na\r\n0\r\n\r\n"), 413,
           "CVE-2025-46728");
  t.refuse("chunks above the limit, without end", chunked_to("/small", times(11, "1\r\nx\r\n")),
           413, "CVE-2025-46728");
  t.refuse("a chunk of nearly 2^63 bytes", chunked_to("/small", "7fffffffffffffff\r\n0123456789a"),
           413, "CVE-2025-46728");
  t.refuse("chunks above the default limit",
           chunked(times(17, "10000\r\n" + times(65'536, 'x') + "\r\n") + "0\r\n\r\n"), 413,
           "CVE-2025-46728");
  t.add("the default limit itself", sized_to("/any", times(1'048'576, 'x')), {200}, keep,
        "options.md: 1 MiB");
  t.refuse("one byte above the default limit", sized_to("/any", times(1'048'577, 'x')), 413,
           "RFC 9110 §15.5.14");
  t.add("404 leaves content behind, which is no request", sized_to("/missing", kSmuggled), {404},
        keep, "RFC 9112 §9.3");
  t.add("404, content, and then a request", sized_to("/missing", kSmuggled) + std::string(kNext),
        {404, {200, "next"}}, keep, "RFC 9112 §9.3");
  t.add("405 leaves content behind, which is no request",
        sized_to("/get", kSmuggled) + std::string(kNext), {405, {200, "next"}}, keep,
        "RFC 9112 §9.3");
  t.add("404 to chunks, and then a request",
        chunked_to("/missing", "23\r\n" + std::string(kSmuggled) + "\r\n0\r\nX: y\r\n\r\n") +
            std::string(kNext),
        {404, {200, "next"}}, keep, "RFC 9112 §9.3");
  t.add("404 to broken chunks",
        chunked_to("/missing", "5\r\nhelloGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"), {404},
        End::close, "RFC 9112 §7.1")
      .unannounced();
  t.refuse("404 to more content than is worth reading", sized_to("/missing", times(300'000, 'x')),
           404, "RFC 9112 §9.3 (either)");
  t.add("an early answer, and then a request", sized_to("/early", kSmuggled) + std::string(kNext),
        {{200, "early"}, {200, "next"}}, keep, "RFC 9112 §9.3");
  t.add("an early answer to chunks, and then a request",
        chunked_to("/early", "23\r\n" + std::string(kSmuggled) + "\r\n0\r\n\r\n") +
            std::string(kNext),
        {{200, "early"}, {200, "next"}}, keep, "RFC 9112 §9.3");
  t.add("an early answer to more content than is worth reading",
        sized_to("/early", times(300'000, 'x')), {{200, "early"}}, End::close, "RFC 9112 §9.3");
  t.add("404 with close and content",
        line("POST /missing HTTP/1.1\r\nConnection: close\r\nContent-Length: 35") +
            std::string(kSmuggled),
        {404}, End::close, "RFC 9112 §9.6");
  t.add("OPTIONS * with content",
        line("OPTIONS * HTTP/1.1\r\nContent-Length: 35") + std::string(kSmuggled) +
            std::string(kNext),
        {204, {200, "next"}}, keep, "RFC 9110 §9.3.7");
  t.add("a streamed handler gets all of it", sized_to("/trailers", "hello"), {{200, "hello|"}},
        keep, "RFC 9112 §6.3");
  t.refuse("broken chunks of a streamed handler", chunked_to("/trailers", "5\r\nhelloX"), 400,
           "RFC 9112 §7.1");
  t.add("content for a deferred handler", sized_to("/deferred", "hello"),
        {{200, "deferred POST /deferred hello"}}, keep, "RFC 9112 §6.3");
  t.add("chunks for a blocking handler", chunked_to("/blocking", "5\r\nhello\r\n0\r\n\r\n"),
        {{200, "blocking POST /blocking hello"}}, keep, "RFC 9112 §7.1");
  t.add("content for a handler that throws, and then a request",
        line("GET /throw HTTP/1.1\r\nContent-Length: 35") + std::string(kSmuggled) +
            std::string(kNext),
        {500, {200, "next"}}, keep, "RFC 9112 §9.3");
  return t;
}

Chapter expectations() {
  Chapter t{"Expect", {}};
  constexpr auto keep = End::keep;
  constexpr auto wanted = Answer::Interim::wanted;
  constexpr auto either = Answer::Interim::free;
  t.add("100-continue, then the content", post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""),
        {Answer(200, "POST /post hello").after(wanted)}, keep, "RFC 9110 §10.1.1")
      .then("hello");
  t.add("100-continue, then chunks",
        post("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", ""),
        {Answer(200, "POST /post hello").after(wanted)}, keep, "RFC 9110 §10.1.1")
      .then("5\r\nhello\r\n0\r\n\r\n");
  t.add("100-Continue differs not by case",
        post("Content-Length: 5\r\nexpect: 100-CONTINUE\r\n", ""),
        {Answer(200, "POST /post hello").after(wanted)}, keep, "RFC 9110 §10.1.1")
      .then("hello");
  t.add("to a streamed handler",
        line("POST /trailers HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue"),
        {Answer(200, "hello|").after(wanted)}, keep, "RFC 9110 §10.1.1")
      .then("hello");
  t.add("to a blocking handler",
        line("POST /blocking HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue"),
        {Answer(200, "blocking POST /blocking hello").after(wanted)}, keep, "RFC 9110 §10.1.1")
      .then("hello");
  t.add("and a request behind the content",
        post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""),
        {Answer(200, "POST /post hello").after(wanted), {200, "next"}}, keep, "RFC 9110 §10.1.1")
      .then("hello" + std::string(kNext));
  t.add("chunks that turn out broken",
        post("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", ""),
        {Answer(400).after(wanted)}, End::close, "RFC 9112 §7.1")
      .then("x\r\n");
  t.add("the client does not wait", post("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello"),
        {Answer(200, "POST /post hello").after(either)}, keep, "RFC 9110 §10.1.1");
  t.add("the client does not wait, chunks",
        post("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        {Answer(200, "POST /post hello").after(either)}, keep, "RFC 9110 §10.1.1");
  t.add("on GET with content, and then a request",
        get("/get", "Content-Length: 35\r\nExpect: 100-continue\r\n") + std::string(kSmuggled) +
            std::string(kNext),
        {Answer(200).after(either), {200, "next"}}, keep, "RFC 9110 §10.1.1");
  t.add("without content", with("Expect: 100-continue\r\n"), {{200, "GET /get"}}, keep,
        "RFC 9110 §10.1.1");
  t.add("with Content-Length: 0", post("Content-Length: 0\r\nExpect: 100-continue\r\n", ""),
        {{200, "POST /post"}}, keep, "RFC 9110 §10.1.1");
  t.add("on HTTP/1.0",
        "POST /post HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
        {{200, "POST /post hello"}}, End::close, "RFC 9110 §10.1.1");
  t.add("unknown on HTTP/1.0", "GET /get HTTP/1.0\r\nExpect: x\r\n\r\n", {{200, "GET /get"}},
        End::close, "RFC 9110 §10.1.1");
  for (const auto& [name, field] :
       {std::pair{"unknown", "Expect: 200-ok\r\n"sv},
        std::pair{"unknown with content", "Content-Length: 5\r\nExpect: x\r\n"sv},
        std::pair{"100 alone", "Expect: 100\r\n"sv},
        std::pair{"continue alone", "Expect: continue\r\n"sv},
        std::pair{"a parameter", "Expect: 100-continue;a=b\r\n"sv},
        std::pair{"two in a list", "Expect: 100-continue, x\r\n"sv},
        std::pair{"two lines", "Expect: 100-continue\r\nExpect: x\r\n"sv},
        std::pair{"a word before it", "Expect: y 100-continue\r\n"sv},
        std::pair{"an underscore", "Expect: 100_continue\r\n"sv}})
    t.refuse(name, with(field) + std::string(kSmuggled), 417, "RFC 9110 §10.1.1 (MAY)");
  t.refuse("413 instead of 100",
           line("POST /small HTTP/1.1\r\nContent-Length: 11\r\nExpect: 100-continue"), 413,
           "RFC 9110 §10.1.1");
  t.add("404 instead of 100, nobody knows whether content comes",
        line("POST /missing HTTP/1.1\r\nContent-Length: 35\r\nExpect: 100-continue"), {404},
        End::close, "RFC 9110 §10.1.1 (either)");
  t.add("405 instead of 100",
        line("POST /get HTTP/1.1\r\nContent-Length: 35\r\nExpect: 100-continue") +
            std::string(kSmuggled),
        {405}, End::close, "RFC 9110 §10.1.1 (either)");
  t.refuse("400 instead of 100",
           "POST /post HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", 400,
           "RFC 9110 §10.1.1");
  t.refuse("400 to bad framing instead of 100",
           post("Content-Length: +5\r\nExpect: 100-continue\r\n", ""), 400, "RFC 9110 §10.1.1");
  t.refuse("400 to a bad path instead of 100",
           line("POST /%00 HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue"), 400,
           "RFC 9110 §10.1.1");
  t.add("an early answer instead of 100",
        line("POST /early HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue"), {{200, "early"}},
        End::close, "RFC 9110 §10.1.1");
  t.add("103 before the answer", get("/early-hints"),
        {Answer(200, "hinted").after(Answer::Interim::hints)}, keep, "RFC 8297 §2");
  t.add("no interim answer for HTTP/1.0", line("GET /early-hints HTTP/1.0"), {{200, "hinted"}},
        End::close, "RFC 9110 §15.2");
  return t;
}

}  // namespace weir::conformance
