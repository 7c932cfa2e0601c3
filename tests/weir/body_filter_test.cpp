// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <support/temporary_directory.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using weir::test::Silence;

using weir::testing::Answer;
using weir::testing::Client;
using Transform = std::function<void(std::string_view piece, bool last, weir::FilterOutput out)>;

/// A filter that is a function.
struct Calling final : weir::BodyFilter {
  explicit Calling(Transform f) : f_(std::move(f)) {}
  void transform(std::string_view piece, bool last, weir::FilterOutput out) override {
    f_(piece, last, std::move(out));
  }

 private:
  Transform f_;
};

/// A middleware that adds these to every answer, and counts the outcomes.
struct Filtering {
  std::vector<Transform> transforms;
  std::shared_ptr<std::vector<weir::Outcome>> outcomes =
      std::make_shared<std::vector<weir::Outcome>>();

  void head(const weir::Request&, weir::ResponseHead&, weir::BodyFilters& filters) const {
    for (const Transform& f : transforms) filters.add(std::make_unique<Calling>(f));
  }
  void done(const weir::Request&, const weir::Outcome& outcome) const {
    outcomes->push_back(outcome);
  }
};

void shout(std::string_view piece, bool last, weir::FilterOutput out) {
  std::string loud(piece);
  for (char& c : loud) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  out.write(loud);
  if (last) out.write("!");
  out.done();
}

void bracket(std::string_view piece, bool last, weir::FilterOutput out) {
  out.write("<");
  out.write(piece);
  out.write(last ? "/>" : ">");
  out.done();
}

/// Holds what came into the filter until release() lets it out, as a pool would.
struct Later {
  std::vector<std::pair<std::string, weir::FilterOutput>> held;
  Transform transform() {
    return [this](std::string_view piece, bool, weir::FilterOutput out) {
      held.emplace_back(piece, std::move(out));
    };
  }
  void release() {
    std::thread([first = std::move(held.front())]() mutable {
      first.second.write("later " + first.first);
      first.second.done();
      first.second.done();  // once counts
    }).join();
    held.erase(held.begin());
  }
};

const char* const kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("content passes the filters in the order in which they were added", "[body_filter]") {
  weir::Server server;
  const Filtering filtering{{shout, bracket}};
  server.use(filtering);
  server.get("/whole", [] { return "hello"; });
  server.get("/reply",
             [](const weir::Request&, weir::Response& res) { res.defer().text("hello"); });
  server.get("/pooled", weir::blocking([] { return "hello"; }));
  server.get("/thrown", [](const weir::Request&, weir::Response&) {
    throw weir::HttpError{weir::Status::conflict, "taken"};
  });
  Client client(server);
  for (const char* path : {"/whole", "/reply", "/pooled"}) {
    CAPTURE(path);
    const Answer answer = client.get(path);
    CHECK(answer.status == 200);
    CHECK(answer.body == "<HELLO!/>");
    CHECK(answer.header("Content-Length") == "9");
  }
  const Answer thrown = client.get("/thrown");
  CHECK(thrown.status == 409);
  CHECK(thrown.body.find("!/>") == thrown.body.size() - 3);
  CHECK(client.get("/whole").body == "<HELLO!/>");  // the connection was kept
  CHECK(filtering.outcomes->size() == 5);
  CHECK(filtering.outcomes->front().content_bytes == 9);
  CHECK(client.connections() == 1);
}

TEST_CASE("an answer to HEAD has the filtered content's length", "[body_filter]") {
  weir::Server server;
  server.use(Filtering{{bracket}});
  server.get("/", [] { return "hello"; });
  Client client(server);
  const Answer answer = client.head("/");
  CHECK(answer.header("Content-Length") == "8");
  CHECK(answer.body.empty());
  CHECK(client.get("/").body == "<hello/>");
}

