// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/session.hpp>

#include "../support/pieces.hpp"

using namespace weir;
using http::ContentError;
using http::ContentPlan;
using http::ResponseHead;
using http::Session;
using http::Status;
using Kind = ContentPlan::Kind;

namespace {

/// Gathers everything in one string, from blocks of exactly the size that was asked for.
class Sink final : public http::Output {
 public:
  void push(std::string&& bytes) override {
    flush();
    text_ += bytes;
  }
  void push(std::string_view bytes, std::shared_ptr<const void>) override {
    flush();
    text_ += bytes;
  }
  void push_file(int, std::uint64_t, std::uint64_t, std::shared_ptr<const void>) override {
    FAIL("no file is sent here");
  }
  const std::string& text() {
    flush();
    return text_;
  }
  std::string take() {
    flush();
    return std::move(text_);
  }

 private:
  void make_room(std::size_t size) override {
    flush();
    block_.reset(new char[size]);
    at_ = block_.get();
    end_ = at_ + size;
  }
  void flush() {
    if (block_) text_.append(block_.get(), static_cast<std::size_t>(at_ - block_.get()));
    block_.reset();
    at_ = end_ = nullptr;
  }
  std::unique_ptr<char[]> block_;
  std::string text_;
};

/// A session with all it needs. What the application does is said by the request's path.
class Harness final : public http::Application {
 public:
  Harness() {
    scratch_.fields = fields_.data();
    scratch_.field_capacity = limits.field_count;
    context.now_ms = 1'000'000;
    timeouts.head_ms = 10'000;
    timeouts.keep_alive_ms = 15'000;
    timeouts.content_stall_ms = 8'000;
    timeouts.content_grace_ms = 5'000;
    timeouts.content_min_rate = 240;
    timeouts.handler_ms = 30'000;
    session.begin(context);
  }

  /// Passes bytes on as a reactor does: what is not taken stays in front of what comes next.
  Harness& feed(std::string_view bytes) {
    held += bytes;
    pump();
    return *this;
  }
  void pump() {
    while (session.wants_bytes() && !held.empty()) {
      context.out_of_turn = false;
      context.requests = 64;
      // Each call sees the bytes elsewhere, and nothing behind them.
      const std::unique_ptr<char[]> block(new char[held.size()]);
      held.copy(block.get(), held.size());
      const std::size_t used = session.on_bytes(block.get(), held.size(), context);
      REQUIRE(used <= held.size());
      held.erase(0, used);
      if (used == 0 && !context.out_of_turn) break;
    }
  }
  Harness& cut(std::string_view bytes, const test::Cuts& cuts) {
    for (const std::size_t piece : cuts) {
      feed(bytes.substr(0, piece));
      bytes.remove_prefix(piece);
    }
    return *this;
  }
  Harness& eof() {
    session.on_eof(context);
    return *this;
  }
  Harness& pass(std::uint64_t ms) {
    context.now_ms += ms;
    session.on_deadline(context);
    return *this;
  }
  std::uint64_t due_in() const {
    return session.next_deadline() == 0 ? 0 : session.next_deadline() - context.now_ms;
  }
  void answer(std::string_view text, Status status = Status::ok) {
    ResponseHead head;
    head.status = status;
    session.answer(head, text, context);
    pump();
  }

  ContentPlan on_head(Session& self, http::RequestHead& head) override {
    ++heads;
    path = head.target_text();
    content.clear();
    log += "head ";
    ContentPlan plan{Kind::collect, 0, limit};
    if (has("/answered")) {
      answer_here("now");
      plan.kind = Kind::answered;
      plan.limit = 0;
    } else if (has("/promised")) {
      plan = {Kind::answered, 0, 0};
    } else if (has("/begun")) {
      ResponseHead response;
      self.begin_answer(response, Session::kUnknownSize, context);
      plan = {Kind::answered, 0, 0};
    } else if (has("/head-begun-collect")) {
      ResponseHead response;
      self.begin_answer(response, Session::kUnknownSize, context);
    } else if (has("/stream")) {
      plan.kind = Kind::stream;
      if (!has("-paused")) self.resume_content(context);
    } else if (has("/suspend")) {
      plan.kind = Kind::suspended;
      if (has("-resumed")) self.resume_content(context);
    } else if (has("/abort")) {
      self.abort();
    }
    if (has("-close")) self.close_after_answer();
    return plan;
  }
  void on_request(Session& self, http::RequestHead&, std::string_view text) override {
    log += "request ";
    CHECK(content.empty());
    content = text;
    respond(self);
  }
  void on_content_begin(Session& self, http::RequestHead&) override {
    log += "begin ";
    if (has("/answer-at-begin")) answer_here("early");
    if (has("/abort-at-begin")) self.abort();
  }
  void on_content(Session& self, std::string_view piece) override {
    CHECK_FALSE(piece.empty());
    content += piece;
    if (has("/stream-answer") && self.answer_pending()) answer_here("early");
    if (has("-then-pause")) self.pause_content(context);
    if (has("/stream-stop")) self.pause_content(context);
    if (has("/stream-abort")) self.abort();
  }
  void on_content_end(Session& self, std::string_view text) override {
    log += "end ";
    trailers = text;
    respond(self);
  }
  void on_content_error(Session&, ContentError error) override {
    static constexpr const char* kNames[] = {"malformed ", "too_large ", "timed_out ", "gone "};
    log += kNames[static_cast<int>(error)];
  }
  void on_refused(Session& self, Status status, std::string_view reason) override {
    log += "refused ";
    CHECK_FALSE(reason.empty());
    ResponseHead head;
    head.status = status;
    self.answer(head, "no", context);
  }
  void on_handler_timeout(Session& self) override {
    log += "timeout ";
    if (self.answer_begun()) {
      self.abort();
    } else {
      answer_here("late", Status::gateway_timeout);
    }
  }

