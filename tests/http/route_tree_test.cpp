// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/http/route_tree.hpp>
#include <weir/http/target.hpp>

using namespace weir;
using http::Match;
using http::Method;
using http::Params;
using http::RouteTree;

namespace {

struct Found {
  Match match;
  Params params;
};

Found find(const RouteTree& tree, std::string_view method, std::string_view path) {
  Found found;
  found.match = tree.match(http::method_from(method), method, path, found.params);
  return found;
}

/// "METHOD pattern name=value …" of what is found, "404", or "405" and what is allowed.
std::string answer(const RouteTree& tree, std::string_view method, std::string_view path) {
  const Found found = find(tree, method, path);
  switch (found.match.kind) {
    case Match::Kind::no_path:
      CHECK(found.params.empty());
      CHECK(tree.allow(path) == "");
      return "404";
    case Match::Kind::no_method:
      CHECK(found.params.empty());
      return "405 " + tree.allow(path);
    case Match::Kind::found:
      break;
  }
  std::string text(tree.method(found.match.route));
  text.append(" ").append(tree.pattern(found.match.route));
  for (const Params::Param param : found.params)
    text.append(" ").append(param.name).append("=").append(param.value);
  return text;
}

struct Route {
  std::string_view method;
  std::string_view pattern;
};

struct Question {
  std::string_view method;
  std::string_view path;
  std::string_view answer;
};

struct Case {
  const char* name;
  std::vector<Route> routes;
  std::vector<Question> questions;
};

const Case kCases[] = {
    {"fixed paths match exactly",
     {{"GET", "/"}, {"GET", "/users"}, {"GET", "/users/"}, {"GET", "/user"}, {"GET", "/us/x"}},
     {{"GET", "/", "GET /"},
      {"GET", "/users", "GET /users"},
      {"GET", "/users/", "GET /users/"},
      {"GET", "/user", "GET /user"},
      {"GET", "/us/x", "GET /us/x"},
      {"GET", "/us", "404"},
      {"GET", "/us/", "404"},
      {"GET", "/use", "404"},
      {"GET", "/userss", "404"},
      {"GET", "/USERS", "404"},
      {"GET", "//users", "404"},
      {"GET", "//", "404"},
      {"GET", "", "404"}}},
    {"a parameter is one segment that is not empty",
     {{"GET", "/users/{id}"}, {"GET", "/users/{id}/posts/{post}"}},
     {{"GET", "/users/1", "GET /users/{id} id=1"},
      {"GET", "/users/a b", "GET /users/{id} id=a b"},
      {"GET", "/users/1/posts/2", "GET /users/{id}/posts/{post} id=1 post=2"},
      {"GET", "/users/", "404"},
      {"GET", "/users", "404"},
      {"GET", "/users/1/", "404"},
      {"GET", "/users//posts/2", "404"},
      {"GET", "/users/1/posts/", "404"},
      {"GET", "/users/1/posts/2/3", "404"}}},
    {"fixed text, typed, plain and rest are tried in this order",
     {{"GET", "/a/{rest...}"},
      {"GET", "/a/{name}"},
      {"GET", "/a/{n:int}"},
      {"GET", "/a/{n:uint}"},
      {"GET", "/a/42"}},
     {{"GET", "/a/42", "GET /a/42"},
      {"GET", "/a/43", "GET /a/{n:uint} n=43"},
      {"GET", "/a/-43", "GET /a/{n:int} n=-43"},
      {"GET", "/a/4x", "GET /a/{name} name=4x"},
      {"GET", "/a/4/x", "GET /a/{rest...} rest=4/x"},
      {"GET", "/a/", "GET /a/{rest...} rest="},
      {"GET", "/a", "404"}}},
    {"a dead end is left again",
     {{"GET", "/users/me"}, {"GET", "/users/{id}/posts"}, {"GET", "/users/men/x"}},
     {{"GET", "/users/me", "GET /users/me"},
      {"GET", "/users/me/posts", "GET /users/{id}/posts id=me"},
      {"GET", "/users/men/posts", "GET /users/{id}/posts id=men"},
      {"GET", "/users/m/posts", "GET /users/{id}/posts id=m"},
      {"GET", "/users/me/", "404"}}},
    {"a place without the method is left again",
     {{"GET", "/users/me"}, {"DELETE", "/users/{id}"}, {"PUT", "/users/{rest...}"}},
     {{"DELETE", "/users/me", "DELETE /users/{id} id=me"},
      {"PUT", "/users/me", "PUT /users/{rest...} rest=me"},
      {"PATCH", "/users/me", "405 GET, HEAD, PUT, DELETE, OPTIONS"},
      {"GET", "/users/you", "405 PUT, DELETE, OPTIONS"},
      {"GET", "/users/a/b", "405 PUT, OPTIONS"}}},
    {"parameters of a dead end are forgotten",
     {{"GET", "/{a}/{b}/x"}, {"GET", "/{c}/{rest...}"}},
     {{"GET", "/1/2/x", "GET /{a}/{b}/x a=1 b=2"},
      {"GET", "/1/2/y", "GET /{c}/{rest...} c=1 rest=2/y"}}},
    {"numbers of 64 bits",
     {{"GET", "/i/{n:int}"}, {"GET", "/u/{n:uint}"}},
     {{"GET", "/i/0", "GET /i/{n:int} n=0"},
      {"GET", "/i/007", "GET /i/{n:int} n=007"},
      {"GET", "/i/9223372036854775807", "GET /i/{n:int} n=9223372036854775807"},
      {"GET", "/i/-9223372036854775808", "GET /i/{n:int} n=-9223372036854775808"},
      {"GET", "/i/9223372036854775808", "404"},
      {"GET", "/i/-9223372036854775809", "404"},
      {"GET", "/i/-", "404"},
      {"GET", "/i/+1", "404"},
      {"GET", "/i/1.0", "404"},
      {"GET", "/i/1 ", "404"},
      {"GET", "/i/0x1", "404"},
      {"POST", "/i/x", "404"},
      {"POST", "/i/1", "405 GET, HEAD, OPTIONS"},
      {"GET", "/u/18446744073709551615", "GET /u/{n:uint} n=18446744073709551615"},
      {"GET", "/u/18446744073709551616", "404"},
      {"GET", "/u/-1", "404"}}},
    {"fixed text around a parameter",
     {{"GET", "/f/file-{id}.json"},
      {"GET", "/f/file-{id}"},
      {"GET", "/f/{name}.tar.gz"},
      {"GET", "/f/{name}.gz"},
      {"GET", "/f/{n:int}.gz"},
      {"GET", "/f/{name}"},
      {"GET", "/f/{name}.gz/x"}},
     {{"GET", "/f/file-7.json", "GET /f/file-{id}.json id=7"},
      {"GET", "/f/file-7", "GET /f/file-{id} id=7"},
      {"GET", "/f/file-.json", "GET /f/file-{id} id=.json"},
      {"GET", "/f/file-", "GET /f/{name} name=file-"},
      {"GET", "/f/a.tar.gz", "GET /f/{name}.tar.gz name=a"},
      {"GET", "/f/.tar.gz", "GET /f/{name}.gz name=.tar"},
      {"GET", "/f/12.gz", "GET /f/{n:int}.gz n=12"},
      {"GET", "/f/x.gz", "GET /f/{name}.gz name=x"},
      {"GET", "/f/.gz", "GET /f/{name} name=.gz"},
      {"GET", "/f/x.gz/x", "GET /f/{name}.gz/x name=x"}}},
    {"HEAD takes GET, its own before",
     {{"GET", "/a"}, {"HEAD", "/b"}, {"GET", "/b"}, {"POST", "/c"}, {"*", "/d"}, {"GET", "/d"}},
     {{"HEAD", "/a", "GET /a"},
      {"HEAD", "/b", "HEAD /b"},
      {"HEAD", "/c", "405 POST, OPTIONS"},
      {"HEAD", "/d", "GET /d"}}},
    {"OPTIONS is a method like any other",
     {{"GET", "/a"}, {"OPTIONS", "/b"}},
     {{"OPTIONS", "/a", "405 GET, HEAD, OPTIONS"}, {"OPTIONS", "/b", "OPTIONS /b"}}},
    {"\"*\" takes what is left",
     {{"*", "/a"}, {"GET", "/a"}, {"*", "/{x}"}, {"POST", "/{x}"}},
     {{"GET", "/a", "GET /a"},
      {"POST", "/a", "* /a"},
      {"BREW", "/a", "* /a"},
      {"POST", "/b", "POST /{x} x=b"},
      {"BREW", "/b", "* /{x} x=b"}}},
    {"any token is a method, and case counts",
     {{"PROPFIND", "/a"}, {"BREW", "/a"}, {"get", "/a"}},
     {{"PROPFIND", "/a", "PROPFIND /a"},
      {"BREW", "/a", "BREW /a"},
      {"get", "/a", "get /a"},
      {"GET", "/a", "405 OPTIONS, BREW, PROPFIND, get"},
      {"brew", "/a", "405 OPTIONS, BREW, PROPFIND, get"}}},
    {"names belong to a route, not to a place",
     {{"GET", "/users/{id}"}, {"POST", "/users/{name}"}},
     {{"GET", "/users/1", "GET /users/{id} id=1"},
      {"POST", "/users/1", "POST /users/{name} name=1"}}},
    {"a rest takes all there is",
     {{"GET", "/{rest...}"}, {"GET", "/files/{rest...}"}},
     {{"GET", "/", "GET /{rest...} rest="},
      {"GET", "/files", "GET /{rest...} rest=files"},
      {"GET", "/files/", "GET /files/{rest...} rest="},
      {"GET", "/files//", "GET /files/{rest...} rest=/"},
      {"GET", "/files/a/b/", "GET /files/{rest...} rest=a/b/"}}},
    {"fixed text beyond ASCII",
     {{"GET", "/\xC3\xA4 b"}},
     {{"GET", "/\xC3\xA4 b", "GET /\xC3\xA4 b"}}},
};

const std::pair<const char*, const char*> kMalformed[] = {
    {"", "empty"},
    {"users", "'/'"},
    {"*", "'/'"},
    {"{id}", "'/'"},
    {"/{id", "'{'"},
    {"/{id/x}", "'{'"},
    {"/{", "'{'"},
    {"/id}", "'}'"},
    {"/{{id}}", "'{'"},
    {"/{id}}", "'}'"},
    {"/{}", "name"},
    {"/{:int}", "name"},
    {"/{...}", "name"},
    {"/{a b}", "name"},
    {"/{a}/{a}", "one name"},
    {"/{a}/{a...}", "one name"},
    {"/{id:float}", "type"},
    {"/{id:}", "type"},
    {"/{id:int:int}", "type"},
    {"/{rest...}/x", "last segment"},
    {"/{rest...}x", "last segment"},
    {"/x{rest...}", "last segment"},
    {"/{rest:int...}", "name"},
    {"/{a}{b}", "two parameters"},
    {"/{a}-{b}", "two parameters"},
    {"/a?b={c}", "query"},
    {"/a#b", "query"},
    {"/a%20b", "decoded"},
    {"/a/../b", "dot segment"},
    {"/.", "dot segment"},
    {"/a\nb", "control"},
    {"/\xFF", "UTF-8"},
    {"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}", "16"},
};

}  // namespace

