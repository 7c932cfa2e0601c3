// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <utility>
#include <vector>
#include <weir/access_log.hpp>
#include <weir/log.hpp>
#include <weir/testing.hpp>
#include <weir/user.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::AccessLog;
using weir::AccessLogFormat;
using weir::AccessLogOptions;
using weir::testing::Client;
using weir::testing::Connection;

namespace {

using weir::test::Silence;

/// A log that keeps its lines.
class Kept {
 public:
  explicit Kept(AccessLogFormat format = AccessLogFormat::combined) : log_(options(format)) {}

  const AccessLog& log() const { return log_; }

  /// The lines since the last call, "\n" behind each, with "TIME" for the time.
  std::string take() {
    REQUIRE(log_.flush(10s));
    std::string text = std::exchange(*text_, {});
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      if (text[at] == '{') {
        text.replace(at + 9, 25, "TIME");
      } else {
        const std::size_t begin = text.find('[', at) + 1;
        text.replace(begin, text.find(']', begin) - begin, "TIME");
      }
    }
    return text;
  }

 private:
  AccessLogOptions options(AccessLogFormat format) {
    AccessLogOptions options;
    options.format = format;
    options.gather = 1ms;
    options.write = [text = text_](std::string_view lines) { text->append(lines); };
    return options;
  }

  std::shared_ptr<std::string> text_ = std::make_shared<std::string>();  // flush() orders it
  AccessLog log_;
};

weir::Endpoint from(std::string_view host) {
  return weir::net::Address::ip(host, 40'000).endpoint();
}

}  // namespace

TEST_CASE("a line in each format", "[access_log]") {
  struct Case {
    AccessLogFormat format;
    const char* line;
  };
  constexpr Case kCases[] = {
      {AccessLogFormat::common, "192.0.2.7 - ann [TIME] \"GET /a?b=c HTTP/1.1\" 200 5\n"},
      {AccessLogFormat::combined,
       "192.0.2.7 - ann [TIME] \"GET /a?b=c HTTP/1.1\" 200 5 \"http://r/\" \"te\\x22st\"\n"},
      {AccessLogFormat::json,
       "{\"time\":\"TIME\",\"remote\":\"192.0.2.7\",\"user\":\"ann\",\"method\":\"GET\","
       "\"target\":\"/a?b=c\",\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":5,"
       "\"duration_ms\":0,\"outcome\":\"delivered\",\"referer\":\"http://r/\","
       "\"user_agent\":\"te\\\"st\",\"request_id\":\"id-1\"}\n"},
  };
  for (const Case& c : kCases) {
    Kept kept(c.format);
    weir::Server server;
    server.use(kept.log());
    server.use([](weir::Request& req, weir::Response&) { req.set(weir::User{"ann"}); });
    server.get("/a", [] { return "12345"; });
    Client client(server);
    Connection one = client.connect(from("192.0.2.7"));
    CHECK(one.get("/a?b=c",
                  {{"Referer", "http://r/"}, {"User-Agent", "te\"st"}, {"X-Request-Id", "id-1"}})
              .status == 200);
    CHECK(kept.take() == c.line);
    CHECK(kept.log().written() == 1);
    CHECK(kept.log().dropped() == 0);
  }
}

TEST_CASE("the time is local and says its distance from UTC", "[access_log]") {
  const std::time_t before = std::time(nullptr);
  std::string text;
  {
    AccessLogOptions options;
    options.write = [&text](std::string_view lines) { text.append(lines); };
    options.format = AccessLogFormat::json;
    weir::Server server;
    server.use(weir::access_log(options));
    server.get("/", [] { return "x"; });
    Client client(server);
    client.get("/");
  }
  const std::time_t after = std::time(nullptr);
  REQUIRE(text.rfind("{\"time\":\"", 0) == 0);
  std::tm then = {};
  int hours = 0;
  int minutes = 0;
  char sign = 0;
  REQUIRE(std::sscanf(text.c_str() + 9, "%4d-%2d-%2dT%2d:%2d:%2d%c%2d:%2d\"", &then.tm_year,
                      &then.tm_mon, &then.tm_mday, &then.tm_hour, &then.tm_min, &then.tm_sec, &sign,
                      &hours, &minutes) == 9);
  then.tm_year -= 1900;
  then.tm_mon -= 1;
  const int offset = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
  const std::time_t logged = ::timegm(&then) - offset;
  CHECK(logged >= before - 1);  // the coarse clock is a tick behind
  CHECK(logged <= after);
}

TEST_CASE("who asks", "[access_log]") {
  struct Case {
    weir::Endpoint remote;
    const char* text;
  };
  const Case kCases[] = {
      {from("10.20.200.3"), "10.20.200.3"},
      {from("0.0.0.0"), "0.0.0.0"},
      {from("255.255.255.255"), "255.255.255.255"},
      {from("2001:db8::1"), "2001:db8::1"},
      {from("fe80::1%77"), "fe80::1%77"},
      {weir::net::Address::unix_socket("/x").endpoint(), "unix:"},
      {weir::Endpoint(), "-"},
  };
  Kept kept(AccessLogFormat::common);
  weir::Server server;
  server.use(kept.log()).get("/", [] { return "x"; });
  Client client(server);
  for (const Case& c : kCases) {
    Connection one = client.connect(c.remote);
    one.get("/");
    CHECK(kept.take() == std::string(c.text) + " - - [TIME] \"GET / HTTP/1.1\" 200 1\n");
  }
}

