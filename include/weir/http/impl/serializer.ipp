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

WEIR_INLINE char* put_text(char* to, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

/// Literals are copied with a size that the compiler knows.
template <std::size_t kSize>
char* put_literal(char* to, const char (&text)[kSize]) noexcept {
  std::memcpy(to, text, kSize - 1);
  return to + kSize - 1;
}

WEIR_INLINE char* put_number(char* to, std::uint64_t number) noexcept {
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

/// A status line in two parts, so that its size is known before it is written.
struct StatusLine {
  std::string_view whole;   // of a common status; empty: compose it
  std::string_view phrase;  // of the others

  explicit StatusLine(Status status) noexcept : whole(common_status_line(status)) {
    if (whole.empty()) phrase = reason(status);
  }
  std::size_t size() const noexcept {
    return whole.empty() ? sizeof "HTTP/1.1 999 \r\n" - 1 + phrase.size() : whole.size();
  }
  char* write(char* to, Status status) const noexcept {
    if (WEIR_LIKELY(!whole.empty())) return put_text(to, whole);
    const unsigned number = code(status);
    to = put_literal(to, "HTTP/1.1 ");
    *to++ = static_cast<char>('0' + number / 100 % 10);
    *to++ = static_cast<char>('0' + number / 10 % 10);
    *to++ = static_cast<char>('0' + number % 10);
    *to++ = ' ';  // also before an empty phrase (RFC 9112 §4)
    return put_literal(put_text(to, phrase), "\r\n");
  }
};

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
  const detail::StatusLine status(head.status);
  const detail::Framed framed(head, options);
  const bool close =
      options.close || head.close() || framed.framing == HeadOptions::Framing::until_close;
  const std::string_view connection =
      detail::connection_line(head.has_upgrade(), close, options.keep_alive_header);
  const std::string_view date = head.has_date() ? std::string_view() : options.date;
  const std::string_view server = head.has_server() ? std::string_view() : options.server;

  const std::size_t bound = status.size() + head.lines().size() + connection.size() + date.size() +
                            server.size() + sizeof "Date: \r\nServer: \r\n" +
                            sizeof "Transfer-Encoding: chunked\r\nContent-Length: \r\n\r\n" +
                            detail::kMaxDigits;
  char* const begin = out.reserve(bound);
  char* at = status.write(begin, head.status);
  at = detail::put_text(at, head.lines());
  if (!date.empty()) {
    at = detail::put_literal(at, "Date: ");
    at = detail::put_literal(detail::put_text(at, date), "\r\n");
  }
  if (!server.empty()) {
    at = detail::put_literal(at, "Server: ");
    at = detail::put_literal(detail::put_text(at, server), "\r\n");
  }
  if (framed.has_length) {
    at = detail::put_literal(at, "Content-Length: ");
    at = detail::put_literal(detail::put_number(at, framed.length), "\r\n");
  } else if (framed.framing == HeadOptions::Framing::chunked) {
    at = detail::put_literal(at, "Transfer-Encoding: chunked\r\n");
  }
  at = detail::put_text(at, connection);
  at = detail::put_literal(at, "\r\n");
  const auto size = static_cast<std::size_t>(at - begin);
  WEIR_ASSERT(size <= bound);
  out.commit(size);
}

WEIR_INLINE void write_interim(Output& out, Status status, const ResponseHead& head) {
  const detail::StatusLine line(status);
  const std::size_t size = line.size() + head.lines().size() + 2;
  char* at = line.write(out.reserve(size), status);
  detail::put_literal(detail::put_text(at, head.lines()), "\r\n");
  out.commit(size);
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
