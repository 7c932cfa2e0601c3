// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/params.hpp>
#include <weir/http/route_tree.hpp>
#include <weir/http/target.hpp>

using namespace weir;
using http::Match;
using http::Params;
using http::RouteTree;

namespace {

/// What the only route of a tree makes of a path that it matches.
Params params_of(const RouteTree& tree, std::string_view path) {
  Params params;
  REQUIRE(tree.match(http::Method::get, "GET", path, params).kind == Match::Kind::found);
  return params;
}

}  // namespace

TEST_CASE("parameters are found by name", "[http][route_tree]") {
  RouteTree tree;
  tree.insert("GET", "/{a}/{rest...}");
  const Params params = params_of(tree, "/1/2/3");
  CHECK(params.size() == 2);
  CHECK(params.get("a") == "1");
  CHECK(params.get("rest") == "2/3");
  CHECK(params.get("b") == "");
  CHECK(params.has("a"));
  CHECK_FALSE(params.has("b"));
  CHECK_FALSE(params[0].is_rest);
  CHECK(params[1].is_rest);
}

TEST_CASE("values follow a path that moves", "[http][route_tree]") {
  RouteTree tree;
  tree.insert("GET", "/{a}/{b}");
  std::string path = "/one/two";
  Params params = params_of(tree, path);
  const std::string moved = path;
  params.rebase(path.data(), moved.data());
  path.assign(path.size(), '?');
  CHECK(params.get("a") == "one");
  CHECK(params.get("b") == "two");
}

TEST_CASE("the application sees an encoded slash as what it is", "[http][route_tree]") {
  struct Shown {
    std::string_view raw;
    std::string_view path;
    std::string_view a;
    std::string_view b;
    std::string_view rest;
  };
  const Shown cases[] = {
      {"/x/p/q/r", "/x/p/q/r", "p", "q", "r"},
      {"/x/p%2Fq/%2f/r%2Fs/t", "/x/p%2Fq/%2F/r%2Fs/t", "p/q", "/", "r%2Fs/t"},
      {"/x/p%20q%2F/q/", "/x/p q%2F/q/", "p q/", "q", ""},
      {"/x/p/q/..%2F..%2Fr%2F", "/x/p/q/..%2F..%2Fr%2F", "p", "q", "..%2F..%2Fr%2F"},
      {"/y/../x/%2F%2F%2F%2F/q/%2F%2F%2F%2F/", "/x/%2F%2F%2F%2F/q/%2F%2F%2F%2F/", "////", "q",
       "%2F%2F%2F%2F/"},
  };
  RouteTree tree;
  tree.insert("GET", "/x/{a}/{b}/{rest...}");
  for (const Shown& c : cases) {
    CAPTURE(c.raw);
    std::string scratch;
    http::RoutedPath routed;
    REQUIRE(http::normalise_path(c.raw, scratch, routed) == http::TargetError::none);
    Params params = params_of(tree, routed.text);
    CHECK(http::show_path(routed, scratch, params) == c.path);
    CHECK(params.get("a") == c.a);
    CHECK(params.get("b") == c.b);
    CHECK(params.get("rest") == c.rest);
  }
}

TEST_CASE("a walk over parameters ends where another one does", "[http][route_tree]") {
  Params params;
  CHECK(params.begin() == params.end());
}
