// SPDX-License-Identifier: MIT
// From a raw path to a route: normalising and matching.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/route_tree.hpp>
#include <weir/http/target.hpp>

using namespace weir;

namespace {

constexpr std::string_view kThings[] = {"users",  "posts",  "comments", "albums", "photos",
                                        "orders", "events", "teams",    "repos",  "issues"};

/// An API of `count` routes: collections, members and members of members under versioned services.
struct Api {
  http::RouteTree tree;
  std::vector<std::string> paths;  // one for each route

  explicit Api(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string thing(kThings[i % 10]);
      const std::string base = "/api/v1/service" + std::to_string(i / 40) + "/" + thing;
      switch (i / 10 % 4) {
        case 0:
          add(base, base);
          break;
        case 1:
          add(base + "/{id}", base + "/12345");
          break;
        case 2:
          add(base + "/{id:int}/details", base + "/12345/details");
          break;
        case 3:
          add(base + "/{id}/items/{item}", base + "/12345/items/abcdef");
          break;
      }
    }
  }
  void add(const std::string& pattern, const std::string& path) {
    tree.insert("GET", pattern);
    paths.push_back(path);
  }
};

/// All routes in turn, in an order that no cache line and no branch predictor likes. The path
/// itself is in the cache, as the parser has just read it.
void BM_Match(benchmark::State& state) {
  const Api api(state.range(0));
  const auto after = [&](std::size_t i) { return (i + 7919) % api.paths.size(); };
  std::size_t next = after(0);
  std::string path = api.paths[0];
  http::Params params;
  for (auto _ : state) {
    benchmark::DoNotOptimize(api.tree.match(http::Method::get, "GET", path, params));
    path = api.paths[next];
    next = after(next);
    __builtin_prefetch(&api.paths[next]);
    __builtin_prefetch(api.paths[next].data());
  }
}
BENCHMARK(BM_Match)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);

/// One path with two parameters again and again.
void BM_MatchOne(benchmark::State& state) {
  const Api api(state.range(0));
  const std::string& path = api.paths[35];
  http::Params params;
  for (auto _ : state)
    benchmark::DoNotOptimize(api.tree.match(http::Method::get, "GET", path, params));
}
BENCHMARK(BM_MatchOne)->Arg(100)->Arg(10000);

void BM_MatchNothing(benchmark::State& state) {
  const Api api(state.range(0));
  http::Params params;
  for (auto _ : state)
    benchmark::DoNotOptimize(api.tree.match(
        http::Method::get, "GET", "/api/v1/service1/users/12345/items/abcdef/none", params));
}
BENCHMARK(BM_MatchNothing)->Arg(100);

void BM_SplitAndNormalise(benchmark::State& state, std::string_view raw) {
  std::string scratch;
  for (auto _ : state) {
    http::Target target;
    http::RoutedPath path;
    benchmark::DoNotOptimize(http::split(raw, http::Method::get, target));
    benchmark::DoNotOptimize(http::normalise_path(target.path, scratch, path));
  }
}
BENCHMARK_CAPTURE(BM_SplitAndNormalise, root, std::string_view("/"));
BENCHMARK_CAPTURE(BM_SplitAndNormalise, plain,
                  std::string_view("/api/v1/service1/users/12345?fields=name&limit=10"));
BENCHMARK_CAPTURE(BM_SplitAndNormalise, escapes,
                  std::string_view("/files/a%20b/%C3%A4/../name%2Fwith%2Fslashes.txt"));

}  // namespace
