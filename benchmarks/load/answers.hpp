// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Answers cut out of a stream of bytes, as cheaply as they can be checked.
///
/// The answers of one run look alike: status line, place of Content-Length and size of the head are
/// learnt, and a head that agrees with them at those places is taken without being searched. Any
/// other is read line by line. Content is told by Content-Length (RFC 9112 §6.3); an answer with
/// Transfer-Encoding is an error here, unless `Expected::chunked` allows chunks.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace load {

/// What each answer of a run must be, and what is known of their form.
struct Expected {
  int status = 200;
  bool to_head = false;  // answers to HEAD: no content whatever the length says
  bool chunked = false;  // answers may come in chunks
  bool compare = false;  // content must be `content`; set after the first answer has been learnt
  std::string content;
  bool learning = false;  // keep the next answer in `first`
  std::string first;      // its bytes, head and content, without what frames chunks

  std::string start;          // of the status line, up to the code and a space
  std::string length_line;    // Content-Length with its value and the CRLF on both sides
  std::size_t length_at = 0;  // where that begins
  std::size_t head_size = 0;  // with the empty line; 0: nothing learnt
  std::uint64_t length = 0;
  bool in_chunks = false;  // length_line is that of Transfer-Encoding, and there is no length
};

/// The answers of one connection.
class AnswerReader {
 public:
  /// Takes all of `in` and returns how many answers were completed by it. Stops at the first error.
  std::size_t take(std::string_view in, Expected& expected) {
    std::size_t done = 0;
    while (error_ == nullptr && !in.empty()) {
      if (left_ != 0) {
        in.remove_prefix(take_content(in, expected));
      } else if (chunk_ != Chunk::none) {
        in.remove_prefix(take_chunk_line(in, expected));
        if (!head_.empty() || error_ != nullptr) continue;
      } else {
        in.remove_prefix(take_head(in, expected));
        if (interim_ || !head_.empty() || error_ != nullptr) continue;
      }
      if (left_ == 0 && chunk_ == Chunk::none) ++done;
    }
    return done;
  }

  /// Bytes of content still to come; the caller may take some from the socket and say so by skip().
  /// 0 for an answer in chunks.
  std::uint64_t content_left() const { return chunk_ == Chunk::none ? left_ : 0; }

  /// `bytes` of the content have come; returns 1 when they were the last.
  std::size_t skip(std::uint64_t bytes) {
    left_ -= bytes;
    return left_ == 0 ? 1 : 0;
  }

  bool between_answers() const { return left_ == 0 && chunk_ == Chunk::none && head_.empty(); }

  /// What was wrong, or null. A wrong status is found only once its head is whole.
  const char* error() const { return error_; }

 private:
  static constexpr std::size_t kMaxHead = 64 * 1024;

  /// The line that comes next in an answer in chunks (RFC 9112 §7.1).
  enum class Chunk : std::uint8_t {
    none,     // not in chunks
    size,     // of a chunk, whose content follows
    end,      // the empty one behind a chunk's content
    trailer,  // any, up to an empty one
  };

  std::size_t take_content(std::string_view in, Expected& expected) {
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
    if (expected.learning) expected.first.append(in.data(), now);
    if (expected.compare && (now > expected.content.size() - at_ ||
                             std::memcmp(in.data(), expected.content.data() + at_, now) != 0))
      error_ = "other content than in the first answer";
    at_ += now;
    left_ -= now;
    return now;
  }

  std::size_t take_chunk_line(std::string_view in, const Expected& expected) {
    const std::size_t feed = in.find('\n');
    const std::size_t taken = feed == std::string_view::npos ? in.size() : feed + 1;
    head_.append(in.data(), taken);
    if (head_.size() > kMaxHead) return fail("a line of a chunk without end");
    if (feed == std::string_view::npos) return taken;
    const std::string line = head_.substr(0, head_.find_first_of("\r\n"));
    head_.clear();
    switch (chunk_) {
      case Chunk::size: {
        char* end = nullptr;
        left_ = std::strtoull(line.c_str(), &end, 16);
        if (end == line.c_str()) return fail("a chunk without a size");
        chunk_ = left_ == 0 ? Chunk::trailer : Chunk::end;
        break;
      }
      case Chunk::end:
        if (!line.empty()) return fail("more content than the chunk's size");
        chunk_ = Chunk::size;
        break;
      case Chunk::trailer:
        if (!line.empty()) break;
        chunk_ = Chunk::none;
        if (expected.compare && at_ != expected.content.size())
          return fail("less content than in the first answer");
        break;
      case Chunk::none:
        break;
    }
    return taken;
  }

