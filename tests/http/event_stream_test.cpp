// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/event_parser.hpp>
#include <weir/http/event_stream.hpp>

using namespace weir;
using namespace std::string_view_literals;

TEST_CASE("events are formatted as HTML has them", "[http][event_stream]") {
  struct Case {
    http::Event event;
    std::string_view text;
  };
  const Case cases[] = {
      {{"hello"}, "data: hello\n\n"},
      {{""}, "data: \n\n"},
      {{"a\nb"}, "data: a\ndata: b\n\n"},
      {{"a\r\nb\rc\nd"}, "data: a\ndata: b\ndata: c\ndata: d\n\n"},
      {{"a\n"}, "data: a\ndata: \n\n"},
      {{"\r"}, "data: \ndata: \n\n"},
      {{"\n\r"}, "data: \ndata: \ndata: \n\n"},
      {{"\r\r\n\n"}, "data: \ndata: \ndata: \ndata: \n\n"},
      {{" a"}, "data:  a\n\n"},
      {{"id: 7\n\ndata: forged"}, "data: id: 7\ndata: \ndata: data: forged\n\n"},
      {{"a\0b"sv}, "data: a\0b\n\n"sv},
      {{"x", "news"}, "event: news\ndata: x\n\n"},
      {{"x", "", "7"}, "id: 7\ndata: x\n\n"},
      {{"x", " odd: name", " 7 "}, "id:  7 \nevent:  odd: name\ndata: x\n\n"},
      {{"\xff", "\xc3\xa9"}, "event: \xc3\xa9\ndata: \xff\n\n"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    http::EventWriter writer;
    writer.event(c.event);
    CHECK(writer.text() == c.text);
    test::EventParser parser;
    parser.feed(writer.text());
    REQUIRE(parser.events.size() == 1);
    CHECK(parser.events[0].data == test::with_lf(c.event.data));
    CHECK(parser.events[0].type == (c.event.name.empty() ? "message" : c.event.name));
    CHECK(parser.events[0].last_event_id == c.event.id);
  }
}

TEST_CASE("what a name or an id cannot say is refused, and nothing written",
          "[http][event_stream]") {
  const http::Event cases[] = {
      {"x", "a\nb"}, {"x", "a\r"}, {"x", "", "1\n"}, {"x", "", "\r1"}, {"x", "", "1\0"sv},
  };
  for (const http::Event& event : cases) {
    http::EventWriter writer;
    CHECK_THROWS_AS(writer.event(event), std::invalid_argument);
    CHECK(writer.empty());
  }
  http::EventWriter writer;
  CHECK_NOTHROW(writer.event({"x", "a\0b"sv}));
}

TEST_CASE("comments and the delay stand by themselves", "[http][event_stream]") {
  http::EventWriter writer;
  writer.comment("");
  writer.comment("two\rlines");
  writer.retry(std::chrono::seconds(3));
  writer.retry(std::chrono::milliseconds(-1));
  writer.event({"x"});
  CHECK(writer.text() == ":\n\n: two\n: lines\n\nretry: 3000\n\nretry: 0\n\ndata: x\n\n");
  CHECK(writer.take().size() > 0);
  CHECK(writer.empty());
}
