// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstring>
#include <weir/http/date.hpp>
#include <weir/http/serializer.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

inline constexpr std::size_t kMaxDigits = 20;  // of a 64-bit number, in decimal

inline char* put_text(char* to, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

/// Literals are copied with a size that the compiler knows.
template <std::size_t kSize>
char* put_literal(char* to, const char (&text)[kSize]) noexcept {
  std::memcpy(to, text, kSize - 1);
  return to + kSize - 1;
}

inline char* put_number(char* to, std::uint64_t number) noexcept {
  if (number < 10) {
    *to = static_cast<char>('0' + number);
    return to + 1;
  }
  if (number < 100) {
    const auto small = static_cast<unsigned>(number);
    to[0] = static_cast<char>('0' + small / 10);
    to[1] = static_cast<char>('0' + small % 10);
    return to + 2;
  }
  return std::to_chars(to, to + kMaxDigits, number).ptr;
}

/// The whole status line of those that are sent all the time; empty for the others.
constexpr std::string_view common_status_line(Status status) noexcept {
  switch (status) {
    case Status::ok:
      return "HTTP/1.1 200 OK\r\n";
    case Status::created:
      return "HTTP/1.1 201 Created\r\n";
    case Status::accepted:
      return "HTTP/1.1 202 Accepted\r\n";
    case Status::no_content:
      return "HTTP/1.1 204 No Content\r\n";
    case Status::partial_content:
      return "HTTP/1.1 206 Partial Content\r\n";
    case Status::moved_permanently:
      return "HTTP/1.1 301 Moved Permanently\r\n";
    case Status::found:
      return "HTTP/1.1 302 Found\r\n";
    case Status::see_other:
      return "HTTP/1.1 303 See Other\r\n";
    case Status::not_modified:
      return "HTTP/1.1 304 Not Modified\r\n";
    case Status::bad_request:
      return "HTTP/1.1 400 Bad Request\r\n";
    case Status::unauthorized:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case Status::forbidden:
      return "HTTP/1.1 403 Forbidden\r\n";
    case Status::not_found:
      return "HTTP/1.1 404 Not Found\r\n";
    case Status::internal_server_error:
      return "HTTP/1.1 500 Internal Server Error\r\n";
    case Status::service_unavailable:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    default:
      return {};
  }
}

inline constexpr std::size_t kMaxPhrase = 40;  // the longest that reason() knows has 31
inline constexpr std::size_t kMaxStatusLine = sizeof "HTTP/1.1 999 \r\n" + kMaxPhrase;

inline char* put_status_line(char* to, Status status) noexcept {
  if (WEIR_LIKELY(status == Status::ok)) return put_literal(to, "HTTP/1.1 200 OK\r\n");
  const std::string_view common = common_status_line(status);
  if (!common.empty()) return put_text(to, common);
  const unsigned number = code(status);
  to = put_literal(to, "HTTP/1.1 ");
  *to++ = static_cast<char>('0' + number / 100 % 10);
  *to++ = static_cast<char>('0' + number / 10 % 10);
  *to++ = static_cast<char>('0' + number % 10);
  *to++ = ' ';  // also before an empty phrase (RFC 9112 §4)
  const std::string_view phrase = reason(status);
  WEIR_ASSERT(phrase.size() <= kMaxPhrase);
  return put_literal(put_text(to, phrase), "\r\n");
}

inline char* put_date(char* to, std::string_view date) noexcept {
  WEIR_ASSERT(date.size() == kDateSize);
  to = put_literal(to, "Date: ");
  std::memcpy(to, date.data(), kDateSize);
  return put_literal(to + kDateSize, "\r\n");
}

inline char* put_server(char* to, std::string_view server) noexcept {
  return put_literal(put_text(put_literal(to, "Server: "), server), "\r\n");
}

inline char* put_length(char* to, std::uint64_t length) noexcept {
  return put_literal(put_number(put_literal(to, "Content-Length: "), length), "\r\n");
}

/// Room for all but the head's own lines and the Server field's value.
inline constexpr std::size_t kMaxOwnLines =
    kMaxStatusLine + sizeof "Date: \r\nServer: \r\n" + kDateSize + kMaxDigits +
    sizeof "Transfer-Encoding: chunked\r\nContent-Length: \r\n" +
    sizeof "Connection: upgrade, keep-alive\r\n\r\n";

/// How the content will really be framed, after what status and version allow.
struct Framed {
  HeadOptions::Framing framing;
  std::uint64_t length;  // what Content-Length says
  bool has_length;

  Framed(const ResponseHead& head, const HeadOptions& options) noexcept
      : framing(options.framing), length(options.content_length) {
    using Framing = HeadOptions::Framing;
    const bool never = code(head.status) < 200 || head.status == Status::no_content;
    if (forbids_content(head.status)) framing = Framing::none;
    if (framing == Framing::chunked && options.minor_version == 0) framing = Framing::until_close;
    has_length = framing == Framing::length;
    if (framing == Framing::none && !never) {
      const auto own = head.content_length();
      has_length = own.has_value();
      length = own.value_or(0);
    }
  }
};

/// The Connection field; 40 bytes at most. Empty for what HTTP/1.1 does anyway.
constexpr std::string_view connection_line(bool upgrade, bool close, bool keep_alive) noexcept {
  if (WEIR_UNLIKELY(upgrade)) {
    if (close) return "Connection: upgrade, close\r\n";
    return keep_alive ? "Connection: upgrade, keep-alive\r\n" : "Connection: upgrade\r\n";
  }
  if (close) return "Connection: close\r\n";
  return keep_alive ? "Connection: keep-alive\r\n" : std::string_view();
}

}  // namespace detail

