// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>
#include <weir/net/acceptor.hpp>

#include "../support/fake_sys.hpp"

using namespace std::chrono_literals;
using weir::net::Acceptor;
using weir::net::Address;
using weir::net::Endpoint;
using weir::net::EventLoop;
using weir::net::EventSink;
using weir::net::FakeClock;
using weir::net::Family;
using weir::net::Fd;
using weir::test::FakeSys;

namespace {

struct Directory {
  Directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Directory() {
    ::unlink(file().c_str());
    ::rmdir(path.c_str());
  }
  std::string file() const { return path + "/s"; }
  std::string path = "/tmp/weir-test-XXXXXX";
};

struct Fixture : EventSink {
  void on_event(std::uint64_t token, std::uint32_t events) override {
    CHECK(token == 5);
    acceptor.on_event(events);
  }
  bool on_turn() override { return false; }

  Fd connect() {
    const Address to = acceptor.local();
    Fd client(::socket(to.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), to.data(), to.size()) == 0);
    return client;
  }

  FakeSys::Scope scope;
  FakeClock clock;
  EventLoop loop{*this, clock};
  std::vector<std::pair<Fd, Endpoint>> got;
  Acceptor acceptor{
      loop, 5, [this](Fd fd, const Endpoint& remote) { got.emplace_back(std::move(fd), remote); }};
  Acceptor::Options options;
};

bool has_v6() {
  const Address address = Address::ip("::1", 0);
  const Fd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd && ::bind(fd.get(), address.data(), address.size()) == 0;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

int option(const Fd& fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd.get(), level, name, &value, &size);
  return value;
}

/// Whether the other side has closed: an end or a reset, whichever comes; waits for it.
bool closed_by_peer(const Fd& fd) {
  char byte;
  return ::recv(fd.get(), &byte, 1, 0) <= 0;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "connections of every family are accepted", "[net][acceptor]") {
  const Directory directory;
  struct Case {
    const char* name;
    Address address;
    Family family;
  };
  std::vector<Case> cases = {
      {"IPv4", Address::ip("127.0.0.1", 0), Family::ipv4},
      {"Unix", Address::unix_socket(directory.file()), Family::unix_domain},
      {"abstract", Address::unix_socket("@weir-test-" + std::to_string(::getpid())),
       Family::unix_domain},
  };
  if (has_v6()) cases.push_back({"IPv6", Address::ip("::1", 0), Family::ipv6});
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      acceptor.open(c.address, options);
      CHECK(acceptor.is_open());
      const Fd client = connect();
      loop.turn(0ms);
      REQUIRE(got.size() == 1);
      CHECK(got[0].second.family() == c.family);
      const int flags = ::fcntl(got[0].first.get(), F_GETFL);
      CHECK((flags & O_NONBLOCK) != 0);
      CHECK((::fcntl(got[0].first.get(), F_GETFD) & FD_CLOEXEC) != 0);
      if (c.family != Family::unix_domain) {
        CHECK(acceptor.port() != 0);
        CHECK(got[0].second.host() == c.address.endpoint().host());
        CHECK(option(got[0].first, IPPROTO_TCP, TCP_NODELAY) == 1);
      } else {
        CHECK(acceptor.local().to_string() == c.address.to_string());
      }
      CHECK(acceptor.accepted() == 1);
    }
}

TEST_CASE_METHOD(Fixture, "a dual-stack listener sees IPv4 peers as such", "[net][acceptor]") {
  if (!has_v6()) return;
  acceptor.open(Address::ip("::", 0), options);
  const Address to = Address::ip("127.0.0.1", acceptor.port());
  const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), to.data(), to.size()) == 0);
  loop.turn(0ms);
  REQUIRE(got.size() == 1);
  CHECK(got[0].second.host() == "127.0.0.1");

  options.v6_only = true;
  acceptor.open(Address::ip("::", 0), options);
  const Address other = Address::ip("127.0.0.1", acceptor.port());
  const Fd refused(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(::connect(refused.get(), other.data(), other.size()) != 0);
}

TEST_CASE_METHOD(Fixture, "options reach the socket", "[net][acceptor]") {
  options.no_delay = false;
  options.reuse_port = true;
  options.defer_accept_seconds = 1;
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  Acceptor second(loop, 5, [](Fd, const Endpoint&) {});
  CHECK_NOTHROW(second.open(acceptor.local(), options));
  CHECK(FakeSys::count("setsockopt") == 8);
}

