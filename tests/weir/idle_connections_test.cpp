// SPDX-License-Identifier: MIT
// Very many idle connections on one loop: what each holds of the heap, and that its time comes.
#include <sys/epoll.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/detail/server_state.hpp>
#include <weir/net/memory_pipe.hpp>
#include <weir/weir.hpp>

#include "../support/counting_heap.hpp"

namespace {

using weir::net::MemoryPipe;
using weir::net::MemoryTransport;
using weir::test::CountingHeap;

constexpr std::size_t kConnections = 100'000;

// What a connection may hold between two requests, besides its transport. Slabs that are filled in
// part count for all connections.
constexpr std::size_t kBytesEach = 250;

/// A reactor driven by hand, with connections in memory.
class Crowd {
 public:
  explicit Crowd(weir::detail::RouteTable& table)
      : routes_(std::shared_ptr<weir::detail::RouteTable>(), &table),
        core_(options(), routes_, clock_, 1),
        reactor_(core_) {
    table.freeze(core_.options);
    turn();
  }
  ~Crowd() { reactor_.close_all(); }

  void connect(std::size_t count) {
    pipes_.reserve(count);
    tokens_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      pipes_.push_back(std::make_shared<MemoryPipe>());
      tokens_.push_back(
          reactor_.adopt(std::make_unique<MemoryTransport>(pipes_.back()), weir::Endpoint()));
    }
    turn();
  }

  /// Has every `step`th connection ask from `first` on, and returns how many were answered.
  std::size_t ask(std::size_t first, std::size_t step) {
    constexpr std::string_view kRequest = "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n";
    constexpr std::size_t kBatch = 250;
    std::size_t answered = 0;
    for (std::size_t from = first; from < pipes_.size(); from += kBatch * step) {
      const std::size_t end = std::min(pipes_.size(), from + kBatch * step);
      for (std::size_t i = from; i < end; i += step) {
        pipes_[i]->to_server = kRequest;
        reactor_.loop().inject(tokens_[i], EPOLLIN);
      }
      turn();
      for (std::size_t i = from; i < end; i += step) {
        MemoryPipe& pipe = *pipes_[i];
        if (pipe.to_client.find("Hello, World!") != std::string::npos) ++answered;
        std::string().swap(pipe.to_client);
        std::string().swap(pipe.to_server);
      }
    }
    return answered;
  }

  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    turn();
  }

  std::size_t closed(std::size_t first, std::size_t step) const {
    std::size_t count = 0;
    for (std::size_t i = first; i < pipes_.size(); i += step)
      count += pipes_[i]->server_closed ? 1U : 0U;
    return count;
  }
  std::size_t connections() const { return reactor_.connections(); }
  std::chrono::milliseconds idle_timeout() const { return core_.options.keep_alive_timeout; }

  /// What connect() takes for itself.
  static std::size_t own_bytes(std::size_t count) {
    const CountingHeap::Scope scope;
    const auto pipe = std::make_shared<MemoryPipe>();
    const auto transport = std::make_unique<MemoryTransport>(pipe);
    const std::size_t each = static_cast<std::size_t>(CountingHeap::bytes());
    return count * (each + sizeof pipe + sizeof(std::uint64_t));
  }

 private:
  static weir::Options options() {
    weir::Options options;
    options.max_connections = 2 * kConnections;
    return options;
  }
  void turn() {
    for (int i = 0; i < 3; ++i) reactor_.loop().turn(std::chrono::milliseconds(0));
  }

  weir::net::FakeClock clock_;
  std::shared_ptr<weir::detail::RouteTable> routes_;
  weir::detail::Core core_;
  weir::detail::Reactor reactor_;
  std::vector<std::shared_ptr<MemoryPipe>> pipes_;
  std::vector<std::uint64_t> tokens_;
};

struct App : weir::Router {
  explicit App(weir::detail::RouteTable& table)
      : weir::Router(table.default_host(), table.default_host()->root, std::string()) {
    get("/plain", [] { return "Hello, World!"; });
  }
};

}  // namespace

TEST_CASE("a loop holds 100,000 idle connections in little memory, and ends each in its time",
          "[weir][idle]") {
  weir::detail::RouteTable table;
  App app(table);
  Crowd crowd(table);
  const std::size_t own = Crowd::own_bytes(kConnections);

  const CountingHeap::Scope scope;
  crowd.connect(kConnections);
  REQUIRE(crowd.connections() == kConnections);
  REQUIRE(crowd.ask(0, 1) == kConnections);
  const std::size_t held = static_cast<std::size_t>(CountingHeap::bytes()) - own;
  CAPTURE(held, held / kConnections);
  CHECK(held <= kConnections * kBytesEach);

  // Half of them ask again halfway through their patience.
  using std::chrono::milliseconds;
  const milliseconds half = crowd.idle_timeout() / 2;
  const std::size_t before = CountingHeap::allocations();
  for (milliseconds passed{0}; passed < half; passed += milliseconds(100))
    crowd.pass(milliseconds(100));
  CHECK(CountingHeap::allocations() == before);  // time alone costs no memory
  CHECK(crowd.connections() == kConnections);
  REQUIRE(crowd.ask(0, 2) == kConnections / 2);

  for (milliseconds passed{0}; passed < half + milliseconds(1000); passed += milliseconds(100))
    crowd.pass(milliseconds(100));
  CHECK(crowd.closed(1, 2) == kConnections / 2);
  CHECK(crowd.closed(0, 2) == 0);
  CHECK(crowd.connections() == kConnections / 2);

  for (milliseconds passed{0}; passed < half; passed += milliseconds(100))
    crowd.pass(milliseconds(100));
  CHECK(crowd.closed(0, 2) == kConnections / 2);
  CHECK(crowd.connections() == 0);

  // What is left are the places, for those who come.
  CHECK(static_cast<std::size_t>(CountingHeap::bytes()) <= held + own);
}
