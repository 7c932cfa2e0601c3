// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>
#include <weir/weir.hpp>

#include "scenario.hpp"

using namespace std::chrono_literals;
using namespace weir::test;

namespace {

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

weir::Options options_of(std::size_t loops, std::chrono::milliseconds deadline) {
  weir::Options options;
  options.threads = loops;
  options.workers = 2;
  options.stop_deadline = deadline;
  options.stall_threshold = 0ms;
  return options;
}

/// Requests that are answered when somebody says so, one in each place where one can be.
class Outstanding {
 public:
  explicit Outstanding(weir::Server& server) {
    server.get("/pooled", weir::blocking([this] {
                 ++begun_;
                 go_.get_future().wait();
                 return "pooled";
               }));
    server.get("/later", [this](const weir::Request&, weir::Response& res) {
      reply_ = res.defer();
      watch(reply_);
    });
    server.get("/stream", [this](const weir::Request&, weir::Response& res) {
      stream_ = res.stream();
      stream_.write("begun ");
      watch(stream_);
    });
    server.post("/pieces",
                weir::streamed([this](const weir::Request&, weir::Body body, weir::Response& res) {
                  weir::Reply reply = res.defer();
                  watch(reply);
                  body.on_end([reply](std::string_view) mutable { reply.text("pieces"); });
                  body.on_data([](std::string_view) {});
                }));
    server.post("/read", weir::blocking(weir::streamed(
                             [this](const weir::Request&, weir::Body body, weir::Response& res) {
                               ++begun_;
                               char bytes[16];
                               while (body.read(bytes, sizeof bytes) != 0) {
                               }
                               if (body.failed()) ++failed_reads_;
                               res.text("read");
                             })));
    // Its handler runs when the content is whole: what begins before the stop is the request.
    server.group("", [this](weir::Router& group) {
      group.use([this](const weir::Request&, weir::Response&) { ++begun_; });
      group.post("/whole", [] { return "whole"; });
    });
  }

  /// Sends the first half of each request and waits until all have begun.
  void begin(std::uint16_t port) {
    for (const char* path : {"/pooled", "/later", "/stream"}) {
      clients_.emplace_back(port);
      clients_.back().send(get(path));
    }
    for (const char* path : {"/pieces", "/read", "/whole"}) {
      clients_.emplace_back(port);
      clients_.back().send("POST " + std::string(path) +
                           " HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nfirst");
    }
    while (begun_ < 6) std::this_thread::yield();
  }

  void release_worker() { go_.set_value(); }

  void finish() {
    release_worker();
    CHECK(reply_.text("later") == weir::SendResult::accepted);
    CHECK(stream_.write("ended") == weir::WriteResult::ok);
    stream_.end();
    for (std::size_t i = 3; i < clients_.size(); ++i) clients_[i].send("after");
    const char* const bodies[] = {"pooled", "later", "begun ended", "pieces", "read", "whole"};
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      INFO(bodies[i]);
      CHECK(clients_[i].read_response().body == bodies[i]);
      clients_[i].expect_closed();
    }
  }

  std::vector<RawClient>& clients() { return clients_; }
  weir::Reply& reply() { return reply_; }
  weir::Stream& stream() { return stream_; }
  int failed_reads() const { return failed_reads_; }
  int told_gone() const { return told_gone_; }
  int told_done() const { return told_done_; }

 private:
  template <class T>
  void watch(T& answer) {
    answer.on_gone([this](weir::Gone how) { told_gone_ += how == weir::Gone::yes ? 1 : 0; });
    answer.on_done([this](const weir::Outcome&) { ++told_done_; });
    ++begun_;
  }

  std::promise<void> go_;
  weir::Reply reply_;
  weir::Stream stream_;
  std::atomic<int> begun_{0};
  std::atomic<int> failed_reads_{0};
  std::atomic<int> told_gone_{0};
  std::atomic<int> told_done_{0};
  std::vector<RawClient> clients_;
};

}  // namespace

TEST_CASE("a stop finds an answer outstanding in every place, and each is finished",
          "[fault][stop]") {
  const std::size_t loops = GENERATE(1U, 2U, 3U);
  const Watchdog watchdog("finish what is outstanding");
  const std::size_t descriptors = open_descriptors();
  {
    weir::Server server(options_of(loops, 20s));
    Outstanding outstanding(server);
    server.listen("127.0.0.1", 0);
    server.start();
    outstanding.begin(server.port());
    server.stop();
    server.stop();
    std::thread other([&] { server.stop(); });
    outstanding.finish();
    other.join();
    server.wait();
    CHECK(outstanding.failed_reads() == 0);
    CHECK(outstanding.told_gone() == 0);
    CHECK(outstanding.told_done() == 3);
  }
  CHECK(open_descriptors() == descriptors);
}

