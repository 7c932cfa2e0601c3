// SPDX-License-Identifier: MIT
/// \file
/// Clients that vanish by FIN and by RST at each stage of an exchange, against a running demo.
///
/// Every client draws a route, a stage and a way to go. Those that see their answer through check
/// it byte for byte; beside them one well-behaved client pipelines requests all the time and checks
/// that each reply is right and in order. In the end the server must be alive and its descriptors
/// back to their number at the start. The same seed draws the same clients; the timing is the
/// machine's.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

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
    "vanish --pid SERVER [--host 127.0.0.1] [--port 8080] [--clients 100000] [--concurrency 500]\n"
    "       [--seed N] [--max-seconds 600] [--answer-seconds 20] [--end-seconds 8]\n"
    "       [--settle-seconds 30]\n"
    "  --pid            the server's process, whose descriptors are counted\n"
    "  --seed           draws the same clients again (default: by the time, printed)\n"
    "  --answer-seconds the longest wait for an answer\n"
    "  --end-seconds    the longest wait for the server's FIN after ours; the default is less "
    "than\n"
    "                   the time-outs that would hide a FIN unseen\n"
    "  --settle-seconds the longest wait for the descriptors of the gone\n";

enum class Stage : std::uint8_t {
  before_any_byte,
  in_request_line,
  in_head,
  after_head,
  in_length_body,
  in_chunked_body,
  before_answer,
  in_answer,
  after_answer,
};
constexpr std::array<const char*, 9> kStageNames = {
    "before any byte", "in the request line", "in the head",
    "after the head",  "in a length body",    "in a chunked body",
    "before answer",   "in the answer",       "after the answer"};

enum class Way : std::uint8_t { fin, rst, half_then_rst, half_then_read };
constexpr std::array<const char*, 4> kWayNames = {"FIN", "RST", "half, RST", "half, read"};

/// What one client will do, drawn before it connects.
struct Plan {
  Stage stage = Stage::before_any_byte;
  Way way = Way::fin;
  std::string bytes;               // all that it sends
  std::size_t piece = 0;           // sends that many at a time
  std::vector<Expected> expected;  // of the requests that `bytes` holds in whole
  bool whole = false;              // `bytes` ends with a whole request
  std::size_t read_first = 0;      // in_answer: reads that many bytes before it goes
  milliseconds rest{0};            // before it goes, so that the server has seen what was sent
  milliseconds half_rest{0};       // between half-close and RST
  int receive_buffer = 0;          // small ones make the server wait to write
};

