// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/route_pattern.hpp>

using namespace weir;
using http::ParamType;
using http::PatternPiece;

namespace {

/// "fixed|{name:type}text|…"
std::string pieces_of(std::string_view pattern) {
  std::string out;
  for (const PatternPiece& piece : http::read_pattern(pattern)) {
    if (!out.empty()) out += '|';
    if (piece.is_param) {
      constexpr const char* kTypes[] = {"uint", "int", "any", "rest"};
      out += '{';
      out += piece.name;
      out += ':';
      out += kTypes[static_cast<std::size_t>(piece.type)];
      out += '}';
    }
    out += piece.text;
  }
  return out;
}

}  // namespace

TEST_CASE("a pattern is read into its pieces", "[http][route_pattern]") {
  struct Read {
    std::string_view pattern;
    std::string_view pieces;
  };
  const Read cases[] = {
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/{a}", "/|{a:any}"},
      {"/x-{a:int}.html", "/x-|{a:int}.html"},
      {"/{a:uint}/b/{c}", "/|{a:uint}|/b/|{c:any}"},
      {"/{a}.txt/{b...}", "/|{a:any}.txt|/|{b:rest}"},
      {"/\xC3\xA4/{a_b-1}", "/\xC3\xA4/|{a_b-1:any}"},
  };
  for (const Read& c : cases) {
    CAPTURE(c.pattern);
    CHECK(pieces_of(c.pattern) == c.pieces);
  }
}

TEST_CASE("texts of a pattern are views of it", "[http][route_pattern]") {
  const std::string_view pattern = "/a/{b}.c/{d...}";
  for (const PatternPiece& piece : http::read_pattern(pattern)) {
    CHECK(piece.text.data() >= pattern.data());
    CHECK(piece.text.data() + piece.text.size() <= pattern.data() + pattern.size());
  }
}

TEST_CASE("a pattern that is none is refused with its text", "[http][route_pattern]") {
  for (const std::string_view pattern :
       {"", "a", "/{", "/}", "/{a", "/{}", "/{a}{b}", "/{a}/{a}", "/{a:float}", "/x{a...}",
        "/{a...}/b", "/a?b", "/a/../b", "/%41"}) {
    CAPTURE(pattern);
    CHECK_THROWS_WITH(http::read_pattern(pattern), Catch::Contains(std::string(pattern)));
    CHECK_THROWS_AS(http::read_pattern(pattern), std::invalid_argument);
  }
}
