// SPDX-License-Identifier: MIT
/// \file
/// Thousands of connections of all kinds of good and bad manners against all routes of a running
/// demo at once.
///
/// What each connection does is drawn from the seed and its index, see chaos_plan.hpp; a single one
/// is done again by --only. Well-formed ones demand each of their answers, hostile ones valid HTTP
/// with a status that they deserve. Beside them well-behaved clients run all the time. In the end
/// the server must be as it was: no connection, timer or byte left, its descriptors and its memory
/// back.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <thread>
#include <vector>

#include "chaos_plan.hpp"
#include "citizen.hpp"
#include "raw_client.hpp"
#include "request_mix.hpp"
#include "tool.hpp"

namespace {

using namespace stress;
using weir::test::RawClient;
using weir::test::RawParse;
using weir::test::RawResponse;

constexpr const char* kUsage =
    "chaos --pid SERVER [--host 127.0.0.1] [--port 8080] [--connections 1000] [--total 20000]\n"
    "      [--seconds 4] [--threads 2] [--citizens 2] [--seed N] [--only INDEX]\n"
    "      [--timeout-ms 0] [--answer-seconds 20] [--settle-seconds 30] [--memory-slack-kib N]\n"
    "  --pid              the server's process, whose descriptors and memory are looked at\n"
    "  --connections      held at once\n"
    "  --total            connections in all; no new one after --seconds\n"
    "  --threads          of this client; --citizens: well-behaved clients beside it\n"
    "  --seed             draws the same connections again (default: by the time, printed)\n"
    "  --only             the connection with that index alone, and says what it does\n"
    "  --timeout-ms       the server's time-outs, each of them; 0: too long to be waited for\n"
    "  --answer-seconds   the longest wait for an answer\n"
    "  --settle-seconds   the longest wait for what the gone have left\n"
    "  --memory-slack-kib growth of resident memory from the end of the warm-up, a smaller run of\n"
    "                     the same kind, to the end; 0: not checked, as under a sanitizer. "
    "Default:\n"
    "                     8 MiB and 16 KiB for each connection at once. The allocator keeps freed\n"
    "                     memory in pieces by what was there at the busiest time, which differs\n"
    "                     from run to run; a leak grows with --total instead.\n";

constexpr std::size_t kFrozen = 1200;  // more than two loops can see in one turn

struct Settings {
  Target target;
  Setting setting;
  milliseconds timeout{0};  // of the server, each of them; 0: too long to wait for
  std::uint64_t connections = 0;
  std::uint64_t total = 0;
  seconds longest{0};
  std::size_t threads = 0;
  std::size_t citizens = 0;
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> only;
  seconds settle{0};
  std::uint64_t memory_slack_kib = 0;
};

/// One run of connections, shared by its crowds. Thread: any.
struct Round {
  std::uint64_t seed = 0;
  std::uint64_t first = 0;
  std::uint64_t end = 0;  // no index from here on
  TimePoint until;        // no new connection after it
  std::atomic<std::uint64_t> next{0};
};

/// What became of the connections of a crowd.
struct Figures {
  struct Manner {
    std::uint64_t connections = 0;
    std::uint64_t ended_by_server = 0;
    std::uint64_t answers = 0;
  };
  std::array<Manner, kKinds.size()> manners{};
  std::array<std::uint64_t, 1000> statuses{};
  std::uint64_t hostile = 0;
  std::uint64_t excused = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;

