// SPDX-License-Identifier: MIT
/// \file
/// One event to many subscribers: what it costs the server, and how long it takes.
///
/// A server with one channel runs in a child process, whose processor time and memory are looked
/// at from outside; the subscribers are this process. Each must get each event.
#include <sys/epoll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <thread>
#include <vector>
#include <weir/events.hpp>
#include <weir/weir.hpp>

#include "cpu_time.hpp"
#include "tool.hpp"

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kUsage =
    "fanout [--subscribers 10000] [--events 20] [--bytes 1000] [--threads 2] [--max-seconds 120]\n"
    "  --bytes     of data in each event\n"
    "  --threads   loops of the server\n";

/// The last byte of an event's data, and nowhere else on the wire.
constexpr char kMark = '~';

/// The child: publishes one event for each byte on `commands` and writes to `answers` how many
/// nanoseconds of this thread each cost; first of all its port.
[[noreturn]] void serve(int commands, int answers, std::size_t bytes, std::size_t threads,
                        std::size_t subscribers) {
  weir::Options options;
  options.threads = threads;
  options.max_connections = subscribers + 100;
  weir::Server server(options);
  weir::EventChannelOptions channel_options;
  channel_options.max_subscribers = subscribers;
  channel_options.heartbeat = std::chrono::milliseconds(0);
  weir::EventChannel channel(channel_options);
  server.get("/events", [&channel](const weir::Request& req, weir::Response& res) {
    channel.subscribe(req, res);
  });
  server.listen("127.0.0.1", 0);
  server.start();
  const auto tell = [answers](std::uint64_t number) {
    if (::write(answers, &number, sizeof number) != sizeof number) ::_exit(2);
  };
  tell(server.port());
  const std::string data = std::string(bytes - 1, 'x') + kMark;
  char command = 0;
  while (::read(commands, &command, 1) == 1) {
    timespec before{};
    timespec after{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    channel.publish({data});
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    tell(static_cast<std::uint64_t>((after.tv_sec - before.tv_sec) * 1'000'000'000 +
                                    (after.tv_nsec - before.tv_nsec)));
  }
  server.stop();
  server.wait();
  ::_exit(channel.counts().dropped == 0 ? 0 : 1);
}

/// Resident bytes of a process, without the kernel's socket buffers.
std::uint64_t resident(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  std::string word;
  while (in >> word) {
    std::uint64_t kib = 0;
    if (word == "Rss:" && in >> kib) return kib * 1024;
  }
  load::die("the server has gone");
}

class Subscribers {
 public:
  Subscribers(std::uint16_t port, std::size_t count)
      : to_(load::loopback("127.0.0.1", port)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        fds_(count, -1) {}

  void open(SteadyClock::time_point deadline) {
    constexpr std::size_t kAtOnce = 256;
    constexpr std::size_t kPerAddress = 20'000;
    for (std::size_t opened = 0; answered_ < fds_.size();) {
      while (opened < fds_.size() && opened - answered_ < kAtOnce) {
        fds_[opened] = load::start_connect(to_, static_cast<std::uint32_t>(opened / kPerAddress));
        if (fds_[opened] < 0) load::die(std::string("connect: ") + std::strerror(errno));
        epoll_event event{};
        event.events = EPOLLOUT;
        event.data.fd = fds_[opened++];
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, event.data.fd, &event);
      }
      turn(deadline);
    }
  }

  /// Reads until `marks` more have come.
  void read(std::size_t marks, SteadyClock::time_point deadline) {
    wanted_ += marks;
    while (marks_ < wanted_) turn(deadline);
  }

 private:
  void turn(SteadyClock::time_point deadline) {
    std::array<epoll_event, 512> events{};
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
    if (SteadyClock::now() > deadline)
      load::die(std::to_string(answered_) + " subscribers and " + std::to_string(marks_) + " of " +
                std::to_string(wanted_) + " deliveries came in time");
    for (int i = 0; i < ready; ++i) on_event(events[static_cast<std::size_t>(i)]);
  }

  void on_event(const epoll_event& event) {
    const int fd = event.data.fd;
    if ((event.events & EPOLLOUT) != 0) {
      const int error = load::socket_error(fd);
      if (error != 0) load::die(std::string("connect: ") + std::strerror(error));
      constexpr std::string_view kRequest = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
      if (::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(kRequest.size()))
        load::die("could not send a request at once");
      epoll_event now{};
      now.events = EPOLLIN;
      now.data.fd = fd;
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &now);
      return;
    }
    const ssize_t got = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) load::die("the server ended a stream");
    const std::string_view text(buffer_.data(), static_cast<std::size_t>(got));
    if (text.substr(0, 9) == "HTTP/1.1 ") {
      if (text.substr(9, 4) != "200 ") load::die("refused: " + std::string(text.substr(0, 30)));
      ++answered_;
    }
    marks_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), kMark));
  }

  sockaddr_in to_;
  int epoll_;
  std::vector<int> fds_;
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
  std::size_t answered_ = 0;
  std::size_t marks_ = 0;
  std::size_t wanted_ = 0;
};

