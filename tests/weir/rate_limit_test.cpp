// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <weir/net/address_table.hpp>
#include <weir/rate_limit.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::RateLimit;
using weir::RateLimitOptions;
using weir::testing::Answer;
using weir::testing::Client;
using weir::testing::Connection;

namespace {

weir::Endpoint from(std::string_view host, std::uint16_t port = 40'000) {
  return weir::net::Address::ip(host, port).endpoint();
}

RateLimitOptions limit_of(double rate, std::uint32_t burst) {
  RateLimitOptions options;
  options.requests_per_second = rate;
  options.burst = burst;
  return options;
}

/// Statuses of `count` requests, one behind the other: "200 200 429".
std::string statuses(Connection& connection, int count, std::string_view target = "/") {
  std::string text;
  for (int i = 0; i < count; ++i) {
    if (!text.empty()) text += " ";
    text += std::to_string(connection.get(target).status);
  }
  return text;
}

}  // namespace

TEST_CASE("a client may make its burst, then its rate", "[rate_limit]") {
  weir::Server server;
  const RateLimit limit(limit_of(2, 3));
  server.use(limit).get("/", [] { return "in"; });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  CHECK(statuses(one, 5) == "200 200 200 429 429");
  client.advance(490ms);
  CHECK(statuses(one, 1) == "429");
  client.advance(10ms);
  CHECK(statuses(one, 2) == "200 429");
  client.advance(1'000ms);
  CHECK(statuses(one, 3) == "200 200 429");
  client.advance(1h);
  Connection again = client.connect(from("192.0.2.1"));
  CHECK(statuses(again, 4) == "200 200 200 429");
  CHECK(limit.refused() == 6);
}

TEST_CASE("a refusal says when to come back and keeps the connection", "[rate_limit]") {
  weir::Server server;
  server.use(RateLimit(limit_of(0.4, 1))).get("/", [] { return "in"; });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  CHECK(one.get("/").status == 200);
  const Answer refused = one.get("/");
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "3");  // 2.5, rounded up
  CHECK(refused.header("Content-Type") == "text/plain; charset=utf-8");
  CHECK(refused.body == "429 Too Many Requests\n");
  CHECK_FALSE(refused.has_header("RateLimit"));
  CHECK_FALSE(refused.has_header("RateLimit-Policy"));
  client.advance(1'600ms);
  CHECK(one.get("/").header("Retry-After") == "1");
  client.advance(900ms);
  CHECK(one.get("/").status == 200);  // on the same connection
  CHECK_FALSE(one.is_closed());
}

TEST_CASE("who is refused sends no content", "[rate_limit]") {
  weir::Server server;
  int handled = 0;
  server.use(RateLimit(limit_of(1, 1))).post("/", [&handled] { ++handled; });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  CHECK(one.post("/", "x").status == 204);
  one.send_raw(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
  const Answer refused = one.receive();
  CHECK(refused.status == 429);
  CHECK(refused.interim.empty());
  CHECK(handled == 1);
}

TEST_CASE("every method counts, the automatic ones too, and paths without a route",
          "[rate_limit]") {
  for (const char* const method : {"HEAD", "OPTIONS", "GET", "POST"})
    for (const char* const path : {"/", "/nowhere"}) {
      CAPTURE(method, path);
      weir::Server server;
      server.use(RateLimit(limit_of(1, 1))).get("/", [] { return "in"; });
      Client client(server);
      Connection one = client.connect(from("192.0.2.1"));
      CHECK(one.request(method, path).status != 429);
      CHECK(one.request(method, path).status == 429);
    }
}

TEST_CASE("clients are told apart by address, not by connection or port", "[rate_limit]") {
  struct Case {
    const char* name;
    const char* a;
    const char* b;
    bool together;
  };
  constexpr Case kCases[] = {
      {"the same address", "192.0.2.1", "192.0.2.1", true},
      {"two IPv4 addresses", "192.0.2.1", "192.0.2.2", false},
      {"one IPv6 /64", "2001:db8::1", "2001:db8::ffff:0:1", true},
      {"two IPv6 /64", "2001:db8:0:1::1", "2001:db8:0:2::1", false},
      {"mapped IPv4", "::ffff:192.0.2.1", "192.0.2.1", true},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    weir::Server server;
    server.use(RateLimit(limit_of(1, 2))).get("/", [] { return "in"; });
    Client client(server);
    Connection a = client.connect(from(c.a, 1));
    Connection b = client.connect(from(c.b, 2));
    CHECK(statuses(a, 3) == "200 200 429");
    CHECK(b.get("/").status == (c.together ? 429 : 200));
  }
}

TEST_CASE("peers without an address are not limited", "[rate_limit]") {
  weir::Server server;
  server.use(RateLimit(limit_of(1, 1))).get("/", [] { return "in"; });
  Client client(server);
  CHECK(statuses(client.connection(), 3) == "200 200 200");
}

TEST_CASE("a group has a limit of its own, copies share one", "[rate_limit]") {
  weir::Server server;
  const RateLimit shared(limit_of(1, 2));
  server.get("/free", [] { return "in"; });
  server.group("/a", [&](weir::Router& a) {
    a.use(shared);
    a.get("", [] { return "in"; });
  });
  server.group("/b", [&](weir::Router& b) {
    b.use(shared);
    b.get("", [] { return "in"; });
  });
  server.group("/c", [&](weir::Router& c) {
    c.use(RateLimit(limit_of(1, 1)));
    c.get("", [] { return "in"; });
  });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  CHECK(statuses(one, 1, "/a") == "200");
  CHECK(statuses(one, 2, "/b") == "200 429");
  CHECK(statuses(one, 1, "/a") == "429");
  CHECK(statuses(one, 2, "/c") == "200 429");
  CHECK(statuses(one, 9, "/free") == "200 200 200 200 200 200 200 200 200");
  CHECK(shared.refused() == 2);
}

TEST_CASE("a key names the client, and without one its address does", "[rate_limit]") {
  weir::Server server;
  RateLimitOptions options = limit_of(1, 1);
  options.key = [](const weir::Request& req) { return req.header("X-Key"); };
  server.use(RateLimit(options)).get("/", [] { return "in"; });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  Connection two = client.connect(from("192.0.2.2"));
  const auto get = [](Connection& connection, std::string_view key) {
    return connection.get("/", {{"X-Key", key}}).status;
  };
  CHECK(get(one, "a") == 200);
  CHECK(get(two, "a") == 429);
  CHECK(get(two, "b") == 200);
  CHECK(get(one, "") == 200);
  CHECK(get(one, "") == 429);
  CHECK(get(two, "") == 200);
}

TEST_CASE("a key cannot use up what an address has", "[rate_limit]") {
  const weir::net::AddressKey victim(from("192.0.2.1"));
  weir::Server server;
  RateLimitOptions options = limit_of(1, 1);
  options.key = [&victim](const weir::Request& req) {
    return req.has_header("X-Key") ? victim.bytes() : std::string_view();
  };
  server.use(RateLimit(options)).get("/", [] { return "in"; });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  CHECK(one.get("/", {{"X-Key", "1"}}).status == 200);
  CHECK(one.get("/", {{"X-Key", "1"}}).status == 429);
  CHECK(one.get("/").status == 200);
}

TEST_CASE("the application shapes a refusal", "[rate_limit]") {
  weir::Server server;
  RateLimitOptions options = limit_of(1, 1);
  options.status = weir::Status::service_unavailable;
  options.on_refused = [](const weir::Request& req, weir::Response& res) {
    res.json(R"({"slow down":")" + std::string(req.path()) + "\"}");
  };
  server.use(RateLimit(options)).get("/x", [] { return "in"; });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  CHECK(one.get("/x").status == 200);
  const Answer refused = one.get("/x");
  CHECK(refused.status == 503);
  CHECK(refused.header("Retry-After") == "1");
  CHECK(refused.body == R"({"slow down":"/x"})");
}

TEST_CASE("a named policy tells clients what they have left", "[rate_limit]") {
  weir::Server server;
  RateLimitOptions options = limit_of(0.5, 2);
  options.policy = "site";
  server.use(RateLimit(options));
  server.get("/", [] { return "in"; });
  server.get("/later", [](const weir::Request&, weir::Response& res) { res.defer().text("in"); });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  Answer answer = one.get("/");
  CHECK(answer.header("RateLimit-Policy") == R"("site";q=2;w=4)");
  CHECK(answer.header("RateLimit") == R"("site";r=1;t=2)");
  client.advance(1'100ms);
  CHECK(one.get("/later").header("RateLimit") == R"("site";r=0;t=1)");
  answer = one.get("/");
  CHECK(answer.status == 429);
  CHECK(answer.header("RateLimit") == R"("site";r=0;t=1)");
  client.advance(10s);
  CHECK(one.get("/").header("RateLimit") == R"("site";r=1;t=2)");
  CHECK_FALSE(client.get("/").has_header("RateLimit"));  // has no address and no limit
}

TEST_CASE("two policies in a chain are both told", "[rate_limit]") {
  weir::Server server;
  RateLimitOptions outer = limit_of(10, 100);
  outer.policy = "all";
  RateLimitOptions inner = limit_of(1, 5);
  inner.policy = "group";
  server.use(RateLimit(outer));
  server.group("/g", [&](weir::Router& group) {
    group.use(RateLimit(inner));
    group.get("", [] { return "in"; });
  });
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  const Answer answer = one.get("/g");
  std::vector<std::string> lines;
  for (const auto& [name, value] : answer.headers)
    if (name == "RateLimit") lines.push_back(value);
  CHECK(lines == std::vector<std::string>{R"("group";r=4;t=1)", R"("all";r=99;t=1)"});
}

TEST_CASE("when more clients come than are remembered, none is refused for it", "[rate_limit]") {
  weir::Server server;
  RateLimitOptions options = limit_of(1, 3);
  options.max_addresses = 16;
  const RateLimit limit(options);
  server.use(limit).get("/", [] { return "in"; });
  Client client(server);
  Connection greedy = client.connect(from("192.0.2.1"));
  CHECK(statuses(greedy, 4) == "200 200 200 429");
  for (int i = 0; i < 1'000; ++i) {
    Connection once =
        client.connect(from("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1)));
    REQUIRE(once.get("/").status == 200);
  }
  CHECK(greedy.get("/").status == 429);  // and who has used up his burst is still known
  CHECK(limit.refused() == 2);
}

TEST_CASE("options that cannot be are refused by name", "[rate_limit]") {
  const auto refused = [](auto change) {
    RateLimitOptions options = limit_of(1, 1);
    change(options);
    try {
      const RateLimit limit(options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string rate =
      "weir::RateLimitOptions::requests_per_second: must be above 0 and at most 1,000,000";
  for (const double bad : {0.0, -1.0, 1e6 + 1, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()})
    CHECK(refused([&](RateLimitOptions& options) { options.requests_per_second = bad; }) == rate);
  CHECK(refused([](RateLimitOptions& options) { options.requests_per_second = 1e-9; }) ==
        "weir::RateLimitOptions::burst: must be refilled at requests_per_second in a year");
  CHECK(refused([](RateLimitOptions& options) { options.max_addresses = 0; }) ==
        "weir::RateLimitOptions::max_addresses: must be 1 to 2^32");
  CHECK(refused([](RateLimitOptions& options) { options.max_addresses = ~std::size_t{0}; }) ==
        "weir::RateLimitOptions::max_addresses: must be 1 to 2^32");
  CHECK(refused([](RateLimitOptions& options) { options.status = weir::Status::ok; }) ==
        "weir::RateLimitOptions::status: must be 400 to 599");
  CHECK(refused([](RateLimitOptions& options) { options.policy = "a\"b"; }) ==
        "weir::RateLimitOptions::policy: must be printable ASCII without quotes and backslashes");
  CHECK(refused([](RateLimitOptions& options) { options.requests_per_second = 1e6; }).empty());
  CHECK(refused([](RateLimitOptions& options) { options.policy = "a b"; }).empty());
}

TEST_CASE("a burst of 0 is a second's worth, at least one", "[rate_limit]") {
  struct Case {
    double rate;
    const char* statuses;
  };
  for (const Case& c : {Case{3, "200 200 200 429"}, Case{0.1, "200 429"}}) {
    weir::Server server;
    server.use(RateLimit(limit_of(c.rate, 0))).get("/", [] { return "in"; });
    Client client(server);
    Connection one = client.connect(from("192.0.2.1"));
    CHECK(statuses(one, c.rate < 1 ? 2 : 4) == c.statuses);
  }
}

TEST_CASE("several loops take from one bucket", "[rate_limit]") {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  const RateLimit limit(limit_of(0.001, 60));
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {  // a world each: its own loop, the middleware shared
      weir::Server server;
      server.use(limit).get("/", [] { return "in"; });
      Client client(server);
      Connection one = client.connect(from("192.0.2.1"));
      for (int i = 0; i < kEach; ++i)
        if (one.get("/").status == 200) ++served;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(served == 60);
  CHECK(limit.refused() == kThreads * kEach - 60);
}