  bool has(std::string_view part) const { return path.find(part) != std::string::npos; }
  void answer_here(std::string_view text, Status status = Status::ok) {
    ResponseHead head;
    head.status = status;
    session.answer(head, text, context);
  }

  http::Limits limits;
  http::Timeouts timeouts;
  Sink sink;
  Session session;
  std::string held;
  std::string log;
  std::string path;
  std::string content;
  std::string trailers;
  std::uint64_t limit = 1024 * 1024;
  int heads = 0;

 private:
  void respond(Session& self) {
    ResponseHead head;
    if (has("/later") || has("-later")) return;
    if (has("/chunked")) {
      CHECK(self.begin_answer(head, Session::kUnknownSize, context) == !has("-to-head"));
      self.send("ab", context);
      self.send("", context);
      self.send("cdefghijklmnopqrs", context);
      self.end_answer("T: 1\r\n", context);
    } else if (has("/known")) {
      self.begin_answer(head, 6, context);
      self.send("abc", context);
      self.send("def", context);
      self.end_answer("T: 1\r\n", context);
    } else if (has("/announced")) {
      head.set_content_length(6);
      self.begin_answer(head, Session::kUnknownSize, context);
      self.send("abcdef", context);
      self.end_answer({}, context);
    } else if (has("/short")) {
      self.begin_answer(head, 6, context);
      self.send("abc", context);
      self.end_answer({}, context);
    } else if (has("/long")) {
      self.begin_answer(head, 3, context);
      self.send("abc", context);
      self.send("d", context);
      self.end_answer({}, context);
    } else if (has("/204")) {
      answer_here("dropped", Status::no_content);
    } else if (has("/205")) {
      answer_here("dropped", Status::reset_content);
    } else if (has("/304")) {
      answer_here("dropped", Status::not_modified);
    } else if (has("/early-hints")) {
      head.set("Link", "</a>");
      self.send_interim(Status::early_hints, head, context);
      answer_here("hello");
      self.send_interim(Status::early_hints, head, context);
    } else if (has("/size-of-head")) {
      head.set_content_length(5);
      self.answer(head, {}, context);
    } else if (has("/close")) {
      head.set_close(true);
      self.answer(head, "bye", context);
    } else if (!content.empty()) {
      self.answer(head, content, context);
    } else {
      self.answer(head, "hello", context);
    }
  }

  std::vector<http::FieldIndex> fields_{100};
  http::RequestHead scratch_;

 public:
  http::SessionContext context{limits, timeouts, *this, sink, scratch_, {}};
};

const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// Without `100 Continue`, which depends on whether content had come already.
std::string without_continue(std::string text) {
  for (std::size_t at; (at = text.find(kContinue)) != std::string::npos;)
    text.erase(at, kContinue.size());
  return text;
}

std::string reply(std::string_view content, std::string_view extra = {},
                  std::string_view status = "200 OK") {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Length: " + std::to_string(content.size()) + "\r\n" + std::string(extra) +
         "\r\n" + std::string(content);
}

const std::string kClose = "Connection: close\r\n";
const std::string kKeepAlive = "Connection: keep-alive\r\n";
const std::string kChunks =
    "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n11\r\ncdefghijklmnopqrs\r\n0\r\nT: 1\r\n\r\n";

std::string get(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view target, std::string_view content, std::string_view fields = {}) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n" + std::string(content);
}
std::string chunked(std::string_view target, std::string_view coded, std::string_view fields = {}) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) +
         "Transfer-Encoding: chunked\r\n\r\n" + std::string(coded);
}

const std::string kCoded = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 2\r\n\r\n";
const std::string kExpect = "Expect: 100-continue\r\n";

enum class Then { open, close, abort };

struct Case {
  const char* name;
  std::string wire;
  std::string out;
  Then then = Then::open;
};