TEST_CASE_METHOD(Fixture, "a failure names the call and the address", "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Address taken = acceptor.local();
  Acceptor other(loop, 6, [](Fd, const Endpoint&) {});
  CHECK_THROWS_WITH(other.open(taken, options),
                    "bind " + taken.to_string() + ": Address already in use");
  CHECK_FALSE(other.is_open());
  CHECK(other.port() == 0);

  const Address any = Address::ip("127.0.0.1", 0);
  struct Case {
    const char* call;
    const char* message;
  };
  constexpr Case kCases[] = {
      {"socket", "socket 127.0.0.1:0: Permission denied"},
      {"setsockopt", "setsockopt SO_REUSEADDR 127.0.0.1:0: Permission denied"},
      {"bind", "bind 127.0.0.1:0: Permission denied"},
      {"listen", "listen 127.0.0.1:0: Permission denied"},
  };
  for (const Case& c : kCases) {
    FakeSys::fail(c.call, EACCES);
    CHECK_THROWS_WITH(other.open(any, options), c.message);
    CHECK_FALSE(other.is_open());
  }
  FakeSys::fail("epoll_ctl", ENOSPC);
  CHECK_THROWS_AS(other.open(any, options), std::system_error);
  CHECK_FALSE(other.is_open());
  CHECK_THROWS_AS(other.open(Address(), options), std::invalid_argument);
}

TEST_CASE_METHOD(Fixture, "a call accepts 64 connections at most", "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  std::vector<Fd> clients;
  for (int i = 0; i < 70; ++i) clients.push_back(connect());
  loop.turn(0ms);
  CHECK(got.size() == 64);
  loop.turn(0ms);
  CHECK(got.size() == 70);
}

TEST_CASE_METHOD(Fixture, "without descriptors one is shed and the listener rests",
                 "[net][acceptor]") {
  for (const int error : {EMFILE, ENFILE}) {
    DYNAMIC_SECTION(error) {
      acceptor.open(Address::ip("127.0.0.1", 0), options);
      const Fd first = connect();
      const Fd second = connect();
      FakeSys::fail("accept4", error);
      loop.turn(0ms);
      CHECK(acceptor.shed() == 1);
      CHECK(closed_by_peer(first));
      loop.turn(0ms);
      clock.advance(99ms);
      loop.turn(0ms);
      CHECK(got.empty());
      clock.advance(11ms);
      loop.turn(0ms);  // the timer
      loop.turn(0ms);  // the event
      CHECK(got.size() == 1);
      CHECK(acceptor.errors() == 0);
    }
  }
}

TEST_CASE_METHOD(Fixture, "without even a spare descriptor it only rests", "[net][acceptor]") {
  FakeSys::fail("open", EMFILE, -1);
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Fd client = connect();
  FakeSys::fail("accept4", EMFILE, 2);
  loop.turn(0ms);
  CHECK(acceptor.shed() == 0);
  CHECK(acceptor.errors() == 1);
  clock.advance(110ms);
  loop.turn(0ms);
  loop.turn(0ms);
  CHECK(got.size() == 1);
}

TEST_CASE_METHOD(Fixture, "errors of one connection pass, others make the listener rest",
                 "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Fd client = connect();
  FakeSys::fail("accept4", ECONNABORTED, 3);
  loop.turn(0ms);
  CHECK(got.size() == 1);
  CHECK(acceptor.errors() == 3);
  for (const int error : {ENOBUFS, ENOMEM, EINVAL}) {
    CAPTURE(error);
    const std::size_t before = got.size();
    const Fd another = connect();
    FakeSys::fail("accept4", error);
    loop.turn(0ms);
    loop.turn(0ms);
    CHECK(got.size() == before);
    clock.advance(110ms);
    loop.turn(0ms);
    loop.turn(0ms);
    CHECK(got.size() == before + 1);
  }
  FakeSys::fail("accept4", ECONNABORTED, -1);  // not even these go on for ever
  const auto calls = FakeSys::count("accept4");
  const Fd last = connect();
  loop.turn(0ms);
  CHECK(FakeSys::count("accept4") - calls == 64);
}

TEST_CASE_METHOD(Fixture, "a listener that meets nothing but errors rests", "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Fd client = connect();
  FakeSys::fail("accept4", EPERM, Acceptor::kMaxAccepts);
  loop.turn(0ms);
  CHECK(acceptor.errors() == Acceptor::kMaxAccepts);
  const auto calls = FakeSys::count("accept4");
  loop.turn(0ms);
  CHECK(FakeSys::count("accept4") == calls);
  clock.advance(110ms);
  loop.turn(0ms);
  loop.turn(0ms);
  CHECK(got.size() == 1);
}

TEST_CASE_METHOD(Fixture, "an interrupted accept is tried again and is no error",
                 "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Fd client = connect();
  FakeSys::fail("accept4", EINTR, 3);
  loop.turn(0ms);
  CHECK(got.size() == 1);
  CHECK(acceptor.errors() == 0);
}

TEST_CASE_METHOD(Fixture, "who is gone before being shed is neither shed nor an error",
                 "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  FakeSys::fail("accept4", EMFILE);
  acceptor.on_event(EPOLLIN);  // nobody waits: the second accept finds nothing
  CHECK(acceptor.shed() == 0);
  CHECK(acceptor.errors() == 0);
}

