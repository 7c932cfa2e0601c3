// SPDX-License-Identifier: MIT
// JSON of a kilobyte in and out: by a typed handler of a server over memory, and the parts of that.
// What a request costs without JSON is BM_TextHandler; the client's own work is in both.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>
#include <weir/json.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using nlohmann::json;

struct Item {
  std::string name;
  int pieces = 0;
  double price = 0;
};
struct Order {
  std::int64_t id = 0;
  std::string customer;
  bool express = false;
  std::vector<Item> items;
};

void from_json(const json& in, Item& out) {
  in.at("name").get_to(out.name);
  out.pieces = weir::json_integer<int>(in.at("pieces"));
  in.at("price").get_to(out.price);
}
void to_json(json& out, const Item& in) {
  out["name"] = in.name;
  out["pieces"] = in.pieces;
  out["price"] = in.price;
}
void from_json(const json& in, Order& out) {
  out.id = weir::json_integer<std::int64_t>(in.at("id"));
  in.at("customer").get_to(out.customer);
  in.at("express").get_to(out.express);
  in.at("items").get_to(out.items);
}
void to_json(json& out, const Order& in) {
  out["id"] = in.id;
  out["customer"] = in.customer;
  out["express"] = in.express;
  out["items"] = in.items;
}

/// 1 KiB, give or take some bytes.
std::string content() {
  Order order{1234567890123, "Ann Example, 1 Long Street", true, {}};
  for (int i = 0; i < 17; ++i)
    order.items.push_back({"item number " + std::to_string(i), i, 1.25 * i});
  return json(order).dump();
}

void run(benchmark::State& state, weir::Server& server) {
  const std::string in = content();
  weir::testing::Client client(server);
  const std::string wire =
      "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(in.size()) + "\r\n\r\n" + in;
  weir::testing::Connection& connection = client.connection();
  for (auto _ : state) {
    connection.send_raw(wire);
    const weir::testing::Answer answer = connection.receive();
    if (answer.status != 200 || answer.body != in) {
      state.SkipWithError("another answer");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(in.size()));
}

void BM_TypedHandler(benchmark::State& state) {
  weir::Server server;
  server.post("/orders", weir::json_handler([](const Order& order) { return order; }));
  run(state, server);
}
BENCHMARK(BM_TypedHandler);

void BM_UntypedHandler(benchmark::State& state) {
  weir::Server server;
  server.post("/orders",
              [](const weir::Request& req, weir::Response& res) { res.json(req.json()); });
  run(state, server);
}
BENCHMARK(BM_UntypedHandler);

/// The same bytes, which nobody looks at.
void BM_TextHandler(benchmark::State& state) {
  weir::Server server;
  server.post("/orders",
              [](const weir::Request& req, weir::Response& res) { res.json(req.body()); });
  run(state, server);
}
BENCHMARK(BM_TextHandler);

/// nlohmann's own: text to struct to text.
void BM_Nlohmann(benchmark::State& state) {
  const std::string in = content();
  for (auto _ : state) {
    const auto order = json::parse(in).get<Order>();
    benchmark::DoNotOptimize(json(order).dump());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(in.size()));
}
BENCHMARK(BM_Nlohmann);

/// What weir looks at in front of the parser.
void BM_Depth(benchmark::State& state) {
  const std::string in = content();
  for (auto _ : state) benchmark::DoNotOptimize(weir::http::find_too_deep(in, 100));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(in.size()));
}
BENCHMARK(BM_Depth);

/// A megabyte of brackets: what it costs to refuse.
void BM_DepthBomb(benchmark::State& state) {
  const std::string in(1024 * 1024, '[');
  for (auto _ : state) {
    try {
      weir::detail::parse_json(in, {});
    } catch (const weir::JsonError& error) {
      benchmark::DoNotOptimize(error.place());
    }
  }
}
BENCHMARK(BM_DepthBomb);

}  // namespace