const Case kCases[] = {
    // Keep-alive by version and Connection (RFC 9112 §9.3).
    {"HTTP/1.1 persists", get("/") + get("/"), reply("hello") + reply("hello")},
    {"close ends", get("/", "Connection: close\r\n") + get("/"), reply("hello", kClose),
     Then::close},
    {"close in a list", get("/", "Connection: x, Close\r\n"), reply("hello", kClose), Then::close},
    {"HTTP/1.0 ends", "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n", reply("hello", kClose),
     Then::close},
    {"HTTP/1.0 asks to persist", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get("/"),
     reply("hello", kKeepAlive) + reply("hello")},
    {"the answer closes", get("/close") + get("/"), reply("bye", kClose), Then::close},
    {"the application closes", get("/x-close") + get("/"), reply("hello", kClose), Then::close},
    {"an empty line between requests", get("/") + "\r\n" + get("/"),
     reply("hello") + reply("hello")},

    // Answers without content.
    {"HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"),
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + reply("hello")},
    {"HEAD with an announced length", "HEAD /size-of-head HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"),
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + reply("hello")},
    {"HEAD of a chunked answer", "HEAD /chunked-to-head HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"),
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + reply("hello")},
    {"HEAD of a streamed answer", "HEAD /known HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"),
     "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + reply("hello")},
    {"204", get("/204") + get("/"), "HTTP/1.1 204 No Content\r\n\r\n" + reply("hello")},
    {"205", get("/205") + get("/"), reply("", "", "205 Reset Content") + reply("hello")},
    {"304", get("/304") + get("/"), "HTTP/1.1 304 Not Modified\r\n\r\n" + reply("hello")},
    {"103 only before the final answer", get("/early-hints") + get("/"),
     "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + reply("hello") + reply("hello")},
    {"no 1xx for HTTP/1.0", "GET /early-hints HTTP/1.0\r\n\r\n", reply("hello", kClose),
     Then::close},

    // How the answer's content is framed.
    {"chunks and trailers", get("/chunked") + get("/"),
     "HTTP/1.1 200 OK\r\n" + kChunks + reply("hello")},
    {"until close for HTTP/1.0",
     "GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get("/"),
     "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcdefghijklmnopqrs", Then::close},
    {"a known length", get("/known") + get("/"), reply("abcdef") + reply("hello")},
    {"a length announced in the head", get("/announced") + get("/"),
     reply("abcdef") + reply("hello")},
    {"shorter than announced", get("/short") + get("/"),
     "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", Then::abort},
    {"longer than announced", get("/long") + get("/"), reply("abc") + reply("hello")},

    // A request's content.
    {"by length", post("/", "abc") + get("/"), reply("abc") + reply("hello")},
    {"length 0", post("/", "") + get("/"), reply("hello") + reply("hello")},
    {"chunked", chunked("/", kCoded) + get("/"), reply("hello world") + reply("hello")},
    {"chunked and empty", chunked("/", "0\r\n\r\n") + get("/"), reply("hello") + reply("hello")},
    {"HTTP/1.0 by length", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabcGET",
     reply("abc", kClose), Then::close},
    {"streamed by length", post("/stream", "abc") + get("/"), reply("abc") + reply("hello")},
    {"streamed and none", get("/stream") + get("/"), reply("hello") + reply("hello")},
    {"streamed in chunks", chunked("/stream", kCoded) + get("/"),
     reply("hello world") + reply("hello")},

    // Answers before the content is read.
    {"answered, no content", get("/answered") + get("/"), reply("now") + reply("hello")},
    {"answered, content drained", post("/answered", "abc") + get("/"),
     reply("now") + reply("hello")},
    {"answered, chunks drained", chunked("/answered", kCoded) + get("/"),
     reply("now") + reply("hello")},
    {"answered, closing", post("/answered", "abc", "Connection: close\r\n") + get("/"),
     reply("now", kClose), Then::close},
    {"answered at the content's beginning", chunked("/answer-at-begin", kCoded) + get("/"),
     reply("early") + reply("hello")},
    {"answered at a piece", chunked("/stream-answer", kCoded) + get("/"),
     reply("early") + reply("hello")},
    {"answered at a piece and paused", post("/stream-answer-then-pause", "abc") + get("/"),
     reply("early") + reply("hello")},
    {"answered at the last piece, closing", post("/stream-answer", "a", kClose) + get("/"),
     reply("early", kClose), Then::close},
    {"drained chunks are malformed", chunked("/answered", "zz\r\n") + get("/"), reply("now"),
     Then::close},
    {"too long to drain is said",
     "POST /answered HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n", reply("now", kClose),
     Then::close},
    {"abort at the head", post("/abort", "abc") + get("/"), "", Then::abort},
    {"abort at the content's beginning", chunked("/abort-at-begin", kCoded) + get("/"), "",
     Then::abort},
    {"abort at a piece", chunked("/stream-abort", kCoded) + get("/"), "", Then::abort},

    // Expectations (RFC 9110 §10.1.1). 100 itself is tested below.
    {"100-continue", post("/", "abc", kExpect) + get("/"), reply("abc") + reply("hello")},
    {"100-continue, chunked", chunked("/stream", kCoded, kExpect) + get("/"),
     reply("hello world") + reply("hello")},
    {"100-continue without content", get("/", kExpect) + get("/"), reply("hello") + reply("hello")},
    {"100-continue from HTTP/1.0",
     "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
     reply("abc", kClose), Then::close},
    {"100-continue, answered before", post("/answered", "abc", kExpect) + get("/"),
     reply("now", kClose), Then::close},
    {"unknown expectation", get("/", "Expect: tea\r\n") + get("/"),
     reply("no", kClose, "417 Expectation Failed"), Then::close},

    // Refusals: nothing behind them is read.
    {"malformed", "GET / HTTP/1.1\r\nHost a\r\n\r\n" + get("/"),
     reply("no", kClose, "400 Bad Request"), Then::close},
    {"malformed behind a good one", get("/") + " GET / HTTP/1.1\r\n\r\n",
     reply("hello") + reply("no", kClose, "400 Bad Request"), Then::close},
    {"length and encoding", chunked("/", kCoded, "Content-Length: 3\r\n") + get("/"),
     reply("no", kClose, "400 Bad Request"), Then::close},
    {"malformed chunks", chunked("/", "5\r\nhelloX") + get("/"),
     reply("no", kClose, "400 Bad Request"), Then::close},
    {"malformed chunks, streamed", chunked("/stream", "5\r\nhelloX") + get("/"),
     reply("no", kClose, "400 Bad Request"), Then::close},
};