  /// Returns how much of `in` belongs to the head. Content is due when left_ is set then.
  std::size_t take_head(std::string_view in, Expected& expected) {
    interim_ = false;
    const std::size_t before = head_.size();
    std::string_view head = in;
    if (before != 0) {
      head_.append(in.substr(0, kMaxHead));
      head = head_;
    }
    const std::size_t size =
        looks_alike(head, expected) ? expected.head_size : parse(head, expected);
    if (error_ != nullptr) return in.size();
    if (size == 0) {
      if (before == 0) head_ = in;
      if (head_.size() > kMaxHead) error_ = "a head without end";
      return in.size();
    }
    if (!interim_) {
      at_ = 0;
      left_ = expected.length;
      if (expected.in_chunks) chunk_ = Chunk::size;
      if (expected.learning) expected.first.assign(head.data(), size);
      if (expected.compare && !expected.in_chunks && left_ != expected.content.size())
        error_ = "another length than in the first answer";
    }
    head_.clear();
    return size - before;
  }

  static bool looks_alike(std::string_view head, const Expected& e) {
    return e.head_size != 0 && head.size() >= e.head_size &&
           std::memcmp(head.data(), e.start.data(), e.start.size()) == 0 &&
           std::memcmp(head.data() + e.length_at, e.length_line.data(), e.length_line.size()) ==
               0 &&
           std::memcmp(head.data() + e.head_size - 4, "\r\n\r\n", 4) == 0;
  }

  /// Reads a whole head and learns its form; 0 when it is not whole yet.
  std::size_t parse(std::string_view in, Expected& e) {
    const std::size_t end = in.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const std::string_view head = in.substr(0, end + 2);
    if (head.size() < 15 || head.substr(0, 7) != "HTTP/1." || head[8] != ' ')
      return fail("no status line where one was expected");
    const std::string_view code = head.substr(9, 3);
    if (code[0] == '1' && code != "101") {
      interim_ = true;
      return end + 4;
    }
    if (code != std::to_string(e.status)) return fail("another status than was expected");
    e.head_size = 0;
    const bool empty = e.to_head || code == "204" || code == "304";
    e.length = 0;
    e.in_chunks = false;
    bool found = false;
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size();) {
      const std::size_t next = head.find("\r\n", at + 2);
      const std::string_view line = head.substr(at + 2, next - at - 2);
      if (named(line, "transfer-encoding:")) {
        if (!e.chunked || line.substr(line.size() - 7) != "chunked")
          return fail("Transfer-Encoding instead of a length");
        found = e.in_chunks = true;
        e.length_at = at;
        e.length_line = head.substr(at, next + 2 - at);
      }
      if (named(line, "content-length:")) {
        found = true;
        e.length_at = at;
        e.length_line = head.substr(at, next + 2 - at);
        if (!number(line.substr(15), e.length)) return fail("a Content-Length that is no number");
      }
      at = next;
    }
    if (empty) {
      e.length = 0;
      e.in_chunks = false;
      return end + 4;
    }
    if (!found) return fail("no Content-Length");
    e.start = head.substr(0, 13);
    e.head_size = end + 4;
    return end + 4;
  }

  std::size_t fail(const char* why) {
    error_ = why;
    return 0;
  }

  static bool named(std::string_view line, std::string_view lower) {
    if (line.size() < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i) {
      const char c = line[i];
      if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
    }
    return true;
  }

  static bool number(std::string_view text, std::uint64_t& value) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    if (text.empty() || text.size() > 15) return false;
    value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
  }

  std::string head_;        // of an answer, or the line of a chunk, which is not whole yet
  std::uint64_t left_ = 0;  // of the content of the answer, or of its chunk, at hand
  std::size_t at_ = 0;      // where in that answer's content
  Chunk chunk_ = Chunk::none;
  bool interim_ = false;  // the head just taken was a 1xx
  const char* error_ = nullptr;
};

}  // namespace load
