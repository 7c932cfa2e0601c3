// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/http/multipart_parser.hpp>

#include "support/guarded_bytes.hpp"
#include "support/multipart.hpp"
#include "support/pieces.hpp"

using namespace weir;
using Error = http::MultipartError;
using Event = http::MultipartParser::Event;

namespace {

constexpr std::string_view kHead = "Content-Disposition: form-data; ";

/// Forms of the boundary "b". `@` stands for "Content-Disposition: form-data; " and `|` for CRLF.
struct Case {
  const char* name;
  const char* source;
  std::string_view body;
  /// `name` `<filename>` `(type)` `=data`, one behind the other, each with a ';'.
  std::string_view parts;
  Error error = Error::none;
};

constexpr char kNulText[] = "--b|@name=a; filename=\"x.php\0.txt\"||1|--b--";
constexpr std::string_view kNul(kNulText, sizeof kNulText - 1);

const Case kCases[] = {
    // What browsers send (HTML, multipart/form-data encoding algorithm).
    {"one field", "HTML", "--b|@name=\"a\"||1|--b--|", "a=1;"},
    {"two fields of one name", "HTML", "--b|@name=\"a\"||1|--b|@name=\"a\"||2|--b--|", "a=1;a=2;"},
    {"a file", "HTML", "--b|@name=\"f\"; filename=\"x.txt\"|Content-Type: text/plain||hi|--b--|",
     "f<x.txt>(text/plain)=hi;"},
    {"a file, then a field", "HTML",
     "--b|@name=\"f\"; filename=\"x\"|Content-Type: a/b||hi|--b|@name=\"a\"||1|--b--|",
     "f<x>(a/b)=hi;a=1;"},
    {"no file chosen", "HTML",
     "--b|@name=\"f\"; filename=\"\"|Content-Type: application/octet-stream|||--b--|",
     "f<>(application/octet-stream)=;"},
    {"an empty value", "HTML", "--b|@name=\"a\"|||--b--|", "a=;"},
    {"an empty FormData", "Chrome, Firefox", "--b--|", ""},
    {"an empty name", "HTML", "--b|@name=\"\"||1|--b--|", "=1;"},
    {"a quote in a name", "Chrome, Firefox 90+", "--b|@name=\"a%22b\"||1|--b--|", "a%22b=1;"},
    {"a line end in a name", "HTML", "--b|@name=\"a%0D%0Ab\"||1|--b--|", "a%0D%0Ab=1;"},
    {"a percent sign is not escaped", "HTML", "--b|@name=\"100%\"||1|--b--|", "100%=1;"},
    {"a quote in a file name", "Chrome", "--b|@name=\"f\"; filename=\"%22.txt\"||1|--b--|",
     "f<%22.txt>=1;"},
    {"UTF-8", "RFC 7578 §5.1",
     "--b|@name=\"\xC3\xA4\"; filename=\"\xF0\x9F\x98\xBA.txt\"||1|--b--|",
     "\xC3\xA4<\xF0\x9F\x98\xBA.txt>=1;"},
    {"bytes that are no UTF-8", "RFC 7578 §5.1", "--b|@name=\"\xE4\"||1|--b--|", "\xE4=1;"},
    {"a file of a folder", "Chrome, webkitdirectory",
     "--b|@name=\"f\"; filename=\"photos/a/1.jpg\"||1|--b--|", "f<photos/a/1.jpg>=1;"},
    {"a path of Windows", "old Internet Explorer",
     "--b|@name=\"f\"; filename=\"C:\\temp\\new.txt\"||1|--b--|", "f<C:\\temp\\new.txt>=1;"},
    {"a backslash at a file name's end", "Chrome", "--b|@name=\"f\"; filename=\"a\\\"||1|--b--|",
     "f<a\\>=1;"},
    {"a backslash at a name's end", "Chrome", "--b|@name=\"a\\\"||1|--b--|", "a\\=1;"},
    {"both end with a backslash", "two readings", "--b|@name=\"a\\\"; filename=\"b\\\"||1|--b--|",
     "", Error::bad_disposition},
    {"line ends in a value", "HTML", "--b|@name=\"a\"||1||2||--b--|", "a=1||2|;"},
    {"the body ends with the delimiter", "Chrome of old", "--b|@name=\"a\"||1|--b--", "a=1;"},
    {"_charset_", "RFC 7578 §4.6", "--b|@name=\"_charset_\"||utf-8|--b|@name=\"a\"||1|--b--|",
     "_charset_=utf-8;a=1;"},

    // Other clients.
    {"a quote escaped", "curl before 7.81", "--b|@name=\"a\\\"b\"||1|--b--|", "a\"b=1;"},
    {"a quote escaped at the end", "curl before 7.81", "--b|@name=\"a\\\"\"||1|--b--|", "a\"=1;"},
    {"a backslash escaped", "curl before 7.81", "--b|@name=\"f\"; filename=\"a\\\\b\"||1|--b--|",
     "f<a\\b>=1;"},
    {"tokens", "RFC 2183 §2", "--b|@name=a; filename=x.txt||1|--b--|", "a<x.txt>=1;"},
    {"in the other order", "RFC 2183 §2", "--b|@filename=\"x\"; name=\"a\"||1|--b--|", "a<x>=1;"},
    {"case", "RFC 2183 §2",
     "--b|CONTENT-disposition: Form-Data; NAME=\"a\"; FileName=\"x\"||1|--b--|", "a<x>=1;"},
    {"blanks that may be", "RFC 9110 §5.6.6",
     "--b|Content-Disposition:form-data ;\tname=\"a\" ; ; filename=x; ||1|--b--|", "a<x>=1;"},
    {"no blank", "RFC 9110 §5.6.6", "--b|Content-Disposition:form-data;name=a||1|--b--|", "a=1;"},
    {"filename* is ignored", "RFC 7578 §4.2",
     "--b|@name=\"f\"; filename=\"x\"; filename*=UTF-8''y%20z||1|--b--|", "f<x>=1;"},
    {"filename* alone is no file", "RFC 7578 §4.2", "--b|@name=\"f\"; filename*=UTF-8''y||1|--b--|",
     "f=1;"},
    {"an unknown parameter", "RFC 2183 §2.8", "--b|@name=a; size=\"1\"; x=y||1|--b--|", "a=1;"},
    {"other fields are ignored", "RFC 7578 §4.8",
     "--b|Content-Length: 1|@name=a|X-Y:|Content-ID: <z>||1|--b--|", "a=1;"},
    {"the type before the disposition", "RFC 7578 §4.4",
     "--b|Content-Type: text/html; charset=utf-8|@name=a||1|--b--|",
     "a(text/html; charset=utf-8)=1;"},
    {"an empty type", "RFC 7578 §4.4", "--b|@name=a|Content-Type: ||1|--b--|", "a=1;"},
    {"Content-Transfer-Encoding: binary", "RFC 7578 §4.7",
     "--b|@name=a|Content-Transfer-Encoding: Binary||1|--b--|", "a=1;"},
    {"Content-Transfer-Encoding: 8bit", "RFC 7578 §4.7",
     "--b|@name=a|Content-Transfer-Encoding: 8bit||1|--b--|", "a=1;"},
    {"Content-Transfer-Encoding: 7bit", "RFC 7578 §4.7",
     "--b|@name=a|Content-Transfer-Encoding: 7bit||1|--b--|", "a=1;"},

    // Delimiters (RFC 2046 §5.1.1).
    {"an empty line first", "RFC 2046 §5.1.1", "|--b|@name=a||1|--b--|", "a=1;"},
    {"a preamble", "RFC 2046 §5.1.1", "MIME|form|--b|@name=a||1|--b--|", "a=1;"},
    {"the boundary inside a line of the preamble", "RFC 2046 §5.1.1",
     "x--b|y|--b|@name=a||1|--b--|", "a=1;"},
    {"empty lines first", "RFC 2046 §5.1.1", "||||--b|@name=a||1|--b--|", "a=1;"},
    {"a part behind LF alone is not skipped", "two readings", "x\n--b|@name=a||1|--b--|", "",
     Error::preamble_too_long},
    {"a part behind text is not skipped", "two readings", "x--b|@name=a||1|--b|@name=c||2|--b--|",
     "", Error::preamble_too_long},
    {"a part behind the end is not skipped", "two readings",
     "--b|@name=a||1|--b--||--b|@name=c||2|--b--|", "a=1;", Error::epilogue_too_long},
    {"an epilogue", "RFC 2046 §5.1.1", "--b|@name=a||1|--b--|bye|--b|bye", "a=1;"},
    {"padding", "RFC 2046 §5.1.1", "--b \t|@name=a||1|--b\t\t|@name=c||2|--b-- |", "a=1;c=2;"},
    {"padding at the end of the body", "RFC 2046 §5.1.1", "--b|@name=a||1|--b-- \t", "a=1;"},
    {"a part without content", "RFC 2046 §5.1.1", "--b|@name=a||--b|@name=c||--b--", "a=;c=;"},
    {"data that begins like a delimiter", "RFC 2046 §5.1.1", "--b|@name=a||--|--b--", "a=--;"},
    {"near-delimiters", "RFC 2046 §5.1.1",
     "--b|@name=a||\r|-\r\r|--\r|\r\n|--B\n--b\r--b\r-b|--b--",
     "a=\r|-\r\r|--\r|\r\n|--B\n--b\r--b\r-b;"},
    {"the boundary inside a line", "RFC 2046 §5.1.1", "--b|@name=a||1--b|--b--", "a=1--b;"},
    {"a line end of data, and the delimiter's", "RFC 2046 §5.1.1", "--b|@name=a||1|||--b--",
     "a=1||;"},
    {"CR at the end of data", "RFC 2046 §5.1.1", "--b|@name=a||1\r|--b--", "a=1\r;"},
    {"the boundary as a prefix of a line", "RFC 2046 §5.1.1", "--b|@name=a||1|--bc|--b--", "a=1",
     Error::bad_delimiter},
    {"one dash behind the boundary", "RFC 2046 §5.1.1", "--b|@name=a||1|--b-|", "a=1",
     Error::bad_delimiter},
    {"three dashes", "RFC 2046 §5.1.1", "--b|@name=a||1|--b---", "a=1;", Error::bad_delimiter},
    {"text behind the end", "RFC 2046 §5.1.1", "--b|@name=a||1|--b--x", "a=1;",
     Error::bad_delimiter},
    {"text behind padding", "RFC 2046 §5.1.1", "--b x|@name=a||1|--b--", "", Error::bad_delimiter},
    {"LF alone behind the boundary", "RFC 2046 §5.1.1", "--b\n@name=a||1|--b--", "",
     Error::bad_delimiter},
    {"LF alone behind the end", "RFC 2046 §5.1.1", "--b|@name=a||1|--b--\n", "a=1;",
     Error::bad_delimiter},
    {"CR alone behind the boundary", "RFC 2046 §5.1.1", "--b\r@name=a||1|--b--", "",
     Error::bad_delimiter},
    {"CR alone behind the end", "RFC 2046 §5.1.1", "--b|@name=a||1|--b--\rx", "a=1;",
     Error::bad_delimiter},

    // A body that ends too early: never a form.
    {"nothing", "RFC 2046 §5.1.1", "", "", Error::truncated},
    {"no boundary", "RFC 2046 §5.1.1", "a=1&b=2", "", Error::truncated},
    {"another boundary", "RFC 2046 §5.1.1", "--c|@name=a||1|--c--|", "", Error::preamble_too_long},
    {"another boundary, and nothing else", "RFC 2046 §5.1.1", "--c--|", "", Error::truncated},
    {"half a boundary", "RFC 2046 §5.1.1", "--", "", Error::truncated},
    {"a boundary alone", "RFC 2046 §5.1.1", "--b", "", Error::truncated},
    {"in a header", "RFC 2046 §5.1.1", "--b|@na", "", Error::truncated},
    {"in an empty line", "RFC 2046 §5.1.1", "--b|@name=a|\r", "", Error::truncated},
    {"in data", "RFC 2046 §5.1.1", "--b|@name=a||1", "a=1", Error::truncated},
    {"in the last delimiter", "RFC 2046 §5.1.1", "--b|@name=a||1|--b-", "a=1", Error::truncated},
    {"behind a delimiter", "RFC 2046 §5.1.1", "--b|@name=a||1|--b|", "a=1;", Error::truncated},
    {"in the last line end", "RFC 2046 §5.1.1", "--b|@name=a||1|--b--\r", "a=1;", Error::truncated},

    // Headers: lines as a request's head has them, nothing that two readers take for two things.
    {"no header", "RFC 7578 §4.2", "--b|||1|--b--", "", Error::missing_disposition},
    {"no disposition", "RFC 7578 §4.2", "--b|Content-Type: a/b||1|--b--", "",
     Error::missing_disposition},
    {"an attachment", "RFC 7578 §4.2", "--b|Content-Disposition: attachment; name=a||1|--b--", "",
     Error::bad_disposition},
    {"an empty disposition", "RFC 7578 §4.2", "--b|Content-Disposition:||1|--b--", "",
     Error::bad_disposition},
    {"no name", "RFC 7578 §4.2", "--b|@filename=x||1|--b--", "", Error::missing_name},
    {"name*", "RFC 7578 §4.2", "--b|@name*=UTF-8''a||1|--b--", "", Error::missing_name},
    {"two names", "RFC 2183 §2", "--b|@name=a; name=c||1|--b--", "", Error::repeated_parameter},
    {"two names that are equal", "RFC 2183 §2", "--b|@name=a; Name=\"a\"||1|--b--", "",
     Error::repeated_parameter},
    {"two file names", "RFC 2183 §2", "--b|@name=a; filename=x.txt; filename=x.php||1|--b--", "",
     Error::repeated_parameter},
    {"two dispositions", "RFC 9110 §5.3", "--b|@name=a|@name=c||1|--b--", "",
     Error::repeated_field},
    {"two types", "RFC 9110 §5.3", "--b|@name=a|Content-Type: a/b|content-type: a/b||1|--b--", "",
     Error::repeated_field},
    {"no quote at the end", "RFC 9110 §5.6.4", "--b|@name=\"a||1|--b--", "",
     Error::bad_disposition},
    {"a quote alone", "RFC 9110 §5.6.4", "--b|@name=\"||1|--b--", "", Error::bad_disposition},
    {"text behind the quote", "RFC 9110 §5.6.6", "--b|@name=\"a\"b||1|--b--", "",
     Error::bad_disposition},
    {"blanks around the equals sign", "RFC 9110 §5.6.6", "--b|@name = a||1|--b--", "",
     Error::bad_disposition},
    {"a blank in a token", "RFC 9110 §5.6.6", "--b|@name=a; filename=x y||1|--b--", "",
     Error::bad_disposition},
    {"a slash in a token", "RFC 9110 §5.6.2", "--b|@name=a; filename=x/y||1|--b--", "",
     Error::bad_disposition},
    {"UTF-8 in a token", "RFC 9110 §5.6.2", "--b|@name=\xC3\xA4||1|--b--", "",
     Error::bad_disposition},
    {"a comma for a semicolon", "RFC 9110 §5.6.6", "--b|@name=a, filename=x||1|--b--", "",
     Error::bad_disposition},
    {"a parameter without a value", "RFC 9110 §5.6.6", "--b|@name||1|--b--", "",
     Error::bad_disposition},
    {"an empty value without quotes", "RFC 9110 §5.6.6", "--b|@name=||1|--b--", "",
     Error::bad_disposition},
    {"a folded line", "RFC 9112 §5.2", "--b|@name=a;| filename=x||1|--b--", "", Error::obs_fold},
    {"a folded line first", "RFC 9112 §5.2", "--b| @name=a||1|--b--", "", Error::obs_fold},
    {"a tab first", "RFC 9112 §5.2", "--b|@name=a|\tx: y||1|--b--", "", Error::obs_fold},
    {"a blank before the colon", "RFC 9112 §5.1",
     "--b|Content-Disposition : form-data; name=a||1|--b--", "", Error::bad_field},
    {"no colon", "RFC 9112 §5", "--b|@name=a|hello||1|--b--", "", Error::bad_field},
    {"no name of a field", "RFC 9112 §5", "--b|@name=a|: x||1|--b--", "", Error::bad_field},
    {"a parenthesis in a field's name", "RFC 9110 §5.6.2", "--b|@name=a|x(: y||1|--b--", "",
     Error::bad_field},
    {"LF alone in a header", "RFC 9112 §2.2", "--b|@name=a\n|1|--b--", "", Error::bare_lf},
    {"CR alone in a header", "RFC 9112 §2.2", "--b|@name=a\rX: y||1|--b--", "", Error::bare_cr},
    {"CR alone for the empty line", "RFC 9112 §2.2", "--b|@name=a|\r1|--b--", "", Error::bare_cr},
    {"NUL in a file name", "RFC 9110 §5.5", kNul, "", Error::bad_value},
    {"a control byte", "RFC 9110 §5.5", "--b|@name=\"a\x01\"||1|--b--", "", Error::bad_value},
    {"DEL", "RFC 9110 §5.5", "--b|@name=\"a\x7f\"||1|--b--", "", Error::bad_value},
    {"base64", "RFC 7578 §4.7", "--b|@name=a|Content-Transfer-Encoding: base64||MQ==|--b--", "",
     Error::bad_content_encoding},
    {"quoted-printable", "RFC 7578 §4.7",
     "--b|@name=a|Content-Transfer-Encoding: quoted-printable||=31|--b--", "",
     Error::bad_content_encoding},
};

std::string expand(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '@')
      out += kHead;
    else if (c == '|')
      out += "\r\n";
    else
      out += c;
  }
  return out;
}

