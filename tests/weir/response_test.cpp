// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

std::string message_of(weir::Response& response, std::string_view name, std::string_view value) {
  try {
    response.header(name, value);
  } catch (const std::invalid_argument& what) {
    return what.what();
  }
  return {};
}

std::size_t count(const weir::testing::Answer& answer, std::string_view name) {
  std::size_t found = 0;
  for (const auto& field : answer.headers)
    if (field.first == name) ++found;
  return found;
}

}  // namespace

TEST_CASE("a field that could split the answer is refused by name", "[response]") {
  struct Case {
    const char* name;
    std::string field;
    std::string value;
    bool taken;
  };
  const Case cases[] = {
      {"plain", "X-A", "value", true},
      {"empty", "X-A", "", true},
      {"tab and high bytes", "X-A", "a\tb\xC3\xA9", true},
      {"CR LF", "X-A", "a\r\nSet-Cookie: b", false},
      {"CR", "X-A", "a\rb", false},
      {"LF", "X-A", "a\nb", false},
      {"NUL", "X-A", std::string("a\0b", 3), false},
      {"DEL", "X-A", "a\x7F", false},
      {"a colon in the name", "X-A:", "a", false},
      {"a space in the name", "X A", "a", false},
      {"LF in the name", "X-A\n", "a", false},
      {"no name", "", "a", false},
      {"Transfer-Encoding", "Transfer-Encoding", "chunked", false},
      {"a number as Content-Length", "Content-Length", "5", true},
      {"no number", "Content-Length", "5x", false},
      {"Connection: close", "Connection", "close", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    weir::Response response;
    response.header("X-Before", "1");
    const std::string message = message_of(response, c.field, c.value);
    CHECK(message.empty() == c.taken);
    if (!c.taken && c.field == "X-A") CHECK_THAT(message, Catch::Contains("X-A"));
    CHECK(response.header("X-Before") == "1");
    if (!c.taken) {
      CHECK_THROWS_AS(response.append(c.field, c.value), std::invalid_argument);
      CHECK_FALSE(response.head().has("X-A"));
    }
  }
}

TEST_CASE("unhandled, a refused field is a 500 with nothing of the peer's bytes", "[response]") {
  weir::log::set_level(weir::log::Level::off);
  weir::Server server;
  server.get("/", [](const weir::Request& r, weir::Response& res) {
    res.header("X-Echo", r.query("v").value_or("")).text("sent");
  });
  server.get("/redirect", [](const weir::Request& r, weir::Response& res) {
    res.redirect(r.query("to").value_or("/"));
  });
  server.get("/cookie", [](const weir::Request& r, weir::Response& res) {
    res.cookie("a", r.query("v").value_or("")).text("sent");
  });
  weir::testing::Client client(server);
  for (const char* target :
       {"/?v=a%0D%0ASet-Cookie:%20evil", "/?v=%0A", "/?v=%00", "/redirect?to=/%0D%0Aevil:1",
        "/cookie?v=a;%20Domain=x", "/cookie?v=a%0D%0Aevil:1"}) {
    CAPTURE(target);
    const auto answer = client.get(target);
    CHECK(answer.status == 500);
    CHECK(answer.raw.find("evil") == std::string::npos);
  }
  CHECK(client.get("/?v=fine").header("X-Echo") == "fine");
  CHECK_FALSE(client.is_closed());
  weir::log::set_level(weir::log::Level::warning);
}

TEST_CASE("fields are set, appended and removed", "[response]") {
  weir::Server server;
  server.get("/", [](const weir::Request&, weir::Response& res) {
    res.header("X-One", "a").header("x-one", "b");
    res.append("X-Many", "a").append("X-Many", "b");
    res.header("X-Gone", "1");
    CHECK(res.header("X-ONE") == "b");
    CHECK(res.header("X-None") == "");
    CHECK(res.remove_header("x-gone"));
    CHECK_FALSE(res.remove_header("x-gone"));
    res.text("t").header("Content-Type", "text/own");
  });
  weir::testing::Client client(server);
  const auto answer = client.get("/");
  CHECK(answer.header("X-One") == "b");
  CHECK(count(answer, "X-One") + count(answer, "x-one") == 1);
  CHECK(count(answer, "X-Many") == 2);
  CHECK_FALSE(answer.has_header("X-Gone"));
  CHECK(answer.header("Content-Type") == "text/own");
  CHECK(answer.header("Content-Length") == "1");
  CHECK(count(answer, "Date") == 1);
}

TEST_CASE("cookies and redirects", "[response]") {
  weir::Server server;
  server.get("/cookies", [](const weir::Request&, weir::Response& res) {
    weir::SetCookie cookie;
    cookie.name = "id";
    cookie.value = "7";
    cookie.same_site = weir::SameSite::strict;
    res.cookie("a", "1").cookie(cookie).text("set");
  });
  server.get("/302", [](const weir::Request&, weir::Response& res) { res.redirect("/new"); });
  server.get("/308", [](const weir::Request&, weir::Response& res) {
    res.redirect("https://example.org/", weir::Status::permanent_redirect);
  });
  weir::testing::Client client(server);
  const auto cookies = client.get("/cookies");
  CHECK(count(cookies, "Set-Cookie") == 2);
  CHECK(cookies.header("Set-Cookie") == "a=1; Path=/; HttpOnly; SameSite=Lax");
  CHECK_THAT(cookies.raw,
             Catch::Contains("Set-Cookie: id=7; Path=/; HttpOnly; SameSite=Strict\r\n"));
  const auto found = client.get("/302");
  CHECK(found.status == 302);
  CHECK(found.header("Location") == "/new");
  CHECK(found.header("Content-Length") == "0");
  CHECK(client.get("/308").status == 308);
  CHECK(client.get("/308").header("Location") == "https://example.org/");
}

TEST_CASE("a body of every kind and size arrives whole", "[response]") {
  weir::Server server;
  const auto size_of = [](const weir::Request& r) { return r.param<std::size_t>("n").value(); };
  const auto pattern = [](std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i % 23);
    return bytes;
  };
  server.get("/copied/{n:uint}", [&](const weir::Request& r, weir::Response& res) {
    std::string bytes = pattern(size_of(r));
    res.body(std::string_view(bytes));
    bytes.assign(bytes.size(), '!');
  });
  server.get("/moved/{n:uint}",
             [&](const weir::Request& r, weir::Response& res) { res.body(pattern(size_of(r))); });
  server.get("/shared/{n:uint}", [&](const weir::Request& r, weir::Response& res) {
    res.body(std::make_shared<const std::string>(pattern(size_of(r))));
  });
  server.get("/view/{n:uint}", [&](const weir::Request& r, weir::Response& res) {
    auto keep = std::make_shared<std::string>(pattern(size_of(r)));
    const std::string_view view = *keep;
    res.body_view(view, std::move(keep));
  });
  server.get("/null/{n:uint}", [&](const weir::Request&, weir::Response& res) {
    res.body(std::shared_ptr<const std::string>());
  });
  server.get("/text/{n:uint}",
             [&](const weir::Request& r, weir::Response& res) { res.text(pattern(size_of(r))); });
  weir::testing::Client client(server);
  for (const char* kind : {"copied", "moved", "shared", "view", "text"}) {
    for (const std::size_t size :
         {0U, 1U, 4095U, 4096U, 4097U, 65535U, 65536U, 65537U, 1'000'000U}) {
      CAPTURE(kind, size);
      const std::string path = std::string("/") + kind + "/" + std::to_string(size);
      const auto answer = client.get(path);
      CHECK(answer.status == 200);
      CHECK((answer.body == pattern(size)));
      CHECK(answer.header("Content-Length") == std::to_string(size));
      const auto head = client.head(path);
      CHECK(head.status == 200);
      CHECK(head.header("Content-Length") == std::to_string(size));
    }
  }
  CHECK(client.get("/null/1").status == 200);
  CHECK(client.get("/null/1").body == "");

  // The same to a client that takes a little at a time.
  auto slow = client.connect();
  slow.set_window(1000);
  for (const char* kind : {"copied", "moved", "shared", "view"}) {
    CAPTURE(kind);
    CHECK((slow.get(std::string("/") + kind + "/50000").body == pattern(50'000)));
  }
}

TEST_CASE("content may come from the response itself", "[response]") {
  weir::Response res;
  for (const std::size_t size : {std::size_t{30}, std::size_t{10'000}}) {
    const std::string value(size, 'v');
    res.clear();
    res.header("X", value);
    res.text(res.header("X"));  // the field's line moves when Content-Type is added
    CHECK(res.body() == value);
    res.body(res.body().substr(1));
    CHECK(res.body() == value.substr(1));
    res.html(res.body().substr(1));
    CHECK(res.body() == value.substr(2));
    res.body(std::string(value));
    res.body(res.body().substr(3));
    CHECK(res.body() == value.substr(3));
    const auto kept = std::make_shared<const std::string>(value);
    res.body(kept);
    res.text(res.body().substr(4));
    CHECK(res.body() == value.substr(4));
    CHECK(res.header("Content-Type") == "text/plain; charset=utf-8");
  }
}

TEST_CASE("what keeps a view alive lives until it is sent and no longer", "[response]") {
  struct Keeper {
    explicit Keeper(int* counter, std::size_t size) : live(counter), bytes(size, 'k') { ++*live; }
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper() {
      bytes.assign(bytes.size(), '!');
      --*live;
    }
    int* live;
    std::string bytes;
  };
  int live = 0;
  weir::Server server;
  const auto answer_with = [&live](const weir::Request& r, weir::Response& res) {
    auto keep = std::make_shared<Keeper>(&live, r.param<std::size_t>("n").value());
    const std::string_view view = keep->bytes;
    res.body_view(view, std::move(keep));
  };
  server.get("/view/{n:uint}", answer_with);
  server.get("/pooled/{n:uint}", weir::blocking(answer_with));
  server.get("/replaced/{n:uint}", [&](const weir::Request& r, weir::Response& res) {
    answer_with(r, res);
    CHECK(live == 1);
    res.text("replaced");
    CHECK(live == 0);
    answer_with(r, res);
    res.body(std::string("replaced"));
    CHECK(live == 0);
  });
  weir::testing::Client client(server);
  for (const std::string kind : {"/view/", "/pooled/"}) {
    for (const char* size : {"0", "100", "4096", "4097", "100000"}) {
      CAPTURE(kind, size);
      CHECK(client.get(kind + size).status == 200);
      client.settle();
      CHECK(live == 0);
      CHECK(client.head(kind + size).status == 200);
      client.settle();
      CHECK(live == 0);
    }
  }
  CHECK(client.get("/replaced/10").body == "replaced");

  auto slow = client.connect();
  slow.set_window(500);
  slow.send_raw("GET /view/5000 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(live == 1);
  CHECK(slow.receive().body == std::string(5000, 'k'));
  client.settle();
  CHECK(live == 0);

  slow.set_window(500);
  slow.send_raw("GET /view/5000 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(live == 1);
  slow.vanish();
  CHECK(live == 0);
}

TEST_CASE("status 204 and 304 carry no content, whatever was set", "[response]") {
  weir::Server server;
  server.get("/{code:uint}", [](const weir::Request& r, weir::Response& res) {
    res.text("content").status(static_cast<weir::Status>(*r.param<unsigned short>("code")));
  });
  weir::testing::Client client(server);
  for (const char* code : {"204", "304"}) {
    CAPTURE(code);
    client.send_raw(std::string("GET /") + code +
                    " HTTP/1.1\r\nHost: x\r\n\r\nGET /200 HTTP/1.1\r\n" + "Host: x\r\n\r\n");
    const auto first = client.receive();
    CHECK(first.status == std::stoi(code));
    CHECK(first.header("Content-Length") == "");
    CHECK(client.receive().body == "content");
  }
  // A number without a name is sent as it is.
  CHECK(client.get("/299").status == 299);
  CHECK(client.get("/999").status == 999);
}

TEST_CASE("a final answer has a final status: what is none is a 500", "[response]") {
  weir::log::set_level(weir::log::Level::off);
  weir::Server server;
  const auto answer = [](const weir::Request& r, weir::Response& res) {
    res.status(static_cast<weir::Status>(*r.param<unsigned short>("code")));
  };
  server.get("/{code:uint}", answer);
  server.get("/b/{code:uint}", weir::blocking(answer));
  weir::testing::Client client(server);
  for (const char* path :
       {"/0", "/42", "/100", "/101", "/103", "/199", "/1000", "/65535", "/b/100"}) {
    CAPTURE(path);
    client.send_raw(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_THAT(client.receive_raw(), Catch::StartsWith("HTTP/1.1 500 "));
  }
  weir::log::set_level(weir::log::Level::warning);
}

TEST_CASE("the Server field is the option's unless the handler sets one", "[response]") {
  weir::Options options;
  options.server_name = "own/1";
  weir::Server named(options);
  named.get("/", [] { return "x"; });
  named.get("/set", [](const weir::Request&, weir::Response& res) {
    res.header("Server", "handler's").text("x");
  });
  weir::testing::Client client(named);
  CHECK(client.get("/").header("Server") == "own/1");
  CHECK(client.get("/none").header("Server") == "own/1");
  const auto set = client.get("/set");
  CHECK(set.header("Server") == "handler's");
  CHECK(count(set, "Server") == 1);

  weir::Server unnamed;
  unnamed.get("/", [] { return "x"; });
  weir::testing::Client other(unnamed);
  CHECK_FALSE(other.get("/").has_header("Server"));
}

TEST_CASE("a response of the user's own belongs to no request", "[response]") {
  weir::Response response(weir::Status::created, "text");
  CHECK(response.status() == weir::Status::created);
  CHECK(response.body() == "text");
  CHECK_FALSE(response.is_empty());
  CHECK_THROWS_AS(response.defer(), std::logic_error);
  CHECK_THROWS_AS(response.stream(), std::logic_error);
  CHECK_THROWS_AS(response.suspend(), std::logic_error);
  CHECK_THROWS_AS(response.interim(weir::Status::early_hints, weir::ResponseHead()),
                  std::logic_error);
  CHECK(response.body() == "text");
  response.clear();
  CHECK(response.is_empty());
  CHECK(response.status() == weir::Status::ok);
  CHECK(response.body() == "");
}

TEST_CASE("a moved response takes its content along", "[response]") {
  weir::Response from;
  from.header("X-A", "1").body(std::make_shared<const std::string>("shared"));
  weir::Response to(std::move(from));
  CHECK(to.body() == "shared");
  CHECK(to.header("X-A") == "1");
  from = weir::Response(weir::Status::accepted, "again");
  CHECK(from.body() == "again");
  to = std::move(from);
  CHECK(to.body() == "again");
  CHECK(to.header("X-A") == "");
  CHECK(to.status() == weir::Status::accepted);
}

TEST_CASE("an interim answer goes out before the answer, from every kind of handler",
          "[response]") {
  weir::Server server;
  const auto hint = [](const weir::Request&, weir::Response& res) {
    weir::ResponseHead hints;
    hints.set("Link", "</a.css>; rel=preload");
    res.interim(weir::Status::early_hints, hints);
    res.text("answer");
  };
  weir::Reply late;
  server.any("/inline", hint);
  server.any("/pooled", weir::blocking(hint));
  server.get("/deferred", [&](const weir::Request& r, weir::Response& res) {
    hint(r, res);
    late = res.defer();
  });
  server.post("/streamed", weir::streamed([hint](const weir::Request& r, weir::Body,
                                                 weir::Response& res) { hint(r, res); }));
  server.get("/wrong", [](const weir::Request&, weir::Response& res) {
    for (const int code : {0, 99, 101, 200, 404})
      CHECK_THROWS_AS(res.interim(static_cast<weir::Status>(code), weir::ResponseHead()),
                      std::invalid_argument);
    res.text("answer");
  });
  server.group("/before", [&](weir::Router& group) {
    group.use([](weir::Request&, weir::Response& res) {
      res.interim(weir::Status::processing, weir::ResponseHead());
    });
    group.any("/echo", [](const weir::Request& r) { return r.body(); });
  });
  weir::testing::Client client(server);
  for (const char* path : {"/inline", "/pooled"}) {
    CAPTURE(path);
    for (const std::size_t size : {0U, 10U, 100'000U}) {
      const auto answer = client.request("PUT", path, std::string(size, 'x'));
      CHECK(answer.interim == std::vector<int>{103});
      CHECK(answer.body == "answer");
      CHECK_THAT(answer.raw, Catch::StartsWith("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; "
                                               "rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"));
    }
  }
  CHECK(client.post("/streamed", "x").interim == std::vector<int>{103});
  CHECK(client.get("/wrong").body == "answer");
  CHECK(client.get("/wrong").interim.empty());
  for (const std::size_t size : {0U, 10U, 5000U, 100'000U}) {
    CAPTURE(size);
    const auto answer = client.post("/before/echo", std::string(size, 'x'));
    CHECK(answer.interim == std::vector<int>{102});
    CHECK((answer.body == std::string(size, 'x')));
  }

  client.send_raw("GET /deferred HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(client.receive_raw(), Catch::StartsWith("HTTP/1.1 103 "));
  late.text("late");
  CHECK(client.receive().body == "late");

  client.send_raw("GET /inline HTTP/1.0\r\n\r\n");  // RFC 9110 §15.2: not to HTTP/1.0
  CHECK(client.receive().interim.empty());
}
