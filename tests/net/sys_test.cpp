// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <thread>
#include <weir/net/fd.hpp>
#include <weir/net/sys.hpp>

#include "../support/fake_sys.hpp"

namespace sys = weir::net::sys;
using weir::net::Fd;
using weir::test::FakeSys;

namespace {
bool blocked(int signal) {
  sigset_t set;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &set);
  return ::sigismember(&set, signal) == 1;
}
}  // namespace

TEST_CASE("a call fails as often as a test asks for, and then reaches the kernel", "[net][sys]") {
  const FakeSys::Scope scope;
  FakeSys::fail("socket", EMFILE, 2);
  for (int i = 0; i < 2; ++i) {
    errno = 0;
    CHECK(sys::socket(AF_UNIX, SOCK_STREAM, 0) == -1);
    CHECK(errno == EMFILE);
  }
  CHECK(Fd(sys::socket(AF_UNIX, SOCK_STREAM, 0)));
  FakeSys::fail_after("socket", 1, ENFILE);
  CHECK(Fd(sys::socket(AF_UNIX, SOCK_STREAM, 0)));
  CHECK(sys::socket(AF_UNIX, SOCK_STREAM, 0) == -1);
  CHECK(FakeSys::count("socket") == 5);
}

TEST_CASE("a bound cuts what a call moves", "[net][sys]") {
  const FakeSys::Scope scope;
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  const Fd a(pair[0]);
  const Fd b(pair[1]);
  std::string one = "abc";
  std::string two = "defgh";
  iovec pieces[2] = {{one.data(), one.size()}, {two.data(), two.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  FakeSys::limit("sendmsg", 4);
  CHECK(sys::sendmsg(a.get(), &message, MSG_NOSIGNAL) == 4);
  FakeSys::limit("send", 1);
  CHECK(sys::send(a.get(), "xyz", 3, MSG_NOSIGNAL) == 1);
  char in[16];
  FakeSys::limit("recv", 3);
  CHECK(sys::recv(b.get(), in, sizeof in, 0) == 3);
  FakeSys::limit("recv", 0);
  CHECK(sys::recv(b.get(), in + 3, sizeof in - 3, 0) == 2);
  CHECK(std::string(in, 5) == "abcdx");
}

TEST_CASE("signals are blocked and put back", "[net][sys]") {
  const bool was_blocked = blocked(SIGPIPE);
  std::thread([] {
    sys::SignalMask before;
    REQUIRE(sys::block_signals(&before) == 0);
    CHECK(blocked(SIGTERM));
    CHECK(blocked(SIGPIPE));
    CHECK_FALSE(blocked(SIGSEGV));
    REQUIRE(sys::restore_signals(before) == 0);
    CHECK_FALSE(blocked(SIGTERM));
    REQUIRE(sys::block_sigpipe() == 0);
    CHECK(blocked(SIGPIPE));
    CHECK_FALSE(blocked(SIGTERM));
  }).join();
  CHECK(blocked(SIGPIPE) == was_blocked);  // a mask is its thread's own
}