std::string written(const std::vector<test::Part>& parts) {
  std::string out;
  for (const test::Part& part : parts) {
    out += part.name;
    if (part.filename) out += "<" + *part.filename + ">";
    if (!part.content_type.empty()) out += "(" + part.content_type + ")";
    out += "=" + part.data;
    if (part.ended) out += ";";
  }
  return out;
}

test::Parsed parse(std::string_view wire, std::string_view boundary = "b",
                   const http::MultipartLimits& limits = {}) {
  return test::parse_in_pieces(wire, boundary, limits, [&](std::size_t) { return wire.size(); });
}

test::Parsed parse(std::string_view wire, std::string_view boundary,
                   const http::MultipartLimits& limits, const test::Cuts& cuts) {
  return test::parse_in_pieces(wire, boundary, limits, [&](std::size_t i) { return cuts[i]; });
}

/// The same from every cut, and from a parser that has the whole body.
void check_cuts(std::string_view wire, std::string_view boundary,
                const http::MultipartLimits& limits = {}) {
  const test::Parsed whole = parse(wire, boundary, limits);
  const auto reference = test::MultipartReference(wire, boundary, limits).parse();
  REQUIRE(reference.has_value() == (whole.error == Error::none));
  if (reference) REQUIRE(*reference == whole.parts);
  test::for_each_cut(wire.size(), [&](test::Cuts cuts) {
    cuts.erase(std::remove(cuts.begin(), cuts.end(), std::size_t{0}), cuts.end());
    CAPTURE(cuts);
    const test::Parsed cut = parse(wire, boundary, limits, cuts);
    REQUIRE(cut.in_order);
    REQUIRE(cut.error == whole.error);
    REQUIRE(cut.parts == whole.parts);
    if (whole.error != Error::preamble_too_long) REQUIRE(cut.consumed == whole.consumed);
  });
}

