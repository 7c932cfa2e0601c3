// SPDX-License-Identifier: MIT
/// \file
/// The floor under every figure: an edge-triggered epoll loop that parses nothing.
///
/// It counts the empty lines in what it read and writes one fixed answer for each: one read and one
/// write a readable event, the same bytes on the wire as weir's `/plaintext`. What a client does
/// not take waits, and its requests with it. It is no HTTP server: content is understood in the one
/// form that the load programs send, a `POST` whose head comes in one piece with a Content-Length;
/// the bytes are counted, dropped, and their number is the answer.
///
/// Thread: each runs a loop of its own. Sockets are dealt by the kernel (a SO_REUSEPORT listener
/// for each loop) or by the first loop; nothing else is shared.
#include <sys/epoll.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

#include "load/tool.hpp"

namespace {

constexpr const char* kUsage =
    "raw_epoll [--host 127.0.0.1] [--port 8090] [--threads 1] [--accept reuseport|roundrobin]\n"
    "          [--answer-file FILE | --body-bytes N] [--scan blocks|bytes]\n"
    "  Answers each empty line that it reads with the bytes of FILE, or with N bytes of content,\n"
    "  or with those of /plaintext; and a POST with the length of its content.\n"
    "  --scan  how it looks for line ends: many bytes at once, or byte by byte as a plain loop "
    "does\n";

constexpr std::string_view kEmptyLine = "\r\n\r\n";
constexpr std::size_t kReadSize = 64 * 1024;    // one read of weir's loop
constexpr std::size_t kWriteSize = 128 * 1024;  // answers that are written at once

/// A 200 with `content`, as weir writes it.
std::string whole_answer(std::string_view type, std::string_view content) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) +
         "\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: " +
         std::to_string(content.size()) + "\r\n\r\n" + std::string(content);
}

/// Counts the empty lines of a stream, wherever it is cut.
class EmptyLines {
 public:
  std::size_t count(std::string_view in, bool bytewise) {
    return bytewise ? count_bytes(in) : count_blocks(in);
  }

 private:
  std::size_t count_bytes(std::string_view in) {
    std::size_t found = 0;
    std::uint8_t line_ends = matched_;
    for (const char c : in) {
      if (c == '\r') continue;
      line_ends = c == '\n' ? static_cast<std::uint8_t>(line_ends + 1) : std::uint8_t{0};
      if (line_ends != 2) continue;
      ++found;
      line_ends = 0;
    }
    matched_ = line_ends;
    return found;
  }

  std::size_t count_blocks(std::string_view in) {
    std::size_t found = 0;
    while (matched_ != 0 && !in.empty()) {
      found += step(in.front());
      in.remove_prefix(1);
    }
    const char* const end = in.data() + in.size();
    const char* at = in.data();
    const char* tail = at;  // after the last empty line
    while (const void* feed = ::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
      at = static_cast<const char*>(feed) + 1;
      if (at - tail < 4 || ::memcmp(at - 4, kEmptyLine.data(), 4) != 0) continue;
      ++found;
      tail = at;
    }
    at = end - std::min<std::ptrdiff_t>(end - tail, 3);
    while (at != end) found += step(*at++);
    return found;
  }

  std::size_t step(char c) {
    if (c == kEmptyLine[matched_])
      ++matched_;
    else
      matched_ = c == '\r' ? 1 : 0;
    if (matched_ < kEmptyLine.size()) return 0;
    matched_ = 0;
    return 1;
  }

  std::uint8_t matched_ = 0;  // bytes of kEmptyLine, or line ends, at the end of what was seen
};

int listen_on(const sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 4096) != 0)
    load::die(std::string("listen: ") + std::strerror(errno));
  return fd;
}

struct Client {
  EmptyLines lines;
  std::size_t owed = 0;           // bytes of answers that the kernel has not taken
  std::uint64_t uploaded = 0;     // content of a POST, when all has come
  std::uint64_t upload_left = 0;  // what of it is still to come
};

class Loop {
 public:
  Loop(std::string_view answer, bool bytewise)
      : bytewise_(bytewise),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        answer_size_(answer.size()),
        at_once_(std::max<std::size_t>(1, kWriteSize / answer.size())) {
    for (std::size_t i = 0; i < at_once_; ++i) answers_ += answer;
  }

  /// Accepts on `listener` and deals the sockets to `loops` in turn.
  void accept_on(int listener, std::vector<Loop*> loops) {
    listener_ = listener;
    loops_ = std::move(loops);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  }

  [[noreturn]] void run() {
    epoll_event events[256];
    while (true) {
      const int ready = ::epoll_wait(epoll_, events, 256, -1);
      if (ready < 0 && errno != EINTR)
        load::die(std::string("epoll_wait: ") + std::strerror(errno));
      for (int i = 0; i < ready; ++i) {
        if (events[i].data.fd == listener_)
          accept_all();
        else
          serve(events[i].data.fd, events[i].events);
      }
    }
  }

 private:
  static constexpr std::uint32_t kReadable = EPOLLIN | EPOLLRDHUP | EPOLLET;

