// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/escape.hpp>

using namespace weir;

namespace {

std::string html(std::string_view text) {
  std::string out = ">";
  http::append_html(out, text);
  return out.substr(1);
}
std::string json(std::string_view text) {
  std::string out = ">";
  http::append_json(out, text);
  return out.substr(1);
}

}  // namespace

TEST_CASE("HTML shows any text as it is", "[http]") {
  CHECK(html("").empty());
  CHECK(html("plain \xC3\xA4") == "plain \xC3\xA4");
  CHECK(html("<a href=\"x\">&'</a>") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
}

TEST_CASE("a JSON string holds any text", "[http]") {
  CHECK(json("") == "\"\"");
  CHECK(json("a\"b\\c/") == "\"a\\\"b\\\\c/\"");
  CHECK(json({"\0\x01\n\x1f", 4}) == "\"\\u0000\\u0001\\u000a\\u001f\"");
  CHECK(json("\x7f \xE2\x82\xAC \xF0\x9F\x98\x80") == "\"\x7f \xE2\x82\xAC \xF0\x9F\x98\x80\"");
  CHECK(json("a\xFFz\xC0\xAF") == "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"");
}
