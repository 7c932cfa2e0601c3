// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A row of the conformance table: bytes in, answers out, and what becomes of the connection.
///
/// What a row expects comes from the document that it names, never from what the code does.
///
/// Thread: a value.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::conformance {

/// Bytes, with the NULs that a literal may hold.
class Bytes {
 public:
  template <std::size_t size>
  Bytes(const char (&literal)[size]) : bytes_(literal, size - 1) {}
  Bytes(std::string bytes) : bytes_(std::move(bytes)) {}

  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// One answer that a row expects. A body that is not named may be any.
struct Answer {
  enum class Interim : std::uint8_t {
    none,    ///< no interim answer before it
    wanted,  ///< `100 Continue` before it
    hints,   ///< `103 Early Hints` before it
    free,    ///< either: the server may have seen content before it could ask (RFC 9110 §10.1.1)
  };

  constexpr Answer(int code) : status(code) {}
  constexpr Answer(int code, std::string_view content)
      : status(code), body(content), has_body(true) {}

  /// Has exactly one field `name` with this value; methods of Allow in any order.
  constexpr Answer with(std::string_view name, std::string_view text) const {
    Answer other = *this;
    other.field = name;
    other.value = text;
    return other;
  }
  /// Has no field `name`.
  constexpr Answer without(std::string_view name) const {
    Answer other = *this;
    other.absent = name;
    return other;
  }
  /// Answers HEAD: no content, whatever its fields say.
  constexpr Answer to_head() const {
    Answer other = *this;
    other.head = true;
    return other;
  }
  constexpr Answer after(Interim kind) const {
    Answer other = *this;
    other.interim = kind;
    return other;
  }

  int status;
  std::string_view body = {};
  std::string_view field = {};
  std::string_view value = {};
  std::string_view absent = {};
  bool has_body = false;
  bool head = false;
  Interim interim = Interim::none;
};

/// What becomes of the connection after the last answer.
enum class End : std::uint8_t {
  keep,   ///< it serves the next request
  close,  ///< it is closed, and bytes behind are never parsed
  wait,   ///< the server waits for more of the message
};

struct Row {
  std::string name;
  std::string bytes;
  std::vector<Answer> answers;
  End end = End::keep;
  std::string_view source;  ///< the RFC's section, the CVE, or the page of weir's that says so

  std::string later;         ///< bytes that the client sends after `100 Continue` has come
  bool half_closes = false;  ///< the client ends its direction behind the bytes
  bool late_end = false;  ///< what ends the connection comes behind the answer, which cannot say so
  std::string_view fault;  ///< why weir is known to fail it; empty: it must pass

  Row& then(Bytes content) {
    later = std::move(content).take();
    return *this;
  }
  Row& half_close() {
    half_closes = late_end = true;
    return *this;
  }
  Row& unannounced() {
    late_end = true;
    return *this;
  }
  Row& fails(std::string_view reason) {
    fault = reason;
    return *this;
  }
};

struct Chapter {
  std::string_view title;
  std::vector<Row> rows;

  Row& add(std::string name, Bytes bytes, std::initializer_list<Answer> answers, End end,
           std::string_view source) {
    Row row;
    row.name = std::move(name);
    row.bytes = std::move(bytes).take();
    row.answers = answers;
    row.end = end;
    row.source = source;
    rows.push_back(std::move(row));
    return rows.back();
  }

  /// Adds a row of the commonest kind: refused, and the connection closed.
  Row& refuse(std::string name, Bytes bytes, int status, std::string_view source) {
    return add(std::move(name), std::move(bytes), {status}, End::close, source);
  }
};

}  // namespace weir::conformance
