// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>
#include <weir/weir.hpp>

#include "support/raw_client.hpp"

using namespace std::chrono_literals;
using weir::test::RawClient;

namespace {

/// Keeps what is logged and says when the first word of a held loop came.
struct Sink {
  Sink() {
    weir::log::set_sink([](void* self, weir::log::Level,
                           std::string_view message) { static_cast<Sink*>(self)->take(message); },
                        this);
  }
  ~Sink() { weir::log::set_sink(nullptr); }

  void take(std::string_view message) {
    if (message.find("has been held for") == std::string_view::npos) return;
    const std::lock_guard<std::mutex> lock(mutex);
    messages.emplace_back(message);
    if (messages.size() == 1) reported.set_value();
  }

  std::mutex mutex;
  std::vector<std::string> messages;
  std::promise<void> reported;
};

weir::Options options() {
  weir::Options some;
  some.threads = 1;
  some.workers = 1;
  some.stall_threshold = 20ms;
  return some;
}

}  // namespace

TEST_CASE("a handler that holds its loop is named while it hangs", "[weir][stall]") {
  Sink sink;
  weir::Server server(options());
  std::future<void> reported = sink.reported.get_future();
  // It ends because it was reported: if it were not, the client's time-out would fail the test.
  server.get("/slow/{id}", [&] {
    reported.wait();
    return "at last";
  });
  server.listen("127.0.0.1", 0);
  server.start();
  CHECK(server.stalls() == 0);
  RawClient client(server.port());
  client.send("GET /slow/7 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.read_response().body == "at last");
  CHECK(server.stalls() >= 1);
  server.stop();
  server.wait();
  const std::lock_guard<std::mutex> lock(sink.mutex);
  REQUIRE_FALSE(sink.messages.empty());
  CHECK(sink.messages.front().find("loop 0") != std::string::npos);
  CHECK(sink.messages.front().find("the handler of /slow/{id}") != std::string::npos);
}

TEST_CASE("a timer that holds its loop is reported as a callback", "[weir][stall]") {
  Sink sink;
  weir::Server server(options());
  std::future<void> reported = sink.reported.get_future();
  std::promise<void> done;
  server.listen("127.0.0.1", 0);
  server.start();
  server.after(0ms, [&] {
    reported.wait();
    done.set_value();
  });
  done.get_future().wait();
  server.stop();
  server.wait();
  const std::lock_guard<std::mutex> lock(sink.mutex);
  CHECK(sink.messages.front().find("a callback or a timer") != std::string::npos);
}

TEST_CASE("a worker that takes its time holds no loop", "[weir][stall]") {
  Sink sink;
  weir::Server server(options());
  std::promise<void> release;
  server.get("/pool", weir::blocking([&] {
               release.get_future().wait();
               return "pooled";
             }));
  std::promise<void> looked;
  // Three thresholds of the loop's own time pass while the worker waits.
  server.after(60ms, [&] { looked.set_value(); });
  server.listen("127.0.0.1", 0);
  server.start();
  RawClient client(server.port());
  client.send("GET /pool HTTP/1.1\r\nHost: x\r\n\r\n");
  looked.get_future().wait();
  release.set_value();
  CHECK(client.read_response().body == "pooled");
  server.stop();
  server.wait();
  // Another thread of a loaded machine may hold the loop for 20 ms; this handler may not be blamed.
  const std::lock_guard<std::mutex> lock(sink.mutex);
  for (const std::string& message : sink.messages)
    CHECK(message.find("/pool") == std::string::npos);
}
