// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/date.hpp>
#include <weir/http/serializer.hpp>

using namespace weir;
using http::HeadOptions;
using http::ResponseHead;
using Framing = HeadOptions::Framing;

namespace {

/// Collects what is written. Each reserve() gets a block of exactly its size, so that the address
/// sanitizer sees a byte too many, and reports more than one to a head.
class ExactOutput final : public http::Output {
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
  std::string take() {
    flush();
    return std::move(text_);
  }
  int blocks = 0;

 private:
  void make_room(std::size_t size) override {
    flush();
    block_.reset(new char[size]);
    at_ = block_.get();
    end_ = at_ + size;
    ++blocks;
  }
  void flush() {
    if (block_) text_.append(block_.get(), static_cast<std::size_t>(at_ - block_.get()));
    block_.reset();
    at_ = end_ = nullptr;
  }

  std::unique_ptr<char[]> block_;
  std::string text_;
};

std::string written(const ResponseHead& head, const HeadOptions& options) {
  ExactOutput out;
  http::write_head(out, head, options);
  CHECK(out.blocks == 1);
  return out.take();
}

HeadOptions with(Framing framing, std::uint64_t length = 0) {
  HeadOptions options;
  options.framing = framing;
  options.content_length = length;
  return options;
}

ResponseHead head_of(Status status) {
  ResponseHead head;
  head.status = status;
  return head;
}

}  // namespace

TEST_CASE("a plain answer", "[http][serializer]") {
  ResponseHead head;
  head.set_content_type("text/plain; charset=utf-8");
  HeadOptions options = with(Framing::length, 13);
  options.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  options.server = "weir";
  CHECK(written(head, options) ==
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Server: weir\r\n"
        "Content-Length: 13\r\n"
        "\r\n");
}

TEST_CASE("an ordinary answer is a head and its content, written at once", "[http][serializer]") {
  const std::string contents[] = {"",
                                  "x",
                                  "Hello, World!",
                                  std::string(99, 'a'),
                                  std::string(100, 'b'),
                                  std::string(4096, 'c')};
  for (const Status status : {Status::ok, Status::not_found, static_cast<Status>(799)})
    for (const std::string_view server : {"", "weir"})
      for (const std::string& content : contents) {
        ResponseHead head;
        head.status = status;
        head.set_content_type(http::kTextHtml);
        head.set("X-One", "1");
        REQUIRE(head.is_plain());
        HeadOptions options;
        options.framing = Framing::length;
        options.content_length = content.size();
        options.date = "Sun, 06 Nov 1994 08:49:37 GMT";
        options.server = server;
        ExactOutput out;
        http::write_plain_answer(out, head, options.date, options.server, content);
        CHECK(out.blocks == 1);
        CHECK(out.take() == written(head, options) + content);
      }
}

TEST_CASE("the head's own Date and Server stand", "[http][serializer]") {
  ResponseHead head;
  head.set("Date", "x");
  head.set("Server", "y");
  HeadOptions options;
  options.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  options.server = "weir";
  CHECK(written(head, options) == "HTTP/1.1 200 OK\r\nDate: x\r\nServer: y\r\n\r\n");
}

TEST_CASE("every status has its line", "[http][serializer]") {
  for (unsigned code = 100; code < 1000; ++code) {
    const auto status = static_cast<Status>(code);
    const std::string expected =
        "HTTP/1.1 " + std::to_string(code) + " " + std::string(http::reason(status)) + "\r\n\r\n";
    const std::string got = written(head_of(status), HeadOptions());
    if (got != expected) CHECK(got == expected);
  }
}

