// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <weir/server_timing.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::testing::Answer;
using weir::testing::Client;

namespace {

/// `text` with the number behind each "total;dur=" and "span;dur=" as "#".
std::string without_times(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    constexpr std::string_view kDur = ";dur=";
    const bool measured = text.substr(i, kDur.size()) == kDur &&
                          (out.size() >= 4 && (out.substr(out.size() - 4) == "span" ||
                                               out.substr(out.size() - 4) == "otal"));
    if (!measured) {
      out.push_back(text[i++]);
      continue;
    }
    out.append(kDur).append("#");
    i += kDur.size();
    while (i < text.size() && (text[i] == '.' || (text[i] >= '0' && text[i] <= '9'))) ++i;
  }
  return out;
}

}  // namespace

TEST_CASE("entries come in their order, the total last", "[server_timing]") {
  weir::Server server;
  server.use(weir::server_timing());
  server.get("/", [] { return "x"; });
  const auto measured = [](const weir::Request& req) {
    const weir::Timing timing = weir::timing(req);
    timing.add("cache", "hit \"1\" \\ \xc3\xa4");
    timing.add("db", 1234567ns, "query");
    timing.add("none", -1ns);
    auto span = timing.span("span", "s");
    auto moved = std::move(span);
    moved.stop();
    moved.stop();
    return "x";
  };
  server.get("/measured", measured);
  server.get("/pooled", weir::blocking(measured));
  Client client(server);
  CHECK(without_times(client.get("/").header("Server-Timing")) == "total;dur=#");
  for (const char* const target : {"/measured", "/pooled"}) {
    CAPTURE(target);
    CHECK(without_times(client.get(target).header("Server-Timing")) ==
          R"(cache;desc="hit \"1\" \\ ??", db;dur=1.234;desc="query", none;dur=0.000, )"
          R"(span;dur=#;desc="s", total;dur=#)");
  }
  CHECK(without_times(client.get("/nowhere").header("Server-Timing")) == "total;dur=#");
}

TEST_CASE("what is too much is dropped", "[server_timing]") {
  weir::ServerTimingOptions options;
  options.total.clear();
  weir::Server server;
  server.use(weir::server_timing(options));
  server.get("/", [](const weir::Request& req) {
    for (int i = 0; i < 100; ++i)
      weir::timing(req).add("a", std::string_view(std::string(1000, 'd')));
    return "x";
  });
  server.get("/none", [] { return "x"; });
  Client client(server);
  const std::string value(client.get("/").header("Server-Timing"));
  const std::size_t entry = std::string("a;desc=\"\"").size() + weir::Timing::kMaxDescription;
  CHECK(value.size() == weir::Timing::kMaxEntries * (entry + 2) - 2);
  CHECK_FALSE(client.get("/none").has_header("Server-Timing"));
}

TEST_CASE("without the middleware nothing is measured, and names are still checked",
          "[server_timing]") {
  weir::ServerTimingOptions options;
  options.applies = [](const weir::Request& req) { return req.has_header("X-Developer"); };
  weir::Server server;
  server.get("/without", [](const weir::Request& req) {
    weir::timing(req).add("a", 1ms);
    const auto span = weir::timing(req).span("b");
    CHECK_THROWS_AS(weir::timing(req).add("a b", 1ms), std::invalid_argument);
    CHECK_THROWS_AS(weir::timing(req).span(""), std::invalid_argument);
    return "x";
  });
  server.group("", [&](weir::Router& group) {
    group.use(weir::server_timing(options));
    group.get("/", [] { return "x"; });
  });
  Client client(server);
  CHECK_FALSE(client.get("/without").has_header("Server-Timing"));
  CHECK_FALSE(client.get("/").has_header("Server-Timing"));
  CHECK(client.get("/", {{"X-Developer", "1"}}).has_header("Server-Timing"));
  options.total = "a b";
  CHECK_THROWS_WITH(weir::server_timing(options), Catch::Contains("ServerTimingOptions::total"));
}

TEST_CASE("a span that outlives its answer is lost", "[server_timing]") {
  weir::Server server;
  server.use(weir::server_timing());
  weir::Timing kept;
  server.get("/", [&kept](const weir::Request& req) {
    kept = weir::timing(req);
    return "x";
  });
  Client client(server);
  CHECK(client.get("/").status == 200);
  std::thread([kept] { kept.add("late", 1ms); }).join();
  CHECK(without_times(client.get("/").header("Server-Timing")) == "total;dur=#");
}
