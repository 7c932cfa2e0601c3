// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

/// The message of the exception `f` throws, with its kind in front.
std::string thrown_by(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::invalid_argument& what) {
    return std::string("argument ") + what.what();
  } catch (const std::logic_error& what) {
    return std::string("logic ") + what.what();
  }
  return "nothing";
}

constexpr auto kPattern = [](const weir::Request& r) { return r.pattern(); };

}  // namespace

TEST_CASE("each verb adds its method", "[router]") {
  weir::Server server;
  const auto method = [](const char* name) { return [name] { return name; }; };
  server.get("/", method("GET"));
  server.post("/", method("POST"));
  server.put("/", method("PUT"));
  server.patch("/", method("PATCH"));
  server.del("/", method("DELETE"));
  server.Router::options("/", method("OPTIONS"));
  server.route("BREW", "/", method("BREW"));
  server.any("/any", method("any"));
  server.get("/any", method("GET"));
  server.head("/head", [](const weir::Request&, weir::Response& res) {
    res.status(weir::Status::ok).header("X-Head", "1").header("Content-Length", "77");
  });
  weir::testing::Client client(server);
  for (const char* name : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"}) {
    CAPTURE(name);
    CHECK(client.request(name, "/").body == name);
  }
  CHECK(client.request("brew", "/").status == 405);
  CHECK(client.get("/any").body == "GET");
  CHECK(client.request("POST", "/any").body == "any");
  CHECK(client.request("OTHER", "/any").body == "any");
  const auto head = client.head("/head");
  CHECK(head.header("X-Head") == "1");
  CHECK(head.header("Content-Length") == "77");
  CHECK(client.get("/head").status == 405);
}

TEST_CASE("groups nest, and their prefixes add up", "[router]") {
  weir::Server server;
  server.get("/", kPattern);
  server.group("/api", [](weir::Router& api) {
    api.get("", kPattern);
    api.get("/", kPattern);
    api.group("/v1", [](weir::Router& v1) {
      v1.get("/users/{id}", kPattern);
      v1.group("", [](weir::Router& same) { same.get("/same", kPattern); });
    });
    api.group("/of/{owner}", [](weir::Router& of) {
      of.get("/{id}", [](const weir::Request& r) {
        return std::string(r.param("owner")) + "+" + std::string(r.param("id"));
      });
    });
  });
  weir::testing::Client client(server);
  CHECK(client.get("/").body == "/");
  CHECK(client.get("/api").body == "/api");
  CHECK(client.get("/api/").body == "/api/");
  CHECK(client.get("/api/v1/users/7").body == "/api/v1/users/{id}");
  CHECK(client.get("/api/v1/same").body == "/api/v1/same");
  CHECK(client.get("/api/of/me/3").body == "me+3");
  CHECK(client.get("/v1/same").status == 404);
}

TEST_CASE("a group's prefix and its patterns begin with a slash", "[router]") {
  weir::Server server;
  const auto none = [](weir::Router&) {};
  CHECK_THAT(thrown_by([&] { server.group("api", none); }), Catch::Contains("\"api\""));
  CHECK_THAT(thrown_by([&] { server.group("/api/", none); }), Catch::Contains("\"/api/\""));
  CHECK_THAT(thrown_by([&] { server.group("/", none); }), Catch::Contains("\"/\""));
  CHECK(thrown_by([&] { server.group("", none); }) == "nothing");
  // "/api" and "users" would silently make "/apiusers".
  CHECK_THAT(thrown_by([&] {
               server.group("/api", [](weir::Router& api) { api.get("users", kPattern); });
             }),
             Catch::StartsWith("argument ") && Catch::Contains("users"));
}

