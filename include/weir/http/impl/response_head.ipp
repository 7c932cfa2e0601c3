// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <weir/http/chars.hpp>
#include <weir/http/response_head.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// Whether is_value() holds for all of `text`, eight bytes at a time (serializer_bench,
/// BM_SetFields).
WEIR_INLINE bool all_value(std::string_view text) noexcept {
  constexpr std::uint64_t kUnits = 0x0101010101010101;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t del = word ^ (kUnits * 0x7F);
    // A byte below 0x20, or DEL. A borrow may also report its neighbour: the table has the last
    // word.
    const std::uint64_t maybe =
        (((word - kUnits * 0x20) & ~word) | ((del - kUnits) & ~del)) & (kUnits * 0x80);
    if (WEIR_LIKELY(maybe == 0)) continue;
    for (int i = 0; i < 8; ++i)
      if (!is_value(at[i])) return false;
  }
  for (; at != end; ++at)
    if (!is_value(*at)) return false;
  return true;
}

[[noreturn]] WEIR_COLD WEIR_INLINE void refuse_field(std::string_view name, const char* why) {
  std::string message = "response field \"";
  for (const char c : name.substr(0, 64)) message += c >= 0x20 && c < 0x7f ? c : '?';
  message += "\": ";
  message += why;
  throw std::invalid_argument(message);
}

}  // namespace detail

enum class ResponseHead::Kind : std::uint8_t {
  plain,
  date,
  server,
  content_type,
  upgrade,
  content_length,
  connection,
  transfer_encoding,
};

WEIR_INLINE ResponseHead::Kind ResponseHead::kind_of(std::string_view name) noexcept {
  switch (name.size()) {
    case 4:
      return equals_ignoring_case(name, "date") ? Kind::date : Kind::plain;
    case 6:
      return equals_ignoring_case(name, "server") ? Kind::server : Kind::plain;
    case 7:
      return equals_ignoring_case(name, "upgrade") ? Kind::upgrade : Kind::plain;
    case 10:
      return equals_ignoring_case(name, "connection") ? Kind::connection : Kind::plain;
    case 12:
      return equals_ignoring_case(name, "content-type") ? Kind::content_type : Kind::plain;
    case 14:
      return equals_ignoring_case(name, "content-length") ? Kind::content_length : Kind::plain;
    case 17:
      return equals_ignoring_case(name, "transfer-encoding") ? Kind::transfer_encoding
                                                             : Kind::plain;
    default:
      return Kind::plain;
  }
}

/// The flag that says whether there is such a field; 0 when only a search can tell.
WEIR_INLINE std::uint8_t ResponseHead::flag_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::date:
      return kDate;
    case Kind::server:
      return kServer;
    case Kind::content_type:
      return kContentType;
    case Kind::upgrade:
      return kUpgrade;
    case Kind::content_length:
      return kLength;
    case Kind::connection:
      return kClose;
    case Kind::plain:
    case Kind::transfer_encoding:
      return 0;
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE void ResponseHead::set(std::string_view name, std::string_view value) {
  put(name, value, true);
}

WEIR_INLINE void ResponseHead::append(std::string_view name, std::string_view value) {
  put(name, value, false);
}

WEIR_INLINE void ResponseHead::put(std::string_view name, std::string_view value, bool replace) {
  if (WEIR_UNLIKELY(lines_.owns(name) || lines_.owns(value)))
    return put(std::string(name), std::string(value), replace);
  if (WEIR_UNLIKELY(!is_token(name))) detail::refuse_field(name, "its name is no token");
  value = trim(value);
  if (WEIR_UNLIKELY(!detail::all_value(value)))
    detail::refuse_field(name, "its value has a control character");

  const Kind kind = kind_of(name);
  switch (kind) {
    case Kind::content_length:
    case Kind::connection:
    case Kind::transfer_encoding:
      return put_framing(kind, name, value);
    case Kind::plain:
    case Kind::date:
    case Kind::server:
    case Kind::content_type:
    case Kind::upgrade:
      break;
  }
  const std::uint8_t flag = flag_of(kind);
  const bool there = replace && (flag == 0 || (flags_ & flag) != 0);
  const std::size_t old_end = lines_.size();
  add_line(name, value);
  if (there) remove_lines(name, old_end);
  flags_ = static_cast<std::uint8_t>(flags_ | flag);
}

