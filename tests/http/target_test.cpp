// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/target.hpp>

using namespace weir;
using namespace std::string_view_literals;
using http::Method;
using http::TargetError;
using Form = http::Target::Form;

namespace {

struct SplitCase {
  const char* name;
  Method method;
  std::string_view target;
  Form form;
  std::string_view authority;
  std::string_view path;
  bool has_query;
  std::string_view query;
};

constexpr SplitCase kSplits[] = {
    {"root", Method::get, "/", Form::origin, "", "/", false, ""},
    {"path", Method::get, "/a/b", Form::origin, "", "/a/b", false, ""},
    {"path and query", Method::get, "/a?b=c", Form::origin, "", "/a", true, "b=c"},
    {"empty query", Method::get, "/a?", Form::origin, "", "/a", true, ""},
    {"the first '?' parts", Method::get, "/a?b?c", Form::origin, "", "/a", true, "b?c"},
    {"a path that looks like an authority", Method::get, "//host/a", Form::origin, "", "//host/a",
     false, ""},
    {"a URI in a query", Method::get, "/?u=http://a/", Form::origin, "", "/", true, "u=http://a/"},
    {"escapes are looked at later", Method::get, "/%zz?%zz", Form::origin, "", "/%zz", true, "%zz"},
    {"absolute", Method::get, "http://a.example/b?c", Form::absolute, "a.example", "/b", true, "c"},
    {"absolute, no path", Method::get, "http://a.example", Form::absolute, "a.example", "/", false,
     ""},
    {"absolute, a query at once", Method::get, "http://a.example?b/c", Form::absolute, "a.example",
     "/", true, "b/c"},
    {"absolute, scheme in capitals", Method::get, "HTTPS://A:8443/", Form::absolute, "A:8443", "/",
     false, ""},
    {"absolute, IPv6", Method::post, "http://[::1]:80/x", Form::absolute, "[::1]:80", "/x", false,
     ""},
    {"absolute, port without digits", Method::get, "http://a:/", Form::absolute, "a:", "/", false,
     ""},
    {"asterisk", Method::options, "*", Form::asterisk, "", "*", false, ""},
    {"OPTIONS of a path", Method::options, "/a", Form::origin, "", "/a", false, ""},
    {"authority", Method::connect, "a.example:443", Form::authority, "a.example:443", "", false,
     ""},
    {"authority, IPv6", Method::connect, "[::1]:443", Form::authority, "[::1]:443", "", false, ""},
};

struct RefusedCase {
  const char* name;
  Method method;
  std::string_view target;
  TargetError error;
};

constexpr RefusedCase kRefused[] = {
    {"nothing", Method::get, "", TargetError::empty},
    {"no slash", Method::get, "a/b", TargetError::bad_form},
    {"query alone", Method::get, "?a", TargetError::bad_form},
    {"asterisk for GET", Method::get, "*", TargetError::bad_form},
    {"asterisk with more", Method::options, "*/a", TargetError::bad_form},
    {"authority for GET", Method::get, "a.example:443", TargetError::bad_form},
    {"path for CONNECT", Method::connect, "/", TargetError::bad_authority},
    {"URI for CONNECT", Method::connect, "http://a:1/", TargetError::bad_authority},
    {"CONNECT without a port", Method::connect, "a.example", TargetError::bad_authority},
    {"CONNECT with an empty port", Method::connect, "a.example:", TargetError::bad_authority},
    {"CONNECT to IPv6 without a port", Method::connect, "[::1]", TargetError::bad_authority},
    {"CONNECT without a host", Method::connect, ":443", TargetError::bad_authority},
    {"another scheme", Method::get, "ftp://a/", TargetError::bad_scheme},
    {"file", Method::get, "file:///etc/passwd", TargetError::bad_scheme},
    {"scheme with one slash", Method::get, "http:/a", TargetError::bad_form},
    {"no scheme", Method::get, "://a/", TargetError::bad_form},
    {"no host", Method::get, "http:///a", TargetError::bad_authority},
    {"no host but a port", Method::get, "http://:80/", TargetError::bad_authority},
    {"user information", Method::get, "http://u:p@a/", TargetError::bad_authority},
    {"port too large", Method::get, "http://a:65536/", TargetError::bad_authority},
    {"port that is none", Method::get, "http://a:8x/", TargetError::bad_authority},
    {"open bracket", Method::get, "http://[::1/", TargetError::bad_authority},
    {"backslash in the host", Method::get, "http://a\\@b/", TargetError::bad_authority},
    {"fragment", Method::get, "/a#b", TargetError::fragment},
    {"fragment of a query", Method::get, "/a?b#", TargetError::fragment},
    {"space", Method::get, "/a b", TargetError::bad_character},
    {"tab", Method::get, "/a\tb", TargetError::bad_character},
    {"NUL", Method::get, "/a\0b"sv, TargetError::bad_character},
    {"DEL", Method::get, "/a\x7f", TargetError::bad_character},
    {"raw UTF-8", Method::get, "/\xC3\xA4", TargetError::bad_character},
    {"line end", Method::get, "/a\r\nX: y", TargetError::bad_character},
    {"a bad byte in the query", Method::get, "/a?\x01", TargetError::bad_character},
};

struct PathCase {
  const char* name;
  std::string_view raw;
  std::string_view routed;  // '\0' where "%2F" was
  std::string_view shown;
};

constexpr PathCase kPaths[] = {
    {"an escape", "/a%20b", "/a b", "/a b"},
    {"UTF-8", "/%C3%A4/%e2%82%ac", "/\xC3\xA4/\xE2\x82\xAC", "/\xC3\xA4/\xE2\x82\xAC"},
    {"decoded once", "/%2541", "/%41", "/%41"},
    {"'+' is no space", "/a+b%20c", "/a+b c", "/a+b c"},
    {"encoded '?' and '#' are text", "/a%3Fb%23c", "/a?b#c", "/a?b#c"},
    {"encoded CR and LF are text", "/%0d%0a", "/\r\n", "/\r\n"},
    {"an encoded slash is data", "/a%2Fb/c%2f", "/a\0b/c\0"sv, "/a%2Fb/c%2F"},
    {"an encoded slash before dots is no separator", "/a/..%2Fb", "/a/..\0b"sv, "/a/..%2Fb"},
    {"an encoded slash behind dots is none either", "/a/%2F..", "/a/\0.."sv, "/a/%2F.."},
    {"an encoded slash that is climbed over", "/a%2Fb/../c", "/c", "/c"},
    {"a dot", "/a/./b", "/a/b", "/a/b"},
    {"a dot at the end", "/a/.", "/a/", "/a/"},
    {"a dot alone", "/.", "/", "/"},
    {"a dot with a slash", "/./", "/", "/"},
    {"dots", "/a/b/../c", "/a/c", "/a/c"},
    {"dots at the end", "/a/b/..", "/a/", "/a/"},
    {"down to the root", "/a/..", "/", "/"},
    {"down to the root, with a slash", "/a/../", "/", "/"},
    {"down and up again", "/a/../b/../c", "/c", "/c"},
    {"encoded dots", "/a/%2e%2E/b", "/b", "/b"},
    {"half encoded dots", "/a/.%2e/b/%2E./c", "/c", "/c"},
    {"an encoded dot", "/a/%2e/b", "/a/b", "/a/b"},
    {"three dots are a name", "/a/.../b/./c", "/a/.../b/c", "/a/.../b/c"},
    {"dots in a name", "/a/..b/./c..", "/a/..b/c..", "/a/..b/c.."},
    {"a hidden file", "/.well-known/x", "/.well-known/x", "/.well-known/x"},
    {"an empty segment counts", "/a//../b", "/a/b", "/a/b"},
    {"two slashes stay", "//a%20//b", "//a //b", "//a //b"},
    {"the climb over an empty segment", "//..", "/", "/"},
    {"a trailing slash stays", "/%61/", "/a/", "/a/"},
    {"an escape far behind", "/0123456789/0123456789/%41", "/0123456789/0123456789/A",
     "/0123456789/0123456789/A"},
    {"a dot segment far behind", "/0123456789/0123456789/../A", "/0123456789/A", "/0123456789/A"},
};

struct BadPath {
  const char* name;
  std::string_view raw;
  TargetError error;
};

constexpr BadPath kBadPaths[] = {
    {"nothing", "", TargetError::empty},
    {"no slash", "a", TargetError::bad_form},
    {"asterisk with more", "**", TargetError::bad_form},
    {"'%' at the end", "/a%", TargetError::bad_escape},
    {"one digit", "/a%4", TargetError::bad_escape},
    {"no hex digit", "/a%4g", TargetError::bad_escape},
    {"an escape cut by a slash", "/a%4/1", TargetError::bad_escape},
    {"NUL", "/a%00", TargetError::encoded_nul},
    {"NUL in a segment that is climbed over", "/%00/..", TargetError::encoded_nul},
    {"a byte that is no UTF-8", "/%ff", TargetError::bad_utf8},
    {"in a segment that is climbed over", "/%ff/..", TargetError::bad_utf8},
    {"overlong dot", "/%c0%ae%c0%ae/", TargetError::bad_utf8},
    {"overlong slash", "/%c0%af", TargetError::bad_utf8},
    {"a sequence cut by a slash", "/%C3/%A4", TargetError::bad_utf8},
    {"a sequence cut by the end", "/%E2%82", TargetError::bad_utf8},
    {"a surrogate", "/%ED%A0%80", TargetError::bad_utf8},
    {"above the root", "/..", TargetError::above_root},
    {"above the root, encoded", "/%2e%2e/", TargetError::above_root},
    {"above the root later", "/a/../../b", TargetError::above_root},
    {"above the root in passing", "/../a", TargetError::above_root},
    {"a dot is no segment to climb over", "/./..", TargetError::above_root},
    {"raw NUL, which would be taken for a slash", "/a\0b"sv, TargetError::bad_character},
    {"a space", "/a b", TargetError::bad_character},
    {"raw UTF-8", "/\xC3\xA4", TargetError::bad_character},
    {"fragment", "/a#b", TargetError::fragment},
};

}  // namespace