std::string field(std::string_view name, std::string_view data, std::string_view boundary = "b") {
  return std::string("--")
      .append(boundary)
      .append("\r\n")
      .append(kHead)
      .append("name=\"")
      .append(name)
      .append("\"\r\n\r\n")
      .append(data)
      .append("\r\n");
}

struct Recorder {
  std::string told;
  void on_part(const http::MultipartPart& part) { told.append(part.name).append("{"); }
  void on_data(std::string_view data) { told.append(data); }
  void on_part_end() { told.append("}"); }
};

}  // namespace

TEST_CASE("a form is read the same however it is cut", "[http][multipart]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name << ", " << c.source) {
      const std::string wire = expand(c.body);
      const test::Parsed whole = parse(wire);
      CHECK(whole.in_order);
      CHECK(whole.error == c.error);
      CHECK(written(whole.parts) == expand(c.parts));
      check_cuts(wire, "b");
    }
}

TEST_CASE("nothing outside a piece is read", "[http][multipart]") {
  test::GuardedBytes guarded(4096);
  const std::string boundary = "----WebKitFormBoundaryABCDEFGHIJKLMNOP";
  const std::string data = std::string(200, 'x') + "\r\n------WebKit" + std::string(60, '\r');
  const std::string wire =
      field("a", data, boundary) + field("b", data, boundary) + "--" + boundary + "--\r\n";
  for (const bool at_end : {true, false})
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
      http::MultipartParser parser(boundary);
      std::string content;
      for (std::size_t at = 0; at < wire.size(); at += piece) {
        const std::string_view bytes = std::string_view(wire).substr(at, piece);
        std::string_view in = at_end ? guarded.at_end(bytes) : guarded.at_begin(bytes);
        for (;;) {
          const auto step = parser.step(in.data(), in.size());
          content += step.data;
          if (step.event == Event::none) break;
          REQUIRE(step.event != Event::error);
          in.remove_prefix(step.consumed);
        }
      }
      REQUIRE(parser.finish() == Error::none);
      REQUIRE(content == data + data);
    }
}

