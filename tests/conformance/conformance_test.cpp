// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/application.hpp"
#include "conformance/markdown.hpp"
#include "conformance/rows.hpp"
#include "conformance/runner.hpp"

namespace {

using namespace weir::conformance;

constexpr std::size_t kLargestByRead = 128 * 1024;  // bytes of a row that are still read one by one
constexpr std::size_t kLargestByByte = 4 * 1024;    // bytes of a row that still come one by one
constexpr std::size_t kLargestCutEverywhere = 600;  // bytes of a row that is cut at every offset
constexpr std::size_t kCutsOfLarge = 40;            // of a larger one

const std::vector<Chapter>& table() {
  static const std::vector<Chapter> all = all_chapters();
  return all;
}

/// The server of all rows, in memory.
struct World {
  World() {
    weir::log::set_level(weir::log::Level::off);  // rows that are answered 500 are logged
    add_routes(local);
    client = std::make_unique<weir::testing::Client>(local);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { weir::log::set_level(weir::log::Level::warning); }

  weir::Server local;  // before `client`, which it outlives
  std::unique_ptr<weir::testing::Client> client;
};

/// The same behind a socket.
struct Socket {
  Socket() : server(options()) {
    weir::log::set_level(weir::log::Level::off);
    add_routes(server);
    server.listen("127.0.0.1", 0);
    server.start();
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    server.stop();
    server.wait();
    weir::log::set_level(weir::log::Level::warning);
  }

  static weir::Options options() {
    weir::Options options;
    options.threads = 1;
    options.workers = 1;
    return options;
  }

  weir::Server server;
};

std::string in_one_piece(World& world, const Row& row) {
  std::string what = attempt([&] { return run_in_memory(*world.client, row); });
  if (!what.empty() || row.end != End::close || row.half_closes || !row.later.empty()) return what;
  what = attempt([&] { return run_in_memory(*world.client, row, {}, kSmuggled); });
  return what.empty() ? what : "with a request behind it: " + what;
}

std::string byte_by_byte(World& world, const Row& row) {
  if (row.bytes.size() > kLargestByRead) return {};
  std::string what = attempt([&] {
    return run_in_memory(*world.client, row, {Cut::Kind::each_io, 0});
  });
  if (!what.empty()) return "a byte in each read: " + what;
  if (row.bytes.size() > kLargestByByte) return {};
  what = attempt([&] { return run_in_memory(*world.client, row, {Cut::Kind::each_byte, 0}); });
  return what.empty() ? what : "a byte at a time: " + what;
}

std::string cut_in_two(World& world, const Row& row) {
  const std::size_t size = row.bytes.size();
  const std::size_t step = size <= kLargestCutEverywhere ? 1 : size / kCutsOfLarge;
  for (std::size_t at = 1; at < size; at += step) {
    const std::string what = attempt([&] {
      return run_in_memory(*world.client, row, {Cut::Kind::once, at});
    });
    if (!what.empty()) return "cut at " + std::to_string(at) + ": " + what;
  }
  return {};
}

std::string over_socket(Socket& socket, const Row& row) {
  return attempt([&] { return run_over_socket(socket.server.port(), row); });
}

/// Calls `run(row)` for the rows that must pass and checks that nothing is wrong.
template <class F>
void check_rows(F run) {
  for (const Chapter& chapter : table())
    for (const Row& row : chapter.rows) {
      if (!row.fault.empty()) continue;
      const std::string what = run(row);
      if (what.empty()) continue;
      INFO(chapter.title << ": " << row.name << "\nsent " << shown(row.bytes) << "\n"
                         << row.source);
      CHECK(what == "");
    }
}

}  // namespace

TEST_CASE("every row of the table holds in one piece", "[conformance]") {
  World world;
  check_rows([&](const Row& row) { return in_one_piece(world, row); });
}

TEST_CASE("every row of the table holds byte by byte", "[conformance]") {
  World world;
  check_rows([&](const Row& row) { return byte_by_byte(world, row); });
}

TEST_CASE("every row of the table holds however it is cut in two", "[conformance]") {
  World world;
  check_rows([&](const Row& row) { return cut_in_two(world, row); });
}

TEST_CASE("every row of the table holds over a socket", "[conformance]") {
  Socket socket;
  check_rows([&](const Row& row) { return over_socket(socket, row); });
}

TEST_CASE("a row that is marked as failing does fail", "[conformance]") {
  World world;
  for (const Chapter& chapter : table())
    for (const Row& row : chapter.rows) {
      if (row.fault.empty()) continue;
      INFO(chapter.title << ": " << row.name << " is marked: " << row.fault);
      CHECK(in_one_piece(world, row) + byte_by_byte(world, row) + cut_in_two(world, row) != "");
    }
}

TEST_CASE("the rows of the table are told apart and say where they come from", "[conformance]") {
  std::size_t count = 0;
  for (const Chapter& chapter : table()) {
    std::set<std::string> names;
    for (const Row& row : chapter.rows) {
      INFO(chapter.title << ": " << row.name);
      CHECK(names.insert(row.name).second);
      CHECK(!row.source.empty());
      ++count;
    }
  }
  CHECK(count >= 700);
}

// Writes the score as Markdown; tests/conformance/table.sh makes docs/conformance.md of it.
TEST_CASE("the table as Markdown", "[.table]") {
  World world;
  Socket socket;
  std::size_t count = 0;
  std::size_t passed = 0;
  std::string text;
  for (const Chapter& chapter : table()) {
    text.append("\n## ").append(chapter.title).append("\n\n");
    text += "| row | answers | then | source | |\n| --- | --- | --- | --- | --- |\n";
    for (const Row& row : chapter.rows) {
      const bool holds = (in_one_piece(world, row) + byte_by_byte(world, row) +
                          cut_in_two(world, row) + over_socket(socket, row))
                             .empty();
      ++count;
      passed += holds ? 1U : 0U;
      std::string answers;
      for (const Answer& answer : row.answers) {
        if (answers.size() > 24) {
          answers += " …";
          break;
        }
        if (!answers.empty()) answers += ", ";
        if (answer.interim == Answer::Interim::wanted) answers += "100, ";
        answers += std::to_string(answer.status);
      }
      const std::string_view then = row.end == End::keep    ? "keeps"
                                    : row.end == End::close ? "closes"
                                                            : "waits";
      text.append("| ")
          .append(cell(row.name))
          .append(" | ")
          .append(answers)
          .append(" | ")
          .append(then);
      text.append(" | ").append(cell(row.source)).append(" | ").append(holds ? "ok" : "**fails**");
      text += " |\n";
    }
  }
  std::printf("<!-- table -->\n%zu of %zu rows hold.\n%s<!-- end -->\n", passed, count,
              text.c_str());
  std::fflush(stdout);
  CHECK(passed == count);
}
