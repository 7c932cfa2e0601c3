// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A blocking client for tests over real sockets: bytes out as given, answers parsed strictly.
///
/// It shares no code with weir, so that an error in weir's framing cannot hide behind its twin
/// here. Every wait ends by `timeout`; what goes wrong throws RawClientError with the bytes seen so
/// far.
///
/// Thread: one at a time for each client.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace weir::test {

/// What a peer or this client did wrong, with the place and an excerpt of the bytes.
class RawClientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Field lines in the order in which they came, names as they were written.
using RawFields = std::vector<std::pair<std::string, std::string>>;

/// How the end of a response's content was told (RFC 9112 §6.3).
enum class RawFraming : std::uint8_t { none, length, chunked, until_close };

/// One response, owned.
struct RawResponse {
  int status = 0;
  int minor_version = 0;
  std::string reason;
  RawFields headers;
  std::string body;  // decoded when chunked
  RawFields trailers;
  RawFraming framing = RawFraming::none;
  std::vector<std::size_t> chunks;  // sizes in order, the last chunk not counted
  std::string raw;                  // every byte of head and content as it came
  std::vector<int> interim;         // 1xx statuses that read_response() skipped before this one

  /// The first field of that name, or an empty string.
  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (same(key, name)) return value;
    return {};
  }

  /// How many fields have that name.
  std::size_t count(std::string_view name) const {
    std::size_t found = 0;
    for (const auto& field : headers) found += same(field.first, name) ? 1U : 0U;
    return found;
  }

  /// Whether the sender will close the connection after this response (RFC 9112 §9.3).
  bool closes() const {
    const std::string connection = header("connection");
    if (has_token(connection, "close") || framing == RawFraming::until_close) return true;
    return minor_version == 0 && !has_token(connection, "keep-alive");
  }

  /// ASCII comparison without regard to case.
  static bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
             return std::tolower(static_cast<unsigned char>(x)) ==
                    std::tolower(static_cast<unsigned char>(y));
           });
  }

  /// Whether the comma-separated `list` holds `token`.
  static bool has_token(std::string_view list, std::string_view token) {
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      std::string_view item = list.substr(0, comma);
      list.remove_prefix(std::min(comma + 1, list.size()));
      while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
      while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
      if (same(item, token)) return true;
    }
    return false;
  }
};

/// What parse_response() made of the bytes at hand.
struct RawParse {
  enum class Kind : std::uint8_t { complete, partial, bad } kind = Kind::partial;
  std::size_t consumed = 0;  // of a complete response
  const char* why = "";      // of a bad one
};

/// The things that a response's framing depends on beside its own bytes.
struct RawParseOptions {
  bool to_head = false;  // answers a HEAD: no content whatever the fields say
  bool at_end = false;   // no byte will follow
};

namespace detail {

inline RawParse bad(const char* why) { return {RawParse::Kind::bad, 0, why}; }

/// Reads `name: value` lines up to the empty one. `lines` holds them with each CRLF, the last empty
/// one left out.
inline bool parse_fields(std::string_view lines, RawFields& fields) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    if (end == std::string_view::npos || end == 0) return false;
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view name = line.substr(0, colon);
    if (name.find_first_of(" \t\r\n") != std::string_view::npos) return false;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
      value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return false;
    fields.emplace_back(name, value);
  }
  return true;
}

/// Digits of `base` and nothing else, at most 15 of them.
inline bool parse_number(std::string_view text, unsigned base, std::uint64_t& number) {
  if (text.empty() || text.size() > 15) return false;
  number = 0;
  for (const char c : text) {
    unsigned digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base) return false;
    number = number * base + digit;
  }
  return true;
}

