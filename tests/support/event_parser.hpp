// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A client's reader of text/event-stream, written from WHATWG HTML §9.2.6 alone.
///
/// Thread: one.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::test {

struct ParsedEvent {
  std::string type;  // "message" when it has no name
  std::string data;
  std::string last_event_id;

  bool operator==(const ParsedEvent& other) const {
    return type == other.type && data == other.data && last_event_id == other.last_event_id;
  }
};

/// Fed with pieces of a stream; `events` are those that a browser would have dispatched.
class EventParser {
 public:
  void feed(std::string_view text) {
    for (const char c : text) {
      if (after_cr_ && c == '\n') {
        after_cr_ = false;
        continue;
      }
      after_cr_ = c == '\r';
      if (c == '\r' || c == '\n') {
        take_line();
        line_.clear();
      } else {
        line_ += c;
      }
    }
  }

  std::vector<ParsedEvent> events;
  std::vector<std::string> comments;
  std::string retry;

 private:
  void take_line() {
    if (line_.empty()) {
      dispatch();
      return;
    }
    if (line_[0] == ':') {
      comments.push_back(line_.substr(1));
      return;
    }
    const std::size_t colon = line_.find(':');
    const std::string field = line_.substr(0, colon);
    std::string value = colon == std::string::npos ? "" : line_.substr(colon + 1);
    if (!value.empty() && value[0] == ' ') value.erase(0, 1);
    if (field == "event") {
      type_ = value;
    } else if (field == "data") {
      data_ += value + '\n';
    } else if (field == "id") {
      if (value.find('\0') == std::string::npos) id_ = value;
    } else if (field == "retry") {
      if (value.find_first_not_of("0123456789") == std::string::npos) retry = value;
    }
  }

  void dispatch() {
    if (!data_.empty()) {
      data_.pop_back();
      events.push_back({type_.empty() ? "message" : type_, data_, id_});
    }
    data_.clear();
    type_.clear();
  }

  std::string line_;
  std::string data_;
  std::string type_;
  std::string id_;
  bool after_cr_ = false;
};

/// `text` with every line end of HTML (CR LF, CR, LF) as LF.
inline std::string with_lf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace weir::test
