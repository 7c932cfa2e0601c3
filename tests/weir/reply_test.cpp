// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

using weir::test::Silence;

using weir::Gone;
using weir::SendResult;
using Result = weir::Outcome::Result;

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

/// A server whose /later puts its Reply into `replies`; / answers at once.
struct Fixture {
  explicit Fixture(weir::Options options = {}) : server(std::move(options)) {
    server.get("/", [] { return "now"; });
    server.get("/later", [this](const weir::Request&, weir::Response& res) {
      replies.push_back(res.defer());
    });
  }

  weir::Server server;
  std::vector<weir::Reply> replies;
};

/// Everything that on_gone and on_done told.
struct Told {
  std::vector<Gone> gone;
  std::vector<weir::Outcome> done;

  void listen(weir::Reply& reply) {
    reply.on_gone([this](Gone how) { gone.push_back(how); });
    reply.on_done([this](const weir::Outcome& how) { done.push_back(how); });
  }
};

}  // namespace

// ── Completing ───────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a deferred reply is sent when it is completed, on the loop or elsewhere", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  CHECK(client.receive_raw().empty());
  REQUIRE(f.replies.size() == 1);

  SECTION("from the loop's thread") {
    CHECK(f.replies[0].text("hello") == SendResult::accepted);
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == 200);
    CHECK(answer.body == "hello");
    CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
  }
  SECTION("from a timer") {
    f.server.after(20ms, [&] { f.replies[0].json("{}"); });
    client.advance(10ms);
    CHECK(client.receive_raw().empty());
    client.advance(20ms);
    CHECK(client.receive().header("Content-Type") == "application/json");
  }
  SECTION("from another thread") {
    SendResult result = SendResult::gone;
    std::thread([&] { result = f.replies[0].html("<p>"); }).join();
    CHECK(result == SendResult::accepted);
    CHECK(client.receive().header("Content-Type") == "text/html; charset=utf-8");
  }
  SECTION("with a response of its own") {
    weir::Response response;
    response.status(weir::Status::created).header("Location", "/new").body(std::string("made"));
    CHECK(f.replies[0].send(std::move(response)) == SendResult::accepted);
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == 201);
    CHECK(answer.header("Location") == "/new");
    CHECK(answer.body == "made");
  }
  SECTION("with an error") {
    CHECK(f.replies[0].error(weir::Status::not_found, "no such thing") == SendResult::accepted);
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == 404);
    CHECK(answer.body.find("no such thing") != std::string::npos);
  }
  SECTION("with nothing set: 204, as from a handler") {
    CHECK(f.replies[0].send(weir::Response()) == SendResult::accepted);
    CHECK(client.receive().status == 204);
  }
  CHECK(client.get("/").body == "now");
}

TEST_CASE("a reply may be completed inside its handler, and is sent when that returns", "[reply]") {
  weir::Server server;
  server.get("/inside", [](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    if (reply.text("inside") != SendResult::accepted) throw std::logic_error("not accepted");
    if (reply.text("again") != SendResult::already_answered) throw std::logic_error("twice");
  });
  server.get("/pooled", weir::blocking([](const weir::Request&, weir::Response& res) {
               weir::Reply reply = res.defer();
               std::thread([reply]() mutable { reply.text("pooled"); }).join();
             }));
  weir::testing::Client client(server);
  CHECK(client.get("/inside").body == "inside");
  CHECK(client.get("/pooled").body == "pooled");
  CHECK(client.get("/inside").body == "inside");
}

TEST_CASE("the first completion of all copies wins", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  weir::Reply first = f.replies.at(0);
  weir::Reply second = first;

  SECTION("in a row") {
    CHECK(second.text("second") == SendResult::accepted);
    CHECK(first.text("first") == SendResult::already_answered);
    CHECK(first.error(weir::Status::bad_gateway) == SendResult::already_answered);
    CHECK_FALSE(first.stream(weir::Response()));
    CHECK(client.receive().body == "second");
    CHECK(first.text("first") == SendResult::already_answered);
  }
  SECTION("from many threads at once: one is accepted, and it is the one that is sent") {
    std::atomic<int> accepted{0};
    std::atomic<int> winner{-1};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i, reply = first]() mutable {
        if (reply.text(std::to_string(i)) != SendResult::accepted) return;
        ++accepted;
        winner = i;
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(accepted == 1);
    CHECK(client.receive().body == std::to_string(winner));
  }
  f.replies.clear();
  CHECK(client.get("/").body == "now");
}