/// Walks the chunks of `in`; content is copied in a second walk, once the end is known to be there.
inline RawParse parse_chunks(std::string_view in, RawResponse* response) {
  std::size_t at = 0;
  while (true) {
    const std::size_t line_end = in.find("\r\n", at);
    if (line_end == std::string_view::npos)
      return in.size() - at > 4096 ? bad("chunk size line without end") : RawParse{};
    const std::string_view line = in.substr(at, line_end - at);
    std::uint64_t size = 0;
    if (!parse_number(line.substr(0, line.find(';')), 16, size)) return bad("chunk size");
    at = line_end + 2;
    if (size == 0) break;
    if (in.size() - at < size) return {};
    if (in.size() - at - size < 2) return {};
    if (in.substr(at + size, 2) != "\r\n") return bad("no CRLF after a chunk");
    if (response != nullptr) {
      response->body.append(in.substr(at, size));
      response->chunks.push_back(size);
    }
    at += size + 2;
  }
  if (in.size() - at < 2) return {};
  if (in.substr(at, 2) == "\r\n") return {RawParse::Kind::complete, at + 2, ""};
  const std::size_t end = in.find("\r\n\r\n", at);
  if (end == std::string_view::npos) return {};
  if (response != nullptr && !parse_fields(in.substr(at, end + 2 - at), response->trailers))
    return bad("trailer");
  return {RawParse::Kind::complete, end + 4, ""};
}

}  // namespace detail

/// Parses the response, final or interim, at the front of `in`. `response` is set only when it is
/// complete; calling again with more bytes starts anew.
inline RawParse parse_response(std::string_view in, RawResponse& response,
                               RawParseOptions options = {}) {
  const std::size_t head_end = in.find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    if (options.at_end && !in.empty()) return detail::bad("closed inside the head");
    const std::string_view start = "HTTP/1.";
    const std::size_t seen = std::min(in.size(), start.size());
    return in.substr(0, seen) == start.substr(0, seen) ? RawParse{} : detail::bad("status line");
  }
  const std::size_t line_end = in.find("\r\n");
  const std::string_view line = in.substr(0, line_end);
  std::uint64_t status = 0;
  if (line.size() < 13 || line.substr(0, 7) != "HTTP/1." || (line[7] != '0' && line[7] != '1') ||
      line[8] != ' ' || line[12] != ' ' || !detail::parse_number(line.substr(9, 3), 10, status) ||
      status < 100)
    return detail::bad("status line");
  RawResponse got;
  got.minor_version = line[7] - '0';
  got.status = static_cast<int>(status);
  got.reason = line.substr(13);
  const std::string_view lines = in.substr(line_end + 2, head_end - line_end);
  if (!detail::parse_fields(lines, got.headers)) return detail::bad("field line");
  const std::size_t body_at = head_end + 4;
  const std::string_view rest = in.substr(body_at);

  RawParse parse{RawParse::Kind::complete, body_at, ""};
  const std::string encoding = got.header("transfer-encoding");
  const std::size_t lengths = got.count("content-length");
  if (lengths > 1) return detail::bad("more than one Content-Length");
  if (!encoding.empty() && lengths != 0)
    return detail::bad("both Content-Length and Transfer-Encoding");
  const bool no_content = status < 200 || status == 204 || status == 304;
  if (status < 200 || status == 204) {
    if (!encoding.empty() || lengths != 0) return detail::bad("framing fields on 1xx or 204");
  }
  if (options.to_head || no_content) {
    got.framing = RawFraming::none;
  } else if (!encoding.empty()) {
    if (!RawResponse::same(encoding, "chunked")) return detail::bad("Transfer-Encoding");
    if (got.minor_version == 0) return detail::bad("Transfer-Encoding in HTTP/1.0");
    got.framing = RawFraming::chunked;
    parse = detail::parse_chunks(rest, nullptr);
    if (parse.kind == RawParse::Kind::complete) parse = detail::parse_chunks(rest, &got);
    parse.consumed += body_at;
  } else if (lengths == 1) {
    std::uint64_t length = 0;
    if (!detail::parse_number(got.header("content-length"), 10, length))
      return detail::bad("Content-Length");
    got.framing = RawFraming::length;
    if (rest.size() < length) {
      parse.kind = RawParse::Kind::partial;
    } else {
      got.body = rest.substr(0, length);
      parse.consumed += length;
    }
  } else {
    got.framing = RawFraming::until_close;
    if (!options.at_end) return {};
    got.body = rest;
    parse.consumed = in.size();
  }
  if (parse.kind == RawParse::Kind::partial && options.at_end)
    return detail::bad("closed inside the content");
  if (parse.kind == RawParse::Kind::complete) {
    got.raw = in.substr(0, parse.consumed);
    response = std::move(got);
  }
  return parse;
}

/// How a connection stands from the client's side.
enum class RawEnd : std::uint8_t {
  open,   ///< nothing came within the time
  data,   ///< there is a byte to read
  eof,    ///< the peer closed its side
  reset,  ///< the connection was reset
};