std::uint64_t told(int answers) {
  std::uint64_t number = 0;
  if (::read(answers, &number, sizeof number) != sizeof number) load::die("the server has gone");
  return number;
}

template <class T>
T median(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const std::uint64_t subscribers = arguments.number("subscribers", 10'000, 1, 1'000'000);
  const std::uint64_t events = arguments.number("events", 20, 1, 100'000);
  const std::uint64_t bytes = arguments.number("bytes", 1'000, 1, 1'000'000);
  const std::uint64_t threads = arguments.number("threads", 2, 1, 64);
  const std::chrono::seconds limit(arguments.number("max-seconds", 120, 1, 3600));
  arguments.done();
  load::raise_file_limit(subscribers + 64);
  const SteadyClock::time_point deadline = SteadyClock::now() + limit;

  int commands[2];
  int answers[2];
  if (::pipe(commands) != 0 || ::pipe(answers) != 0) load::die("no pipe");
  const pid_t pid = ::fork();
  if (pid < 0) load::die("no second process");
  if (pid == 0) {
    ::close(commands[1]);
    serve(commands[0], answers[1], bytes, threads, subscribers);
  }
  ::close(commands[0]);
  ::close(answers[1]);
  Subscribers all(static_cast<std::uint16_t>(told(answers[0])), subscribers);
  const std::uint64_t memory_before = resident(pid);
  all.open(deadline);
  const std::uint64_t memory = resident(pid) - memory_before;

  std::vector<std::uint64_t> cpu;
  std::vector<std::uint64_t> publishing;
  std::vector<double> wall;
  for (std::uint64_t i = 0; i <= events; ++i) {
    const std::uint64_t cpu_before = load::cpu_ns_at_rest({pid});
    const SteadyClock::time_point begin = SteadyClock::now();
    if (::write(commands[1], "p", 1) != 1) load::die("the server has gone");
    const std::uint64_t cost = told(answers[0]);
    all.read(subscribers, deadline);
    const std::chrono::duration<double, std::milli> passed = SteadyClock::now() - begin;
    if (i == 0) continue;  // buffers are made
    cpu.push_back(load::cpu_ns_at_rest({pid}) - cpu_before);
    publishing.push_back(cost);
    wall.push_back(passed.count());
  }
  const std::uint64_t memory_after = resident(pid) - memory_before;

  ::close(commands[1]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status != 0) load::die("the server dropped subscribers, or ended with an error");
  std::printf("fanout: %llu events of %llu bytes to %llu subscribers on %llu loops, medians\n",
              static_cast<unsigned long long>(events), static_cast<unsigned long long>(bytes),
              static_cast<unsigned long long>(subscribers),
              static_cast<unsigned long long>(threads));
  std::printf("cpu_us_per_event %.1f\n", static_cast<double>(median(cpu)) / 1e3);
  std::printf("cpu_us_per_delivery %.3f\n",
              static_cast<double>(median(cpu)) / 1e3 / static_cast<double>(subscribers));
  std::printf("publish_us %.1f\n", static_cast<double>(median(publishing)) / 1e3);
  std::printf("last_delivery_ms %.1f\n", median(wall));
  std::printf("bytes_per_subscriber %llu\n", static_cast<unsigned long long>(memory / subscribers));
  std::printf("bytes_per_subscriber_after %llu\n",
              static_cast<unsigned long long>(memory_after / subscribers));
  return 0;
}