TEST_CASE("every kind of answer has its line", "[access_log]") {
  const Silence silence;
  Kept kept(AccessLogFormat::common);
  weir::Server server;
  server.use(kept.log());
  server.get("/inline", [] { return "12345"; });
  server.get("/large", [] { return std::string(100'000, 'x'); });
  server.get("/empty", [] {});
  server.get("/pooled", weir::blocking([] { return "12345"; }));
  server.get("/deferred", [](const weir::Request&, weir::Response& res) { res.defer().text("1"); });
  server.get("/streamed", [](const weir::Request&, weir::Response& res) {
    weir::Stream stream = res.stream();
    stream.write("123");
    stream.write("45");
    stream.end();
  });
  server.get("/thrown", [] { throw std::runtime_error("x"); });
  server.get("/thrown-pooled", weir::blocking([] { throw std::runtime_error("x"); }));
  server.post("/upload",
              weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
                body.on_end([reply = res.defer()](std::string_view) mutable { reply.text("12"); });
              }));
  Client client(server);
  struct Case {
    const char* method;
    const char* path;
    const char* end;
  };
  constexpr Case kCases[] = {
      {"GET", "/inline", "200 5"},       {"HEAD", "/inline", "200 -"},
      {"GET", "/large", "200 100000"},   {"GET", "/empty", "204 -"},
      {"GET", "/pooled", "200 5"},       {"GET", "/deferred", "200 1"},
      {"GET", "/streamed", "200 5"},     {"GET", "/thrown", "500 "},
      {"GET", "/thrown-pooled", "500 "}, {"POST", "/upload", "200 2"},
      {"GET", "/none", "404 "},          {"DELETE", "/inline", "405 "},
      {"OPTIONS", "/inline", "204 -"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.method, c.path);
    client.request(c.method, c.path);
    client.settle();
    const std::string line = kept.take();
    CHECK(line.rfind(
              std::string("- - - [TIME] \"") + c.method + " " + c.path + " HTTP/1.1\" " + c.end,
              0) == 0);
    CHECK(line.find('\n') == line.size() - 1);
  }
}

TEST_CASE("a middleware that answers is logged, and one inside that refuses too", "[access_log]") {
  Kept kept(AccessLogFormat::common);
  weir::Server server;
  server.use(kept.log(), [](weir::Request&, weir::Response& res) {
    res.status(weir::Status::forbidden).text("no");
    return weir::Next::done;
  });
  server.get("/", [] { return "x"; });
  Client client(server);
  client.get("/");
  CHECK(kept.take() == "- - - [TIME] \"GET / HTTP/1.1\" 403 2\n");
}

TEST_CASE("pipelined requests have a line each, in their order", "[access_log]") {
  Kept kept(AccessLogFormat::common);
  weir::Server server;
  server.use(kept.log());
  server.get("/{n}", [](const weir::Request& req) { return std::string(req.param("n")); });
  server.get("/later/{n}", [](const weir::Request& req, weir::Response& res) {
    res.defer().text(req.param("n"));
  });
  Client client(server);
  for (const std::size_t largest : {std::size_t{1}, std::size_t{1} << 20U}) {
    client.connection().set_largest_io(largest);
    client.send_raw(
        "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /later/22 HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /333 HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 3; ++i) client.receive();
    CHECK(kept.take() ==
          "- - - [TIME] \"GET /1 HTTP/1.1\" 200 1\n"
          "- - - [TIME] \"GET /later/22 HTTP/1.1\" 200 2\n"
          "- - - [TIME] \"GET /333 HTTP/1.1\" 200 3\n");
  }
}

TEST_CASE("what could not be read is logged without a request", "[access_log]") {
  Kept kept(AccessLogFormat::combined);
  weir::Server server;
  server.use(kept.log());
  server.get("/", [] { return "x"; });
  Client client(server);
  for (const char* bytes : {"nonsense\r\n\r\n",
                            "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: a\r\n"
                            "Content-Length: x\r\n\r\n"}) {
    Connection one = client.connect(from("192.0.2.9"));
    one.send_raw(bytes);
    CHECK(one.receive().status == 400);
    CHECK(kept.take().rfind("192.0.2.9 - - [TIME] \"-\" 400 ", 0) == 0);
  }
  // Behind one that could be read, nothing of that one shows.
  Connection one = client.connect(from("192.0.2.9"));
  one.send_raw("GET /?secret HTTP/1.1\r\nHost: x\r\nUser-Agent: u\r\n\r\nnonsense\r\n\r\n");
  one.receive();
  one.receive();
  const std::string lines = kept.take();
  CHECK(
      lines.find("\"GET /?secret HTTP/1.1\" 200 1 \"-\" \"u\"\n192.0.2.9 - - [TIME] \"-\" 400 ") !=
      std::string::npos);
  CHECK(lines.rfind("\"-\" \"-\"\n") == lines.size() - 8);
}

TEST_CASE("time-outs and clients that go", "[access_log]") {
  const Silence silence;
  Kept kept(AccessLogFormat::json);
  weir::Options options;
  options.handler_timeout = 2s;
  weir::Server server(options);
  server.use(kept.log());
  std::vector<weir::Reply> replies;
  std::vector<weir::Stream> streams;
  server.get("/hangs",
             [&](const weir::Request&, weir::Response& res) { replies.push_back(res.defer()); });
  server.get("/begins", [&](const weir::Request&, weir::Response& res) {
    streams.push_back(res.stream());
    streams.back().write("123");
  });
  {
    Client client(server);
    client.send_raw("GET /hangs HTTP/1.1\r\nHost: x\r\n\r\n");
    client.advance(3s);
    CHECK(client.receive().status == 504);
    const std::string late = kept.take();
    CHECK(late.find("\"status\":504") != std::string::npos);
    CHECK(late.find("\"outcome\":\"delivered\"") != std::string::npos);
    CHECK(late.find("\"duration_ms\":0,") == std::string::npos);

    Connection gone = client.connect();
    gone.send_raw("GET /hangs HTTP/1.1\r\nHost: x\r\n\r\n");
    gone.vanish();
    client.settle();
    const std::string lost = kept.take();
    CHECK(lost.find("\"target\":\"/hangs\"") != std::string::npos);
    CHECK(lost.find("\"outcome\":\"gone\"") != std::string::npos);
    CHECK(lost.find("\"status\"") == std::string::npos);  // none was begun

    Connection amid = client.connect();
    amid.send_raw("GET /begins HTTP/1.1\r\nHost: x\r\n\r\n");
    amid.vanish();
    client.settle();
    const std::string half = kept.take();
    CHECK(half.find("\"status\":200") != std::string::npos);
    CHECK(half.find("\"outcome\":\"gone\"") != std::string::npos);

    Connection broken = client.connect();
    broken.send_raw("GET /begins HTTP/1.1\r\nHost: x\r\n\r\n");
    streams.back().abort();
    client.settle();
    CHECK(kept.take().find("\"outcome\":\"aborted\"") != std::string::npos);
  }
  streams.clear();
  replies.clear();
}

TEST_CASE("copies are one log, whose end writes what waits", "[access_log]") {
  std::string text;
  AccessLogOptions options;
  options.format = AccessLogFormat::common;
  options.gather = 60s;
  options.write = [&text](std::string_view lines) { text.append(lines); };
  {
    weir::Server server;
    {
      const AccessLog log = weir::access_log(options);
      server.use(log);
      server.get("/a", [] { return "x"; });
    }
    Client client(server);
    client.get("/a");
    client.get("/a");
  }
  CHECK(text.find("/a") != std::string::npos);
  CHECK(text.rfind("/a") != text.find("/a"));
}

TEST_CASE("options that cannot be are refused by name", "[access_log]") {
  const auto refused = [](auto change) {
    AccessLogOptions options;
    options.write = [](std::string_view) {};
    change(options);
    try {
      const AccessLog log(options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string sink =
      "weir::AccessLogOptions::path: must be set, or fd or write, and one of them alone";
  CHECK(refused([](AccessLogOptions& o) { o.write = nullptr; }) == sink);
  CHECK(refused([](AccessLogOptions& o) { o.fd = 1; }) == sink);
  CHECK(refused([](AccessLogOptions& o) { o.path = "/dev/null"; }) == sink);
  CHECK(refused([](AccessLogOptions& o) {
          o.write = nullptr;
          o.path = std::string("a\0b", 3);
        }) == "weir::AccessLogOptions::path: must be without NUL");
  CHECK(refused([](AccessLogOptions& o) { o.format = static_cast<AccessLogFormat>(3); }) ==
        "weir::AccessLogOptions::format: must be common, combined or json");
  for (const std::size_t bad : {std::size_t{0}, std::size_t{16'383}, (std::size_t{1} << 30U) + 1})
    CHECK(refused([bad](AccessLogOptions& o) { o.queue_bytes = bad; }) ==
          "weir::AccessLogOptions::queue_bytes: must be 16 KiB to 1 GiB");
  for (const auto bad : {-1ms, 60'001ms}) {
    CHECK(refused([bad](AccessLogOptions& o) { o.gather = bad; }) ==
          "weir::AccessLogOptions::gather: must be 0 to 60 s");
    CHECK(refused([bad](AccessLogOptions& o) { o.close_timeout = bad; }) ==
          "weir::AccessLogOptions::close_timeout: must be 0 to 60 s");
  }
  CHECK(refused([](AccessLogOptions&) {}).empty());
}
