// SPDX-License-Identifier: MIT
// What happens when the buffers of all connections reach Options::max_buffered_bytes.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::Counter;

namespace {

constexpr std::size_t kBudget = 1024 * 1024;
constexpr std::size_t kBody = 200 * 1024;

weir::Options bounded() {
  weir::Options options;
  options.max_buffered_bytes = kBudget;
  return options;
}

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

std::string head_of_post(std::size_t length) {
  return "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

void add_routes(weir::Server& server) {
  server.get("/", [] { return "now"; });
  server.get("/big", [] { return std::string(kBody, 'x'); });
  server.post("/", [](const weir::Request& req) { return std::to_string(req.body().size()); });
}

// Readers that leave so much unread that nothing is left of the budget.
std::vector<weir::testing::Connection> exhaust(weir::testing::Client& client) {
  std::vector<weir::testing::Connection> slow;
  for (int i = 0; i < 6; ++i) slow.push_back(client.connect());
  for (weir::testing::Connection& one : slow) {
    one.set_window(100);
    one.send_raw(get("/big"));
  }
  return slow;
}

struct Sink : weir::Upgrade {
  void on_open(weir::Stream stream) override { out = std::move(stream); }
  std::size_t on_bytes(std::string_view bytes) override { return bytes.size(); }
  void on_end() override { out.end(); }
  weir::Stream out;
};

}  // namespace

TEST_CASE("the buffers of every kind are counted and given back", "[memory]") {
  weir::Server server(bounded());
  add_routes(server);
  std::vector<weir::Reply> replies;
  std::vector<weir::Stream> streams;
  server.get("/later",
             [&](const weir::Request&, weir::Response& res) { replies.push_back(res.defer()); });
  server.get("/stream", [&](const weir::Request&, weir::Response& res) {
    streams.push_back(res.stream());
    streams.back().write(std::string(50'000, 'x'));
  });
  weir::testing::Client client(server);
  const auto held = [&] { return client.counters()[Counter::buffered_bytes]; };
  CHECK(client.get("/").body == "now");
  CHECK(held() == 0);
  enum End { vanishes, times_out, ends_well };
  const End end = GENERATE(vanishes, times_out, ends_well);
  struct Case {
    std::string bytes;
    std::size_t least;
  };
  const Case cases[] = {
      {"GET / HT", 8},
      {get("/later") + get("/"), get("/").size()},
      {head_of_post(100'000) + std::string(60'000, 'x'), 60'000},
      {get("/big"), kBody - 1'000},
      {get("/stream"), 49'000},
  };
  for (const Case& one : cases) {
    CAPTURE(end, one.bytes.substr(0, 20));
    weir::testing::Connection connection = client.connect();
    connection.set_window(100);
    connection.send_raw(one.bytes);
    CHECK(held() >= one.least);
    CHECK(held() <= one.least + 70'000);
    switch (end) {
      case vanishes:
        connection.vanish();
        break;
      case times_out:
        for (int i = 0; i < 4; ++i) client.advance(35s);  // the request, writing 408, lingering
        break;
      case ends_well:
        connection.set_window(~std::size_t{0});
        connection.send_raw(std::string(40'000, 'x'));
        for (weir::Reply& reply : replies) reply.text("late");
        for (weir::Stream& stream : streams) stream.end();
        client.settle();
        connection.vanish();
        break;
    }
    replies.clear();
    streams.clear();
    client.settle();
    CHECK(held() == 0);
  }
}

TEST_CASE("when memory is tight new connections are shed and the old ones served", "[memory]") {
  weir::Server server(bounded());
  add_routes(server);
  weir::testing::Client client(server);
  weir::testing::Connection old = client.connect();
  std::vector<weir::testing::Connection> slow;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(client.connect());
    slow.back().set_window(100);
    if (i < 4) slow.back().send_raw(get("/big"));
  }
  slow.back().send_raw(head_of_post(190'000) + std::string(120'000, 'x'));
  CHECK(client.counters()[Counter::shed_memory] == 0);
  CHECK(client.connect().is_closed());
  CHECK(client.counters()[Counter::shed_memory] == 1);
  CHECK(old.get("/").body == "now");
  slow.clear();
  CHECK(client.connect().get("/").body == "now");
}

TEST_CASE("content is not read while memory is short, and all of it arrives in the end",
          "[memory]") {
  weir::Server server(bounded());
  add_routes(server);
  weir::testing::Client client(server);
  std::vector<weir::testing::Connection> uploads;
  for (int i = 0; i < 20; ++i) uploads.push_back(client.connect());
  // All at once they would hold four times the budget.
  for (weir::testing::Connection& upload : uploads)
    upload.send_raw(head_of_post(kBody) + std::string(kBody - 1, 'x'));
  const weir::Counters counters = client.counters();
  CHECK(counters[Counter::memory_pauses] > 0);
  CHECK(counters[Counter::buffered_bytes] <= kBudget + 2 * kBody);
  for (weir::testing::Connection& upload : uploads) upload.send_raw("x");
  for (int i = 0; i < 100; ++i) client.advance(50ms);
  for (weir::testing::Connection& upload : uploads) CHECK(upload.receive().status == 200);
  CHECK(client.counters()[Counter::buffered_bytes] == 0);
}

TEST_CASE("connections that are never fed time out, and memory comes free by that", "[memory]") {
  weir::Server server(bounded());
  add_routes(server);
  weir::testing::Client client(server);
  std::vector<weir::testing::Connection> uploads;
  for (int i = 0; i < 20; ++i) uploads.push_back(client.connect());
  for (weir::testing::Connection& upload : uploads)
    upload.send_raw(head_of_post(kBody) + std::string(kBody - 1, 'x'));
  for (int i = 0; i < 120; ++i) client.advance(1s);  // some at a time
  CHECK(client.counters()[Counter::buffered_bytes] == 0);
  CHECK(client.connect().get("/").body == "now");
}

TEST_CASE("a stream goes on piece by piece while memory is exhausted", "[memory]") {
  weir::Server server(bounded());
  add_routes(server);
  weir::Stream out;
  server.get("/stream", [&](const weir::Request&, weir::Response& res) { out = res.stream(); });
  weir::testing::Client client(server);
  weir::testing::Connection reader = client.connect();
  reader.send_raw(get("/stream"));
  std::vector<weir::testing::Connection> slow;
  for (int i = 0; i < 6; ++i) slow.push_back(client.connect());
  for (weir::testing::Connection& one : slow) {
    one.set_window(100);
    one.send_raw(get("/big"));
  }
  int pieces = 0;
  int refused = 0;
  out.on_writable([&] {
    for (; pieces < 50; ++pieces)
      if (out.write(std::string(1'000, 's')) != weir::WriteResult::ok) {
        ++refused;
        return;
      }
    out.end();
  });
  CHECK(reader.receive().body.size() == 50'000);
  CHECK(refused >= 49);
  out = {};
}

TEST_CASE("what only the server holds counts whole, what others hold does not", "[memory]") {
  weir::Server server(bounded());
  add_routes(server);
  const auto shared = std::make_shared<const std::string>(2 * kBudget, 's');
  std::vector<weir::Reply> replies;
  server.get("/shared", [&](const weir::Request&, weir::Response& res) { res.body(shared); });
  server.post("/later",
              [&](const weir::Request&, weir::Response& res) { replies.push_back(res.defer()); });
  weir::testing::Client client(server);
  const auto held = [&] { return client.counters()[Counter::buffered_bytes]; };
  weir::testing::Connection connection = client.connect();
  SECTION("a payload that many read") {
    connection.set_window(100);
    connection.send_raw(get("/shared"));
    CHECK(held() < 10'000);
    CHECK(client.connect().get("/").body == "now");
  }
  SECTION("a string that is nearly sent") {
    connection.set_window(kBody - 1'000);
    connection.send_raw(get("/big"));
    CHECK(held() >= kBody);
  }
  SECTION("content that came with its head and was copied for a deferred answer") {
    connection.send_raw("POST /later HTTP/1.1\r\nHost: t\r\nContent-Length: 60000\r\n\r\n" +
                        std::string(60'000, 'x'));
    CHECK(held() >= 60'000);
    replies.clear();
  }
  connection.vanish();
  CHECK(held() == 0);
}

TEST_CASE("while nothing comes free each connection has its turn", "[memory]") {
  weir::Options options = bounded();
  options.write_stall_timeout = 0ms;
  weir::Server server(options);
  add_routes(server);
  server.get("/sink", [](const weir::Request&, weir::Response& res) {
    res.upgrade("sink", std::make_unique<Sink>());
  });
  weir::testing::Client client(server);
  weir::testing::Connection upgraded = client.connect();
  upgraded.send_raw(
      "GET /sink HTTP/1.1\r\nHost: t\r\nConnection: upgrade\r\nUpgrade: sink\r\n\r\n");
  std::vector<weir::testing::Connection> silent;
  std::vector<weir::testing::Connection> asking;
  for (int i = 0; i < 20; ++i) silent.push_back(client.connect());
  for (int i = 0; i < 6; ++i) asking.push_back(client.connect());
  const std::vector<weir::testing::Connection> slow = exhaust(client);
  int answers[6] = {};
  for (weir::testing::Connection& one : asking) one.send_raw(get("/"));
  for (int period = 0; period < 300; ++period) {
    upgraded.send_raw("never done");
    client.advance(50ms);
    for (std::size_t i = 0; i < asking.size(); ++i)
      if (asking[i].receive_raw().find("now") != std::string::npos) {
        ++answers[i];
        asking[i].send_raw(get("/"));
      }
  }
  for (const int one : answers) CHECK(one >= 20);
  for (weir::testing::Connection& one : silent) CHECK(one.is_closed());  // their own time-out
}

TEST_CASE("requests behind an endless answer are given up when memory is tight", "[memory]") {
  weir::Server server(bounded());
  add_routes(server);
  std::vector<weir::Stream> streams;
  server.get("/events", [&](const weir::Request&, weir::Response& res) {
    streams.push_back(res.stream());
    streams.back().write(std::string("event"));
  });
  weir::testing::Client client(server);
  std::string pipeline;
  while (pipeline.size() < 60'000) pipeline += get("/");
  std::vector<weir::testing::Connection> readers;
  for (int i = 0; i < 16; ++i) readers.push_back(client.connect());
  for (weir::testing::Connection& reader : readers) reader.send_raw(get("/events") + pipeline);
  client.advance(100ms);
  client.advance(100ms);
  CHECK(client.connect().get("/").body == "now");
  for (weir::Stream& stream : streams) stream.end();
  streams.clear();
  client.settle();
  for (weir::testing::Connection& reader : readers) {
    CHECK(reader.receive().body == "event");
    CHECK(reader.has_ended());
  }
}

TEST_CASE("a budget of 0 is none", "[memory]") {
  weir::Options options;
  options.max_buffered_bytes = 0;
  weir::Server server(options);
  add_routes(server);
  weir::testing::Client client(server);
  weir::testing::Connection slow = client.connect();
  slow.set_window(100);
  slow.send_raw(get("/big"));
  CHECK(client.connect().get("/").body == "now");
  CHECK(client.counters()[Counter::memory_pauses] == 0);
}
