// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <weir/net/connection.hpp>
#include <weir/net/sys.hpp>

#include "../support/fake_sys.hpp"

using weir::net::Connection;
using weir::net::Fd;
using weir::net::IoResult;
using weir::net::Piece;
using weir::net::Transport;
using weir::net::Want;
using weir::test::FakeSys;
using Flush = Connection::Flush;

namespace {

struct Ends {
  Ends() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
    weir::net::sys::block_sigpipe();
  }
  std::string received() {
    std::string all;
    char block[4096];
    ssize_t got;
    while ((got = ::recv(theirs.get(), block, sizeof block, 0)) > 0)
      all.append(block, static_cast<std::size_t>(got));
    return all;
  }
  void write(std::string_view text) {
    REQUIRE(::send(theirs.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  Fd ours;
  Fd theirs;
};

/// The same over TCP.
struct TcpEnds {
  TcpEnds() {
    const Fd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listening.get(), generic, size) == 0);
    REQUIRE(::listen(listening.get(), 1) == 0);
    REQUIRE(::getsockname(listening.get(), generic, &size) == 0);
    theirs.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(theirs.get(), generic, size) == 0);
    ours.reset(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK));
    port = ntohs(address.sin_port);
  }
  Fd ours;
  Fd theirs;
  std::uint16_t port = 0;
};

std::shared_ptr<Fd> file_with(std::string_view content) {
  auto file = std::make_shared<Fd>(::memfd_create("weir", MFD_CLOEXEC));
  REQUIRE(::write(file->get(), content.data(), content.size()) ==
          static_cast<ssize_t>(content.size()));
  return file;
}

constexpr std::string_view kOwned = "owned, and longer than a small string";
constexpr std::string_view kExpected =
    "tail:owned, and longer than a small string:shared:corked:file:a:b";

/// One segment of each kind, twice what may be gathered, and a cork behind.
struct AllKinds {
  std::shared_ptr<const std::string> shared = std::make_shared<const std::string>(":shared");
  std::shared_ptr<Fd> file = file_with("..:file..");
  std::string cork = "tail:";
  std::string more_cork = ":corked";
  std::string last = ":a:b";

  Flush start(Connection& connection) {
    auto& queue = connection.queue();
    queue.push_corked(cork);
    queue.push(std::string(kOwned));
    queue.push(std::string_view(*shared), shared);
    queue.push_corked(more_cork);
    queue.push_file(file->get(), 2, 5, file);
    const Flush flushed = connection.flush(last);
    // The cork is lent to somebody else now.
    cork.assign(cork.size(), '#');
    more_cork.assign(more_cork.size(), '#');
    last.assign(last.size(), '#');
    return flushed;
  }
};

/// Flushes on, with an edge whenever one is waited for.
Flush finish(Connection& connection, Flush flushed) {
  for (int i = 0; i < 1000 && (flushed == Flush::blocked || flushed == Flush::more); ++i) {
    CHECK(connection.has_output());
    CHECK(connection.writable() == (flushed == Flush::more));
    if (flushed == Flush::blocked) {
      CHECK(connection.flush({}) == Flush::blocked);  // no edge, no call
      connection.on_edge(EPOLLOUT);
    }
    flushed = connection.flush({});
  }
  return flushed;
}

/// Takes everything, or as much as it is told to.
class Memory final : public Transport {
 public:
  IoResult read(char* data, std::size_t size) noexcept override {
    IoResult result;
    result.bytes = input.copy(data, size);
    input.erase(0, result.bytes);
    if (result.bytes == 0) {
      result.error = EAGAIN;
      result.want = Want::read;
    }
    return result;
  }
  IoResult write(const Piece* pieces, std::size_t count) noexcept override {
    ++writes;
    IoResult result;
    for (std::size_t i = 0; i < count; ++i) {
      output.append(pieces[i].data, pieces[i].size);
      result.bytes += pieces[i].size;
    }
    return result;
  }
  void shutdown_write() noexcept override { shut = true; }
  void close(bool reset) noexcept override { *closed = reset ? 2 : 1; }

  std::string input;
  std::string output;
  int writes = 0;
  bool shut = false;
  int* closed = nullptr;
};

}  // namespace

TEST_CASE("what is corked leaves in one call", "[net]") {
  const FakeSys::Scope scope;
  Ends ends;
  Connection connection(std::move(ends.ours));
  CHECK(connection.flush({}) == Flush::sent);
  CHECK(FakeSys::count("send") == 0);
  CHECK(connection.flush("hello") == Flush::sent);
  CHECK(FakeSys::count("send") == 1);
  CHECK_FALSE(connection.has_output());
  CHECK(ends.received() == "hello");
}

