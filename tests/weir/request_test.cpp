// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

/// What a handler saw, as text.
template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? std::to_string(*value) : std::string("none");
}

struct Counted {
  int* live;
  explicit Counted(int* counter) noexcept : live(counter) { ++*live; }
  Counted(Counted&& other) noexcept : live(other.live) { ++*live; }
  Counted& operator=(Counted&&) = delete;
  ~Counted() { --*live; }
};

}  // namespace

TEST_CASE("a parameter is read as the type that is asked for, or is nothing", "[request]") {
  weir::Server server;
  server.get("/i8/{x}", [](const weir::Request& r) { return shown(r.param<std::int8_t>("x")); });
  server.get("/u8/{x}", [](const weir::Request& r) { return shown(r.param<std::uint8_t>("x")); });
  server.get("/int/{x}", [](const weir::Request& r) { return shown(r.param<int>("x")); });
  server.get("/i64/{x}", [](const weir::Request& r) { return shown(r.param<std::int64_t>("x")); });
  server.get("/u64/{x}", [](const weir::Request& r) { return shown(r.param<std::uint64_t>("x")); });
  server.get("/bool/{x}", [](const weir::Request& r) { return shown(r.param<bool>("x")); });
  server.get("/half/{x}",
             [](const weir::Request& r) { return r.param<double>("x") == 0.5 ? "half" : "other"; });
  server.get("/string/{x}", [](const weir::Request& r) {
    return r.param<std::string>("x").value_or("none") + "|" +
           std::string(r.param<std::string_view>("x").value_or("none")) + "|" +
           r.param<std::string>("y").value_or("none");
  });
  weir::testing::Client client(server);
  struct Case {
    const char* path;
    const char* body;
  };
  constexpr Case kCases[] = {
      {"/i8/127", "127"},
      {"/i8/128", "none"},
      {"/i8/-128", "-128"},
      {"/i8/-129", "none"},
      {"/u8/255", "255"},
      {"/u8/256", "none"},
      {"/u8/-1", "none"},
      {"/int/2147483647", "2147483647"},
      {"/int/2147483648", "none"},
      {"/int/-2147483648", "-2147483648"},
      {"/int/+1", "none"},
      {"/int/1x", "none"},
      {"/int/%201", "none"},
      {"/int/0x1", "none"},
      {"/int/007", "7"},
      {"/i64/-9223372036854775808", "-9223372036854775808"},
      {"/i64/9223372036854775808", "none"},
      {"/u64/18446744073709551615", "18446744073709551615"},
      {"/u64/18446744073709551616", "none"},
      {"/bool/true", "1"},
      {"/bool/false", "0"},
      {"/bool/1", "1"},
      {"/bool/0", "0"},
      {"/bool/yes", "none"},
      {"/half/0.5", "half"},
      {"/half/5e-1", "half"},
      {"/half/0.5s", "other"},
      {"/string/a%20b", "a b|a b|none"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.path);
    CHECK(client.get(c.path).body == c.body);
  }
}

TEST_CASE("a typed pattern lets only its type through", "[request]") {
  weir::Server server;
  server.get("/u/{id:int}", [](const weir::Request& r) { return shown(r.param<long>("id")); });
  server.get("/n/{id:uint}",
             [](const weir::Request& r) { return shown(r.param<std::uint64_t>("id")); });
  weir::testing::Client client(server);
  struct Case {
    const char* path;
    int status;
    const char* body;
  };
  constexpr Case kCases[] = {
      {"/u/42", 200, "42"},
      {"/u/-42", 200, "-42"},
      {"/u/9223372036854775807", 200, "9223372036854775807"},
      {"/u/9223372036854775808", 404, nullptr},
      {"/u/x", 404, nullptr},
      {"/u/4.2", 404, nullptr},
      {"/u/", 404, nullptr},
      {"/u/%34%32", 200, "42"},
      {"/n/42", 200, "42"},
      {"/n/-42", 404, nullptr},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.path);
    const auto answer = client.get(c.path);
    CHECK(answer.status == c.status);
    if (c.body != nullptr) CHECK(answer.body == c.body);
  }
}

