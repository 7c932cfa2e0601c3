// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/log.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace logging = weir::log;
using weir::log::Level;

namespace {

/// Takes the log while it lives.
struct Taken {
  Taken() { logging::set_sink(&Taken::take, this); }
  ~Taken() {
    logging::set_sink(nullptr);
    logging::set_level(Level::warning);
  }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

  static void take(void* context, Level level, std::string_view message) {
    static_cast<Taken*>(context)->lines.emplace_back(level, message);
  }
  std::vector<std::pair<Level, std::string>> lines;
};

std::int64_t second_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

TEST_CASE("a sink gets what its level lets through", "[log]") {
  Taken taken;
  constexpr Level kLevels[] = {Level::debug, Level::info, Level::warning, Level::error};
  for (const Level least : {Level::debug, Level::info, Level::warning, Level::error, Level::off}) {
    CAPTURE(static_cast<int>(least));
    logging::set_level(least);
    taken.lines.clear();
    std::size_t expected = 0;
    for (const Level level : kLevels) {
      CHECK(logging::enabled(level) == (level >= least));
      logging::write(level, "message");
      if (level < least) continue;
      REQUIRE(taken.lines.size() == ++expected);
      CHECK(taken.lines.back().first == level);
      CHECK(taken.lines.back().second == "message");
    }
    CHECK_FALSE(logging::enabled(Level::off));
    logging::write(Level::off, "nothing has this level");
    CHECK(taken.lines.size() == expected);
  }
}

TEST_CASE("by default warnings and errors are let through", "[log]") {
  CHECK_FALSE(logging::enabled(Level::info));
  CHECK(logging::enabled(Level::warning));
}

TEST_CASE("a sink never meets another one's context", "[log]") {
  struct Context {
    int number;
    std::atomic<int> wrong{0};
    std::atomic<int> calls{0};
  };
  Context one{1, {}, {}};
  Context two{2, {}, {}};
  const auto sink = [](auto number) {
    return [](void* context, Level, std::string_view) {
      auto& mine = *static_cast<Context*>(context);
      ++mine.calls;
      if (mine.number != decltype(number)::value) ++mine.wrong;
    };
  };
  const logging::Sink first = sink(std::integral_constant<int, 1>());
  const logging::Sink second = sink(std::integral_constant<int, 2>());
  logging::set_sink(first, &one);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) logging::write(Level::error, "message");
  });
  for (int i = 0; i < 20'000; ++i) {
    logging::set_sink(second, &two);
    logging::set_sink(first, &one);
  }
  while (one.calls + two.calls == 0) std::this_thread::yield();
  stop = true;
  writer.join();
  logging::set_sink(nullptr);
  CHECK(one.wrong == 0);
  CHECK(two.wrong == 0);
}

TEST_CASE("a place logs ten lines a second and then says how many it held back", "[log]") {
  Taken taken;
  logging::Limiter limiter;
  std::size_t written = 0;
  // The clock is the kernel's: tried again if a second ends in the middle.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::int64_t before = second_now();
    while (second_now() == before) std::this_thread::yield();
    taken.lines.clear();
    const std::int64_t now = second_now();
    for (int i = 0; i < 25; ++i) logging::write_limited(limiter, Level::warning, "again");
    written = taken.lines.size();
    if (second_now() == now) break;
  }
  REQUIRE(written == logging::Limiter::kPerSecond);
  CHECK(taken.lines.back().second == "again");
  taken.lines.clear();
  while (taken.lines.empty()) logging::write_limited(limiter, Level::warning, "more");
  CHECK_THAT(taken.lines[0].second,
             Catch::StartsWith("more (and ") && Catch::EndsWith(" like it)"));

  // What the level drops is neither counted nor held back.
  logging::Limiter other;
  logging::set_level(Level::error);
  for (int i = 0; i < 25; ++i) logging::write_limited(other, Level::warning, "dropped");
  logging::set_level(Level::warning);
  std::uint64_t held_back = 77;
  CHECK(other.allow(held_back));
  CHECK(held_back == 0);
}

TEST_CASE("nothing is logged for an ordinary request; an exception names its route", "[log]") {
  Taken taken;
  logging::set_level(Level::debug);
  weir::Server server;
  server.get("/fine", [] { return "fine"; });
  server.get("/http", [] { throw weir::HttpError(weir::Status::conflict, "no"); });
  server.get("/throws/{id}", [] { throw std::runtime_error("what it was"); });
  server.get("/odd", [] { throw 42; });
  weir::testing::Client client(server);
  client.get("/fine");
  client.get("/none");
  client.post("/fine", "x");
  client.get("/http");
  client.send_raw("garbage\r\n\r\n");
  client.receive();
  CHECK(taken.lines.empty());
  client.get("/throws/7");
  client.get("/odd");
  REQUIRE(taken.lines.size() == 2);
  CHECK(taken.lines[0].first == Level::error);
  CHECK(taken.lines[0].second == "handler of /throws/{id} threw: what it was");
  CHECK(taken.lines[1].second == "handler of /odd threw something that is no std::exception");
}

TEST_CASE("without a sink a line goes to stderr, with its level", "[log]") {
  char path[] = "/tmp/weir-log-XXXXXX";
  const int file = ::mkstemp(path);
  REQUIRE(file >= 0);
  ::unlink(path);
  std::fflush(stderr);
  const int kept = ::dup(2);
  REQUIRE(::dup2(file, 2) == 2);
  logging::set_level(Level::debug);
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error, Level::off})
    logging::write(level, "line");
  logging::set_level(Level::warning);
  std::fflush(stderr);
  ::dup2(kept, 2);
  ::close(kept);
  char text[256] = {};
  const auto size = ::pread(file, text, sizeof text, 0);
  ::close(file);
  REQUIRE(size > 0);
  CHECK(std::string_view(text, static_cast<std::size_t>(size)) ==
        "weir: debug: line\nweir: info: line\nweir: warning: line\nweir: error: line\n");
}
