// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Sends a row's bytes and compares what comes back: over memory, in any pieces, and over a socket.
///
/// A run returns what is wrong in a sentence, or an empty string. Answers are read by
/// tests/support/raw_client.hpp, which shares no code with weir.
///
/// Thread: one, the test's.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>
#include <weir/testing.hpp>

#include "conformance/row.hpp"
#include "conformance/rows.hpp"
#include "support/raw_client.hpp"

namespace weir::conformance {

/// Bytes with what is not printable escaped, cut to a length that fits a message.
inline std::string shown(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes.substr(0, 300)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (byte < 0x20 || byte >= 0x7f) {
      constexpr char kDigits[] = "0123456789abcdef";
      text += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
    } else {
      text += c;
    }
  }
  text += '"';
  if (bytes.size() > 300) text += " and " + std::to_string(bytes.size() - 300) + " bytes more";
  return text;
}

/// What the bytes of answers come to, so far.
struct Reading {
  bool complete = false;  ///< all answers of the row are there
  std::size_t consumed = 0;
  std::vector<test::RawResponse> answers;
  std::string problem;
};

/// Reads as many answers as `row` expects from the front of `raw`.
inline Reading read_answers(const Row& row, std::string_view raw, bool at_end) {
  Reading reading;
  std::vector<int> interim;
  while (reading.answers.size() < row.answers.size()) {
    const Answer& expected = row.answers[reading.answers.size()];
    test::RawResponse response;
    const test::RawParse parse =
        test::parse_response(raw.substr(reading.consumed), response, {expected.head, at_end});
    if (parse.kind == test::RawParse::Kind::bad) {
      reading.problem = std::string("no answer that a client could read (") + parse.why + ")";
      return reading;
    }
    if (parse.kind == test::RawParse::Kind::partial) return reading;
    reading.consumed += parse.consumed;
    if (response.status < 200) {
      interim.push_back(response.status);
      continue;
    }
    response.interim = std::exchange(interim, {});
    reading.answers.push_back(std::move(response));
  }
  reading.complete = true;
  return reading;
}