TEST_CASE("a delimiter is found at every place of a block", "[http][multipart]") {
  for (const unsigned length : {1u, 2u, 5u, 38u, 70u})
    for (std::size_t size = 0; size < 150; ++size) {
      const std::string boundary(length, 'b');
      // Bytes that the search looks twice at: CRs, and the boundary's last.
      for (const char* fill : {"x", "\r", "b", "\r\n", "\r\n--", "\rb"}) {
        std::string data;
        while (data.size() < size) data += fill;
        data.resize(size);
        if (size > 0 && data.back() == 'b' && length == 1 && fill[0] == '\r') data.back() = 'x';
        const std::string wire = field("a", data, boundary) + "--" + boundary + "--";
        const test::Parsed got = parse(wire, boundary);
        CAPTURE(length, size, fill);
        REQUIRE(got.error == Error::none);
        REQUIRE(got.parts.size() == 1);
        REQUIRE(got.parts[0].data == data);
      }
    }
}

TEST_CASE("a part is handed out where it lies", "[http][multipart]") {
  const std::string wire = field("a", std::string(1000, 'x')) + "--b--";
  http::MultipartParser parser("b");
  std::string_view rest = wire;
  auto step = parser.step(rest.data(), rest.size());
  REQUIRE(step.event == Event::part);
  rest.remove_prefix(step.consumed);
  step = parser.step(rest.data(), rest.size());
  REQUIRE(step.event == Event::data);
  CHECK(step.data.data() == rest.data());
  CHECK(step.data.size() == 1000);
  CHECK(parser.part().name == "a");
}