void check_end(const Harness& h, Then then) {
  CHECK(h.session.is_aborted() == (then == Then::abort));
  CHECK(h.session.wants_close() == (then != Then::open));
  if (then == Then::open) {
    CHECK(h.session.is_idle());
    CHECK(h.due_in() == 15'000);
  } else {
    CHECK(h.session.next_deadline() == 0);
  }
}

}  // namespace

TEST_CASE("an exchange is the same however its bytes are cut", "[http]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      test::for_each_cut(c.wire.size(), [&](const test::Cuts& cuts) {
        CAPTURE(cuts);
        Harness h;
        h.cut(c.wire, cuts);
        CHECK(without_continue(h.sink.take()) == c.out);
        check_end(h, c.then);
        if (c.then == Then::open) CHECK(h.held.empty());
      });
    }
}

TEST_CASE("what a request's content was is handed over whole", "[http]") {
  const std::string wire = chunked("/stream", kCoded);
  test::for_each_cut(wire.size(), [&](const test::Cuts& cuts) {
    CAPTURE(cuts);
    Harness h;
    h.cut(wire, cuts);
    CHECK(h.content == "hello world");
    CHECK(h.trailers == "T: 2\r\n");
  });
}

TEST_CASE("pipelined requests are answered in order and within the budget", "[http]") {
  std::string wire;
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = std::to_string(i);
    wire += i % 3 == 0
                ? chunked("/", "4\r\n" + std::string(4, char('a' + i % 26)) + "\r\n0\r\n\r\n")
                : post("/", text);
    expected += i % 3 == 0 ? reply(std::string(4, char('a' + i % 26))) : reply(text);
  }
  Harness h;
  SECTION("in one write") { h.feed(wire); }
  SECTION("a turn takes no more than its requests") {
    h.context.requests = 64;
    const std::size_t used = h.session.on_bytes(wire.data(), wire.size(), h.context);
    CHECK(h.context.out_of_turn);
    CHECK(h.heads == 64);
    CHECK(h.session.is_idle());
    h.feed(wire.substr(used));
  }
  SECTION("a budget that ends with the bytes is not out of turn") {
    const std::string one = post("/", "0");
    h.context.requests = 1;
    expected = reply("0");
    CHECK(h.session.on_bytes(one.data(), one.size(), h.context) == one.size());
    CHECK_FALSE(h.context.out_of_turn);
  }
  CHECK(h.sink.take() == expected);
}

TEST_CASE("100 Continue is sent when content is awaited, and then only", "[http]") {
  Harness h;
  const auto head = [](std::string_view target) {
    return post(target, "abc", kExpect).substr(0, post(target, "abc", kExpect).size() - 3);
  };
  SECTION("collected") {
    h.feed(head("/"));
    CHECK(h.sink.take() == kContinue);
    h.feed("abc");
    CHECK(h.sink.take() == reply("abc"));
  }
  SECTION("not when content is there already") {
    h.feed(head("/") + "a");
    CHECK(h.sink.take().empty());
  }
  SECTION("streamed, at the first read") {
    h.feed(head("/stream-paused"));
    CHECK(h.sink.text().empty());
    h.session.resume_content(h.context);
    CHECK(h.sink.take() == kContinue);
    h.session.pause_content(h.context);
    h.session.resume_content(h.context);
    CHECK(h.sink.text().empty());
    h.feed("abc");
    CHECK(h.sink.take() == reply("abc"));
    CHECK(h.session.is_idle());
  }
  SECTION("streamed and read at once") {
    h.feed(head("/stream"));
    CHECK(h.sink.take() == kContinue);
  }
  SECTION("answered instead of read: the connection closes") {
    h.feed(head("/stream-paused"));
    h.answer("no", Status::forbidden);
    CHECK(h.sink.take() == reply("no", kClose, "403 Forbidden"));
    CHECK(h.session.wants_close());
    CHECK(h.session.may_have_unread_input());
  }
  SECTION("too large: none") {
    h.limit = 2;
    h.feed(head(GENERATE("/", "/stream")));
    CHECK(h.sink.take() == reply("no", kClose, "413 Content Too Large"));
    CHECK(h.session.wants_close());
  }
  SECTION("not while suspended") {
    h.feed(head(GENERATE("/suspend", "/suspend-resumed")));
    CHECK(h.sink.text().empty());
    h.session.follow_plan({Kind::collect, 0, 10}, h.context);
    CHECK(h.sink.take() == kContinue);
    h.feed("abc");
    CHECK(h.sink.take() == reply("abc"));
  }
  SECTION("sent by the application") {
    h.feed(head("/stream-paused"));
    h.session.send_interim(Status::continue_, {}, h.context);
    CHECK(h.sink.take() == kContinue);
    h.session.resume_content(h.context);
    CHECK(h.sink.text().empty());
  }
}

