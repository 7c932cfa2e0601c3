// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>
#include <weir/net/acceptor.hpp>
#include <weir/net/connection.hpp>
#include <weir/net/event_loop.hpp>
#include <weir/net/memory_pipe.hpp>
#include <weir/weir.hpp>

#include "../support/fake_sys.hpp"
#include "scenario.hpp"

using namespace std::chrono_literals;
using namespace weir::test;
using weir::net::Fd;

namespace {

// ── What a scenario reports ──────────────────────────────────────────────────────────────────────

struct Seen {
  std::string refused;    // what() of the std::system_error that a set-up ended with
  std::string complaint;  // something that must not be, in words
  Tally tally;
};

struct Shape {
  const char* name;
  std::size_t loops;
  bool reuse_port;
};
constexpr Shape kShapes[] = {
    {"one loop", 1, false}, {"two loops", 2, false}, {"two loops, each its socket", 2, true}};

struct Fault {
  std::string_view call;
  bool for_ever;
};

/// No further call fails. What has been counted stays.
void lift(const Fault& fault) { FakeSys::fail(fault.call, 0, 0); }

using Scenario = Seen (*)(const Shape&, const Fault&);

weir::Options options_of(const Shape& shape) {
  weir::Options options;
  options.threads = shape.loops;
  options.reuse_port = shape.reuse_port;
  options.workers = 1;
  options.stop_deadline = 20s;  // beyond the watchdog's patience with what does not end by itself
  options.stall_threshold = 0ms;
  return options;
}

// ── The whole server ─────────────────────────────────────────────────────────────────────────────

/// More than one flush sends, and little enough for thousands of scenarios.
constexpr std::size_t kServedBig = 100'000;

/// The answer to a request whose content is not read, so that the connection lingers.
Ask refused_upload() {
  return {"POST /nowhere HTTP/1.1\r\nHost: t\r\nContent-Length: 9000000\r\n\r\nbegun", 404, "*"};
}

struct Places {
  std::uint16_t port;
  std::uint16_t inherited;
  std::string unix_path;
};

void talk(weir::Server& server, const Places& places, std::chrono::milliseconds patience,
          Tally& tally) {
  const auto tcp = [&] { return RawClient(server.port(), "127.0.0.1", patience); };
  const auto inherited = [&] { return RawClient(places.inherited, "127.0.0.1", patience); };
  const auto unix_socket = [&] { return RawClient::unix_socket(places.unix_path, patience); };
  std::vector<Ask> all;
  for (const Kind kind : kKinds) all.push_back(ask(kind, kServedBig));
  tally.add(converse_anew(tcp, {ask(Kind::plain), ask(Kind::later), ask(Kind::plain)}));
  tally.add(converse_anew(tcp, all, true));
  tally.add(converse_anew(unix_socket, {ask(Kind::plain), ask(Kind::stream)}));
  tally.add(converse_anew(inherited, {ask(Kind::pooled), ask(Kind::big, kServedBig)}));
  tally.add(converse_anew(tcp, {refused_upload()}));
}

/// A client that is cut off by its own doing.
void vanish(weir::Server& server) {
  try {
    RawClient client(server.port());
    client.send("GET /plain HTT");
    client.reset();
  } catch (const std::system_error&) {
    // Its connection was the one that a fault hit.
  }
}

/// After a fault a server can be used as if there had been none.
void use_again(weir::Server& server, Seen& seen) {
  try {
    if (server.addresses().empty()) server.listen("127.0.0.1", 0);
    server.start();
    if (converse_anew([&] { return RawClient(server.port()); }, {ask(Kind::plain)}) != Got::right)
      seen.complaint = "used again, it does not answer";
    server.stop();
    server.wait();
  } catch (const std::exception& what) {
    seen.complaint = std::string("cannot be used again: ") + what.what();
  }
}

/// One life of a server that listens: start, requests, stop.
void live(weir::Server& server, const Places& places, const Fault& fault, Seen& seen) {
  server.start();
  if (fault.for_ever) {
    Tally under_fault;
    const auto hasty = [&] { return RawClient(server.port(), "127.0.0.1", 150ms); };
    for (const Kind kind : {Kind::plain, Kind::big, Kind::later})
      under_fault.add(converse_anew(hasty, {ask(kind, kServedBig)}));
    if (under_fault.wrong != 0) seen.complaint = "a wrong answer under a lasting fault";
    lift(fault);
  }
  talk(server, places, 5s, seen.tally);
  vanish(server);
  std::vector<RawClient> idle;
  try {
    idle.emplace_back(server.port());
    seen.tally.add(converse(idle.front(), {ask(Kind::plain)}, false));
  } catch (const std::system_error&) {
    seen.tally.add(Got::lost);
  }
  server.stop();
  server.wait();
  for (RawClient& client : idle)
    if (client.peek(5s) == RawEnd::open) seen.complaint = "an idle connection outlives the stop";
}

/// The server finds a soft limit that it can raise.
void lower_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max - 1;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Seen serve(const Shape& shape, const Fault& fault) {
  Seen seen;
  lower_descriptor_limit();
  const StaleSocket stale;
  Places places{0, 0, stale.path()};
  try {
    weir::Server server(options_of(shape));
    add_routes(server, kServedBig);
    try {
      server.listen("127.0.0.1", 0);
      places.port = server.port();
      if (places.port == 0) seen.complaint = "it listens, on a port that it does not know";
      server.listen_unix(stale.path());
      const auto [fd, port] = inherited_socket();
      places.inherited = port;
      server.listen_fd(fd);
      live(server, places, fault, seen);
      live(server, places, fault, seen);  // the second from what was kept of the first
    } catch (const std::system_error& what) {
      seen.refused = what.what();
      lift(fault);
      use_again(server, seen);
    }
  } catch (const std::system_error& what) {
    seen.refused = what.what();  // no server at all
  } catch (const std::exception& what) {
    seen.complaint = std::string("throws ") + what.what();
  }
  return seen;
}

/// A server that runs out of descriptors: what it keeps for that case is opened anew, or is not.
Seen serve_without_descriptors(const Shape& shape, const Fault& fault) {
  FakeSys::fail_after("accept4", 1, EMFILE, 3);
  return serve(shape, fault);
}

// ── What a server reaches only by an option, or not yet ──────────────────────────────────────────

struct NoEvents final : weir::net::EventSink {
  void on_event(std::uint64_t, std::uint32_t) override {}
  bool on_turn() override { return false; }
};

/// A Unix socket with permissions of its own.
Seen open_with_mode(const Shape&, const Fault& fault) {
  Seen seen;
  const StaleSocket stale;
  const weir::net::Address address = weir::net::Address::unix_socket(stale.path());
  NoEvents sink;
  weir::net::EventLoop loop(sink, weir::net::Clock::system());
  weir::net::Acceptor acceptor(loop, 0, [](Fd, const weir::Endpoint&) {});
  weir::net::Acceptor::Options options;
  options.unix_mode = 0600;
  try {
    acceptor.open(address, options);
  } catch (const std::system_error& what) {
    seen.refused = what.what();
  }
  lift(fault);
  acceptor.close();
  try {
    acceptor.open(address, options);
  } catch (const std::system_error& what) {
    seen.complaint = std::string("cannot be opened later: ") + what.what();
  }
  return seen;
}

std::shared_ptr<Fd> file_with(std::string_view content) {
  auto file = std::make_shared<Fd>(::memfd_create("weir", MFD_CLOEXEC));
  if (::write(file->get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()))
    throw std::runtime_error("cannot write a file");
  return file;
}

/// `sent` is what has come of `content`: all of it, or a part and the connection is broken.
void judge_file(const std::string& content, const std::string& sent, bool broken, Seen& seen) {
  if (content.compare(0, sent.size(), sent) != 0)
    seen.tally.add(Got::wrong);
  else if (sent.size() == content.size())
    seen.tally.add(Got::right);
  else
    seen.tally.add(broken ? Got::lost : Got::silent);
}

struct FileSender final : weir::net::EventSink {
  explicit FileSender(Fd socket) : connection(std::move(socket)) {}
  void on_event(std::uint64_t, std::uint32_t events) override { connection.on_edge(events); }
  bool on_turn() override {
    if (connection.writable() && connection.has_output()) last = connection.flush({});
    return last == weir::net::Connection::Flush::more;
  }
  weir::net::Connection connection;
  weir::net::Connection::Flush last = weir::net::Connection::Flush::blocked;
};

/// A file through a socket, on a loop.
Seen send_file(const Shape&, const Fault&) {
  Seen seen;
  const std::string content = pattern("file", kBig);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::runtime_error("socketpair");
  const Fd theirs(ends[1]);
  FileSender sender{Fd(ends[0])};
  weir::net::EventLoop loop(sender, weir::net::Clock::system());
  const std::error_code added =
      loop.add(sender.connection.fd(), weir::net::Connection::epoll_events(), 1);
  if (added) throw std::system_error(added);
  const auto file = file_with(content);
  sender.connection.queue().push_file(file->get(), 0, content.size(), file);
  static_cast<void>(sender.connection.unacknowledged());
  std::string sent;
  const auto receive = [&] {
    static char block[64 * 1024];
    ssize_t got;
    while ((got = ::recv(theirs.get(), block, sizeof block, 0)) > 0)
      sent.append(block, static_cast<std::size_t>(got));
  };
  for (int turns = 0; turns < 10'000 && sent.size() < content.size(); ++turns) {
    loop.turn(20ms);
    receive();
    if (sender.connection.broken()) break;
  }
  judge_file(content, sent, sender.connection.broken(), seen);
  return seen;
}

/// A file through a transport that must see its bytes.
Seen copy_file(const Shape&, const Fault&) {
  Seen seen;
  const std::string content = pattern("copy", kBig);
  const auto pipe = std::make_shared<weir::net::MemoryPipe>();
  weir::net::Connection connection(std::make_unique<weir::net::MemoryTransport>(pipe));
  const auto file = file_with(content);
  connection.queue().push_file(file->get(), 0, content.size(), file);
  for (int i = 0; i < 1'000 && connection.has_output() && !connection.broken(); ++i)
    static_cast<void>(connection.flush({}));
  judge_file(content, pipe->to_client, connection.broken(), seen);
  return seen;
}

/// An address with the name of an interface.
Seen name_an_interface(const Shape&, const Fault&) {
  Seen seen;
  try {
    static_cast<void>(weir::net::Address::ip("fe80::1%lo", 80));
  } catch (const std::invalid_argument& what) {
    seen.refused = what.what();
  }
  return seen;
}

// ── The table ────────────────────────────────────────────────────────────────────────────────────

enum class How : std::uint8_t {
  once,  // only the n-th call fails
  both,  // and each from the n-th on
  done,  // the n-th call fails, having taken effect
};

struct Row {
  const char* call;
  How how;
  int lost;  // connections that may be lost
  Scenario scenario;
  const char* refused;  // words, "a|b", of which a refused set-up says one; "": it is not refused
  std::vector<int> errors;
};
constexpr How kOnce = How::once;
constexpr How kBoth = How::both;
constexpr How kDone = How::done;

// clang-format off
const std::vector<Row> kRows = {
    // Bytes. EINTR and EAGAIN cost nothing, all else costs the connection. EAGAIN and a short count
    // come with the edge that a true one would be followed by (fake_sys.hpp).
    {"recv",            kOnce, 0, serve, "", {EINTR, EAGAIN}},
    {"recv",            kOnce, 1, serve, "", {ECONNRESET, ENOMEM, ENOBUFS, ETIMEDOUT}},
    {"recv",            kOnce, 1, serve, "", {EHOSTUNREACH, ENETUNREACH}},
    {"recv",            kBoth, 1, serve, "", {EAGAIN, ECONNRESET}},
    {"send",            kOnce, 0, serve, "", {EINTR, EAGAIN}},
    {"send",            kOnce, 1, serve, "", {ECONNRESET, EPIPE, ENOMEM, ENOBUFS, ETIMEDOUT}},
    {"send",            kBoth, 1, serve, "", {EAGAIN, EPIPE}},
    {"sendmsg",         kOnce, 0, serve, "", {EINTR, EAGAIN}},
    {"sendmsg",         kOnce, 1, serve, "", {ECONNRESET, EPIPE, ENOMEM, ENOBUFS, ETIMEDOUT}},
    {"sendmsg",         kBoth, 1, serve, "", {EAGAIN, EPIPE}},
    {"sendfile",        kOnce, 0, send_file, "", {EINTR, EAGAIN}},
    {"sendfile",        kOnce, 1, send_file, "", {ECONNRESET, EPIPE, ENOMEM, EIO, EINVAL}},
    {"sendfile",        kOnce, 1, send_file, "", {EOVERFLOW}},
    {"pread",           kOnce, 0, copy_file, "", {EINTR}},
    {"pread",           kOnce, 1, copy_file, "", {EIO, EISDIR, EOVERFLOW}},
    {"shutdown",        kBoth, 0, serve, "", {ENOTCONN, ENOBUFS}},
    {"ioctl",           kBoth, 0, send_file, "", {ENOTTY, EINVAL}},

    // Setting up. What cannot be had is named.
    {"socket",          kOnce, 0, serve, "socket|bind", {EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES}},
    {"socket",          kOnce, 0, serve, "socket|bind", {EAFNOSUPPORT}},
    {"bind",            kOnce, 0, serve, "bind", {EADDRINUSE, EADDRNOTAVAIL, EACCES, ENOMEM}},
    {"listen",          kOnce, 0, serve, "listen", {EADDRINUSE}},
    {"connect",         kOnce, 0, serve, "bind", {EAGAIN, EACCES, EINTR, ENOENT}},
    {"setsockopt",      kOnce, 0, serve, "setsockopt", {ENOMEM, ENOBUFS, ENOPROTOOPT}},
    {"getsockopt",      kOnce, 0, serve, "getsockopt", {ENOTSOCK, ENOMEM}},
    {"getsockname",     kBoth, 0, serve, "getsockname", {ENOBUFS}},
    {"fcntl",           kOnce, 0, serve, "fcntl", {EMFILE, EINVAL}},
    {"open",            kBoth, 0, serve, "", {EMFILE, ENFILE, ENOMEM, ENOENT, EACCES, EINTR}},
    {"open",            kBoth, 2, serve_without_descriptors, "", {ENFILE, EMFILE, ENOENT}},
    {"lstat",           kOnce, 0, serve, "lstat|bind", {EACCES, ENOMEM, ENOENT}},
    {"unlink",          kOnce, 0, serve, "bind", {EACCES, EBUSY, ENOENT}},
    {"fchmod",          kOnce, 0, open_with_mode, "", {EPERM, EROFS}},
    {"chmod",           kOnce, 0, open_with_mode, "chmod", {EPERM, ENOENT}},
    {"getrlimit",       kBoth, 0, serve, "", {EINVAL}},
    {"setrlimit",       kBoth, 0, serve, "", {EPERM, EINVAL}},
    {"if_nametoindex",  kOnce, 0, name_an_interface, "fe80::1%lo", {ENODEV, EMFILE}},
    {"block_signals",   kBoth, 0, serve, "", {EINVAL}},
    {"restore_signals", kDone, 0, serve, "", {EINVAL}},

    // Accepting. Running out of something makes the listener rest; one connection may be shed.
    {"accept4",         kBoth, 0, serve, "", {EINTR, EAGAIN, ECONNABORTED, EPERM, EPROTO}},
    {"accept4",         kBoth, 0, serve, "", {ENETDOWN, EHOSTUNREACH}},
    {"accept4",         kBoth, 0, serve, "", {ENOBUFS, ENOMEM}},
    {"accept4",         kBoth, 1, serve, "", {EMFILE, ENFILE}},

    // Waiting. epoll_wait() that fails for good has a test of its own.
    {"epoll_create1",   kOnce, 0, serve, "epoll_create1", {EMFILE, ENFILE, ENOMEM}},
    {"epoll_ctl add",   kBoth, 1, serve, "epoll_ctl", {ENOMEM, ENOSPC}},
    {"epoll_wait",      kOnce, 0, serve, "", {EINTR}},
    {"eventfd",         kOnce, 0, serve, "eventfd", {EMFILE, ENFILE, ENOMEM, ENODEV}},
    // EAGAIN means that the counter is full: the loop has been woken. And that it is zero already.
    {"eventfd_write",   kDone, 0, serve, "", {EAGAIN}},
    {"eventfd_read",    kDone, 0, serve, "", {EAGAIN}},

    {"close",           kBoth, 0, serve, "", {EINTR, EIO}},
};
// clang-format on

/// What has no row, and why.
struct Exempt {
  const char* call;
  bool is_called;
};
constexpr Exempt kExempt[] = {
    {"gettid", true},                                                 // it cannot fail
    {"getpeername", false},                                           // nobody calls it
    {"block_sigpipe", false},                                         // nobody but tests calls it
    {"pwrite", true},                                                 // forms_test.cpp has these
    {"linkat", true},         {"renameat2", true}, {"openat", true},  // files_test.cpp has these
    {"openat_beneath", true}, {"fstat", true},     {"cached_pages", true},
    {"pread_at_hand", true},  {"getrandom", true},
};

bool says_one_of(const std::string& words, std::string_view wanted) {
  while (!wanted.empty()) {
    const std::size_t bar = std::min(wanted.find('|'), wanted.size());
    if (words.find(wanted.substr(0, bar)) != std::string::npos) return true;
    wanted.remove_prefix(std::min(bar + 1, wanted.size()));
  }
  return false;
}

void judge(const Row& row, const Seen& seen) {
  CHECK(seen.complaint == "");
  if (!seen.refused.empty()) CHECK(says_one_of(seen.refused, row.refused));
  CHECK(seen.tally.wrong == 0);
  CHECK(seen.tally.silent == 0);
  CHECK(seen.tally.lost <= row.lost);
}

/// Whether the listener rests after that; it would spin otherwise while the fault lasts.
bool running_out(std::string_view call, int error) {
  return call == "accept4" &&
         (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM);
}

/// Runs the scenario with the fault from the n-th call on; false when that was not reached.
bool run_row(const Row& row, int error, const Shape& shape, int n, bool for_ever) {
  const FakeSys::Scope scope;
  const std::string name = std::string(row.call) + " " + std::strerror(error) + ", " + shape.name +
                           (for_ever ? ", from call " : ", call ") + std::to_string(n);
  INFO(name);
  const std::size_t descriptors = open_descriptors();
  const std::size_t threads = live_threads();
  Seen seen;
  bool reached = false;
  {
    const Watchdog watchdog(name);
    if (row.how == How::done)
      FakeSys::fail_done(row.call, n, error);
    else
      FakeSys::fail_after(row.call, n, error, for_ever ? -1 : 1);
    seen = row.scenario(shape, {row.call, for_ever});
    reached = FakeSys::failures(row.call) != 0;
  }
  judge(row, seen);
  if (for_ever && running_out(row.call, error)) CHECK(FakeSys::failures(row.call) < 1'000);
  CHECK(open_descriptors() == descriptors);
  CHECK(threads_come_down_to(threads));
  return reached;
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEIR_TEST_UNDER_TSAN
#endif
#endif
#ifdef WEIR_TEST_UNDER_TSAN
constexpr std::size_t kOneByteAnswer = 20'000;  // ten times as slow
#else
constexpr std::size_t kOneByteAnswer = kBig;
#endif

/// The next call to fail. Later ones are much alike: WEIR_EVERY_FAULT in the environment tries many
/// more of them.
int after(int n) {
  static const bool every = std::getenv("WEIR_EVERY_FAULT") != nullptr;
  return every ? n + 1 + n / 4 : 2 * n + 1;
}

/// Runs the scenario with every fault of a row; false when no call was ever reached.
bool drive(const Row& row) {
  const bool is_server = row.scenario == serve || row.scenario == serve_without_descriptors;
  bool reached_at_all = false;
  for (std::size_t i = 0; i < row.errors.size(); ++i)
    for (std::size_t s = 0; s < (is_server ? std::size(kShapes) : 1); ++s) {
      // The first error in every shape of server, the others in one of them each.
      const bool is_own_shape = !is_server || i % std::size(kShapes) == s;
      if (i != 0 && !is_own_shape) continue;
      const auto run = [&](int n, bool for_ever) {
        const bool reached = run_row(row, row.errors[i], kShapes[s], n, for_ever);
        reached_at_all = reached_at_all || reached;
        return reached;
      };
      for (int n = 0; run(n, false); n = after(n)) {
      }
      if (row.how != How::both || !is_own_shape) continue;
      for (int n = 0; run(n, true); n = 2 * n + 1) {
      }
    }
  return reached_at_all;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// They wait more than they work: ctest runs the quarters side by side.
constexpr std::size_t kRowParts = 4;

// Drives every kRowParts-th row, from row `part` on.
void drive_rows(std::size_t part) {
  const Silence silence;
  std::thread([] {}).join();  // with the first one ThreadSanitizer starts a thread of its own
  std::size_t index = 0;
  for (const Row& row : kRows) {
    if (index++ % kRowParts != part) continue;
    DYNAMIC_SECTION(row.call << ": " << std::strerror(row.errors.front()) << " …") {
      CHECK(drive(row));
    }
  }
}

}  // namespace

TEST_CASE("every system call has its faults", "[fault]") {
  const std::filesystem::path include = WEIR_TEST_INCLUDE;
  const std::string header = text_of(include / "weir/net/sys.hpp");
  const std::regex declaration("WEIR_API [a-zA-Z ]+ ([a-z0-9_]+)\\(");
  std::set<std::string> declared;
  for (std::sregex_iterator at(header.begin(), header.end(), declaration), end; at != end; ++at)
    declared.insert((*at)[1].str());
  CHECK(declared.size() >= 33);

  std::set<std::string> driven;
  for (const Row& row : kRows) {
    const std::string call = row.call;
    driven.insert(call.substr(0, call.find(' ')));  // "epoll_ctl add"
  }
  std::set<std::string> uncalled;
  for (const Exempt& exempt : kExempt) {
    driven.insert(exempt.call);
    if (!exempt.is_called) uncalled.insert(exempt.call);
  }
  CHECK(driven == declared);

  for (const auto& entry : std::filesystem::recursive_directory_iterator(include)) {
    if (entry.path().extension() != ".ipp" && entry.path().extension() != ".hpp") continue;
    const std::string text = text_of(entry.path());
    INFO(entry.path());
    for (const std::string& call : uncalled)
      CHECK(text.find("sys::" + call + "(") == std::string::npos);
  }
}

TEMPLATE_TEST_CASE_SIG(
    "a failing system call costs one connection at most, or is named by the set-up",
    "[fault][rows]", ((std::size_t part), part), 0, 1, 2, 3) {
  drive_rows(part);
}

TEST_CASE("a start that fails to block signals leaves the caller's mask alone", "[fault]") {
  const FakeSys::Scope scope;
  sigset_t mine;
  ::sigemptyset(&mine);
  ::sigaddset(&mine, SIGUSR1);
  sigset_t before;
  REQUIRE(::pthread_sigmask(SIG_BLOCK, &mine, &before) == 0);
  {
    FakeSys::fail("block_signals", EINVAL, -1);
    weir::Server server(options_of(kShapes[0]));
    server.listen("127.0.0.1", 0);
    server.start();
    sigset_t now;
    ::sigemptyset(&now);
    REQUIRE(::pthread_sigmask(SIG_BLOCK, nullptr, &now) == 0);
    CHECK(::sigismember(&now, SIGUSR1) == 1);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("a signal stops run() although the counter that tells of it is full", "[fault]") {
  const FakeSys::Scope scope;
  const Watchdog watchdog("a signal to a full counter");
  FakeSys::fail_done("eventfd_write", 0, EAGAIN, -1);
  weir::Server server(options_of(kShapes[1]));
  server.listen("127.0.0.1", 0);
  server.after(0ms, [] { ::kill(::getpid(), SIGTERM); });
  CHECK(server.run() == 0);
}

TEST_CASE("every answer is right when calls are interrupted again and again", "[fault]") {
  const Silence silence;
  const FakeSys::Scope scope;
  const Watchdog watchdog("interrupted calls");
  for (const char* call : {"recv", "send", "sendmsg", "epoll_wait"})
    FakeSys::fail_after(call, 3, EINTR, 100);
  const Seen seen = serve(kShapes[1], {"", false});
  CHECK(seen.complaint == "");
  CHECK(seen.refused.empty());
  CHECK(seen.tally.lost + seen.tally.silent + seen.tally.wrong == 0);
  for (const char* call : {"recv", "send", "sendmsg", "epoll_wait"})
    CHECK(FakeSys::failures(call) == 100);
}

TEST_CASE("every answer is right when a call moves one byte", "[fault]") {
  struct Case {
    const char* name;
    std::vector<const char*> calls;
    std::size_t big;
  };
  const Case cases[] = {{"recv", {"recv"}, 20'000},
                        {"send", {"send"}, 20'000},
                        {"sendmsg", {"sendmsg"}, 20'000},
                        {"all", {"recv", "send", "sendmsg"}, kOneByteAnswer}};
  const Silence silence;
  for (const Case& one : cases) {
    INFO(one.name);
    const FakeSys::Scope scope;
    const Watchdog watchdog(std::string("one byte: ") + one.name, 120s);
    for (const char* call : one.calls) FakeSys::limit(call, 1);
    weir::Server server(options_of(kShapes[0]));
    add_routes(server, one.big);
    server.listen("127.0.0.1", 0);
    server.start();
    const auto tcp = [&] { return RawClient(server.port(), "127.0.0.1", 100s); };
    std::vector<Ask> all;
    for (const Kind kind : kKinds) all.push_back(ask(kind, one.big));
    CHECK(converse_anew(tcp, all, true) == Got::right);
    CHECK(converse_anew(tcp, {ask(Kind::plain), ask(Kind::upload), ask(Kind::stream)}) ==
          Got::right);
    CHECK(converse_anew(tcp, {refused_upload()}) == Got::right);
  }
  const FakeSys::Scope scope;
  for (const auto& [call, scenario] :
       {std::pair<const char*, Scenario>{"sendfile", send_file}, {"pread", copy_file}}) {
    FakeSys::limit(call, 1);
    CHECK(scenario(kShapes[0], {"", false}).tally.right == 1);
  }
}

TEST_CASE("a loop whose epoll fails for good ends the server, and run() says 1", "[fault]") {
  const Silence silence;
  const auto run = [](int error, const Shape& shape, int n) {
    const FakeSys::Scope scope;
    const std::string name = std::string("epoll_wait ") + std::strerror(error) + ", " + shape.name +
                             ", from call " + std::to_string(n);
    INFO(name);
    const std::size_t descriptors = open_descriptors();
    bool reached = false;
    {
      const Watchdog watchdog(name);
      weir::Options options = options_of(shape);
      options.workers = 2;  // "/read" holds one
      weir::Server server(options);
      add_routes(server, kServedBig);
      server.post(
          "/read",
          weir::blocking(weir::streamed([](const weir::Request&, weir::Body body, weir::Response&) {
            char bytes[64];
            while (body.read(bytes, sizeof bytes) != 0) {
            }
          })));
      weir::Stream kept;  // outlives the failure
      server.get("/open", [&](const weir::Request&, weir::Response& res) { kept = res.stream(); });
      server.listen("127.0.0.1", 0);
      FakeSys::fail_after("epoll_wait", n, error, -1);
      std::future<int> code = std::async(std::launch::async, [&] { return server.run(); });
      Tally tally;
      const auto tcp = [&] { return RawClient(server.port()); };
      std::vector<RawClient> halves;
      for (const char* wire : {"POST /read HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nhalf",
                               "GET /open HTTP/1.1\r\nHost: t\r\n\r\n"})
        try {
          halves.emplace_back(server.port());
          halves.back().send(wire);
        } catch (const std::system_error&) {
          // The server has ended already.
        }
      for (const Kind kind : kKinds) tally.add(converse_anew(tcp, {ask(kind, kServedBig)}));
      halves.clear();
      server.stop();
      const int returned = code.get();
      reached = FakeSys::failures("epoll_wait") != 0;
      CHECK(returned == (reached ? 1 : 0));
      CHECK(FakeSys::failures("epoll_wait") <= shape.loops + 1);  // none goes on, none spins
      CHECK(tally.wrong == 0);
      CHECK(tally.silent == 0);
      CHECK_FALSE(server.running());
      FakeSys::clear();
      server.stop();  // the one above may have come after the end: a life of its own uses it up
      server.start();
      server.wait();
      Seen seen;
      use_again(server, seen);
      CHECK(seen.complaint == "");
    }
    CHECK(open_descriptors() == descriptors);
    return reached;
  };
  for (const int error : {EBADF, EINVAL, ENOMEM})
    for (const Shape& shape : kShapes)
      for (int n = 0; run(error, shape, n); n = after(n)) {
      }
}
