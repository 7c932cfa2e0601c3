// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <weir/http/mime_types.hpp>

using namespace weir;

namespace {

struct ExtensionCase {
  std::string_view path;
  std::string_view extension;
};

constexpr ExtensionCase kExtensions[] = {
    {"a.html", "html"}, {"/a/b.tar.gz", "gz"},
    {"a.HTML", "HTML"}, {"a", ""},
    {"", ""},           {"a.", ""},
    {"a.d/b", ""},      {"a.d/.profile", ""},
    {".profile", ""},   {".a.txt", "txt"},
    {"a..txt", "txt"},  {"a.b/", ""},
    {"/", ""},          {"/.", ""},
    {"/..", ""},
};

struct TableCase {
  const char* name;
  std::string_view text;
  std::size_t found;
  std::string_view extension;
  std::string_view type;
};

using namespace std::string_view_literals;

const TableCase kTables[] = {
    {"one", "a/b x", 1, "x", "a/b"},
    {"several extensions", "a/b x y\tz\n", 3, "z", "a/b"},
    {"the second line", "a/b x\nc/d y\n", 2, "y", "c/d"},
    {"CRLF", "a/b x\r\nc/d y\r\n", 2, "y", "c/d"},
    {"no extension", "a/b\na/c\n", 0, "b", ""},
    {"a comment", "# a/b x\n#c/d y", 0, "x", ""},
    {"a comment behind", "a/b x # y\n", 1, "y", ""},
    {"'#' within a word", "a/b c#\n", 1, "c#", "a/b"},
    {"blanks in front", " \t a/b x\n", 1, "x", "a/b"},
    {"empty lines", "\n\n \r\na/b x\n\n", 1, "x", "a/b"},
    {"capitals", "a/B XyZ\n", 1, "xyz", "a/B"},
    {"a dot in front", "a/b .x\n", 1, "x", "a/b"},
    {"a dot alone", "a/b .\n", 0, ".", ""},
    {"dots within", "a/b x.y\n", 1, "x.y", "a/b"},
    {"no slash", "ab x\n", 0, "x", ""},
    {"no subtype", "a/ x\n", 0, "x", ""},
    {"no type", "/b x\n", 0, "x", ""},
    {"two slashes", "a/b/c x\n", 0, "x", ""},
    {"a type with a byte that is none", "a/b\x01 x\n", 0, "x", ""},
    {"NUL", "a/b x\0y\n"sv, 0, "x", ""},
    {"a slash in an extension", "a/b x/y z\n", 1, "z", "a/b"},
    {"the last one counts", "a/b x\nc/d x\n", 2, "x", "c/d"},
    {"text says its encoding", "text/foo x\n", 1, "x", "text/foo; charset=utf-8"},
    {"text that says it already", "text/foo;charset=latin1 x\n", 1, "x", "text/foo;charset=latin1"},
    {"JavaScript of old", "application/javascript js\n", 1, "js",
     "application/javascript; charset=utf-8"},
    {"in front of the built-in", "a/b html\n", 1, "html", "a/b"},
    {"the built-in behind it", "a/b x\n", 1, "html", "text/html; charset=utf-8"},
    {"nginx's form has no types", "types {\n  text/html html;\n}\n", 1, "html",
     "text/html; charset=utf-8"},
    {"no line end", "a/b x y", 2, "y", "a/b"},
};

}  // namespace

TEST_CASE("an extension is what is behind the last dot of the last segment", "[http][mime]") {
  for (const ExtensionCase& c : kExtensions) {
    CAPTURE(c.path);
    CHECK(http::extension_of(c.path) == c.extension);
  }
}