TEST_CASE("a malformed pattern or a conflict is refused at registration", "[router]") {
  weir::Server server;
  server.get("/users/{id}", kPattern);
  server.get("/files/{rest...}", kPattern);
  struct Case {
    const char* pattern;
    const char* other;  // what the message names besides the pattern
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"users", ""},
      {"/{", ""},
      {"/}", ""},
      {"/{}", ""},
      {"/{a b}", ""},
      {"/{a}/{a}", ""},
      {"/{a}{b}", ""},
      {"/{a:float}", ""},
      {"/{rest...}/x", ""},
      {"/x{rest...}", ""},
      {"/a?b", ""},
      {"/a#b", ""},
      {"/a%20b", ""},
      {"/a/../b", ""},
      {"/a\nb", ""},
      {"/\xFF", ""},
      {"/users/{name}", "/users/{id}"},
      {"/users/{id}", "/users/{id}"},
      {"/files/{other...}", "/files/{rest...}"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.pattern);
    const std::string message = thrown_by([&] { server.get(c.pattern, kPattern); });
    CHECK_THAT(message, Catch::StartsWith("argument "));
    CHECK_THAT(message, Catch::Contains(c.pattern));
    CHECK_THAT(message, Catch::Contains(c.other));
  }
  CHECK_THAT(thrown_by([&] { server.route("GE T", "/x", kPattern); }), Catch::Contains("method"));
  CHECK_THAT(thrown_by([&] { server.route("", "/x", kPattern); }), Catch::Contains("method"));
  server.get("/users/{id:int}", kPattern);  // another shape
  server.post("/users/{name}", kPattern);   // another method
  // What was refused has left nothing behind: numbers and routes still agree.
  server.get("/last", kPattern);
  weir::testing::Client client(server);
  CHECK(client.get("/last").body == "/last");
  CHECK(client.get("/users/x").body == "/users/{id}");
  CHECK(client.get("/users/7").body == "/users/{id:int}");
  CHECK(client.request("POST", "/users/7").body == "/users/{name}");
}

TEST_CASE("registering after the start is refused", "[router]") {
  weir::Server server;
  server.get("/", kPattern);
  weir::Router* kept = nullptr;
  weir::Router copy = server;
  server.group("/g", [&](weir::Router& group) {
    copy = group;
    kept = &copy;
  });
  const weir::testing::Client client(server);
  const auto starts_with = Catch::StartsWith("logic ");
  CHECK_THAT(thrown_by([&] { server.get("/late", kPattern); }),
             starts_with && Catch::Contains("GET /late"));
  CHECK_THAT(thrown_by([&] { kept->post("/late", kPattern); }), Catch::Contains("POST /g/late"));
  CHECK_THAT(thrown_by([&] { server.use([](weir::Request&, weir::Response&) {}); }), starts_with);
  CHECK_THAT(thrown_by([&] { server.host("late.org", [](weir::Router&) {}); }), starts_with);
  CHECK_THAT(thrown_by([&] { server.not_found([] {}); }), starts_with);
  CHECK_THAT(thrown_by([&] { server.method_not_allowed([] {}); }), starts_with);
  CHECK_THAT(thrown_by([&] { server.on_error([](const weir::Error&, weir::Response&) {}); }),
             starts_with);
}

TEST_CASE("a time-out that cannot be is refused by method and pattern", "[router]") {
  weir::Server server;
  weir::RouteOptions options;
  options.timeout = -1ms;
  CHECK_THAT(thrown_by([&] { server.get("/x", kPattern, options); }), Catch::Contains("GET /x"));
  options.timeout = std::chrono::hours(24 * 365);  // as good as none
  CHECK(thrown_by([&] { server.get("/x", kPattern, options); }) == "nothing");
}