TEST_CASE("the last copy dropped unanswered sends 500", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));

  SECTION("on the loop's thread, and not before the last") {
    weir::Reply copy = f.replies.at(0);
    f.replies.clear();
    client.settle();
    CHECK(client.receive_raw().empty());
    copy = weir::Reply();
    CHECK(client.receive().status == 500);
  }
  SECTION("on another thread") {
    std::thread([reply = std::move(f.replies.at(0))] {}).join();
    CHECK(client.receive().status == 500);
  }
  SECTION("moving a reply neither adds nor drops one") {
    weir::Reply moved = std::move(f.replies.at(0));
    f.replies.clear();
    client.settle();
    CHECK(client.receive_raw().empty());
    weir::Reply assigned;
    assigned = std::move(moved);
    client.settle();
    CHECK(client.receive_raw().empty());
    CHECK(assigned.text("moved") == SendResult::accepted);
    CHECK(client.receive().body == "moved");
  }
  CHECK(client.get("/").body == "now");
}

TEST_CASE("a reply dropped in the handler or by an exception after defer() sends one 500",
          "[reply]") {
  const Silence silence;
  weir::Server server;
  server.get("/drop", [](const weir::Request&, weir::Response& res) { res.defer(); });
  server.get("/throw", [](const weir::Request&, weir::Response& res) {
    const weir::Reply reply = res.defer();
    throw std::runtime_error("after defer");
  });
  server.get("/pooled", weir::blocking([](const weir::Request&, weir::Response& res) {
               const weir::Reply reply = res.defer();
               throw std::runtime_error("after defer");
             }));
  server.get("/", [] { return "now"; });
  weir::testing::Client client(server);
  for (const char* target : {"/drop", "/throw", "/pooled"}) {
    CAPTURE(target);
    client.send_raw(get(target) + get("/"));
    CHECK(client.receive().status == 500);
    CHECK(client.receive().body == "now");
    CHECK(client.receive_raw().empty());
  }
}

TEST_CASE("a reply fits into a std::function and is used from it", "[reply]") {
  weir::Server server;
  std::function<void(std::string)> call;
  server.get("/later", [&](const weir::Request&, weir::Response& res) {
    call = [reply = res.defer()](std::string s) mutable { reply.text(s); };
  });
  weir::testing::Client client(server);
  client.send_raw(get("/later"));
  std::function<void(std::string)> copy = call;
  call = nullptr;
  copy("called");
  CHECK(client.receive().body == "called");
}

TEST_CASE("an empty reply answers nobody", "[reply]") {
  weir::Reply reply;
  CHECK_FALSE(reply);
  CHECK(reply.text("x") == SendResult::gone);
  CHECK(reply.error(weir::Status::bad_request) == SendResult::gone);
  CHECK(reply.gone() == Gone::yes);
  CHECK_FALSE(reply.stream(weir::Response()));
}

TEST_CASE("a response that belongs to no request cannot be deferred", "[reply]") {
  weir::Response response;
  CHECK_THROWS_AS(response.defer(), std::logic_error);
  CHECK_THROWS_AS(response.stream(), std::logic_error);
}

// ── Order on a connection ────────────────────────────────────────────────────────────────────────

TEST_CASE("requests behind a deferred one wait for it and are answered in order", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later") + get("/") + get("/later") + get("/"));
  CHECK(f.replies.size() == 1);
  CHECK(client.receive_raw().empty());
  f.replies[0].text("one");
  CHECK(client.receive().body == "one");
  CHECK(client.receive().body == "now");
  CHECK(client.receive_raw().empty());
  REQUIRE(f.replies.size() == 2);
  f.replies[1].text("three");
  CHECK(client.receive().body == "three");
  CHECK(client.receive().body == "now");
}

TEST_CASE("many connections are answered in any order, each with its own", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  std::vector<weir::testing::Connection> connections;
  for (int i = 0; i < 20; ++i) {
    connections.push_back(client.connect());
    connections.back().send_raw(get("/later"));
  }
  REQUIRE(f.replies.size() == 20);
  for (std::size_t i = 20; i-- > 0;) f.replies[i].text("to " + std::to_string(i));
  for (std::size_t i = 0; i < 20; ++i)
    CHECK(connections[i].receive().body == "to " + std::to_string(i));
}