TEST_CASE("content above the plan's limit is refused", "[http]") {
  const std::string no = reply("no", kClose, "413 Content Too Large");
  const std::string target = GENERATE("/", "/stream");
  const bool by_length = GENERATE(true, false);
  const std::string wire = by_length ? post(target, "hello world")
                                     : chunked(target, "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  CAPTURE(target, by_length);
  test::for_each_cut(wire.size(), [&](const test::Cuts& cuts) {
    Harness over;
    over.limit = 10;
    over.cut(wire + get("/"), cuts);
    over.feed(get("/"));
    CHECK(without_continue(over.sink.take()) == no);
    CHECK(over.session.may_have_unread_input());
    check_end(over, Then::close);
    Harness exact;
    exact.limit = 11;
    exact.cut(wire, cuts);
    CHECK(exact.sink.take() == reply("hello world"));
  });
}

TEST_CASE("an answer that has begun is broken off, not answered again", "[http]") {
  Harness h;
  h.limit = 2;
  h.feed(post("/head-begun-collect", "abc") + get("/"));
  CHECK(h.sink.take() == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  check_end(h, Then::abort);
  CHECK(h.heads == 1);
}

TEST_CASE("bytes behind an unanswered request stay unconsumed", "[http]") {
  Harness h;
  h.feed(post("/later", "abc") + get("/x"));
  CHECK(h.sink.text().empty());
  CHECK(h.held == get("/x"));
  CHECK_FALSE(h.session.wants_bytes());
  CHECK(h.session.exchange() == 1);
  SECTION("answered") {
    h.answer("first");
    CHECK(h.sink.take() == reply("first") + reply("hello"));
    CHECK(h.session.exchange() == 2);
  }
  SECTION("begun, and ended later") {
    ResponseHead head;
    CHECK(h.session.begin_answer(head, Session::kUnknownSize, h.context));
    CHECK(h.session.answer_begun());
    h.session.send("a", h.context);
    h.pump();
    CHECK(h.heads == 1);
    h.session.end_answer({}, h.context);
    h.pump();
    CHECK(h.sink.take() ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" +
              reply("hello"));
  }
  SECTION("closed after the answer") {
    h.session.close_after_answer();
    h.answer("first");
    CHECK(h.sink.take() == reply("first", kClose));
    CHECK(h.session.wants_close());
  }
  SECTION("aborted") {
    h.session.abort();
    h.pump();
    CHECK(h.heads == 1);
    check_end(h, Then::abort);
  }
}

TEST_CASE("an answer that was promised at the head outlives unread content", "[http]") {
  Harness h;
  SECTION("promised") {
    h.feed(post("/promised", "abc") + get("/"));
    CHECK(h.sink.text().empty());
    CHECK(h.due_in() == 30'000);
    h.answer("then");
    CHECK(h.sink.take() == reply("then") + reply("hello"));
  }
  SECTION("promised, without content") {
    h.feed(get("/promised") + get("/"));
    CHECK(h.due_in() == 30'000);
    h.answer("then");
    CHECK(h.sink.take() == reply("then") + reply("hello"));
  }
  SECTION("begun") {
    h.feed(chunked("/begun", kCoded) + get("/"));
    CHECK(h.session.answer_begun());
    CHECK(h.due_in() == 0);
    h.session.send("x", h.context);
    h.session.end_answer({}, h.context);
    h.pump();
    CHECK(h.sink.take() ==
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" +
              reply("hello"));
  }
  CHECK(h.log.find("refused") == std::string::npos);
}

TEST_CASE("unread content is drained up to a limit", "[http]") {
  const bool fits = GENERATE(true, false);
  const std::uint64_t size = Session::kDrainLimit + (fits ? 0 : 1);
  Harness h;
  SECTION("by length") {
    h.feed("POST /stream-paused HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) +
           "\r\n\r\n");
    h.answer("early");
    CHECK(h.sink.take() == reply("early", fits ? "" : kClose));
    CHECK(h.session.wants_close() == !fits);
    h.feed(std::string(static_cast<std::size_t>(size), 'x') + get("/"));
    CHECK(h.sink.take() == (fits ? reply("hello") : ""));
  }
  SECTION("in chunks") {
    h.feed(chunked("/answered", "10000000\r\n"));
    CHECK(h.sink.take() == reply("now"));
    h.feed(std::string(static_cast<std::size_t>(size), 'x'));
    CHECK(h.session.wants_close() == !fits);
  }
  CHECK(h.session.may_have_unread_input() == !fits);
  CHECK(h.log.find("malformed") == std::string::npos);
}

TEST_CASE("an answered exchange hears no more of its content", "[http]") {
  Harness h;
  h.feed(chunked("/answered", "5\r\nhello\r\nzz"));
  CHECK(h.log == "head ");
  check_end(h, Then::close);
  CHECK(h.session.may_have_unread_input());
}

TEST_CASE("nothing is unread when the last piece was answered", "[http]") {
  Harness h;
  h.feed(post("/stream-answer", "abc", kClose));
  CHECK(h.session.wants_close());
  CHECK_FALSE(h.session.may_have_unread_input());
}

TEST_CASE("a suspended request follows its plan", "[http]") {
  const bool with_content = GENERATE(true, false);
  const bool content_is_there = GENERATE(true, false);
  const std::string wire = with_content ? post("/suspend", "abc") : get("/suspend");
  const std::string rest = with_content ? "abc" : "";
  Harness h;
  CAPTURE(with_content, content_is_there);
  h.feed(wire.substr(0, wire.size() - (content_is_there ? 0 : rest.size())));
  CHECK(h.log == "head ");
  CHECK_FALSE(h.session.wants_bytes());
  CHECK(h.due_in() == 30'000);
  const auto go_on = [&](ContentPlan plan) {
    h.session.follow_plan(plan, h.context);
    h.pump();
    if (!content_is_there) h.feed(rest);
    h.feed(get("/"));
  };
  const std::string answer = reply(with_content ? "abc" : "hello");
  SECTION("collect") {
    go_on({Kind::collect, 0, 10});
    CHECK(h.sink.take() == answer + reply("hello"));
  }
  SECTION("stream, read later") {
    go_on({Kind::stream, 0, 10});
    if (with_content) CHECK(h.log == "head ");
    h.session.resume_content(h.context);
    h.pump();
    CHECK(h.sink.take() == answer + reply("hello"));
  }
  SECTION("stream, resumed before") {
    h.session.resume_content(h.context);
    CHECK(h.log == "head ");
    go_on({Kind::stream, 0, 10});
    CHECK(h.sink.take() == answer + reply("hello"));
  }
  SECTION("above the new limit") {
    go_on({Kind::collect, 0, 2});
    CHECK(h.sink.take() ==
          (with_content ? reply("no", kClose, "413 Content Too Large") : answer + reply("hello")));
  }
  SECTION("suspended again") {
    h.session.follow_plan({Kind::suspended, 0, 0}, h.context);
    CHECK(h.log == "head ");
    go_on({Kind::collect, 0, 10});
    CHECK(h.sink.take() == answer + reply("hello"));
  }
  SECTION("answered while suspended") {
    h.answer("denied", Status::forbidden);
    go_on({Kind::answered, 0, 0});
    CHECK(h.sink.take() == reply("denied", "", "403 Forbidden") + reply("hello"));
  }
  SECTION("promised") {
    go_on({Kind::answered, 20'000, 0});
    CHECK(h.log == "head ");
    CHECK(h.due_in() == 20'000);
    h.answer("then");
    CHECK(h.sink.take() == reply("then") + reply("hello"));
  }
  SECTION("never decided") {
    h.pass(29'999);
    CHECK(h.log == "head ");
    h.pass(1);
    if (!content_is_there) h.feed(rest);
    h.pump();
    CHECK(h.sink.take() == reply("late", "", "504 Gateway Timeout"));
    CHECK(h.session.is_idle());
  }
  SECTION("aborted while suspended") {
    h.session.abort();
    h.session.follow_plan({Kind::collect, 0, 10}, h.context);
    check_end(h, Then::abort);
    CHECK(h.log == "head ");
  }
}

TEST_CASE("content waits while it is paused", "[http]") {
  Harness h;
  h.feed(chunked("/stream-stop", "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n") + get("/"));
  CHECK(h.content == "abc");
  CHECK_FALSE(h.session.wants_bytes());
  CHECK(h.due_in() == 30'000);  // the handler's time runs, not the peer's
  h.session.resume_content(h.context);
  CHECK(h.due_in() == 8'000);
  h.pump();
  CHECK(h.content == "abcdef");
  h.session.resume_content(h.context);
  h.pump();
  CHECK(h.sink.take() == reply("abcdef") + reply("hello"));
}

TEST_CASE("what comes after an abort has no effect", "[http]") {
  Harness h;
  h.feed(chunked("/stream-stop", kCoded, kExpect));
  h.session.abort();
  h.session.resume_content(h.context);
  CHECK(h.session.next_deadline() == 0);
  h.session.pause_content(h.context);
  h.session.send_interim(Status::early_hints, {}, h.context);
  h.session.send("x", h.context);
  h.session.end_answer({}, h.context);
  h.eof().pass(100'000);
  CHECK(h.sink.text().empty());
  CHECK(h.log == "head ");
  check_end(h, Then::abort);
}

TEST_CASE("the peer's end of stream", "[http]") {
  Harness h;
  SECTION("between requests") {
    h.feed(get("/")).eof();
    CHECK(h.sink.take() == reply("hello"));
    check_end(h, Then::close);
  }
  SECTION("in a head") {
    h.feed("GET / HT").eof();
    CHECK(h.sink.text().empty());
    check_end(h, Then::close);
  }
  SECTION("in collected content") {
    h.feed(chunked("/", "5\r\nhe")).eof();
    CHECK(h.sink.text().empty());
    CHECK(h.log == "head begin gone ");
    check_end(h, Then::abort);
  }
  SECTION("in streamed content, the answer begun") {
    h.feed(chunked("/stream", "5\r\nhe"));
    ResponseHead head;
    h.session.begin_answer(head, Session::kUnknownSize, h.context);
    h.eof();
    CHECK(h.log == "head gone ");
    check_end(h, Then::abort);
  }
  SECTION("in drained content") {
    h.feed(chunked("/answered", "5\r\nhe")).eof();
    CHECK(h.log == "head ");
    check_end(h, Then::close);
    CHECK_FALSE(h.session.may_have_unread_input());
  }
  SECTION("with an answer outstanding: it is still sent") {
    h.feed(get("/later")).eof();
    CHECK_FALSE(h.session.wants_close());
    h.eof();
    h.answer("done");
    CHECK(h.sink.take() == reply("done", kClose));
    check_end(h, Then::close);
  }
  SECTION("while an answer is streamed") {
    h.feed(get("/later"));
    ResponseHead head;
    h.session.begin_answer(head, 3, h.context);
    h.eof();
    h.session.send("abc", h.context);
    h.session.end_answer({}, h.context);
    CHECK(h.sink.take() == reply("abc"));
    check_end(h, Then::close);
  }
}

TEST_CASE("the head's time is absolute", "[http]") {
  Harness h;
  SECTION("from the connection's beginning, and silent before the first byte") {
    CHECK(h.due_in() == 10'000);
    h.pass(9'999);
    CHECK_FALSE(h.session.wants_close());
    h.pass(1);
    CHECK(h.sink.text().empty());
    check_end(h, Then::close);
  }
  SECTION("more bytes do not prolong it") {
    h.pass(4'000).feed("GET ").pass(4'000).feed("/");
    CHECK(h.due_in() == 2'000);
    h.pass(2'000);
    CHECK(h.sink.take() == reply("no", kClose, "408 Request Timeout"));
    CHECK(h.session.exchange() == 1);
    check_end(h, Then::close);
  }
  SECTION("idle: silent") {
    h.feed(get("/"));
    h.sink.take();
    CHECK(h.due_in() == 15'000);
    h.pass(15'000);
    CHECK(h.sink.text().empty());
    check_end(h, Then::close);
  }
  SECTION("of a later request, from its first byte") {
    h.feed(get("/")).pass(14'999).feed("G");
    h.sink.take();
    CHECK(h.due_in() == 10'000);
    h.feed("E").pass(10'000);
    CHECK(h.sink.take() == reply("no", kClose, "408 Request Timeout"));
    CHECK(h.session.exchange() == 2);
  }
  SECTION("an empty line is no request") {
    h.feed(get("/")).feed("\r\n");
    h.sink.take();
    h.pass(10'000);
    CHECK(h.sink.text().empty());
    check_end(h, Then::close);
  }
  SECTION("the first byte has a time of its own, within the head's") {
    h.timeouts.first_byte_ms = 2'000;
    h.session.begin(h.context);
    CHECK(h.due_in() == 2'000);
    h.pass(1'000);
    h.feed("GET ");
    CHECK(h.due_in() == 9'000);
    h.timeouts.first_byte_ms = 20'000;
    h.session.begin(h.context);
    CHECK(h.due_in() == 10'000);
    h.timeouts.first_byte_ms = 0;
    h.session.begin(h.context);
    CHECK(h.due_in() == 10'000);
  }
  SECTION("no limit") {
    h.timeouts.first_byte_ms = h.timeouts.head_ms = h.timeouts.keep_alive_ms =
        h.timeouts.content_stall_ms = h.timeouts.handler_ms = h.timeouts.content_min_rate = 0;
    h.session.begin(h.context);
    CHECK(h.due_in() == 0);
    h.feed("GET ");
    CHECK(h.due_in() == 0);
    h.feed("/ HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(h.due_in() == 0);
    h.feed(post("/later", "abc").substr(0, 60));
    CHECK(h.due_in() == 0);
  }
}

TEST_CASE("content must keep coming", "[http]") {
  Harness h;
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  SECTION("a stall") {
    h.feed(head);
    CHECK(h.due_in() == 8'000);
    h.pass(7'000).feed(std::string(7'000, 'x'));
    CHECK(h.due_in() == 8'000);
    h.pass(8'000);
    CHECK(h.log == "head begin timed_out refused ");
    CHECK(h.sink.take() == reply("no", kClose, "408 Request Timeout"));
    check_end(h, Then::close);
    CHECK(h.session.may_have_unread_input());
  }
  SECTION("a chunk's frame is no progress") {
    h.feed(chunked("/", "")).pass(7'999).feed("5;a=b\r\n").pass(1);
    CHECK(h.sink.take() == reply("no", kClose, "408 Request Timeout"));
  }
  SECTION("a trickle") {
    h.feed(head).pass(5'000).feed("x");
    CHECK(h.sink.text().empty());  // within the grace
    h.pass(1'000).feed("x");
    CHECK(h.sink.take() == reply("no", kClose, "408 Request Timeout"));
    check_end(h, Then::close);
  }
  SECTION("the minimum rate suffices") {
    h.feed(head);
    for (int i = 0; i < 60; ++i) h.pass(1'000).feed(std::string(240, 'x'));
    CHECK(h.sink.text().empty());
  }
  SECTION("a pause of ours counts against nobody") {
    h.feed(post("/stream-paused", std::string(1'000, 'x'))).pass(20'000);
    h.session.resume_content(h.context);
    h.pump();
    CHECK(h.sink.take() == reply(std::string(1'000, 'x')));
  }
  SECTION("the answer has begun: broken off") {
    h.feed(chunked("/stream", "5\r\nhe"));
    ResponseHead response;
    h.session.begin_answer(response, Session::kUnknownSize, h.context);
    CHECK(h.due_in() == 8'000);
    h.pass(8'000);
    CHECK(h.log == "head timed_out ");
    check_end(h, Then::abort);
  }
  SECTION("draining has one stall's time in all") {
    h.feed(chunked("/answered", "ffff\r\nhe")).pass(7'000).feed("x");
    CHECK(h.due_in() == 1'000);
    h.session.pause_content(h.context);  // of an exchange that is over
    CHECK(h.due_in() == 1'000);
    h.pass(1'000);
    CHECK(h.log == "head ");
    check_end(h, Then::close);
    CHECK(h.session.may_have_unread_input());
  }
}

TEST_CASE("the handler's time runs until the answer begins", "[http]") {
  Harness h;
  SECTION("not begun") {
    h.feed(get("/later") + get("/"));
    CHECK(h.due_in() == 30'000);
    h.pass(30'000);
    h.pump();
    CHECK(h.sink.take() == reply("late", "", "504 Gateway Timeout") + reply("hello"));
  }
  SECTION("content complete, then not begun") {
    h.feed(chunked("/stream-later", kCoded));
    CHECK(h.due_in() == 30'000);
  }
  SECTION("begun in time: no deadline is left") {
    h.feed(get("/later")).pass(29'000);
    ResponseHead head;
    h.session.begin_answer(head, Session::kUnknownSize, h.context);
    CHECK(h.due_in() == 0);
    h.pass(60'000);
    CHECK(h.log == "head request ");
  }
  SECTION("paused by the handler") {
    h.feed(chunked("/stream-stop", kCoded)).pass(30'000);
    CHECK(h.log == "head timeout ");
    h.pump();
    CHECK(h.sink.take() == reply("late", "", "504 Gateway Timeout"));
    CHECK(h.session.is_idle());
  }
  SECTION("never resumed") {
    h.feed(chunked("/stream-paused", kCoded));
    CHECK(h.due_in() == 30'000);
  }
  SECTION("paused and begun: no deadline") {
    h.feed(chunked("/stream-paused", kCoded));
    ResponseHead head;
    h.session.begin_answer(head, Session::kUnknownSize, h.context);
    CHECK(h.due_in() == 0);
  }
}

TEST_CASE("a connection ends after its last request", "[http]") {
  Harness h;
  SECTION("of max_requests") {
    h.context.max_requests = 2;
    h.feed(get("/") + get("/") + get("/"));
    CHECK(h.sink.take() == reply("hello") + reply("hello", kClose));
    check_end(h, Then::close);
    CHECK(h.session.may_have_unread_input());
  }
  SECTION("while stopping") {
    h.context.closing = true;
    h.feed(get("/") + get("/"));
    CHECK(h.sink.take() == reply("hello", kClose));
    check_end(h, Then::close);
  }
  SECTION("begun before stopping") {
    h.feed(get("/later"));
    ResponseHead head;
    h.session.begin_answer(head, 1, h.context);
    h.context.closing = true;
    h.session.send("x", h.context);
    h.session.end_answer({}, h.context);
    CHECK(h.sink.take() == reply("x"));
    check_end(h, Then::close);
  }
  SECTION("drained while stopping") {
    h.feed(post("/answered", "abc").substr(0, post("/answered", "abc").size() - 1));
    h.context.closing = true;
    h.feed("c");
    check_end(h, Then::close);
  }
}

TEST_CASE("an answer's pieces may be written by the caller", "[http]") {
  Harness h;
  h.feed(get("/later"));
  ResponseHead head;
  CHECK(h.session.begin_answer(head, 5, h.context));
  CHECK_FALSE(h.session.begin_piece(0, h.context));
  CHECK_FALSE(h.session.begin_piece(6, h.context));
  CHECK(h.session.begin_piece(5, h.context));
  h.sink.push("hello");
  h.session.end_piece(h.context);
  CHECK_FALSE(h.session.begin_piece(1, h.context));
  h.session.end_answer({}, h.context);
  CHECK_FALSE(h.session.answer_pending());
  CHECK_FALSE(h.session.begin_piece(1, h.context));
  CHECK(h.sink.take() == reply("hello"));
}
