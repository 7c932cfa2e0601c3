// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/event_parser.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/events.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

using weir::Gone;
using weir::WriteResult;

std::string get(std::string_view target, std::string_view fields = "",
                std::string_view version = "1.1") {
  return "GET " + std::string(target) + " HTTP/" + std::string(version) + "\r\nHost: t\r\n" +
         std::string(fields) + "\r\n";
}

/// A client's side: what has come on a connection, out of its chunks.
struct Listener {
  explicit Listener(weir::testing::Connection its, std::string_view fields = "")
      : connection(std::move(its)) {
    connection.send_raw(get("/events", fields));
    at_once = read_data();
  }

  /// The events that have come since the last call.
  std::vector<weir::test::ParsedEvent> read() {
    text += connection.receive_raw();
    if (head.empty()) {
      const std::size_t end = text.find("\r\n\r\n");
      if (end == std::string::npos) return {};
      head = text.substr(0, end + 4);
      text.erase(0, end + 4);
    }
    while (true) {
      const std::size_t line = text.find("\r\n");
      if (line == std::string::npos) break;
      const std::size_t size = std::stoul(text.substr(0, line), nullptr, 16);
      if (text.size() < line + 2 + size + 2) break;
      if (size == 0) ended = true;
      parser.feed(text.substr(line + 2, size));
      text.erase(0, line + 2 + size + 2);
    }
    return std::exchange(parser.events, {});
  }

  /// Their data, joined by commas.
  std::string read_data() {
    std::string all;
    for (const weir::test::ParsedEvent& event : read()) all += event.data + ",";
    return all;
  }

  weir::testing::Connection connection;
  weir::test::EventParser parser;
  std::string head;
  std::string text;
  std::string at_once;  // data of the events that came with the head
  bool ended = false;
};

/// A server with one channel at /events.
struct Fixture {
  explicit Fixture(weir::EventChannelOptions channel_options = {}, weir::Options options = {})
      : server(std::move(options)),
        channel(std::make_unique<weir::EventChannel>(std::move(channel_options))) {
    server.get("/events", [this](const weir::Request& req, weir::Response& res) {
      channel->subscribe(req, res);
    });
    server.get("/", [] { return "now"; });
  }

  weir::Server server;
  std::unique_ptr<weir::EventChannel> channel;
};

}  // namespace

// ── One client ───────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a stream of events for one client", "[events]") {
  weir::Server server;
  weir::EventStream events;
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    weir::EventStreamOptions options;
    options.retry = 2s;
    res.header("X-Own", "kept");
    events = weir::EventStream(req, res, options);
  });
  weir::testing::Client client(server);
  Listener listener(client.connect(), "Last-Event-ID: 41\r\n");
  CHECK(listener.head.find("HTTP/1.1 200 OK\r\n") == 0);
  CHECK(listener.head.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  CHECK(listener.head.find("Cache-Control: no-store\r\n") != std::string::npos);
  CHECK(listener.head.find("X-Accel-Buffering: no\r\n") != std::string::npos);
  CHECK(listener.head.find("X-Own: kept\r\n") != std::string::npos);
  CHECK(listener.parser.retry == "2000");
  CHECK(events.last_event_id() == "41");

  CHECK(events.send({"a\nb", "news", "42"}) == WriteResult::ok);
  client.settle();
  const auto got = listener.read();
  REQUIRE(got.size() == 1);
  CHECK(got[0] == weir::test::ParsedEvent{"news", "a\nb", "42"});
  CHECK_THROWS_AS(events.send({"x", "two\nlines"}), std::invalid_argument);
  CHECK(events.comment("still here") == WriteResult::ok);
  client.settle();
  listener.read();
  CHECK(listener.parser.comments == std::vector<std::string>{" still here"});

  events.end();
  client.settle();
  listener.read();
  CHECK(listener.ended);
  CHECK(events.send({"late"}) == WriteResult::gone);
}

TEST_CASE("a stream of events shows that it lives, without a time-out", "[events]") {
  weir::Server server;
  weir::EventStream events;
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    events = weir::EventStream(req, res);
  });
  weir::testing::Client client(server);
  Listener listener(client.connect());
  for (int i = 1; i <= 10; ++i) {
    client.advance(15s);
    listener.read();
    CHECK(listener.parser.comments.size() == static_cast<std::size_t>(i));
  }
  CHECK_FALSE(listener.connection.is_closed());
  listener.connection.vanish();
  client.settle();
  CHECK(events.gone() == Gone::yes);
  client.advance(15s);
  client.advance(15s);
  CHECK(client.timers() == 0);
}

