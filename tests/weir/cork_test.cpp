// SPDX-License-Identifier: MIT
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <weir/detail/cork.hpp>

using weir::detail::Cork;
using weir::net::Connection;
using weir::net::Fd;
using Flush = Connection::Flush;

namespace {

struct Corked {
  Corked() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    connection = std::make_unique<Connection>(Fd(fds[0]));
    theirs.reset(fds[1]);
  }
  std::string received() {
    std::string all;
    char block[4096];
    ssize_t got;
    while ((got = ::recv(theirs.get(), block, sizeof block, 0)) > 0)
      all.append(block, static_cast<std::size_t>(got));
    return all;
  }
  std::string flush_all(Flush flushed) {
    std::string got;
    while (flushed != Flush::sent) {
      REQUIRE(flushed != Flush::failed);
      got += received();
      connection->on_edge(EPOLLOUT);
      cork.attach(*connection);
      flushed = cork.flush();
    }
    return got + received();
  }
  Fd theirs;
  std::unique_ptr<Connection> connection;
  Cork cork;
};

}  // namespace

TEST_CASE("what is corked and what is pushed leave in the order of the calls", "[weir]") {
  Corked c;
  c.cork.attach(*c.connection);
  c.cork.append("a");
  c.cork.push(std::string("b"));
  c.cork.append("c");
  c.cork.append("d");
  const auto shared = std::make_shared<const std::string>("e");
  c.cork.push(std::string_view(*shared), shared);
  c.cork.push(std::string());
  c.cork.append("f");
  CHECK(c.cork.unsent() == 6);
  CHECK(c.cork.flush() == Flush::sent);
  CHECK(c.received() == "abcdef");
  CHECK(shared.use_count() == 1);
  CHECK_FALSE(c.connection->has_output());
}

TEST_CASE("a full cork moves into the queue", "[weir]") {
  Corked c;
  c.cork.attach(*c.connection);
  std::string expected;
  for (int i = 0; i < 60'000; ++i) {
    const std::string piece = std::to_string(i);
    c.cork.append(piece);
    expected += piece;
    if (i % 1'000 == 0) {
      c.cork.push(std::string("<>"));
      expected += "<>";
    }
  }
  CHECK(c.cork.unsent() == expected.size());
  CHECK((c.flush_all(c.cork.flush()) == expected));
}

TEST_CASE("a piece larger than the cork fits, once", "[weir]") {
  Corked c;
  c.cork.attach(*c.connection);
  const std::string large(3 * Cork::kSize, 'x');
  c.cork.append("head");
  c.cork.append(large);
  c.cork.append("tail");
  CHECK((c.flush_all(c.cork.flush()) == "head" + large + "tail"));
  c.cork.attach(*c.connection);
  c.cork.append("next");
  CHECK(c.cork.flush() == Flush::sent);
  CHECK(c.received() == "next");
}

TEST_CASE("reserved bytes count when they are committed", "[weir]") {
  Corked c;
  c.cork.attach(*c.connection);
  char* const room = c.cork.reserve(100);
  room[0] = 'a';
  room[1] = 'b';
  c.cork.commit(1);
  c.cork.append("c");
  CHECK(c.cork.flush() == Flush::sent);
  CHECK(c.received() == "ac");
}

TEST_CASE("what is thrown away is not sent to the next connection", "[weir]") {
  Corked lost;
  Corked next;
  lost.cork.attach(*lost.connection);
  lost.cork.append("secret");
  lost.cork.push(std::string("more"));
  lost.cork.append("secret");
  lost.cork.detach();
  lost.connection->close(true);
  lost.cork.attach(*next.connection);
  lost.cork.append("yours");
  CHECK(lost.cork.flush() == Flush::sent);
  CHECK(next.received() == "yours");
}