// ── Late ─────────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a late reply never reaches the next request of its connection", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  client.advance(31s);
  CHECK(client.receive().status == 504);
  CHECK(f.replies.at(0).gone() == Gone::yes);

  client.send_raw(get("/later"));
  REQUIRE(f.replies.size() == 2);
  CHECK(f.replies[0].text("to the first") == SendResult::gone);
  CHECK_FALSE(f.replies[0].stream(weir::Response()));
  client.settle();
  CHECK(client.receive_raw().empty());
  CHECK(f.replies[1].gone() == Gone::no);
  CHECK(f.replies[1].text("to the second") == SendResult::accepted);
  CHECK(client.receive().body == "to the second");
}

TEST_CASE("a late reply never reaches the next connection in the same slot", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  client.vanish();
  CHECK(client.connections() == 0);
  client.send_raw(get("/later"));  // a new connection
  REQUIRE(f.replies.size() == 2);
  CHECK(f.replies[0].text("old") == SendResult::gone);
  client.settle();
  CHECK(client.receive_raw().empty());
  CHECK(f.replies[1].text("new") == SendResult::accepted);
  CHECK(client.receive().body == "new");
}

TEST_CASE("completions that race with the time-out give one answer each", "[reply]") {
  weir::Options options;
  options.handler_timeout = 1s;
  Fixture f(options);
  weir::testing::Client client(f.server);
  for (std::size_t round = 0; round < 20; ++round) {
    client.send_raw(get("/later"));
    REQUIRE(f.replies.size() == round + 1);
    SendResult result = SendResult::gone;
    std::thread racer([&] { result = f.replies[round].text("in time"); });
    client.advance(1100ms);
    racer.join();
    const weir::testing::Answer answer = client.receive();
    if (result == SendResult::accepted) {
      CHECK(answer.body == "in time");
    } else {
      CHECK(answer.status == 504);
    }
    CHECK(client.receive_raw().empty());
  }
}

TEST_CASE("a route's time-out is its own, and 0 is none", "[reply]") {
  weir::Server server;
  std::vector<weir::Reply> replies;
  const auto defer = [&](const weir::Request&, weir::Response& res) {
    replies.push_back(res.defer());
  };
  weir::RouteOptions brief;
  brief.timeout = 1s;
  weir::RouteOptions endless;
  endless.timeout = 0s;
  server.get("/short", defer, brief);
  server.get("/never", defer, endless);
  weir::testing::Client client(server);
  client.send_raw(get("/short"));
  client.advance(1100ms);
  CHECK(client.receive().status == 504);
  client.send_raw(get("/never"));
  client.advance(1h);
  CHECK(client.receive_raw().empty());
  CHECK(replies.at(1).text("at last") == SendResult::accepted);
  CHECK(client.receive().body == "at last");
}

TEST_CASE("a reply outlives its server", "[reply]") {
  weir::Reply reply;
  Told told;
  std::thread late;
  std::promise<void> destroyed;
  SendResult from_thread = SendResult::accepted;
  {
    weir::Server server;
    server.get("/later", [&](const weir::Request&, weir::Response& res) { reply = res.defer(); });
    weir::testing::Client client(server);
    client.send_raw(get("/later"));
    late = std::thread([&, reply]() mutable {
      destroyed.get_future().wait();
      from_thread = reply.text("too late");
    });
    told.listen(reply);
    client.settle();
    CHECK(reply.gone() == Gone::no);
  }
  destroyed.set_value();
  late.join();
  CHECK(from_thread == SendResult::gone);
  CHECK(reply.gone() == Gone::yes);
  CHECK(reply.text("late") == SendResult::gone);
  CHECK(reply.error(weir::Status::bad_gateway) == SendResult::gone);
  CHECK_FALSE(reply.stream(weir::Response()));
  CHECK(reply.request().path() == "/later");
  CHECK(told.gone == std::vector<Gone>{Gone::yes});
  REQUIRE(told.done.size() == 1);
  CHECK(told.done[0].result == Result::gone);

  Told after;  // listeners that come now are told at once, by this thread
  after.listen(reply);
  CHECK(after.gone == std::vector<Gone>{Gone::yes});
  REQUIRE(after.done.size() == 1);
  CHECK(after.done[0].result == Result::gone);
}

