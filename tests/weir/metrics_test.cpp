// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <weir/metrics.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

TEST_CASE("a snapshot as JSON has every field that a dashboard reads", "[metrics]") {
  weir::Server server;
  server.get("/users/{id}", [] { return "Hello"; });
  const weir::Metrics metrics(server);
  weir::testing::Client client(server);
  client.get("/users/1");
  client.get("/users/2");
  client.get("/nothing");
  client.advance(std::chrono::milliseconds(100));

  const auto all = nlohmann::json::parse(to_json(metrics.snapshot()));
  for (const char* name : {"time_ms", "uptime_ms", "requests", "accepted", "connections",
                           "bytes_in", "bytes_out", "stalls"}) {
    CAPTURE(name);
    CHECK(all.at(name).is_number_unsigned());
  }
  CHECK(all.at("draining") == false);
  CHECK(all.at("requests") == 3);
  CHECK(all.at("accepted") == 1);
  CHECK(all.at("connections_by_state") ==
        nlohmann::json{{"idle", 1}, {"reading", 0}, {"handling", 0}, {"writing", 0}});
  CHECK(all.at("pool") ==
        nlohmann::json{
            {"threads", 4}, {"running", 0}, {"queued", 0}, {"wait_p50_us", 0}, {"wait_p99_us", 0}});
  CHECK(all.at("loops") ==
        nlohmann::json::array({{{"lag_us", 0}, {"connections", 1}, {"requests", 3}}}));
  CHECK(all.at("counters").size() == weir::kCounterCount);
  CHECK(all.at("counters").at("head_timeouts") == 0);
  CHECK(all.at("buckets_us").size() + 1 == all.at("routes").at(0).at("hist").size());
  REQUIRE(all.at("routes").size() == 2);
  CHECK(all.at("routes").at(0).at("pattern") == "unmatched");
  nlohmann::json users = all.at("routes").at(1);
  CHECK(users.at("hist").at(0) == 2);
  users.erase("hist");
  CHECK(users == nlohmann::json{{"method", "GET"},
                                {"pattern", "/users/{id}"},
                                {"count", 2},
                                {"status", {{"2xx", 2}, {"3xx", 0}, {"4xx", 0}, {"5xx", 0}}},
                                {"p50_us", 5},
                                {"p90_us", 9},
                                {"p99_us", 9},
                                {"bytes_out", 10}});
}