TEST_CASE_METHOD(Fixture, "above the rate newcomers wait and nobody is closed", "[net][acceptor]") {
  options.max_per_second = 100;  // ten at once, then one each 10 ms
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  std::vector<Fd> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(connect());
  loop.turn(0ms);
  CHECK(got.size() == 10);
  CHECK(acceptor.rate_limited() == 0);
  loop.turn(0ms);  // an event that may take nobody
  CHECK(got.size() == 10);
  CHECK(acceptor.rate_limited() == 1);
  const auto calls = FakeSys::count("accept4");
  loop.turn(0ms);  // it rests
  CHECK(FakeSys::count("accept4") == calls);
  CHECK(acceptor.rate_limited() == 1);

  for (int i = 0; i < 50 && got.size() < clients.size(); ++i) {
    clock.advance(10ms);
    const std::size_t before = got.size();
    for (int turn = 0; turn < 3; ++turn) loop.turn(0ms);
    CHECK(got.size() <= before + 2);  // a tick of the timer may make two of it
  }
  CHECK(got.size() == clients.size());
  CHECK(acceptor.shed() == 0);
  CHECK(acceptor.errors() == 0);
}

TEST_CASE_METHOD(Fixture, "the rate holds over any time and a quiet time saves up little",
                 "[net][acceptor]") {
  struct Case {
    std::uint32_t rate;
    std::size_t burst;
    std::size_t in_a_second;  // from then on
  };
  for (const Case& c : {Case{1, 1, 1}, Case{5, 1, 5}, Case{20, 2, 20}, Case{70, 7, 70}}) {
    DYNAMIC_SECTION(c.rate) {
      options.max_per_second = c.rate;
      acceptor.open(Address::ip("127.0.0.1", 0), options);
      clock.advance(1h);
      loop.turn(0ms);
      std::vector<Fd> clients;
      for (std::size_t i = 0; i < c.burst + 2 * c.in_a_second + 1; ++i)
        clients.push_back(connect());
      loop.turn(0ms);
      CHECK(got.size() == c.burst);
      for (std::size_t second = 1; second <= 2; ++second) {
        for (int i = 0; i < 100; ++i) {
          clock.advance(10ms);
          for (int turn = 0; turn < 3; ++turn) loop.turn(0ms);
        }
        CHECK(got.size() <= c.burst + second * c.in_a_second);
        CHECK(got.size() + 1 >= second * c.in_a_second);
      }
    }
  }
}

TEST_CASE_METHOD(Fixture, "a pause outlasts the rest that the rate makes", "[net][acceptor]") {
  options.max_per_second = 1;
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Fd first = connect();
  const Fd second = connect();
  for (int turn = 0; turn < 3; ++turn) loop.turn(0ms);
  CHECK(got.size() == 1);
  acceptor.pause();
  clock.advance(2s);
  for (int turn = 0; turn < 3; ++turn) loop.turn(0ms);
  CHECK(got.size() == 1);
  acceptor.resume();
  loop.turn(0ms);
  CHECK(got.size() == 2);
}

TEST_CASE_METHOD(Fixture, "an adopted socket has a rate of its own, opening another takes it away",
                 "[net][acceptor]") {
  Fd given(::socket(AF_INET, SOCK_STREAM, 0));
  const Address address = Address::ip("127.0.0.1", 0);
  REQUIRE(::bind(given.get(), address.data(), address.size()) == 0);
  REQUIRE(::listen(given.get(), 8) == 0);
  Acceptor::Options slow;
  slow.max_per_second = 1;
  acceptor.adopt(std::move(given), slow);
  std::vector<Fd> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(connect());
  for (int turn = 0; turn < 3; ++turn) loop.turn(0ms);
  CHECK(got.size() == 1);

  acceptor.open(address, options);
  for (int i = 0; i < 3; ++i) clients.push_back(connect());
  loop.turn(0ms);
  CHECK(got.size() == 4);
}

