// SPDX-License-Identifier: MIT
// What the heap is asked for, and what happens when it refuses.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <weir/access_log.hpp>
#include <weir/detail/file_store.hpp>
#include <weir/detail/server_state.hpp>
#include <weir/events.hpp>
#include <weir/net/address_table.hpp>
#include <weir/net/memory_pipe.hpp>
#include <weir/rate_limit.hpp>
#include <weir/weir.hpp>

#include "../support/counting_heap.hpp"
#include "../support/raw_client.hpp"

using weir::test::CountingHeap;

namespace {

struct Tagger {
  weir::Next before(weir::Request& request, weir::Response&) const {
    request.set(std::string("a value that does not fit into the string itself"));
    return weir::Next::proceed;
  }
  void done(const weir::Request&, const weir::Outcome&) const {}
};

/// A reactor with one connection in memory, driven by hand.
class Bench {
 public:
  explicit Bench(weir::detail::RouteTable& table)
      : routes_(std::shared_ptr<weir::detail::RouteTable>(), &table),
        core_(weir::Options(), routes_, clock_, 1),
        reactor_(core_) {
    table.freeze(core_.options);
    core_.start_workers(1);
    reactor_.loop().turn(std::chrono::milliseconds(0));
  }
  ~Bench() {
    reactor_.close_all();
    core_.pool->stop(weir::net::ThreadPool::Finish::drop);
  }

  void connect() {
    open();
    turn();
  }

  /// Connects without a turn of the loop.
  void open() {
    pipe_ = std::make_shared<weir::net::MemoryPipe>();
    pipe_->to_client.reserve(1 << 20);
    pipe_->to_server.reserve(1 << 20);
    token_ = reactor_.adopt(std::make_unique<weir::net::MemoryTransport>(pipe_), weir::Endpoint());
  }

  /// Sends `bytes`, which the next turn reads.
  void send(std::string_view bytes) {
    pipe_->to_server.append(bytes);
    reactor_.loop().inject(token_, EPOLLIN);
  }

  /// Sends `bytes` in pieces of `piece` and turns the loop after each.
  std::string exchange(std::string_view bytes, std::size_t piece, std::size_t failing = 0) {
    pipe_->to_client.clear();
    std::size_t total = 0;
    while (!bytes.empty() && !pipe_->server_closed) {
      const std::string_view part = bytes.substr(0, piece);
      bytes.remove_prefix(part.size());
      send(part);
      const CountingHeap::Scope counted(failing > total ? failing - total : 0);
      turn();
      total += CountingHeap::allocations();
    }
    for (int i = 0; i < 16; ++i) {  // answers that come by way of the mailbox take a turn each
      const CountingHeap::Scope counted(failing > total ? failing - total : 0);
      turn();
      total += CountingHeap::allocations();
    }
    allocated_ = total;
    return pipe_->to_client;
  }

  void turn() {
    for (int i = 0; i < 4; ++i) reactor_.loop().turn(std::chrono::milliseconds(0));
  }

  std::size_t allocated() const noexcept { return allocated_; }
  std::size_t connections() const noexcept { return reactor_.connections(); }
  bool closed() const noexcept { return pipe_->server_closed; }

 private:
  weir::net::FakeClock clock_;
  std::shared_ptr<weir::detail::RouteTable> routes_;
  weir::detail::Core core_;
  weir::detail::Reactor reactor_;
  std::shared_ptr<weir::net::MemoryPipe> pipe_;
  std::uint64_t token_ = 0;
  std::size_t allocated_ = 0;
};

/// Registers through the public API and hands out the table behind it.
struct App : weir::Router {
  explicit App(weir::detail::RouteTable& table)
      : weir::Router(table.default_host(), table.default_host()->root, std::string()) {
    get("/plain", [] { return "Hello, World!"; });
    get("/users/{id}", [](const weir::Request& request, weir::Response& response) {
      response.json(request.param("id"));
    });
    post("/echo", [](const weir::Request& request, weir::Response& response) {
      response.body(request.body());
    });
    get("/later", [](const weir::Request&, weir::Response& response) {
      weir::Reply reply = response.defer();
      reply.text("later");
    });
    get("/stream", [](const weir::Request&, weir::Response& response) {
      weir::Stream stream = response.stream();
      stream.write("one");
      stream.write(std::string(9000, '2'));
      stream.end();
    });
    post("/upload", weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
           auto total = std::make_shared<std::size_t>(0);
           body.on_data([total](std::string_view piece) { *total += piece.size(); });
           body.on_end([total, reply = res.defer()](std::string_view) mutable {
             reply.text(std::to_string(*total));
           });
         }));
    group("/tagged", [](weir::Router& tagged) {
      tagged.use(Tagger());
      tagged.get("/a", [] { return "tagged"; });
    });
  }
};

