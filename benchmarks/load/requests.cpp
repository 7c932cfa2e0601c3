// SPDX-License-Identifier: MIT
/// \file
/// The closed loop: each connection sends `depth` requests in one piece, reads their answers, and
/// begins again, for a time or until a number is reached. Every answer is checked.
///
/// It costs less than the servers it loads: one epoll_wait for many connections, one recv and one
/// send a piece, and a head that looks like the last one is not parsed (answers.hpp).
#include <sys/epoll.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "answers.hpp"
#include "connections.hpp"
#include "cpu_time.hpp"

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kUsage =
    "requests (--requests N | --seconds S) [--host 127.0.0.1] [--port 8080] [--connections 1]\n"
    "         [--depth 1] [--at-once ALL] [--threads 1] [--request-file FILE] [--status 200]\n"
    "         [--compare yes|no] [--chunked yes|no] [--body-file FILE] [--save-answer FILE]\n"
    "         [--among-file FILE] [--cpu-of PID,PID...] [--timeout-seconds 60]\n"
    "  --requests     exactly that many, the first of them alone\n"
    "  --seconds      for that long (0.5 is a number), after one piece on each connection that is\n"
    "                 not counted\n"
    "  --depth        requests that are sent before the first answer is read (pipelining)\n"
    "  --at-once      connections that wait for answers at one time; 1: one after the other, so\n"
    "                 that the same call gives a server the same work each time\n"
    "  --request-file one whole request (default: GET /plaintext)\n"
    "  --compare      content must be that of the first answer; no: only its length counts, and\n"
    "                 large content is dropped in the kernel\n"
    "  --chunked      yes: answers may come in chunks instead of with a length\n"
    "  --body-file    what each answer's content must be instead\n"
    "  --save-answer  writes the bytes of the first answer, head and content\n"
    "  --among-file   whole requests without content, each of which is sent once, at even steps "
    "of\n"
    "                 the time or the number; their answers must be like the others\n"
    "  --cpu-of       prints the processor time of these processes as server_cpu_ns\n"
    "Prints a name and a value a line; the exit status is 0 when there was no error.\n";

constexpr std::size_t kReadSize = 256 * 1024;
constexpr std::size_t kDropFrom = 64 * 1024;  // less content is quicker copied than dropped
constexpr std::uint64_t kNoEnd = UINT64_MAX;

/// Takes up to `most` bytes from a TCP socket without copying them. Not by recv(): sanitizers take
/// what it returns for bytes that were written.
ssize_t drop_received(int fd, std::size_t most) {
  return ::syscall(SYS_recvfrom, fd, nullptr, most, MSG_TRUNC, nullptr, nullptr);
}

