// SPDX-License-Identifier: MIT
// A chapter on JSON: what is taken for it, and that a refusal keeps the connection.
#include <string>

#include "conformance/rows.hpp"

namespace weir::conformance {

namespace {

std::string json_to(std::string_view target, std::string_view type, std::string_view content) {
  return std::string("POST ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: a\r\n")
      .append(type)
      .append("Content-Length: ")
      .append(std::to_string(content.size()))
      .append("\r\n\r\n")
      .append(content);
}

}  // namespace

Chapter json() {
  Chapter t{"JSON", {}};
  constexpr auto keep = End::keep;
  const std::string next(kNext);
  const std::string type = "Content-Type: application/json\r\n";
  const Answer problem = Answer(400).with("Content-Type", "application/problem+json");
  const auto sent = [&](std::string_view content) { return json_to("/json", type, content); };

  t.add("a value", sent(" {\"a\": [1, true, null]} "), {{200, "{\"a\":[1,true,null]}"}}, keep,
        "RFC 8259 §2");
  t.add("a suffix, any case, a parameter",
        json_to("/json", "Content-Type: Application/X+JSON; a=b\r\n", "[]"), {{200, "[]"}}, keep,
        "RFC 6839 §3.1");
  t.add("in chunks",
        "POST /json HTTP/1.1\r\nHost: a\r\n" + type +
            "Transfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n2\r\n,2\r\n1\r\n]\r\n0\r\n\r\n",
        {{200, "[1,2]"}}, keep, "RFC 9112 §7.1");
  t.add("a name twice: the last", sent("{\"a\":1,\"a\":2}"), {{200, "{\"a\":2}"}}, keep,
        "docs/json.md");
  t.add("another type", json_to("/json", "Content-Type: text/plain\r\n", "[]") + next,
        {Answer(415).with("Content-Type", "application/problem+json"), {200, "next"}}, keep,
        "RFC 9110 §15.5.16");
  t.add("no type", json_to("/json", "", "[]"), {415}, keep, "docs/json.md");
  t.add("nothing", sent("") + next, {problem, {200, "next"}}, keep, "RFC 8259 §2");
  t.add("a comma too many", sent("[1,]") + next,
        {Answer(400,
                "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":"
                "\"syntax error while parsing value - unexpected ']'; expected '[', '{', or a "
                "literal\",\"offset\":3,\"line\":1,\"column\":4}"),
         {200, "next"}},
        keep, "RFC 9457 §3");
  t.add("too deep", sent(times(101, '[') + times(101, ']')), {problem}, keep, "docs/json.md");
  t.add("as deep as allowed", sent(times(100, '[') + times(100, ']')), {200}, keep, "docs/json.md");
  t.add("no UTF-8", sent("[\"\xff\"]"), {problem}, keep, "RFC 8259 §8.1");
  t.add("a number above all doubles", sent("[1e999]"), {problem}, keep, "RFC 8259 §6");
  t.add("another type of member", json_to("/json/texts", type, "[\"a\",2]"),
        {Answer(400,
                "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":"
                "\"type must be string, but is number\",\"pointer\":\"/1\"}")},
        keep, "RFC 9457 §3");
  return t;
}

}  // namespace weir::conformance
