// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <utility>
#include <weir/net/fd.hpp>

#include "../support/fake_sys.hpp"

using weir::net::Fd;
using weir::test::FakeSys;

namespace {
int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
}  // namespace

TEST_CASE("a descriptor is closed once, by its last owner", "[net][fd]") {
  const int raw = open_null();
  {
    Fd first(raw);
    CHECK(first);
    Fd second = std::move(first);
    CHECK_FALSE(first);
    CHECK(first.get() == -1);
    first = std::move(second);
    CHECK(first.get() == raw);
    CHECK(is_open(raw));
  }
  CHECK_FALSE(is_open(raw));
}

TEST_CASE("release gives a descriptor away and reset closes the old one", "[net][fd]") {
  Fd fd(open_null());
  const int raw = fd.release();
  CHECK_FALSE(fd);
  CHECK(is_open(raw));
  fd.reset(raw);
  fd.reset();
  CHECK_FALSE(is_open(raw));
}

TEST_CASE("closing keeps errno and is never tried twice", "[net][fd]") {
  const FakeSys::Scope scope;
  const int raw = open_null();
  FakeSys::fail("close", EINTR);
  errno = ENOENT;
  Fd(raw).reset();
  CHECK(errno == ENOENT);
  CHECK(FakeSys::count("close") == 1);
  ::close(raw);
}

TEST_CASE("a descriptor that is moved onto itself stays", "[net][fd]") {
  Fd fd(open_null());
  const int raw = fd.get();
  Fd& same = fd;
  fd = std::move(same);
  CHECK(fd.get() == raw);
  CHECK(is_open(raw));
}