  void add(const Figures& other) {
    for (std::size_t i = 0; i < manners.size(); ++i) {
      manners[i].connections += other.manners[i].connections;
      manners[i].ended_by_server += other.manners[i].ended_by_server;
      manners[i].answers += other.manners[i].answers;
    }
    for (std::size_t i = 0; i < statuses.size(); ++i) statuses[i] += other.statuses[i];
    hostile += other.hostile;
    excused += other.excused;
    sent += other.sent;
    received += other.received;
  }
};

/// Many connections on one epoll set, each following its plan. Thread: one.
class Crowd {
 public:
  Crowd(const Settings& settings, Round& round, std::size_t size, Verdict& verdict)
      : settings_(settings),
        round_(round),
        verdict_(verdict),
        to_(load::loopback(settings.target.host, settings.target.port)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        clients_(size) {
    for (std::size_t i = 0; i < size; ++i) free_.push_back(i);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() { ::close(epoll_); }

  /// Returns when all have come and gone.
  void run() {
    bool more = true;
    while (more || free_.size() < clients_.size()) {
      now_ = SteadyClock::now();
      if (now_ > round_.until + 2 * patience() + seconds(10)) {
        verdict_.wrong(std::to_string(clients_.size() - free_.size()) +
                       " connections are still there long after the end");
        break;
      }
      if (verdict_.hopeless()) break;
      for (int i = 0; more && i < 32 && !free_.empty(); ++i) more = start_next();
      while (!dues_.empty() && dues_.top().at <= now_) {
        Client& client = clients_[dues_.top().client];
        const bool current = client.fd >= 0 && client.due == dues_.top().at;
        dues_.pop();
        if (current) on_due(client);
      }
      epoll_event events[256];
      const int ready = ::epoll_wait(epoll_, events, 256, 1);
      now_ = SteadyClock::now();
      for (int i = 0; i < ready; ++i) on_event(clients_[events[i].data.u64], events[i].events);
    }
    for (Client& client : clients_)
      if (client.fd >= 0) ::close(client.fd);
  }

  const Figures& figures() const { return figures_; }

 private:
  struct Client {
    int fd = -1;
    std::uint64_t index = 0;
    Plan plan;
    bool connected = false;
    bool in_step = false;  // the current step has begun
    bool resting = false;  // until `due`; otherwise `due` is the end of the patience
    bool upgraded = false;
    bool excused = false;  // it was too slow itself: nothing more is asked of the server
    bool closing = false;  // the server has announced that it will close
    std::size_t step = 0;
    std::size_t sent = 0;  // of the step
    std::string unread;
    std::size_t answers = 0;
    std::size_t extra = 0;
    std::size_t interims = 0;
    std::size_t lines_seen = 0;  // bytes of plan.lines
    TimePoint started;
    TimePoint due;
    TimePoint step_limit;
  };

  struct Due {
    TimePoint at;
    std::size_t client;
    bool operator<(const Due& other) const { return at > other.at; }  // the earliest on top
  };

  static constexpr int kPiecesInTurn = 8;

  milliseconds patience() const { return settings_.target.answer + 3 * settings_.timeout; }

  std::size_t slot(const Client& client) const {
    return static_cast<std::size_t>(&client - clients_.data());
  }

  /// False when no further connection shall come.
  bool start_next() {
    if (now_ >= round_.until) return false;
    const std::uint64_t index = round_.next++;
    if (index >= round_.end) return false;
    Client& client = clients_[free_.back()];
    client = Client();
    client.index = index;
    client.started = now_;
    client.plan = make_plan(round_.seed, index, settings_.setting);
    if (settings_.only) describe(client.plan);
    // An address has 28,000 ephemeral ports, each kept for a minute after our FIN: take turns.
    client.fd = load::start_connect(to_, static_cast<std::uint32_t>(index % 200),
                                    client.plan.receive_buffer);
    if (client.fd < 0) {
      wrong(client, std::string("connect: ") + std::strerror(errno));
      return true;
    }
    free_.pop_back();
    ++manner(client).connections;
    if (client.plan.hostile()) ++figures_.hostile;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = slot(client);
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
    set_due(client, now_ + settings_.target.answer, false);
    return true;
  }

  void on_event(Client& client, std::uint32_t events) {
    if (client.fd < 0) return;
    if (!client.connected) {
      if (const int error = load::socket_error(client.fd); error != 0)
        return fail(client, std::string("connect: ") + std::strerror(error));
      client.connected = true;
      set_due(client, now_, true);
    }
    if (client.plan.reads) {
      if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read_all(client);
    } else if (!client.plan.owed && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
      return on_end(client, true);
    }
    advance(client);
  }

  void on_due(Client& client) {
    if (!client.resting) return fail(client, "took too long");
    client.resting = false;
    advance(client);
  }

  void set_due(Client& client, TimePoint due, bool resting) {
    client.due = due;
    client.resting = resting;
    dues_.push({due, slot(client)});
  }

  /// Does steps up to one that has to wait.
  void advance(Client& client) {
    while (client.fd >= 0 && !client.resting) {
      if (client.excused || client.step == client.plan.steps.size()) return leave(client);
      if (!client.in_step) {
        client.in_step = true;
        client.sent = 0;
        client.step_limit = now_ + patience();
        set_due(client, client.step_limit, false);
        if (client.plan.steps[client.step].what == Step::Do::rest)
          return set_due(client, now_ + client.plan.steps[client.step].pause, true);
      }
      if (!perform(client, client.plan.steps[client.step])) return;
      ++client.step;
      client.in_step = false;
    }
  }

  /// True when the step is done.
  bool perform(Client& client, const Step& step) {
    switch (step.what) {
      case Step::Do::send:
        return send_more(client, step);
      case Step::Do::rest:
        return true;
      case Step::Do::answers:
        return client.answers + client.extra >= step.count;
      case Step::Do::interim:
        return client.interims + client.answers > 0;
      case Step::Do::sip:
        return sip(client, step);
      case Step::Do::lines:
        return client.lines_seen == client.plan.lines.size();
      case Step::Do::end:
        return false;
      case Step::Do::shut:
        ::shutdown(client.fd, SHUT_WR);
        return true;
      case Step::Do::reset:
        reset_on_close(client.fd);
        leave(client);
        return false;
      case Step::Do::close:
        leave(client);
        return false;
    }
    return false;
  }

  bool send_more(Client& client, const Step& step) {
    int pieces = 0;
    while (client.sent < step.bytes.size()) {
      std::size_t size = step.bytes.size() - client.sent;
      if (step.count != 0) size = std::min(size, step.count);
      const ssize_t sent = ::send(client.fd, step.bytes.data() + client.sent, size, MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EAGAIN) return false;
        if (client.plan.reads) read_all(client);  // an answer may have come in front of the RST
        if (client.fd >= 0) on_end(client, true);
        return false;
      }
      client.sent += static_cast<std::size_t>(sent);
      figures_.sent += static_cast<std::uint64_t>(sent);
      const bool rests = step.pause.count() != 0 || ++pieces == kPiecesInTurn;
      if (step.count != 0 && rests && client.sent < step.bytes.size()) {
        set_due(client, now_ + step.pause, true);
        return false;
      }
    }
    return true;
  }

  bool sip(Client& client, const Step& step) {
    if (read_once(client, step.bytes_each) == Got::ended) return false;
    if (client.answers >= step.count) return true;
    if (now_ > client.step_limit)
      fail(client, "took too long");
    else
      set_due(client, now_ + step.pause, true);
    return false;
  }

  enum class Got : std::uint8_t { bytes, nothing, ended };

  void read_all(Client& client) {
    while (read_once(client, 64 * 1024) == Got::bytes) {
    }
  }

  Got read_once(Client& client, std::size_t most) {
    char buffer[64 * 1024];
    const ssize_t got = ::recv(client.fd, buffer, std::min(most, sizeof buffer), 0);
    if (got < 0 && errno == EAGAIN) return Got::nothing;
    if (got <= 0) {
      on_end(client, got < 0);
      return Got::ended;
    }
    figures_.received += static_cast<std::uint64_t>(got);
    client.unread.append(buffer, static_cast<std::size_t>(got));
    if (settings_.only)
      std::printf("got: %.*s\n", static_cast<int>(std::min<ssize_t>(got, 500)), buffer);
    const std::string fault = take_answers(client, false);
    if (fault.empty()) return Got::bytes;
    fail(client, fault);
    return Got::ended;
  }

  /// Takes what has come in whole from `unread`, and says what is wrong with it.
  std::string take_answers(Client& client, bool at_end) {
    const Plan& plan = client.plan;
    while (!client.unread.empty()) {
      if (client.upgraded) return take_lines(client);
      const bool to_head =
          client.answers < plan.expected.size() && plan.expected[client.answers].to_head;
      RawResponse response;
      const RawParse parse = weir::test::parse_response(client.unread, response, {to_head, at_end});
      if (parse.kind == RawParse::Kind::partial) return {};
      if (parse.kind == RawParse::Kind::bad)
        return std::string("bad answer: ") + parse.why + ": " + client.unread.substr(0, 200);
      client.unread.erase(0, parse.consumed);
      const std::string fault = judge(client, response);
      client.excused = !fault.empty() && response.status == 408 && was_slow(client);
      if (client.excused) {
        ++figures_.excused;
        client.unread.clear();
        return {};
      }
      if (!fault.empty()) return fault + ": " + response.raw.substr(0, 300);
    }
    return {};
  }

  std::string judge(Client& client, const RawResponse& response) {
    const Plan& plan = client.plan;
    ++figures_.statuses[static_cast<std::size_t>(response.status) % figures_.statuses.size()];
    if (client.closing) return "an answer behind one that closes";
    if (response.status < 200 && response.status != 101) {
      ++client.interims;
      return plan.interims && response.status == 100 ? "" : "a 1xx that nobody asked for";
    }
    ++manner(client).answers;
    client.closing = response.closes();
    if (client.answers < plan.expected.size()) {
      const std::string fault = differs(plan.expected[client.answers], response);
      ++client.answers;
      client.upgraded = response.status == 101;
      return fault;
    }
    if (++client.extra > plan.most_extra) return "an answer to nothing";
    if (std::find(plan.allowed.begin(), plan.allowed.end(), response.status) == plan.allowed.end())
      return "a status that this kind cannot get";
    return {};
  }

  std::string take_lines(Client& client) {
    const std::string& lines = client.plan.lines;
    if (lines.compare(client.lines_seen, client.unread.size(), client.unread) != 0)
      return "lines that were not sent so: " + client.unread.substr(0, 200);
    client.lines_seen += client.unread.size();
    client.unread.clear();
    return {};
  }

  /// The server's FIN or RST has come.
  void on_end(Client& client, bool reset) {
    const Plan& plan = client.plan;
    if (client.excused) return leave(client);
    if (settings_.only) std::printf("ended by the server with %s\n", reset ? "RST" : "FIN");
    ++manner(client).ended_by_server;
    std::string fault;
    if (!reset && plan.reads) fault = take_answers(client, true);
    const bool at_end =
        client.step < plan.steps.size() && plan.steps[client.step].what == Step::Do::end;
    const bool complete =
        client.answers == plan.expected.size() && client.lines_seen == plan.lines.size();
    if (!fault.empty()) return fail(client, fault);
    if (plan.owed && !complete)
      return fail(client, reset ? "reset with an answer owed" : "closed with an answer owed");
    if (plan.extra_owed && client.extra == 0) return fail(client, "not answered, only ended");
    if (!plan.ended_by_server && !at_end && !client.closing)
      return fail(client, "ended by the server, which had no reason");
    if (!plan.ended_by_server && reset) return fail(client, "reset instead of FIN");
    leave(client);
  }

  void leave(Client& client) {
    if (client.plan.owed && !client.unread.empty())
      wrong(client, "bytes behind the last answer: " + client.unread.substr(0, 200));
    ::close(client.fd);
    client.fd = -1;
    client.plan = Plan();
    free_.push_back(slot(client));
  }

  /// This client may be starved on a busy machine; then the server is right to lose its patience.
  bool was_slow(const Client& client) const {
    const milliseconds timeout = settings_.timeout;
    return now_ - client.started > (timeout.count() == 0 ? seconds(5) : timeout);
  }

  void fail(Client& client, const std::string& what) {
    wrong(client, what);
    client.unread.clear();
    leave(client);
  }

  void wrong(const Client& client, const std::string& what) {
    verdict_.wrong("--seed " + std::to_string(round_.seed) + " --only " +
                   std::to_string(client.index) + " (" + kKinds[client.plan.kind].name + ", step " +
                   std::to_string(client.step) + ", answer " +
                   std::to_string(client.answers + client.extra) + "): " + what);
  }

  Figures::Manner& manner(const Client& client) { return figures_.manners[client.plan.kind]; }

  static void describe(const Plan& plan) {
    static constexpr std::array<const char*, 10> kSteps = {
        "send", "rest", "answers", "interim", "sip", "lines", "end", "shut", "reset", "close"};
    std::printf("%s, %zu answers owed\n", kKinds[plan.kind].name, plan.expected.size());
    for (const Step& step : plan.steps)
      std::printf("  %s, %zu bytes, %zu each, %lld ms: %s\n",
                  kSteps[static_cast<std::size_t>(step.what)], step.bytes.size(), step.count,
                  static_cast<long long>(step.pause.count()), step.bytes.substr(0, 300).c_str());
  }

  const Settings& settings_;
  Round& round_;
  Verdict& verdict_;
  sockaddr_in to_;
  int epoll_;
  std::vector<Client> clients_;
  std::vector<std::size_t> free_;
  std::priority_queue<Due> dues_;
  TimePoint now_ = SteadyClock::now();
  Figures figures_;
};

Figures run_round(const Settings& settings, Round& round, Verdict& verdict) {
  std::vector<std::unique_ptr<Crowd>> crowds;
  std::vector<std::thread> threads;
  round.next = round.first;
  for (std::size_t i = 0; i < settings.threads; ++i) {
    const std::size_t size = settings.connections / settings.threads + 1;
    crowds.push_back(std::make_unique<Crowd>(settings, round, size, verdict));
    threads.emplace_back([crowd = crowds.back().get()] { crowd->run(); });
  }
  Figures figures;
  for (std::size_t i = 0; i < settings.threads; ++i) {
    threads[i].join();
    figures.add(crowds[i]->figures());
  }
  return figures;
}

using Counters = std::map<std::string, std::uint64_t>;

/// The members of a flat JSON object of numbers.
Counters parse_counters(std::string_view text) {
  Counters counters;
  while (true) {
    const std::size_t open = text.find('"');
    if (open == std::string_view::npos) return counters;
    const std::size_t close = text.find('"', open + 1);
    const std::size_t colon = text.find(':', close);
    if (close == std::string_view::npos || colon == std::string_view::npos) return counters;
    const std::string name(text.substr(open + 1, close - open - 1));
    text.remove_prefix(colon + 1);
    counters[name] = std::strtoull(std::string(text.substr(0, 24)).c_str(), nullptr, 10);
  }
}

/// What the server says of itself; nothing when it has no /counters.
std::optional<Counters> ask_counters(const Target& target) {
  RawClient client(target.port, target.host, target.answer);
  const RawResponse response =
      client.request("GET /counters HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  if (response.status == 404) return std::nullopt;
  return parse_counters(response.body);
}

bool has_lines(const Target& target) {
  RawClient client(target.port, target.host, target.answer);
  return client
             .request(
                 "GET /lines HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: "
                 "line-echo\r\n\r\n")
             .status == 101;
}

std::uint64_t resident_kib(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, 6, "VmRSS:") == 0) return std::strtoull(line.c_str() + 6, nullptr, 10);
  return 0;
}

/// What the server holds when nobody but the asking is there.
struct Rest {
  int descriptors = 0;
  std::uint64_t resident_kib = 0;
  std::optional<Counters> counters;
};

/// Waits until the server holds no more than `base`, and says what it holds then.
Rest come_to_rest(const Settings& settings, const Rest* base) {
  const Target& target = settings.target;
  const TimePoint limit = SteadyClock::now() + settings.settle;
  Rest rest;
  while (true) {
    rest.counters = ask_counters(target);
    const auto back = [&](const char* name, std::uint64_t otherwise) {
      return !rest.counters ||
             (*rest.counters)[name] <= (base != nullptr ? base->counters->at(name) : otherwise);
    };
    const bool same = back("connections", 1) && back("timers", 1) && back("buffered_bytes", 0);
    if (same || SteadyClock::now() > limit) break;
    std::this_thread::sleep_for(milliseconds(50));
  }
  rest.descriptors = base == nullptr
                         ? resting_descriptors(target.pid)
                         : settle_descriptors(target.pid, base->descriptors, settings.settle);
  rest.resident_kib = resident_kib(target.pid);
  return rest;
}

void compare(const Rest& base, const Rest& warm, const Rest& end, std::uint64_t slack_kib,
             Verdict& verdict) {
  std::printf("%-24s%14s%14s%14s\n", "the server at rest", "before", "warmed up", "after");
  const auto print = [](const char* what, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    std::printf("%-24s%14llu%14llu%14llu\n", what, static_cast<unsigned long long>(a),
                static_cast<unsigned long long>(b), static_cast<unsigned long long>(c));
  };
  print("descriptors", static_cast<std::uint64_t>(base.descriptors),
        static_cast<std::uint64_t>(warm.descriptors), static_cast<std::uint64_t>(end.descriptors));
  print("resident KiB", base.resident_kib, warm.resident_kib, end.resident_kib);
  if (end.descriptors > base.descriptors) verdict.wrong("descriptors left behind");
  if (slack_kib != 0 && end.resident_kib > warm.resident_kib + slack_kib)
    verdict.wrong("resident memory grew by more than " + std::to_string(slack_kib) + " KiB");
  if (slack_kib == 0) std::printf("resident memory is not checked: --memory-slack-kib 0\n");
  if (!base.counters || !warm.counters || !end.counters) {
    std::printf("no /counters: connections, timers and buffers are not checked\n");
    return;
  }
  for (const char* name : {"connections", "timers", "buffered_bytes"}) {
    print(name, base.counters->at(name), warm.counters->at(name), end.counters->at(name));
    if (end.counters->at(name) != base.counters->at(name))
      verdict.wrong(std::string(name) + " did not come back to what they were");
  }
  std::printf("counted by the server:");
  for (const auto& [name, value] : *end.counters) {
    const std::uint64_t before = base.counters->at(name);
    if (value != before)
      std::printf(" %s %llu", name.c_str(), static_cast<unsigned long long>(value - before));
  }
  std::printf("\n");
}

void print(const Figures& figures) {
  std::uint64_t connections = 0;
  std::uint64_t answers = 0;
  std::printf("%-24s%14s%18s%14s\n", "kind", "connections", "ended by server", "answers");
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    const Figures::Manner& manner = figures.manners[i];
    connections += manner.connections;
    answers += manner.answers;
    std::printf("%-24s%14llu%18llu%14llu\n", kKinds[i].name,
                static_cast<unsigned long long>(manner.connections),
                static_cast<unsigned long long>(manner.ended_by_server),
                static_cast<unsigned long long>(manner.answers));
  }
  std::printf("rightly refused with 408, because this client was too slow: %llu\n",
              static_cast<unsigned long long>(figures.excused));
  std::printf("connections %llu, hostile %llu, answers %llu, bytes sent %llu, received %llu;",
              static_cast<unsigned long long>(connections),
              static_cast<unsigned long long>(figures.hostile),
              static_cast<unsigned long long>(answers),
              static_cast<unsigned long long>(figures.sent),
              static_cast<unsigned long long>(figures.received));
  std::printf(" by status:");
  for (std::size_t status = 0; status < figures.statuses.size(); ++status)
    if (figures.statuses[status] != 0)
      std::printf(" %zu: %llu", status, static_cast<unsigned long long>(figures.statuses[status]));
  std::printf("\n");
}

