// SPDX-License-Identifier: MIT
// Sends the rows of the conformance table to several servers and holds their verdicts side by side.
//   weir_differential --reasons FILE --tsv FILE --markdown FILE [--server NAME=PORT=WORDS]...
// weir itself runs inside. Exit status 1 when weir fails a row, or a difference has no reason.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/application.hpp"
#include "differential/judge.hpp"
#include "differential/report.hpp"

namespace {

using namespace weir::differential;
using namespace std::chrono_literals;

constexpr unsigned kConnections = 96;     // at a time, to all servers together
constexpr auto kSilence = 400ms;          // after which nothing more is awaited
constexpr auto kLongSilence = 2000ms;     // the same for a second look at what differs
constexpr auto kLongestSilence = 4000ms;  // for a third look at who seems to wait

struct Arguments {
  std::string reasons;
  std::string tsv;
  std::string markdown;
  std::vector<Server> servers;
};

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "weir_differential: " << what << "\n";
  std::exit(2);
}

Server parse_server(const std::string& word) {
  const std::size_t first = word.find('=');
  const std::size_t second = word.find('=', first + 1);
  if (first == std::string::npos || second == std::string::npos)
    fail("--server wants NAME=PORT=WORDS, not " + word);
  const int port = std::atoi(word.c_str() + first + 1);
  if (port <= 0 || port > 65535) fail("no port in " + word);
  return {word.substr(0, first), word.substr(second + 1), static_cast<std::uint16_t>(port)};
}

Arguments parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == count) fail("nothing behind " + std::string(name));
    const std::string value = words[i + 1];
    if (name == "--reasons")
      arguments.reasons = value;
    else if (name == "--tsv")
      arguments.tsv = value;
    else if (name == "--markdown")
      arguments.markdown = value;
    else if (name == "--server")
      arguments.servers.push_back(parse_server(value));
    else
      fail("no argument named " + std::string(name));
  }
  if (arguments.reasons.empty() || arguments.tsv.empty() || arguments.markdown.empty())
    fail("--reasons, --tsv and --markdown must be there");
  return arguments;
}

Verdict run(const Server& server, const Case& one, std::chrono::milliseconds silence) {
  try {
    return judge(one.chapter, *one.row, Exchange(server.port, *one.row, silence).run());
  } catch (const std::exception& what) {
    return {Kind::framing, what.what(), true};
  }
}

/// Fills in the verdicts that `wanted` says, many connections at a time.
template <class Wanted>
void run_all(const std::vector<Server>& servers, std::vector<Case>& cases,
             std::chrono::milliseconds silence, Wanted wanted) {
  std::atomic<std::size_t> next{0};
  const std::size_t count = servers.size() * cases.size();
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      Case& one = cases[i / servers.size()];
      const std::size_t server = i % servers.size();
      if (server != 0 && !one.shared) continue;
      Verdict& verdict = one.verdicts[server];
      if (wanted(verdict)) verdict = run(servers[server], one, silence);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kConnections; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

std::vector<Case> all_cases(const std::vector<weir::conformance::Chapter>& chapters,
                            std::size_t servers) {
  std::vector<Case> cases;
  for (const auto& chapter : chapters)
    for (const Row& row : chapter.rows)
      cases.push_back({chapter.title, &row, is_shared(chapter.title, row), is_free(row),
                       std::vector<Verdict>(servers)});
  return cases;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments = parse(count, words);
  weir::log::set_level(weir::log::Level::off);
  weir::Options options;
  options.threads = 1;
  options.workers = 1;
  weir::Server local(options);
  weir::conformance::add_routes(local);
  local.listen("127.0.0.1", 0);
  local.start();
  std::vector<Server> servers{{"weir", "", local.port()}};
  servers.insert(servers.end(), arguments.servers.begin(), arguments.servers.end());

  const auto chapters = weir::conformance::all_chapters();
  std::vector<Case> cases = all_cases(chapters, servers.size());
  run_all(servers, cases, kSilence, [](const Verdict&) { return true; });
  // Further looks, for a server may just be slow.
  run_all(servers, cases, kLongSilence, differs);
  run_all(servers, cases, kLongestSilence,
          [](const Verdict& verdict) { return differs(verdict) && verdict.waited; });
  local.stop();
  local.wait();

  std::ofstream tsv(arguments.tsv);
  write_tsv(tsv, servers, cases);
  std::vector<Reason> reasons = read_reasons(arguments.reasons);
  const std::vector<std::string> problems = assign(servers, cases, reasons);
  std::ofstream markdown(arguments.markdown);
  write_markdown(markdown, servers, cases, reasons);
  write_score(std::cout, servers, cases);
  for (const std::string& problem : problems) std::cerr << problem << "\n";
  if (!tsv.flush() || !markdown.flush()) fail("could not write its files");
  return problems.empty() ? 0 : 1;
}
