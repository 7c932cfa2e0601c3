// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Sends a row of the conformance table to any server and notes what came back, judging nothing.
///
/// Thread: any.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/row.hpp"
#include "conformance/rows.hpp"
#include "support/raw_client.hpp"

namespace weir::differential {

using conformance::Answer;
using conformance::End;
using conformance::Row;

/// A final answer as far as it could be read.
struct Seen {
  int status = 0;  ///< 0: bytes that are no HTTP/1 answer, as HTTP/0.9's
  std::string body;
};

struct Observation {
  std::vector<Seen> answers;
  bool closed = false;
  bool serves_next = false;  ///< a further request got its answer
};

/// Reads the answers at the front of `raw` behind `from`, and moves `from` behind the last whole
/// one.
inline void read_answers(const Row& row, std::string_view raw, bool at_end, std::size_t& from,
                         Observation& seen) {
  while (from < raw.size()) {
    const std::string_view rest = raw.substr(from);
    const std::size_t index = seen.answers.size();
    const bool to_head = index < row.answers.size() && row.answers[index].head;
    test::RawResponse response;
    const test::RawParse parse = test::parse_response(rest, response, {to_head, at_end});
    if (parse.kind == test::RawParse::Kind::partial) return;
    if (parse.kind == test::RawParse::Kind::bad) {
      const bool has_status = rest.size() > 12 && rest.substr(0, 7) == "HTTP/1.";
      const int status = has_status ? std::atoi(std::string(rest.substr(9, 3)).c_str()) : 0;
      seen.answers.push_back({status, std::string(rest)});
      from = raw.size();
      return;
    }
    from += parse.consumed;
    if (response.status >= 200) seen.answers.push_back({response.status, response.body});
  }
}

/// One connection with one row; `silence` is how long nothing must come until nothing will.
class Exchange {
 public:
  Exchange(std::uint16_t port, const Row& row, std::chrono::milliseconds silence)
      : client_(port), row_(row), silence_(silence) {}

  Observation run() {
    send(row_.bytes);
    if (!row_.later.empty()) {
      while (raw_.find("\r\n\r\n") == std::string::npos && receive()) continue;
      send(row_.later);
    }
    if (row_.half_closes) client_.half_close();
    do {
      read_answers(row_, raw_, false, read_, seen_);
      const std::size_t expected = row_.answers.size() + (probed_ ? 1U : 0U);
      if (seen_.answers.size() >= expected && row_.end == End::keep) {
        if (probed_) break;
        probe();
      }
    } while (receive() || ask_the_open());
    read_answers(row_, raw_, seen_.closed, read_, seen_);
    if (probed_ && seen_.answers.size() > row_.answers.size() &&
        seen_.answers.back().body == "next") {
      seen_.answers.pop_back();
      seen_.serves_next = true;
    }
    return std::move(seen_);
  }

 private:
  void probe() {
    probed_ = true;
    seen_before_ = seen_.answers.size();
    send(conformance::kNext);
  }

  /// A connection that should be closed and looks open: whether there was still something to ask.
  bool ask_the_open() {
    if (seen_.closed || probed_ || row_.end != End::close || row_.half_closes) return false;
    if (seen_.answers.empty()) return false;
    probe();
    return true;
  }

  void send(std::string_view bytes) {
    try {
      client_.send(bytes);
    } catch (const std::exception&) {
      // The server had enough of it: what it said is still to be read.
    }
  }

  /// Whether a byte came.
  bool receive() {
    const test::RawEnd now = client_.peek(silence_);
    if (now == test::RawEnd::data) raw_ += client_.read_some();
    seen_.closed = now == test::RawEnd::eof || now == test::RawEnd::reset;
    return now == test::RawEnd::data;
  }

  test::RawClient client_;
  const Row& row_;
  std::chrono::milliseconds silence_;
  std::string raw_;
  std::size_t read_ = 0;  ///< bytes of raw_ whose answers have been noted
  Observation seen_;
  bool probed_ = false;
  std::size_t seen_before_ = 0;  ///< answers before the further request
};

}  // namespace weir::differential