TEST_CASE("a path finds its route, in whatever order the routes came", "[http][route_tree]") {
  for (const Case& c : kCases)
    for (const bool backwards : {false, true})
      DYNAMIC_SECTION(c.name << (backwards ? ", backwards" : "")) {
        RouteTree tree;
        for (std::size_t i = 0; i < c.routes.size(); ++i) {
          const Route& route = c.routes[backwards ? c.routes.size() - 1 - i : i];
          CHECK(tree.insert(route.method, route.pattern) == i);
        }
        CHECK(tree.size() == c.routes.size());
        const RouteTree moved = std::move(tree);
        for (const Question& q : c.questions) {
          CAPTURE(q.method, q.path);
          CHECK(answer(moved, q.method, q.path) == q.answer);
        }
      }
}

TEST_CASE("an empty tree finds nothing", "[http][route_tree]") {
  const RouteTree tree;
  CHECK(answer(tree, "GET", "/") == "404");
  CHECK(tree.allow("*") == "");
}

TEST_CASE("a malformed pattern is refused by name and changes nothing", "[http][route_tree]") {
  RouteTree tree;
  for (const auto& [pattern, why] : kMalformed) {
    CAPTURE(pattern);
    CHECK_THROWS_AS(tree.insert("GET", pattern), std::invalid_argument);
    CHECK_THROWS_WITH(tree.insert("GET", pattern),
                      Catch::Contains(why) && Catch::Contains(pattern));
  }
  for (const char* method : {"", "GET ", "G\nET", "\xC3\xA4"})
    CHECK_THROWS_AS(tree.insert(method, "/"), std::invalid_argument);
  CHECK(tree.size() == 0);
  CHECK_NOTHROW(
      tree.insert("GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}"));
  CHECK_NOTHROW(tree.insert("GET", "/100%/.well-known/...x"));
}