TEST_CASE("a visitor is told in order", "[http][multipart]") {
  const std::string wire = field("a", "1") + field("c", "") + "--b--";
  Recorder recorder;
  http::MultipartParser parser("b");
  for (const char& c : wire) CHECK(parser.feed({&c, 1}, recorder) == Error::none);
  CHECK(parser.is_closed());
  CHECK(parser.finish() == Error::none);
  CHECK(recorder.told == "a{1}c{}");

  Recorder until_error;
  http::MultipartParser broken("b");
  CHECK(broken.feed(field("a", "1") + "--bx", until_error) == Error::bad_delimiter);
  CHECK(until_error.told == "a{1");  // whole only when its delimiter is
  CHECK(broken.feed("more", until_error) == Error::bad_delimiter);
  CHECK(broken.finish() == Error::bad_delimiter);
}

TEST_CASE("an error is final, and so is the end of the body", "[http][multipart]") {
  http::MultipartParser parser("b");
  CHECK(parser.step("--b\n", 4).consumed == 3);
  CHECK(parser.step("--b--", 5).error == Error::bad_delimiter);
  CHECK(parser.step("", 0).event == Event::error);

  http::MultipartParser cut("b");
  CHECK(cut.step("--b", 3).event == Event::none);
  CHECK(cut.finish() == Error::truncated);
  CHECK_FALSE(cut.is_closed());
  CHECK(cut.step("--\r\n", 4).error == Error::truncated);
}

