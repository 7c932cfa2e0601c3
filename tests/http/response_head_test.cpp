// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <weir/http/response_head.hpp>

using namespace weir;
using http::ResponseHead;

TEST_CASE("a response head is 200 without fields", "[http][response_head]") {
  const ResponseHead head;
  CHECK(head.status == Status::ok);
  CHECK(head.lines().empty());
  CHECK_FALSE(head.content_length());
  CHECK_FALSE(head.close());
  CHECK_FALSE(head.has_date());
  CHECK_FALSE(head.has_server());
  CHECK_FALSE(head.has_content_type());
  CHECK_FALSE(head.has_upgrade());
}

TEST_CASE("fields are kept as the lines that are sent", "[http][response_head]") {
  ResponseHead head;
  head.set("X-One", "1");
  head.append("Set-Cookie", "a=1");
  head.append("set-cookie", "b=2");
  head.set("X-Empty", "");
  head.set("X-Blank", " \t in the middle \t");
  CHECK(head.lines() ==
        "X-One: 1\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Empty: \r\n"
        "X-Blank: in the middle\r\n");
  CHECK(head.get("x-one") == "1");
  CHECK(head.get("SET-COOKIE") == "a=1");
  CHECK(head.get("none") == "");
  CHECK(head.has("X-EMPTY"));
  CHECK_FALSE(head.has("X-On"));

  SECTION("set() replaces all") {
    head.set("SET-COOKIE", "c=3");
    CHECK(head.lines() == "X-One: 1\r\nX-Empty: \r\nX-Blank: in the middle\r\nSET-COOKIE: c=3\r\n");
  }
  SECTION("remove() removes all") {
    CHECK(head.remove("Set-cookie"));
    CHECK_FALSE(head.remove("Set-cookie"));
    CHECK(head.lines() == "X-One: 1\r\nX-Empty: \r\nX-Blank: in the middle\r\n");
  }
  SECTION("the lines can be walked") {
    std::size_t position = 0;
    std::string_view name;
    std::string_view value;
    std::string walked;
    while (head.next(position, name, value))
      walked.append(name).append("=").append(value).append(";");
    CHECK(walked == "X-One=1;Set-Cookie=a=1;set-cookie=b=2;X-Empty=;X-Blank=in the middle;");
  }
  SECTION("clear() forgets all but the memory") {
    const char* const place = head.lines().data();
    head.status = Status::not_found;
    head.set_close(true);
    head.set_content_length(1);
    head.clear();
    CHECK(head.status == Status::ok);
    CHECK(head.lines().empty());
    CHECK(head.lines().data() == place);
    CHECK_FALSE(head.close());
    CHECK_FALSE(head.content_length());
  }
}

TEST_CASE("a value may come from the head itself", "[http][response_head]") {
  ResponseHead head;
  head.set("A", "a value long enough to lie on the heap of its own");
  for (int i = 0; i < 10; ++i) head.append("B", head.get("A"));
  head.set("A", head.get("A"));
  head.set_content_type(head.get("A"));
  CHECK(head.get("A") == "a value long enough to lie on the heap of its own");
  CHECK(head.get("Content-Type") == head.get("A"));
}

TEST_CASE("a known media type is a line that needs no check", "[http][response_head]") {
  ResponseHead head;
  head.append("X", "1");
  head.set_content_type(weir::http::kTextPlain);
  CHECK(head.lines() == "X: 1\r\nContent-Type: text/plain; charset=utf-8\r\n");
  CHECK(head.get("content-type") == "text/plain; charset=utf-8");
  head.set_content_type(weir::http::kApplicationJson);
  CHECK(head.lines() == "X: 1\r\nContent-Type: application/json\r\n");
  head.set("Content-Type", "image/png");
  head.set_content_type(weir::http::kTextHtml);
  CHECK(head.lines() == "X: 1\r\nContent-Type: text/html; charset=utf-8\r\n");
  CHECK(head.remove("Content-Type"));
  CHECK_FALSE(head.has_content_type());
}

TEST_CASE("what an ordinary answer must not have makes a head not plain", "[http][response_head]") {
  ResponseHead head;
  head.set_content_type(weir::http::kTextPlain);
  head.set("X", "1");
  CHECK(head.is_plain());
  for (const char* name : {"Date", "Server", "Upgrade", "Content-Length", "Connection"}) {
    ResponseHead with = head;
    with.set(name, std::string_view(name) == "Connection"       ? "close"
                   : std::string_view(name) == "Content-Length" ? "5"
                                                                : "y");
    CHECK_FALSE(with.is_plain());
    with.remove(name);
    CHECK(with.is_plain());
  }
}

TEST_CASE("the fields that the serializer asks for are flags", "[http][response_head]") {
  struct Case {
    const char* name;
    bool (ResponseHead::*has)() const noexcept;
  };
  const Case cases[] = {{"dAte", &ResponseHead::has_date},
                        {"SERVER", &ResponseHead::has_server},
                        {"content-type", &ResponseHead::has_content_type},
                        {"Upgrade", &ResponseHead::has_upgrade}};
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      ResponseHead head;
      head.set(c.name, "x");
      CHECK((head.*c.has)());
      CHECK(head.has(c.name));
      head.set(c.name, "y");
      CHECK(head.lines() == std::string(c.name) + ": y\r\n");
      CHECK(head.remove(c.name));
      CHECK_FALSE((head.*c.has)());
      CHECK(head.lines().empty());
    }
}