TEST_CASE("two routes of one method and shape conflict, whatever the names", "[http][route_tree]") {
  struct Conflict {
    Route first;
    Route second;
    bool refused;
  };
  const Conflict conflicts[] = {
      {{"GET", "/a"}, {"GET", "/a"}, true},
      {{"*", "/a"}, {"*", "/a"}, true},
      {{"BREW", "/a"}, {"BREW", "/a"}, true},
      {{"GET", "/{id}"}, {"GET", "/{name}"}, true},
      {{"GET", "/a-{id}.x/{b}"}, {"GET", "/a-{name}.x/{c}"}, true},
      {{"GET", "/{id:int}"}, {"GET", "/{n:int}"}, true},
      {{"GET", "/{a...}"}, {"GET", "/{b...}"}, true},
      {{"GET", "/a"}, {"POST", "/a"}, false},
      {{"GET", "/a"}, {"HEAD", "/a"}, false},
      {{"GET", "/a"}, {"*", "/a"}, false},
      {{"GET", "/a"}, {"get", "/a"}, false},
      {{"GET", "/a"}, {"GET", "/a/"}, false},
      {{"GET", "/{id}"}, {"GET", "/{id:int}"}, false},
      {{"GET", "/{id:int}"}, {"GET", "/{id:uint}"}, false},
      {{"GET", "/{id}"}, {"GET", "/{id}.x"}, false},
      {{"GET", "/{id}"}, {"GET", "/{id...}"}, false},
  };
  for (const Conflict& c : conflicts) {
    CAPTURE(c.first.method, c.first.pattern, c.second.method, c.second.pattern);
    RouteTree tree;
    tree.insert(c.first.method, c.first.pattern);
    if (c.refused) {
      CHECK_THROWS_AS(tree.insert(c.second.method, c.second.pattern), std::invalid_argument);
      CHECK_THROWS_WITH(tree.insert(c.second.method, c.second.pattern),
                        Catch::Contains(std::string(c.first.pattern)) &&
                            Catch::Contains(std::string(c.second.pattern)));
      CHECK(tree.size() == 1);
    } else {
      CHECK(tree.insert(c.second.method, c.second.pattern) == 1);
    }
  }
}