TEST_CASE("a target is parted by the form that its method has", "[http][target]") {
  for (const SplitCase& c : kSplits) DYNAMIC_SECTION(c.name) {
      http::Target got;
      REQUIRE(http::split(c.target, c.method, got) == TargetError::none);
      CHECK(got.form == c.form);
      CHECK(got.authority == c.authority);
      CHECK(got.path == c.path);
      CHECK(got.has_query == c.has_query);
      CHECK(got.query == c.query);
    }
}

TEST_CASE("a target of no form is refused", "[http][target]") {
  for (const RefusedCase& c : kRefused) DYNAMIC_SECTION(c.name) {
      http::Target got;
      CHECK(http::split(c.target, c.method, got) == c.error);
      CHECK(http::status_of(c.error) == Status::bad_request);
      CHECK_FALSE(http::message_of(c.error).empty());
    }
}

TEST_CASE("every byte is judged the same at every place of a target", "[http][target]") {
  for (std::size_t place = 1; place < 20; ++place)
    for (int byte = 0; byte < 256; ++byte) {
      std::string target = "/aaaaaaaaaaaaaaaaaaa";
      target[place] = static_cast<char>(byte);
      const bool allowed = byte > 0x20 && byte < 0x7f && byte != '#';
      const bool plain = allowed && byte != '%' && !(byte == '.' && place == 1);
      http::Target parts;
      std::string scratch;
      http::RoutedPath path;
      CAPTURE(place, byte);
      REQUIRE((http::split(target, Method::get, parts) == TargetError::none) == allowed);
      const TargetError error = http::normalise_path(target, scratch, path);
      if (byte != '%') REQUIRE((error == TargetError::none) == allowed);
      if (plain) REQUIRE(path.text.data() == target.data());
    }
}

