// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <weir/cors.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using weir::testing::Answer;
using weir::testing::Client;

TEST_CASE("a listed origin is let in, preflights go in front of what follows", "[cors]") {
  weir::CorsOptions options;
  options.origins = {"https://a.example"};
  options.headers = {"X-One"};
  options.exposed = {"X-Two"};
  options.credentials = true;
  weir::Server server;
  server.use(weir::Cors(options));
  server.use([](weir::Request& req, weir::Response& res) {
    if (req.has_header("Authorization")) return weir::Next::proceed;
    res.status(weir::Status::unauthorized);
    return weir::Next::done;
  });
  server.get("/", [] { return "in"; });
  Client client(server);
  const Answer preflight =
      client.request("OPTIONS", "/", {},
                     {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "GET"}});
  CHECK(preflight.status == 204);
  CHECK(preflight.header("Access-Control-Allow-Origin") == "https://a.example");
  CHECK(preflight.header("Access-Control-Allow-Methods") == "GET, HEAD, POST");
  CHECK(preflight.header("Access-Control-Allow-Headers") == "X-One");
  CHECK(preflight.header("Access-Control-Max-Age") == "600");
  const Answer refused = client.get("/", {{"Origin", "https://a.example"}});
  CHECK(refused.status == 401);
  CHECK(refused.header("Access-Control-Allow-Origin") == "https://a.example");
  CHECK(refused.header("Access-Control-Allow-Credentials") == "true");
  CHECK(refused.header("Access-Control-Expose-Headers") == "X-Two");
  for (const char* origin : {"null", "https://b.example", "https://a.example.evil"}) {
    const Answer other = client.get("/", {{"Origin", origin}, {"Authorization", "x"}});
    CHECK(other.status == 200);
    CHECK(other.header("Vary") == "Origin");
    CHECK_FALSE(other.has_header("Access-Control-Allow-Origin"));
  }
}

TEST_CASE("every answer to an origin that is let in says so", "[cors]") {
  weir::CorsOptions options;
  options.origins = {"https://a.example"};
  weir::Server server;
  server.use(weir::Cors(options));
  const auto plain = [] { return "x"; };
  server.get("/plain", plain);
  server.get("/pooled", weir::blocking(plain));
  server.get("/late", [](const weir::Request&, weir::Response& res) { res.defer().text("x"); });
  server.get("/streamed", [](const weir::Request&, weir::Response& res) {
    weir::Stream out = res.stream();
    out.end();
  });
  server.get("/thrown", []() -> std::string { throw weir::HttpError(weir::Status::conflict); });
  Client client(server);
  for (const char* target : {"/plain", "/pooled", "/late", "/streamed", "/thrown", "/nowhere"}) {
    CAPTURE(target);
    const Answer answer = client.get(target, {{"Origin", "https://a.example"}});
    CHECK(answer.header("Access-Control-Allow-Origin") == "https://a.example");
    CHECK(answer.header("Vary") == "Origin");
    CHECK_FALSE(answer.has_header("Access-Control-Allow-Credentials"));
    CHECK_FALSE(answer.has_header("Access-Control-Allow-Methods"));
  }
}

TEST_CASE("a preflight is one whatever the path; other OPTIONS go their way", "[cors]") {
  weir::CorsOptions options;
  options.origins = {"*"};
  options.methods = {"PUT"};
  options.headers = {"*"};
  weir::Server server;
  server.use(weir::Cors(options));
  server.put("/", [] { return "in"; });
  server.options("/own", [] { return "own"; });
  Client client(server);
  for (const char* target : {"/", "/own", "/nowhere"}) {
    CAPTURE(target);
    const Answer preflight =
        client.request("OPTIONS", target, {},
                       {{"Origin", "https://x.example"}, {"Access-Control-Request-Method", "PUT"}});
    CHECK(preflight.status == 204);
    CHECK(preflight.header("Access-Control-Allow-Origin") == "*");
    CHECK(preflight.header("Access-Control-Allow-Methods") == "PUT");
    CHECK(preflight.header("Access-Control-Allow-Headers") == "*");
    CHECK_FALSE(preflight.has_header("Vary"));
  }
  const Answer automatic = client.request("OPTIONS", "/", {}, {{"Origin", "https://x.example"}});
  CHECK(automatic.status == 204);
  CHECK(automatic.has_header("Allow"));
  CHECK(client.request("OPTIONS", "/own").body == "own");
}

TEST_CASE("Vary is said once", "[cors]") {
  weir::CorsOptions options;
  options.allows = [](std::string_view origin) { return origin == "https://b.example"; };
  weir::Server server;
  server.use(weir::Cors(options));
  server.get("/{vary}", [](const weir::Request& req, weir::Response& res) {
    res.header("Vary", req.param("vary")).text("x");
  });
  struct Case {
    const char* target;
    int fields;
  };
  Client client(server);
  for (const Case& c : {Case{"/origin", 1}, Case{"/Accept,%20Origin", 1}, Case{"/*", 1},
                        Case{"/Accept", 2}, Case{"/Origins", 2}}) {
    CAPTURE(c.target);
    const Answer answer = client.get(c.target, {{"Origin", "https://b.example"}});
    CHECK(answer.header("Access-Control-Allow-Origin") == "https://b.example");
    int fields = 0;
    for (const auto& [name, value] : answer.headers) fields += name == "Vary" ? 1 : 0;
    CHECK(fields == c.fields);
  }
  CHECK_FALSE(client.get("/x", {{"Origin", "https://c.example"}})
                  .has_header("Access-Control-Allow-Origin"));
}

TEST_CASE("CORS options that cannot be are refused by name", "[cors]") {
  using Options = weir::CorsOptions;
  struct Case {
    void (*change)(Options&);
    const char* words;
  };
  const Case cases[] = {
      {[](Options& o) { o.origins.clear(); }, "origins: must not be empty"},
      {[](Options& o) {
         o.origins = {"*", "https://a.example"};
       },
       "stand alone"},
      {[](Options& o) { o.origins = {"a.example"}; }, "origins: must be like"},
      {[](Options& o) { o.origins = {"https://"}; }, "origins: must be like"},
      {[](Options& o) { o.origins = {"https://a.example/"}; }, "no path"},
      {[](Options& o) { o.origins = {"https://A.example"}; }, "lower case"},
      {[](Options& o) { o.origins = {"https://a.example\r\n"}; }, "lower case"},
      {[](Options& o) {
         o.origins = {"*"};
         o.credentials = true;
       },
       "credentials: must not"},
      {[](Options& o) {
         o.origins = {"*"};
         o.allows = [](std::string_view) { return true; };
       },
       "allows: must not"},
      {[](Options& o) {
         o.headers = {"*"};
         o.credentials = true;
       },
       "headers: must not"},
      {[](Options& o) { o.methods = {"GET, PUT"}; }, "methods: must be tokens"},
      {[](Options& o) { o.exposed = {""}; }, "exposed: must be tokens"},
      {[](Options& o) { o.max_age = std::chrono::hours(25); }, "max_age"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.words);
    Options options;
    options.origins = {"https://a.example"};
    c.change(options);
    CHECK_THROWS_WITH(weir::Cors(options), Catch::Contains(c.words));
  }
  Options any;
  any.origins = {"*"};
  CHECK_NOTHROW(weir::Cors(any));
}
