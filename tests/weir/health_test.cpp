// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>
#include <weir/health.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using weir::HealthCheck;
using weir::testing::Answer;

namespace {

const weir::testing::Fields kJson = {{"Accept", "application/json"}};

}  // namespace

TEST_CASE("liveness says ok", "[health]") {
  weir::Server server;
  server.get("/healthz", weir::liveness());
  weir::testing::Client client(server);
  const Answer answer = client.get("/healthz");
  CHECK(answer.status == 200);
  CHECK(answer.body == "ok");
  CHECK(answer.header("Cache-Control") == "no-store");
}

TEST_CASE("readiness without checks is ready until the server is asked to stop", "[health]") {
  weir::Server server;
  server.get("/readyz", weir::readiness(server));
  weir::testing::Client client(server);
  CHECK(client.get("/readyz").status == 200);
  CHECK(client.get("/readyz").body == "ready");
  CHECK(client.get("/readyz", kJson).body == R"({"status":"ready","checks":{}})");

  server.stop();
  const Answer answer = client.get("/readyz");
  CHECK(answer.status == 503);
  CHECK(answer.body == "draining");
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(client.get("/readyz", kJson).body == R"({"status":"draining","checks":{}})");
}

TEST_CASE("readiness says which checks fail, and why", "[health]") {
  struct Case {
    std::string what;
    HealthCheck check;
    std::string wrong;  // empty: well
  };
  const std::vector<Case> cases = {
      {"true", HealthCheck("it", [] { return true; }), ""},
      {"false", HealthCheck("it", [] { return false; }), "failed"},
      {"an empty string", HealthCheck("it", [] { return std::string(); }), ""},
      {"a string", HealthCheck("it", [] { return "no \"quotes\" \\"; }), "no \"quotes\" \\"},
      {"an exception", HealthCheck("it", []() -> bool { throw std::runtime_error("refused"); }),
       "refused"},
      {"an exception without words",
       HealthCheck("it", []() -> bool { throw std::runtime_error(""); }), "failed"},
      {"something else thrown", HealthCheck("it", []() -> bool { throw 1; }), "failed"},
      {"lines", HealthCheck("it", [] { return "a\r\nb\xFF"; }), "a??b?"},
      {"length", HealthCheck("it", [] { return std::string(1000, 'x'); }), std::string(200, 'x')},
  };
  const bool pooled = GENERATE(false, true);
  CAPTURE(pooled);
  for (const Case& one : cases) {
    CAPTURE(one.what);
    weir::Server server;
    auto handler =
        weir::readiness(server, HealthCheck("first", [] { return true; }), HealthCheck(one.check));
    if (pooled) {
      server.get("/readyz", weir::blocking(handler));
    } else {
      server.get("/readyz", handler);
    }
    weir::testing::Client client(server);
    const Answer text = client.get("/readyz");
    const Answer json = client.get("/readyz", kJson);
    const int status = one.wrong.empty() ? 200 : 503;
    CHECK(text.status == status);
    CHECK(json.status == status);
    CHECK(text.body == (one.wrong.empty() ? "ready" : "not ready\nit: " + one.wrong));
    CHECK(nlohmann::json::parse(json.body) ==
          nlohmann::json{
              {"status", one.wrong.empty() ? "ready" : "not ready"},
              {"checks", {{"first", "ok"}, {"it", one.wrong.empty() ? "ok" : one.wrong}}}});
  }
}

TEST_CASE("no check runs while the server drains", "[health]") {
  weir::Server server;
  auto calls = std::make_shared<int>(0);
  server.get("/readyz",
             weir::readiness(server, HealthCheck("it", [calls] { return ++*calls > 0; })));
  weir::testing::Client client(server);
  client.get("/readyz");
  CHECK(*calls == 1);
  server.stop();
  client.get("/readyz");
  CHECK(*calls == 1);
}

TEST_CASE("names of checks are looked at when they are set up", "[health]") {
  weir::Server server;
  const auto well = [] { return true; };
  CHECK_THROWS_AS(weir::readiness(server, HealthCheck("", well)), std::invalid_argument);
  CHECK_THROWS_AS(weir::readiness(server, HealthCheck("a\nb", well)), std::invalid_argument);
  CHECK_THROWS_AS(weir::readiness(server, HealthCheck("a", well), HealthCheck("a", well)),
                  std::invalid_argument);
  std::vector<HealthCheck> many;
  for (int i = 0; i < 65; ++i) many.emplace_back(std::to_string(i), well);
  CHECK_THROWS_AS(weir::Readiness(server, many), std::invalid_argument);
  many.pop_back();
  CHECK_NOTHROW(weir::Readiness(server, many));
}