TEST_CASE("404, 405, OPTIONS and HEAD come by themselves", "[router]") {
  weir::Server server;
  server.get("/a", [] { return "content"; });
  server.post("/a", [] { return "posted"; });
  server.get("/users/me", kPattern);
  server.del("/users/{id}", kPattern);
  server.put("/put", kPattern);
  weir::testing::Client client(server);

  const auto none = client.get("/none");
  CHECK(none.status == 404);
  CHECK(none.body == "404 Not Found\n");
  CHECK(client.request("OPTIONS", "/none").status == 404);
  CHECK(client.head("/none").status == 404);
  CHECK(client.post("/none", "unread").status == 404);
  CHECK(client.post("/none", std::string(10'000, 'x')).status == 404);
  CHECK_FALSE(client.is_closed());

  const auto wrong = client.request("DELETE", "/a");
  CHECK(wrong.status == 405);
  CHECK(wrong.body == "405 Method Not Allowed\n");
  CHECK(wrong.header("Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(client.head("/put").status == 405);
  CHECK(client.head("/put").header("Allow") == "PUT, OPTIONS");
  CHECK(client.request("DELETE", "/users/me").body == "/users/{id}");
  CHECK(client.request("POST", "/users/me").header("Allow") == "GET, HEAD, DELETE, OPTIONS");

  const auto options = client.request("OPTIONS", "/a");
  CHECK(options.status == 204);
  CHECK(options.header("Allow") == "GET, HEAD, POST, OPTIONS");
  const auto all = client.request("OPTIONS", "*");
  CHECK(all.status == 204);
  CHECK(all.header("Allow") == "GET, HEAD, POST, PUT, DELETE, OPTIONS");

  const auto head = client.head("/a");
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == "7");
  CHECK(client.receive_raw() == "");
}

TEST_CASE("a method that no route could take is not implemented", "[router]") {
  weir::Server server;
  server.get("/a", [] { return "a"; });
  server.route("BREW", "/pot/{id}", [] { return "tea"; });
  server.on_error([](const weir::Error& error, weir::Response& res) {
    res.text("own " + std::to_string(static_cast<int>(error.status)));
  });
  server.method_not_allowed([](const weir::Request&, weir::Response& res) { res.text("405"); });
  server.host("other.example.org", [](weir::Router& other) {
    other.any("/any", [] { return "any"; });
    other.get("/a", [] { return "a"; });
  });
  weir::testing::Client client(server);
  struct Case {
    const char* method;
    const char* path;
    int status;
    const char* allow;
  };
  constexpr Case kCases[] = {
      {"BREW", "/pot/1", 200, ""},
      {"BREW", "/a", 405, "GET, HEAD, OPTIONS"},  // another path takes it
      {"BREW", "/none", 404, ""},
      {"WHEN", "/a", 501, "GET, HEAD, OPTIONS"},
      {"WHEN", "/pot/1", 501, "OPTIONS, BREW"},
      {"WHEN", "/none", 501, ""},  // whatever the path: nothing would take it
      {"brew", "/pot/1", 501, "OPTIONS, BREW"},
      {"TRACE", "/a", 501, "GET, HEAD, OPTIONS"},
      {"GET", "/pot/1", 405, "OPTIONS, BREW"},  // what servers in general have
      {"HEAD", "/pot/1", 405, "OPTIONS, BREW"},
      {"POST", "/a", 405, "GET, HEAD, OPTIONS"},
      {"PUT", "/a", 405, "GET, HEAD, OPTIONS"},
      {"DELETE", "/a", 405, "GET, HEAD, OPTIONS"},
      {"PATCH", "/a", 405, "GET, HEAD, OPTIONS"},
      {"OPTIONS", "/a", 204, "GET, HEAD, OPTIONS"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.method, c.path);
    const auto answer = client.request(c.method, c.path);
    CHECK(answer.status == c.status);
    CHECK(answer.header("Allow") == c.allow);
    if (c.status == 501) CHECK(answer.body == "own 501");
  }
  CHECK_FALSE(client.is_closed());

  // A host has its own methods, and any() takes all of them.
  const auto at = [&client](const char* path) {
    return client.request("WHEN", path, {}, {{"Host", "other.example.org"}}).status;
  };
  CHECK(at("/any") == 200);
  CHECK(at("/a") == 405);
  CHECK(at("/none") == 404);
}

TEST_CASE("a request that is not implemented may have content", "[router]") {
  weir::Server server;
  server.get("/a", [] { return "a"; });
  weir::testing::Client client(server);
  client.send_raw(
      "WHEN /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET /a HTTP/1.1\r\nHost: "
      "x\r\n\r\n");
  const auto refused = client.receive();
  CHECK(refused.status == 501);
  CHECK(refused.body == "501 Not Implemented\n");
  CHECK(client.receive().body == "a");
}

TEST_CASE("the own answers to 404 and 405 keep status and Allow", "[router]") {
  weir::Server server;
  server.get("/a", [] { return "a"; });
  server.not_found([](const weir::Request& r) { return "no " + std::string(r.path()); });
  server.method_not_allowed([](const weir::Request&, weir::Response& res) { res.json("{}"); });
  weir::testing::Client client(server);
  CHECK(client.get("/none").status == 404);
  CHECK(client.get("/none").body == "no /none");
  const auto wrong = client.post("/a", "x");
  CHECK(wrong.status == 405);
  CHECK(wrong.body == "{}");
  CHECK(wrong.header("Allow") == "GET, HEAD, OPTIONS");
  CHECK(client.request("OPTIONS", "/a").status == 204);

  weir::Server other;
  other.get("/a", [] { return "a"; });
  other.not_found(
      [](const weir::Request&, weir::Response& res) { res.status(weir::Status::ok).text("page"); });
  other.method_not_allowed([](const weir::Request&, weir::Response& res) {
    res.header("Allow", "OWN").header("X-Own", "1");
  });
  weir::testing::Client second(other);
  CHECK(second.get("/none").status == 200);  // said on purpose
  const auto own = second.post("/a", "");
  CHECK(own.status == 405);  // nothing set is not 204
  CHECK(own.header("Allow") == "OWN");
  CHECK(own.header("X-Own") == "1");

  weir::Server third;
  third.get("/a", [] { return "a"; });
  third.not_found([] { throw weir::HttpError(weir::Status::gone, "moved"); });
  third.method_not_allowed([] { return weir::Response(weir::Status::im_a_teapot, "tea"); });
  weir::testing::Client client3(third);
  CHECK(client3.get("/none").status == 410);
  CHECK(client3.post("/a", "").status == 418);
  CHECK(client3.post("/a", "").header("Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("hosts are found by name, exact before wildcard before the rest", "[router]") {
  weir::Server server;
  const auto named = [](const char* name) {
    return [name](weir::Router& host) { host.get("/", [name] { return name; }); };
  };
  server.host("api.example.org", named("exact"));
  server.host("*.Example.org", named("wildcard"));
  server.host("*.deep.example.org", named("deep"));
  server.host("EXAMPLE.net", named("net"));
  server.host("[::1]", named("v6"));
  server.get("/", [] { return "default"; });
  server.get("/only_default", [] { return "default"; });
  server.host("api.example.org",
              [](weir::Router& host) { host.post("/more", [] { return "more"; }); });
  weir::testing::Client client(server);
  struct Case {
    const char* host;
    const char* body;
  };
  constexpr Case kCases[] = {
      {"api.example.org", "exact"},
      {"API.Example.ORG", "exact"},
      {"api.example.org:8080", "exact"},
      {"www.example.org", "wildcard"},
      {"a.b.example.org:1", "wildcard"},
      {"x.deep.example.org", "deep"},
      {"deep.example.org", "wildcard"},
      {"example.org", "default"},
      {".example.org", "default"},
      {"notexample.org", "default"},
      {"api.example.org.evil.com", "default"},
      {"example.net", "net"},
      {"www.example.net", "default"},
      {"[::1]", "v6"},
      {"[::1]:80", "v6"},
      {"[::2]", "default"},
      {"127.0.0.1", "default"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.host);
    const auto answer = client.get("/", {{"Host", c.host}});
    if (answer.status != 400) CHECK(answer.body == c.body);  // ".example.org" may be no host at all
  }
  CHECK(client.post("/more", "", {{"Host", "api.example.org"}}).body == "more");
  CHECK(client.post("/more", "", {{"Host", "www.example.org"}}).status == 404);
  CHECK(client.get("/only_default", {{"Host", "api.example.org"}}).status == 404);
  // The target's authority overrides Host (RFC 9112 §3.2.2), for Allow too.
  CHECK(client.get("http://api.example.org/", {{"Host", "example.net"}}).body == "exact");
  const auto wrong = client.get("http://api.example.org/more", {{"Host", "example.net"}});
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "POST, OPTIONS");
  CHECK(client.request("OPTIONS", "http://api.example.org/more", "", {{"Host", "example.net"}})
            .header("Allow") == "POST, OPTIONS");
  client.send_raw("GET / HTTP/1.0\r\n\r\n");
  CHECK(client.receive().body == "default");

  for (const char* name : {"", "*", "*.", "a/b", "a b", "a:80", "a.*.b", "**.a"}) {
    CAPTURE(name);
    CHECK_THAT(thrown_by([&] { weir::Server().host(name, [](weir::Router&) {}); }),
               Catch::StartsWith("argument "));
  }
}

TEST_CASE("a trailing slash counts, or redirects", "[router]") {
  const auto routes = [](weir::Server& server) {
    server.get("/without", kPattern);
    server.get("/with/", kPattern);
    server.get("/both", kPattern);
    server.get("/both/", kPattern);
    server.post("/post", kPattern);
    server.get("/p/{x}/", kPattern);
  };
  weir::Server exact;
  routes(exact);
  weir::testing::Client strict(exact);
  CHECK(strict.get("/without/").status == 404);
  CHECK(strict.get("/with").status == 404);
  CHECK(strict.get("/both/").body == "/both/");

  weir::Options options;
  options.trailing_slash = weir::TrailingSlash::redirect;
  weir::Server server(options);
  routes(server);
  weir::testing::Client client(server);
  struct Case {
    const char* target;
    int status;
    const char* location;
  };
  constexpr Case kCases[] = {
      {"/without", 200, ""},
      {"/without/", 308, "/without"},
      {"/with/", 200, ""},
      {"/with", 308, "/with/"},
      {"/with?a=1&b=/x", 308, "/with/?a=1&b=/x"},
      {"/without/?", 308, "/without?"},
      {"/both", 200, ""},
      {"/both/", 200, ""},
      {"/none", 404, ""},
      {"/none/", 404, ""},
      {"/post", 405, ""},  // GET has no route at /post or /post/
      {"/p/a%20b", 308, "/p/a%20b/"},
      {"/p/a%2Fb", 308, "/p/a%2Fb/"},
      // What ends in a dot segment ends in a slash: the redirect must lead out of the circle.
      {"/without/x/..", 308, "/without"},
      {"/without/.", 308, "/without"},
      {"/x/../with", 308, "/with/"},
      {"/p/%2e/a%20b", 308, "/p/a%20b/"},
      {"//with", 404, ""},
      {"http://h/with", 308, "http://h/with/"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.target);
    const auto answer = client.get(c.target);
    CHECK(answer.status == c.status);
    if (c.status != 308) continue;
    const std::string location(answer.header("Location"));
    CHECK(location == c.location);
    CHECK(client.get(location).status == 200);  // it leads there, and not in a circle
  }
  CHECK(client.post("/post/", "x").status == 308);
  CHECK(client.head("/with").status == 308);

  weir::Server doubled(options);
  doubled.get("//host/x", kPattern);
  weir::testing::Client third(doubled);
  const auto answer = third.get("//host/x/");
  CHECK(answer.status == 308);
  // "//host/x" would send the browser to another host.
  CHECK_FALSE(answer.header("Location").substr(0, 2) == "//");
}

TEST_CASE("a route has its own body limit and time-out", "[router]") {
  weir::Options options;
  options.max_body_bytes = 100;
  options.handler_timeout = 10s;
  weir::Server server(options);
  weir::RouteOptions large;
  large.body_limit = 1000;
  weir::RouteOptions none;
  none.body_limit = 0;
  const auto size = [](const weir::Request& r) { return std::to_string(r.body().size()); };
  server.post("/usual", size);
  server.post("/large", size, large);
  server.post("/none", size, none);
  server.group("/suspended", [&](weir::Router& group) {
    group.use([](weir::Request&, weir::Response& res) {
      res.suspend().proceed();
      return weir::Next::suspended;
    });
    group.post("/large", size, large);
  });
  server.post("/streamed",
              weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
                body.on_data([](std::string_view) {});
                body.on_end([reply = res.defer()](std::string_view) mutable { reply.text("end"); });
              }),
              large);
  weir::Reply late;
  const auto defer = [&](const weir::Request&, weir::Response& res) { late = res.defer(); };
  weir::RouteOptions quick;
  quick.timeout = 1s;
  weir::RouteOptions endless;
  endless.timeout = 0s;
  server.get("/late", defer);
  server.get("/quick", defer, quick);
  server.get("/endless", defer, endless);
  weir::testing::Client client(server);
  struct Case {
    const char* path;
    std::size_t size;
    int status;
  };
  constexpr Case kCases[] = {
      {"/usual", 100, 200},
      {"/usual", 101, 413},
      {"/large", 1000, 200},
      {"/large", 1001, 413},
      {"/none", 0, 200},
      {"/none", 1, 413},
      {"/streamed", 1000, 200},
      {"/streamed", 1001, 413},
      {"/suspended/large", 1000, 200},
      {"/suspended/large", 1001, 413},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.path, c.size);
    CHECK(client.post(c.path, std::string(c.size, 'x')).status == c.status);
    // In chunks the size is not announced.
    char head[200];
    std::snprintf(head, sizeof head,
                  "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", c.path);
    std::string bytes = head;
    for (std::size_t left = c.size; left > 0;) {
      const std::size_t piece = left < 50 ? left : 50;
      std::snprintf(head, sizeof head, "%zx\r\n", piece);
      bytes.append(head).append(piece, 'x').append("\r\n");
      left -= piece;
    }
    client.send_raw(bytes + "0\r\n\r\n");
    CHECK(client.receive().status == c.status);
  }

  const auto ask = [&](const char* path) {
    client.send_raw(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  ask("/quick");
  client.advance(900ms);
  CHECK(client.receive_raw() == "");
  client.advance(200ms);
  CHECK(client.receive().status == 504);
  ask("/late");
  client.advance(9s);
  CHECK(client.receive_raw() == "");
  client.advance(2s);
  CHECK(client.receive().status == 504);
  ask("/endless");
  client.advance(std::chrono::hours(24));
  CHECK(client.receive_raw() == "");
  CHECK(late.text("at last") == weir::SendResult::accepted);
  CHECK(client.receive().body == "at last");
}

TEST_CASE("of several wildcards the longest that fits is taken", "[router]") {
  weir::Server server;
  const auto named = [](const char* name) {
    return [name](weir::Router& router) { router.get("/", [name] { return name; }); };
  };
  server.host("*.example.org", named("wide"));
  server.host("*.api.example.org", named("narrow"));
  server.host("*.api.example.net", named("narrow net"));
  server.host("*.example.net", named("wide net"));
  weir::testing::Client client(server);
  const auto of = [&](std::string_view host) {
    client.send_raw("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    return client.receive().body;
  };
  CHECK(of("a.api.example.org") == "narrow");
  CHECK(of("api.example.org") == "wide");
  CHECK(of("a.api.example.net") == "narrow net");
  CHECK(of("x.example.net:80") == "wide net");
}

TEST_CASE("a path that would name another host is redirected to itself", "[router]") {
  weir::Options options;
  options.trailing_slash = weir::TrailingSlash::redirect;
  weir::Server server(options);
  server.get("//a/", [] { return "a"; });
  server.get("/b", [] { return "b"; });
  weir::testing::Client client(server);
  CHECK(client.get("//a").header("Location") == "/.//a/");
  CHECK(client.get("/.//a/").body == "a");
  CHECK(client.get("/x/%2e%2E/b/?q").header("Location") == "/b?q");
  CHECK(client.get("/").status == 404);
}

TEST_CASE("a time-out longer than a timer can count is none", "[router]") {
  weir::Server server;
  std::vector<weir::Reply> held;
  weir::RouteOptions endless;
  endless.timeout = std::chrono::hours(24 * 365 * 10);
  server.get(
      "/", [&](const weir::Request&, weir::Response& res) { held.push_back(res.defer()); },
      endless);
  weir::testing::Client client(server);
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.advance(std::chrono::hours(24));
  REQUIRE(held.size() == 1);
  CHECK(held.front().text("still here") == weir::SendResult::accepted);
  CHECK(client.receive().body == "still here");
}