TEST_CASE("a stop that is forced ends an answer in every place, and late ones find nobody",
          "[fault][stop]") {
  const Silence silence;
  const std::size_t loops = GENERATE(1U, 2U, 3U);
  const Watchdog watchdog("force what is outstanding");
  const std::size_t descriptors = open_descriptors();
  {
    auto server = std::make_unique<weir::Server>(options_of(loops, 20ms));
    Outstanding outstanding(*server);
    server->listen("127.0.0.1", 0);
    server->start();
    outstanding.begin(server->port());
    server->stop();
    for (RawClient& client : outstanding.clients()) {
      if (client.peek(10s) == RawEnd::data) CHECK(client.read_some().find("begun") != 0);
      static_cast<void>(client.read_until_close());
    }
    outstanding.release_worker();
    server->wait();
    CHECK(outstanding.failed_reads() == 1);
    CHECK(outstanding.told_gone() == 3);
    CHECK(outstanding.told_done() == 3);
    CHECK(outstanding.reply().gone() == weir::Gone::yes);
    CHECK(outstanding.reply().text("late") == weir::SendResult::gone);
    CHECK(outstanding.stream().write("late") == weir::WriteResult::gone);
    server.reset();
    std::thread outliving([&] {
      CHECK(outstanding.reply().text("later still") == weir::SendResult::gone);
      CHECK(outstanding.stream().write("later still") == weir::WriteResult::gone);
      outstanding.stream().end();
      outstanding.reply() = {};
      outstanding.stream() = {};
    });
    outliving.join();
  }
  CHECK(open_descriptors() == descriptors);
}

TEST_CASE("stop() may come in the middle of any callback", "[fault][stop]") {
  const Watchdog watchdog("stop in a callback");
  weir::Server server(options_of(GENERATE(1U, 2U), 20s));
  server.post("/data",
              weir::streamed([&](const weir::Request&, weir::Body body, weir::Response& res) {
                weir::Reply reply = res.defer();
                body.on_end([reply](std::string_view) mutable { reply.text("ended"); });
                body.on_data([&](std::string_view) { server.stop(); });
              }));
  server.get("/done", [&](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    reply.on_done([&](const weir::Outcome&) { server.stop(); });
    reply.text("done");
  });
  server.get("/gone", [&](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    reply.on_gone([&, reply](weir::Gone) mutable {
      server.stop();
      reply.text("gone");
    });
  });
  server.get("/writable", [&](const weir::Request&, weir::Response& res) {
    weir::Stream stream = res.stream();
    stream.on_writable([&, stream]() mutable {
      server.stop();
      stream.write("writable");
      stream.end();
    });
  });
  server.get("/throw", [&]() -> std::string {
    server.stop();
    throw weir::HttpError{weir::Status::conflict, "thrown"};
  });
  server.listen("127.0.0.1", 0);
  server.start();
  RawClient client(server.port());
  SECTION("of content") {
    client.send("POST /data HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\n12");
    while (!server.draining()) std::this_thread::yield();
    client.send("34");
    CHECK(client.read_response().body == "ended");
  }
  SECTION("of an answer's end") {
    client.send(get("/done"));
    CHECK(client.read_response().body == "done");
  }
  SECTION("of a client's end") {
    client.send(get("/gone"));
    client.half_close();
    CHECK(client.read_response().body == "gone");
  }
  SECTION("of a stream's room") {
    client.send(get("/writable"));
    CHECK(client.read_response().body == "writable");
  }
  SECTION("that throws") {
    client.send(get("/throw"));
    CHECK(client.read_response().status == 409);
  }
  client.expect_closed();
  server.wait();
}

// ── A hundred lives under load ───────────────────────────────────────────────────────────────────

namespace {

/// Replies that a thread of its own completes at its leisure, be the server still there or not.
class Leisure {
 public:
  Leisure() : thread_([this] { work(); }) {}
  ~Leisure() {
    over_ = true;
    thread_.join();
  }
  Leisure(const Leisure&) = delete;
  Leisure& operator=(const Leisure&) = delete;

  void add(weir::Reply reply, std::string text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    replies_.emplace_back(std::move(reply), std::move(text));
  }

 private:
  void work() {
    std::mt19937 random(7);
    while (!over_) {
      std::vector<std::pair<weir::Reply, std::string>> mine;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        mine.swap(replies_);
      }
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 3'000));
      for (auto& [reply, text] : mine) static_cast<void>(reply.text(text));
    }
  }