// ── The request ──────────────────────────────────────────────────────────────────────────────────

TEST_CASE("views of reply.request() live as long as the reply", "[reply]") {
  weir::Server server;
  weir::Reply reply;
  std::string_view field;
  std::string_view from_handler;  // a view of the handler's request, taken after defer()
  server.post("/users/{name}", [&](const weir::Request& req, weir::Response& res) {
    reply = res.defer();
    field = reply.request().header("X-Field");
    from_handler = req.path();
  });
  server.get("/", [] { return "now"; });
  {
    weir::testing::Client client(server);
    client.send_raw(
        "POST /users/J%C3%B6rg?q=1 HTTP/1.1\r\nHost: t\r\nX-Field: kept\r\nContent-Length: "
        "5\r\n\r\nhello");
    weir::testing::Connection other = client.connect();  // uses the loop's buffer again
    CHECK(other.get("/").body == "now");
    client.vanish();
  }
  const weir::Request& request = reply.request();
  CHECK(field == "kept");
  CHECK(from_handler == "/users/J\xC3\xB6rg");
  CHECK(request.method() == weir::Method::post);
  CHECK(request.target() == "/users/J%C3%B6rg?q=1");
  CHECK(request.path() == "/users/J\xC3\xB6rg");
  CHECK(request.param("name") == "J\xC3\xB6rg");
  CHECK(request.pattern() == "/users/{name}");
  CHECK(request.body() == "hello");
}

// ── gone() and on_gone() ─────────────────────────────────────────────────────────────────────────

TEST_CASE("gone() rises from no to half_closed to yes, and on_gone tells each rise", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  weir::Reply& reply = f.replies.at(0);
  Told told;
  told.listen(reply);
  client.settle();
  CHECK(reply.gone() == Gone::no);
  CHECK(told.gone.empty());

  SECTION("a FIN, then the rest") {
    client.half_close();
    CHECK(reply.gone() == Gone::half_closed);
    CHECK(told.gone == std::vector<Gone>{Gone::half_closed});
    client.vanish();
    CHECK(reply.gone() == Gone::yes);
    CHECK(told.gone == std::vector<Gone>{Gone::half_closed, Gone::yes});
    REQUIRE(told.done.size() == 1);
    CHECK(told.done[0].result == Result::gone);
    CHECK(static_cast<int>(told.done[0].status) == 0);
    CHECK(reply.text("x") == SendResult::gone);
  }
  SECTION("a FIN, then the answer: it is delivered") {
    client.half_close();
    CHECK(reply.text("still here") == SendResult::accepted);
    CHECK(client.receive().body == "still here");
    client.settle();
    CHECK(client.is_closed());
    CHECK(told.gone == std::vector<Gone>{Gone::half_closed});
    REQUIRE(told.done.size() == 1);
    CHECK(told.done[0].result == Result::delivered);
  }
  SECTION("a reset") {
    client.vanish();
    CHECK(told.gone == std::vector<Gone>{Gone::yes});
    CHECK(told.done.size() == 1);
    CHECK(client.connections() == 0);
  }
  SECTION("a time-out") {
    client.advance(31s);
    CHECK(reply.gone() == Gone::yes);
    CHECK(told.gone == std::vector<Gone>{Gone::yes});
  }
  SECTION("the server's end") {
    client.vanish();
    CHECK(reply.gone() == Gone::yes);
  }
}

TEST_CASE("on_gone tells at once what has happened already", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  client.half_close();
  Told told;
  told.listen(f.replies.at(0));
  client.settle();
  CHECK(told.gone == std::vector<Gone>{Gone::half_closed});
  client.vanish();
  CHECK(told.gone == std::vector<Gone>{Gone::half_closed, Gone::yes});
  told.listen(f.replies.at(0));
  client.settle();
  CHECK(told.gone == std::vector<Gone>{Gone::half_closed, Gone::yes, Gone::yes});
  CHECK(told.done.size() == 2);
}

