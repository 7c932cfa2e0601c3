// SPDX-License-Identifier: MIT
/// \file
/// A connection for each request: connects, sends, reads the answer, closes, for a time.
///
/// Connections come from several loopback addresses. Closing by RST leaves no TIME_WAIT on either
/// side, so a run does not end for want of ports.
#include <sys/epoll.h>

#include <algorithm>
#include <memory>

#include "answers.hpp"
#include "connections.hpp"
#include "cpu_time.hpp"

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kUsage =
    "connect [--seconds 1] [--at-once 64] [--addresses 16] [--close rst|fin] [--host 127.0.0.1]\n"
    "        [--port 8080] [--request-file FILE] [--status 200] [--cpu-of PID,PID...]\n"
    "        [--timeout-seconds 10]\n"
    "  --at-once    connections at one time\n"
    "  --addresses  source addresses, 127.0.0.1 and upwards, by turns\n"
    "  --close      rst: SO_LINGER of 0; fin: close(), and 60 s of TIME_WAIT here for each\n"
    "  --cpu-of     prints the processor time of these processes as server_cpu_ns\n"
    "Prints a name and a value a line; the exit status is 0 when there was no error.\n";

constexpr std::uint64_t kMostErrors = 1000;

struct Slot {
  int fd = -1;
  bool sent = false;
  load::AnswerReader answers;
};

class Client {
 public:
  Client(const sockaddr_in& to, std::string request, int status, std::size_t at_once,
         std::uint32_t addresses, bool reset)
      : to_(to),
        request_(std::move(request)),
        addresses_(addresses),
        reset_(reset),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        slots_(at_once) {
    expected_.status = status;
    expected_.to_head = request_.compare(0, 5, "HEAD ") == 0;
  }

  /// Begins connections until `end` and waits for all of them.
  void run(SteadyClock::time_point end, std::chrono::seconds patience) {
    open_more_ = true;
    for (Slot& slot : slots_) begin(slot);
    SteadyClock::time_point progress = SteadyClock::now();
    epoll_event events[256];
    while (open_ != 0) {
      const int ready = ::epoll_wait(epoll_, events, 256, 100);
      const SteadyClock::time_point now = SteadyClock::now();
      if (now >= end) open_more_ = false;
      if (ready > 0) progress = now;
      if (now - progress > patience) load::die("no answer in time");
      for (int i = 0; i < ready; ++i) on_event(slots_[events[i].data.u64]);
    }
  }

  std::uint64_t done = 0;
  std::uint64_t errors = 0;

 private:
  void begin(Slot& slot) {
    if (!open_more_) return;
    slot.fd = load::start_connect(to_, turn_);
    turn_ = turn_ + 1 == addresses_ ? 0 : turn_ + 1;
    if (slot.fd < 0)
      load::die(std::string("connect: ") + std::strerror(errno) +
                (errno == EADDRNOTAVAIL ? "; more --addresses, or --close rst" : ""));
    slot.sent = false;
    slot.answers = load::AnswerReader();
    ++open_;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = static_cast<std::uint64_t>(&slot - slots_.data());
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, slot.fd, &event) != 0)
      load::die(std::string("epoll_ctl: ") + std::strerror(errno));
    send(slot);  // over loopback it is mostly connected by now
  }

  void send(Slot& slot) {
    const ssize_t sent = ::send(slot.fd, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
    slot.sent = sent == static_cast<ssize_t>(request_.size());
    // Otherwise the socket is broken, and the event that tells so comes.
    if (!slot.sent && sent >= 0) load::die("a request that does not fit into a socket's buffer");
  }

  void on_event(Slot& slot) {
    if (!slot.sent) send(slot);
    char buffer[16 * 1024];
    while (true) {
      const ssize_t got = ::recv(slot.fd, buffer, sizeof buffer, 0);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got < 0) return fail(slot, std::strerror(errno));
      if (got == 0) return fail(slot, "the server closed the connection without an answer");
      const std::size_t answered =
          slot.answers.take({buffer, static_cast<std::size_t>(got)}, expected_);
      if (slot.answers.error() != nullptr) return fail(slot, slot.answers.error());
      if (answered > 1 || (answered == 1 && !slot.answers.between_answers()))
        return fail(slot, "more than one answer");
      if (answered == 1) break;
    }
    ++done;
    if (reset_) {
      const linger at_once{1, 0};
      ::setsockopt(slot.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    close_and_begin(slot);
  }

  void fail(Slot& slot, const char* why) {
    if (errors++ == 0) std::fprintf(stderr, "connect: %s\n", why);
    if (errors == kMostErrors) load::die("gave up after " + std::to_string(errors) + " errors");
    close_and_begin(slot);
  }

  void close_and_begin(Slot& slot) {
    ::close(slot.fd);
    --open_;
    begin(slot);
  }

  sockaddr_in to_;
  std::string request_;
  load::Expected expected_;
  std::uint32_t addresses_;
  bool reset_;
  int epoll_;
  std::vector<Slot> slots_;
  std::size_t open_ = 0;
  std::uint32_t turn_ = 0;
  bool open_more_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  const double seconds = arguments.real("seconds", 1, 0.01, 3600);
  const std::uint64_t at_once = arguments.number("at-once", 64, 1, 20'000);
  const std::uint64_t addresses = arguments.number("addresses", 16, 1, 250);
  const std::string close = arguments.text("close", "rst");
  const auto status = static_cast<int>(arguments.number("status", 200, 200, 599));
  const std::chrono::seconds patience(arguments.number("timeout-seconds", 10, 1, 3600));
  const std::string request = arguments.file("request-file", load::plain_get(host, port));
  const std::vector<int> servers = load::process_ids(arguments.text("cpu-of", ""));
  arguments.done();
  if (close != "rst" && close != "fin") load::die("--close takes rst or fin, got '" + close + "'");

  load::allow_connections(at_once);
  Client client(load::loopback(host, port), request, status, at_once,
                static_cast<std::uint32_t>(addresses), close == "rst");
  const std::uint64_t server_before = load::cpu_ns_at_rest(servers);
  const std::uint64_t own_before = load::own_cpu_ns();
  const SteadyClock::time_point start = SteadyClock::now();
  client.run(start + std::chrono::duration_cast<SteadyClock::duration>(
                         std::chrono::duration<double>(seconds)),
             patience);
  const std::chrono::duration<double> passed = SteadyClock::now() - start;
  const std::uint64_t own_ns = load::own_cpu_ns() - own_before;

  std::printf("connections %llu\nerrors %llu\nseconds %.6f\nconnections_s %.1f\nown_cpu_ns %llu\n",
              static_cast<unsigned long long>(client.done),
              static_cast<unsigned long long>(client.errors), passed.count(),
              static_cast<double>(client.done) / passed.count(),
              static_cast<unsigned long long>(own_ns));
  if (!servers.empty())
    std::printf("server_cpu_ns %llu\n",
                static_cast<unsigned long long>(load::cpu_ns_at_rest(servers) - server_before));
  return client.errors == 0 && client.done != 0 ? 0 : 1;
}