/// One connection to a server under test. Owns its socket; closes it when destroyed.
class RawClient {
 public:
  using Milliseconds = std::chrono::milliseconds;
  using Deadline = std::chrono::steady_clock::time_point;

  /// Connects to a numeric IPv4 or IPv6 address. Throws std::system_error.
  explicit RawClient(std::uint16_t port, const std::string& host = "127.0.0.1",
                     Milliseconds timeout = Milliseconds(5000))
      : timeout_(timeout) {
    sockaddr_in6 six{};
    sockaddr_in four{};
    if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
      four.sin_family = AF_INET;
      four.sin_port = htons(port);
      connect(reinterpret_cast<const sockaddr*>(&four), sizeof four, host);
    } else if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) {
      six.sin6_family = AF_INET6;
      six.sin6_port = htons(port);
      connect(reinterpret_cast<const sockaddr*>(&six), sizeof six, host);
    } else {
      throw RawClientError("not a numeric address: " + host);
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  /// Connects to a Unix socket; a path that starts with '@' is an abstract name.
  static RawClient unix_socket(const std::string& path, Milliseconds timeout = Milliseconds(5000)) {
    RawClient client(timeout);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
      throw RawClientError("socket path: " + path);
    path.copy(address.sun_path, path.size());
    std::size_t size = offsetof(sockaddr_un, sun_path) + path.size();
    if (path.front() == '@')
      address.sun_path[0] = '\0';
    else
      ++size;  // the terminating NUL
    client.connect(reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size), path);
    return client;
  }

  /// Takes over a connected socket.
  static RawClient adopt(int fd, Milliseconds timeout = Milliseconds(5000)) {
    RawClient client(timeout);
    client.fd_ = fd;
    client.make_non_blocking();
    return client;
  }

  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        timeout_(other.timeout_),
        unread_(std::move(other.unread_)),
        end_(other.end_) {}
  RawClient& operator=(RawClient&& other) noexcept {
    if (this == &other) return *this;
    close();
    fd_ = std::exchange(other.fd_, -1);
    timeout_ = other.timeout_;
    unread_ = std::move(other.unread_);
    end_ = other.end_;
    return *this;
  }
  ~RawClient() { close(); }

  /// Applies to each later call as a whole.
  void set_timeout(Milliseconds timeout) { timeout_ = timeout; }

  /// Sends all of `bytes`.
  void send(std::string_view bytes) {
    const Deadline deadline = from_now();
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (!wait(POLLOUT, deadline))
          throw RawClientError("timed out sending, " + std::to_string(bytes.size()) +
                               " bytes left");
      } else if (errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "send");
      }
    }
  }

  /// Sends `bytes` in segments of `piece` bytes with a rest between them, so that the server sees
  /// them in separate reads (as far as a rest can assure it).
  void send_pieces(std::string_view bytes, std::size_t piece,
                   std::chrono::microseconds rest = std::chrono::microseconds(200)) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      if (at != 0) std::this_thread::sleep_for(rest);
      send(bytes.substr(at, piece));
    }
  }

  /// The next final response (or 101). Interim ones before it are noted in `interim`.
  RawResponse read_response(bool to_head = false) {
    std::vector<int> interim;
    while (true) {
      RawResponse response = read_any_response(to_head);
      if (response.status >= 200 || response.status == 101) {
        response.interim = std::move(interim);
        return response;
      }
      interim.push_back(response.status);
    }
  }

  /// The next response, be it 100 Continue or another 1xx.
  RawResponse read_any_response(bool to_head = false) {
    const Deadline deadline = from_now();
    RawResponse response;
    while (true) {
      const bool at_end = end_ != RawEnd::open;
      const RawParse parse = parse_response(unread_, response, {to_head, at_end});
      if (parse.kind == RawParse::Kind::complete) {
        unread_.erase(0, parse.consumed);
        return response;
      }
      if (parse.kind == RawParse::Kind::bad)
        throw RawClientError(std::string("bad response (") + parse.why + "): " + excerpt());
      if (end_ == RawEnd::reset) throw RawClientError("reset before the response: " + excerpt());
      if (at_end) throw RawClientError("closed before the response");
      if (!receive(deadline)) throw RawClientError("timed out reading a response: " + excerpt());
    }
  }

  /// Sends one request and reads its response.
  RawResponse request(std::string_view bytes) {
    send(bytes);
    return read_response(bytes.substr(0, 5) == "HEAD ");
  }

  /// Everything up to the peer's close or reset; ended() tells which.
  std::string read_until_close() {
    const Deadline deadline = from_now();
    while (end_ == RawEnd::open)
      if (!receive(deadline)) throw RawClientError("timed out waiting for a close: " + excerpt());
    return std::exchange(unread_, {});
  }

  /// At least `least` bytes and all that is there then, as they came, unless the peer ends first.
  std::string read_some(std::size_t least = 1) {
    const Deadline deadline = from_now();
    while (unread_.size() < least && end_ == RawEnd::open)
      if (!receive(deadline))
        throw RawClientError("timed out reading " + std::to_string(least) + " bytes: " + excerpt());
    return std::exchange(unread_, {});
  }

  /// Waits up to `within` for something to happen, and says what.
  RawEnd peek(Milliseconds within) {
    if (unread_.empty() && end_ == RawEnd::open) receive(std::chrono::steady_clock::now() + within);
    return unread_.empty() ? end_ : RawEnd::data;
  }

  /// Throws unless the peer closes or resets within the time-out, with no byte before.
  void expect_closed() {
    const RawEnd now = peek(timeout_);
    if (now == RawEnd::data) throw RawClientError("bytes instead of a close: " + excerpt());
    if (now == RawEnd::open) throw RawClientError("still open");
  }

  /// Throws when a byte, a close or a reset comes within `within`.
  void expect_silence(Milliseconds within) {
    const RawEnd now = peek(within);
    if (now == RawEnd::data) throw RawClientError("bytes instead of silence: " + excerpt());
    if (now != RawEnd::open) throw RawClientError("closed instead of silence");
  }

  /// Sends FIN; reading goes on.
  void half_close() { ::shutdown(fd_, SHUT_WR); }

  /// Vanishes with RST, whatever is unsent or unread.
  void reset() {
    if (fd_ < 0) return;
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  /// Closes: FIN, or RST by the kernel's choice when there is data unread.
  void close() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  int fd() const noexcept { return fd_; }

  /// How the peer's side ended, as far as it has been read.
  RawEnd ended() const noexcept { return end_; }

  /// Received and not yet given out.
  std::string_view unread() const noexcept { return unread_; }

 private:
  explicit RawClient(Milliseconds timeout) : timeout_(timeout) {}

  Deadline from_now() const { return std::chrono::steady_clock::now() + timeout_; }

  void make_non_blocking() { ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK); }

  void connect(const sockaddr* address, socklen_t size, const std::string& name) {
    fd_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd_ < 0 ? errno : 0;
    if (error == 0 && ::connect(fd_, address, size) < 0) {
      error = errno;
      if (error == EINPROGRESS) {
        socklen_t error_size = sizeof error;
        if (!wait(POLLOUT, from_now()))
          error = ETIMEDOUT;
        else
          ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &error_size);
      }
    }
    if (error == 0) return;
    close();  // the constructor that called throws: no destructor will run
    throw std::system_error(error, std::generic_category(), "connect " + name);
  }

  bool wait(short events, Deadline deadline) const {
    while (true) {
      const auto left =
          std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd poll_fd{fd_, events, 0};
      const int ready = ::poll(&poll_fd, 1, static_cast<int>(std::max<long long>(left.count(), 0)));
      if (ready > 0) return true;
      if (ready == 0) return false;
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    }
  }

  /// Reads once, waiting for it; false when the time is over. The end of the stream counts as read.
  bool receive(Deadline deadline) {
    char buffer[64 * 1024];
    while (true) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got > 0) {
        unread_.append(buffer, static_cast<std::size_t>(got));
        return true;
      }
      if (got == 0) {
        end_ = RawEnd::eof;
        return true;
      }
      if (errno == ECONNRESET || errno == EPIPE) {
        end_ = RawEnd::reset;
        return true;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (!wait(POLLIN, deadline)) return false;
      } else if (errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "recv");
      }
    }
  }

  std::string excerpt() const {
    return std::to_string(unread_.size()) + " bytes \"" + unread_.substr(0, 200) + "\"";
  }

  int fd_ = -1;
  Milliseconds timeout_;
  std::string unread_;
  RawEnd end_ = RawEnd::open;
};

}  // namespace weir::test
