// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>
#include <weir/weir.hpp>

#include "support/raw_client.hpp"

using namespace std::chrono_literals;
using weir::test::RawClient;
using weir::test::RawEnd;

namespace {

using weir::test::Silence;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: t\r\n\r\n";

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

weir::Options threads(std::size_t loops) {
  weir::Options options;
  options.threads = loops;
  options.workers = 2;
  return options;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

/// Names of tests' own in a folder of their own.
struct Folder {
  Folder() {
    char name[] = "/tmp/weir-server-test-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() {
    ::unlink((path + "/socket").c_str());
    ::rmdir(path.c_str());
  }
  std::string path;
};

template <class E, class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const E& what) {
    return what.what();
  }
  return "nothing thrown";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

// ── Addresses ────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a server answers on every address that it listens on", "[server]") {
  const Folder folder;
  weir::Server server(threads(GENERATE(1U, 3U)));
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  const std::uint16_t first = server.port();
  server.listen("localhost", 0);
  server.listen("::1", 0);
  server.listen_unix(folder.path + "/socket");
  server.listen_unix("@weir-server-test-" + std::to_string(::getpid()));
  CHECK(first != 0);
  CHECK(server.port() == first);
  const std::vector<std::string> addresses = server.addresses();
  REQUIRE(addresses.size() == 5);
  CHECK(addresses[0] == "127.0.0.1:" + std::to_string(first));
  CHECK(addresses[3] == "unix:" + folder.path + "/socket");
  server.start();
  CHECK(server.running());
  const auto port_of = [](const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  };
  for (int i = 0; i < 3; ++i) {
    CHECK(RawClient(first).request(kGet).body == "now");
    CHECK(RawClient(port_of(addresses[1])).request(kGet).body == "now");
    CHECK(RawClient(port_of(addresses[2]), "::1").request(kGet).body == "now");
    CHECK(RawClient::unix_socket(folder.path + "/socket").request(kGet).body == "now");
    CHECK(RawClient::unix_socket("@weir-server-test-" + std::to_string(::getpid()))
              .request(kGet)
              .body == "now");
  }
  server.stop();
  server.wait();
  CHECK_FALSE(server.running());
  CHECK(::access((folder.path + "/socket").c_str(), F_OK) != 0);
  CHECK_THROWS_AS(RawClient(first), std::system_error);
}

TEST_CASE("connections wait in the kernel between listen() and start()", "[server]") {
  weir::Server server(threads(1));
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  RawClient early(server.port());
  early.send(kGet);
  server.start();
  CHECK(early.read_response().body == "now");
}

