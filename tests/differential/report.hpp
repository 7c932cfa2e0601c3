// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The score of all servers and the reasons for their differences, as text, lines and Markdown.
///
/// Thread: one.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/markdown.hpp"
#include "differential/judge.hpp"

namespace weir::differential {

struct Server {
  std::string name;
  std::string words;  ///< version and set-up, for the reader
  std::uint16_t port = 0;
};

/// A row with what each server made of it; weir is the first.
struct Case {
  std::string_view chapter;
  const Row* row;
  bool shared;
  bool free;
  std::vector<Verdict> verdicts;
};

/// A line of reasons.tsv: the chapter, the rows ("*" ends a prefix, "|" parts several), the kinds,
/// the rule, and why weir is right.
struct Reason {
  std::string chapter;
  std::string rows;
  std::string kinds;
  std::string rule;
  std::string why;
  std::vector<std::pair<const Case*, std::size_t>> found;  ///< with the server's index
};

namespace detail {

inline std::vector<std::string> parts(std::string_view text, char at) {
  std::vector<std::string> all;
  while (true) {
    const std::size_t end = text.find(at);
    all.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return all;
    text.remove_prefix(end + 1);
  }
}

inline bool matches_one(std::string_view pattern, std::string_view name) {
  if (pattern.empty() || pattern.back() != '*') return pattern == name;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

inline bool matches(const std::string& patterns, std::string_view name) {
  for (const std::string& pattern : parts(patterns, '|'))
    if (matches_one(pattern, name)) return true;
  return false;
}

}  // namespace detail

/// A difference that is to be explained: another status for a refusal is none.
inline bool differs(const Verdict& verdict) { return verdict.kind > Kind::status; }

inline std::vector<Reason> read_reasons(const std::string& path) {
  std::ifstream file(path);
  std::vector<Reason> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> fields = detail::parts(line, '\t');
    if (fields.size() != 5) {
      std::cerr << path << ": not five fields: " << line << "\n";
      std::exit(2);
    }
    all.push_back({fields[0], fields[1], fields[2], fields[3], fields[4], {}});
  }
  return all;
}

/// Gives each difference the first reason that fits; returns what has none, and what weir fails.
inline std::vector<std::string> assign(const std::vector<Server>& servers,
                                       const std::vector<Case>& cases,
                                       std::vector<Reason>& reasons) {
  std::vector<std::string> problems;
  for (const Case& one : cases) {
    const std::string name = std::string(one.chapter) + ": " + one.row->name;
    if (one.verdicts[0].kind != Kind::same)
      problems.push_back("weir fails " + name + ": " + one.verdicts[0].saw);
    for (std::size_t i = 1; one.shared && i < servers.size(); ++i) {
      const Verdict& verdict = one.verdicts[i];
      if (!differs(verdict)) continue;
      bool found = false;
      for (Reason& reason : reasons) {
        if (reason.chapter != one.chapter || !detail::matches(reason.rows, one.row->name) ||
            !detail::matches(reason.kinds, name_of(verdict.kind)))
          continue;
        reason.found.emplace_back(&one, i);
        found = true;
        break;
      }
      if (!found)
        problems.push_back("no reason: " + servers[i].name + " " +
                           std::string(name_of(verdict.kind)) + " (" + verdict.saw + ") " + name);
    }
  }
  return problems;
}

inline void write_tsv(std::ostream& out, const std::vector<Server>& servers,
                      const std::vector<Case>& cases) {
  out << "chapter\trow\tsource\tcompared";
  for (const Server& server : servers) out << '\t' << server.name << '\t' << server.name << " saw";
  out << '\n';
  for (const Case& one : cases) {
    out << one.chapter << '\t' << conformance::cell(one.row->name) << '\t' << one.row->source
        << '\t'
        << (!one.shared ? "weir only"
            : one.free  ? "free"
                        : "bound");
    for (const Verdict& verdict : one.verdicts)
      if (verdict.saw.empty())
        out << "\t-\t-";
      else
        out << '\t' << name_of(verdict.kind) << '\t' << verdict.saw;
    out << '\n';
  }
}

/// Rows of one server by kind; those that bind, or those that the RFC leaves free.
using Counts = std::array<std::size_t, kKinds>;

inline Counts count(const std::vector<Case>& cases, std::size_t server, bool free) {
  Counts counts{};
  for (const Case& one : cases)
    if (one.shared && one.free == free)
      ++counts[static_cast<std::size_t>(one.verdicts[server].kind)];
  return counts;
}

inline std::size_t sum(const Counts& counts) {
  std::size_t all = 0;
  for (const std::size_t number : counts) all += number;
  return all;
}

/// Rows of those chapters in which a message's end is at stake, understood though to be refused.
inline std::size_t accepted_framing(const std::vector<Case>& cases, std::size_t server) {
  std::size_t all = 0;
  for (const Case& one : cases)
    for (const std::string_view chapter :
         {"Content-Length", "Transfer-Encoding", "Chunks", "Chunk extensions", "Trailers"})
      if (one.shared && !one.free && one.chapter == chapter &&
          one.verdicts[server].kind == Kind::accepts)
        ++all;
  return all;
}

inline void write_score(std::ostream& out, const std::vector<Server>& servers,
                        const std::vector<Case>& cases) {
  out << "server     rows conform accepts refuses keeps closes framing | free: as weir, not\n";
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const Counts bound = count(cases, i, false);
    const Counts free = count(cases, i, true);
    const std::size_t as_weir = free[0] + free[1];
    out << std::left << std::setw(9) << servers[i].name << std::right << std::setw(6) << sum(bound)
        << std::setw(8) << bound[0] + bound[1] << std::setw(8) << bound[5] << std::setw(8)
        << bound[3] << std::setw(6) << bound[4] << std::setw(7) << bound[2] << std::setw(8)
        << bound[6] << " | " << as_weir << ", " << sum(free) - as_weir << "\n";
  }
}