constexpr std::string_view kSession =
    "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n"
    "GET /users/7%20x HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n"
    "GET /tagged/a HTTP/1.1\r\nHost: x\r\n\r\n"
    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: "
    "b\r\n\r\n"
    "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
    "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"
    "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
    "GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_CASE("a keep-alive request with a small answer asks the heap for nothing", "[weir]") {
  weir::detail::RouteTable table;
  App app(table);
  Bench bench(table);
  bench.connect();
  const char* const requests[] = {
      "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /users/42?a=b HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n",
      "GET /plain HTTP/1.1\r\nHost: x\r\n\r\nGET /users/1 HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
      "HEAD /plain HTTP/1.1\r\nHost: x\r\n\r\n",
  };
  for (const std::string_view request : requests) {
    CAPTURE(request);
    bench.exchange(request, request.size());  // the first one may grow what is kept
    const std::string answer = bench.exchange(request, request.size());
    CHECK(answer.substr(0, 15) == "HTTP/1.1 200 OK");
    CHECK(bench.allocated() == 0);
  }
}

TEST_CASE("a line in the access log asks the heap for nothing", "[weir]") {
  for (const weir::AccessLogFormat format :
       {weir::AccessLogFormat::common, weir::AccessLogFormat::combined,
        weir::AccessLogFormat::json}) {
    weir::AccessLogOptions options;
    options.format = format;
    options.path = "/dev/null";
    const weir::AccessLog log(options);
    weir::detail::RouteTable table;
    App app(table);
    app.use(log);
    Bench bench(table);
    bench.connect();
    constexpr std::string_view kRequest =
        "GET /users/42?a=b HTTP/1.1\r\nHost: x\r\nUser-Agent: te\"st\r\nAccept: */*\r\n\r\n";
    for (int i = 0; i < 3; ++i) {
      const std::string answer = bench.exchange(kRequest, kRequest.size());
      CHECK(answer.substr(0, 15) == "HTTP/1.1 200 OK");
    }
    CHECK(bench.allocated() == 0);
    CHECK(log.flush(std::chrono::seconds(10)));
    CHECK(log.written() == 3);
  }
}

TEST_CASE("a keep-alive request through a socket asks the heap for nothing either", "[weir]") {
  weir::Options options;
  options.threads = 1;
  weir::Server server(options);
  server.get("/plain", [] { return "Hello, World!"; });
  server.get("/users/{id}", [](const weir::Request& request, weir::Response& response) {
    response.json(request.param("id"));
  });
  // The loop's own thread is counted, from inside.
  std::size_t allocated = 0;
  server.get("/start", [] {
    CountingHeap::start();
    return "counting";
  });
  server.get("/stop", [&allocated] {
    CountingHeap::stop();
    allocated = CountingHeap::allocations();
    return "counted";
  });
  server.get("/allocates", [] { return std::string(100, 'x'); });
  server.listen("127.0.0.1", 0);
  server.start();

  weir::test::RawClient client(server.port());
  const auto ask = [&client](const std::string& path, int times = 1, int depth = 1) {
    std::string wire;
    for (int i = 0; i < depth; ++i) wire += "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < times; ++i) {
      client.send(wire);
      for (int answer = 0; answer < depth; ++answer) REQUIRE(client.read_response().status == 200);
    }
  };
  const int depth = GENERATE(1, 16);
  CAPTURE(depth);
  for (const bool counted : {false, true}) {  // the first time what is kept may grow
    CAPTURE(counted);
    ask("/start");
    ask("/plain", 50, depth);
    ask("/users/42?a=b", 50, depth);
    ask("/stop");
    if (counted) CHECK(allocated == 0);
  }
  ask("/start");
  ask("/allocates");
  ask("/stop");
  CHECK(allocated > 0);  // it does count
  server.stop();
}

