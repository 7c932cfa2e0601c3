// SPDX-License-Identifier: MIT
/// \file
/// Thousands of slow attackers against a running demo, and what a good client feels of them.
///
/// The good client sends requests at a fixed rate on one connection, whether or not the answers
/// keep up, so that a stall of the server is not hidden by a client that waits (latencies count
/// from the time at which a request was due). A second one opens a new connection for each request.
/// Attackers open again as soon as they have been cut. It is required that every good request is
/// answered rightly, that the server cuts each attacker within `--cut-seconds`, that it lives, and
/// that its memory stays bounded. Latencies are printed, never judged.
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <deque>
#include <thread>
#include <vector>

#include "raw_client.hpp"
#include "tool.hpp"

namespace {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;
using weir::test::RawClient;
using weir::test::RawParse;
using weir::test::RawResponse;

constexpr const char* kUsage =
    "slowloris --pid SERVER [--host 127.0.0.1] [--port 8080] [--mode head|body|read]\n"
    "          [--attackers 5000] [--every-ms 2000] [--attack-seconds 25] [--cut-seconds N]\n"
    "          [--before-seconds 5] [--rate 200] [--fresh-rate 5] [--memory-mib 192]\n"
    "  --pid            the server's process: its descriptors and memory are read\n"
    "  --mode           a head byte by byte, a body byte by byte, or an answer read byte by byte\n"
    "  --every-ms       between two bytes of an attacker\n"
    "  --attack-seconds how long cut attackers open again\n"
    "  --cut-seconds    how long an attacker may live (default: 20, 25 and 75, by mode)\n"
    "  --rate           requests a second of the good client; --fresh-rate: on new connections\n"
    "  --memory-mib     by which the server may grow at the most\n";

double milliseconds_between(TimePoint from, TimePoint to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

/// The p-th percentile of `values`, which it sorts; 0 when there are none.
double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double place = std::ceil(p / 100 * static_cast<double>(values.size())) - 1;
  return values[static_cast<std::size_t>(std::max(place, 0.0))];
}

void print_latencies(const char* when, const char* who, std::vector<double> values) {
  std::printf("%-7s %-15s %6zu requests, ms: p50 %.2f, p99 %.2f, max %.2f\n", when, who,
              values.size(), percentile(values, 50), percentile(values, 99),
              percentile(values, 100));
}

/// A line of /proc/PID/status in KiB, 0 when the process is gone.
std::uint64_t status_kib(int pid, const char* name) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(in, line);)
    if (line.compare(0, std::strlen(name), name) == 0)
      return std::strtoull(line.c_str() + std::strlen(name) + 1, nullptr, 10);
  return 0;
}