TEST_CASE("every kind of segment may be cut at every byte", "[net]") {
  for (std::size_t limit = 1; limit <= kExpected.size() + 1; ++limit) {
    CAPTURE(limit);
    const FakeSys::Scope scope;
    Ends ends;
    for (const char* call : {"send", "sendmsg", "sendfile"}) FakeSys::limit(call, limit);
    Connection connection(std::move(ends.ours));
    AllKinds all;
    CHECK(finish(connection, all.start(connection)) == Flush::sent);
    CHECK(ends.received() == kExpected);
    CHECK_FALSE(connection.has_output());
    CHECK(all.shared.use_count() == 1);
    CHECK(all.file.use_count() == 1);
  }
  for (std::size_t limit = 1; limit <= 6; ++limit) {
    const FakeSys::Scope scope;
    Ends ends;
    FakeSys::limit("send", limit);
    Connection connection(std::move(ends.ours));
    std::string cork = "hello";
    const Flush first = connection.flush(cork);
    cork = "#####";
    CHECK(first == (limit < 5 ? Flush::blocked : Flush::sent));
    CHECK(finish(connection, first) == Flush::sent);
    CHECK(ends.received() == "hello");
  }
}

TEST_CASE("any write may fail in any way", "[net]") {
  const std::string call = GENERATE("send", "sendmsg", "sendfile");
  const int error = GENERATE(EAGAIN, EINTR, EPIPE, ECONNRESET);
  const std::size_t limit = GENERATE(0u, 3u);
  CAPTURE(call, error, limit);
  const bool fatal = error == EPIPE || error == ECONNRESET;
  bool failed_once = false;
  for (int skip = 0; skip < 40; ++skip) {
    const FakeSys::Scope scope;
    Ends ends;
    for (const char* each : {"send", "sendmsg", "sendfile"}) FakeSys::limit(each, limit);
    FakeSys::fail_after(call, skip, error);
    Connection connection(std::move(ends.ours));
    AllKinds all;
    const Flush flushed = finish(connection, all.start(connection));
    const std::string got = ends.received();
    CAPTURE(skip, got);
    CHECK(kExpected.substr(0, got.size()) == got);
    if (flushed == Flush::failed) {
      failed_once = true;
      CHECK(fatal);
      CHECK(connection.broken());
      CHECK(connection.flush("x") == Flush::failed);
      connection.close(true);
      CHECK_FALSE(connection.has_output());
    } else {
      CHECK(flushed == Flush::sent);
      CHECK(got == kExpected);
    }
    CHECK(all.shared.use_count() == 1);
    CHECK(all.file.use_count() == 1);
  }
  CHECK(failed_once == fatal);
}

TEST_CASE("the first send may fail in any way", "[net]") {
  const FakeSys::Scope scope;
  Ends ends;
  Connection connection(std::move(ends.ours));
  SECTION("interrupted") {
    FakeSys::fail("send", EINTR, 3);
    CHECK(connection.flush("hello") == Flush::sent);
    CHECK(ends.received() == "hello");
  }
  SECTION("not now") {
    FakeSys::fail("send", EAGAIN);
    CHECK(connection.flush("hello") == Flush::blocked);
    CHECK(connection.unsent()->size() == 5);
    CHECK(connection.flush(" world") == Flush::blocked);
    CHECK(finish(connection, Flush::blocked) == Flush::sent);
    CHECK(ends.received() == "hello world");
  }
  SECTION("the peer is gone") {
    ends.theirs.reset();
    CHECK(connection.flush("hello") == Flush::failed);
    CHECK(connection.broken());
  }
}

TEST_CASE("a file that became shorter breaks the stream", "[net]") {
  const FakeSys::Scope scope;
  const bool over_transport = GENERATE(false, true);
  CAPTURE(over_transport);
  Ends ends;
  int closed = 0;
  auto memory = std::make_unique<Memory>();
  memory->closed = &closed;
  std::unique_ptr<Connection> connection =
      over_transport ? std::make_unique<Connection>(std::unique_ptr<Transport>(std::move(memory)))
                     : std::make_unique<Connection>(std::move(ends.ours));
  const std::shared_ptr<Fd> file = file_with("abc");
  connection->queue().push_file(file->get(), 0, 4, file);
  CHECK(connection->flush({}) == Flush::failed);
  CHECK(connection->broken());
  if (!over_transport) CHECK(ends.received() == "abc");
}