WEIR_INLINE void ResponseHead::put_framing(Kind kind, std::string_view name,
                                           std::string_view value) {
  if (kind == Kind::transfer_encoding)
    detail::refuse_field(name, "the server alone decides how content is framed");
  if (kind == Kind::content_length) {
    std::uint64_t bytes = 0;
    const char* const end = value.data() + value.size();
    const auto [read_to, error] = std::from_chars(value.data(), end, bytes);
    if (value.empty() || read_to != end || error != std::errc())
      detail::refuse_field(name, "its value is no number of bytes");
    return set_content_length(bytes);
  }
  if (equals_ignoring_case(value, "close")) return set_close(true);
  if (equals_ignoring_case(value, "keep-alive")) return set_close(false);
  // The serializer writes it with any Upgrade, so that neither is sent without the other.
  if (equals_ignoring_case(value, "upgrade")) return;
  detail::refuse_field(name, "its value is none of close, keep-alive and upgrade");
}

WEIR_INLINE void ResponseHead::set_content_type(std::string_view value) {
  constexpr std::string_view kName = "Content-Type";
  if (WEIR_UNLIKELY(has_content_type() || lines_.owns(value))) return put(kName, value, true);
  value = trim(value);
  if (WEIR_UNLIKELY(!detail::all_value(value)))
    detail::refuse_field(kName, "its value has a control character");
  add_line(kName, value);
  set_flag(kContentType, true);
}

WEIR_INLINE void ResponseHead::set_content_length(std::uint64_t bytes) noexcept {
  content_length_ = bytes;
  set_flag(kLength, true);
}

WEIR_INLINE void ResponseHead::add_line(std::string_view name, std::string_view value) {
  char* at = lines_.extend(name.size() + value.size() + 4);  // whole line or nothing
  std::memcpy(at, name.data(), name.size());
  at += name.size();
  std::memcpy(at, ": ", 2);
  if (!value.empty()) std::memcpy(at + 2, value.data(), value.size());
  std::memcpy(at + 2 + value.size(), "\r\n", 2);
}

/// Where the next line of `name` begins, `from` being the beginning of a line; npos if there is
/// none.
WEIR_INLINE std::size_t ResponseHead::find_line(std::string_view name,
                                                std::size_t from) const noexcept {
  const std::string_view lines = this->lines();
  for (; from < lines.size(); from = line_end(from)) {
    const std::size_t colon = from + name.size();  // names have no ':', values no CR
    if (colon < lines.size() && lines[colon] == ':' &&
        equals_ignoring_case(lines.substr(from, name.size()), name))
      return from;
  }
  return std::string_view::npos;
}

/// Removes the lines `name` that begin before `end`.
WEIR_INLINE bool ResponseHead::remove_lines(std::string_view name, std::size_t end) noexcept {
  bool found = false;
  for (std::size_t line = find_line(name, 0); line < end; line = find_line(name, line)) {
    const std::size_t size = line_end(line) - line;
    lines_.erase(line, size);
    end -= size;
    found = true;
  }
  return found;
}

WEIR_INLINE bool ResponseHead::remove(std::string_view name) noexcept {
  const Kind kind = kind_of(name);
  const std::uint8_t flag = flag_of(kind);
  if (flag != 0) {
    if ((flags_ & flag) == 0) return false;
    flags_ = static_cast<std::uint8_t>(flags_ & ~flag);
    if (kind == Kind::content_length || kind == Kind::connection) return true;
  }
  return remove_lines(name, lines_.size());
}

WEIR_INLINE std::string_view ResponseHead::get(std::string_view name) const noexcept {
  if (kind_of(name) == Kind::connection) return close() ? "close" : std::string_view();
  const std::size_t line = find_line(name, 0);
  if (line == std::string_view::npos) return {};
  const std::size_t value = line + name.size() + 2;
  return lines().substr(value, line_end(line) - 2 - value);
}

WEIR_INLINE bool ResponseHead::has(std::string_view name) const noexcept {
  const std::uint8_t flag = flag_of(kind_of(name));
  if (flag != 0) return (flags_ & flag) != 0;
  return find_line(name, 0) != std::string_view::npos;
}

WEIR_INLINE bool ResponseHead::next(std::size_t& position, std::string_view& name,
                                    std::string_view& value) const noexcept {
  if (position >= lines_.size()) return false;
  // Names have no ':' and values no CR: both ends are where they seem to be.
  const std::string_view rest = lines().substr(position);
  const std::size_t colon = rest.find(':');
  const std::size_t end = rest.find('\r', colon);
  name = rest.substr(0, colon);
  value = rest.substr(colon + 2, end - colon - 2);
  position += end + 2;
  return true;
}

WEIR_INLINE std::optional<std::uint64_t> ResponseHead::content_length() const noexcept {
  if (!has_flag(kLength)) return std::nullopt;
  return content_length_;
}

}  // namespace http
WEIR_END_NAMESPACE
