// SPDX-License-Identifier: MIT
/// \file
/// The open loop: requests at a fixed rate, whatever the server does, and how long each took.
///
/// When a request ought to be sent is decided beforehand, and its latency counts from then. So a
/// server that stalls pays for all that should have been sent in the meantime (no coordinated
/// omission). A request whose connection still waits for an answer is kept here until that has
/// come; nothing is pipelined. The program spins: it needs a core of its own to be on time, and
/// prints by how much it was not.
#include <sys/epoll.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>

#include "answers.hpp"
#include "connections.hpp"
#include "cpu_time.hpp"

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kUsage =
    "latency --rate R [--seconds 10] [--warm-up 1] [--connections 256] [--arrivals "
    "uniform|poisson]\n"
    "        [--seed 1] [--host 127.0.0.1] [--port 8080] [--request-file FILE] [--status 200]\n"
    "        [--timeout-seconds 10]\n"
    "  --rate      requests per second, over all connections by turns\n"
    "  --warm-up   seconds before, at the same rate, that are not counted\n"
    "  --arrivals  uniform: the same time between all; poisson: random gaps, the same for a seed\n"
    "Prints a name and a value a line. Times are in microseconds: p50 to max from the moment when "
    "a\n"
    "request should have been sent to the end of its answer; late_* from then to the moment when "
    "it\n"
    "was sent, where its connection was free. queued: requests that had to wait for theirs.\n"
    "The exit status is 0 when every request was answered rightly.\n";

constexpr std::uint64_t kMostSamples = 20'000'000;

/// When requests are due, in nanoseconds from the start.
class Schedule {
 public:
  Schedule(double rate, bool poisson, std::uint64_t seed)
      : gap_(1e9 / rate), poisson_(poisson), random_(seed) {}

  std::uint64_t due() const { return due_; }

  void next() {
    ++count_;
    if (poisson_)
      sum_ += exponential_(random_) * gap_;
    else
      sum_ = static_cast<double>(count_) * gap_;
    due_ = static_cast<std::uint64_t>(sum_);
  }

 private:
  double gap_;
  bool poisson_;
  std::mt19937_64 random_;
  std::exponential_distribution<double> exponential_{1.0};
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::uint64_t due_ = 0;
};

struct Connection {
  int fd = -1;
  bool busy = false;
  std::uint64_t due = 0;              // of the request that waits for its answer
  std::deque<std::uint64_t> waiting;  // due times of those that wait for the connection
  load::AnswerReader answers;
};

class Client {
 public:
  Client(std::string request, const std::vector<int>& sockets, int status)
      : request_(std::move(request)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        connections_(sockets.size()),
        buffer_(new char[kReadSize]) {
    expected_.status = status;
    expected_.to_head = request_.compare(0, 5, "HEAD ") == 0;
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      connections_[i].fd = sockets[i];
      epoll_event event{};
      event.events = EPOLLIN | EPOLLRDHUP;
      event.data.u64 = i;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, sockets[i], &event) != 0)
        load::die(std::string("epoll_ctl: ") + std::strerror(errno));
    }
  }

  /// Sends everything due before `end` (nanoseconds) and waits for the answers, `patience` at most;
  /// what is due before `count_from` is not counted.
  void run(Schedule schedule, std::uint64_t count_from, std::uint64_t end, std::uint64_t patience) {
    count_from_ = count_from;
    start_ = SteadyClock::now();
    epoll_event events[64];
    while (true) {
      send_due(schedule, end);
      const int ready = ::epoll_wait(epoll_, events, 64, 0);
      for (int i = 0; i < ready; ++i) {
        read(connections_[events[i].data.u64]);
        send_due(schedule, end);
      }
      if (schedule.due() >= end && open_ == 0) return;
      if (passed() > end + patience) return give_up();
      if (lost_ == connections_.size()) return;
    }
  }

  std::vector<std::uint64_t> latencies;  // nanoseconds
  std::vector<std::uint64_t> lateness;   // of requests that found their connection free
  std::uint64_t queued = 0;              // that did not
  std::uint64_t errors = 0;
  std::uint64_t last_answer = 0;  // nanoseconds from the start

 private:
  static constexpr std::size_t kReadSize = 256 * 1024;

  std::uint64_t passed() const {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(SteadyClock::now() - start_).count());
  }

  void send_due(Schedule& schedule, std::uint64_t end) {
    while (schedule.due() < end) {
      const std::uint64_t now = passed();
      const std::uint64_t due = schedule.due();
      if (due > now) return;
      schedule.next();
      Connection& one = connections_[turn_];
      turn_ = turn_ + 1 == connections_.size() ? 0 : turn_ + 1;
      ++open_;
      if (one.fd < 0) {
        lose();
      } else if (one.busy) {
        if (due >= count_from_) ++queued;
        one.waiting.push_back(due);
      } else {
        if (due >= count_from_) lateness.push_back(now - due);
        send(one, due);
      }
    }
  }

  void send(Connection& one, std::uint64_t due) {
    one.busy = true;
    one.due = due;
    // Answered connections have empty send buffers: a request goes in one piece, or is too large.
    const ssize_t sent = ::send(one.fd, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request_.size()))
      fail(one, "could not send a request at once");
  }

  void read(Connection& one) {
    if (one.fd < 0) return;
    const ssize_t got = ::recv(one.fd, buffer_.get(), kReadSize, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0)
      return fail(one, got == 0 ? "the server closed the connection" : std::strerror(errno));
    const std::size_t done =
        one.answers.take({buffer_.get(), static_cast<std::size_t>(got)}, expected_);
    if (one.answers.error() != nullptr) return fail(one, one.answers.error());
    if (done == 0 && one.busy) return;
    if (done != 1 || !one.busy || !one.answers.between_answers())
      return fail(one, "more answers than requests");
    last_answer = passed();
    if (one.due >= count_from_) latencies.push_back(last_answer - one.due);
    one.busy = false;
    --open_;
    if (one.waiting.empty()) return;
    const std::uint64_t due = one.waiting.front();
    one.waiting.pop_front();
    send(one, due);
  }

  void fail(Connection& one, const char* why) {
    if (errors == 0) std::fprintf(stderr, "latency: %s\n", why);
    if (one.busy) lose();
    for (std::size_t i = 0; i < one.waiting.size(); ++i) lose();
    one.waiting.clear();
    if (!one.busy) ++errors;
    one.busy = false;
    ::close(one.fd);
    one.fd = -1;
    ++lost_;
  }

  void lose() {
    ++errors;
    --open_;
  }

  void give_up() {
    for (Connection& one : connections_)
      if (one.fd >= 0 && one.busy) fail(one, "no answer in time");
  }

  std::string request_;
  load::Expected expected_;
  int epoll_;
  std::vector<Connection> connections_;
  std::unique_ptr<char[]> buffer_;
  SteadyClock::time_point start_;
  std::uint64_t count_from_ = 0;
  std::size_t turn_ = 0;    // the connection for the next request
  std::uint64_t open_ = 0;  // requests due and not answered
  std::size_t lost_ = 0;
};