TEST_CASE("the web's types are built in", "[http][mime]") {
  using http::built_in_media_type;
  CHECK(built_in_media_type("html") == "text/html; charset=utf-8");
  CHECK(built_in_media_type("HTML") == "text/html; charset=utf-8");
  CHECK(built_in_media_type("css") == "text/css; charset=utf-8");
  CHECK(built_in_media_type("Js") == "text/javascript; charset=utf-8");
  CHECK(built_in_media_type("mjs") == "text/javascript; charset=utf-8");
  CHECK(built_in_media_type("json") == "application/json");
  CHECK(built_in_media_type("svg") == "image/svg+xml");
  CHECK(built_in_media_type("png") == "image/png");
  CHECK(built_in_media_type("woff2") == "font/woff2");
  CHECK(built_in_media_type("wasm") == "application/wasm");
  CHECK(built_in_media_type("mp4") == "video/mp4");
  CHECK(built_in_media_type("pdf") == "application/pdf");
  CHECK(built_in_media_type("webmanifest") == "application/manifest+json");
  CHECK(built_in_media_type("7z") == "application/x-7z-compressed");  // the first but two
  CHECK(built_in_media_type("3g2") == "video/3gpp2");                 // the first
  CHECK(built_in_media_type("zst") == "application/zstd");            // the last
  for (const char* none : {"", ".", "htmlx", "htm1", "0", "zzz", "\xFF", "h tml", "html "})
    CHECK(built_in_media_type(none).empty());
}

TEST_CASE("a table in the system's format is read whatever stands in it", "[http][mime]") {
  for (const TableCase& c : kTables) DYNAMIC_SECTION(c.name) {
      http::MimeTypes types;
      CHECK(types.add_table(c.text) == c.found);
      CHECK(types.find(c.extension) == c.type);
    }
}

TEST_CASE("tables come on top of each other", "[http][mime]") {
  http::MimeTypes types;
  CHECK(types.find("html") == "text/html; charset=utf-8");
  CHECK(types.find("x").empty());
  types.add_table("a/b x y\n");
  types.add_table("c/d y z\n");
  CHECK(types.find("x") == "a/b");
  CHECK(types.find("Y") == "c/d");
  CHECK(types.find("z") == "c/d");
  types.add(".Y", "text/y");
  types.add("w", "text/w; charset=iso-8859-1");
  CHECK(types.find("y") == "text/y; charset=utf-8");
  CHECK(types.find("w") == "text/w; charset=iso-8859-1");
  CHECK(types.find_for_path("/a/b.Y") == "text/y; charset=utf-8");
  CHECK(types.find_for_path("b.html") == "text/html; charset=utf-8");
  CHECK(types.find_for_path("/a.y/b") == http::kUnknownMediaType);
  CHECK(types.find_for_path("b.unknown") == http::kUnknownMediaType);
}

TEST_CASE("a type that would break a field is refused", "[http][mime]") {
  http::MimeTypes types;
  for (const char* bad : {"", "a", "a/", "a/b\r\nX: y", "a/b; c=\n", "a b/c", "a/b c"})
    CHECK_THROWS_AS(types.add("x", bad), std::invalid_argument);
  for (const std::string& bad : {std::string(), std::string("."), std::string("a/b"),
                                 std::string("a b"), std::string("a\n"), std::string(65, 'a')})
    CHECK_THROWS_AS(types.add(bad, "a/b"), std::invalid_argument);
  CHECK(types.find("x").empty());
  CHECK_NOTHROW(types.add("x", " a/b;c=d "));
  CHECK(types.find("x") == "a/b;c=d");
}

TEST_CASE("a table without an end is read up to a bound", "[http][mime]") {
  std::string text(http::MimeTypes::kMaxTable, '\n');
  text += "a/b x\n";
  http::MimeTypes types;
  CHECK(types.add_table(text) == 0);
}

TEST_CASE("of many the last counts", "[http][mime]") {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "a/t" + std::to_string(i) + " x" + std::to_string(i % 10) + "\n";
  http::MimeTypes types;
  CHECK(types.add_table(text) == 1000);
  for (int i = 0; i < 10; ++i)
    CHECK(types.find("x" + std::to_string(i)) == "a/t" + std::to_string(990 + i));
}

TEST_CASE("many extensions are all found", "[http][mime]") {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "a/t" + std::to_string(i) + " e" + std::to_string(i * 7919 % 1000) + "\n";
  http::MimeTypes types;
  CHECK(types.add_table(text) == 1000);
  for (int i = 0; i < 1000; ++i)
    REQUIRE(types.find("E" + std::to_string(i * 7919 % 1000)) == "a/t" + std::to_string(i));
}
