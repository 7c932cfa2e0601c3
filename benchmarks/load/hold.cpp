// SPDX-License-Identifier: MIT
/// \file
/// Opens many keep-alive connections, lets each do one request, and holds them until stdin ends.
///
/// Prints `ready N` when all are held. While holding, a connection that the server ends, or that
/// sends what nobody asked for, is lost. The exit status is 0 when none was.
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "raw_client.hpp"
#include "tool.hpp"

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kUsage =
    "hold --connections N [--host 127.0.0.1] [--port 8080] [--every SECONDS] [--at-once 256]\n"
    "     [--per-address 20000] [--request-file FILE] [--unfinished no|yes]\n"
    "     [--max-seconds 600]\n"
    "  --every        each connection repeats its request that often (default 0: never), so that "
    "the\n"
    "                 server's idle time-out does not end it\n"
    "  --at-once      connections that are opening at one time\n"
    "  --per-address  connections from each source address, 127.0.0.1 and upwards\n"
    "  --request-file what each sends (default: GET /plaintext); any 2xx is a right answer\n"
    "  --unfinished   yes: before it is ready, each has also sent all but the last byte of its "
    "next\n"
    "                 request, so that the server holds one in flight for each\n";

enum class State : std::uint8_t { connecting, waiting, idle, lost };

struct Held {
  int fd = -1;
  State state = State::lost;
  std::string answer;  // of what it waits for; no memory while idle
};

class Holder {
 public:
  Holder(const sockaddr_in& to, std::string request, std::size_t count, std::size_t at_once,
         std::size_t per_address)
      : to_(to),
        request_(std::move(request)),
        at_once_(at_once),
        per_address_(per_address),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        held_(count) {}

  /// Opens all; exits when one cannot be opened or is not answered within `limit`.
  void open(std::chrono::seconds limit) {
    const SteadyClock::time_point deadline = SteadyClock::now() + limit;
    while (idle_ < held_.size()) {
      while (opened_ < held_.size() && opened_ - idle_ - lost_ < at_once_) start();
      turn(100);
      if (lost_ != 0) load::die("the server ended a connection while they were being opened");
      if (SteadyClock::now() > deadline)
        load::die("only " + std::to_string(idle_) + " connections answered in time");
    }
  }

  /// Sends all but the last byte of a request on each.
  void begin_requests() {
    const std::size_t size = request_.size() - 1;
    for (Held& one : held_)
      if (one.state == State::idle &&
          ::send(one.fd, request_.data(), size, MSG_NOSIGNAL) != static_cast<ssize_t>(size))
        load::die("could not send the most part of a request at once");
  }

  /// Holds until stdin ends or `limit` has passed, repeating requests evenly spread over `every`.
  void hold(std::chrono::seconds every, std::chrono::seconds limit) {
    const SteadyClock::time_point start = SteadyClock::now();
    std::size_t repeated = 0;
    pollfd input{0, POLLIN, 0};
    while (SteadyClock::now() - start < limit) {
      turn(20);
      char ignored[256];
      if (::poll(&input, 1, 0) > 0 && ::read(0, ignored, sizeof ignored) <= 0) return;
      if (every.count() == 0) continue;
      const std::chrono::duration<double> passed = SteadyClock::now() - start;
      const auto due = static_cast<std::size_t>(
          passed.count() / static_cast<double>(every.count()) * static_cast<double>(held_.size()));
      for (; repeated < due; ++repeated) {
        Held& one = held_[repeated % held_.size()];
        if (one.state == State::idle) ask(one);
      }
    }
  }

  std::size_t lost() const { return lost_; }
  std::size_t wrong() const { return wrong_; }

 private:
  void start() {
    Held& one = held_[opened_];
    one.fd = load::start_connect(to_, static_cast<std::uint32_t>(opened_ / per_address_));
    if (one.fd < 0) load::die(std::string("connect: ") + std::strerror(errno));
    one.state = State::connecting;
    watch(one, EPOLL_CTL_ADD, EPOLLOUT);
    ++opened_;
  }

