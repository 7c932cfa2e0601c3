// SPDX-License-Identifier: MIT
/// \file
/// The floor under every figure: an edge-triggered epoll loop that parses nothing.
///
/// It counts the empty lines in what it read and writes one fixed answer for each: one read and one
/// write a readable event, the same bytes on the wire as weir's `/plaintext`. It is no HTTP server;
/// requests with content are miscounted, and a client that does not read is dropped.
///
/// Thread: each runs a loop of its own with a SO_REUSEPORT listener; nothing is shared.
#include <sys/epoll.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <vector>

#include "load/tool.hpp"

namespace {

constexpr const char* kUsage =
    "raw_epoll [--host 127.0.0.1] [--port 8090] [--threads 1] [--answer-file FILE]\n"
    "  Answers each empty line that it reads with the bytes of FILE, or with those of "
    "/plaintext.\n";

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "Content-Length: 13\r\n"
    "\r\n"
    "Hello, World!";

constexpr std::string_view kEmptyLine = "\r\n\r\n";
constexpr std::size_t kReadSize = 64 * 1024;  // one read of weir's loop
constexpr std::size_t kAnswersAtOnce = 1024;  // more in one read are written in several writes

/// Counts the empty lines of a stream, wherever it is cut.
class EmptyLines {
 public:
  std::size_t count(std::string_view in) {
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

 private:
  std::size_t step(char c) {
    if (c == kEmptyLine[matched_])
      ++matched_;
    else
      matched_ = c == '\r' ? 1 : 0;
    if (matched_ < kEmptyLine.size()) return 0;
    matched_ = 0;
    return 1;
  }

  std::uint8_t matched_ = 0;  // bytes of kEmptyLine at the end of what was seen
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

class Loop {
 public:
  Loop(int listener, std::string_view answer)
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(listener), answer_size_(answer.size()) {
    for (std::size_t i = 0; i < kAnswersAtOnce; ++i) answers_ += answer;
    add(listener, EPOLLIN);
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
  void add(int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) ::close(fd);
  }

  void accept_all() {
    for (int i = 0; i < 64; ++i) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (lines_.size() <= static_cast<std::size_t>(fd))
        lines_.resize(static_cast<std::size_t>(fd) + 1);
      lines_[static_cast<std::size_t>(fd)] = EmptyLines();
      add(fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
    }
  }

  void serve(int fd, std::uint32_t events) {
    while (true) {
      const ssize_t got = ::recv(fd, buffer_, sizeof buffer_, 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) break;
      const std::string_view in(buffer_, static_cast<std::size_t>(got));
      if (!answer(fd, lines_[static_cast<std::size_t>(fd)].count(in))) break;
      // A short read has emptied the socket, and no other edge tells of a FIN that came with it.
      const bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
      if (in.size() < sizeof buffer_ && !ending) return;
    }
    ::close(fd);
  }

  bool answer(int fd, std::size_t count) {
    while (count != 0) {
      const std::size_t now = std::min(count, kAnswersAtOnce);
      const ssize_t sent = ::send(fd, answers_.data(), now * answer_size_, MSG_NOSIGNAL);
      if (sent != static_cast<ssize_t>(now * answer_size_)) return false;
      count -= now;
    }
    return true;
  }

  int epoll_;
  int listener_;
  std::size_t answer_size_;
  std::string answers_;            // the answer, kAnswersAtOnce times
  std::vector<EmptyLines> lines_;  // by descriptor
  char buffer_[kReadSize];
};

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8090, 1, 65535));
  const std::uint64_t threads = arguments.number("threads", 1, 1, 256);
  const std::string answer = arguments.file("answer-file", std::string(kAnswer));
  arguments.done();

  struct sigaction on_term {};
  on_term.sa_handler = [](int) { ::_exit(0); };
  ::sigaction(SIGTERM, &on_term, nullptr);
  ::sigaction(SIGINT, &on_term, nullptr);

  const sockaddr_in address = load::loopback(host, port);
  std::vector<std::thread> others;
  std::vector<int> listeners;
  for (std::uint64_t i = 0; i < threads; ++i) listeners.push_back(listen_on(address));
  for (std::size_t i = 1; i < listeners.size(); ++i)
    others.emplace_back([&, i] { Loop(listeners[i], answer).run(); });
  std::printf("raw_epoll: listening on %s:%u\n", host.c_str(), static_cast<unsigned>(port));
  std::fflush(stdout);
  Loop(listeners[0], answer).run();
}