TEST_CASE("Allow unites all places that match", "[http][route_tree]") {
  RouteTree tree;
  tree.insert("POST", "/a/b");
  tree.insert("GET", "/a/{x}");
  tree.insert("PATCH", "/a/{n:int}");
  tree.insert("PUT", "/{y}/b");
  tree.insert("DELETE", "/{rest...}");
  tree.insert("BREW", "/a/b");
  CHECK(tree.allow("/a/b") == "GET, HEAD, POST, PUT, DELETE, OPTIONS, BREW");
  CHECK(tree.allow("/a/1") == "GET, HEAD, DELETE, PATCH, OPTIONS");
  CHECK(tree.allow("/c") == "DELETE, OPTIONS");
  CHECK(tree.allow("c") == "");
  CHECK(tree.allow("*") == "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, BREW");
  tree.insert("*", "/any");
  CHECK(tree.allow("/any") == "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
}

TEST_CASE("32 levels of fixed and parameter siblings are searched at once", "[http][route_tree]") {
  // Every level may go two ways, and all of them end in vain but the last.
  constexpr int kLevels = 32;
  RouteTree tree;
  for (int fixed = 0; fixed <= kLevels; ++fixed) {
    std::string pattern;
    for (int level = 0; level < kLevels; ++level) {
      if (level >= fixed && level < fixed + 15)
        pattern.append("/{p").append(std::to_string(level)).append("}");
      else
        pattern.append("/a");
    }
    tree.insert("GET", pattern + "/end" + std::to_string(fixed));
  }
  std::string path;
  for (int level = 0; level < kLevels; ++level) path += "/a";
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i)
    REQUIRE(find(tree, "GET", path).match.kind == Match::Kind::no_path);
  CHECK(find(tree, "GET", path + "/end0").match.kind == Match::Kind::found);
  CHECK(find(tree, "GET", path + "/end32").match.kind == Match::Kind::found);
  CHECK(find(tree, "POST", path + "/end9").match.kind == Match::Kind::no_method);
  // 2^32 steps would take seconds each; the bound is generous for sanitizers.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("ten thousand routes are all found", "[http][route_tree]") {
  RouteTree tree;
  const auto word = [](int i) { return "/r" + std::to_string(i * 7919 % 10007); };
  for (int i = 0; i < 10000; ++i) {
    const std::string pattern = word(i) + (i % 2 == 0 ? "/{id}/x" : "/y");
    REQUIRE(tree.insert(i % 3 == 0 ? "POST" : "GET", pattern) == static_cast<std::uint32_t>(i));
  }
  for (int i = 0; i < 10000; ++i) {
    const std::string path = word(i) + (i % 2 == 0 ? "/42/x" : "/y");
    const Found found = find(tree, i % 3 == 0 ? "POST" : "GET", path);
    REQUIRE(found.match.kind == Match::Kind::found);
    REQUIRE(found.match.route == static_cast<std::uint32_t>(i));
    REQUIRE(found.params.size() == (i % 2 == 0 ? 1 : 0));
  }
}