/// Sends `GET /inspect?n=N` on one connection when each is due and checks the answers in order.
class GoodClient {
 public:
  GoodClient(std::uint16_t port, std::string host, std::uint64_t rate)
      : host_(std::move(host)),
        between_(std::chrono::nanoseconds(1'000'000'000 / rate)),
        client_(port, host_, seconds(20)) {}

  /// Asks until `stop`, then waits for what is outstanding. An empty string, or what went wrong.
  std::string run(const std::atomic<bool>& stop) try {
    latencies_.clear();
    TimePoint due = SteadyClock::now();
    while (!stop || !outstanding_.empty()) {
      for (; !stop && due <= SteadyClock::now(); due += between_) send(due);
      receive(stop ? milliseconds(50) : wait_for(due));
      if (!outstanding_.empty() && SteadyClock::now() - outstanding_.front().due > seconds(20))
        return "no answer within 20 s";
    }
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }

  const std::vector<double>& latencies() const { return latencies_; }

 private:
  struct Outstanding {
    std::string expected;
    TimePoint due;
  };

  static milliseconds wait_for(TimePoint due) {
    return std::max(std::chrono::ceil<milliseconds>(due - SteadyClock::now()), milliseconds(0));
  }

  void send(TimePoint due) {
    const std::string name = std::to_string(sent_++);
    client_.send("GET /inspect?n=" + name + " HTTP/1.1\r\nHost: " + host_ + "\r\n\r\n");
    outstanding_.push_back({"\"query\":{\"n\":\"" + name + "\"}", due});
  }

  void receive(milliseconds wait) {
    pollfd waiting{client_.fd(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(wait.count())) <= 0) return;
    char bytes[16 * 1024];
    const ssize_t got = ::recv(client_.fd(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) throw std::runtime_error("the server closed the good client's connection");
    unread_.append(bytes, static_cast<std::size_t>(got));
    for (RawResponse response; !unread_.empty(); response = {}) {
      const RawParse parse = weir::test::parse_response(unread_, response);
      if (parse.kind == RawParse::Kind::partial) return;
      if (parse.kind == RawParse::Kind::bad || outstanding_.empty() || response.status != 200 ||
          response.body.find(outstanding_.front().expected) == std::string::npos)
        throw std::runtime_error("a wrong answer: " + unread_.substr(0, 500));
      latencies_.push_back(milliseconds_between(outstanding_.front().due, SteadyClock::now()));
      outstanding_.pop_front();
      unread_.erase(0, parse.consumed);
    }
  }

  std::string host_;
  std::chrono::nanoseconds between_;
  RawClient client_;
  std::string unread_;
  std::deque<Outstanding> outstanding_;
  std::uint64_t sent_ = 0;
  std::vector<double> latencies_;
};

/// A good client with a new connection for each request. An empty string, or what went wrong.
std::string run_fresh(std::uint16_t port, const std::string& host, std::uint64_t rate,
                      const std::atomic<bool>& stop, std::vector<double>& latencies) try {
  if (rate == 0) return {};
  const std::chrono::nanoseconds between(1'000'000'000 / rate);
  for (TimePoint due = SteadyClock::now(); !stop; due += between) {
    std::this_thread::sleep_until(due);
    RawClient client(port, host, seconds(20));
    client.send("GET /plaintext HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    const RawResponse response = client.read_response();
    if (response.status != 200 || response.body != "Hello, World!")
      return "a wrong answer on a new connection: " + response.raw;
    latencies.push_back(milliseconds_between(due, SteadyClock::now()));
  }
  return {};
} catch (const std::exception& error) {
  return std::string("on a new connection: ") + error.what();
}

/// One kind of slowness.
struct Mode {
  const char* name;
  const char* first;          // sent at once
  const char* endless;        // then its bytes one by one, again and again; empty: reads instead
  std::uint64_t cut_seconds;  // above the demo's time-outs, with room for a busy machine
};
constexpr Mode kModes[] = {
    // head_timeout 10 s, then up to 2 s of lingering.
    {"head", "GET /plaintext HTTP/1.1\r\n", "X-a: b\r\n", 20},
    // body_rate_grace 5 s or body_stall_timeout 10 s, then up to 2 s of lingering.
    {"body", "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", "a", 25},
    // Two periods of write_stall_timeout, 30 s: in the first the kernel took some.
    {"read", "GET /stream?chunks=10000&size=16384 HTTP/1.1\r\nHost: a\r\n\r\n", "", 75},
};

/// All the attackers, on one thread.
class Attack {
 public:
  Attack(const sockaddr_in& to, const Mode& mode, std::size_t count, milliseconds every)
      : to_(to), mode_(mode), every_(every), epoll_(::epoll_create1(EPOLL_CLOEXEC)), all_(count) {}

  /// Attacks until `until` and then until the server has cut the last, at most `cut_limit` each.
  void run(TimePoint until, seconds cut_limit) {
    const TimePoint last = until + cut_limit;
    while (true) {
      const TimePoint now = SteadyClock::now();
      if (now < until) open_more();
      if ((now >= until && live_ == 0) || now >= last) break;
      turn();
      step_due();
    }
    for (Attacker& one : all_)
      if (one.fd >= 0) {
        ++uncut_;
        end(one, false);
      }
  }

  void print() {
    std::printf(
        "attack: %zu opened, at most %zu at once, %zu answered with an error first, cut after "
        "s: least %.1f, p50 %.1f, most %.1f; %zu still there at the end\n",
        opened_, most_, answered_, percentile(lives_, 0) / 1000, percentile(lives_, 50) / 1000,
        percentile(lives_, 100) / 1000, uncut_);
  }
  std::size_t most() const { return most_; }
  std::size_t uncut() const { return uncut_; }
  double longest_ms() { return percentile(lives_, 100); }

 private:
  struct Attacker {
    int fd = -1;
    bool connected = false;
    bool answered = false;
    std::size_t sent = 0;
    TimePoint born;
    TimePoint due;
  };
  static constexpr std::size_t kAtOnce = 256;  // connects that may be under way

  void open_more() {
    for (std::size_t tries = 0; tries < kAtOnce && live_ < all_.size() && connecting_ < kAtOnce;
         ++tries) {
      Attacker& one = all_[next_];
      next_ = (next_ + 1) % all_.size();
      if (one.fd >= 0) continue;
      one = Attacker{};
      one.fd = load::start_connect(to_, static_cast<std::uint32_t>(1 + opened_ % 8),
                                   mode_.endless[0] == '\0' ? 2048 : 0);
      if (one.fd < 0) load::die(std::string("connect: ") + std::strerror(errno));
      epoll_event event{};
      event.events = EPOLLOUT;
      event.data.u64 = static_cast<std::uint64_t>(&one - all_.data());
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &event);
      ++opened_;
      ++live_;
      ++connecting_;
      most_ = std::max(most_, live_ - connecting_);
    }
  }

  void turn() {
    epoll_event events[512];
    const int ready = ::epoll_wait(epoll_, events, 512, 5);
    for (int i = 0; i < ready; ++i) {
      Attacker& one = all_[events[i].data.u64];
      if (one.fd < 0) continue;
      if (!one.connected) {
        begin(one);
      } else if (mode_.endless[0] != '\0') {
        look(one);
      } else if ((events[i].events & (EPOLLHUP | EPOLLERR)) != 0) {
        end(one, true);
      }
    }
  }

  void begin(Attacker& one) {
    --connecting_;
    if (load::socket_error(one.fd) != 0) return end(one, true);
    one.connected = true;
    one.born = SteadyClock::now();
    one.due = one.born + every_;
    most_ = std::max(most_, live_ - connecting_);
    epoll_event event{};
    event.events = mode_.endless[0] == '\0' ? 0U : static_cast<std::uint32_t>(EPOLLIN);
    event.data.u64 = static_cast<std::uint64_t>(&one - all_.data());
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, one.fd, &event);
    if (::send(one.fd, mode_.first, std::strlen(mode_.first), MSG_NOSIGNAL) < 0) end(one, true);
  }

  /// An answer says that the server has had enough; its FIN or reset ends the attacker.
  void look(Attacker& one) {
    char bytes[4096];
    const ssize_t got = ::recv(one.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return end(one, true);
    if (!one.answered) ++answered_;
    one.answered = true;
  }

  /// The next byte of all whose time has come.
  void step_due() {
    const TimePoint now = SteadyClock::now();
    if (now < next_sweep_) return;
    next_sweep_ = now + milliseconds(20);
    for (Attacker& one : all_) {
      if (one.fd < 0 || !one.connected || one.due > now) continue;
      one.due += every_;
      if (mode_.endless[0] == '\0') {
        char byte = 0;
        const ssize_t got = ::recv(one.fd, &byte, 1, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) end(one, true);
      } else {
        const char byte = mode_.endless[one.sent++ % std::strlen(mode_.endless)];
        if (::send(one.fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
          end(one, true);
      }
    }
  }

  void end(Attacker& one, bool cut) {
    if (!one.connected) {
      if (!cut) --connecting_;
    } else if (cut) {
      lives_.push_back(milliseconds_between(one.born, SteadyClock::now()));
    }
    ::close(one.fd);
    one.fd = -1;
    --live_;
  }

  sockaddr_in to_;
  const Mode& mode_;
  milliseconds every_;
  int epoll_;
  std::vector<Attacker> all_;
  std::vector<double> lives_;
  TimePoint next_sweep_{};
  std::size_t next_ = 0;
  std::size_t opened_ = 0;
  std::size_t live_ = 0;
  std::size_t connecting_ = 0;
  std::size_t most_ = 0;
  std::size_t answered_ = 0;
  std::size_t uncut_ = 0;
};

int failures = 0;

void require(bool claim, const std::string& otherwise) {
  if (claim) return;
  ++failures;
  std::fprintf(stderr, "slowloris: %s\n", otherwise.c_str());
}

/// What the good clients feel while `meanwhile` runs.
template <class F>
void measure(const char* when, GoodClient& good, std::uint16_t port, const std::string& host,
             std::uint64_t fresh_rate, F meanwhile) {
  std::atomic<bool> stop{false};
  std::string wrong;
  std::string wrong_fresh;
  std::vector<double> fresh;
  std::thread steady([&] { wrong = good.run(stop); });
  std::thread newcomer([&] { wrong_fresh = run_fresh(port, host, fresh_rate, stop, fresh); });
  meanwhile();
  stop = true;
  steady.join();
  newcomer.join();
  require(wrong.empty(), std::string(when) + ": the good client: " + wrong);
  require(wrong_fresh.empty(), std::string(when) + ": the good client: " + wrong_fresh);
  require(!good.latencies().empty(), std::string(when) + ": the good client got no answer");
  print_latencies(when, "kept connection", good.latencies());
  if (fresh_rate != 0) print_latencies(when, "new connections", fresh);
}

/// The flat object that the demo's /counters answers, without what is 0; empty if it has none.
std::string counters(std::uint16_t port, const std::string& host) {
  RawClient client(port, host, seconds(20));
  client.send("GET /counters HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  const RawResponse response = client.read_response();
  if (response.status != 200) return {};
  std::string shown;
  for (std::size_t at = 1; at < response.body.size();) {
    const std::size_t end = std::min(response.body.find(',', at), response.body.size());
    const std::string pair = response.body.substr(at, end - at);
    const std::size_t digit = pair.find_first_of("123456789");
    if (digit != std::string::npos) shown += (shown.empty() ? "" : ",") + pair;
    at = end + 1;
  }
  return shown;
}

}  // namespace

int main(int argc, char** argv) try {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  const auto pid = static_cast<int>(arguments.number("pid", 0, 1, 4'194'304));
  const std::string name = arguments.text("mode", "head");
  const auto* mode = std::find_if(std::begin(kModes), std::end(kModes),
                                  [&](const Mode& one) { return one.name == name; });
  if (mode == std::end(kModes)) load::die("no such mode: " + name);
  const std::uint64_t attackers = arguments.number("attackers", 5000, 1, 200'000);
  const milliseconds every(arguments.number("every-ms", 2000, 10, 60'000));
  const seconds attack_time(arguments.number("attack-seconds", 25, 1, 600));
  const seconds cut_limit(arguments.number("cut-seconds", mode->cut_seconds, 1, 600));
  const seconds before(arguments.number("before-seconds", 5, 1, 600));
  const std::uint64_t rate = arguments.number("rate", 200, 1, 100'000);
  const std::uint64_t fresh_rate = arguments.number("fresh-rate", 5, 0, 1000);
  const std::uint64_t memory_mib = arguments.number("memory-mib", 192, 0, 100'000);
  arguments.done();
  load::raise_file_limit(attackers + 64);

  GoodClient good(port, host, rate);
  std::printf("== %s: %llu attackers, a byte every %.1f s\n", mode->name,
              static_cast<unsigned long long>(attackers),
              static_cast<double>(every.count()) / 1000);
  measure("before", good, port, host, fresh_rate, [&] { std::this_thread::sleep_for(before); });
  const int descriptors = load::count_descriptors(pid);
  const std::uint64_t rss = status_kib(pid, "VmRSS:");

  Attack attack(load::loopback(host, port), *mode, attackers, every);
  std::uint64_t most_rss = rss;
  std::atomic<bool> over{false};
  std::thread watch([&] {
    for (; !over; std::this_thread::sleep_for(milliseconds(100)))
      most_rss = std::max(most_rss, status_kib(pid, "VmRSS:"));
  });
  measure("during", good, port, host, fresh_rate,
          [&] { attack.run(SteadyClock::now() + attack_time, cut_limit); });
  over = true;
  watch.join();
  attack.print();

  int left = load::count_descriptors(pid);
  for (const TimePoint end = SteadyClock::now() + seconds(10);
       left > descriptors && SteadyClock::now() < end; left = load::count_descriptors(pid))
    std::this_thread::sleep_for(milliseconds(100));
  GoodClient later(port, host, rate);  // what went wrong during the attack is over
  measure("after", later, port, host, fresh_rate, [&] { std::this_thread::sleep_for(before); });
  const double grown = static_cast<double>(most_rss - rss) / 1024;
  std::printf(
      "server: resident %.1f MiB before, at most %.1f during; descriptors %d before, %d"
      " after\n",
      static_cast<double>(rss) / 1024, static_cast<double>(most_rss) / 1024, descriptors, left);
  const std::string shown = counters(port, host);
  if (!shown.empty()) std::printf("counters: %s\n", shown.c_str());

  require(attack.most() >= attackers / 2, "fewer than half of the attackers got in");
  require(attack.uncut() == 0, std::to_string(attack.uncut()) + " attackers were never cut");
  require(attack.longest_ms() <= static_cast<double>(cut_limit.count()) * 1000,
          "an attacker lived for " + std::to_string(attack.longest_ms() / 1000) + " s");
  require(left >= 0, "the server has died");
  require(left <= descriptors, std::to_string(left - descriptors) + " descriptors are left");
  require(memory_mib == 0 || grown <= static_cast<double>(memory_mib),
          "the server grew by " + std::to_string(grown) + " MiB");
  return failures == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "slowloris: %s\n", error.what());
  return 1;
}