  void watch(int operation, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_, operation, fd, &event) != 0)
      load::die(std::string("epoll_ctl: ") + std::strerror(errno));
  }

  void accept_all() {
    for (int i = 0; i < 64; ++i) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      loops_[next_++ % loops_.size()]->watch(EPOLL_CTL_ADD, fd, kReadable);
    }
  }

  void serve(int fd, std::uint32_t events) {
    const auto index = static_cast<std::size_t>(fd);
    if (clients_.size() <= index) clients_.resize(index + 1);
    Client& client = clients_[index];
    if (exchange(fd, events, client)) return;
    client = Client();
    ::close(fd);
  }

  /// False when the connection is over.
  bool exchange(int fd, std::uint32_t events, Client& client) {
    if (client.owed != 0) return (events & (EPOLLHUP | EPOLLERR)) == 0 && send_owed(fd, client);
    while (true) {
      const ssize_t got = ::recv(fd, buffer_, sizeof buffer_, 0);
      if (got < 0 && errno == EAGAIN) return true;
      if (got <= 0) return false;
      const std::string_view in(buffer_, static_cast<std::size_t>(got));
      if (client.upload_left != 0 || (in.front() == 'P' && in.substr(0, 5) == "POST ")) {
        if (!take_upload(fd, client, in)) return false;
      } else if (!answer(fd, client, client.lines.count(in, bytewise_))) {
        return false;
      }
      // A short read has emptied the socket, and no other edge tells of a FIN that came with it.
      const bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
      if ((in.size() < sizeof buffer_ && !ending) || client.owed != 0) return true;
    }
  }

  bool answer(int fd, Client& client, std::size_t count) {
    while (count != 0) {
      const std::size_t now = std::min(count, at_once_);
      const ssize_t sent = ::send(fd, answers_.data(), now * answer_size_, MSG_NOSIGNAL);
      if (sent != static_cast<ssize_t>(now * answer_size_)) {
        if (sent < 0 && errno != EAGAIN) return false;
        client.owed = count * answer_size_ - static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
        watch(EPOLL_CTL_MOD, fd, EPOLLOUT | EPOLLET);
        return true;
      }
      count -= now;
    }
    return true;
  }

  bool send_owed(int fd, Client& client) {
    while (client.owed != 0) {
      const std::size_t offset = answer_size_ - 1 - (client.owed - 1) % answer_size_;
      const std::size_t size = std::min(client.owed, answers_.size() - offset);
      const ssize_t sent = ::send(fd, answers_.data() + offset, size, MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;
      client.owed -= static_cast<std::size_t>(sent);
    }
    watch(EPOLL_CTL_MOD, fd, kReadable);  // tells again of what waits to be read
    return true;
  }

  /// `in` begins with a POST, or goes on with the content of one.
  bool take_upload(int fd, Client& client, std::string_view in) {
    if (client.upload_left == 0) {
      constexpr std::string_view kLength = "Content-Length: ";
      const std::size_t end = in.find(kEmptyLine);
      const std::size_t length = in.substr(0, end).find(kLength);
      if (end == in.npos || length == in.npos) return false;
      std::from_chars(in.data() + length + kLength.size(), in.data() + end, client.upload_left);
      client.uploaded = client.upload_left;
      in.remove_prefix(end + kEmptyLine.size());
    }
    if (in.size() > client.upload_left) return false;  // pipelined behind content
    client.upload_left -= in.size();
    if (client.upload_left != 0) return true;
    const std::string done =
        whole_answer("text/plain; charset=utf-8", std::to_string(client.uploaded));
    return ::send(fd, done.data(), done.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(done.size());
  }

  const bool bytewise_;
  int epoll_;
  int listener_ = -1;
  std::size_t answer_size_;
  std::size_t at_once_;          // answers in answers_
  std::string answers_;          // the answer, again and again
  std::vector<Client> clients_;  // by descriptor; a free one's is as new
  std::vector<Loop*> loops_;     // that get what this one accepts
  std::size_t next_ = 0;
  char buffer_[kReadSize];
};

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8090, 1, 65535));
  const std::uint64_t threads = arguments.number("threads", 1, 1, 256);
  const std::string accept = arguments.text("accept", "reuseport");
  const std::uint64_t body_bytes = arguments.number("body-bytes", 0, 0, 1 << 30);
  const std::string answer = arguments.file(
      "answer-file", body_bytes == 0
                         ? whole_answer("text/plain; charset=utf-8", "Hello, World!")
                         : whole_answer("application/octet-stream", std::string(body_bytes, 'x')));
  const std::string scan = arguments.text("scan", "blocks");
  arguments.done();
  if (scan != "blocks" && scan != "bytes") load::die(kUsage);
  if (accept != "reuseport" && accept != "roundrobin") load::die(kUsage);

  struct sigaction on_term {};
  on_term.sa_handler = [](int) { ::_exit(0); };
  ::sigaction(SIGTERM, &on_term, nullptr);
  ::sigaction(SIGINT, &on_term, nullptr);

  const sockaddr_in address = load::loopback(host, port);
  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<Loop*> all;
  for (std::uint64_t i = 0; i < threads; ++i) {
    loops.push_back(std::make_unique<Loop>(answer, scan == "bytes"));
    all.push_back(loops.back().get());
  }
  if (accept == "roundrobin")
    all[0]->accept_on(listen_on(address), all);
  else
    for (Loop* loop : all) loop->accept_on(listen_on(address), {loop});
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < all.size(); ++i)
    others.emplace_back([loop = all[i]] { loop->run(); });
  std::printf("raw_epoll: listening on %s:%u\n", host.c_str(), static_cast<unsigned>(port));
  std::fflush(stdout);
  all[0]->run();
}