TEST_CASE("a stream of events ends with its last copy", "[events]") {
  weir::Server server;
  weir::EventStream events;
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    events = weir::EventStream(req, res);
  });
  weir::testing::Client client(server);
  Listener listener(client.connect());
  CHECK_FALSE(listener.ended);
  const weir::EventStream copy = events;
  events = {};
  client.settle();
  listener.read();
  CHECK_FALSE(listener.ended);
  const_cast<weir::EventStream&>(copy) = {};
  client.settle();
  listener.read();
  CHECK(listener.ended);
}

TEST_CASE("an empty stream of events takes nothing", "[events]") {
  weir::EventStream events;
  CHECK_FALSE(static_cast<bool>(events));
  CHECK(events.send({"x"}) == WriteResult::gone);
  CHECK(events.gone() == Gone::yes);
  CHECK(events.last_event_id().empty());
  events.end();
}

TEST_CASE("times of a stream of events are checked", "[events]") {
  weir::Server server;
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    weir::EventStreamOptions options;
    if (req.query("which") == "heartbeat") options.heartbeat = -1ms;
    if (req.query("which") == "retry") options.retry = -1ms;
    CHECK_THROWS_AS(weir::EventStream(req, res, options), std::invalid_argument);
    res.text("fine");
  });
  weir::testing::Client client(server);
  CHECK(client.get("/events?which=heartbeat").body == "fine");
  CHECK(client.get("/events?which=retry").body == "fine");
}

// ── A channel ────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("all subscribers of a channel are told the same, in order", "[events]") {
  Fixture f;
  weir::testing::Client client(f.server);
  std::vector<Listener> all;
  for (int i = 0; i < 600; ++i) all.emplace_back(client.connect());  // more than go at once
  CHECK(f.channel->subscribers() == 600);
  CHECK(f.channel->publish({"1"}));
  CHECK(f.channel->publish({"2", "name", "id"}));
  client.settle();
  CHECK(f.channel->publish({"3"}));
  client.settle();
  for (Listener& one : all) REQUIRE(one.read_data() == "1,2,3,");
  CHECK(f.channel->counts().published == 3);
  CHECK(f.channel->counts().delivered == 1800);
  CHECK(f.channel->counts().replayed == 0);

  for (std::size_t i = 0; i < all.size(); i += 2) all[i].connection.vanish();
  client.settle();
  CHECK(f.channel->subscribers() == 300);
  f.channel->publish({"4"});
  client.settle();
  for (std::size_t i = 1; i < all.size(); i += 2) REQUIRE(all[i].read_data() == "4,");

  f.channel->close();
  client.settle();
  for (std::size_t i = 1; i < all.size(); i += 2) {
    all[i].read();
    REQUIRE(all[i].ended);
  }
  CHECK(f.channel->subscribers() == 0);
  CHECK_FALSE(f.channel->publish({"5"}));
  CHECK(client.get("/events").status == 204);
}

TEST_CASE("nothing passes by who has subscribed, whenever it is published", "[events]") {
  weir::Server server;
  weir::EventChannel channel;
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    channel.publish({"before"});  // for those who are there already: its delivery waits
    channel.subscribe(req, res);
    channel.publish({"own"});
    channel.publish({"and"});
  });
  weir::testing::Client client(server);
  Listener first(client.connect());
  CHECK(first.at_once == "own,and,");
  Listener second(client.connect());
  CHECK(first.read_data() == "before,own,and,");
  CHECK(second.at_once == "own,and,");
  channel.publish({"later"});
  client.settle();
  CHECK(first.read_data() == "later,");
  CHECK(second.read_data() == "later,");
  CHECK(channel.counts().delivered == 9);
}

TEST_CASE("what is told at once is not held against who connects anew", "[events]") {
  weir::EventChannelOptions options;
  options.replay_events = 1000;
  options.max_waiting_bytes = 1000;  // far less than is replayed
  weir::Server server;
  weir::EventChannel channel(options);
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    channel.subscribe(req, res);
    channel.publish({"own"});
  });
  channel.publish({"0", "", "0"});
  std::string all;
  for (int i = 1; i <= 200; ++i) {
    channel.publish({std::to_string(i), "", std::to_string(i)});
    all += std::to_string(i) + ",";
  }
  weir::testing::Client client(server);
  Listener listener(client.connect(), "Last-Event-ID: 0\r\n");
  CHECK(listener.at_once == all + "own,");
  CHECK(channel.subscribers() == 1);
  CHECK(channel.counts().replayed == 200);
  CHECK(channel.counts().dropped == 0);
}