struct Totals {
  std::uint64_t requests = 0;  // that were answered rightly
  std::uint64_t errors = 0;    // requests that were not, whose connection has been closed
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

struct Connection {
  int fd = -1;
  std::size_t awaited = 0;  // answers
  std::string_view unsent;  // of the piece of requests being sent
  load::AnswerReader answers;
};

/// The connections of one thread.
class Loop {
 public:
  Loop(std::string batch, std::size_t request_size, const load::Expected& expected,
       const std::vector<int>& sockets, std::size_t at_once, std::chrono::seconds patience)
      : expected_(expected),
        batch_(std::move(batch)),
        request_size_(request_size),
        at_once_(std::min(at_once, sockets.size())),
        patience_(patience),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        connections_(sockets.size()),
        buffer_(new char[kReadSize]) {
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      connections_[i].fd = sockets[i];
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
      event.data.u64 = i;
      if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, sockets[i], &event) != 0)
        load::die(std::string("epoll_ctl: ") + std::strerror(errno));
    }
  }

  /// Each of these is sent once, at even steps of the next run().
  void set_among(std::vector<std::string> among) { among_ = std::move(among); }
  std::size_t among_sent() const { return among_sent_; }

  /// Sends up to `requests` before `end` and waits for all answers.
  void run(std::uint64_t requests, SteadyClock::time_point end) {
    left_ = requests;
    epoll_event events[1024];
    const SteadyClock::time_point start = SteadyClock::now();
    SteadyClock::time_point progress = start;
    begun_of_ = requests == kNoEnd ? 0 : requests;
    time_share_ = 0;
    while (true) {
      while (left_ != 0 && waiting_ < std::min(at_once_, alive_)) begin_next();
      if (waiting_ == 0) return;
      const int ready = ::epoll_wait(epoll_, events, 1024, 100);
      const SteadyClock::time_point now = SteadyClock::now();
      if (now >= end) left_ = 0;
      if (begun_of_ == 0) {
        using Seconds = std::chrono::duration<double>;
        time_share_ = Seconds(now - start) / Seconds(end - start);
      }
      if (ready > 0) progress = now;
      if (now - progress > patience_) return give_up();
      for (int i = 0; i < ready; ++i) on_event(connections_[events[i].data.u64], events[i].events);
    }
  }

  load::Expected& expected() { return expected_; }
  const Totals& totals() const { return totals_; }
  void forget_totals() { totals_ = Totals(); }

 private:
  /// Whose turn it is: the next that waits for nothing.
  void begin_next() {
    for (std::size_t tried = 0; tried < connections_.size(); ++tried) {
      Connection& one = connections_[next_];
      next_ = next_ + 1 == connections_.size() ? 0 : next_ + 1;
      if (one.fd >= 0 && one.awaited == 0 && one.unsent.empty()) return begin(one);
    }
  }

  void begin(Connection& one) {
    if (left_ == 0) return;
    if (is_among_due()) {
      one.awaited = 1;
      one.unsent = among_[among_sent_++];
    } else {
      const std::size_t size = batch_.size() / request_size_;
      one.awaited = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
      one.unsent = std::string_view(batch_).substr(0, one.awaited * request_size_);
    }
    left_ -= one.awaited;
    ++waiting_;
    write(one);
  }

  /// Whether more of this run is over than of the requests that are each sent once.
  bool is_among_due() const {
    if (among_sent_ == among_.size()) return false;
    if (begun_of_ != 0) return among_sent_ * begun_of_ <= (begun_of_ - left_) * among_.size();
    return static_cast<double>(among_sent_) <= time_share_ * static_cast<double>(among_.size());
  }

  void write(Connection& one) {
    while (!one.unsent.empty()) {
      const ssize_t sent = ::send(one.fd, one.unsent.data(), one.unsent.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) return fail(one, std::strerror(errno), {});
      totals_.bytes_out += static_cast<std::uint64_t>(sent);
      one.unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void on_event(Connection& one, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && one.fd >= 0 && !one.unsent.empty()) {
      write(one);
      if (one.fd >= 0 && one.unsent.empty() && one.awaited == 0) finish(one);
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0 && one.fd >= 0) read(one, events);
  }

  void read(Connection& one, std::uint32_t events) {
    const bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    const bool drop = !expected_.compare && !expected_.learning;
    while (true) {
      const std::uint64_t left = one.answers.content_left();
      const bool dropping = drop && left >= kDropFrom;
      // Of large content only what comes with the head is copied.
      std::size_t room = drop && expected_.length >= kDropFrom ? 4096 : kReadSize;
      if (dropping) room = static_cast<std::size_t>(std::min<std::uint64_t>(left, 1U << 30U));
      const ssize_t got =
          dropping ? drop_received(one.fd, room) : ::recv(one.fd, buffer_.get(), room, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0) return fail(one, std::strerror(errno), {});
      if (got == 0) return fail(one, "the server closed the connection", {});
      const auto size = static_cast<std::size_t>(got);
      totals_.bytes_in += size;
      const std::string_view in(buffer_.get(), dropping ? 0 : size);
      const std::size_t done = dropping ? one.answers.skip(size) : one.answers.take(in, expected_);
      if (one.answers.error() != nullptr) return fail(one, one.answers.error(), in);
      if (done > one.awaited) return fail(one, "more answers than requests", in);
      totals_.requests += done;
      one.awaited -= done;
      if (done != 0 && one.awaited == 0 && one.unsent.empty()) {
        if (!one.answers.between_answers()) return fail(one, "bytes after the last answer", in);
        finish(one);
        if (one.fd < 0) return;
      }
      // A short read has emptied the socket, and no other edge tells of a FIN that came with it.
      if (size < room && !ending) return;
    }
  }

  void finish(Connection& one) {
    --waiting_;
    if (at_once_ == connections_.size()) begin(one);  // otherwise it is another one's turn
  }

  void fail(Connection& one, const char* why, std::string_view bytes) {
    if (!told_.exchange(true)) {
      const std::string excerpt(bytes.substr(0, 500));
      std::fprintf(stderr, "requests: %s, after %llu requests%s%s\n", why,
                   static_cast<unsigned long long>(totals_.requests), excerpt.empty() ? "" : ":\n",
                   excerpt.c_str());
    }
    if (one.awaited != 0 || !one.unsent.empty()) --waiting_;
    totals_.errors += std::max<std::size_t>(one.awaited, 1);
    one.awaited = 0;
    one.unsent = {};
    ::close(one.fd);
    one.fd = -1;
    --alive_;
  }

  void give_up() {
    left_ = 0;
    for (Connection& one : connections_)
      if (one.fd >= 0 && (one.awaited != 0 || !one.unsent.empty()))
        fail(one, "no answer in time", {});
  }

  static inline std::atomic<bool> told_{false};  // only the first error of all threads is printed

  load::Expected expected_;
  std::string batch_;  // depth requests
  std::size_t request_size_;
  std::vector<std::string> among_;
  std::size_t among_sent_ = 0;
  std::uint64_t begun_of_ = 0;  // requests of this run; 0: it is a time's
  double time_share_ = 0;       // that is over
  std::size_t at_once_;
  std::chrono::seconds patience_;
  int epoll_;
  std::vector<Connection> connections_;
  std::unique_ptr<char[]> buffer_;
  std::size_t alive_ = connections_.size();
  std::uint64_t left_ = 0;   // requests to be begun
  std::size_t waiting_ = 0;  // connections that have begun and not finished
  std::size_t next_ = 0;
  Totals totals_;
};