inline void write_score_table(std::ostream& out, const std::vector<Server>& servers,
                              const std::vector<Case>& cases) {
  out << "| server | rows | conform | of these with another status | accepts | of these in framing "
         "| "
         "refuses | keeps | closes | framing | free rows: as weir | not |\n"
      << "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const Counts bound = count(cases, i, false);
    const Counts free = count(cases, i, true);
    out << "| " << servers[i].name << (servers[i].words.empty() ? "" : " ") << servers[i].words
        << " | " << sum(bound) << " | " << bound[0] + bound[1] << " | " << bound[1] << " | "
        << bound[5] << " | " << accepted_framing(cases, i) << " | " << bound[3] << " | " << bound[4]
        << " | " << bound[2] << " | " << bound[6] << " | " << free[0] + free[1] << " | "
        << sum(free) - free[0] - free[1] << " |\n";
  }
}

/// "nginx accepts 3, keeps 1; Node accepts 2".
inline std::string who(const std::vector<Server>& servers, const Reason& reason) {
  std::string text;
  for (std::size_t i = 1; i < servers.size(); ++i) {
    Counts counts{};
    for (const auto& [one, server] : reason.found)
      if (server == i) ++counts[static_cast<std::size_t>(one->verdicts[i].kind)];
    std::string words;
    for (std::size_t kind = 0; kind < kKinds; ++kind)
      if (counts[kind] != 0)
        words += (words.empty() ? " " : ", ") + std::string(name_of(static_cast<Kind>(kind))) +
                 " " + std::to_string(counts[kind]);
    if (!words.empty()) text += (text.empty() ? "" : "; ") + servers[i].name + words;
  }
  return text;
}

inline std::string rows_of(const Reason& reason) {
  std::string text;
  const Case* last = nullptr;
  for (const auto& [one, server] : reason.found) {
    if (one == last) continue;
    last = one;
    text += (text.empty() ? "" : "; ") + conformance::cell(one->row->name);
  }
  return text;
}

inline constexpr std::string_view kBefore = R"(## Against nginx, H2O and Node

The same bytes, over a socket, to servers that others put on a port: nginx with its perl module, H2O with mruby
handlers, Node's http with llhttp; each with the application of the rows and its own defaults (`tests/differential/`).
)";

inline constexpr std::string_view kKindsInWords =
    R"(Of the others the RFC leaves some free: who differs there is not wrong, and it is no part of the score.

- conform: refuses what the row refuses and understands what it understands. The status of a refusal may be another,
  or none, a close without a word: that is told apart in the next column.
- accepts: understands what must be refused; "in framing": in the chapters that tell where a message ends.
- refuses: refuses what must be understood.
- keeps: answers an error, or should close, but serves the next request on the connection.
- closes: understands, but closes where the connection may be kept.
- framing: sees another number of messages or other content: waits, or answers too much.

)";

inline void write_markdown(std::ostream& out, const std::vector<Server>& servers,
                           const std::vector<Case>& cases, const std::vector<Reason>& reasons) {
  std::size_t own = 0;
  for (const Case& one : cases) own += one.shared ? 0U : 1U;
  out << kBefore << "Of " << cases.size() << " rows " << own
      << " speak of weir alone, its routes, its paths, the sizes of its limits, and are sent to "
         "weir only.\n"
      << kKindsInWords;
  write_score_table(out, servers, cases);
  out << "\n| chapter and rule | rows | who differs, in how many | why weir does as it does |\n"
      << "| --- | --- | --- | --- |\n";
  for (const Reason& reason : reasons) {
    if (reason.found.empty()) continue;
    out << "| " << reason.chapter << ", " << reason.rule << " | " << rows_of(reason) << " | "
        << who(servers, reason) << " | " << reason.why << " |\n";
  }
}

}  // namespace weir::differential
