// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <weir/http/access_line.hpp>

using namespace std::string_literals;
using weir::http::AccessEntry;

namespace {

using Writer = std::size_t (*)(const AccessEntry&, char*) noexcept;

/// The line, from a buffer whose end is watched.
std::string line(Writer write, const AccessEntry& entry) {
  std::string buffer(weir::http::kAccessLineMax + 64, '\x01');
  const std::size_t size = write(entry, buffer.data());
  REQUIRE(size <= weir::http::kAccessLineMax);
  CHECK(buffer.find_first_not_of('\x01', size) == std::string::npos);
  buffer.resize(size);
  CHECK(buffer.back() == '\n');
  CHECK(buffer.find('\n') == size - 1);
  buffer.pop_back();
  return buffer;
}

std::string common(const AccessEntry& entry) { return line(weir::http::write_common_line, entry); }
std::string combined(const AccessEntry& entry) {
  return line(weir::http::write_combined_line, entry);
}
std::string json(const AccessEntry& entry) { return line(weir::http::write_json_line, entry); }

AccessEntry example() {
  AccessEntry entry;
  entry.time = "26/Nov/2026:22:47:04 +0100";
  entry.remote = "192.0.2.1";
  entry.user = "ann";
  entry.method = "GET";
  entry.target = "/a?b=c";
  entry.referer = "http://example.com/";
  entry.user_agent = "test/1.0 (one) x";
  entry.request_id = "id-7";
  entry.outcome = "delivered";
  entry.content_bytes = 13;
  entry.duration_ms = 4;
  entry.status = 200;
  return entry;
}

}  // namespace