TEST_CASE("a filter hears whether more is there already", "[body_filter]") {
  weir::test::TemporaryDirectory root;
  root.write("file.txt", std::string(300'000, 'x'));
  weir::Server server;
  std::string heard;
  std::vector<weir::FilterOutput> held;
  bool holds = true;
  server.use(Filtering{{[&](std::string_view piece, bool last, weir::FilterOutput out) {
    heard += out.more_follows() ? 'm' : '.';
    if (last) heard += '!';
    out.write(piece);
    if (holds) {
      held.push_back(std::move(out));
    } else {
      out.done();
    }
  }}});
  weir::Stream stream;
  server.get("/stream", [&](const weir::Request&, weir::Response& res) { stream = res.stream(); });
  server.get("/whole", [] { return "hello"; });
  server.files("/files", root.path());
  Client client(server);
  client.send_raw("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto release = [&] {
    weir::FilterOutput out = std::move(held.front());
    held.clear();
    out.done();
    client.settle();
  };
  for (const char* const piece : {"a", "b", "c"}) stream.write(piece);
  client.settle();
  CHECK(heard == ".");  // the first came alone
  release();
  CHECK(heard == ".m");
  release();
  CHECK(heard == ".m.");
  release();
  stream.write("d");
  client.settle();
  stream.end();
  client.settle();
  CHECK(heard == ".m..");
  release();
  CHECK(heard == ".m...!");
  release();
  CHECK(client.receive().body == "abcd");

  holds = false;
  heard.clear();
  CHECK(client.get("/whole").body == "hello");
  CHECK(heard == ".!");
  heard.clear();
  CHECK(client.get("/files/file.txt").body.size() == 300'000);
  CHECK(heard == "mmm.!");
}

TEST_CASE("an answer without content passes no filter", "[body_filter]") {
  weir::Server server;
  int calls = 0;
  server.use(Filtering{{[&](std::string_view, bool, const weir::FilterOutput&) { ++calls; }}});
  server.get("/none", [](const weir::Request&, weir::Response&) {});
  server.get("/stream", [](const weir::Request&, weir::Response& res) {
    res.status(weir::Status::no_content);
    res.stream().end();
  });
  Client client(server);
  CHECK(client.get("/none").status == 204);
  CHECK(client.get("/stream").status == 204);
  CHECK(calls == 0);
}

TEST_CASE("a view of the handler's is filtered and let go", "[body_filter]") {
  weir::Server server;
  server.use(Filtering{{bracket}});
  const auto shared = std::make_shared<const std::string>(10'000, 's');
  server.get("/shared", [&](const weir::Request&, weir::Response& res) { res.body(shared); });
  Client client(server);
  CHECK(client.get("/shared").body == "<" + *shared + "/>");
  CHECK(shared.use_count() == 1);
}

TEST_CASE("a stream's pieces are filtered one by one and in chunks", "[body_filter]") {
  weir::Server server;
  server.use(Filtering{{shout, bracket}});
  const auto shared = std::make_shared<const std::string>(5'000, 'x');
  server.get("/", [&](const weir::Request&, weir::Response& res) {
    res.header("Content-Length", "5002");  // of what is not sent
    weir::Stream stream = res.stream();
    stream.write("ab");
    stream.write(shared);
    weir::ResponseHead trailers;
    trailers.set("X-Sum", "7");
    stream.end(trailers);
  });
  Client client(server);
  for (int i = 0; i < 2; ++i) {
    const Answer answer = client.get("/");
    CHECK(answer.body == "<AB><" + std::string(5'000, 'X') + "><!/>");
    CHECK(answer.trailers == "X-Sum: 7\r\n");
    CHECK_FALSE(answer.has_header("Content-Length"));
    CHECK(answer.header("Transfer-Encoding") == "chunked");
  }
  CHECK(shared.use_count() == 1);
}

TEST_CASE("a filter may finish later, from another thread", "[body_filter]") {
  Later later;
  weir::Server server;
  server.use(Filtering{{later.transform(), bracket}});
  server.get("/", [] { return "hello"; });
  server.get("/stream", [](const weir::Request&, weir::Response& res) {
    weir::Stream stream = res.stream();
    stream.write("one");
    stream.write("two");
    stream.end();
  });
  Client client(server);
  client.send_raw(kGet);
  REQUIRE(later.held.size() == 1);
  CHECK(client.receive_raw().empty());
  later.release();
  CHECK(client.receive().body == "<later hello/>");

  client.send_raw("GET /stream HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int piece = 0; piece < 3; ++piece) {
    REQUIRE(later.held.size() == 1);  // one piece is inside, the others wait
    later.release();
    client.settle();
  }
  CHECK(client.receive().body == "<later one><later two><later />");
  REQUIRE(later.held.size() == 1);  // the next request's answer, in order
  later.release();
  CHECK(client.receive().body == "<later hello/>");
}

TEST_CASE("a whole answer inside a filter counts as held memory", "[body_filter]") {
  Later later;
  weir::Server server;
  server.use(Filtering{{later.transform()}});
  server.get("/", [] { return std::string(100'000, 'x'); });
  Client client(server);
  client.send_raw(kGet);
  REQUIRE(later.held.size() == 1);
  CHECK(client.counters()[weir::Counter::buffered_bytes] >= 100'000);
  later.release();
  CHECK(client.receive().body.size() == 100'006);
  CHECK(client.counters()[weir::Counter::buffered_bytes] == 0);
}

TEST_CASE("what a filter throws breaks the answer off", "[body_filter]") {
  const Silence silence;
  weir::Server server;
  const Filtering filtering{{[](std::string_view piece, bool, weir::FilterOutput out) {
    if (piece == "bad") throw std::runtime_error("bad");
    out.write(piece);
    out.done();
  }}};
  server.use(filtering);
  server.get("/", [] { return "bad"; });
  server.get("/stream", [](const weir::Request&, weir::Response& res) {
    weir::Stream stream = res.stream();
    stream.write("good");
    stream.write("bad");
    stream.write("late");
    stream.end();
  });
  Client client(server);
  client.send_raw(kGet);
  CHECK(client.is_closed());
  CHECK(client.receive_raw().empty());
  weir::testing::Connection second = client.connect();
  second.send_raw("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(second.is_closed());
  const std::string raw = second.receive_raw();
  CHECK(raw.find("bad") == std::string::npos);
  CHECK(raw.find("\r\n0\r\n") == std::string::npos);
  CHECK(client.connections() == 0);
  REQUIRE(filtering.outcomes->size() == 2);
  for (const weir::Outcome& outcome : *filtering.outcomes)
    CHECK(outcome.result == weir::Outcome::Result::aborted);
}

TEST_CASE("an output that goes without done() breaks the answer off", "[body_filter]") {
  const Silence silence;
  weir::Server server;
  Later later;
  bool at_once = true;
  const Filtering filtering{{[&](std::string_view piece, bool last, weir::FilterOutput out) {
    if (!at_once) later.transform()(piece, last, std::move(out));
  }}};
  server.use(filtering);
  server.get("/", [] { return "hello"; });
  Client client(server);
  SECTION("in the call") { client.send_raw(kGet); }
  SECTION("later") {
    at_once = false;
    client.send_raw(kGet);
    REQUIRE(later.held.size() == 1);
    CHECK_FALSE(client.is_closed());
    later.held.clear();
    client.settle();
  }
  CHECK(client.is_closed());
  CHECK(client.connections() == 0);
  REQUIRE(filtering.outcomes->size() == 1);
  CHECK(filtering.outcomes->front().result != weir::Outcome::Result::delivered);
}

TEST_CASE("a client that goes while a filter works is nobody's problem", "[body_filter]") {
  Later later;
  weir::Server server;
  const Filtering filtering{{later.transform()}};
  server.use(filtering);
  server.get("/", [] { return "hello"; });
  {
    Client client(server);
    client.send_raw(kGet);
    REQUIRE(later.held.size() == 1);
    client.vanish();
    client.settle();
    CHECK(client.connections() == 0);
    REQUIRE(filtering.outcomes->size() == 1);
    CHECK(filtering.outcomes->front().result == weir::Outcome::Result::gone);
    later.release();
    client.settle();
    client.send_raw(kGet);
    REQUIRE(later.held.size() == 1);
  }
  later.release();  // the loop has gone, too
}

TEST_CASE("a handler's time-out breaks off an answer inside a filter", "[body_filter]") {
  const Silence silence;
  Later later;
  weir::Options options;
  options.handler_timeout = std::chrono::seconds(1);
  weir::Server server(options);
  server.use(Filtering{{later.transform()}});
  server.get("/", [] { return "hello"; });
  Client client(server);
  client.send_raw(kGet);
  REQUIRE(later.held.size() == 1);
  client.advance(std::chrono::seconds(2));
  CHECK(client.is_closed());
  CHECK(client.receive_raw().empty());
  later.release();
  client.settle();
  CHECK(client.connections() == 0);
}

TEST_CASE("a slow filter holds up its writer", "[body_filter]") {
  Later later;
  weir::Options options;
  options.stream_buffer = 4096;
  weir::Server server(options);
  server.use(Filtering{{later.transform()}});
  weir::Stream stream;
  server.get("/", [&](const weir::Request&, weir::Response& res) { stream = res.stream(); });
  Client client(server);
  client.send_raw(kGet);
  const std::string piece(3'000, 'p');
  CHECK(stream.write(piece) == weir::WriteResult::ok);
  stream.write(piece);
  client.settle();
  CHECK(stream.write(piece) == weir::WriteResult::full);
  while (!later.held.empty()) {
    later.release();
    client.settle();
  }
  CHECK(stream.write("end") == weir::WriteResult::ok);
  stream.end();
  client.settle();
  while (!later.held.empty()) {
    later.release();
    client.settle();
  }
  CHECK(client.receive().body.size() > 6'000);
}