Settings settings_from(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  Settings settings;
  Target& target = settings.target;
  target.host = arguments.text("host", "127.0.0.1");
  target.port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  target.pid = static_cast<int>(arguments.number("pid", 0, 1, 1 << 30));
  target.answer = seconds(arguments.number("answer-seconds", 20, 1, 3600));
  settings.connections = arguments.number("connections", 1000, 1, 50'000);
  settings.total = arguments.number("total", 20'000, 1, 1'000'000'000);
  settings.longest = seconds(arguments.number("seconds", 4, 1, 86'400));
  settings.threads = arguments.number("threads", 2, 1, 64);
  settings.citizens = arguments.number("citizens", 2, 0, 64);
  const auto by_time = static_cast<std::uint64_t>(std::time(nullptr));
  settings.seed = arguments.number("seed", by_time, 0, 1ULL << 40);
  settings.timeout = milliseconds(arguments.number("timeout-ms", 0, 0, 60'000));
  settings.setting.awaits_timeout = settings.timeout.count() != 0;
  settings.settle = seconds(arguments.number("settle-seconds", 30, 0, 3600));
  settings.memory_slack_kib =
      arguments.number("memory-slack-kib", 8 * 1024 + 16 * settings.connections, 0, 1ULL << 40);
  const std::string only = arguments.text("only", "");
  if (!only.empty()) settings.only = std::strtoull(only.c_str(), nullptr, 10);
  arguments.done();
  load::raise_file_limit(std::max<std::uint64_t>(settings.connections, kFrozen) + 64);
  return settings;
}

/// Does one connection again.
void replay(const Settings& settings, Verdict& verdict) {
  Round round;
  round.seed = settings.seed;
  round.first = *settings.only;
  round.end = round.first + 1;
  round.until = SteadyClock::now() + settings.longest;
  run_round(settings, round, verdict);
}

/// Requests that reach kept connections while the server is frozen, for longer than its time-outs,
/// have come in time: when it goes on, it must see them before it looks at the clock.
void freeze(const Settings& settings, Verdict& verdict) {
  constexpr std::string_view kRequest = "GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n";
  const Target& target = settings.target;
  std::vector<RawClient> clients;
  const TimePoint start = SteadyClock::now();
  for (std::size_t i = 0; i < kFrozen; ++i)
    clients.emplace_back(target.port, target.host, target.answer);
  for (RawClient& client : clients) client.send(kRequest);
  for (RawClient& client : clients) client.read_response();
  if (SteadyClock::now() - start > settings.timeout / 2) {
    std::printf("not frozen: the machine is too busy to make connections in time\n");
    return;
  }
  ::kill(target.pid, SIGSTOP);
  for (RawClient& client : clients) client.send(kRequest);
  std::this_thread::sleep_for(settings.timeout + milliseconds(500));
  ::kill(target.pid, SIGCONT);
  std::size_t lost = 0;
  for (RawClient& client : clients) {
    try {
      client.read_response();
    } catch (const std::exception&) {
      ++lost;
    }
  }
  std::printf("%zu requests to a frozen server, %zu not answered\n", kFrozen, lost);
  if (lost != 0) verdict.wrong("requests to a frozen server were not answered");
}

void run_chaos(const Settings& settings, Verdict& verdict) {
  const Rest base = come_to_rest(settings, nullptr);
  if (settings.setting.awaits_timeout) freeze(settings, verdict);
  Settings impatient = settings;
  impatient.setting.awaits_timeout = false;
  Round warm_up;
  warm_up.seed = settings.seed + 1;
  warm_up.end = settings.connections * 2;
  warm_up.until = SteadyClock::now() + settings.longest / 4 + seconds(1);
  run_round(impatient, warm_up, verdict);
  const Rest warm = come_to_rest(settings, &base);

  std::vector<std::unique_ptr<Citizen>> citizens;
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};
  for (std::size_t i = 0; i < settings.citizens; ++i) {
    citizens.push_back(std::make_unique<Citizen>(settings.target, verdict, settings.seed, i));
    threads.emplace_back([&stop, citizen = citizens.back().get()] { citizen->run(stop); });
  }
  Round round;
  round.seed = settings.seed;
  round.end = settings.total;
  round.until = SteadyClock::now() + settings.longest;
  const Figures figures = run_round(settings, round, verdict);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  print(figures);
  for (const auto& citizen : citizens) {
    citizen->print();
    if (citizen->answers() == 0) verdict.wrong("a well-behaved client got no answer");
  }
  const Rest end = come_to_rest(settings, &base);
  compare(base, warm, end, settings.memory_slack_kib, verdict);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings = settings_from(argc, argv);
  std::printf("chaos: %llu connections at once, --seed %llu\n",
              static_cast<unsigned long long>(settings.connections),
              static_cast<unsigned long long>(settings.seed));
  std::fflush(stdout);
  Verdict verdict;
  try {
    settings.setting.upgrades = has_lines(settings.target);
    if (!settings.setting.upgrades) std::printf("no /lines: upgrades are left out\n");
    if (settings.only)
      replay(settings, verdict);
    else
      run_chaos(settings, verdict);
  } catch (const std::exception& error) {
    verdict.wrong(error.what());
  }
  std::printf("chaos: %s, %llu failures, --seed %llu\n",
              verdict.failures() == 0 ? "passed" : "FAILED",
              static_cast<unsigned long long>(verdict.failures()),
              static_cast<unsigned long long>(settings.seed));
  return verdict.failures() == 0 ? 0 : 1;
}
