// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Multipart forms for tests: what a parser tells, and a parser that has the whole body, written to
/// be compared with.
///
/// Thread: any.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/multipart_parser.hpp>

namespace weir::test {

struct Part {
  std::string name;
  std::optional<std::string> filename;
  std::string content_type;
  std::string data;
  bool ended = false;

  bool operator==(const Part& other) const {
    return name == other.name && filename == other.filename && content_type == other.content_type &&
           data == other.data && ended == other.ended;
  }
};

struct Parsed {
  std::vector<Part> parts;
  http::MultipartError error = http::MultipartError::none;
  std::size_t consumed = 0;
  bool in_order = true;  // events came as they must
};

/// Feeds `wire` in pieces: `next_size(i)` is the size of the i-th, at least one. Each is a block of
/// its own and gone before the next.
template <class NextSize>
Parsed parse_in_pieces(std::string_view wire, std::string_view boundary,
                       const http::MultipartLimits& limits, NextSize next_size) {
  using Event = http::MultipartParser::Event;
  Parsed got;
  http::MultipartParser parser(boundary, limits);
  bool open = false;
  std::size_t at = 0;
  for (std::size_t i = 0; at < wire.size(); ++i) {
    const std::size_t size = std::min<std::size_t>(next_size(i), wire.size() - at);
    const std::unique_ptr<char[]> piece(new char[size]);
    wire.copy(piece.get(), size, at);
    for (std::size_t used = 0;;) {
      const auto step = parser.step(piece.get() + used, size - used);
      used += step.consumed;
      got.consumed += step.consumed;
      got.in_order &= used <= size && step.data.empty() == (step.event != Event::data);
      if (step.event == Event::none) {
        got.in_order &= used == size;
        break;
      }
      if (step.event == Event::error) {
        got.error = step.error;
        got.in_order &= parser.finish() == step.error && step.error != http::MultipartError::none;
        return got;
      }
      got.in_order &= open == (step.event != Event::part);
      if (step.event == Event::part) {
        const http::MultipartPart& part = parser.part();
        Part& made = got.parts.emplace_back();
        made.name = part.name;
        if (part.filename) made.filename = std::string(*part.filename);
        made.content_type = part.content_type;
      }
      if (got.parts.empty()) return got;
      Part& last = got.parts.back();
      last.data += step.data;
      last.ended = step.event == Event::part_end;
      open = !last.ended;
      // Views of a part outlive the input.
      got.in_order &= parser.part().name == last.name;
    }
    at += size;
  }
  got.error = parser.finish();
  got.in_order &= got.error != http::MultipartError::none || (!open && parser.is_closed());
  return got;
}

/// The slow and simple twin: the whole body, looked through from the front for each question.
class MultipartReference {
 public:
  MultipartReference(std::string_view body, std::string_view boundary,
                     const http::MultipartLimits& limits)
      : text_("\r\n" + std::string(body)),
        delimiter_("\r\n--" + std::string(boundary)),
        limits_(limits) {}

  /// The parts, or nothing when the body is no form.
  std::optional<std::vector<Part>> parse() {
    std::size_t at = text_.find(delimiter_);
    if (at == npos || (at > 2 && at - 2 > limits_.preamble)) return std::nullopt;
    std::vector<Part> parts;
    for (;;) {
      std::size_t pos = at + delimiter_.size();
      const bool closes = text_.compare(pos, 2, "--") == 0;
      if (closes) pos += 2;
      if (!skip_padding(pos)) return std::nullopt;
      if (closes && pos == text_.size()) return parts;
      if (text_.compare(pos, 2, "\r\n") != 0) return std::nullopt;
      pos += 2;
      if (closes) {
        if (text_.size() - pos > limits_.epilogue) return std::nullopt;
        return parts;
      }
      const std::size_t empty_line = text_.find("\r\n\r\n", pos - 2);
      if (empty_line == npos || empty_line + 4 - pos > limits_.header_bytes) return std::nullopt;
      Part part;
      const std::size_t lines_end = std::max(empty_line, pos);
      if (parts.size() == limits_.parts || !read_header(text_.substr(pos, lines_end - pos), part))
        return std::nullopt;
      const std::size_t data = empty_line + 4;
      at = text_.find(delimiter_, empty_line + 2);
      if (at == npos) return std::nullopt;
      if (at > data) part.data = text_.substr(data, at - data);
      part.ended = true;
      parts.push_back(part);
    }
  }