Plan make_plan(Random& random, std::uint64_t name) {
  Plan plan;
  plan.stage = static_cast<Stage>(draw(random, 0, kStageNames.size() - 1));
  plan.way = static_cast<Way>(draw(random, 0, kWayNames.size() - 1));
  if (draw(random, 0, 1) == 1) plan.rest = milliseconds(draw(random, 1, 20));
  plan.half_rest = milliseconds(draw(random, 0, 10));
  if (plan.stage == Stage::before_any_byte) return plan;

  Route route = draw_route(random);
  std::size_t content = draw(random, 0, 3) == 0 ? draw(random, 2, 60'000) : draw(random, 2, 600);
  bool in_chunks = draw(random, 0, 1) == 1;
  switch (plan.stage) {
    case Stage::after_head:
    case Stage::in_length_body:
    case Stage::in_chunked_body:
      route = draw(random, 0, 1) == 1 ? Route::echo : Route::upload;
      if (plan.stage != Stage::after_head) in_chunks = plan.stage == Stage::in_chunked_body;
      break;
    case Stage::in_answer:
      route = draw(random, 0, 3) == 0 ? Route::echo : Route::stream;
      content = draw(random, 20'000, route == Route::echo ? 400'000 : 2'000'000);
      plan.read_first = draw(random, 1, content / 2);
      plan.receive_buffer = draw(random, 0, 1) == 1 ? 4096 : 0;
      break;
    default:
      break;
  }

  // One in four has requests in front that will be answered.
  if (draw(random, 0, 3) == 0 && plan.stage != Stage::in_answer)
    for (std::uint64_t i = draw(random, 1, 3); i != 0; --i) {
      const Request front = make_request(random, Route::plaintext, name, 0, false);
      plan.bytes += front.bytes;
      plan.expected.push_back(front.expected);
    }

  Request request = make_request(random, route, name, content, in_chunks);
  std::size_t cut = request.bytes.size();
  switch (plan.stage) {
    case Stage::in_request_line:
      cut = draw(random, 1, request.line_end);
      break;
    case Stage::in_head:
      cut = draw(random, request.line_end + 1, request.head_end - 1);
      break;
    case Stage::after_head:
      cut = request.head_end;
      break;
    case Stage::in_length_body:
    case Stage::in_chunked_body:
      cut = draw(random, request.head_end + 1, cut - 1);
      break;
    default:
      break;
  }
  plan.whole = cut == request.bytes.size();
  if (plan.whole) plan.expected.push_back(request.expected);
  plan.bytes.append(request.bytes, 0, cut);
  plan.piece = draw(random, 0, 2) == 0 ? draw(random, 1, plan.bytes.size()) : plan.bytes.size();
  plan.piece = std::max(plan.piece, plan.bytes.size() / 8 + 1);
  return plan;
}

struct Settings {
  Target target;
  std::uint64_t clients = 0;
  std::uint64_t concurrency = 0;
  std::uint64_t seed = 0;
  seconds longest{0};
  seconds end{0};
  seconds settle{0};
};

/// All the clients that vanish, on one epoll loop.
class Crowd {
 public:
  Crowd(const Settings& settings, Verdict& verdict)
      : settings_(settings),
        verdict_(verdict),
        to_(load::loopback(settings.target.host, settings.target.port)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        clients_(settings.concurrency) {}

  /// Returns when all have vanished, or when the time is over, which is a failure.
  void run() {
    const TimePoint limit = SteadyClock::now() + settings_.longest;
    while (gone_ < settings_.clients) {
      now_ = SteadyClock::now();
      if (now_ > limit) {
        verdict_.wrong("only " + std::to_string(gone_) + " clients vanished in time");
        break;
      }
      for (Client& client : clients_) {
        if (client.fd < 0 && started_ < settings_.clients) start(client);
        if (client.fd >= 0 && now_ >= client.due) on_due(client);
      }
      epoll_event events[256];
      const int ready = ::epoll_wait(epoll_, events, 256, 1);
      now_ = SteadyClock::now();
      for (int i = 0; i < ready; ++i) on_event(clients_[events[i].data.u64], events[i].events);
      if (verdict_.hopeless()) break;
    }
    for (Client& client : clients_)
      if (client.fd >= 0) ::close(client.fd);
    ::close(epoll_);
  }

  void print() const {
    std::printf("%-20s", "vanished");
    for (const char* way : kWayNames) std::printf("%12s", way);
    std::printf("\n");
    for (std::size_t stage = 0; stage < kStageNames.size(); ++stage) {
      std::printf("%-20s", kStageNames[stage]);
      for (const std::uint64_t count : counts_[stage])
        std::printf("%12llu", static_cast<unsigned long long>(count));
      std::printf("\n");
    }
    std::printf(
        "answers checked %llu; answered 503 by a full pool %llu; longest from a "
        "client\'s FIN to the server\'s %lld ms\n",
        static_cast<unsigned long long>(checked_), static_cast<unsigned long long>(full_),
        static_cast<long long>(longest_end_.count()));
  }

 private:
  enum class State : std::uint8_t {
    connecting,
    sending,
    reading,  // until enough of the answer, or the answers in whole, are there
    resting,  // then it goes its way
    half,     // FIN sent, RST to come
    ending,   // FIN sent, reads on to the server's
  };

  struct Client {
    int fd = -1;
    State state = State::connecting;
    std::uint64_t name = 0;
    Plan plan;
    std::size_t sent = 0;
    std::size_t received = 0;
    std::size_t answers = 0;  // of plan.expected, checked
    std::string unread;
    TimePoint due;  // of the rest's end, or of the patience's
    TimePoint half_at;
  };

  void start(Client& client) {
    client = Client();
    client.name = started_++;
    Random random(settings_.seed * 1'000'003 + client.name);
    client.plan = make_plan(random, client.name);
    // 28,000 ephemeral ports an address, each kept for a minute after our FIN: take turns.
    const auto source = static_cast<std::uint32_t>(client.name % 100);
    client.fd = load::start_connect(to_, source, client.plan.receive_buffer);
    if (client.fd < 0) {
      wrong(client, std::string("connect: ") + std::strerror(errno));
      ++gone_;
      return;
    }
    client.due = now_ + settings_.target.answer;
    watch(client, EPOLL_CTL_ADD, EPOLLOUT);
  }

  void watch(const Client& client, int operation, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(&client - clients_.data());
    ::epoll_ctl(epoll_, operation, client.fd, &event);
  }

  void enter(Client& client, State state, std::uint32_t events, TimePoint due) {
    client.state = state;
    client.due = due;
    watch(client, EPOLL_CTL_MOD, events);
  }

  void on_event(Client& client, std::uint32_t events) {
    if (client.fd < 0) return;
    switch (client.state) {
      case State::connecting:
        if (const int error = load::socket_error(client.fd); error != 0) {
          wrong(client, std::string("connect: ") + std::strerror(error));
          return leave(client, false);
        }
        client.state = State::sending;
        return send_more(client);
      case State::sending:
        return send_more(client);
      case State::reading:
      case State::ending:
        return read_more(client);
      case State::resting:
      case State::half:
        // Not asked for: the server has ended it. It may, when we sent half a request and then FIN.
        if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
          if (client.state == State::resting) wrong(client, "the server ended the connection");
          leave(client, true);
        }
        return;
    }
  }

  void send_more(Client& client) {
    const Plan& plan = client.plan;
    if (client.sent < plan.bytes.size()) {
      const std::size_t size = std::min(plan.piece, plan.bytes.size() - client.sent);
      const ssize_t sent = ::send(client.fd, plan.bytes.data() + client.sent, size, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) {
        wrong(client, std::string("send: ") + std::strerror(errno));
        return leave(client, false);
      }
      if (sent > 0) client.sent += static_cast<std::size_t>(sent);
      if (client.sent < plan.bytes.size()) return;  // the next piece goes at the next turn
    }
    if (plan.stage == Stage::in_answer || plan.stage == Stage::after_answer)
      return enter(client, State::reading, EPOLLIN, now_ + settings_.target.answer);
    rest(client);
  }

  /// Goes now, or when the server has had time to see what was sent.
  void rest(Client& client) {
    enter(client, State::resting, 0, now_ + client.plan.rest);
    if (client.plan.rest.count() == 0) go(client);
  }

  void read_more(Client& client) {
    const Plan& plan = client.plan;
    char buffer[16 * 1024];
    std::size_t most = sizeof buffer;
    if (client.state == State::reading && plan.stage == Stage::in_answer)
      most = std::min(most, plan.read_first - client.received);
    const ssize_t got = ::recv(client.fd, buffer, most, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return on_end(client, got < 0);
    client.received += static_cast<std::size_t>(got);
    // The large answers of in_answer are kept only where they will be read to their end.
    if (plan.stage != Stage::in_answer || plan.way == Way::half_then_read)
      client.unread.append(buffer, static_cast<std::size_t>(got));
    if (!check_answers(client, false)) return leave(client, false);
    if (client.state != State::reading) return;
    if (plan.stage == Stage::in_answer ? client.received == plan.read_first
                                       : client.answers == plan.expected.size()) {
      if (plan.stage != Stage::in_answer && !client.unread.empty())
        wrong(client, "bytes after the last answer");
      rest(client);
    }
  }

  /// Checks the answers that have come in whole; false when one is wrong.
  bool check_answers(Client& client, bool at_end) {
    if (client.plan.stage == Stage::in_answer && !at_end) return true;  // parsed once, as a whole
    while (!client.unread.empty()) {
      RawResponse response;
      const bool to_head = client.answers < client.plan.expected.size() &&
                           client.plan.expected[client.answers].to_head;
      const RawParse parse = weir::test::parse_response(client.unread, response, {to_head, at_end});
      if (parse.kind == RawParse::Kind::partial) return true;
      if (parse.kind == RawParse::Kind::bad) {
        wrong(client,
              std::string("bad answer: ") + parse.why + ": " + client.unread.substr(0, 200));
        return false;
      }
      client.unread.erase(0, parse.consumed);
      if (client.answers == client.plan.expected.size()) {
        if (!client.plan.whole && response.status >= 400 && response.status < 500) continue;
        wrong(client, "an answer to nothing: " + response.raw.substr(0, 200));
        return false;
      }
      const std::string difference = differs(client.plan.expected[client.answers], response);
      if (!difference.empty()) {
        wrong(client, difference + ": " + response.raw.substr(0, 300));
        return false;
      }
      if (response.status == 503) ++full_;
      ++client.answers;
      ++checked_;
    }
    return true;
  }

  /// The server's FIN or RST has come.
  void on_end(Client& client, bool reset) {
    if (client.state == State::reading) {
      wrong(client, reset ? "reset instead of an answer" : "closed instead of an answer");
      return leave(client, false);
    }
    longest_end_ =
        std::max(longest_end_, std::chrono::duration_cast<milliseconds>(now_ - client.half_at));
    // An unfinished request may be cut off with RST, and that may overtake what was answered
    // before.
    if (client.plan.whole && reset) {
      wrong(client, "reset instead of FIN after a half-close");
    } else if (!reset && check_answers(client, true) &&
               client.answers < client.plan.expected.size()) {
      wrong(client, "closed with an answer owed after a half-close");
    }
    leave(client, true);
  }

  void on_due(Client& client) {
    switch (client.state) {
      case State::connecting:
        wrong(client, "not connected in time");
        break;
      case State::sending:
        wrong(client, "could not send in time");
        break;
      case State::reading:
        wrong(client, "not answered in time");
        break;
      case State::ending:
        wrong(client, "no FIN in time after a half-close");
        break;
      case State::resting:
        return go(client);
      case State::half:
        reset_on_close(client.fd);
        return leave(client, true);
    }
    leave(client, false);
  }

  /// Goes its way. Closing with bytes unread makes the kernel send RST, as for any client.
  void go(Client& client) {
    switch (client.plan.way) {
      case Way::fin:
        return leave(client, true);
      case Way::rst:
        reset_on_close(client.fd);
        return leave(client, true);
      case Way::half_then_rst:
        ::shutdown(client.fd, SHUT_WR);
        return enter(client, State::half, 0, now_ + client.plan.half_rest);
      case Way::half_then_read:
        ::shutdown(client.fd, SHUT_WR);
        client.half_at = now_;
        // What is owed may take its time; the FIN may not.
        return enter(
            client, State::ending, EPOLLIN,
            now_ + settings_.end +
                (client.plan.whole ? milliseconds(settings_.target.answer) : milliseconds(0)));
    }
  }

  void leave(Client& client, bool as_planned) {
    ::close(client.fd);
    client.fd = -1;
    ++gone_;
    if (as_planned)
      ++counts_[static_cast<std::size_t>(client.plan.stage)]
               [static_cast<std::size_t>(client.plan.way)];
  }

  void wrong(const Client& client, const std::string& what) {
    verdict_.wrong("client " + std::to_string(client.name) + " (" +
                   kStageNames[static_cast<std::size_t>(client.plan.stage)] + "; " +
                   kWayNames[static_cast<std::size_t>(client.plan.way)] + "; " +
                   client.plan.bytes.substr(0, client.plan.bytes.find('\r')) + "): " + what);
  }

  const Settings& settings_;
  Verdict& verdict_;
  sockaddr_in to_;
  int epoll_;
  std::vector<Client> clients_;
  TimePoint now_ = SteadyClock::now();
  std::uint64_t started_ = 0;
  std::uint64_t gone_ = 0;
  std::uint64_t checked_ = 0;
  std::uint64_t full_ = 0;
  milliseconds longest_end_{0};
  std::array<std::array<std::uint64_t, kWayNames.size()>, kStageNames.size()> counts_{};
};

Settings settings_from(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  Settings settings;
  settings.target.host = arguments.text("host", "127.0.0.1");
  settings.target.port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  settings.target.pid = static_cast<int>(arguments.number("pid", 0, 1, 1 << 30));
  settings.clients = arguments.number("clients", 100'000, 1, 100'000'000);
  settings.concurrency = arguments.number("concurrency", 500, 1, 10'000);
  const auto by_time = static_cast<std::uint64_t>(std::time(nullptr));
  settings.seed = arguments.number("seed", by_time, 0, 1ULL << 40);
  settings.longest = seconds(arguments.number("max-seconds", 600, 1, 86'400));
  settings.target.answer = seconds(arguments.number("answer-seconds", 20, 1, 3600));
  settings.end = seconds(arguments.number("end-seconds", 8, 1, 3600));
  settings.settle = seconds(arguments.number("settle-seconds", 30, 0, 3600));
  arguments.done();
  load::raise_file_limit(settings.concurrency + 32);
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = settings_from(argc, argv);
  std::printf("vanish: %llu clients, %llu at once, --seed %llu\n",
              static_cast<unsigned long long>(settings.clients),
              static_cast<unsigned long long>(settings.concurrency),
              static_cast<unsigned long long>(settings.seed));
  std::fflush(stdout);

  const Target& target = settings.target;
  const int base = resting_descriptors(target.pid);
  Verdict verdict;
  Crowd crowd(settings, verdict);
  Citizen citizen(target, verdict, settings.seed);
  std::atomic<bool> stop{false};
  std::thread beside([&] { citizen.run(stop); });
  const TimePoint start = SteadyClock::now();
  crowd.run();
  stop = true;
  beside.join();
  const auto took = std::chrono::duration_cast<milliseconds>(SteadyClock::now() - start);
  crowd.print();
  citizen.print();

  const int left = settle_descriptors(target.pid, base, settings.settle);
  std::printf("descriptors of the server: %d before, %d after; %lld ms\n", base, left,
              static_cast<long long>(took.count()));
  if (left < 0)
    verdict.wrong("the server is gone");
  else if (left > base)
    verdict.wrong("descriptors left behind");
  try {
    RawClient client(target.port, target.host, target.answer);
    if (client.request("GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n").body != "Hello, World!")
      verdict.wrong("a wrong answer at the end");
  } catch (const std::exception& error) {
    verdict.wrong(std::string("at the end: ") + error.what());
  }
  std::printf("vanish: %s, %llu failures\n", verdict.failures() == 0 ? "passed" : "FAILED",
              static_cast<unsigned long long>(verdict.failures()));
  return verdict.failures() == 0 ? 0 : 1;
}