TEST_CASE("a channel that closes behind a subscription ends the stream", "[events]") {
  weir::Server server;
  weir::EventChannel channel;
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    channel.subscribe(req, res);
    channel.publish({"last"});
    channel.close();
  });
  weir::testing::Client client(server);
  Listener listener(client.connect());
  CHECK(listener.at_once == "last,");
  CHECK(listener.ended);
  CHECK(channel.subscribers() == 0);
}

TEST_CASE("a subscriber that goes while events are delivered harms nobody", "[events]") {
  Fixture f;
  weir::testing::Client client(f.server);
  std::vector<Listener> all;
  for (int i = 0; i < 20; ++i) all.emplace_back(client.connect());
  for (int i = 0; i < 20; i += 3) all[static_cast<std::size_t>(i)].connection.vanish();
  f.channel->publish({"x"});  // the loss and the event are seen in one turn
  client.settle();
  CHECK(f.channel->subscribers() == 13);
  for (int i = 0; i < 20; ++i)
    CHECK(all[static_cast<std::size_t>(i)].read_data() == (i % 3 == 0 ? "" : "x,"));
  Listener late(client.connect());
  f.channel->publish({"y"});
  client.settle();
  CHECK(late.read_data() == "y,");
}

TEST_CASE("the last copy of a channel closes it", "[events]") {
  Fixture f;
  weir::testing::Client client(f.server);
  Listener listener(client.connect());
  f.channel->publish({"last"});
  f.channel.reset();
  client.settle();
  CHECK(listener.read_data() == "last,");
  CHECK(listener.ended);
}

TEST_CASE("who connects anew gets what it has missed", "[events]") {
  weir::EventChannelOptions options;
  options.replay_events = 3;
  options.replay_bytes = 1000;
  Fixture f(options);
  weir::testing::Client client(f.server);
  const auto publish = [&f](const std::string& id) { f.channel->publish({"d" + id, "", id}); };
  for (const char* id : {"1", "2", "3", "4"}) publish(id);
  f.channel->publish({"without an id"});
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"Last-Event-ID: 4\r\n", ""},
      {"Last-Event-ID: 3\r\n", "d4,"},
      {"Last-Event-ID: 2\r\n", "d3,d4,"},
      {"Last-Event-ID: 1\r\n", "d2,d3,d4,"},      // fallen out: the next is there
      {"Last-Event-ID: other\r\n", "d2,d3,d4,"},  // not known
      {"Last-Event-ID:\r\n", ""},
  };
  for (const auto& [fields, expected] : cases) {
    CAPTURE(fields);
    Listener listener(client.connect(), fields);
    CHECK(listener.read_data() == "");
    listener.parser = {};
  }
  for (const auto& [fields, expected] : cases) {
    CAPTURE(fields);
    weir::testing::Connection connection = client.connect();
    connection.send_raw(get("/events", fields));
    const std::string text = connection.receive_raw();
    std::string data;
    for (const char* id : {"1", "2", "3", "4"})
      if (text.find("data: d" + std::string(id)) != std::string::npos)
        data += "d" + std::string(id) + ",";
    CHECK(data == expected);
    CHECK(text.find("without") == std::string::npos);
  }
  f.channel->publish({std::string(990, 'x'), "", "5"});  // with its frame too large to be kept
  Listener listener(client.connect(), "Last-Event-ID: 4\r\n");
  publish("6");
  client.settle();
  CHECK(listener.read_data() == "d6,");
}

TEST_CASE("what is kept is bounded in bytes", "[events]") {
  weir::EventChannelOptions options;
  options.replay_bytes = 300;
  Fixture f(options);
  weir::testing::Client client(f.server);
  for (int i = 0; i < 10; ++i)
    f.channel->publish({std::string(80, static_cast<char>('a' + i)), "", std::to_string(i)});
  weir::testing::Connection connection = client.connect();
  connection.send_raw(get("/events", "Last-Event-ID: 0\r\n"));
  const std::string text = connection.receive_raw();
  CHECK(text.find("ggg") == std::string::npos);
  CHECK(text.find("hhh") != std::string::npos);
  CHECK(text.find("jjj") != std::string::npos);
}