TEST_CASE("the three formats", "[access_line]") {
  const AccessEntry entry = example();
  const std::string start =
      R"(192.0.2.1 - ann [26/Nov/2026:22:47:04 +0100] "GET /a?b=c HTTP/1.1" 200 13)";
  CHECK(common(entry) == start);
  CHECK(combined(entry) == start + R"( "http://example.com/" "test/1.0 (one) x")");
  CHECK(json(entry) ==
        R"({"time":"26/Nov/2026:22:47:04 +0100","remote":"192.0.2.1","user":"ann","method":"GET",)"
        R"("target":"/a?b=c","protocol":"HTTP/1.1","status":200,"bytes":13,"duration_ms":4,)"
        R"("outcome":"delivered","referer":"http://example.com/","user_agent":"test/1.0 (one) x",)"
        R"("request_id":"id-7"})");
}

TEST_CASE("what is not known", "[access_line]") {
  AccessEntry entry;
  entry.time = "T";
  CHECK(common(entry) == R"(- - - [T] "-" - -)");
  CHECK(combined(entry) == R"(- - - [T] "-" - - "-" "-")");
  CHECK(json(entry) == R"({"time":"T","bytes":0,"duration_ms":0})");
  entry.method = "HEAD";
  entry.target = "*";
  entry.version = 10;
  entry.status = 204;
  CHECK(common(entry) == R"(- - - [T] "HEAD * HTTP/1.0" 204 -)");
}

TEST_CASE("hostile text stays inside its field", "[access_line]") {
  struct Case {
    const char* name;
    std::string text;
    std::string in_quotes;
    std::string in_json;
  };
  const Case kCases[] = {
      {"plain", "abc", "abc", "abc"},
      {"a space", "a b", "a b", "a b"},
      {"a quote", R"(a"b)", R"(a\x22b)", R"(a\"b)"},
      {"a backslash", R"(a\b)", R"(a\x5Cb)", R"(a\\b)"},
      {"an escape of ours", R"(\x22)", R"(\x5Cx22)", R"(\\x22)"},
      {"a line end", "a\r\nb", R"(a\x0D\x0Ab)", R"(a\u000D\u000Ab)"},
      {"a forged line", "x\" 200 1\n10.0.0.1 - - ", R"(x\x22 200 1\x0A10.0.0.1 - - )",
       R"(x\" 200 1\u000A10.0.0.1 - - )"},
      {"an escape sequence", "\x1b[2J", R"(\x1B[2J)", R"(\u001B[2J)"},
      {"NUL", "a\0b"s, R"(a\x00b)", R"(a\u0000b)"},
      {"a tab", "\t", R"(\x09)", R"(\u0009)"},
      {"DEL", "\x7f", R"(\x7F)", R"(\u007F)"},
      {"UTF-8", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
       R"(caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80)", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
      {"a control character of C1", "\xc2\x9b\x33J", R"(\xC2\x9B3J)", R"(\u009B3J)"},
      {"Latin-1", "caf\xe9", R"(caf\xE9)", R"(caf\uFFFD)"},
      {"an overlong slash", "\xc0\xaf", R"(\xC0\xAF)", R"(\uFFFD\uFFFD)"},
      {"a surrogate", "\xed\xa0\x80", R"(\xED\xA0\x80)", R"(\uFFFD\uFFFD\uFFFD)"},
      {"beyond Unicode", "\xf4\x90\x80\x80", R"(\xF4\x90\x80\x80)", R"(\uFFFD\uFFFD\uFFFD\uFFFD)"},
      {"a sequence without its end", "\xe2\x82", R"(\xE2\x82)", R"(\uFFFD\uFFFD)"},
      {"late in a long text", std::string(40, 'a') + "\n", std::string(40, 'a') + R"(\x0A)",
       std::string(40, 'a') + R"(\u000A)"},
      {"early in a long text", "\n" + std::string(40, 'a'), R"(\x0A)" + std::string(40, 'a'),
       R"(\u000A)" + std::string(40, 'a')},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    AccessEntry entry = example();
    entry.target = entry.referer = entry.user_agent = c.text;
    CHECK(combined(entry) == R"(192.0.2.1 - ann [26/Nov/2026:22:47:04 +0100] "GET )" + c.in_quotes +
                                 R"( HTTP/1.1" 200 13 ")" + c.in_quotes + R"(" ")" + c.in_quotes +
                                 "\"");
    entry.user = c.text;
    const std::string object = json(entry);
    CHECK(object.find(R"("user":")" + c.in_json + R"(","method")") != std::string::npos);
    CHECK(object.find(R"("target":")" + c.in_json + R"(","protocol")") != std::string::npos);
    CHECK(object.find(R"("user_agent":")" + c.in_json + R"(","request_id")") != std::string::npos);
  }
}

TEST_CASE("every byte alone, wherever it stands in a word", "[access_line]") {
  for (unsigned byte = 0; byte < 256; ++byte)
    for (std::size_t at = 0; at < 17; ++at) {
      std::string text(17, 'a');
      text[at] = static_cast<char>(byte);
      AccessEntry entry;
      entry.method = "GET";
      entry.target = text;
      entry.user = text;
      const std::string out = common(entry);
      const bool plain = byte > 0x1f && byte < 0x7f && byte != '"' && byte != '\\';
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02X", byte);
      std::string expected = text;
      if (!plain) expected.replace(at, 1, escaped);
      std::string bare = text;
      if (!plain || byte == ' ') bare.replace(at, 1, escaped);
      if (out != "- - " + bare + " [] \"GET " + expected + " HTTP/1.1\" - -") {
        CAPTURE(byte, at);
        CHECK(out == "- - " + bare + " [] \"GET " + expected + " HTTP/1.1\" - -");
      }
    }
}

TEST_CASE("outside quotes a space would be another field", "[access_line]") {
  AccessEntry entry = example();
  entry.user = "ann [x] \"GET";
  entry.remote = "_a b";
  CHECK(common(entry).rfind(R"(_a\x20b - ann\x20[x]\x20\x22GET [26/)", 0) == 0);
}

TEST_CASE("what is too long is cut, and says so", "[access_line]") {
  for (const char byte : {'a', '"', '\n', '\xff'}) {
    CAPTURE(byte);
    const std::string text(70'000, byte);
    AccessEntry entry;
    entry.time = "2026-11-26T22:47:04+01:00";
    entry.remote = entry.user = entry.method = entry.target = text;
    entry.referer = entry.user_agent = entry.request_id = text;
    entry.outcome = "delivered";
    entry.status = 999;
    entry.content_bytes = entry.duration_ms = ~std::uint64_t{0};
    for (const Writer write : {weir::http::write_common_line, weir::http::write_combined_line,
                               weir::http::write_json_line})
      CHECK(line(write, entry).find("...") != std::string::npos);
  }
  AccessEntry entry = example();
  const std::string most(weir::http::kAccessTargetMax, 'x');
  entry.target = most;
  CHECK(common(entry).find("GET " + most + " HTTP") != std::string::npos);
  const std::string more = most + "x";
  entry.target = more;
  CHECK(common(entry).find("GET " + most + "... HTTP") != std::string::npos);
  // An escape is not cut in the middle.
  const std::string quotes(weir::http::kAccessUserMax / 4, '"');
  entry.user = quotes;
  CHECK(common(entry).find("...") == common(entry).find("... HTTP"));
  const std::string shifted = "a" + quotes;
  entry.user = shifted;
  CHECK(common(entry).find(R"(\x22... [)") != std::string::npos);
}
