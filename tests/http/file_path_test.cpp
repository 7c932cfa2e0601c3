// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/file_path.hpp>
#include <weir/http/target.hpp>

using namespace weir;
using http::DotFiles;
using http::FilePathError;

namespace {

using namespace std::string_view_literals;

struct Case {
  const char* name;
  std::string_view param;
  FilePathError error;
  std::string_view text = {};
  bool wants_directory = false;
};

const Case kCases[] = {
    {"the root", "", FilePathError::none, "", true},
    {"a file", "a.html", FilePathError::none, "a.html", false},
    {"a file below", "a/b/c.txt", FilePathError::none, "a/b/c.txt", false},
    {"a directory", "a/b/", FilePathError::none, "a/b", true},
    {"blanks and punctuation", "a b/!$&'()*+,;=:@~\"<>|?#[]{}^`.txt", FilePathError::none,
     "a b/!$&'()*+,;=:@~\"<>|?#[]{}^`.txt", false},
    {"UTF-8", "\xC3\xA4/\xE2\x82\xAC/\xF0\x9F\x98\x80", FilePathError::none,
     "\xC3\xA4/\xE2\x82\xAC/\xF0\x9F\x98\x80", false},
    {"the first behind the C1", "\xC2\xA0", FilePathError::none, "\xC2\xA0", false},
    {"dots elsewhere", "a.b..c/d.", FilePathError::none, "a.b..c/d.", false},
    {"a percent sign", "100%/a%20b/%2e%2e/%2", FilePathError::none, "100%/a%20b/%2e%2e/%2", false},

    {"a slash alone", "/", FilePathError::empty_segment},
    {"an absolute path", "/etc/passwd", FilePathError::empty_segment},
    {"two slashes", "a//b", FilePathError::empty_segment},
    {"two slashes at the end", "a//", FilePathError::empty_segment},
    {"only slashes", "///", FilePathError::empty_segment},

    {"up", "..", FilePathError::dot_segment},
    {"up with a slash", "../", FilePathError::dot_segment},
    {"up and away", "../etc/passwd", FilePathError::dot_segment},
    {"up in the middle", "a/../b", FilePathError::dot_segment},
    {"up at the end", "a/..", FilePathError::dot_segment},
    {"here", ".", FilePathError::dot_segment},
    {"here in the middle", "a/./b", FilePathError::dot_segment},

    {"a hidden file", ".htaccess", FilePathError::dot_file},
    {"a hidden file below", "a/.git/config", FilePathError::dot_file},
    {"a hidden directory", ".git/", FilePathError::dot_file},
    {"three dots", "...", FilePathError::dot_file},
    {"well-known", ".well-known/acme", FilePathError::dot_file},

    {"a backslash", "a\\b", FilePathError::bad_character},
    {"up by backslashes", "..\\..\\etc", FilePathError::bad_character},
    {"a line feed", "a\nb", FilePathError::bad_character},
    {"a tab", "a\tb", FilePathError::bad_character},
    {"escape", "a\x1b[2J", FilePathError::bad_character},
    {"DEL", "a\x7f", FilePathError::bad_character},
    {"C1", "a\xC2\x9B", FilePathError::bad_character},
    {"the first of C1", "\xC2\x80", FilePathError::bad_character},

    {"an encoded slash, routed, or NUL", "a\0b"sv, FilePathError::encoded_slash},
    {"NUL at the end", "a.txt\0"sv, FilePathError::encoded_slash},
    {"up by encoded slashes", "..\0..\0etc"sv, FilePathError::encoded_slash},
    {"an encoded slash, shown", "a%2Fb", FilePathError::encoded_slash},
    {"in small letters", "a/..%2f..", FilePathError::encoded_slash},
    {"in small letters behind a name", "a..%2f", FilePathError::encoded_slash},

    {"an overlong slash", "..\xC0\xAF..", FilePathError::bad_utf8},
    {"an overlong dot", "\xC0\xAE\xC0\xAE/", FilePathError::bad_utf8},
    {"an overlong slash of three", "a\xE0\x80\xAF", FilePathError::bad_utf8},
    {"a surrogate", "\xED\xA0\x80", FilePathError::bad_utf8},
    {"half a character", "a\xC3", FilePathError::bad_utf8},
    {"Latin-1", "\xE4.txt", FilePathError::bad_utf8},
};

FilePathError error_of(std::string_view param, DotFiles dot_files = DotFiles::hidden) {
  http::FilePath path;
  return http::to_file_path(param, dot_files, path);
}

}  // namespace