TEST_CASE("path, parameters and target of one request", "[request]") {
  struct Case {
    const char* name;
    const char* target;
    int status;
    const char* path;
    const char* param;  // of /p/{x} or /files/{rest...}
  };
  constexpr Case kCases[] = {
      {"plain", "/p/abc", 200, "/p/abc", "abc"},
      {"decoded", "/p/a%62c%20d", 200, "/p/abc d", "abc d"},
      {"UTF-8", "/p/%C3%A9", 200, "/p/\xC3\xA9", "\xC3\xA9"},
      {"plus is a plus", "/p/a+b", 200, "/p/a+b", "a+b"},
      {"an encoded slash is data", "/p/a%2Fb", 200, "/p/a%2Fb", "a/b"},
      {"in small letters too", "/p/a%2fb", 200, "/p/a%2Fb", "a/b"},
      {"an encoded percent is no escape", "/p/a%252Fb", 200, "/p/a%2Fb", "a%2Fb"},
      {"dot segments", "/q/../p/./abc", 200, "/p/abc", "abc"},
      {"encoded dot segments", "/q/%2E%2e/p/%2E/abc", 200, "/p/abc", "abc"},
      {"a dot segment at the end", "/files/a/.", 200, "/files/a/", "a/"},
      {"two at the end", "/files/a/b/..", 200, "/files/a/", "a/"},
      {"above the root", "/../p/abc", 400, nullptr, nullptr},
      {"encoded above the root", "/%2e%2e/p/abc", 400, nullptr, nullptr},
      {"NUL", "/p/a%00b", 400, nullptr, nullptr},
      {"a bad escape", "/p/a%2", 400, nullptr, nullptr},
      {"no hex digit", "/p/a%GG", 400, nullptr, nullptr},
      {"no UTF-8", "/p/a%FF", 400, nullptr, nullptr},
      {"overlong UTF-8", "/p/%C0%AF", 400, nullptr, nullptr},
      {"two slashes are two", "/p//abc", 404, nullptr, nullptr},
      {"a rest", "/files/a/b", 200, "/files/a/b", "a/b"},
      {"an empty rest", "/files/", 200, "/files/", ""},
      {"no rest", "/files", 404, nullptr, nullptr},
      {"an encoded slash in a rest", "/files/a%2Fb/c", 200, "/files/a%2Fb/c", "a%2Fb/c"},
      {"a climb inside a rest", "/files/a/../b", 200, "/files/b", "b"},
      {"an encoded climb stays data", "/files/..%2Fb", 200, "/files/..%2Fb", "..%2Fb"},
      {"a rest that begins with a slash", "/files//b", 200, "/files//b", "/b"},
      {"with a query", "/p/abc?x=%00", 200, "/p/abc", "abc"},
      {"absolute", "http://h/p/abc?x", 200, "/p/abc", "abc"},
  };
  weir::Server server;
  std::string path, target, param, pattern;
  const auto see = [&](const weir::Request& r, const char* name) {
    path = r.path();
    target = r.target();
    param = r.param(name);
    pattern = r.pattern();
    return r.param("other").empty() && r.params().size() == 1 && r.params()[0].name == name;
  };
  for (const bool pooled : {false, true}) {
    weir::Server one;
    const auto short_one = [&](const weir::Request& r, weir::Response& res) {
      res.text(see(r, "x") ? "ok" : "bad");
    };
    const auto rest = [&](const weir::Request& r, weir::Response& res) {
      res.text(see(r, "rest") ? "ok" : "bad");
    };
    if (pooled) {
      one.get("/p/{x}", weir::blocking(short_one)).get("/files/{rest...}", weir::blocking(rest));
    } else {
      one.get("/p/{x}", short_one).get("/files/{rest...}", rest);
    }
    weir::testing::Client client(one);
    for (const Case& c : kCases) {
      CAPTURE(c.name, c.target, pooled);
      const auto answer = client.get(c.target);
      CHECK(answer.status == c.status);
      if (c.path == nullptr) continue;
      CHECK(answer.body == "ok");
      CHECK(path == c.path);
      CHECK(param == c.param);
      CHECK(target == c.target);
      CHECK(pattern == (param == path.substr(3) || path[1] == 'p' ? "/p/{x}" : "/files/{rest...}"));
    }
  }
}

TEST_CASE("query and form fields are decoded when they are asked for", "[request]") {
  weir::Server server;
  server.get("/q", [](const weir::Request& r) {
    return std::string(r.query()) + "|" + r.query("a").value_or("none") + "|" +
           r.query("b b").value_or("none");
  });
  server.get("/all", [](const weir::Request& r) {
    std::string all;
    for (const auto [name, value] : r.query_items())
      all.append(name).append("=").append(value).append(";");
    return all;
  });
  server.post("/form", [](const weir::Request& r) {
    return r.form("a").value_or("none") + "|" + r.form("b").value_or("none");
  });
  weir::testing::Client client(server);
  CHECK(client.get("/q").body == "|none|none");
  CHECK(client.get("/q?").body == "|none|none");
  CHECK(client.get("/q?a=1&a=2").body == "a=1&a=2|1|none");
  CHECK(client.get("/q?a=%20x+y&b+b=%26").body == "a=%20x+y&b+b=%26| x y|&");
  CHECK(client.get("/q?a").body == "a||none");
  CHECK(client.get("/q?A=1").body == "A=1|none|none");
  CHECK(client.get("/all?a=%20&b").body == "a=%20;b=;");
  const weir::testing::Fields form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  CHECK(client.post("/form", "a=1+2&b=%C3%A9", form).body == "1 2|\xC3\xA9");
  CHECK(client.post("/form", "", form).body == "none|none");
}