TEST_CASE("each limit holds at its last byte and not beyond", "[http][multipart]") {
  struct Limit {
    const char* name;
    std::string wire;
    std::uint32_t http::MultipartLimits::*limit;
    std::uint32_t needed;
    Error error;
  };
  const std::string end = "--b--\r\n";
  const Limit limits[] = {
      {"parts", field("a", "1") + field("b", "2") + field("c", "3") + end,
       &http::MultipartLimits::parts, 3, Error::too_many_parts},
      {"header", field("a", "1") + end, &http::MultipartLimits::header_bytes, 44,
       Error::header_too_long},
      {"header that is ignored", expand("--b|@name=\"a\"|X: yyyyyyyyyy||1|") + end,
       &http::MultipartLimits::header_bytes, 59, Error::header_too_long},
      {"fields", expand("--b|X: y|@name=a|Z:||1|") + end, &http::MultipartLimits::header_fields, 3,
       Error::too_many_fields},
      {"name", field("12345", "1") + end, &http::MultipartLimits::name, 5, Error::name_too_long},
      {"name behind escapes", field("1\\\"\\\\4", "1") + end, &http::MultipartLimits::name, 4,
       Error::name_too_long},
      {"file name", expand("--b|@name=a; filename=\"/x/12\"||1|") + end,
       &http::MultipartLimits::filename, 5, Error::filename_too_long},
      {"preamble", "12345\r\n" + field("a", "1") + end, &http::MultipartLimits::preamble, 5,
       Error::preamble_too_long},
      {"preamble of near-delimiters", "\r\n-\r\n--\r\n" + field("a", "1") + end,
       &http::MultipartLimits::preamble, 7, Error::preamble_too_long},
      {"epilogue", field("a", "1") + end + "12345", &http::MultipartLimits::epilogue, 5,
       Error::epilogue_too_long},
  };
  for (const Limit& limit : limits) DYNAMIC_SECTION(limit.name) {
      http::MultipartLimits exact;
      exact.*limit.limit = limit.needed;
      CHECK(parse(limit.wire, "b", exact).error == Error::none);
      check_cuts(limit.wire, "b", exact);
      http::MultipartLimits less;
      less.*limit.limit = limit.needed - 1;
      CHECK(parse(limit.wire, "b", less).error == limit.error);
      for (std::uint32_t few = limit.needed; few-- > 0;) {
        less.*limit.limit = few;
        CHECK(parse(limit.wire, "b", less).error == limit.error);
      }
      CHECK(http::status_of(limit.error) ==
            (limit.error == Error::preamble_too_long || limit.error == Error::epilogue_too_long
                 ? http::Status::bad_request
                 : http::Status::content_too_large));
      check_cuts(limit.wire, "b", less);
    }
  for (const std::string behind : {"", "--"}) {
    const auto padded = [&](std::size_t blanks) {
      return field("a", "1") + "--b" + behind + std::string(blanks, ' ') + "\r\n" +
             (behind.empty() ? expand("@name=c|||--b--") : "");
    };
    CHECK(parse(padded(http::kMaxTransportPadding)).error == Error::none);
    CHECK(parse(padded(http::kMaxTransportPadding + 1u)).error == Error::padding_too_long);
  }
}