TEST_CASE("an inherited socket is taken over and closed in the end", "[server]") {
  const std::size_t before = open_descriptors();
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listening, 16) == 0);
  {
    weir::Server server(threads(2));
    server.get("/", [] { return "now"; });
    server.listen_fd(listening);
    CHECK(server.port() != 0);
    for (int i = 0; i < 2; ++i) {  // the second time from the copy that was kept
      server.start();
      CHECK(RawClient(server.port()).request(kGet).body == "now");
      server.stop();
      server.wait();
    }
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("what cannot be listened on is refused with its name", "[server]") {
  weir::Server server(threads(1));
  server.get("/", [] { return "now"; });
  weir::Server other(threads(1));
  other.listen("127.0.0.1", 0);
  const std::uint16_t taken = other.port();

  const std::string in_use =
      message_of<std::system_error>([&] { server.listen("127.0.0.1", taken); });
  CHECK(contains(in_use, "127.0.0.1:" + std::to_string(taken)));
  CHECK(contains(in_use, "Address already in use"));
  CHECK(contains(message_of<std::invalid_argument>([&] { server.listen("no.such.host", 80); }),
                 "no.such.host"));
  CHECK(contains(message_of<std::exception>([&] { server.listen("192.0.2.1", 0); }), "192.0.2.1"));
  CHECK(contains(message_of<std::system_error>([&] { server.listen_unix("/no/such/folder/s"); }),
                 "/no/such/folder/s"));
  CHECK(contains(message_of<std::invalid_argument>(
                     [&] { server.listen_unix("/tmp/" + std::string(200, 'x')); }),
                 "xxx"));
  CHECK_THROWS_AS(server.listen_fd(-1), std::system_error);
  const int no_listener = ::socket(AF_INET, SOCK_STREAM, 0);
  CHECK_THROWS_AS(server.listen_fd(no_listener), std::system_error);
  CHECK(server.addresses().empty());

  server.listen("127.0.0.1", 0);  // and nothing of that has done harm
  server.start();
  CHECK(RawClient(server.port()).request(kGet).body == "now");
}

TEST_CASE("a live Unix socket is not taken away, a dead one's file is replaced", "[server]") {
  const Folder folder;
  const std::string path = folder.path + "/socket";
  weir::Server first(threads(1));
  first.get("/", [] { return "first"; });
  first.listen_unix(path);
  first.start();
  weir::Server second(threads(1));
  second.get("/", [] { return "second"; });
  CHECK_THROWS_AS(second.listen_unix(path), std::system_error);
  CHECK(RawClient::unix_socket(path).request(kGet).body == "first");
  first.stop();
  first.wait();

  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  REQUIRE(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(dead);  // its file stays
  second.listen_unix(path);
  second.start();
  CHECK(RawClient::unix_socket(path).request(kGet).body == "second");
}

TEST_CASE("reuse_port gives every loop a socket of the same port", "[server]") {
  weir::Options options = threads(3);
  options.reuse_port = true;
  weir::Server server(options);
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  CHECK(server.port() != 0);
  CHECK(server.addresses().size() == 1);
  for (int round = 0; round < 2; ++round) {
    server.start();
    for (int i = 0; i < 20; ++i) CHECK(RawClient(server.port()).request(kGet).body == "now");
    server.stop();
    server.wait();
  }
}

TEST_CASE("misuse is refused", "[server]") {
  weir::Server server(threads(1));
  server.get("/", [] { return "now"; });
  CHECK(contains(message_of<std::logic_error>([&] { server.start(); }), "listen()"));
  CHECK(contains(message_of<std::logic_error>([&] { server.run(); }), "listen()"));
  server.listen("127.0.0.1", 0);
  server.start();
  CHECK(contains(message_of<std::logic_error>([&] { server.start(); }), "runs already"));
  CHECK(contains(message_of<std::logic_error>([&] { server.run(); }), "runs already"));
  CHECK_THROWS_AS(server.get("/late", [] { return "x"; }), std::logic_error);
  CHECK_THROWS_AS(server.on_error([](const weir::Error&, weir::Response&) {}), std::logic_error);
  CHECK_THROWS_AS(server.listen("127.0.0.1", 0), std::logic_error);
  CHECK_THROWS_AS(server.listen_unix("@weir-late"), std::logic_error);
  CHECK(RawClient(server.port()).request(kGet).body == "now");
}

TEST_CASE("an impossible option is refused by name", "[server]") {
  weir::Options options = threads(1);
  options.max_headers = 0;
  weir::Server server(options);
  CHECK(contains(message_of<std::invalid_argument>([&] {
                   server.listen("127.0.0.1", 0);
                   server.start();
                 }),
                 "max_headers"));
}

// ── Start and stop ───────────────────────────────────────────────────────────────────────────────

TEST_CASE("a server starts and stops a hundred times without a trace", "[server]") {
  weir::Server server(threads(2));
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  const std::uint16_t port = server.port();
  std::size_t after_first = 0;
  for (int i = 0; i < 100; ++i) {
    server.start();
    REQUIRE(server.port() != 0);
    RawClient client(server.port());
    REQUIRE(client.request(kGet).body == "now");
    server.stop();
    server.wait();
    REQUIRE_FALSE(server.running());
    REQUIRE_FALSE(server.draining());
    client.expect_closed();
    client.close();
    if (i == 0) after_first = open_descriptors();
    REQUIRE(open_descriptors() == after_first);
  }
  CHECK(port != 0);
}

TEST_CASE("no descriptor is left of a server", "[server]") {
  const std::size_t before = open_descriptors();
  {
    weir::Server server(threads(2));
    server.get("/", [] { return "now"; });
    server.listen("127.0.0.1", 0);
    SECTION("that only listened") {}
    SECTION("that ran") {
      server.start();
      CHECK(RawClient(server.port()).request(kGet).body == "now");
    }
    SECTION("that had connections") {
      server.start();
      RawClient client(server.port());
      CHECK(client.request(kGet).body == "now");
      client.send("GET /");
    }
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("stop() before run() makes it return at once", "[server]") {
  weir::Server server(threads(1));
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  server.stop();
  server.stop();
  CHECK(server.draining());
  CHECK(server.run() == 0);
  CHECK_FALSE(server.draining());
  server.start();  // and is used up by it
  CHECK(RawClient(server.port()).request(kGet).body == "now");
}

TEST_CASE("stop() may come from anywhere, any number of times", "[server]") {
  weir::Server server(threads(GENERATE(1U, 2U)));
  server.listen("127.0.0.1", 0);
  server.get("/stop", [&] {
    server.stop();
    server.stop();
    return "stopping";
  });
  server.get("/pooled", weir::blocking([&] {
               server.stop();
               return "stopping";
             }));
  std::promise<int> returned;
  std::thread runner([&] { returned.set_value(server.run()); });
  RawClient client(server.port());
  SECTION("a handler, whose answer is still sent") {
    client.send(get("/stop"));
    const weir::test::RawResponse answer = client.read_response();
    CHECK(answer.body == "stopping");
    client.expect_closed();
  }
  SECTION("a worker") {
    CHECK(client.request(get("/pooled")).body == "stopping");
    client.expect_closed();
  }
  SECTION("a timer") {
    server.after(1ms, [&] { server.stop(); });
  }
  SECTION("other threads at once") {
    std::vector<std::thread> stoppers;
    for (int i = 0; i < 4; ++i) stoppers.emplace_back([&] { server.stop(); });
    for (std::thread& stopper : stoppers) stopper.join();
  }
  CHECK(returned.get_future().get() == 0);
  runner.join();
}

TEST_CASE("several threads may wait()", "[server]") {
  weir::Server server(threads(2));
  server.wait();  // does not run: at once
  server.listen("127.0.0.1", 0);
  server.start();
  std::vector<std::thread> waiters;
  std::atomic<int> back{0};
  for (int i = 0; i < 4; ++i)
    waiters.emplace_back([&] {
      server.wait();
      ++back;
    });
  server.stop();
  for (std::thread& waiter : waiters) waiter.join();
  CHECK(back == 4);
  server.wait();
}

TEST_CASE("the destructor stops a server that runs", "[server]") {
  RawClient client = [] {
    weir::Server server(threads(2));
    server.get("/", [] { return "now"; });
    server.listen("127.0.0.1", 0);
    server.start();
    RawClient connected(server.port());
    CHECK(connected.request(kGet).body == "now");
    return connected;
  }();
  client.expect_closed();
}

TEST_CASE("idle connections close at once, a running request is finished first", "[server]") {
  weir::Server server(threads(1));  // two loops would not begin to close at the same moment
  std::promise<weir::Reply> held;
  server.get("/", [] { return "now"; });
  server.get("/later",
             [&](const weir::Request&, weir::Response& res) { held.set_value(res.defer()); });
  server.listen("127.0.0.1", 0);
  server.start();
  RawClient idle(server.port());
  CHECK(idle.request(kGet).body == "now");
  RawClient busy(server.port());
  busy.send(get("/later"));
  weir::Reply reply = held.get_future().get();
  server.stop();
  idle.expect_closed();
  CHECK(server.draining());
  CHECK_FALSE(server.running());
  CHECK(reply.gone() == weir::Gone::no);
  CHECK(reply.text("finished") == weir::SendResult::accepted);
  const weir::test::RawResponse answer = busy.read_response();
  CHECK(answer.body == "finished");
  CHECK(answer.closes());
  busy.expect_closed();
  server.wait();
}

TEST_CASE("what is unfinished at the stop's deadline is closed", "[server]") {
  const Silence silence;
  weir::Options options = threads(2);
  options.stop_deadline = 50ms;
  weir::Server server(options);
  std::promise<weir::Reply> held;
  std::promise<weir::Stream> held_stream;
  std::promise<void> worker_began;
  std::atomic<bool> worker_ended{false};
  std::atomic<weir::Gone> told{weir::Gone::no};
  std::atomic<int> done{0};
  server.get("/later", [&](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    reply.on_gone([&](weir::Gone how) { told = how; });
    reply.on_done([&](const weir::Outcome& how) {
      if (how.result == weir::Outcome::Result::gone) ++done;
    });
    held.set_value(std::move(reply));
  });
  server.get("/stream", [&](const weir::Request&, weir::Response& res) {
    held_stream.set_value(res.stream());
  });
  server.post(
      "/read",
      weir::blocking(weir::streamed([&](const weir::Request&, weir::Body body, weir::Response&) {
        worker_began.set_value();
        char byte;
        while (body.read(&byte, 1) != 0) {
        }
        worker_ended = body.failed();
      })));
  server.listen("127.0.0.1", 0);
  server.start();
  RawClient one(server.port());
  one.send(get("/later"));
  weir::Reply reply = held.get_future().get();
  RawClient two(server.port());
  two.send(get("/stream"));
  weir::Stream stream = held_stream.get_future().get();
  RawClient three(server.port());
  three.send("POST /read HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n123");
  worker_began.get_future().wait();
  server.stop();
  server.wait();
  CHECK(reply.gone() == weir::Gone::yes);
  CHECK(told == weir::Gone::yes);
  CHECK(done == 1);
  CHECK(reply.text("late") == weir::SendResult::gone);
  CHECK(stream.gone() == weir::Gone::yes);
  CHECK(stream.write("late") == weir::WriteResult::gone);
  CHECK(worker_ended);
  one.expect_closed();
  CHECK(reply.request().path() == "/later");
}

TEST_CASE("wait() waits for a handler on a worker, and what is queued is dropped", "[server]") {
  const Silence silence;
  weir::Options options = threads(1);
  options.workers = 1;
  options.stop_deadline = 20ms;
  weir::Server server(options);
  std::promise<void> began;
  std::promise<void> go;
  std::atomic<int> finished{0};
  std::atomic<int> queued{0};
  server.get("/hold", weir::blocking([&] {
               began.set_value();
               go.get_future().wait();
               ++finished;
               return "too late";
             }));
  server.get("/queued", weir::blocking([&] {
               ++queued;
               return "x";
             }));
  server.listen("127.0.0.1", 0);
  server.start();
  RawClient holder(server.port());
  holder.send(get("/hold"));
  began.get_future().wait();
  RawClient waiter(server.port());
  waiter.send(get("/queued"));
  while (server.queued() == 0) std::this_thread::yield();
  server.stop();
  holder.expect_closed();  // forced; the handler runs on
  waiter.expect_closed();
  CHECK(finished == 0);
  go.set_value();
  server.wait();
  CHECK(finished == 1);
  CHECK(queued == 0);
}

TEST_CASE("a stop under load answers whole or not at all", "[server]") {
  weir::Server server(threads(2));
  server.get("/", [] { return std::string(2'000, 'x'); });
  server.get("/pooled", weir::blocking([] { return std::string(2'000, 'x'); }));
  server.get("/timer", [&](const weir::Request&, weir::Response& res) {
    server.after(1ms, [reply = res.defer()]() mutable { reply.text(std::string(2'000, 'x')); });
  });
  server.listen("127.0.0.1", 0);
  server.start();
  std::atomic<int> answered{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i)
    clients.emplace_back([&, i, port = server.port()] {
      const std::string request = get(i % 3 == 0 ? "/" : i % 3 == 1 ? "/pooled" : "/timer");
      try {
        while (true) {
          RawClient client(port);
          try {
            for (int n = 0; n < 50; ++n) {
              client.send(request);
              if (client.peek(10s) != RawEnd::data) break;
              if (client.read_response().body.size() != 2'000) ++broken;
              ++answered;
            }
          } catch (const weir::test::RawClientError&) {
            ++broken;  // an answer that was begun has not been finished
          } catch (const std::system_error&) {
            // Closed between two requests.
          }
        }
      } catch (const std::system_error&) {
        // Nobody listens any more.
      }
    });
  while (answered < 300) std::this_thread::yield();
  server.stop();
  server.wait();
  for (std::thread& client : clients) client.join();
  CHECK(broken == 0);
  CHECK(server.connections() == 0);
}

TEST_CASE("drain_delay keeps accepting while draining() is true, then the server stops",
          "[server]") {
  weir::Options options = threads(2);
  options.drain_delay = 2s;  // time for two requests
  weir::Server server(options);
  server.get("/readyz", [&](const weir::Request&, weir::Response& res) {
    res.status(server.draining() ? weir::Status::service_unavailable : weir::Status::ok);
  });
  server.listen("127.0.0.1", 0);
  server.start();
  RawClient kept(server.port());
  CHECK(kept.request(get("/readyz")).status == 200);
  server.stop();
  server.stop();  // does not cut the delay short
  CHECK(server.draining());
  CHECK_FALSE(server.running());
  CHECK(kept.request(get("/readyz")).status == 503);
  CHECK(RawClient(server.port()).request(get("/readyz")).status == 503);
  server.wait();
  kept.expect_closed();
  CHECK_THROWS_AS(RawClient(server.port()), std::system_error);
}

// ── Signals ──────────────────────────────────────────────────────────────────────────────────────

namespace {

std::atomic<int> own_signals{0};
void own_handler(int) { ++own_signals; }

}  // namespace

TEST_CASE("SIGTERM and SIGINT stop run(), and what was done on them before is restored",
          "[server]") {
  struct sigaction mine {};
  mine.sa_handler = own_handler;
  struct sigaction previous {};
  struct sigaction previous_int {};
  REQUIRE(::sigaction(SIGTERM, &mine, &previous) == 0);
  REQUIRE(::sigaction(SIGINT, nullptr, &previous_int) == 0);
  own_signals = 0;
  const int signal_number = GENERATE(SIGTERM, SIGINT);
  weir::Server server(threads(2));
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  std::promise<void> begun;
  server.after(0ms, [&] { begun.set_value(); });
  std::thread killer([&] {
    begun.get_future().wait();
    ::kill(::getpid(), signal_number);
  });
  CHECK(server.run() == 0);
  killer.join();
  CHECK(own_signals == 0);

  struct sigaction now {};
  REQUIRE(::sigaction(SIGTERM, nullptr, &now) == 0);
  CHECK(now.sa_handler == own_handler);
  REQUIRE(::sigaction(SIGINT, nullptr, &now) == 0);
  CHECK(now.sa_handler == previous_int.sa_handler);
  ::raise(SIGTERM);
  CHECK(own_signals == 1);
  ::sigaction(SIGTERM, &previous, nullptr);
}

TEST_CASE("start() touches no signal", "[server]") {
  struct sigaction before {};
  struct sigaction during {};
  REQUIRE(::sigaction(SIGTERM, nullptr, &before) == 0);
  weir::Server server(threads(1));
  server.listen("127.0.0.1", 0);
  server.start();
  REQUIRE(::sigaction(SIGTERM, nullptr, &during) == 0);
  CHECK(during.sa_handler == before.sa_handler);
}

TEST_CASE("one signal stops every server that is in run()", "[server]") {
  weir::Server one(threads(1));
  weir::Server two(threads(1));
  weir::Server bystander(threads(1));
  std::promise<void> one_begun;
  std::promise<void> two_begun;
  one.after(0ms, [&] { one_begun.set_value(); });
  two.after(0ms, [&] { two_begun.set_value(); });
  for (weir::Server* server : {&one, &two, &bystander}) {
    server->get("/", [] { return "now"; });
    server->listen("127.0.0.1", 0);
  }
  bystander.start();
  std::thread first([&] { one.run(); });
  std::thread second([&] { two.run(); });
  one_begun.get_future().wait();
  two_begun.get_future().wait();
  CHECK(RawClient(one.port()).request(kGet).body == "now");
  CHECK(RawClient(two.port()).request(kGet).body == "now");
  ::kill(::getpid(), SIGTERM);
  first.join();
  second.join();
  CHECK(bystander.running());
  CHECK(RawClient(bystander.port()).request(kGet).body == "now");
}

// ── Several servers, limits, numbers ─────────────────────────────────────────────────────────────

TEST_CASE("several servers live in one process, and a handler may ask another one", "[server]") {
  weir::Server inner(threads(1));
  inner.get("/", [] { return "inner"; });
  inner.listen("127.0.0.1", 0);
  inner.start();
  weir::Server outer(threads(1));
  outer.get("/",
            weir::blocking([&] { return "outer " + RawClient(inner.port()).request(kGet).body; }));
  outer.listen("127.0.0.1", 0);
  outer.start();
  CHECK(RawClient(outer.port()).request(kGet).body == "outer inner");
}

TEST_CASE("connections above max_connections are closed at once", "[server]") {
  const Silence silence;
  weir::Options options = threads(2);
  options.max_connections = 3;
  weir::Server server(options);
  server.get("/", [] { return "now"; });
  server.listen("127.0.0.1", 0);
  server.start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(server.port());
    CHECK(clients.back().request(kGet).body == "now");
  }
  CHECK(server.connections() == 3);
  RawClient shed(server.port());
  shed.expect_closed();
  CHECK(clients[0].request(kGet).body == "now");
  clients.pop_back();
  while (server.connections() == 3) std::this_thread::yield();
  RawClient again(server.port());
  CHECK(again.request(kGet).body == "now");
}

TEST_CASE("a reply may outlive a server that ran, in a thread of its own", "[server]") {
  std::promise<void> destroyed;
  std::promise<weir::SendResult> result;
  std::thread late;
  {
    const Silence silence;
    weir::Options options = threads(2);
    options.stop_deadline = 20ms;
    weir::Server server(options);
    std::promise<void> deferred;
    server.get("/later", [&](const weir::Request&, weir::Response& res) {
      late = std::thread([&, reply = res.defer()]() mutable {
        destroyed.get_future().wait();
        result.set_value(reply.text("late"));
      });
      deferred.set_value();
    });
    server.listen("127.0.0.1", 0);
    server.start();
    RawClient client(server.port());
    client.send(get("/later"));
    deferred.get_future().wait();
  }
  destroyed.set_value();
  CHECK(result.get_future().get() == weir::SendResult::gone);
  late.join();
}

TEST_CASE("numbers and state are there in every phase", "[server]") {
  weir::Server server(threads(1));
  CHECK(server.port() == 0);
  CHECK(server.addresses().empty());
  CHECK(server.connections() == 0);
  CHECK(server.queued() == 0);
  CHECK_FALSE(server.running());
  CHECK_FALSE(server.draining());
  server.listen("127.0.0.1", 0);
  CHECK(server.connections() == 0);
  CHECK(server.queued() == 0);
  server.start();
  CHECK(server.queued() == 0);
  server.stop();
  server.wait();
  CHECK(server.connections() == 0);
  CHECK(server.queued() == 0);
}
