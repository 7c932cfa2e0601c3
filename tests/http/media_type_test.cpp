// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <weir/http/media_type.hpp>

using namespace weir;

namespace {

/// `meaning`: type/subtype, and of each parameter ";name=" and what its value means; empty:
/// refused.
struct Case {
  const char* name;
  std::string_view text;
  std::string_view meaning;
};

const Case kCases[] = {
    {"a type", "text/html", "text/html"},
    {"blanks around", " \ttext/html\t ", "text/html"},
    {"a parameter", "text/html; charset=utf-8", "text/html;charset=utf-8"},
    {"no blank", "text/html;charset=utf-8;a=b", "text/html;charset=utf-8;a=b"},
    {"blanks before the semicolon", "text/html \t; a=b ; c=d ", "text/html;a=b;c=d"},
    {"empty parameters", "text/html;; ; a=b;", "text/html;a=b"},
    {"a quoted string", "a/b; c=\"d; e=f, g\"", "a/b;c=d; e=f, g"},
    {"an empty quoted string", "a/b; c=\"\"", "a/b;c="},
    {"quoted pairs", "a/b; c=\"d\\\"e\\\\f\\g\"", "a/b;c=d\"e\\fg"},
    {"obs-text and tabs in quotes", "a/b; c=\"\xC3\xA4\t\"", "a/b;c=\xC3\xA4\t"},
    {"all tchars", "a/b; !#$%&'*+-.^_`|~=x", "a/b;!#$%&'*+-.^_`|~=x"},
    {"a suffix", "application/problem+json", "application/problem+json"},
    {"stars", "*/*", "*/*"},
    {"two of one name", "a/b; c=d; C=e", "a/b;c=d;C=e"},
    {"nothing", "", ""},
    {"no slash", "text", ""},
    {"no type", "/html", ""},
    {"no subtype", "text/", ""},
    {"two slashes", "text/html/x", ""},
    {"blanks around the slash", "text / html", ""},
    {"a comma", "text/html, a/b", ""},
    {"a space", "text/html charset=utf-8", ""},
    {"no value", "a/b; c", ""},
    {"an empty value", "a/b; c=", ""},
    {"no name of a parameter", "a/b; =c", ""},
    {"blanks around the equals sign", "a/b; c =d", ""},
    {"a blank behind the equals sign", "a/b; c= d", ""},
    {"no quote at the end", "a/b; c=\"d", ""},
    {"a backslash before the last quote", "a/b; c=\"d\\\"", ""},
    {"a backslash at the end", "a/b; c=\"d\\", ""},
    {"text behind the quote", "a/b; c=\"d\"e", ""},
    {"a quote inside a token", "a/b; c=d\"e\"", ""},
    {"a slash inside a token", "a/b; c=d/e", ""},
    {"a line end in quotes", "a/b; c=\"d\r\ne\"", ""},
    {"a control byte behind a backslash", "a/b; c=\"\\\x01\"", ""},
    {"NUL", std::string_view("a/b; c=\"\0\"", 10), ""},
    {"UTF-8 in a token", "a/b; c=\xC3\xA4", ""},
};

std::string meaning_of(std::string_view text) {
  const std::optional<http::MediaType> media = http::parse_media_type(text);
  if (!media) return "";
  std::string out(media->type);
  out.append("/").append(media->subtype);
  http::ParameterReader reader(media->parameters);
  for (http::Parameter parameter; reader.next(parameter);) {
    out.append(";").append(parameter.name).append("=");
    http::unquote(parameter, out);
  }
  CHECK_FALSE(reader.malformed());
  return out;
}

}  // namespace

TEST_CASE("a media type is read by the grammar or not at all", "[http][media_type]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      CHECK(meaning_of(c.text) == c.meaning);
    }
}

TEST_CASE("a media type's names match whatever the case", "[http][media_type]") {
  const auto media = http::parse_media_type("Text/HTML; Charset=\"utf-8\"; q=1; CHARSET=latin1");
  REQUIRE(media);
  CHECK(media->is("text", "html"));
  CHECK_FALSE(media->is("text", "plain"));
  CHECK_FALSE(media->is("image", "html"));
  REQUIRE(media->parameter("charset"));
  CHECK(media->parameter("charset")->value == "utf-8");
  CHECK(media->parameter("charset")->quoted);
  CHECK(media->count("charset") == 2);
  CHECK(media->count("x") == 0);
  CHECK_FALSE(media->parameter("x"));
}

TEST_CASE("a reader stops at what is malformed", "[http][media_type]") {
  http::ParameterReader reader("; a=b; c; d=e");
  http::Parameter parameter;
  CHECK(reader.next(parameter));
  CHECK(parameter.name == "a");
  CHECK_FALSE(reader.next(parameter));
  CHECK(reader.malformed());
  CHECK_FALSE(reader.next(parameter));
  CHECK(reader.malformed());

  http::ParameterReader no_semicolon("a=b");
  CHECK_FALSE(no_semicolon.next(parameter));
  CHECK(no_semicolon.malformed());
}

TEST_CASE("a backslash before the last quote is text where browsers write", "[http][media_type]") {
  http::Parameter parameter;
  http::ParameterReader browser("; a=\"b\\\"", http::ParameterReader::Ending::browser);
  REQUIRE(browser.next(parameter));
  CHECK(parameter.value == "b\\");
  CHECK_FALSE(browser.next(parameter));
  CHECK_FALSE(browser.malformed());

  http::ParameterReader inside("; a=\"b\\\"c\"", http::ParameterReader::Ending::browser);
  REQUIRE(inside.next(parameter));
  CHECK(parameter.value == "b\\\"c");
}