WEIR_INLINE void write_head(Output& out, const ResponseHead& head, const HeadOptions& options) {
  const detail::Framed framed(head, options);
  const bool close =
      options.close || head.close() || framed.framing == HeadOptions::Framing::until_close;
  const std::size_t bound = detail::kMaxOwnLines + head.lines().size() + options.server.size();
  char* const begin = out.reserve(bound);
  char* at = detail::put_text(detail::put_status_line(begin, head.status), head.lines());
  if (!options.date.empty() && !head.has_date()) at = detail::put_date(at, options.date);
  if (!options.server.empty() && !head.has_server()) at = detail::put_server(at, options.server);
  if (framed.has_length) {
    at = detail::put_length(at, framed.length);
  } else if (framed.framing == HeadOptions::Framing::chunked) {
    at = detail::put_literal(at, "Transfer-Encoding: chunked\r\n");
  }
  at = detail::put_text(
      at, detail::connection_line(head.has_upgrade(), close, options.keep_alive_header));
  at = detail::put_literal(at, "\r\n");
  const auto size = static_cast<std::size_t>(at - begin);
  WEIR_ASSERT(size <= bound);
  out.commit(size);
}

namespace detail {

WEIR_STEP void put_plain_answer(Output& out, const ResponseHead& head, std::string_view date,
                                std::string_view server, std::string_view content) {
  WEIR_ASSERT(head.is_plain() && !forbids_content(head.status));
  const std::size_t bound = kMaxOwnLines + head.lines().size() + server.size() + content.size();
  char* const begin = out.reserve(bound);
  char* at = put_text(put_status_line(begin, head.status), head.lines());
  if (!date.empty()) at = put_date(at, date);
  if (!server.empty()) at = put_server(at, server);
  at = put_literal(put_length(at, content.size()), "\r\n");
  at = put_text(at, content);
  out.commit(static_cast<std::size_t>(at - begin));
}

}  // namespace detail

WEIR_INLINE void write_plain_answer(Output& out, const ResponseHead& head, std::string_view date,
                                    std::string_view server, std::string_view content) {
  detail::put_plain_answer(out, head, date, server, content);
}

WEIR_INLINE void write_interim(Output& out, Status status, const ResponseHead& head) {
  const std::size_t bound = detail::kMaxStatusLine + head.lines().size() + 2;
  char* const begin = out.reserve(bound);
  char* at = detail::put_text(detail::put_status_line(begin, status), head.lines());
  at = detail::put_literal(at, "\r\n");
  out.commit(static_cast<std::size_t>(at - begin));
}

WEIR_INLINE void write_chunk_head(Output& out, std::size_t size) {
  WEIR_ASSERT(size != 0);
  constexpr std::size_t kBound = sizeof size * 2 + 2;
  char* const begin = out.reserve(kBound);
  char* const at = std::to_chars(begin, begin + kBound, size, 16).ptr;
  out.commit(static_cast<std::size_t>(detail::put_literal(at, "\r\n") - begin));
}

WEIR_INLINE void write_chunk_end(Output& out) { out.append("\r\n"); }

WEIR_INLINE void write_chunk(Output& out, std::string_view content) {
  if (content.empty()) return;
  constexpr std::size_t kFrame = sizeof(std::size_t) * 2 + 4;
  const std::size_t bound = content.size() + kFrame;
  char* const begin = out.reserve(bound);
  char* at = std::to_chars(begin, begin + bound, content.size(), 16).ptr;
  at = detail::put_text(detail::put_literal(at, "\r\n"), content);
  out.commit(static_cast<std::size_t>(detail::put_literal(at, "\r\n") - begin));
}

WEIR_INLINE void write_last_chunk(Output& out, std::string_view trailers) {
  const std::size_t size = 3 + trailers.size() + 2;
  char* const at = detail::put_literal(out.reserve(size), "0\r\n");
  detail::put_literal(detail::put_text(at, trailers), "\r\n");
  out.commit(size);
}

}  // namespace http
WEIR_END_NAMESPACE