/// The requests in `text`, which have no content.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n\r\n", at);
    if (end == std::string::npos) load::die("--among-file does not end with a whole request");
    all.push_back(text.substr(at, end + 4 - at));
    at = end + 4;
  }
  return all;
}

/// Runs `work(loop, its number)` for each on a thread of its own, and waits.
template <class Work>
void on_all(std::vector<std::unique_ptr<Loop>>& loops, const Work& work) {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < loops.size(); ++i)
    others.emplace_back([&loops, &work, i] { work(*loops[i], i); });
  work(*loops[0], 0);
  for (std::thread& other : others) other.join();
}

void print(const char* name, std::uint64_t value) {
  std::printf("%s %llu\n", name, static_cast<unsigned long long>(value));
}

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  const std::uint64_t total = arguments.number("requests", 0, 0, 1'000'000'000);
  const double seconds = arguments.real("seconds", 0, 0, 86'400);
  const std::uint64_t connections = arguments.number("connections", 1, 1, 500'000);
  const std::uint64_t depth = arguments.number("depth", 1, 1, 1000);
  const std::uint64_t threads = arguments.number("threads", 1, 1, 64);
  const std::uint64_t at_once = arguments.number("at-once", connections, 1, connections);
  const auto status = static_cast<int>(arguments.number("status", 200, 200, 599));
  const std::uint64_t timeout = arguments.number("timeout-seconds", 60, 1, 3600);
  const std::string request = arguments.file("request-file", load::plain_get(host, port));
  const std::string compare = arguments.text("compare", "yes");
  const std::string chunked = arguments.text("chunked", "no");
  const std::string body = arguments.file("body-file", "");
  const std::vector<std::string> among = split(arguments.file("among-file", ""));
  const std::string save = arguments.text("save-answer", "");
  const std::vector<int> servers = load::process_ids(arguments.text("cpu-of", ""));
  arguments.done();
  if ((total == 0) == (seconds == 0)) load::die("one of --requests and --seconds is needed");
  for (const std::string& word : {compare, chunked})
    if (word != "yes" && word != "no") load::die("--compare and --chunked take yes or no");
  if (threads > 1 && !among.empty()) load::die("--among-file goes with one thread");
  if (threads > connections) load::die("each thread needs a connection");
  if (threads > 1 && at_once != connections) load::die("--at-once goes with one thread");
  if (request.size() * depth > (256U << 20U)) load::die("more than 256 MiB to send in one piece");

  load::Expected expected;
  expected.status = status;
  expected.to_head = request.compare(0, 5, "HEAD ") == 0;
  expected.content = body;
  expected.chunked = chunked == "yes";
  expected.compare = !body.empty();
  expected.learning = true;

  std::string batch;
  for (std::uint64_t i = 0; i < depth; ++i) batch += request;

  load::allow_connections(connections);
  const sockaddr_in to = load::loopback(host, port);
  const std::vector<int> sockets = load::open_connections(to, connections, 0, timeout);
  const std::chrono::seconds patience(timeout);

  std::vector<std::unique_ptr<Loop>> loops;
  for (std::uint64_t i = 0; i < threads; ++i) {
    const auto begin = sockets.begin() + static_cast<std::ptrdiff_t>(connections * i / threads);
    const auto end = sockets.begin() + static_cast<std::ptrdiff_t>(connections * (i + 1) / threads);
    loops.push_back(std::make_unique<Loop>(batch, request.size(), expected,
                                           std::vector<int>(begin, end), at_once, patience));
  }

  // One request alone shows what answers look like.
  const SteadyClock::time_point never = SteadyClock::time_point::max();
  SteadyClock::time_point start = SteadyClock::now();
  std::uint64_t server_ns = total != 0 ? load::cpu_ns_at_rest(servers) : 0;
  loops[0]->run(1, never);
  load::Expected& learnt = loops[0]->expected();
  learnt.learning = false;
  const std::size_t content_at = learnt.first.find("\r\n\r\n") + 4;
  if (loops[0]->totals().errors == 0) {
    if (!save.empty() && !(std::ofstream(save, std::ios::binary) << learnt.first))
      load::die("cannot write '" + save + "'");
    if (body.empty() && compare == "yes") {
      learnt.content = learnt.first.substr(content_at);
      learnt.compare = true;
    }
    learnt.first = std::string();
    for (std::size_t i = 1; i < threads; ++i) loops[i]->expected() = learnt;
  } else {
    return 1;
  }

  std::uint64_t own_ns = 0;
  if (total != 0) {
    own_ns = load::own_cpu_ns();
    const std::uint64_t rest = total - 1;
    loops[0]->set_among(among);
    on_all(loops, [&](Loop& loop, std::size_t i) {
      loop.run(rest * (i + 1) / threads - rest * i / threads, never);
    });
  } else {
    on_all(loops, [&](Loop& loop, std::size_t i) {
      loop.run((connections * (i + 1) / threads - connections * i / threads) * depth, never);
      if (loop.totals().errors == 0) loop.forget_totals();
    });
    loops[0]->set_among(among);
    server_ns = load::cpu_ns_at_rest(servers);
    own_ns = load::own_cpu_ns();
    start = SteadyClock::now();
    const auto end = start + std::chrono::duration_cast<SteadyClock::duration>(
                                 std::chrono::duration<double>(seconds));
    on_all(loops, [&](Loop& loop, std::size_t) { loop.run(kNoEnd, end); });
  }
  const std::chrono::duration<double> passed = SteadyClock::now() - start;
  own_ns = load::own_cpu_ns() - own_ns;
  server_ns = load::cpu_ns_at_rest(servers) - server_ns;

  if (loops[0]->among_sent() != among.size())
    load::die("not all of --among-file could be sent at even steps");

  Totals all;
  for (const std::unique_ptr<Loop>& loop : loops) {
    all.requests += loop->totals().requests;
    all.errors += loop->totals().errors;
    all.bytes_in += loop->totals().bytes_in;
    all.bytes_out += loop->totals().bytes_out;
  }
  print("requests", all.requests);
  print("errors", all.errors);
  print("bytes_in", all.bytes_in);
  print("bytes_out", all.bytes_out);
  std::printf("seconds %.6f\n", passed.count());
  print("own_cpu_ns", own_ns);
  if (!servers.empty()) print("server_cpu_ns", server_ns);
  return all.errors == 0 ? 0 : 1;
}