TEST_CASE("a parameter becomes a relative path or is refused", "[http][file_path]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      http::FilePath path;
      const FilePathError error = http::to_file_path(c.param, DotFiles::hidden, path);
      CHECK(http::message_of(error) == http::message_of(c.error));
      if (error != FilePathError::none) continue;
      CHECK(path.text == c.text);
      CHECK(path.wants_directory == c.wants_directory);
      CHECK(path.text.data() == c.param.data());
    }
}

TEST_CASE("dot files are an option, dot segments are not", "[http][file_path]") {
  CHECK(error_of(".a/.b", DotFiles::allowed) == FilePathError::none);
  CHECK(error_of("...", DotFiles::allowed) == FilePathError::none);
  CHECK(error_of("..", DotFiles::allowed) == FilePathError::dot_segment);
  CHECK(error_of("a/.", DotFiles::allowed) == FilePathError::dot_segment);
  CHECK(error_of(".well-known", DotFiles::well_known) == FilePathError::none);
  CHECK(error_of(".well-known/acme-challenge/x", DotFiles::well_known) == FilePathError::none);
  CHECK(error_of("a/.well-known/x", DotFiles::well_known) == FilePathError::dot_file);
  CHECK(error_of(".well-known/.x", DotFiles::well_known) == FilePathError::dot_file);
  CHECK(error_of(".well-known2", DotFiles::well_known) == FilePathError::dot_file);
  CHECK(error_of(".git", DotFiles::well_known) == FilePathError::dot_file);
}

TEST_CASE("what no file system would take is refused", "[http][file_path]") {
  const std::string segment(http::kMaxSegment, 'a');
  CHECK(error_of(segment) == FilePathError::none);
  CHECK(error_of("b/" + segment + "/") == FilePathError::none);
  CHECK(error_of(segment + "a") == FilePathError::too_long);
  CHECK(error_of("b/" + segment + "a/c") == FilePathError::too_long);
  std::string path;
  while (path.size() + segment.size() < http::kMaxFilePath) path += segment + "/";
  path.resize(http::kMaxFilePath, 'b');
  CHECK(error_of(path) == FilePathError::none);
  CHECK(error_of(path + "b") == FilePathError::too_long);
  CHECK(error_of(std::string(1 << 20, '\xff')) == FilePathError::too_long);
}

TEST_CASE("no way of writing a climb leaves the root", "[http][file_path]") {
  // As a request has it: through normalise_path(), routed below "/s/", as a handler would see it.
  for (const std::string_view tail :
       {"../x", "%2e%2e/x", "..%2fx", "%2e%2e%2fx", "a/..%2f..%2fx", "a%2f..%2f..%2fx", "..%5cx",
        "%2e%2e%5cx", "..%00/x", "..%c0%afx", "%c0%ae%c0%ae/x", ".%2e/x", "%2fetc/passwd",
        "/etc/passwd", "a/%2e%2e/%2e%2e/x", "..%252fx", "%252e%252e/x", "a%5c..%5c..%5cx"}) {
    CAPTURE(tail);
    std::string scratch;
    http::RoutedPath routed;
    const std::string raw = "/s/" + std::string(tail);
    if (http::normalise_path(raw, scratch, routed) != http::TargetError::none) continue;
    if (routed.text.substr(0, 3) != "/s/") continue;  // another route's
    std::string shown_scratch;
    const std::string_view rest = routed.text.substr(3);
    for (const std::string_view param : {rest, http::expand_path(rest, shown_scratch)}) {
      http::FilePath path;
      if (http::to_file_path(param, DotFiles::allowed, path) != FilePathError::none) continue;
      CHECK(("/" + std::string(path.text) + "/").find("/../") == std::string::npos);
      CHECK(path.text.find('\\') == std::string::npos);
      CHECK(path.text.substr(0, 1) != "/");
      CHECK(path.text == "%2e%2e/x");  // a name, not a climb: escaped twice
    }
  }
}