/// Prints quantiles of `samples`, which it sorts.
void print_quantiles(const char* prefix, std::vector<std::uint64_t>& samples) {
  constexpr std::pair<const char*, double> kQuantiles[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1.0}};
  if (samples.empty()) return;  // no request found its connection free
  std::sort(samples.begin(), samples.end());
  for (const auto& [name, at] : kQuantiles) {
    const auto index = static_cast<std::size_t>(static_cast<double>(samples.size() - 1) * at);
    std::printf("%s%s %.1f\n", prefix, name, static_cast<double>(samples[index]) / 1000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  const double rate = arguments.real("rate", 0, 0, 10'000'000);
  const double seconds = arguments.real("seconds", 10, 0.01, 3600);
  const double warm_up = arguments.real("warm-up", 1, 0, 3600);
  const std::uint64_t connections = arguments.number("connections", 256, 1, 500'000);
  const std::string arrivals = arguments.text("arrivals", "uniform");
  const std::uint64_t seed = arguments.number("seed", 1, 0, UINT64_MAX);
  const auto status = static_cast<int>(arguments.number("status", 200, 200, 599));
  const std::uint64_t timeout = arguments.number("timeout-seconds", 10, 1, 3600);
  const std::string request = arguments.file("request-file", load::plain_get(host, port));
  arguments.done();
  if (rate <= 0) load::die(std::string("--rate is needed\n") + kUsage);
  if (arrivals != "uniform" && arrivals != "poisson")
    load::die("--arrivals takes uniform or poisson, got '" + arrivals + "'");
  if (rate * seconds > static_cast<double>(kMostSamples))
    load::die("more than " + std::to_string(kMostSamples) + " requests; fewer seconds, please");

  load::allow_connections(connections);
  Client client(
      request, load::open_connections(load::loopback(host, port), connections, 0, timeout), status);
  // Filled once, so that no page is touched for the first time while the clock runs.
  const auto room = static_cast<std::size_t>(rate * seconds * 1.2) + 1000;
  for (std::vector<std::uint64_t>* samples : {&client.latencies, &client.lateness}) {
    samples->resize(room);
    samples->clear();
  }
  client.run(Schedule(rate, arrivals == "poisson", seed), static_cast<std::uint64_t>(warm_up * 1e9),
             static_cast<std::uint64_t>((warm_up + seconds) * 1e9), timeout * 1'000'000'000U);

  if (client.latencies.empty()) load::die("nothing was answered in time");
  const double answered_for = static_cast<double>(client.last_answer) / 1e9 - warm_up;
  std::printf("requests %zu\nerrors %llu\nrate_wanted %.1f\nrate %.1f\nqueued %llu\n",
              client.latencies.size(), static_cast<unsigned long long>(client.errors), rate,
              static_cast<double>(client.latencies.size()) / std::max(answered_for, seconds),
              static_cast<unsigned long long>(client.queued));
  print_quantiles("", client.latencies);
  print_quantiles("late_", client.lateness);
  return client.errors == 0 ? 0 : 1;
}