TEST_CASE("no more subscribers than there is room for", "[events]") {
  weir::EventChannelOptions options;
  options.max_subscribers = 2;
  Fixture f(options);
  weir::testing::Client client(f.server);
  Listener one(client.connect());
  Listener two(client.connect());
  const weir::testing::Answer refused = client.get("/events");
  CHECK(refused.status == 503);
  CHECK(refused.has_header("Retry-After"));
  CHECK(f.channel->counts().refused == 1);
  one.connection.vanish();
  client.settle();
  CHECK(f.channel->subscribers() == 1);
  Listener three(client.connect());
  f.channel->publish({"x"});
  client.settle();
  CHECK(three.read_data() == "x,");
}

TEST_CASE("a slow subscriber is dropped, or goes without", "[events]") {
  weir::EventChannelOptions options;
  options.max_waiting_bytes = 10'000;
  const bool skip = GENERATE(false, true);
  options.slow = skip ? weir::SlowSubscriber::skip : weir::SlowSubscriber::drop;
  Fixture f(options);
  weir::testing::Client client(f.server);
  Listener quick(client.connect());
  Listener slow(client.connect());
  slow.connection.set_window(0);
  const std::string data(4'000, 'x');
  std::size_t got = 0;
  for (int i = 0; i < 20; ++i) {
    f.channel->publish({data});
    client.settle();
    got += quick.read().size();
  }
  CHECK(got == 20);
  const weir::EventCounts counts = f.channel->counts();
  if (skip) {
    CHECK(counts.dropped == 0);
    CHECK(counts.skipped == 17);
    CHECK(f.channel->subscribers() == 2);
    slow.connection.set_window(1'000'000);
    client.settle();
    CHECK(slow.read().size() == 3);
    f.channel->publish({"again"});
    client.settle();
    CHECK(slow.read_data() == "again,");
  } else {
    CHECK(counts.dropped == 1);
    CHECK(counts.skipped == 0);
    CHECK(f.channel->subscribers() == 1);
    CHECK(slow.connection.is_closed());
  }
}

TEST_CASE("a quiet channel shows that it lives, by one timer", "[events]") {
  weir::EventChannelOptions options;
  options.heartbeat = 10s;
  Fixture f(options);
  weir::testing::Client client(f.server);
  std::vector<Listener> all;
  const std::size_t before = client.timers();
  for (int i = 0; i < 5; ++i) all.emplace_back(client.connect());
  CHECK(client.timers() == before + all.size() + 1);  // each connection has its own
  client.advance(10s);
  for (Listener& one : all) {
    one.read();
    CHECK(one.parser.comments.size() == 1);
  }
  f.channel->publish({"x"});
  client.advance(10s);  // had an event
  client.advance(10s);
  for (Listener& one : all) {
    one.read();
    CHECK(one.parser.comments.size() == 2);
    one.connection.vanish();
  }
  client.settle();
  CHECK(f.channel->subscribers() == 0);
  CHECK(client.timers() == 0);
}

TEST_CASE("who subscribes can be greeted, and its leaving seen", "[events]") {
  weir::EventChannelOptions options;
  int come = 0;
  int left = 0;
  options.retry = 1s;
  options.on_subscribe = [&](const weir::Request& req, weir::EventWriter& first) {
    ++come;
    first.event({"welcome " + *req.query("name")});
  };
  options.on_gone = [&](const weir::Request& req) {
    ++left;
    CHECK(req.query("name") == "bob");
  };
  Fixture f(options);
  weir::testing::Client client(f.server);
  f.channel->publish({"kept", "", "1"});
  weir::testing::Connection connection = client.connect();
  connection.send_raw(get("/events?name=bob", "Last-Event-ID: 0\r\n"));
  const std::string text = connection.receive_raw();
  const std::size_t retry = text.find("retry: 1000");
  const std::size_t welcome = text.find("data: welcome bob");
  const std::size_t kept = text.find("data: kept");
  CHECK(retry < welcome);
  CHECK(welcome < kept);
  CHECK(kept != std::string::npos);
  CHECK(come == 1);
  CHECK(left == 0);
  connection.vanish();
  client.settle();
  CHECK(left == 1);
}

TEST_CASE("HEAD of a channel is answered and not subscribed", "[events]") {
  Fixture f;
  weir::testing::Client client(f.server);
  const weir::testing::Answer answer = client.head("/events");
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/event-stream");
  CHECK(f.channel->subscribers() == 0);
  CHECK(client.get("/").body == "now");
}

TEST_CASE("an HTTP/1.0 client reads events up to the close", "[events]") {
  Fixture f;
  weir::testing::Client client(f.server);
  weir::testing::Connection connection = client.connect();
  connection.send_raw(get("/events", "", "1.0"));
  f.channel->publish({"x"});
  client.settle();
  f.channel->close();
  client.settle();
  const std::string text = connection.receive_raw();
  CHECK(text.substr(text.find("\r\n\r\n")) == "\r\n\r\ndata: x\n\n");
  CHECK(connection.has_ended());
}

TEST_CASE("a worker's handler may subscribe", "[events]") {
  weir::Server server;
  weir::EventChannel channel;
  server.get("/events", weir::blocking([&](const weir::Request& req, weir::Response& res) {
               channel.subscribe(req, res);
             }));
  weir::testing::Client client(server);
  Listener listener(client.connect());
  client.settle();
  channel.publish({"x"});
  client.settle();
  CHECK(listener.read_data() == "x,");
}

TEST_CASE("options of a channel are checked", "[events]") {
  weir::EventChannelOptions options;
  options.max_subscribers = 0;
  CHECK_THROWS_WITH(weir::EventChannel(options), Catch::Contains("max_subscribers"));
  options = {};
  options.heartbeat = -1s;
  CHECK_THROWS_WITH(weir::EventChannel(options), Catch::Contains("heartbeat"));
  options = {};
  options.retry = -1s;
  CHECK_THROWS_WITH(weir::EventChannel(options), Catch::Contains("retry"));
  weir::EventChannel channel;
  CHECK_THROWS_AS(channel.publish({"x", "a\nb"}), std::invalid_argument);
  CHECK(channel.publish({"nobody hears it"}));
}

// ── Threads and the stop ─────────────────────────────────────────────────────────────────────────

namespace {

/// A socket to 127.0.0.1:port that has sent a request for /events.
int subscribe_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const std::string request = get("/events");
  REQUIRE(::send(fd, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
  return fd;
}

std::string read_all(int fd) {
  std::string text;
  char bytes[4096];
  ssize_t n = 0;
  while ((n = ::recv(fd, bytes, sizeof bytes, 0)) > 0)
    text.append(bytes, static_cast<std::size_t>(n));
  return text;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("threads publish while clients come and go, and the stop ends the streams", "[events]") {
  weir::Options options;
  options.threads = 3;
  options.stop_deadline = 60s;  // nobody waits for it
  Fixture f({}, options);
  f.server.listen("127.0.0.1", 0);
  f.server.start();
  const std::uint16_t port = f.server.port();
  std::vector<int> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(subscribe_to(port));
  while (f.channel->subscribers() < 12) std::this_thread::sleep_for(1ms);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&f] {
      for (int i = 0; i < 200; ++i) f.channel->publish({"tick"});
    });
  threads.emplace_back([port] {
    for (int i = 0; i < 20; ++i) ::close(subscribe_to(port));
  });
  for (std::thread& thread : threads) thread.join();
  f.server.stop();
  f.server.wait();
  for (const int fd : clients) {
    const std::string text = read_all(fd);
    CHECK(count(text, "data: tick\n") == 600);
    CHECK(text.substr(text.size() - 5) == "0\r\n\r\n");  // whole
    ::close(fd);
  }
  CHECK(f.channel->subscribers() == 0);
  CHECK(f.channel->publish({"nobody"}));

  f.server.start();  // the channel goes on
  const int fd = subscribe_to(f.server.port());
  while (f.channel->subscribers() < 1) std::this_thread::sleep_for(1ms);
  f.channel->publish({"again"});
  f.channel.reset();
  f.server.stop();
  f.server.wait();
  CHECK(count(read_all(fd), "data: again\n") == 1);
  ::close(fd);
}

TEST_CASE("a stream of one client does not hold the stop", "[events]") {
  weir::Options options;
  options.threads = 1;
  options.stop_deadline = 60s;
  weir::Server server(options);
  weir::EventStream events;
  std::atomic<bool> open{false};
  server.get("/events", [&](const weir::Request& req, weir::Response& res) {
    events = weir::EventStream(req, res);
    events.send({"hello"});
    open = true;
  });
  server.listen("127.0.0.1", 0);
  server.start();
  const int fd = subscribe_to(server.port());
  while (!open) std::this_thread::sleep_for(1ms);
  const auto before = std::chrono::steady_clock::now();
  server.stop();
  server.wait();
  CHECK(std::chrono::steady_clock::now() - before < 30s);
  CHECK(count(read_all(fd), "data: hello\n") == 1);
  ::close(fd);
  CHECK(events.send({"late"}) == WriteResult::gone);
}
