// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <weir/http/chars.hpp>
#include <weir/http/chunk_decoder.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE ChunkDecoder::Progress ChunkDecoder::step(const char* in, std::size_t size,
                                                      const Limits& limits, std::string& trailers) {
  const char* p = in;
  const char* const end = in + size;
  const auto consumed = [&] { return static_cast<std::size_t>(p - in); };
  if (state_ == State::done || state_ == State::failed) return {0, {}, is_done(), error_};
  while (p != end) {
    if (state_ == State::data) {
      const std::uint64_t here = std::min(left_, static_cast<std::uint64_t>(end - p));
      const std::string_view data(p, static_cast<std::size_t>(here));
      p += here;
      left_ -= here;
      if (left_ == 0) state_ = State::data_cr;
      return {consumed(), data, false, ParseError::none};
    }
    const ParseError error = on_framing(*p, limits, trailers);
    if (WEIR_UNLIKELY(error != ParseError::none)) {
      state_ = State::failed;
      error_ = error;
      return {consumed(), {}, false, error};
    }
    ++p;
    if (is_done()) return {consumed(), {}, true, ParseError::none};
  }
  return {consumed(), {}, false, ParseError::none};
}

/// One byte that is not content.
WEIR_INLINE ParseError ChunkDecoder::on_framing(char c, const Limits& limits,
                                                std::string& trailers) {
  switch (state_) {
    case State::size:
      if (digits_ == 0 || (c != ';' && !is_space(c))) return on_size(c);
      state_ = State::extension_start;
      [[fallthrough]];
    case State::extension_start:
    case State::extension_name:
    case State::extension_in_name:
    case State::extension_equals:
    case State::extension_value:
    case State::extension_token:
    case State::extension_quoted:
    case State::extension_escaped:
    case State::extension_end:
      if (c != '\r') {
        if (extension_bytes_ >= limits.chunk_extensions)
          return ParseError::chunk_extensions_too_long;
        ++extension_bytes_;
      }
      return on_extension(c);
    case State::size_lf:
      return on_size_lf(c);
    case State::data_cr:
    case State::data_lf:
      return on_data_end(c);
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
      if (state_ != State::trailer_start || c != '\r') {
        if (trailer_bytes_ >= limits.trailers) return ParseError::trailers_too_long;
        ++trailer_bytes_;
      }
      return on_trailer(c, trailers);
    case State::end_lf:
      if (c != '\n') return ParseError::bare_cr;
      state_ = State::done;
      return ParseError::none;
    case State::data:
    case State::done:
    case State::failed:
      break;  // step() takes these
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE ParseError ChunkDecoder::on_size(char c) noexcept {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (is_hex(c)) {
    if (digits_ == kMaxChunkSizeDigits) return ParseError::chunk_size_overflow;
    ++digits_;
    left_ = left_ << 4 | hex_value(c);  // 16 digits fit in 64 bits
    return left_ > kMost ? ParseError::chunk_size_overflow : ParseError::none;
  }
  if (c != '\r' || digits_ == 0) return ParseError::bad_chunk_size;
  state_ = State::size_lf;
  return ParseError::none;
}

/// A line end counts only where the grammar lets the extension end, never inside of one: servers
/// that skip "anything up to LF" here read other requests than those that look for CRLF.
WEIR_INLINE ParseError ChunkDecoder::on_extension(char c) noexcept {
  const auto to = [this](State next) {
    state_ = next;
    return ParseError::none;
  };
  switch (state_) {
    case State::extension_start:
      if (is_space(c)) return ParseError::none;
      if (c == ';') return to(State::extension_name);
      break;
    case State::extension_name:
      if (is_space(c)) return ParseError::none;
      if (is_token(c)) return to(State::extension_in_name);
      break;
    case State::extension_in_name:
      if (is_token(c)) return ParseError::none;
      if (c == '=') return to(State::extension_value);
      if (c == ';') return to(State::extension_name);
      if (c == '\r') return to(State::size_lf);
      if (is_space(c)) return to(State::extension_equals);
      break;
    case State::extension_equals:
      if (is_space(c)) return ParseError::none;
      if (c == '=') return to(State::extension_value);
      if (c == ';') return to(State::extension_name);
      break;
    case State::extension_value:
      if (is_space(c)) return ParseError::none;
      if (c == '"') return to(State::extension_quoted);
      if (is_token(c)) return to(State::extension_token);
      break;
    case State::extension_token:
      if (is_token(c)) return ParseError::none;
      [[fallthrough]];
    case State::extension_end:
      if (c == ';') return to(State::extension_name);
      if (c == '\r') return to(State::size_lf);
      if (is_space(c)) return to(State::extension_start);
      break;
    case State::extension_quoted:
      if (c == '"') return to(State::extension_end);
      if (c == '\\') return to(State::extension_escaped);
      if (is_quoted_text(c)) return ParseError::none;
      break;
    case State::extension_escaped:
      if (is_value(c)) return to(State::extension_quoted);
      break;
    case State::size:
    case State::size_lf:
    case State::data:
    case State::data_cr:
    case State::data_lf:
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
    case State::trailer_lf:
    case State::end_lf:
    case State::done:
    case State::failed:
      WEIR_UNREACHABLE();
  }
  return ParseError::bad_chunk_extension;
}

WEIR_INLINE ParseError ChunkDecoder::on_size_lf(char c) noexcept {
  if (c != '\n') return ParseError::bare_cr;
  digits_ = 0;
  state_ = left_ == 0 ? State::trailer_start : State::data;
  return ParseError::none;
}

WEIR_INLINE ParseError ChunkDecoder::on_data_end(char c) noexcept {
  const bool at_cr = state_ == State::data_cr;
  if (c != (at_cr ? '\r' : '\n')) return ParseError::bad_chunk_end;
  state_ = at_cr ? State::data_lf : State::size;
  return ParseError::none;
}

/// field-line as in a head; the caller's text ends with the line so far.
WEIR_INLINE ParseError ChunkDecoder::on_trailer(char c, std::string& trailers) {
  if (state_ == State::trailer_lf) {
    if (c != '\n') return ParseError::bare_cr;
    end_of_trailer(trailers);
    state_ = State::trailer_start;
    return ParseError::none;
  }
  if (state_ == State::trailer_value) {
    if (c == '\r') {
      state_ = State::trailer_lf;
      return ParseError::none;
    }
    if (c == '\n') return ParseError::bare_lf;
    if (c == '\0') return ParseError::nul_in_value;
    if (!is_value(c)) return ParseError::bad_value;
    trailers.push_back(c);
    return ParseError::none;
  }
  const bool starts = state_ == State::trailer_start;
  if (is_token(c)) {
    if (starts) trailer_line_ = static_cast<std::uint32_t>(trailers.size());
    trailers.push_back(c);
    state_ = State::trailer_name;
    return ParseError::none;
  }
  if (starts) {
    if (c == '\r') {
      state_ = State::end_lf;
      return ParseError::none;
    }
    if (c == '\n') return ParseError::bare_lf;
    if (is_space(c)) return ParseError::obs_fold;
    return c == ':' ? ParseError::empty_name : ParseError::bad_name;
  }
  if (c == ':') {
    trailers.push_back(c);
    state_ = State::trailer_value;
    return ParseError::none;
  }
  if (is_space(c)) return ParseError::space_before_colon;
  return c == '\r' || c == '\n' ? ParseError::missing_colon : ParseError::bad_name;
}

/// Brings the finished line into the form "name: value\r\n", or drops it.
WEIR_INLINE void ChunkDecoder::end_of_trailer(std::string& trailers) {
  const std::string_view line = std::string_view(trailers).substr(trailer_line_);
  const std::size_t colon = line.find(':');
  if (is_forbidden_trailer(line.substr(0, colon))) {
    trailers.resize(trailer_line_);
    return;
  }
  const std::size_t value = trailer_line_ + colon + 1;
  while (is_space(trailers.back())) trailers.pop_back();
  std::size_t text = value;
  while (text < trailers.size() && is_space(trailers[text])) ++text;
  trailers.erase(value, text - value);
  trailers.insert(value, 1, ' ');
  trailers.append("\r\n");
}

WEIR_INLINE bool is_forbidden_trailer(std::string_view name) noexcept {
  const auto starts_with = [name](std::string_view prefix) {
    return equals_ignoring_case(name.substr(0, prefix.size()), prefix);
  };
  for (const std::string_view prefix :
       {"access-control-", "content-", "if-", "proxy-", "sec-", "x-forwarded-"})
    if (starts_with(prefix)) return true;
  for (const std::string_view forbidden :
       {// framing and the connection
        "connection", "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding",
        "upgrade",
        // routing, and who is asking
        "forwarded", "host", "via", "x-http-method-override", "x-real-ip",
        // request modifiers
        "cache-control", "expect", "max-forwards", "pragma", "range",
        // authentication
        "authentication-info", "authorization", "cookie", "set-cookie", "www-authenticate",
        // response control data
        "age", "date", "expires", "location", "retry-after", "vary", "warning"})
    if (equals_ignoring_case(name, forbidden)) return true;
  return false;
}

}  // namespace http
WEIR_END_NAMESPACE