TEST_CASE("each part, each delimiter and each end of a form has its limit for itself",
          "[http][multipart]") {
  http::MultipartLimits limits;
  limits.preamble = limits.epilogue = 5;
  limits.header_fields = 1;
  limits.header_bytes = 44;
  const std::string padding(http::kMaxTransportPadding, ' ');
  std::string wire = "12345\r\n";
  for (const char* name : {"a", "b", "c"}) wire += field(name, "1").insert(3, padding);
  wire += "--b--" + padding + "\r\n12345";
  CHECK(parse(wire, "b", limits).error == Error::none);
  CHECK(written(parse(wire, "b", limits).parts) == "a=1;b=1;c=1;");
}

TEST_CASE("zero is a limit", "[http][multipart]") {
  http::MultipartLimits none;
  none.parts = none.header_bytes = none.header_fields = none.preamble = none.epilogue = 0;
  CHECK(parse("--b--\r\n", "b", none).error == Error::none);
  CHECK(parse(field("a", ""), "b", none).error == Error::header_too_long);
  none.header_bytes = 1024;
  CHECK(parse(field("a", ""), "b", none).error == Error::too_many_fields);
  none.header_fields = 1;
  CHECK(parse(field("a", ""), "b", none).error == Error::too_many_parts);
}

TEST_CASE("a boundary comes out of the Content-Type, or there is a reason", "[http][multipart]") {
  struct BoundaryCase {
    const char* name;
    std::string content_type;
    std::string boundary;
    Error error = Error::none;
  };
  const std::string longest(70, 'x');
  const BoundaryCase cases[] = {
      {"Chrome", "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
       "----WebKitFormBoundary7MA4YWxkTrZu0gW"},
      {"Firefox", "multipart/form-data; boundary=----geckoformboundaryd63b7ca5a9f12e",
       "----geckoformboundaryd63b7ca5a9f12e"},
      {"curl", "multipart/form-data; boundary=------------------------d74496d66958873e",
       "------------------------d74496d66958873e"},
      {".NET", "multipart/form-data; boundary=\"2cf4cf0b-3b1c-4b9c-8f3e-0c1d2e3f4a5b\"",
       "2cf4cf0b-3b1c-4b9c-8f3e-0c1d2e3f4a5b"},
      {"case, and another parameter", "Multipart/Form-Data;charset=utf-8;BOUNDARY=a", "a"},
      {"what needs quotes", "multipart/form-data; boundary=\"a b:c/d=e?f(g)h,i\"",
       "a b:c/d=e?f(g)h,i"},
      {"a quoted pair", "multipart/form-data; boundary=\"a\\b\"", "ab"},
      {"70 bytes", "multipart/form-data; boundary=" + longest, longest},
      {"none", "", "", Error::not_form_data},
      {"urlencoded", "application/x-www-form-urlencoded", "", Error::not_form_data},
      {"mixed", "multipart/mixed; boundary=a", "", Error::not_form_data},
      {"no parameter", "multipart/form-data", "", Error::missing_boundary},
      {"another parameter", "multipart/form-data; bound=a", "", Error::missing_boundary},
      {"two", "multipart/form-data; boundary=a; boundary=b", "", Error::repeated_boundary},
      {"two that are equal", "multipart/form-data; boundary=a; Boundary=a", "",
       Error::repeated_boundary},
      {"empty", "multipart/form-data; boundary=\"\"", "", Error::bad_boundary},
      {"71 bytes", "multipart/form-data; boundary=x" + longest, "", Error::bad_boundary},
      {"a blank at the end", "multipart/form-data; boundary=\"a \"", "", Error::bad_boundary},
      {"a tab", "multipart/form-data; boundary=\"a\tb\"", "", Error::bad_boundary},
      {"a quote", "multipart/form-data; boundary=\"a\\\"b\"", "", Error::bad_boundary},
      {"UTF-8", "multipart/form-data; boundary=\"\xC3\xA4\"", "", Error::bad_boundary},
      {"a star", "multipart/form-data; boundary=***", "", Error::bad_boundary},
      {"nothing behind the equals sign", "multipart/form-data; boundary=", "",
       Error::bad_content_type},
      {"a slash without quotes", "multipart/form-data; boundary=a/b", "", Error::bad_content_type},
      {"a quote without an end", "multipart/form-data; boundary=\"a", "", Error::bad_content_type},
      {"a comma", "multipart/form-data, boundary=a", "", Error::bad_content_type},
      {"a blank before the equals sign", "multipart/form-data; boundary =a", "",
       Error::bad_content_type},
      {"two values", "multipart/form-data; boundary=a, multipart/form-data; boundary=b", "",
       Error::bad_content_type},
      {"a line end", "multipart/form-data; boundary=\"a\r\nb\"", "", Error::bad_content_type},
  };
  for (const BoundaryCase& c : cases) DYNAMIC_SECTION(c.name) {
      std::string boundary = "before";
      CHECK(http::read_boundary(c.content_type, boundary) == c.error);
      CHECK(boundary == c.boundary);
      if (c.error == Error::none)
        CHECK(parse(field("a", "1", boundary) + "--" + boundary + "--", boundary).parts.size() ==
              1);
    }
  for (const char* bad : {"", "a ", "a\n", "\"", "\xC3\xA4"})
    CHECK_THROWS_AS(http::MultipartParser(bad), std::invalid_argument);
}