TEST_CASE("a path without an escape or a dot segment is not copied", "[http][target]") {
  for (const std::string_view raw :
       {"/", "*", "/a/b/c", "//", "/a//b/", "/a.b/c..d/e.", "/a.",
        "/very/long/path/to/some/file.txt", "/~user/(x)/a,b;c=d@e:f!$&'*+"}) {
    CAPTURE(raw);
    std::string scratch = "untouched";
    http::RoutedPath path;
    REQUIRE(http::normalise_path(raw, scratch, path) == TargetError::none);
    CHECK(path.text.data() == raw.data());
    CHECK(path.text == raw);
    CHECK_FALSE(path.has_encoded_slash);
    CHECK(scratch == "untouched");
  }
}

TEST_CASE("a path is decoded segment by segment and has no dot segments left", "[http][target]") {
  for (const PathCase& c : kPaths) DYNAMIC_SECTION(c.name) {
      std::string scratch = "what was there before";
      std::string shown;
      http::RoutedPath path;
      REQUIRE(http::normalise_path(c.raw, scratch, path) == TargetError::none);
      CHECK(path.text == c.routed);
      CHECK(path.has_encoded_slash == (c.routed.find('\0') != std::string_view::npos));
      CHECK(http::expand_path(path.text, shown) == c.shown);
    }
}

TEST_CASE("a path that means nothing or too much is refused", "[http][target]") {
  for (const BadPath& c : kBadPaths) DYNAMIC_SECTION(c.name) {
      std::string scratch;
      http::RoutedPath path;
      CHECK(http::normalise_path(c.raw, scratch, path) == c.error);
    }
}

TEST_CASE("an encoded slash is shown as what it is where it stands", "[http][target]") {
  std::string out = "before";
  CHECK(http::param_value("a\0b\0"sv, out) == "a/b/");
  CHECK(http::expand_path("a\0b\0"sv, out) == "a%2Fb%2F");
  const std::string_view plain = "a/b";
  CHECK(http::param_value(plain, out).data() == plain.data());
  CHECK(http::expand_path(plain, out).data() == plain.data());
}

TEST_CASE("what is wrong with nothing", "[http][target]") {
  CHECK(http::status_of(TargetError::none) == weir::http::Status::ok);
  CHECK(http::message_of(TargetError::none) == "no error");
}