TEST_CASE("a file over a transport is copied", "[net]") {
  const FakeSys::Scope scope;
  int closed = 0;
  auto memory = std::make_unique<Memory>();
  Memory& transport = *memory;
  transport.closed = &closed;
  Connection connection{std::unique_ptr<Transport>(std::move(memory))};
  std::string content;
  for (int i = 0; i < 40'000; ++i) content += std::to_string(i);
  const std::shared_ptr<Fd> file = file_with(content);
  connection.queue().push(std::string("<"));
  connection.queue().push_file(file->get(), 1, content.size() - 1, file);
  FakeSys::fail("pread", EINTR);
  CHECK(connection.flush(">") == Flush::sent);
  CHECK(transport.output == "<" + content.substr(1) + ">");
  connection.queue().push_file(file->get(), 0, 1, file);
  FakeSys::fail("pread", EIO);
  CHECK(connection.flush({}) == Flush::failed);
  connection.close(true);
  CHECK(closed == 2);
  CHECK_FALSE(connection.is_open());
}

TEST_CASE("one flush sends no more than its budget", "[net]") {
  constexpr auto kBudget = static_cast<std::size_t>(Connection::kFlushBudget);
  int closed = 0;
  auto memory = std::make_unique<Memory>();
  Memory& transport = *memory;
  transport.closed = &closed;
  Connection connection{std::unique_ptr<Transport>(std::move(memory))};
  std::string expected;
  const bool in_files = GENERATE(false, true);
  for (char c = 'a'; c < 'f'; ++c) {
    const std::string piece(kBudget / 2 + 7, c);
    expected += piece;
    if (in_files) {
      const std::shared_ptr<Fd> file = file_with(piece);
      connection.queue().push_file(file->get(), 0, piece.size(), file);
    } else {
      connection.queue().push(std::string(piece));
    }
  }
  CHECK(connection.flush("end") == Flush::more);
  CHECK(transport.output.size() == kBudget);
  CHECK(connection.writable());
  CHECK(connection.flush({}) == Flush::more);
  CHECK(transport.output.size() == 2 * kBudget);
  CHECK(connection.flush({}) == Flush::sent);
  CHECK((transport.output == expected + "end"));
}

TEST_CASE("a large answer meets a full socket and goes on with each edge", "[net]") {
  Ends ends;
  Connection connection(std::move(ends.ours));
  std::string content;
  for (int i = 0; i < 400'000; ++i) content += std::to_string(i);
  const std::shared_ptr<Fd> file = file_with(content);
  connection.queue().push(std::string(content));
  connection.queue().push_file(file->get(), 0, content.size(), file);
  Flush flushed = connection.flush("end");
  std::string got;
  for (int i = 0; i < 100'000 && flushed != Flush::sent; ++i) {
    REQUIRE(flushed != Flush::failed);
    if (flushed == Flush::blocked) {
      got += ends.received();
      connection.on_edge(EPOLLOUT);
    }
    flushed = connection.flush({});
  }
  got += ends.received();
  CHECK((got == content + content + "end"));
}

TEST_CASE("edges are remembered until a read has met the end of what there is", "[net]") {
  const FakeSys::Scope scope;
  Ends ends;
  Connection connection(std::move(ends.ours));
  char data[8];
  CHECK_FALSE(connection.readable());
  CHECK(connection.writable());
  ends.write("abcdefghij");
  connection.on_edge(EPOLLIN);

  SECTION("a short read has emptied it") {
    CHECK(connection.read(data, 8).bytes == 8);
    CHECK(connection.readable());
    CHECK(connection.read(data, 8).bytes == 2);
    CHECK_FALSE(connection.readable());
    CHECK(FakeSys::count("recv") == 2);
  }
  SECTION("a full read says nothing") {
    CHECK(connection.read(data, 8).bytes == 8);
    CHECK(connection.read(data, 2).bytes == 2);
    CHECK(connection.readable());
    CHECK(connection.read(data, 8).would_block());
    CHECK_FALSE(connection.readable());
    CHECK_FALSE(connection.peer_closed());
  }
  SECTION("with the end of stream announced a short read is not the last") {
    ::shutdown(ends.theirs.get(), SHUT_WR);
    connection.on_edge(EPOLLIN | EPOLLRDHUP);
    CHECK(connection.peer_closed());
    CHECK_FALSE(connection.input_ended());
    CHECK_FALSE(connection.broken());
    CHECK(connection.read(data, 8).bytes == 8);
    CHECK(connection.read(data, 8).bytes == 2);
    CHECK(connection.readable());
    CHECK(connection.read(data, 8).end);
    CHECK(connection.input_ended());
    CHECK_FALSE(connection.readable());
    CHECK_FALSE(connection.broken());
    CHECK(connection.flush("answer") == Flush::sent);
    CHECK(ends.received() == "answer");
  }
  SECTION("interrupted") {
    FakeSys::fail("recv", EINTR, 2);
    CHECK(connection.read(data, 8).bytes == 8);
  }
  SECTION("not now") {
    FakeSys::fail("recv", EAGAIN);
    CHECK(connection.read(data, 8).would_block());
    CHECK_FALSE(connection.readable());
    CHECK_FALSE(connection.broken());
  }
  SECTION("reset") {
    FakeSys::fail("recv", ECONNRESET);
    CHECK(connection.read(data, 8).failed());
    CHECK(connection.broken());
    CHECK(connection.input_ended());
    CHECK_FALSE(connection.readable());
    CHECK(connection.flush("x") == Flush::failed);
  }
  SECTION("hang-up and error break both directions") {
    connection.on_edge(GENERATE(std::uint32_t{EPOLLHUP}, std::uint32_t{EPOLLERR}));
    CHECK(connection.broken());
    CHECK(connection.peer_closed());
    CHECK(connection.readable());
  }
}

TEST_CASE("a short read of a transport that may hold a rest is not the last", "[net]") {
  int closed = 0;
  auto memory = std::make_unique<Memory>();
  memory->closed = &closed;
  memory->input = "abc";
  Connection connection{std::unique_ptr<Transport>(std::move(memory))};
  connection.on_edge(EPOLLIN);
  char data[8];
  CHECK(connection.read(data, 8).bytes == 3);
  CHECK(connection.readable());
  CHECK(connection.read(data, 8).would_block());
  CHECK_FALSE(connection.readable());
  CHECK(connection.fd() == -1);
  CHECK(connection.local_endpoint() == weir::net::Endpoint());
  connection.close(false);
  CHECK(closed == 1);
}

TEST_CASE("closing says whether something is missing", "[net]") {
  const bool reset = GENERATE(false, true);
  TcpEnds ends;
  const Fd& client = ends.theirs;
  Connection connection(std::move(ends.ours));
  REQUIRE(connection.is_open());
  CHECK(connection.local_endpoint().port() == ends.port);
  CHECK(connection.flush("bye") == Flush::sent);
  char data[8];
  CHECK(::recv(client.get(), data, 3, MSG_WAITALL) == 3);
  connection.shutdown_write();
  if (!reset) CHECK(::recv(client.get(), data, 3, 0) == 0);
  CHECK(::send(client.get(), "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(connection.read(data, 8).bytes == 1);
  connection.close(reset);
  connection.close(reset);
  CHECK_FALSE(connection.is_open());
  CHECK_FALSE(connection.writable());
  const ssize_t got = ::recv(client.get(), data, 8, 0);
  CHECK(got <= 0);
  if (!reset) CHECK(got == 0);
}

TEST_CASE("the kernel takes more of a large file ahead", "[net]") {
  struct Case {
    const char* name;
    std::size_t size;  // of the file
    int before;        // TCP_NOTSENT_LOWAT; 0: the system's
    int meanwhile;
    const char* failing;  // a call
  };
  constexpr int kAhead = Connection::kFileSendAhead;
  const Case row = GENERATE(Case{"large", 8 << 20, 128 << 10, kAhead, ""},
                            Case{"small", kAhead - 1, 128 << 10, 128 << 10, ""},
                            Case{"as the system likes", 8 << 20, 0, 0, ""},
                            Case{"more already", 8 << 20, kAhead + 1, kAhead + 1, ""},
                            Case{"not to be known", 8 << 20, 128 << 10, 128 << 10, "getsockopt"},
                            Case{"not to be changed", 8 << 20, 128 << 10, 128 << 10, "setsockopt"});
  CAPTURE(row.name);
  const FakeSys::Scope scope;
  TcpEnds ends;
  const int ours = ends.ours.get();
  // Less than is sent, so that something is left.
  const int small = 64 * 1024;
  ::setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  ::setsockopt(ours, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &row.before, sizeof row.before);
  const auto ahead = [ours] {
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(ours, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, &size);
    return value;
  };
  if (*row.failing != '\0') FakeSys::fail(row.failing, ENOPROTOOPT, -1);

  Connection connection(std::move(ends.ours));
  const std::string content(row.size, 'x');
  const auto file = file_with(content);
  connection.queue().push_file(file->get(), 0, content.size(), file);
  Flush flushed = connection.flush({});
  std::size_t received = 0;
  std::string block(256 * 1024, '\0');
  CHECK(flushed != Flush::sent);
  CHECK(ahead() == row.meanwhile);
  while (received < content.size()) {
    const ssize_t got = ::recv(ends.theirs.get(), block.data(), block.size(), 0);
    REQUIRE(got > 0);
    received += static_cast<std::size_t>(got);
    if (flushed == Flush::sent) continue;
    connection.on_edge(EPOLLOUT);
    flushed = connection.flush({});
    // The last bytes wait in the queue, not in the kernel.
    if (flushed == Flush::blocked && connection.unsent()->size() < std::uint64_t{kAhead})
      CHECK(ahead() == row.before);
  }
  CHECK(flushed == Flush::sent);
  CHECK_FALSE(connection.has_output());
  CHECK(ahead() == row.before);
}
