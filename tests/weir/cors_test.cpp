// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <stdexcept>
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

TEST_CASE("CORS options that cannot be are refused", "[cors]") {
  weir::CorsOptions options;
  CHECK_THROWS_AS(weir::Cors(options), std::invalid_argument);
  options.origins = {"*"};
  CHECK_NOTHROW(weir::Cors(options));
  options.credentials = true;
  CHECK_THROWS_AS(weir::Cors(options), std::invalid_argument);
}