TEST_CASE("a node may have a child for every byte", "[http][route_tree]") {
  RouteTree tree;
  std::vector<std::string> paths;
  for (int c = 0x20; c < 0x7f; ++c) {
    const char text[] = {'/', static_cast<char>(c), 'x', '\0'};
    if (std::string_view("{}?#/").find(text[1]) == std::string_view::npos) paths.push_back(text);
  }
  for (int c = 0x80; c < 0x800; c += 64) {
    const char text[] = {'/', static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80), '\0'};
    paths.push_back(text);
  }
  for (const std::string& path : paths) tree.insert("GET", path);
  for (const std::string& path : paths) CHECK(answer(tree, "GET", path) == "GET " + path);
}

TEST_CASE("the tree knows the methods that a route could take", "[http][route_tree]") {
  const auto implements = [](const RouteTree& tree, std::string_view method) {
    return tree.implements(weir::http::method_from(method), method);
  };
  RouteTree tree;
  for (const char* const general : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})
    CHECK(implements(tree, general));
  for (const char* const other : {"BREW", "TRACE", "CONNECT", "get", "*", ""})
    CHECK_FALSE(implements(tree, other));
  tree.insert("BREW", "/a");
  tree.insert("BREW", "/b");
  tree.insert("TRACE", "/a");
  CHECK_THROWS(tree.insert("WHEN", "no slash"));
  CHECK_THROWS(tree.insert("BREW", "/a"));
  const RouteTree moved = std::move(tree);
  CHECK(implements(moved, "BREW"));
  CHECK(implements(moved, "TRACE"));
  CHECK_FALSE(implements(moved, "WHEN"));
  CHECK_FALSE(implements(moved, "brew"));

  RouteTree any;
  any.insert("*", "/a");
  CHECK(implements(any, "WHEN"));
}

TEST_CASE("a pattern holds no control character", "[http][route_tree]") {
  RouteTree tree;
  for (const char* pattern : {"/a\tb", "/a\x7f"})
    CHECK_THROWS_AS(tree.insert("GET", pattern), std::invalid_argument);
  tree.insert("GET", "/{a_b-C}");
  CHECK(answer(tree, "GET", "/1") == "GET /{a_b-C} a_b-C=1");
}

TEST_CASE("texts of any length are told apart at any byte", "[http][route_tree]") {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string text = "/" + std::string(size, 'a');
    RouteTree tree;
    tree.insert("GET", text);
    CHECK(answer(tree, "GET", text) == "GET " + text);
    for (std::size_t at = 1; at <= size; ++at) {
      std::string other = text;
      other[at] = 'b';
      CHECK(answer(tree, "GET", other) == "404");
    }
  }
}

TEST_CASE("suffixes of one length are told apart", "[http][route_tree]") {
  RouteTree tree;
  tree.insert("GET", "/{a}.txt");
  tree.insert("GET", "/{a}.png");
  tree.insert("POST", "/{b}.png");
  CHECK(answer(tree, "GET", "/x.txt") == "GET /{a}.txt a=x");
  CHECK(answer(tree, "GET", "/x.png") == "GET /{a}.png a=x");
  CHECK(answer(tree, "POST", "/x.png") == "POST /{b}.png b=x");
  CHECK(answer(tree, "GET", "/x.gif") == "404");
}

TEST_CASE("a tree may be assigned", "[http][route_tree]") {
  RouteTree tree;
  RouteTree other;
  other.insert("GET", "/a");
  tree = std::move(other);
  CHECK(answer(tree, "GET", "/a") == "GET /a");
}
