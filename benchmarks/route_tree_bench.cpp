// SPDX-License-Identifier: MIT
// From a raw path to a route: normalising and matching.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/route_tree.hpp>
#include <weir/http/target.hpp>

using namespace weir;

namespace {

constexpr std::string_view kThings[] = {"users",  "posts",  "comments", "albums", "photos",
                                        "orders", "events", "teams",    "repos",  "issues"};

enum Kind : std::uint8_t { fixed, one, typed, two, three, all, miss };

/// An API of `count` routes: collections, members and members of members under versioned services.
struct Api {
  http::RouteTree tree;
  std::vector<std::string> paths[5];  // by kind

  explicit Api(std::int64_t count, Kind first) {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string thing(kThings[i % 10]);
      const std::string base = "/api/v1/service" + std::to_string(i / 50) + "/" + thing;
      const std::string id = std::to_string(10000 + i);
      switch ((i / 10 + first) % 5) {
        case fixed:
          add(fixed, base, base);
          break;
        case one:
          add(one, base + "/{id}", base + "/" + id);
          break;
        case typed:
          add(typed, base + "/{id:int}/details", base + "/" + id + "/details");
          break;
        case two:
          add(two, base + "/{id}/items/{item}", base + "/" + id + "/items/abcdef");
          break;
        case three:
          add(three, base + "/{id}/items/{item}/notes/{note}",
              base + "/" + id + "/items/abcdef/notes/7");
          break;
      }
    }
  }
  void add(Kind kind, const std::string& pattern, const std::string& path) {
    tree.insert("GET", pattern);
    paths[kind].push_back(path);
  }
};

/// What is asked, in a random order that no cache line and no branch predictor likes. The paths
/// stand side by side in the order of the questions, so that they come from the cache, as one does
/// that the parser has just read: what is cold is the tree.
struct Questions {
  std::string text;
  std::vector<std::uint32_t> ends;

  Questions(const Api& api, Kind kind) {
    std::vector<std::string> paths;
    for (const Kind each : {fixed, one, typed, two, three})
      if (kind == each || kind >= all)
        paths.insert(paths.end(), api.paths[each].begin(), api.paths[each].end());
    if (kind == miss)
      for (std::string& path : paths) path += "/none/of/them";
    std::mt19937 random(1);
    for (std::size_t i = 0; paths.size() < 10000; ++i) paths.push_back(std::string(paths[i]));
    std::shuffle(paths.begin(), paths.end(), random);
    for (const std::string& path : paths) {
      text += path;
      ends.push_back(static_cast<std::uint32_t>(text.size()));
    }
  }
};

void BM_Match(benchmark::State& state, Kind kind) {
  const Api api(state.range(0), kind < all ? kind : fixed);
  const Questions questions(api, kind);
  const char* const text = questions.text.data();
  std::size_t next = 0;
  std::uint32_t begin = 0;
  http::Params params;
  for (auto _ : state) {
    const std::uint32_t end = questions.ends[next];
    const std::string_view path(text + begin, end - begin);
    const http::Match match = api.tree.match(http::Method::get, "GET", path, params);
    if ((match.kind == http::Match::Kind::found) == (kind == miss)) state.SkipWithError("wrong");
    begin = end;
    if (++next == questions.ends.size()) next = begin = 0;
  }
}
BENCHMARK_CAPTURE(BM_Match, fixed, fixed)->Arg(1)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(BM_Match, one_param, one)->Arg(1)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(BM_Match, int_param, typed)->Arg(1)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(BM_Match, two_params, two)->Arg(1)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(BM_Match, three_params, three)->Arg(1)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(BM_Match, all, all)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(BM_Match, miss, miss)->Arg(1)->Arg(100)->Arg(10000);

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