  void watch(const Held& one, int operation, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(&one - held_.data());
    if (::epoll_ctl(epoll_, operation, one.fd, &event) != 0)
      load::die(std::string("epoll_ctl: ") + std::strerror(errno));
  }

  void turn(int wait_milliseconds) {
    epoll_event events[256];
    const int ready = ::epoll_wait(epoll_, events, 256, wait_milliseconds);
    for (int i = 0; i < ready; ++i) on_event(held_[events[i].data.u64]);
  }

  void on_event(Held& one) {
    if (one.state == State::connecting) {
      const int error = load::socket_error(one.fd);
      if (error != 0) load::die(std::string("connect: ") + std::strerror(error));
      watch(one, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
      ask(one);
      return;
    }
    char buffer[16 * 1024];
    const ssize_t got = ::recv(one.fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || one.state != State::waiting) return lose(one);
    one.answer.append(buffer, static_cast<std::size_t>(got));
    weir::test::RawResponse response;
    const weir::test::RawParse parse = weir::test::parse_response(one.answer, response);
    if (parse.kind == weir::test::RawParse::Kind::partial) return;
    if (parse.kind == weir::test::RawParse::Kind::bad || parse.consumed != one.answer.size() ||
        response.status / 100 != 2 || response.closes()) {
      if (wrong_++ == 0) std::fprintf(stderr, "hold: wrong answer: %s\n", one.answer.c_str());
      return lose(one);
    }
    one.state = State::idle;
    std::string().swap(one.answer);
    ++idle_;
  }

  void ask(Held& one) {
    if (one.state == State::idle) --idle_;
    one.state = State::waiting;
    // A first request always fits into an empty socket buffer, and each waits for its answer.
    const ssize_t sent = ::send(one.fd, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request_.size())) lose(one);
  }

  void lose(Held& one) {
    if (one.state == State::idle) --idle_;
    one.state = State::lost;
    ::close(one.fd);
    ++lost_;
  }

  sockaddr_in to_;
  std::string request_;
  std::size_t at_once_;
  std::size_t per_address_;
  int epoll_;
  std::vector<Held> held_;
  std::size_t opened_ = 0;
  std::size_t idle_ = 0;
  std::size_t lost_ = 0;
  std::size_t wrong_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  const std::uint64_t connections = arguments.number("connections", 0, 1, 4'000'000);
  const std::uint64_t at_once = arguments.number("at-once", 256, 1, 10'000);
  const std::uint64_t per_address = arguments.number("per-address", 20'000, 1, 60'000);
  const std::chrono::seconds every(arguments.number("every", 0, 0, 3600));
  const std::chrono::seconds limit(arguments.number("max-seconds", 600, 1, 86'400));
  const std::string request =
      arguments.file("request-file", "GET /plaintext HTTP/1.1\r\nHost: " + host + ":" +
                                         std::to_string(port) + "\r\n\r\n");
  const std::string unfinished = arguments.text("unfinished", "no");
  arguments.done();
  if (unfinished != "no" && unfinished != "yes") load::die("--unfinished takes no or yes");
  if (unfinished == "yes" && every.count() != 0)
    load::die("--unfinished and --every exclude each other");
  load::raise_file_limit(connections + 16);

  Holder holder(load::loopback(host, port), request, connections, at_once, per_address);
  holder.open(limit);
  if (unfinished == "yes") holder.begin_requests();
  std::printf("ready %llu\n", static_cast<unsigned long long>(connections));
  std::fflush(stdout);
  holder.hold(every, limit);
  std::printf("held %zu, lost %zu, wrong answers %zu\n", connections - holder.lost(), holder.lost(),
              holder.wrong());
  return holder.lost() == 0 ? 0 : 1;
}
