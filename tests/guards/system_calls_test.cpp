// SPDX-License-Identifier: MIT
// How many system calls a request costs. The clients make theirs themselves (raw_client.hpp), so
// that all that is counted is the server's.
#include <catch2/catch.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <weir/weir.hpp>

#include "../support/fake_sys.hpp"
#include "../support/raw_client.hpp"

namespace {

using weir::test::FakeSys;
using weir::test::RawClient;

constexpr std::string_view kRequest = "GET /plaintext HTTP/1.1\r\nHost: weir.t\r\n\r\n";
constexpr std::string_view kHold = "GET /hold HTTP/1.1\r\nHost: weir.t\r\n\r\n";

/// A handler that holds its loop until it is let go, so that what arrives meanwhile is ready at
/// once.
class Gate {
 public:
  void enter() {
    std::unique_lock<std::mutex> lock(mutex_);
    inside_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    inside_ = open_ = false;
  }
  void wait_inside() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return inside_; });
  }
  void open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool inside_ = false;
  bool open_ = false;
};

class Running {
 public:
  Running() {
    server_.get("/plaintext", [] { return "Hello, World!"; });
    server_.get("/hold", [this] {
      gate_.enter();
      return "held";
    });
    server_.listen("127.0.0.1", 0);
    server_.start();
  }
  ~Running() { server_.stop(); }

  std::uint16_t port() const { return server_.port(); }
  Gate& gate() { return gate_; }

 private:
  static weir::Options options() {
    weir::Options options;
    options.threads = 1;
    return options;
  }
  Gate gate_;
  weir::Server server_{options()};
};

std::uint64_t writes() { return FakeSys::count("send") + FakeSys::count("sendmsg"); }

}  // namespace

TEST_CASE("a keep-alive request is one read and one write, and shares all other calls", "[guard]") {
  const FakeSys::Scope scope;
  constexpr std::size_t kConnections = 64;
  constexpr std::size_t kRounds = 16;
  Running server;
  RawClient holder(server.port());
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < kConnections; ++i) clients.emplace_back(server.port());

  const auto round = [&] {
    holder.send(kHold);
    server.gate().wait_inside();
    for (RawClient& client : clients) client.send(kRequest);
    server.gate().open();
    for (RawClient& client : clients) REQUIRE(client.read_response().body == "Hello, World!");
    REQUIRE(holder.read_response().body == "held");
  };
  round();  // accepted, and what is kept has grown
  FakeSys::clear();
  for (std::size_t i = 0; i < kRounds; ++i) round();

  constexpr std::uint64_t kRequests = kRounds * (kConnections + 1);
  static_assert(kRequests >= 1000);
  CHECK(FakeSys::count("recv") == kRequests);
  CHECK(writes() == kRequests);
  CHECK(FakeSys::count("epoll_wait") > 0);  // they are counted
  CHECK((FakeSys::total() - 2 * kRequests) * 20 <= kRequests);
  CHECK(FakeSys::count("epoll_ctl add") == 0);
  CHECK(FakeSys::count("epoll_ctl mod") == 0);
}

TEST_CASE("requests that came in one piece are answered in one write", "[guard]") {
  const FakeSys::Scope scope;
  constexpr std::size_t kDepth = 16;
  constexpr std::size_t kRounds = 64;
  Running server;
  RawClient client(server.port());
  std::string batch;
  for (std::size_t i = 0; i < kDepth; ++i) batch += kRequest;

  const auto round = [&] {
    client.send(batch);
    for (std::size_t i = 0; i < kDepth; ++i)
      REQUIRE(client.read_response().body == "Hello, World!");
  };
  round();
  FakeSys::clear();
  for (std::size_t i = 0; i < kRounds; ++i) round();
  CHECK(FakeSys::count("recv") == kRounds);
  CHECK(writes() == kRounds);
}
