// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A request head made from text, as the parser would hand it on.
///
/// Thread: one.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/http/request_parser.hpp>

namespace weir::test {

class ParsedHead {
 public:
  /// `lines` are field lines, each with its '\n'; `method` is that of the request line. Ask
  /// is_valid() where they come from a fuzzer.
  explicit ParsedHead(std::string_view lines, std::string_view method = "GET") {
    text_.append(method).append(" / HTTP/1.1\r\nHost: a\r\n");
    for (const char c : lines) {
      if (c == '\n') text_ += '\r';
      text_ += c;
    }
    text_ += "\r\n";
    head_.fields = index_.data();
    head_.field_capacity = static_cast<std::uint32_t>(index_.size());
    http::RequestParser parser;
    is_valid_ = parser.parse(text_.data(), text_.size(), head_, {}).kind ==
                http::RequestParser::Result::Kind::complete;
  }
  ParsedHead(const ParsedHead&) = delete;
  ParsedHead& operator=(const ParsedHead&) = delete;

  bool is_valid() const noexcept { return is_valid_; }
  const http::RequestHead& operator*() const noexcept { return head_; }

 private:
  std::string text_;
  std::array<http::FieldIndex, 128> index_{};
  http::RequestHead head_;
  bool is_valid_ = false;
};

}  // namespace weir::test