TEST_CASE_METHOD(Fixture, "a listener that epoll does not take back tries again",
                 "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Fd client = connect();
  acceptor.pause();
  FakeSys::fail("epoll_ctl", ENOMEM);
  acceptor.resume();
  loop.turn(0ms);
  CHECK(got.empty());
  clock.advance(110ms);
  loop.turn(0ms);
  loop.turn(0ms);
  CHECK(got.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a paused listener leaves newcomers waiting", "[net][acceptor]") {
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  acceptor.pause();
  const Fd client = connect();
  loop.turn(0ms);
  CHECK(got.empty());
  acceptor.resume();
  acceptor.resume();
  loop.turn(0ms);
  CHECK(got.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a handler may close the listener it is called by", "[net][acceptor]") {
  int calls = 0;
  acceptor.open(Address::ip("127.0.0.1", 0), options);
  const Fd a = connect();
  const Fd b = connect();
  acceptor.close();  // and what waits is reset
  CHECK(closed_by_peer(a));
  Acceptor* self = nullptr;
  Acceptor closing(loop, 5, [&](Fd, const Endpoint&) {
    ++calls;
    self->close();
  });
  self = &closing;
  closing.open(Address::ip("127.0.0.1", 0), options);
  const Address to = closing.local();
  Fd clients[2];
  for (Fd& client : clients) {
    client.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), to.data(), to.size()) == 0);
  }
  closing.on_event(EPOLLIN);
  CHECK(calls == 1);
  CHECK_FALSE(closing.is_open());
  closing.on_event(EPOLLIN);  // a stale event
  CHECK(calls == 1);
}

TEST_CASE_METHOD(Fixture, "a listening socket is adopted", "[net][acceptor]") {
  const Address address = Address::ip("127.0.0.1", 0);
  Fd given(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::bind(given.get(), address.data(), address.size()) == 0);
  CHECK_THROWS_WITH(acceptor.adopt(Fd(::dup(given.get()))),
                    "accept adopted socket that does not listen: Invalid argument");
  REQUIRE(::listen(given.get(), 8) == 0);
  const int raw = given.get();
  acceptor.adopt(std::move(given));
  CHECK((::fcntl(raw, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(raw, F_GETFD) & FD_CLOEXEC) != 0);
  const Fd client = connect();
  loop.turn(0ms);
  REQUIRE(got.size() == 1);
  CHECK(option(got[0].first, IPPROTO_TCP, TCP_NODELAY) == 1);
  CHECK_THROWS_AS(acceptor.adopt(Fd()), std::system_error);
}

TEST_CASE_METHOD(Fixture, "an adopted Unix socket keeps its file", "[net][acceptor]") {
  const Directory directory;
  const Address address = Address::unix_socket(directory.file());
  Fd given(::socket(AF_UNIX, SOCK_STREAM, 0));
  REQUIRE(::bind(given.get(), address.data(), address.size()) == 0);
  REQUIRE(::listen(given.get(), 8) == 0);
  acceptor.adopt(std::move(given));
  const Fd client = connect();
  loop.turn(0ms);
  CHECK(got.size() == 1);
  acceptor.close();
  CHECK(exists(directory.file()));
}

TEST_CASE_METHOD(Fixture, "a Unix socket's file is replaced only when it is dead",
                 "[net][acceptor]") {
  const Directory directory;
  const Address address = Address::unix_socket(directory.file());
  const std::string in_use = "bind " + address.to_string() + ": Address already in use";

  SECTION("stale") {
    Fd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(::bind(dead.get(), address.data(), address.size()) == 0);
    dead.reset();
    REQUIRE(exists(directory.file()));
    acceptor.open(address, options);
    const Fd client = connect();
    loop.turn(0ms);
    CHECK(got.size() == 1);
  }
  SECTION("live") {
    acceptor.open(address, options);
    Acceptor other(loop, 6, [](Fd, const Endpoint&) {});
    CHECK_THROWS_WITH(other.open(address, options), in_use);
    CHECK(exists(directory.file()));
  }
  SECTION("not a socket") {
    Fd file(::open(directory.file().c_str(), O_CREAT | O_WRONLY, 0600));
    REQUIRE(file);
    CHECK_THROWS_WITH(acceptor.open(address, options), in_use);
    CHECK(exists(directory.file()));
  }
}

TEST_CASE_METHOD(Fixture, "a Unix socket's file is unlinked if it is still ours",
                 "[net][acceptor]") {
  const Directory directory;
  const Address address = Address::unix_socket(directory.file());
  SECTION("ours") {
    acceptor.open(address, options);
    acceptor.close();
    CHECK_FALSE(exists(directory.file()));
  }
  SECTION("replaced by another") {
    acceptor.open(address, options);
    REQUIRE(::rename(directory.file().c_str(), (directory.path + "/old").c_str()) == 0);
    const Fd file(::open(directory.file().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    acceptor.close();
    CHECK(exists(directory.file()));
    ::unlink((directory.path + "/old").c_str());
  }
  SECTION("opening failed half-way") {
    FakeSys::fail("listen", EACCES);
    CHECK_THROWS_AS(acceptor.open(address, options), std::system_error);
    CHECK_FALSE(exists(directory.file()));
  }
}

TEST_CASE_METHOD(Fixture, "a Unix socket's file has the mode that was asked for",
                 "[net][acceptor]") {
  const Directory directory;
  options.unix_mode = 0620;
  acceptor.open(Address::unix_socket(directory.file()), options);
  struct stat status {};
  REQUIRE(::lstat(directory.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0620);
}