TEST_CASE("status, version and framing decide the framing field", "[http][serializer]") {
  struct Case {
    const char* name;
    Status status;
    HeadOptions options;
    bool own_length;  // the head says Content-Length: 7
    std::string_view fields;
  };
  HeadOptions old = with(Framing::chunked);
  old.minor_version = 0;
  const Case cases[] = {
      {"length", Status::ok, with(Framing::length, 5), false, "Content-Length: 5\r\n"},
      {"length 0", Status::ok, with(Framing::length), false, "Content-Length: 0\r\n"},
      {"the largest length", Status::ok, with(Framing::length, UINT64_MAX), false,
       "Content-Length: 18446744073709551615\r\n"},
      {"length beats the head's own", Status::ok, with(Framing::length, 5), true,
       "Content-Length: 5\r\n"},
      {"chunked", Status::ok, with(Framing::chunked), false, "Transfer-Encoding: chunked\r\n"},
      {"chunked never with a length", Status::ok, with(Framing::chunked), true,
       "Transfer-Encoding: chunked\r\n"},
      {"chunked to HTTP/1.0", Status::ok, old, false, "Connection: close\r\n"},
      {"until close", Status::ok, with(Framing::until_close), true, "Connection: close\r\n"},
      {"none", Status::ok, with(Framing::none), false, ""},
      {"none, HEAD's length", Status::ok, with(Framing::none), true, "Content-Length: 7\r\n"},
      {"304", Status::not_modified, with(Framing::length, 0), false, ""},
      {"304 with its length", Status::not_modified, with(Framing::none), true,
       "Content-Length: 7\r\n"},
      {"304 is never chunked", Status::not_modified, with(Framing::chunked), false, ""},
      {"204", Status::no_content, with(Framing::length, 0), true, ""},
      {"204 is never chunked", Status::no_content, with(Framing::chunked), false, ""},
      {"205", Status::reset_content, with(Framing::length, 0), false, "Content-Length: 0\r\n"},
      {"101", Status::switching_protocols, with(Framing::length, 0), true, ""},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      ResponseHead head = head_of(c.status);
      if (c.own_length) head.set_content_length(7);
      const std::string got = written(head, c.options);
      CHECK(got.substr(got.find("\r\n") + 2) == std::string(c.fields) + "\r\n");
    }
}

TEST_CASE("Connection says what HTTP/1.1 does not do anyway", "[http][serializer]") {
  struct Case {
    const char* name;
    bool close;
    bool own_close;
    bool keep_alive_header;
    bool upgrade;
    std::string_view fields;
  };
  const Case cases[] = {
      {"nothing", false, false, false, false, ""},
      {"the session closes", true, false, false, false, "Connection: close\r\n"},
      {"the head closes", false, true, false, false, "Connection: close\r\n"},
      {"HTTP/1.0 goes on", false, false, true, false, "Connection: keep-alive\r\n"},
      {"close beats keep-alive", true, false, true, false, "Connection: close\r\n"},
      {"Upgrade is listed", false, false, false, true,
       "Upgrade: websocket\r\nConnection: upgrade\r\n"},
      {"Upgrade and close", true, false, false, true,
       "Upgrade: websocket\r\nConnection: upgrade, close\r\n"},
      {"Upgrade and keep-alive", false, false, true, true,
       "Upgrade: websocket\r\nConnection: upgrade, keep-alive\r\n"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      ResponseHead head;
      head.set_close(c.own_close);
      if (c.upgrade) head.set("Upgrade", "websocket");
      HeadOptions options;
      options.close = c.close;
      options.keep_alive_header = c.keep_alive_header;
      CHECK(written(head, options) == "HTTP/1.1 200 OK\r\n" + std::string(c.fields) + "\r\n");
    }
}

TEST_CASE("a head of everything fits what it measured", "[http][serializer]") {
  ResponseHead head = head_of(Status::request_header_fields_too_large);
  head.set("Upgrade", "x");
  head.set_close(true);
  HeadOptions options = with(Framing::length, UINT64_MAX);
  options.keep_alive_header = true;
  options.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  options.server = "weir";
  CHECK(written(head, options) ==
        "HTTP/1.1 431 Request Header Fields Too Large\r\nUpgrade: x\r\n"
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: weir\r\n"
        "Content-Length: 18446744073709551615\r\nConnection: upgrade, close\r\n\r\n");
}

TEST_CASE("interim answers are a status line and fields", "[http][serializer]") {
  ExactOutput out;
  ResponseHead head;
  http::write_interim(out, Status::continue_, head);
  head.append("Link", "</a.css>; rel=preload");
  head.set_content_length(1);
  http::write_interim(out, Status::early_hints, head);
  CHECK(out.take() ==
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
}

TEST_CASE("chunks are framed in hexadecimal", "[http][serializer]") {
  ExactOutput out;
  http::write_chunk(out, "hello");
  http::write_chunk(out, "");
  http::write_chunk(out, std::string(255, 'x'));
  CHECK(out.take() == "5\r\nhello\r\nff\r\n" + std::string(255, 'x') + "\r\n");

  http::write_chunk_head(out, 4096);
  http::write_chunk_end(out);
  http::write_chunk_head(out, SIZE_MAX);
  CHECK(out.take() == "1000\r\n\r\nffffffffffffffff\r\n");

  http::write_last_chunk(out);
  CHECK(out.take() == "0\r\n\r\n");
  ResponseHead trailers;
  trailers.append("Digest", "x");
  http::write_last_chunk(out, trailers.lines());
  CHECK(out.take() == "0\r\nDigest: x\r\n\r\n");
}
