// SPDX-License-Identifier: MIT
// A chapter on forms: what is taken for one, and what a refusal does to the connection.
#include <string>
#include <utility>

#include "conformance/rows.hpp"

namespace weir::conformance {

namespace {

constexpr std::string_view kMultipart = "multipart/form-data; boundary=XX";
constexpr std::string_view kUrlencoded = "application/x-www-form-urlencoded";

/// POST to /whole-form with these Content-Type lines and the content's length.
std::string form(std::string_view types, std::string_view content) {
  std::string text = "POST /whole-form HTTP/1.1\r\nHost: a\r\n";
  text.append(types).append("Content-Length: ").append(std::to_string(content.size()));
  return text.append("\r\n\r\n").append(content);
}

std::string of(std::string_view type) {
  return std::string("Content-Type: ").append(type).append("\r\n");
}

std::string part(std::string_view disposition, std::string_view content) {
  return std::string("--XX\r\nContent-Disposition: form-data; ")
      .append(disposition)
      .append("\r\n\r\n")
      .append(content)
      .append("\r\n");
}

}  // namespace

Chapter forms() {
  Chapter t{"Forms", {}};
  constexpr auto keep = End::keep;
  const std::string end = "--XX--\r\n";
  const std::string whole =
      part("name=\"a\"", "1") + part("name=\"f\"; filename=\"../x\"", "four") + end;

  t.add("urlencoded", form(of(kUrlencoded), "a=1&b=%26+"), {{200, "a=1;b=& ;"}}, keep,
        "WHATWG URL §5.1");
  t.add("urlencoded, any case and a parameter",
        form("content-type: Application/X-WWW-Form-URLencoded; charset=utf-8\r\n", "a=1"),
        {{200, "a=1;"}}, keep, "RFC 9110 §8.3.1");
  t.add("multipart", form(of(kMultipart), whole), {{200, "a=1;f:../x(4);"}}, keep, "RFC 7578 §4");
  t.add("multipart in chunks",
        "POST /whole-form HTTP/1.1\r\nHost: a\r\n" + of(kMultipart) +
            "Transfer-Encoding: chunked\r\n\r\nc\r\n--XX\r\nConten\r\n36\r\nt-Disposition: "
            "form-data; name=\"a\"\r\n\r\n1\r\n--XX--\r\n     \r\n0\r\n\r\n",
        {{200, "a=1;"}}, keep, "RFC 9112 §7.1");
  t.add("multipart, the boundary quoted",
        form(of("multipart/form-data; charset=utf-8; boundary=\"XX\""), whole),
        {{200, "a=1;f:../x(4);"}}, keep, "RFC 2046 §5.1.1");
  t.add("filename* is ignored",
        form(of(kMultipart), part("name=\"f\"; filename=\"a\"; filename*=UTF-8''b", "1") + end),
        {{200, "f:a(1);"}}, keep, "RFC 7578 §4.2");
  t.add("a name twice stays twice, in order",
        form(of(kMultipart), part("name=\"a\"", "2") + part("name=\"a\"", "1") + end),
        {{200, "a=2;a=1;"}}, keep, "RFC 7578 §5.2");
  t.add("a form, and then a request", form(of(kMultipart), whole) + std::string(kNext),
        {{200, "a=1;f:../x(4);"}, {200, "next"}}, keep, "RFC 9112 §9.3");

  for (const auto& [name, types] :
       {std::pair{"no type", std::string()}, std::pair{"text", of("text/plain")},
        std::pair{"JSON", of("application/json")},
        std::pair{"another multipart", of("multipart/mixed; boundary=XX")}}) {
    t.add(std::string("415: ") + name, form(types, kSmuggled) + std::string(kNext),
          {415, {200, "next"}}, keep, "RFC 9110 §15.5.16");
  }
  t.add("415 instead of 100",
        line("POST /whole-form HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: "
             "35\r\nExpect: 100-continue"),
        {415}, End::close, "RFC 9110 §10.1.1");
  t.add("100 for a form",
        line("POST /whole-form HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
             "Content-Length: 3\r\nExpect: 100-continue"),
        {Answer(200, "a=1;").after(Answer::Interim::wanted)}, keep, "RFC 9110 §10.1.1")
      .then("a=1");
  for (const auto& [name, types] :
       {std::pair{"no boundary", of("multipart/form-data")},
        std::pair{"two boundaries", of("multipart/form-data; boundary=a; boundary=XX")},
        std::pair{"a boundary that is none", of("multipart/form-data; boundary=\"X=\t\"")},
        std::pair{"a broken type", of("multipart/form-data; boundary")},
        std::pair{"two types", of(kMultipart) + of(kUrlencoded)}})
    t.add(std::string("400: ") + name, form(types, whole) + std::string(kNext),
          {400, {200, "next"}}, keep, "RFC 7578 §4.1");
  t.add("413 by the length", form(of(kUrlencoded), times(1001, 'a')) + std::string(kNext),
        {413, {200, "next"}}, keep, "RFC 9110 §15.5.14");
  t.add("413 instead of 100",
        line("POST /whole-form HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
             "Content-Length: 1001\r\nExpect: 100-continue"),
        {413}, End::close, "RFC 9110 §10.1.1");
  t.add("413 by a field", form(of(kUrlencoded), "a=" + times(101, 'a')) + std::string(kNext),
        {413, {200, "next"}}, keep, "docs/forms.md");
  t.add("413 by a part of many",
        form(of(kMultipart), part("name=\"a\"", times(101, 'a')) + whole) + std::string(kNext),
        {413, {200, "next"}}, keep, "docs/forms.md");
  for (const auto& [name, content] :
       {std::pair{"truncated", whole.substr(0, whole.size() - end.size())},
        std::pair{"no part has a name", part("filename=\"a\"", "1") + end},
        std::pair{"another boundary", std::string("--YY--\r\n")},
        std::pair{"no content", std::string()}})
    t.add(std::string("400: ") + name, form(of(kMultipart), content) + std::string(kNext),
          {400, {200, "next"}}, keep, "RFC 2046 §5.1.1");
  return t;
}

}  // namespace weir::conformance