TEST_CASE("a rate limit asks the heap for nothing, whether it admits or refuses", "[weir]") {
  weir::detail::RouteTable table;
  App app(table);
  weir::RateLimitOptions options;
  options.requests_per_second = 1;
  options.burst = 3;
  options.key = [](const weir::Request& request) { return request.header("Host"); };
  const weir::RateLimit limit(options);
  app.use(limit);
  Bench bench(table);
  bench.connect();
  const std::string_view request = "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 8; ++i) {
    CAPTURE(i);
    const std::string answer = bench.exchange(request, request.size());
    CHECK(answer.substr(9, 3) == (i < 3 ? "200" : "429"));
    // The first of each kind may grow what is kept.
    if (i != 0 && i != 3) CHECK(bench.allocated() == 0);
  }
  CHECK(limit.refused() == 5);
}

TEST_CASE("an address that there is no memory for is refused and not counted", "[weir]") {
  weir::net::AddressCounter counter(2);
  const auto key = [](const char* host) {
    return weir::net::AddressKey(weir::net::Address::ip(host, 1).endpoint());
  };
  const weir::net::AddressKey first = key("192.0.2.1");
  const weir::net::AddressKey second = key("192.0.2.2");
  REQUIRE(counter.add(first));
  std::size_t refused = 0;
  for (std::size_t failing = 1; counter.count(second) == 0; ++failing) {
    const CountingHeap::Scope counted(failing);
    const bool added = counter.add(second);
    const bool known = counter.add(first);  // needs no memory
    counter.remove(first);
    CountingHeap::stop();
    CHECK(known);
    CHECK(added == (counter.count(second) == 1));
    refused += added ? 0U : 1U;
    REQUIRE(failing < 10);
  }
  CHECK(refused > 0);
  CHECK(counter.count(first) == 1);
  CHECK(counter.addresses() == 2);
}

TEST_CASE("an allocation that fails on the way to the pool costs one connection at most",
          "[weir]") {
  weir::log::set_level(weir::log::Level::off);
  const std::string_view request = "GET /blocking HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::size_t at_once = GENERATE(std::size_t{1}, std::size_t{20});  // a batch has 16
  std::size_t count = 0;
  for (std::size_t failing = 0; failing <= count; ++failing) {
    CAPTURE(at_once, failing, count);
    weir::detail::RouteTable table;  // nothing has grown yet
    App app(table);
    app.get("/blocking", weir::blocking([] { return "done"; }));
    Bench bench(table);
    for (std::size_t i = 1; i < at_once; ++i) {
      bench.open();
      bench.send(request);
    }
    bench.open();
    const std::string answer = bench.exchange(request, request.size(), failing);
    if (failing == 0) count = bench.allocated();
    CHECK(answer.substr(0, 9) == std::string("HTTP/1.1 ").substr(0, answer.size()));
    bench.connect();
    const std::string_view plain = "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n";
    CHECK(bench.exchange(plain, plain.size()).find("Hello, World!") != std::string::npos);
  }
  CHECK(count > 3);
  weir::log::set_level(weir::log::Level::warning);
}

TEST_CASE("a task for which there is no memory stays the caller's", "[weir]") {
  std::size_t refused = 0;
  for (std::size_t failing = 1; failing <= 4; ++failing) {
    CAPTURE(failing);
    weir::detail::RouteTable table;
    App app(table);
    app.get("/task", [&](const weir::Request&, weir::Response& res) {
      weir::Reply reply = res.defer();
      // Too large for the task itself: moving it back needs no memory.
      weir::net::Task task = [reply, more = std::array<char, 100>()]() mutable {
        reply.text(more[0] == '\0' ? "done" : "");
      };
      bool taken = false;
      {
        const CountingHeap::Scope heap(failing);
        taken = reply.run_on_worker(task);
      }
      if (taken) return;
      ++refused;
      REQUIRE(static_cast<bool>(task));
      task();
    });
    Bench bench(table);
    bench.connect();
    const std::size_t before = refused;
    const std::string_view request = "GET /task HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string answer = bench.exchange(request, request.size());
    if (refused != before) CHECK(answer.find("done") != std::string::npos);
  }
  CHECK(refused > 0);
}