/// The members of a list in alphabetical order.
inline std::vector<std::string> members(std::string_view list) {
  std::vector<std::string> all;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view member = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (!member.empty() && member.front() == ' ') member.remove_prefix(1);
    all.emplace_back(member);
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// What is wrong with one answer in itself and against what is expected of it.
inline std::string difference(const Answer& expected, const test::RawResponse& got) {
  if (got.status != expected.status)
    return "status " + std::to_string(got.status) + " instead of " +
           std::to_string(expected.status);
  if (expected.has_body && got.body != expected.body)
    return "content " + shown(got.body) + " instead of " + shown(expected.body);
  const std::vector<int> wanted = expected.interim == Answer::Interim::none ? std::vector<int>{}
                                  : expected.interim == Answer::Interim::hints
                                      ? std::vector<int>{103}
                                      : std::vector<int>{100};
  const bool may_be_none = expected.interim == Answer::Interim::free && got.interim.empty();
  if (got.interim != wanted && !may_be_none)
    return got.interim.empty() ? "no interim answer"
                               : "an unwanted answer " + std::to_string(got.interim.front());
  if (got.count("date") != 1) return "not one Date (RFC 9110 §6.6.1)";
  if (got.status == 405 && got.count("allow") != 1) return "405 without Allow (RFC 9110 §15.5.6)";
  if (!expected.absent.empty() && got.count(expected.absent) != 0)
    return "a field " + std::string(expected.absent);
  if (expected.field.empty()) return {};
  if (got.count(expected.field) != 1)
    return std::to_string(got.count(expected.field)) + " fields " + std::string(expected.field);
  const std::string value = got.header(expected.field);
  const bool same = expected.field == "Allow" ? members(value) == members(expected.value)
                                              : value == expected.value;
  return same ? std::string() : std::string(expected.field) + ": " + value;
}

/// What is wrong with the answers of a row, the end of the connection left aside.
inline std::string difference(const Row& row, const Reading& reading) {
  if (!reading.problem.empty()) return reading.problem;
  for (std::size_t i = 0; i < reading.answers.size(); ++i) {
    const std::string which = "answer " + std::to_string(i + 1) + ": ";
    std::string what = difference(row.answers[i], reading.answers[i]);
    if (!what.empty()) return which + what;
    const bool is_last = i + 1 == row.answers.size();
    const bool closes = is_last && row.end == End::close;
    if (closes && row.late_end) continue;
    if (reading.answers[i].closes() != closes)
      return which + (closes ? "does not announce the close" : "announces a close") +
             " (RFC 9112 §9.6)";
  }
  if (reading.answers.size() < row.answers.size())
    return std::to_string(reading.answers.size()) + " answers instead of " +
           std::to_string(row.answers.size());
  return {};
}

/// Where a row's bytes are cut.
struct Cut {
  enum class Kind : std::uint8_t {
    none,
    each_byte,  ///< every byte comes alone
    each_io,    ///< all bytes are there, but a read or write of the server moves one
    once,       ///< in two, at `at`
  };
  Kind kind = Kind::none;
  std::size_t at = 0;
};

inline void feed(testing::Connection& connection, std::string_view bytes, Cut cut) {
  switch (cut.kind) {
    case Cut::Kind::none:
      connection.send_raw(bytes);
      return;
    case Cut::Kind::each_io:
      connection.set_largest_io(1);
      connection.send_raw(bytes);
      return;
    case Cut::Kind::each_byte:
      for (std::size_t i = 0; i < bytes.size(); ++i) connection.send_raw(bytes.substr(i, 1));
      return;
    case Cut::Kind::once:
      connection.send_raw(bytes.substr(0, cut.at));
      if (cut.at < bytes.size()) connection.send_raw(bytes.substr(cut.at));
      return;
  }
}

/// Runs a row over a connection in memory; `behind` is sent behind its bytes in one piece with
/// them.
inline std::string run_in_memory(testing::Client& client, const Row& row, Cut cut = {},
                                 std::string_view behind = {}) {
  // From where the rows' sockets come, too.
  testing::Connection connection = client.connect(net::Address::ip("127.0.0.1", 1).endpoint());
  std::string raw;
  const auto collect = [&] {
    std::uint64_t before = 0;
    do {  // one settling is a bounded number of turns
      before = connection.reads() + connection.writes();
      client.settle();
      raw += connection.receive_raw();
    } while (connection.reads() + connection.writes() != before);
  };
  const auto has_ended = [&] { return connection.has_ended() || connection.is_closed(); };

  feed(connection, std::string(row.bytes).append(behind), cut);
  collect();
  if (!row.later.empty()) {
    if (raw.find("HTTP/1.1 100 ") == std::string::npos)
      return "no 100 Continue before the content, but " + shown(raw);
    feed(connection, row.later, cut);
    collect();
  }
  if (row.half_closes) {
    connection.half_close();
    collect();
  }
  const Reading reading = read_answers(row, raw, has_ended());
  const std::string what = difference(row, reading);
  if (!what.empty()) return what + ", in " + shown(raw);
  if (reading.consumed != raw.size())
    return "bytes behind the last answer: " + shown(std::string_view(raw).substr(reading.consumed));
  switch (row.end) {
    case End::close:
      return has_ended() ? "" : "the connection is still open";
    case End::wait:
      if (has_ended()) return "closed, where the message is not complete";
      connection.half_close();
      collect();
      if (!has_ended()) return "still open behind the client's end";
      return raw.size() == reading.consumed ? "" : "an answer to half a message: " + shown(raw);
    case End::keep:
      if (has_ended()) return "the connection is closed";
      raw.clear();
      connection.send_raw(kNext);
      collect();
      if (raw.size() < 8 || raw.substr(raw.size() - 4) != "next" || raw.substr(9, 3) != "200")
        return "the next request got " + shown(raw);
      return raw.find("HTTP/1.1", 1) == std::string::npos ? "" : "two answers to the next request";
  }
  return "no such end";
}

/// Runs a row over a socket.
inline std::string run_over_socket(std::uint16_t port, const Row& row) {
  test::RawClient client(port);
  const auto send = [&client](std::string_view bytes) {
    try {
      client.send(bytes);
    } catch (const std::system_error&) {
      // The server had enough of it and has closed: what it said is still to be read.
    }
  };
  std::string raw;
  send(row.bytes);
  if (!row.later.empty()) {
    while (raw.find("\r\n\r\n") == std::string::npos) raw += client.read_some();
    send(row.later);
  }
  if (row.half_closes) client.half_close();
  Reading reading = read_answers(row, raw, false);
  while (!reading.complete && reading.problem.empty() && client.ended() == test::RawEnd::open) {
    raw += client.read_some();
    reading = read_answers(row, raw, client.ended() != test::RawEnd::open);
  }
  if (row.end == End::close && reading.problem.empty()) {
    raw += client.read_until_close();
    reading = read_answers(row, raw, true);
    if (!row.answers.empty() && client.ended() != test::RawEnd::eof)
      return "the connection is reset, which may destroy the answer";
  }
  const std::string what = difference(row, reading);
  if (!what.empty()) return what + ", in " + shown(raw);
  if (reading.consumed != raw.size())
    return "bytes behind the last answer: " + shown(std::string_view(raw).substr(reading.consumed));
  switch (row.end) {
    case End::close:
      return {};
    case End::wait:
      client.expect_silence(std::chrono::milliseconds(5));
      client.half_close();
      raw = client.read_until_close();
      return raw.empty() ? "" : "an answer to half a message: " + shown(raw);
    case End::keep: {
      const test::RawResponse next = client.request(kNext);
      return next.status == 200 && next.body == "next" ? ""
                                                       : "the next request got " + shown(next.raw);
    }
  }
  return "no such end";
}

/// Runs `run`, an exception being a problem, too.
template <class F>
std::string attempt(F run) {
  try {
    return run();
  } catch (const std::exception& what) {
    return what.what();
  }
}

}  // namespace weir::conformance