TEST_CASE("an answer that was completed but not delivered is gone with its client", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.connection().set_window(100);
  client.send_raw(get("/later"));
  weir::Reply& reply = f.replies.at(0);
  Told told;
  told.listen(reply);
  CHECK(reply.text(std::string(100'000, 'x')) == SendResult::accepted);
  client.settle();
  CHECK(told.done.empty());
  CHECK(reply.gone() == Gone::no);
  client.vanish();
  REQUIRE(told.done.size() == 1);
  CHECK(told.done[0].result == Result::gone);
  CHECK(told.gone == std::vector<Gone>{Gone::yes});
  CHECK(reply.gone() == Gone::yes);
}

TEST_CASE("listeners run and end on the loop's thread, whoever set them", "[reply]") {
  struct Probe {
    std::thread::id* at;
    Probe(std::thread::id* where) : at(where) {}
    Probe(Probe&& other) noexcept : at(std::exchange(other.at, nullptr)) {}
    ~Probe() {
      if (at != nullptr) *at = std::this_thread::get_id();
    }
  };
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  std::thread::id ran;
  std::thread::id ended;
  std::thread::id done_ran;
  std::thread::id done_ended;
  std::thread([&, reply = f.replies.at(0)]() mutable {
    reply.on_gone([&, probe = Probe(&ended)](Gone) { ran = std::this_thread::get_id(); });
    reply.on_done([&, probe = Probe(&done_ended)](const weir::Outcome&) {
      done_ran = std::this_thread::get_id();
    });
  }).join();
  client.settle();
  CHECK(ended == std::thread::id());
  client.vanish();
  CHECK(ran == std::this_thread::get_id());
  CHECK(ended == std::this_thread::get_id());
  CHECK(done_ran == std::this_thread::get_id());
  CHECK(done_ended == std::this_thread::get_id());
}

TEST_CASE("a listener may hold its own reply without keeping it alive for ever", "[reply]") {
  Fixture f;
  auto alive = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = alive;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  weir::Reply reply = std::move(f.replies.at(0));
  reply.on_gone([reply, alive](Gone) {});
  reply.on_done([reply, alive](const weir::Outcome&) {});
  alive.reset();
  reply.text("x");
  CHECK(client.receive().body == "x");
  client.settle();
  CHECK(watched.expired());
}

TEST_CASE("a listener may complete its reply", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  SendResult at_half = SendResult::gone;
  SendResult at_end = SendResult::accepted;
  f.replies.at(0).on_gone([&, reply = f.replies[0]](Gone how) mutable {
    (how == Gone::half_closed ? at_half : at_end) = reply.text("hurry");
  });
  client.half_close();
  CHECK(at_half == SendResult::accepted);
  CHECK(client.receive().body == "hurry");
}

TEST_CASE("a listener that throws harms nobody", "[reply]") {
  const Silence silence;
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  weir::Reply& reply = f.replies.at(0);
  int told = 0;
  const auto throws_gone = [&](Gone) {
    ++told;
    throw std::runtime_error("on_gone");
  };
  const auto throws_done = [&](const weir::Outcome&) {
    ++told;
    throw std::runtime_error("on_done");
  };
  reply.on_gone(throws_gone);
  reply.on_done(throws_done);
  reply.on_done(throws_done);
  client.half_close();
  CHECK(told == 1);
  reply.on_gone(throws_gone);  // at once
  client.settle();
  CHECK(told == 2);
  client.vanish();
  CHECK(told == 6);
  reply.on_gone(throws_gone);  // it is over
  reply.on_done(throws_done);
  client.settle();
  CHECK(told == 8);
  CHECK(client.get("/").body == "now");
}

TEST_CASE("an empty listener is none", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  f.replies.at(0).on_gone({});
  f.replies.at(0).on_done({});
  client.vanish();
  CHECK(f.replies.at(0).gone() == Gone::yes);
}

TEST_CASE("HalfClose::abort takes a FIN for a loss", "[reply]") {
  weir::Options options;
  options.half_close = weir::HalfClose::abort;
  Fixture f(options);
  weir::testing::Client client(f.server);
  client.send_raw(get("/later"));
  Told told;
  told.listen(f.replies.at(0));
  client.half_close();
  CHECK(f.replies.at(0).gone() == Gone::yes);
  CHECK(told.gone == std::vector<Gone>{Gone::yes});
  CHECK(client.is_closed());
  CHECK(f.replies.at(0).text("x") == SendResult::gone);
  CHECK(client.get("/").body == "now");
}

// ── on_done() ────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("on_done tells status, bytes and time of what was delivered", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.connection().set_window(200);
  client.send_raw(get("/later"));
  Told told;
  told.listen(f.replies.at(0));
  client.advance(250ms);
  weir::Response response;
  response.status(weir::Status::created).body(std::string(5000, 'x'));
  f.replies[0].send(std::move(response));
  client.settle();
  CHECK(told.done.empty());  // accepted, not delivered: the window is full
  CHECK(client.receive().body.size() == 5000);
  client.settle();
  REQUIRE(told.done.size() == 1);
  CHECK(told.done[0].result == Result::delivered);
  CHECK(told.done[0].status == weir::Status::created);
  CHECK(told.done[0].content_bytes == 5000);
  CHECK(told.done[0].duration_ms == 250);
  CHECK(told.gone.empty());

  told.listen(f.replies[0]);  // what is over is told at once
  client.settle();
  CHECK(told.done.size() == 2);
  CHECK(told.gone.empty());
}

TEST_CASE("each answer of a pipeline is told done when its own last byte has left", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.connection().set_window(100);
  client.send_raw(get("/later"));
  Told first;
  first.listen(f.replies.at(0));
  f.replies[0].text(std::string(20'000, 'a'));
  client.send_raw(get("/later"));
  REQUIRE(f.replies.size() == 2);
  Told second;
  second.listen(f.replies[1]);
  f.replies[1].text(std::string(20'000, 'b'));
  client.settle();
  CHECK(first.done.empty());
  CHECK(second.done.empty());
  while (first.done.empty()) REQUIRE_FALSE(client.receive_raw().empty());
  CHECK(second.done.empty());
  while (second.done.empty()) REQUIRE_FALSE(client.receive_raw().empty());
  CHECK(first.done.size() == 1);
  CHECK(second.done.size() == 1);
}

TEST_CASE("a head request's answer has no content bytes", "[reply]") {
  weir::Server server;
  Told told;
  server.get("/x", [&](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    told.listen(reply);
    reply.text("hello");
  });
  weir::testing::Client client(server);
  const weir::testing::Answer answer = client.head("/x");
  CHECK(answer.header("Content-Length") == "5");
  client.settle();
  REQUIRE(told.done.size() == 1);
  CHECK(told.done[0].content_bytes == 0);
  CHECK(told.done[0].result == Result::delivered);
}

TEST_CASE("a write that stalls is a loss", "[reply]") {
  Fixture f;
  weir::testing::Client client(f.server);
  client.connection().set_window(10);
  client.send_raw(get("/later"));
  Told told;
  told.listen(f.replies.at(0));
  f.replies[0].text(std::string(1000, 'x'));
  client.settle();
  client.advance(31s);
  CHECK(client.is_closed());
  REQUIRE(told.done.size() == 1);
  CHECK(told.done[0].result == Result::gone);
  CHECK(told.done[0].status == weir::Status::ok);
}

TEST_CASE("an empty reply tells nobody", "[reply]") {
  weir::Reply empty;
  bool called = false;
  empty.on_gone([&](weir::Gone) { called = true; });
  empty.on_done([&](const weir::Outcome&) { called = true; });
  CHECK(empty.text("x") == weir::SendResult::gone);
  CHECK_FALSE(called);
}

// ── Workers ──────────────────────────────────────────────────────────────────────────────────────

TEST_CASE("a reply's task runs on a worker and may answer there", "[weir]") {
  weir::Server server;
  server.get("/", [](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    weir::net::Task task = [reply, loop = std::this_thread::get_id()]() mutable {
      reply.text(std::this_thread::get_id() == loop ? "on the loop" : "on a worker");
    };
    if (!reply.run_on_worker(task)) reply.error(weir::Status::service_unavailable);
  });
  weir::testing::Client client(server);
  CHECK(client.get("/").body == "on a worker");
}

TEST_CASE("a task that finds the workers' queue full stays the caller's", "[weir]") {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  weir::Options options;
  options.workers = 1;
  options.worker_queue = 1;
  weir::Server server(options);
  server.get("/", [released](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    // The first is taken by the worker or waits; of three, one has no place.
    for (int i = 0; i < 3; ++i) {
      weir::net::Task task = [reply, released]() mutable { released.wait(); };
      if (reply.run_on_worker(task)) continue;
      CHECK(static_cast<bool>(task));
      reply.text("no place");
    }
  });
  weir::testing::Client client(server);
  CHECK(client.get("/").body == "no place");
  CHECK(client.counters()[weir::Counter::worker_queue_full] >= 1);
  release.set_value();
}