TEST_CASE("an allocation that fails costs one connection and nothing else", "[weir]") {
  weir::log::set_level(weir::log::Level::off);
  const std::size_t piece = GENERATE(std::size_t{100000}, std::size_t{23}, std::size_t{1});
  weir::detail::RouteTable table;
  App app(table);
  Bench bench(table);
  bench.connect();
  const std::string whole = bench.exchange(kSession, piece);
  const std::size_t count = bench.allocated();
  REQUIRE(whole.find("Connection: close") != std::string::npos);
  REQUIRE(count > 10);
  for (std::size_t failing = 1; failing <= count + 1; ++failing) {
    CAPTURE(piece, failing, count);
    bench.connect();
    const std::string answers = bench.exchange(kSession, piece, failing);
    // What was said until the failure is right; a 500 may stand for what could not be built.
    CHECK(answers.substr(0, 9) == std::string("HTTP/1.1 ").substr(0, answers.size()));
    bench.turn();
    bench.connect();
    const std::string_view request = "GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    CHECK(bench.exchange(request, request.size()).find("Hello, World!") != std::string::npos);
  }
  weir::log::set_level(weir::log::Level::warning);
}

TEST_CASE("a subscription for which there is no memory leaves no seat taken", "[weir]") {
  weir::log::set_level(weir::log::Level::off);
  const std::string_view request = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";
  std::size_t count = 0;
  for (std::size_t failing = 0; failing <= count; ++failing) {
    CAPTURE(failing, count);
    const weir::EventChannel channel;
    {
      weir::detail::RouteTable table;
      App app(table);
      app.get("/events", [&](const weir::Request& req, weir::Response& res) {
        channel.subscribe(req, res);
        channel.publish({"own"});
      });
      Bench bench(table);
      bench.open();
      bench.send(request);  // on its way to the channel when the other comes
      bench.open();
      const std::string answer = bench.exchange(request, request.size(), failing);
      if (failing == 0) {
        count = bench.allocated();
        CHECK(answer.find("data: own\n") != std::string::npos);
        CHECK(channel.subscribers() == 2);
      }
      CHECK(channel.subscribers() <= bench.connections());
    }
    CHECK(channel.subscribers() == 0);
  }
  CHECK(count > 10);
  weir::log::set_level(weir::log::Level::warning);
}

TEST_CASE("a file that there is no memory to keep leaves no trace", "[weir]") {
  using weir::detail::FileResource;
  using weir::detail::StoredFile;
  const auto now = std::chrono::steady_clock::now();
  const std::string path = "/a/path/that/is/too/long/for/the/string/itself";
  std::size_t refused = 0;
  for (std::size_t failing = 1; failing <= 8; ++failing) {
    CAPTURE(failing);
    weir::detail::FileCache cache(64, 1 << 20, 16, std::chrono::milliseconds(1000));
    auto open = std::make_shared<StoredFile>();
    open->fd.reset(::dup(STDERR_FILENO));
    auto resource = std::make_shared<FileResource>();
    resource->files[0] = std::move(open);
    bool threw = false;
    {
      const CountingHeap::Scope heap(failing);
      try {
        cache.put(path, resource, now);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
    }
    if (threw) ++refused;
    CHECK((cache.find(path, now).resource == nullptr) == threw);
    for (int i = 0; i < 200; ++i) {  // until the first would be driven out
      auto small = std::make_shared<FileResource>();
      small->files[0] = std::make_shared<StoredFile>();
      const std::string other = path + std::to_string(i);
      cache.put(other, std::move(small), now);
      CHECK(cache.find(other, now).resource != nullptr);
    }
  }
  CHECK(refused > 0);
}
