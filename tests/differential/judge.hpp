// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Holds what a server did against what a row expects.
///
/// A refusal is an error answer, or none, with a close behind it; every other answer, an error of
/// the application included, shows that the message was understood.
///
/// Thread: any.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "differential/observe.hpp"

namespace weir::differential {

/// How a server differs, the harmless kinds first.
enum class Kind : std::uint8_t {
  same,     ///< the same verdict with the same status
  status,   ///< the same verdict with another status, or a close without a word
  closes,   ///< understood, but closes where the connection may be kept, or before the next request
  refuses,  ///< refuses what must be understood, or denies it to the application
  keeps,    ///< refuses, but keeps the connection
  accepts,  ///< understands what must be refused
  framing,  ///< sees another number of messages, or other content: waits, or answers too much
};
inline constexpr std::size_t kKinds = 7;

inline std::string_view name_of(Kind kind) {
  constexpr std::string_view kNames[] = {"same",  "status",  "closes", "refuses",
                                         "keeps", "accepts", "framing"};
  return kNames[static_cast<std::size_t>(kind)];
}

struct Verdict {
  Kind kind = Kind::same;
  std::string saw;      ///< the answers and the end: "200, 400, closed"
  bool waited = false;  ///< neither closed nor answering: it may just have been slow
};

inline std::string text_of(const Observation& seen) {
  std::string text;
  for (const Seen& answer : seen.answers) {
    if (text.size() > 24) {
      text += "…, ";
      break;
    }
    text += (answer.status == 0 ? "no HTTP/1" : std::to_string(answer.status)) + ", ";
  }
  return text + (seen.closed ? "closed" : seen.serves_next ? "kept" : "open");
}

/// Whether the content that a handler of `row` saw tells where the message ended.
inline bool compares_content(std::string_view chapter) {
  constexpr std::string_view kChapters[] = {"Content-Length",   "Transfer-Encoding", "Chunks",
                                            "Chunk extensions", "Content",           "Expect",
                                            "Pipelining",       "Persistence",       "Half-close"};
  return std::find(std::begin(kChapters), std::end(kChapters), chapter) != std::end(kChapters);
}

namespace detail {

inline bool is_error(int status) { return status >= 400; }

inline Kind judge_refusal(const Row& row, const Observation& seen) {
  const std::size_t understood = row.answers.size() - 1;
  const std::size_t count = seen.answers.size();
  if (count < understood) return seen.closed ? Kind::refuses : Kind::framing;
  if (count == understood) return seen.closed ? Kind::status : Kind::framing;
  const int last = seen.answers[understood].status;
  if (!is_error(last)) return Kind::accepts;
  if (seen.answers.back().status == 0) return Kind::framing;
  if (count > row.answers.size() || seen.serves_next) return Kind::keeps;
  if (!seen.closed) return Kind::framing;
  return last == row.answers.back().status ? Kind::same : Kind::status;
}

inline Kind judge_truncated(const Row& row, const Observation& seen) {
  const std::size_t count = seen.answers.size();
  const std::size_t expected = row.answers.size();
  const bool ends = row.end == End::close;
  if (count == expected)
    return seen.closed == ends ? Kind::same : ends ? Kind::keeps : Kind::refuses;
  if (count < expected) return seen.closed ? Kind::refuses : Kind::framing;
  if (is_error(seen.answers[expected].status) && seen.closed && count == expected + 1)
    return ends ? Kind::status : Kind::refuses;
  return Kind::framing;
}

inline Kind judge_understood(std::string_view chapter, const Row& row, const Observation& seen) {
  const std::size_t count = seen.answers.size();
  const std::size_t expected = row.answers.size();
  Kind worst = Kind::same;
  for (std::size_t i = 0; i < std::min(count, expected); ++i) {
    const Answer& want = row.answers[i];
    const Seen& got = seen.answers[i];
    if (is_error(got.status) && !is_error(want.status)) return Kind::refuses;
    if (is_error(want.status) && !is_error(got.status)) return Kind::accepts;
    if (is_error(want.status) && got.status != want.status && i + 1 == count && seen.closed &&
        row.end == End::keep)
      return Kind::refuses;
    if (compares_content(chapter) && want.has_body && got.body != want.body) return Kind::framing;
    if (got.status != want.status) worst = Kind::status;
  }
  if (count < expected) return seen.closed ? Kind::closes : Kind::framing;
  const bool answers_the_rest = row.half_closes && seen.closed && count == expected + 1 &&
                                is_error(seen.answers.back().status);
  if (answers_the_rest) return Kind::status;
  if (count > expected) return Kind::framing;
  if (row.end == End::keep && seen.closed) return Kind::closes;
  if (row.end == End::keep && !seen.serves_next) return Kind::framing;
  if (row.end == End::close && seen.serves_next) return Kind::keeps;
  if (row.end == End::close && !seen.closed) return Kind::framing;
  return worst;
}

}  // namespace detail

inline Verdict judge(std::string_view chapter, const Row& row, const Observation& seen) {
  const std::string text = text_of(seen);
  const bool waited = !seen.closed && !seen.serves_next;
  const bool refused =
      row.end == End::close && !row.answers.empty() && detail::is_error(row.answers.back().status);
  const bool truncated = row.end == End::wait || (row.end == End::close && row.answers.empty());
  if (refused) return {detail::judge_refusal(row, seen), text, waited};
  if (truncated) return {detail::judge_truncated(row, seen), text, waited};
  return {detail::judge_understood(chapter, row, seen), text, waited};
}

/// Whether a row says something of a server other than weir: not of weir's application, its routes
/// or the sizes of its limits.
inline bool is_shared(std::string_view chapter, const Row& row) {
  for (const std::string_view own :
       {"Limits of the head", "Paths", "Routing", "Response splitting", "Queries and cookies",
        "Middleware", "Forwarded", "JSON", "Files", "Files: preconditions", "Files: ranges",
        "Files: codings"})
    if (chapter == own) return false;
  for (const std::string_view route : {"/%00", "/small", "/who", "/close", "/own-", "/early",
                                       "/trailing", "/count", "/nocontent-with-content"})
    if (row.bytes.find(route) != std::string::npos) return false;
  if (row.bytes.find("/stream HTTP/1.0") != std::string::npos) return false;
  for (const Answer& answer : row.answers)
    if (answer.status == 413 || answer.status == 414 || answer.status == 431) return false;
  const bool is_half_close = chapter == "Half-close";
  if (!is_half_close && row.source.find("options.md") != std::string_view::npos) return false;
  for (const std::string_view page : {"routing.md", "error.hpp", "over a whole body"})
    if (row.source.find(page) != std::string_view::npos &&
        row.source.find("parse_error.hpp") == std::string_view::npos)
      return false;
  return true;
}

/// Whether the RFC leaves the verdict to the server, so that who differs is not wrong.
inline bool is_free(const Row& row) {
  for (const std::string_view word :
       {"(MAY)", "(either)", "parse_error.hpp", "chunk_decoder.hpp", "options.md"})
    if (row.source.find(word) != std::string_view::npos) return true;
  return false;
}

}  // namespace weir::differential