TEST_CASE("fields are found whatever their case, and walked in order", "[request]") {
  weir::Server server;
  server.get("/", [](const weir::Request& r, weir::Response& res) {
    std::string all;
    for (const auto [name, value] : r.headers())
      all.append(name).append("=").append(value).append(";");
    CHECK(r.headers().size() == 5);
    CHECK(r.header("x-two") == "a");
    CHECK(r.header("HOST") == "h");
    CHECK(r.header("X-Empty") == "");
    CHECK(r.has_header("x-empty"));
    CHECK(r.header("X-None") == "");
    CHECK_FALSE(r.has_header("X-None"));
    CHECK_FALSE(r.has_header("X-Tw"));
    res.text(all);
  });
  weir::testing::Client client(server);
  client.send_raw(
      "GET / HTTP/1.1\r\nHost: h\r\nX-Two: a\r\nx-two:  b \r\nX-Empty:\r\nZ: z\r\n\r\n");
  CHECK(client.receive().body == "Host=h;X-Two=a;x-two=b;X-Empty=;Z=z;");
}

TEST_CASE("cookies are found in every line", "[request]") {
  weir::Server server;
  server.get("/{name}", [](const weir::Request& r) {
    return std::string(r.cookie(r.param("name")).value_or("none"));
  });
  weir::testing::Client client(server);
  const weir::testing::Fields fields = {{"Cookie", "a=1; b=%20; a=2; empty="}, {"cookie", "c=3"}};
  CHECK(client.get("/a", fields).body == "1");
  CHECK(client.get("/b", fields).body == "%20");
  CHECK(client.get("/c", fields).body == "3");
  CHECK(client.get("/empty", fields).body == "");
  CHECK(client.get("/A", fields).body == "none");
  CHECK(client.get("/a").body == "none");
}

TEST_CASE("method, version and ends of a request", "[request]") {
  weir::Server server;
  server.any("/", [](const weir::Request& r) {
    CHECK_FALSE(r.is_secure());
    CHECK(r.remote_address() == weir::Endpoint());
    CHECK(r.local_address() == weir::Endpoint());
    return std::string(r.method_text()) + " " + std::to_string(static_cast<int>(r.method())) + " " +
           std::to_string(r.version()) + " " + std::string(r.body());
  });
  weir::testing::Client client(server);
  const auto number = [](weir::Method m) { return std::to_string(static_cast<int>(m)); };
  CHECK(client.get("/").body == "GET " + number(weir::Method::get) + " 11 ");
  CHECK(client.request("PATCH", "/", "x").body == "PATCH " + number(weir::Method::patch) + " 11 x");
  CHECK(client.request("BREW", "/", "x").body == "BREW " + number(weir::Method::unknown) + " 11 x");
  client.send_raw("GET / HTTP/1.0\r\n\r\n");
  CHECK(client.receive().body == "GET " + number(weir::Method::get) + " 10 ");
  CHECK(client.is_closed());
}

TEST_CASE("values go by type from middleware to handler and end after the done hooks",
          "[request]") {
  int live = 0;
  int seen_in_done = 0;
  struct Sets {
    int* live;
    int* seen;
    void before(weir::Request& r, weir::Response&) const {
      r.set(Counted(live));
      r.set(std::string("first"));
      r.set(std::string("second"));
      CHECK(r.get<long>() == nullptr);
    }
    void done(const weir::Request& r, const weir::Outcome&) const {
      if (r.get<Counted>() != nullptr && *r.get<std::string>() == "second") ++*seen;
      CHECK(*live == 1);
    }
  };
  const auto handler = [&live](const weir::Request& r, weir::Response& res) {
    CHECK(live == 1);
    r.set<int>(7);
    res.text(*r.get<std::string>() + std::to_string(*r.get<int>()));
  };
  weir::Server server;
  server.group("/done", [&](weir::Router& group) {
    group.use(Sets{&live, &seen_in_done});
    group.any("/inline", handler);
    group.any("/pooled", weir::blocking(handler));
    group.any("/deferred", [](const weir::Request&, weir::Response& res) {
      weir::Reply reply = res.defer();
      reply.text(*reply.request().get<std::string>() + "7");
    });
  });
  server.group("/plain", [&](weir::Router& group) {  // without a done hook
    group.use([&](weir::Request& r, weir::Response&) {
      r.set(Counted(&live));
      r.set(std::string("second"));
    });
    group.any("/inline", handler);
    group.any("/pooled", weir::blocking(handler));
  });
  {
    weir::testing::Client client(server);
    int requests = 0;
    for (const char* path : {"/done/inline", "/done/pooled", "/done/deferred"}) {
      CAPTURE(path);
      CHECK(client.get(path).body == "second7");
      client.settle();
      CHECK(seen_in_done == ++requests);
      CHECK(live == 0);
      CHECK(client.post(path, std::string(100'000, 'x')).body == "second7");
      client.settle();
      CHECK(seen_in_done == ++requests);
      CHECK(live == 0);
    }
    for (const char* path : {"/plain/inline", "/plain/pooled"}) {
      CAPTURE(path);
      CHECK(client.get(path).body == "second7");
      client.settle();
      CHECK(live == 0);
    }
  }
  CHECK(live == 0);
}
