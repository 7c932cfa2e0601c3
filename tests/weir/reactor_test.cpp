// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/detail/reactor.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("the answers of one readable event leave in one write", "[reactor]") {
  weir::Server server;
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  std::string pipeline;
  for (int i = 0; i < 50; ++i) pipeline += get("/");
  client.send_raw(pipeline);
  CHECK(client.connection().reads() == 1);
  CHECK(client.connection().writes() == 1);
  CHECK(count(client.receive_raw(), "HTTP/1.1 200 OK") == 50);
}

TEST_CASE("more requests than a turn's share are answered in later turns", "[reactor]") {
  weir::Server server;
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  std::string pipeline;
  for (int i = 0; i < 1'000; ++i) pipeline += get("/");
  client.send_raw(pipeline);
  CHECK(client.connection().writes() >= 1'000 / weir::detail::Reactor::kTurnRequests);
  CHECK(count(client.receive_raw(), "HTTP/1.1 200 OK") == 1'000);
}

TEST_CASE("a connection that keeps a loop busy does not starve the others", "[reactor]") {
  weir::Server server;
  int busy_done = 0;
  int busy_before_timer = -1;
  server.get("/busy", [&] {
    if (++busy_done == 1) server.after(0ms, [&] { busy_before_timer = busy_done; });
    return "b";
  });
  weir::testing::Client client(server);
  std::string pipeline;
  for (int i = 0; i < 1'000; ++i) pipeline += get("/busy");
  client.send_raw(pipeline);
  client.advance(10ms);
  CHECK(busy_done == 1'000);
  CHECK(busy_before_timer >= 0);
}

TEST_CASE("requests wait while more than the high-water mark is unsent", "[reactor]") {
  weir::Options options;
  options.output_high_water = 64 * 1024;
  weir::Server server(options);
  int handled = 0;
  server.get("/", [&] {
    ++handled;
    return std::string(10'000, 'x');
  });
  weir::testing::Client client(server);
  client.connection().set_window(100);
  std::string pipeline;
  for (int i = 0; i < 200; ++i) pipeline += get("/");
  client.send_raw(pipeline);
  CHECK(handled > 0);
  CHECK(handled <= 64 + 8);  // a turn's share, or the mark
  const int at_mark = handled;
  client.settle();
  CHECK(handled == at_mark);
  client.connection().set_window(~std::size_t{0});
  std::size_t got = 0;
  for (int i = 0; i < 200; ++i) got += client.receive().body.size();
  CHECK(got == 2'000'000);
  CHECK(handled == 200);
}

TEST_CASE("keep-alive, head and write time-outs close a connection", "[reactor]") {
  weir::Options options;
  options.write_min_rate = 1;
  weir::Server server(options);
  server.get("/", [] { return "now"; });
  server.get("/big", [] { return std::string(100'000, 'x'); });
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  SECTION("nothing ever sent") {
    client.advance(9s);
    CHECK_FALSE(connection.is_closed());
    client.advance(2s);
    CHECK(connection.is_closed());
    CHECK(connection.receive_raw().empty());
  }
  SECTION("idle after an answer") {
    CHECK(connection.get("/").body == "now");
    client.advance(14s);
    CHECK_FALSE(connection.is_closed());
    CHECK(connection.get("/").body == "now");
    client.advance(14s);
    CHECK_FALSE(connection.is_closed());
    client.advance(2s);
    CHECK(connection.is_closed());
  }
  SECTION("a head that trickles") {
    for (int i = 0; i < 12 && !connection.has_ended(); ++i) {
      connection.send_raw("G");
      client.advance(1s);
    }
    CHECK(connection.receive().status == 408);
  }
  SECTION("a client that takes nothing") {
    connection.set_window(10);
    connection.send_raw(get("/big"));
    client.advance(29s);
    CHECK_FALSE(connection.is_closed());
    client.advance(2s);
    CHECK(connection.was_reset());
  }
  SECTION("a client that takes less than the minimum rate") {
    connection.set_window(10);
    connection.send_raw(get("/big"));
    client.advance(20s);
    CHECK(connection.receive_raw().size() == 10);
    client.advance(11s);
    CHECK(connection.was_reset());
  }
  SECTION("but not a client that takes a little now and then") {
    connection.set_window(40);
    connection.send_raw(get("/big"));
    for (int i = 0; i < 5; ++i) {
      client.advance(20s);
      CHECK(connection.receive_raw().size() == 40);
    }
    CHECK_FALSE(connection.is_closed());
  }
}

TEST_CASE("what came in time is read although its event is later than the deadline", "[reactor]") {
  weir::Server server;
  server.get("/", [] { return "now"; });
  server.post("/", [](const weir::Request& req) { return std::string(req.body()); });
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  SECTION("the first request") { connection.send_unnoticed(get("/")); }
  SECTION("a later request") {
    CHECK(connection.get("/").body == "now");
    connection.send_unnoticed(get("/"));
  }
  SECTION("the rest of a head") {
    connection.send_raw(get("/").substr(0, 10));
    connection.send_unnoticed(get("/").substr(10));
  }
  SECTION("the rest of content") {
    connection.send_raw("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\n");
    connection.send_unnoticed("now");
  }
  client.advance(20s);
  CHECK(connection.receive().body == "now");
}

TEST_CASE("a client is not timed out for what the server does not read", "[reactor]") {
  weir::Server server;
  server.get("/", [] { return "now"; });
  server.get("/big", [] { return std::string(1'000'000, 'x'); });
  server.post(
      "/echo", weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
        weir::Stream out = res.stream();
        body.on_data([out](std::string_view piece) mutable { out.write(std::string(piece)); });
        body.on_end([out](std::string_view) mutable { out.end(); });
      }));
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  connection.set_window(20'000);
  SECTION("a request behind an answer that is read slowly") {
    connection.send_raw(get("/big") + get("/"));
  }
  SECTION("content whose echo is read slowly") {
    connection.send_raw("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1000003\r\n\r\n" +
                        std::string(1'000'000, 'x') + "now");
  }
  std::string got;
  for (int second = 0; second < 100 && got.find("now") == std::string::npos; ++second) {
    client.advance(1s);
    got += connection.receive_raw();
    client.settle();
  }
  CHECK(got.size() > 1'000'000);
  CHECK(got.find("now") != std::string::npos);
}

TEST_CASE("a connection has one timer, and none when it is gone", "[reactor]") {
  weir::Server server;
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  std::vector<weir::testing::Connection> connections;
  for (int i = 0; i < 10; ++i) connections.push_back(client.connect());
  CHECK(client.timers() == 11);
  for (weir::testing::Connection& connection : connections)
    for (int i = 0; i < 3; ++i) CHECK(connection.get("/").body == "now");
  CHECK(client.timers() == 11);
  connections.clear();
  CHECK(client.timers() == 1);
  CHECK(client.connections() == 1);
}

TEST_CASE("max_requests_per_connection closes after the last one", "[reactor]") {
  weir::Options options;
  options.max_requests_per_connection = 2;
  weir::Server server(options);
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  connection.send_raw(get("/") + get("/") + get("/"));
  CHECK_FALSE(connection.receive().has_header("Connection"));
  CHECK(connection.receive().header("Connection") == "close");
  CHECK(connection.receive_raw().empty());
  CHECK(connection.has_ended());
}

TEST_CASE("an old connection is closed after its answer", "[reactor]") {
  weir::Options options;
  options.max_connection_age = 60s;
  weir::Server server(options);
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  weir::testing::Connection connection = client.connect();
  int seconds = 0;
  for (; seconds <= 100 && connection.get("/").header("Connection") != "close"; seconds += 10)
    client.advance(10s);
  CHECK(seconds >= 60);
  CHECK(seconds <= 100);
  CHECK(connection.has_ended());
  CHECK(client.counters()[weir::Counter::max_age_reached] == 1);
}

#ifdef WEIR_CHECKED
TEST_CASE("a checked build poisons a view that a handler kept", "[reactor]") {
  weir::Server server;
  std::string_view kept;
  server.get("/", [&](const weir::Request& req) {
    kept = req.header("X-Secret");
    return "now";
  });
  weir::testing::Client client(server);
  CHECK(client.get("/", {{"X-Secret", "secret"}}).body == "now");
  CHECK(kept != "secret");
}
#endif

TEST_CASE("any event may be the last one of a connection in each state", "[reactor]") {
  weir::Server server;
  std::vector<weir::Reply> replies;
  std::vector<weir::Stream> streams;
  std::vector<weir::Body> bodies;
  server.get("/", [] { return "now"; });
  server.get("/big", [] { return std::string(100'000, 'x'); });
  server.get("/later",
             [&](const weir::Request&, weir::Response& res) { replies.push_back(res.defer()); });
  server.get("/stream", [&](const weir::Request&, weir::Response& res) {
    streams.push_back(res.stream());
    streams.back().write(std::string(50'000, 'x'));
  });
  server.get("/pooled", weir::blocking([] { return "pooled"; }));
  server.post("/up",
              weir::streamed([&](const weir::Request&, weir::Body body, weir::Response& res) {
                replies.push_back(res.defer());
                body.on_data([](std::string_view) {});
                bodies.push_back(std::move(body));
              }));
  const std::string states[] = {
      "",
      "GET / HT",
      get("/"),
      get("/") + "GET ",
      get("/big"),
      get("/later"),
      get("/later") + get("/"),
      get("/stream"),
      get("/pooled"),
      "POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n123",
      "POST /up HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12",
      "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999\r\n\r\n123",
      "BAD\r\n\r\n",
  };
  weir::testing::Client client(server);
  for (const std::string& state : states) {
    for (int event = 0; event < 5; ++event) {
      CAPTURE(state, event);
      weir::testing::Connection connection = client.connect();
      connection.set_window(1'000);
      if (!state.empty()) connection.send_raw(state);
      switch (event) {
        case 0:
          connection.vanish();
          break;
        case 1:
          connection.half_close();
          break;
        case 2:
          client.advance(31s);
          break;
        case 3:
          for (weir::Reply& reply : replies) reply.text("late");
          for (weir::Stream& stream : streams) stream.end();
          client.settle();
          break;
        case 4:
          replies.clear();
          streams.clear();
          bodies.clear();
          client.settle();
          break;
      }
      replies.clear();
      streams.clear();
      bodies.clear();
      client.settle();
      connection.vanish();
      CHECK(connection.is_closed());
    }
  }
  CHECK(client.get("/").body == "now");
  CHECK(client.connections() == 1);
}

TEST_CASE("HTTP/1.1 answers to HEAD, 204 and 304 keep the connection in step", "[reactor]") {
  weir::Server server;
  server.get("/", [] { return "now"; });
  server.get("/none", [] {});
  server.get("/same", [](const weir::Request&, weir::Response& res) {
    res.status(weir::Status::not_modified).text("dropped");
  });
  weir::testing::Client client(server);
  client.send_raw("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n" + get("/none") + get("/same") + get("/"));
  CHECK(client.receive(true).status == 200);
  CHECK(client.receive().status == 204);
  CHECK(client.receive().status == 304);
  CHECK(client.receive().body == "now");
  CHECK(client.receive_raw().empty());
}
