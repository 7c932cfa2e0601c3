// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The well-behaved client beside those that misbehave, and the count of what went wrong.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "raw_client.hpp"
#include "request_mix.hpp"
#include "tool.hpp"

namespace stress {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Counts failures from all threads and prints the first of them. Thread: any.
class Verdict {
 public:
  void wrong(const std::string& what) {
    if (failures_++ < 20)
      std::fprintf(stderr, "%s: WRONG: %s\n", program_invocation_short_name, what.c_str());
  }
  std::uint64_t failures() const { return failures_; }
  bool hopeless() const { return failures_ > 1000; }

 private:
  std::atomic<std::uint64_t> failures_{0};
};

/// Where the server is and how long it may take to answer.
struct Target {
  std::string host;
  std::uint16_t port = 0;
  int pid = 0;
  seconds answer{0};
};

/// Pipelines requests to every route over kept connections and checks that each answer is right, in
/// order and there, until it is told to stop. Thread: one for run(); print() after it.
class Citizen {
 public:
  /// `number` tells several of them apart.
  Citizen(const Target& target, Verdict& verdict, std::uint64_t seed, std::uint64_t number = 0)
      : target_(target), verdict_(verdict), random_(seed + number), next_((number + 1) << 40) {}

  void run(const std::atomic<bool>& stop) {
    while (!stop && !verdict_.hopeless()) {
      try {
        weir::test::RawClient client(target_.port, target_.host, target_.answer);
        for (int batches = 0; batches < 200 && !stop; ++batches) batch(client);
      } catch (const std::exception& error) {
        wrong(error.what());
        std::this_thread::sleep_for(milliseconds(100));
      }
    }
  }

  void print() const {
    std::printf(
        "well-behaved client: %llu answers right and in order, errors: %llu, the slowest batch "
        "%lld ms\n",
        static_cast<unsigned long long>(answers_), static_cast<unsigned long long>(errors_),
        static_cast<long long>(slowest_.count()));
  }

  std::uint64_t answers() const { return answers_; }

 private:
  void batch(weir::test::RawClient& client) {
    std::string bytes;
    std::vector<Expected> expected;
    for (std::uint64_t i = draw(random_, 1, 8); i != 0; --i) {
      const Route route = draw_route(random_);
      Request request =
          make_request(random_, route, next_++, draw(random_, 1, 3000), one_in(random_, 2));
      bytes += request.bytes;
      expected.push_back(std::move(request.expected));
    }
    const TimePoint start = SteadyClock::now();
    if (one_in(random_, 2))
      client.send(bytes);
    else
      client.send_pieces(bytes, draw(random_, bytes.size() / 4 + 1, bytes.size()));
    for (const Expected& one : expected) {
      const weir::test::RawResponse response = client.read_response(one.to_head);
      const std::string difference = differs(one, response);
      if (difference.empty())
        ++answers_;
      else
        wrong(difference + ": " + response.raw.substr(0, 300));
    }
    slowest_ =
        std::max(slowest_, std::chrono::duration_cast<milliseconds>(SteadyClock::now() - start));
    if (!client.unread().empty()) wrong("bytes after the last answer");
  }

  void wrong(const std::string& what) {
    ++errors_;
    verdict_.wrong("well-behaved client: " + what);
  }

  const Target& target_;
  Verdict& verdict_;
  Random random_;
  std::uint64_t next_;
  std::uint64_t answers_ = 0;
  std::uint64_t errors_ = 0;
  milliseconds slowest_{0};
};

/// Makes close() send RST, whatever is unsent or unread.
inline void reset_on_close(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// Waits until the server has at most `base` descriptors, and says how many it has then.
inline int settle_descriptors(int pid, int base, seconds within) {
  const TimePoint limit = SteadyClock::now() + within;
  int now = load::count_descriptors(pid);
  while (now > base && SteadyClock::now() < limit) {
    std::this_thread::sleep_for(milliseconds(50));
    now = load::count_descriptors(pid);
  }
  return now;
}

/// The least number of descriptors in half a second: whoever asked before may still be leaving.
inline int resting_descriptors(int pid) {
  int base = load::count_descriptors(pid);
  if (base < 0) load::die("cannot read /proc/" + std::to_string(pid) + "/fd");
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(milliseconds(50));
    base = std::min(base, load::count_descriptors(pid));
  }
  return base;
}

}  // namespace stress