  std::mutex mutex_;
  std::vector<std::pair<weir::Reply, std::string>> replies_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

/// Clients that ask for everything, until they are told to end.
class Load {
 public:
  explicit Load(int clients) {
    for (int i = 0; i < clients; ++i) threads_.emplace_back([this, i] { work(i); });
  }
  ~Load() { end(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void aim(std::uint16_t port) { port_ = port; }
  void end() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int right() const { return right_; }
  int bad() const { return bad_; }

 private:
  void work(int seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    while (!over_) {
      const std::uint16_t port = port_;
      if (port == 0) {
        std::this_thread::yield();
        continue;
      }
      std::vector<Ask> asks;
      for (int i = 0; i < 4; ++i) {
        const std::string id = std::to_string(seed) + "-" + std::to_string(++asked_);
        asks.push_back(random() % 4 == 0 ? Ask{get("/leisure?id=" + id), 200, "leisure " + id}
                                         : ask(kKinds[random() % 6], 20'000));
      }
      const Got got =
          converse_anew([&] { return RawClient(port, "127.0.0.1", 20s); }, asks, random() % 2 == 0);
      if (got == Got::right) ++right_;
      if (got == Got::silent || got == Got::wrong) ++bad_;
    }
  }

  std::atomic<std::uint16_t> port_{0};
  std::atomic<bool> over_{false};
  std::atomic<int> asked_{0};
  std::atomic<int> right_{0};
  std::atomic<int> bad_{0};
  std::vector<std::thread> threads_;
};

enum class Moment : std::uint8_t { before, during_start, at_once, later, handler, worker, timer };

/// One life of a server under load, ended at `moment`.
void live_once(weir::Server& server, Load& load, Moment moment, std::mt19937& random) {
  const auto pause = std::chrono::microseconds(random() % 4'000);
  if (moment == Moment::before) server.stop();
  std::thread stopper;
  if (moment == Moment::during_start)
    stopper = std::thread([&server, pause] {
      std::this_thread::sleep_for(pause / 4);
      server.stop();
    });
  server.start();
  const std::uint16_t port = server.port();
  load.aim(port);
  std::vector<RawClient> halves;
  if (random() % 4 == 0) try {
      for (const char* head :
           {"POST /upload?id=0 HTTP/1.1\r\nHost: t\r\nContent-Length: 99\r\n\r\n1",
            "GET /never HTTP/1.1\r\nHost: t\r\n\r\n", "GET /pla"}) {
        halves.emplace_back(port);
        halves.back().send(head);
      }
    } catch (const std::system_error&) {
      // It has stopped before.
    }
  const auto ask_to_stop = [&](const char* path) {
    try {
      halves.emplace_back(port);
      halves.back().send(get(path));
    } catch (const std::system_error&) {
      server.stop();
    }
  };
  switch (moment) {
    case Moment::before:
    case Moment::during_start:
      break;
    case Moment::later:
      std::this_thread::sleep_for(pause);
      server.stop();
      break;
    case Moment::at_once:
      server.stop();
      break;
    case Moment::handler:
      ask_to_stop("/stop");
      break;
    case Moment::worker:
      ask_to_stop("/stop-pooled");
      break;
    case Moment::timer:
      server.after(std::chrono::milliseconds(random() % 3), [&server] { server.stop(); });
      break;
  }
  if (random() % 2 == 0) {
    std::thread waiter([&server] { server.wait(); });
    server.wait();
    waiter.join();
  } else {
    server.wait();
  }
  if (stopper.joinable()) stopper.join();
}

}  // namespace

TEST_CASE("a server lives a hundred lives under load, stopped at any moment", "[fault][stop]") {
  const Silence silence;
  const unsigned seed = GENERATE(1U, 2U);
  CAPTURE(seed);
  const Watchdog watchdog("a hundred lives, seed " + std::to_string(seed), 120s);
  const std::size_t descriptors = open_descriptors();
  const std::size_t threads = live_threads();
  {
    std::mt19937 random(seed);
    Leisure leisure;
    Load load(4);
    std::vector<weir::Reply> never;
    std::mutex never_mutex;
    {
      weir::Server server(options_of(1 + seed % 3, 30ms));
      add_routes(server, 20'000);
      server.get("/leisure", [&](const weir::Request& req, weir::Response& res) {
        leisure.add(res.defer(), "leisure " + req.query("id").value_or(""));
      });
      server.get("/never", [&](const weir::Request&, weir::Response& res) {
        const std::lock_guard<std::mutex> lock(never_mutex);
        never.push_back(res.defer());
      });
      server.get("/stop", [&] {
        server.stop();
        return "stopping";
      });
      server.get("/stop-pooled", weir::blocking([&] {
                   server.stop();
                   return "stopping";
                 }));
      server.listen("127.0.0.1", 0);
      const std::size_t with_load = live_threads();
      for (int life = 0; life < 100; ++life) {
        CAPTURE(life);
        const auto moment = static_cast<Moment>(random() % 7);
        CAPTURE(moment);
        live_once(server, load, moment, random);
        REQUIRE_FALSE(server.running());
        REQUIRE(server.connections() == 0);
        REQUIRE(threads_come_down_to(with_load));
      }
    }
    for (weir::Reply& reply : never) CHECK(reply.text("late") == weir::SendResult::gone);
    load.end();
    CHECK(load.right() > 0);
    CHECK(load.bad() == 0);
  }
  CHECK(open_descriptors() == descriptors);
  CHECK(threads_come_down_to(threads));
}
