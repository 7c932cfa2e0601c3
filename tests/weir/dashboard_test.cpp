// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <weir/dashboard.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
    ++n;
  return n;
}

/// What stands between `before` and `after` in `text`.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t from = text.find(before);
  if (from == std::string_view::npos) return {};
  const std::size_t begin = from + before.size();
  return std::string(text.substr(begin, text.find(after, begin) - begin));
}

}  // namespace

TEST_CASE("the page runs nothing but its own script", "[dashboard]") {
  weir::Server server;
  weir::DashboardOptions options;
  options.title = "a <b> & \"c\" @nonce@";
  weir::dashboard(server, server, options);
  weir::testing::Client client(server);
  const weir::testing::Answer page = client.get("/");
  CHECK(page.status == 200);
  CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.header("Cache-Control") == "no-store");
  CHECK(page.header("X-Content-Type-Options") == "nosniff");
  const std::string policy(page.header("Content-Security-Policy"));
  const std::string nonce = between(policy, "script-src 'nonce-", "'");
  CHECK(nonce.size() == 32);
  CHECK(policy.find("default-src 'none'") == 0);
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(count(page.body, "<script") == 1);
  CHECK(count(page.body, "<style") == 1);
  CHECK(count(page.body, "nonce=\"" + nonce + "\"") == 2);
  CHECK(page.body.find("<title>a &lt;b&gt; &amp; &quot;c&quot; @nonce@</title>") !=
        std::string::npos);
  for (const char* const word :
       {"http://", "https://", "innerHTML", "@title@", " style=", " onclick="}) {
    CAPTURE(word);
    CHECK(page.body.find(word) == std::string::npos);
  }
  const weir::testing::Answer again = client.get("/");
  CHECK(between(again.header("Content-Security-Policy"), "script-src 'nonce-", "'") != nonce);
}

TEST_CASE("the dashboard stands at any path, behind its group's middleware", "[dashboard]") {
  weir::Server server;
  server.get("/", [] { return "the application's"; });
  server.group("/in side", [&](weir::Router& outer) {
    outer.group("/admin", [&](weir::Router& admin) {
      admin.use([](weir::Request& req, weir::Response& res) {
        if (req.header("Authorization") == "mine") return weir::Next::proceed;
        res.status(weir::Status::unauthorized);
        return weir::Next::done;
      });
      weir::DashboardOptions options;
      options.tries.push_back({"POST", "/echo", "A: b\nC: d", "{\"x\":\"\\\x01\"}"});
      options.tries.push_back({"GET", "/users/{id}"});
      weir::dashboard(admin, server, options);
    });
  });
  weir::testing::Client client(server);
  CHECK(client.get("/").body == "the application's");
  for (const char* const path : {"", "/", "/events", "/tries"}) {
    CAPTURE(path);
    CHECK(client.get("/in%20side/admin" + std::string(path)).status == 401);
  }
  weir::testing::Connection mine = client.connect();
  const weir::testing::Answer slash = mine.get("/in%20side/admin", {{"Authorization", "mine"}});
  CHECK(slash.status == 308);
  CHECK(slash.header("Location") == "./admin/");
  CHECK(mine.get("/in%20side/admin/", {{"Authorization", "mine"}}).status == 200);
  CHECK(mine.get("/in%20side/admin/tries", {{"Authorization", "mine"}}).body ==
        "{\"path\":\"/in side/admin/\",\"tries\":["
        "{\"method\":\"POST\",\"path\":\"/echo\",\"fields\":\"A: b\\u000aC: d\","
        "\"body\":\"{\\\"x\\\":\\\"\\\\\\u0001\\\"}\"},"
        "{\"method\":\"GET\",\"path\":\"/users/{id}\",\"fields\":\"\",\"body\":\"\"}]}");
}

TEST_CASE("snapshots are made while somebody watches, once for all", "[dashboard]") {
  weir::Server server;
  int made = 0;
  weir::DashboardOptions options;
  options.period = 1s;
  options.max_watchers = 2;
  options.snapshot = [&made] { return "{\"n\":" + std::to_string(++made) + "}"; };
  weir::dashboard(server, server, options);
  weir::testing::Client client(server);
  client.advance(10s);
  CHECK(made == 0);
  weir::testing::Connection one = client.connect();
  one.send_raw(get("/events"));
  CHECK(one.receive_raw().find("event: metrics\ndata: {\"n\":1}\n\n") != std::string::npos);
  client.advance(500ms);
  weir::testing::Connection two = client.connect();
  two.send_raw(get("/events"));
  CHECK(two.receive_raw().find("data: {\"n\":1}\n\n") != std::string::npos);
  CHECK(client.get("/events").status == 503);
  for (int i = 2; i < 6; ++i) {
    client.advance(1s);
    const std::string data = "data: {\"n\":" + std::to_string(i) + "}\n\n";
    CHECK(one.receive_raw().find(data) != std::string::npos);
    CHECK(two.receive_raw().find(data) != std::string::npos);
  }
  one.vanish();
  two.vanish();
  client.settle();
  for (int i = 0; i < 10; ++i) client.advance(1s);
  CHECK(made == 5);
  weir::testing::Connection three = client.connect();
  three.send_raw(get("/events"));
  CHECK(three.receive_raw().find("data: {\"n\":6}\n\n") != std::string::npos);
  client.advance(1s);
  CHECK(three.receive_raw().find("data: {\"n\":7}\n\n") != std::string::npos);
}

TEST_CASE("the snapshots go on in a server that was started again", "[dashboard]") {
  weir::Server server;
  weir::dashboard(server, server);
  for (int run = 0; run < 2; ++run) {
    weir::testing::Client client(server);  // its loop ends with it, and drops what waits
    weir::testing::Connection one = client.connect();
    one.send_raw(get("/events"));
    CHECK(one.receive_raw().find("\"requests\":") != std::string::npos);
    client.advance(1s);
    CHECK(one.receive_raw().find("\"requests\":") != std::string::npos);
  }
}

TEST_CASE("options of the dashboard are checked", "[dashboard]") {
  weir::Server server;
  weir::DashboardOptions options;
  options.period = 99ms;
  CHECK_THROWS_WITH(weir::dashboard(server, server, options), Catch::Contains("period"));
  options = {};
  options.max_watchers = 0;
  CHECK_THROWS_WITH(weir::dashboard(server, server, options), Catch::Contains("max_watchers"));
  weir::dashboard(server, server);
  CHECK_THROWS_AS(weir::dashboard(server, server), std::invalid_argument);  // taken
}