TEST_CASE("each error has a status and a text of its own", "[http][multipart]") {
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < http::kMultipartErrorCount; ++i) {
    const Error error = static_cast<Error>(i);
    texts.push_back(http::message_of(error));
    CHECK_FALSE(texts.back().empty());
    const http::Status status = http::status_of(error);
    if (error == Error::none)
      CHECK(status == http::Status::ok);
    else if (error == Error::not_form_data)
      CHECK(status == http::Status::unsupported_media_type);
    else
      CHECK((status == http::Status::bad_request || status == http::Status::content_too_large));
  }
  std::sort(texts.begin(), texts.end());
  CHECK(std::adjacent_find(texts.begin(), texts.end()) == texts.end());
}

TEST_CASE("what browsers escape can be undone", "[http][multipart]") {
  CHECK(http::undo_form_escapes("a%22b%0D%0Ac") == "a\"b\r\nc");
  CHECK(http::undo_form_escapes("%0d%0a") == "\r\n");
  CHECK(http::undo_form_escapes("100%") == "100%");
  CHECK(http::undo_form_escapes("%41%2F%25%%2") == "%41%2F%25%%2");
  CHECK(http::undo_form_escapes("").empty());
}

TEST_CASE("a client's file name becomes one for a folder", "[http][multipart]") {
  const std::string longest(255, 'x');
  const std::pair<std::string, std::string> names[] = {
      {"a.txt", "a.txt"},
      {"../../etc/passwd", "passwd"},
      {"/etc/passwd", "passwd"},
      {"C:\\fakepath\\photo.jpg", "photo.jpg"},
      {"\\\\server\\share\\x", "x"},
      {"a/b\\c", "c"},
      {"..", "file"},
      {".", "file"},
      {"", "file"},
      {"a/", "file"},
      {"...", "file"},
      {" . ", "file"},
      {".htaccess", "htaccess"},
      {"a.txt. .", "a.txt"},
      {" a b ", "a b"},
      {std::string("a\0.php", 6), "a_.php"},
      {"a\r\nb\x7f", "a__b_"},
      {"a:b|c?d*e<f>g\"h", "a_b_c_d_e_f_g_h"},
      {"a.txt:stream", "a.txt_stream"},
      {"\xC3\xA4\xF0\x9F\x98\xBA", "\xC3\xA4\xF0\x9F\x98\xBA"},
      {"\xE4.txt", "_.txt"},
      {"\xC0\xAF", "__"},
      {"CON", "_CON"},
      {"nul.txt", "_nul.txt"},
      {"com1.a.b", "_com1.a.b"},
      {"LPT9", "_LPT9"},
      {"com0", "com0"},
      {"console", "console"},
      {longest, longest},
      {longest + "x", longest},
      {std::string(254, 'x') + "\xC3\xA4", std::string(254, 'x')},
      {std::string(253, 'x') + " .y", std::string(253, 'x')},
  };
  for (const auto& [given, safe] : names) {
    CAPTURE(given);
    CHECK(http::safe_filename(given) == safe);
  }
  CHECK(http::safe_filename("..", "upload") == "upload");
}