TEST_CASE("Content-Type is set the cheap way like any other", "[http][response_head]") {
  ResponseHead head;
  head.set_content_type("text/plain; charset=utf-8");
  CHECK(head.lines() == "Content-Type: text/plain; charset=utf-8\r\n");
  head.set("X", "1");
  head.set_content_type(" text/html ");
  CHECK(head.lines() == "X: 1\r\nContent-Type: text/html\r\n");
  CHECK_THROWS_AS(head.set_content_type("a\r\nX: y"), std::invalid_argument);
  CHECK(head.get("Content-Type") == "text/html");
}

TEST_CASE("Content-Length is a number and no line", "[http][response_head]") {
  ResponseHead head;
  head.set("content-length", " 42 ");
  CHECK(head.content_length() == 42u);
  CHECK(head.has("Content-Length"));
  CHECK(head.lines().empty());
  head.append("Content-Length", "18446744073709551615");
  CHECK(head.content_length() == UINT64_MAX);
  for (const char* bad : {"", "-1", "+1", "1,1", "1 1", "0x1", "1.0", "18446744073709551616", "a"})
    CHECK_THROWS_AS(head.set("Content-Length", bad), std::invalid_argument);
  CHECK(head.content_length() == UINT64_MAX);
  CHECK(head.remove("Content-Length"));
  CHECK_FALSE(head.content_length());
  CHECK_FALSE(head.remove("Content-Length"));
}

TEST_CASE("Connection is a flag and no line", "[http][response_head]") {
  ResponseHead head;
  head.set("Connection", "Close");
  CHECK(head.close());
  CHECK(head.has("connection"));
  CHECK(head.get("connection") == "close");
  head.set("Connection", "keep-alive");
  CHECK_FALSE(head.close());
  head.set("Connection", "Upgrade");
  CHECK_FALSE(head.close());
  CHECK_THROWS_AS(head.set("Connection", "X-Secret"), std::invalid_argument);
  CHECK_THROWS_AS(head.set("Connection", ""), std::invalid_argument);
  CHECK(head.lines().empty());
  head.set_close(true);
  CHECK(head.remove("Connection"));
  CHECK_FALSE(head.close());
}

TEST_CASE("Transfer-Encoding is not the caller's", "[http][response_head]") {
  ResponseHead head;
  CHECK_THROWS_AS(head.set("transfer-encoding", "chunked"), std::invalid_argument);
  CHECK_THROWS_AS(head.append("Transfer-Encoding", "gzip"), std::invalid_argument);
  CHECK(head.lines().empty());
}

TEST_CASE("no name or value splits a response", "[http][response_head]") {
  ResponseHead head;
  head.set("X", "kept");
  for (const char* name :
       {"", " ", "a b", "a:", "a\r\n", "a\n", "\xC3\xA4", "a\"", "(a)", "\x01"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(head.set(name, "1"), std::invalid_argument);
    CHECK_THROWS_AS(head.append(name, "1"), std::invalid_argument);
  }
  for (std::size_t size = 1; size < 20; ++size)
    for (std::size_t place = 0; place < size; ++place)
      for (int byte = 0; byte < 256; ++byte) {
        std::string value(size, 'x');
        value[place] = static_cast<char>(byte);
        const bool allowed = (byte >= 0x20 && byte != 0x7f) || byte == '\t';
        CAPTURE(size, place, byte);
        bool thrown = false;
        try {
          head.set("X-Byte", value);
        } catch (const std::invalid_argument&) {
          thrown = true;
        }
        REQUIRE(thrown != allowed);
      }
  CHECK(head.get("X") == "kept");
}

TEST_CASE("a refusal names the field and repeats no control character", "[http][response_head]") {
  ResponseHead head;
  CHECK_THROWS_WITH(head.set("X-Bad", "a\r\nb"), Catch::Contains("\"X-Bad\"") &&
                                                     !Catch::Contains("\r") &&
                                                     !Catch::Contains("\n"));
  CHECK_THROWS_WITH(head.set("X\nBad", "a"), Catch::Contains("X?Bad"));
}

TEST_CASE("names as long as those that are looked after are plain fields",
          "[http][response_head]") {
  ResponseHead head;
  for (const char* name : {"Fate", "Savour", "Upgrape", "Connectiox", "Content-Tyre",
                           "Content-Lengtx", "Transfer-Encodinx"}) {
    CAPTURE(name);
    head.set(name, "1");
    CHECK(head.get(name) == "1");
    CHECK(head.remove(name));
  }
  CHECK(head.lines().empty());
  CHECK_FALSE(head.close());
  CHECK_FALSE(head.content_length());
}

TEST_CASE("get() tells of a connection that closes", "[http][response_head]") {
  ResponseHead head;
  CHECK(head.get("Connection").empty());
  head.set_close(true);
  CHECK(head.get("connection") == "close");
}

TEST_CASE("a content type holds no control character", "[http][response_head]") {
  ResponseHead head;
  CHECK_THROWS_WITH(head.set_content_type("text/plain\r\nX: 1"), Catch::Contains("Content-Type"));
  CHECK_FALSE(head.has_content_type());
  CHECK_THROWS_WITH(head.set("X\x7f\xC3", "1"), Catch::Contains("X??"));
}