 private:
  static constexpr std::size_t npos = std::string::npos;

  static std::string lower(std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
  }
  static bool is_tchar(char c) {
    return std::string_view(
               "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
               "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
               .find(c) != std::string_view::npos;
  }
  static std::string strip(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == npos) return "";
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
  }

  bool skip_padding(std::size_t& pos) const {
    std::size_t blanks = 0;
    for (; pos < text_.size() && (text_[pos] == ' ' || text_[pos] == '\t'); ++pos) ++blanks;
    return blanks <= http::kMaxTransportPadding;
  }

  bool read_header(const std::string& header, Part& part) const {
    std::optional<std::string> disposition;
    std::optional<std::string> type;
    std::size_t fields = 0;
    for (std::size_t at = 0; at < header.size();) {
      const std::size_t end = std::min(header.find("\r\n", at), header.size());
      const std::string line = header.substr(at, end - at);
      at = end + 2;
      for (const char c : line)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
      if (++fields > limits_.header_fields) return false;
      const std::size_t colon = line.find(':');
      if (colon == npos || colon == 0) return false;
      if (!std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), is_tchar))
        return false;
      const std::string name = lower(line.substr(0, colon));
      const std::string value = strip(line.substr(colon + 1));
      const std::string coding = lower(value);
      if (name == "content-transfer-encoding" && coding != "7bit" && coding != "8bit" &&
          coding != "binary")
        return false;
      if ((name == "content-disposition" && disposition) || (name == "content-type" && type))
        return false;
      if (name == "content-disposition") disposition = value;
      if (name == "content-type") type = value;
    }
    part.content_type = type.value_or("");
    return disposition && read_disposition(*disposition, part);
  }

  bool read_disposition(const std::string& value, Part& part) const {
    std::size_t at = std::min(value.find_first_of("; \t"), value.size());
    if (lower(value.substr(0, at)) != "form-data") return false;
    std::optional<std::string> name;
    std::optional<std::string> filename;
    const auto skip_blanks = [&] {
      at = std::min(value.find_first_not_of(" \t", at), value.size());
    };
    for (;;) {
      skip_blanks();
      if (at == value.size()) break;
      if (value[at++] != ';') return false;
      skip_blanks();
      if (at == value.size() || value[at] == ';') continue;
      const std::size_t equals = value.find('=', at);
      if (equals == npos || equals == at) return false;
      const std::string key = lower(value.substr(at, equals - at));
      if (!std::all_of(key.begin(), key.end(), is_tchar)) return false;
      std::string text;
      at = equals + 1;
      if (at < value.size() && value[at] == '"') {
        bool closed = false;
        for (++at; at < value.size() && !closed; ++at) {
          const char c = value[at];
          const char next = at + 1 < value.size() ? value[at + 1] : '\0';
          const bool last_quote = next == '"' && at + 2 == value.size();
          if (c == '"') {
            closed = true;
          } else if (c == '\\' && (next == '\\' || (next == '"' && !last_quote))) {
            text += next;
            ++at;
          } else {
            text += c;
          }
        }
        if (!closed) return false;
      } else {
        for (; at < value.size() && is_tchar(value[at]); ++at) text += value[at];
        if (text.empty()) return false;
      }
      std::optional<std::string>* kept = key == "name"       ? &name
                                         : key == "filename" ? &filename
                                                             : nullptr;
      if (kept == nullptr) continue;
      if (*kept) return false;
      *kept = text;
    }
    if (!name || name->size() > limits_.name) return false;
    if (filename && filename->size() > limits_.filename) return false;
    part.name = *name;
    part.filename = filename;
    return true;
  }

  const std::string text_;
  const std::string delimiter_;
  const http::MultipartLimits limits_;
};

}  // namespace weir::test
