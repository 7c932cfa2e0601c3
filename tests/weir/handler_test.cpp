// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

constexpr const char* kText = "text/plain; charset=utf-8";

struct Callable {
  std::string word;
  std::string operator()(const weir::Request& request) const {
    return word + std::string(request.path());
  }
};

const char* free_function() { return "free"; }

void free_both(const weir::Request& request, weir::Response& response) {
  response.text(request.path());
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::invalid_argument& what) {
    return what.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("a handler takes nothing, the request, or request and response", "[handler]") {
  weir::Server server;
  server.get("/nothing", [] { return "nothing"; });
  server.get("/request", [](const weir::Request& request) { return request.path(); });
  server.get("/both",
             [](const weir::Request&, weir::Response& response) { response.text("both"); });
  server.get("/object", Callable{"object "});
  server.get("/free", free_function);
  server.get("/pointer", &free_both);
  server.get("/function", std::function<std::string()>([] { return "function"; }));
  server.get("/move_only", [owned = std::make_unique<std::string>("owned")] { return *owned; });
  const Callable kept{"kept "};
  server.get("/lvalue", kept);
  weir::testing::Client client(server);
  struct Case {
    const char* path;
    const char* body;
  };
  constexpr Case kCases[] = {
      {"/nothing", "nothing"},       {"/request", "/request"}, {"/both", "both"},
      {"/object", "object /object"}, {"/free", "free"},        {"/pointer", "/pointer"},
      {"/function", "function"},     {"/move_only", "owned"},  {"/lvalue", "kept /lvalue"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.path);
    const auto answer = client.get(c.path);
    CHECK(answer.status == 200);
    CHECK(answer.body == c.body);
    CHECK(answer.header("Content-Type") == kText);
  }
}

TEST_CASE("what a handler returns becomes the answer", "[handler]") {
  static const std::string kKept = "kept";
  weir::Server server;
  server.get("/void", [] {});
  server.get("/literal", [] { return "literal"; });
  server.get("/view", [] { return std::string_view("view"); });
  server.get("/string", [] { return std::string("string"); });
  server.get("/large", [] { return std::string(100'000, 'x'); });
  server.get("/reference", []() -> const std::string& { return kKept; });
  server.get("/status", [] { return weir::Status::accepted; });
  server.get("/response", [] { return weir::Response(weir::Status::created, "made"); });
  server.get("/response_json", [] {
    weir::Response response;
    response.header("X-Own", "1").json("{}");
    return response;
  });
  server.get("/header_only", [](const weir::Request&, weir::Response& response) {
    response.header("X-Only", "1");
  });
  server.get("/status_set", [](const weir::Request&, weir::Response& response) {
    response.status(weir::Status::ok);
  });
  server.get("/status_and_text", [](const weir::Request&, weir::Response& response) {
    response.status(weir::Status::created);
    return "text";
  });
  weir::testing::Client client(server);
  struct Case {
    const char* path;
    int status;
    std::string body;
    const char* type;
  };
  const Case cases[] = {
      {"/void", 204, "", ""},
      {"/literal", 200, "literal", kText},
      {"/view", 200, "view", kText},
      {"/string", 200, "string", kText},
      {"/large", 200, std::string(100'000, 'x'), kText},
      {"/reference", 200, "kept", kText},
      {"/status", 202, "", ""},
      {"/response", 201, "made", kText},
      {"/response_json", 200, "{}", "application/json"},
      {"/header_only", 204, "", ""},
      {"/status_set", 200, "", ""},
      {"/status_and_text", 201, "text", kText},
  };
  for (const Case& c : cases) {
    CAPTURE(c.path);
    const auto answer = client.get(c.path);
    CHECK(answer.status == c.status);
    CHECK(answer.body == c.body);
    CHECK(answer.header("Content-Type") == c.type);
    CHECK(answer.has_header("Content-Length") == (c.status != 204));
  }
  CHECK(client.get("/header_only").header("X-Only") == "1");
  CHECK(client.get("/response_json").header("X-Own") == "1");
}

TEST_CASE("the answer to one request leaves nothing for the next", "[handler]") {
  weir::Server server;
  server.get("/full", [](const weir::Request&, weir::Response& response) {
    response.status(weir::Status::created).header("X-Left", "1").close().text("full");
  });
  server.get("/empty", [] {});
  weir::testing::Client client(server);
  CHECK(client.get("/full").status == 201);
  CHECK(client.is_closed());
  const auto answer = client.get("/empty");
  CHECK(answer.status == 204);
  CHECK_FALSE(answer.has_header("X-Left"));
  CHECK_FALSE(answer.has_header("Connection"));
  CHECK_FALSE(client.is_closed());
}

TEST_CASE("a blocking handler runs on a worker and sees a request of its own", "[handler]") {
  weir::Server server;
  const auto here = std::this_thread::get_id();
  server.get("/inline", [here] { return here == std::this_thread::get_id() ? "loop" : "worker"; });
  server.get("/b", weir::blocking(
                       [here] { return here == std::this_thread::get_id() ? "loop" : "worker"; }));
  server.post("/b", weir::blocking([](const weir::Request& request, weir::Response& response) {
                response.text(std::string(request.param("none")) + std::string(request.body()));
              }));
  server.get("/void", weir::blocking([] {}));
  server.get("/u/{id}", weir::blocking([](const weir::Request& request) {
               return std::string(request.param("id")) + "|" + std::string(request.path()) + "|" +
                      std::string(request.query()) + "|" + std::string(request.header("X-A"));
             }));
  weir::testing::Client client(server);
  CHECK(client.get("/inline").body == "loop");
  CHECK(client.get("/b").body == "worker");
  CHECK(client.post("/b", "content").body == "content");
  CHECK(client.post("/b", std::string(200'000, 'z')).body == std::string(200'000, 'z'));
  CHECK(client.get("/void").status == 204);
  CHECK(client.get("/u/7?q=1", {{"X-A", "a"}}).body == "7|/u/7|q=1|a");
  CHECK(client.get("/u/a%2Fb%20c?q=%20", {{"X-A", "a"}}).body == "a/b c|/u/a%2Fb c|q=%20|a");
}

TEST_CASE("a streamed handler runs at the end of the head", "[handler]") {
  weir::Server server;
  server.post("/at_once", weir::streamed([](const weir::Request& request, weir::Body,
                                            weir::Response& response) {
                response.text("body " + std::string(request.body()) + ".");
              }));
  server.post("/returns", weir::streamed([](const weir::Request&, weir::Body, weir::Response&) {
                return weir::Status::accepted;
              }));
  server.post("/throws",
              weir::streamed([](const weir::Request&, weir::Body, weir::Response&) -> weir::Status {
                throw weir::HttpError(weir::Status::conflict, "no");
              }));
  server.post("/blocking", weir::blocking(weir::streamed(
                               [](const weir::Request&, weir::Body body, weir::Response& response) {
                                 char piece[7];
                                 std::string all;
                                 while (const std::size_t size = body.read(piece, sizeof piece))
                                   all.append(piece, size);
                                 response.text(all);
                               })));
  server.post("/counted",
              weir::streamed([](const weir::Request&, weir::Body body, weir::Response& response) {
                auto all = std::make_shared<std::string>();
                body.on_data([all](std::string_view piece) { all->append(piece); });
                body.on_end([all, reply = response.defer()](std::string_view) mutable {
                  reply.text(*all);
                });
              }));
  weir::testing::Client client(server);
  CHECK(client.post("/at_once", "unread").body == "body .");
  CHECK(client.post("/returns", "unread").status == 202);
  CHECK(client.post("/throws", "unread").status == 409);
  CHECK(client.post("/blocking", "read by the worker").body == "read by the worker");
  CHECK(client.post("/counted", "read by the loop").body == "read by the loop");
  CHECK(client.post("/counted", "").body == "");
  CHECK_FALSE(client.is_closed());

  // Before the content has come:
  client.send_raw("POST /at_once HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.receive().body == "body .");
}

TEST_CASE("a missing handler is refused by its method and pattern", "[handler]") {
  weir::Server server;
  const std::function<void()> no_function;
  void (*const no_pointer)(const weir::Request&, weir::Response&) = nullptr;
  void (*const no_streamed)(const weir::Request&, weir::Body, weir::Response&) = nullptr;
  const std::string message = "weir: the handler of PUT /api/x is missing";
  server.group("/api", [&](weir::Router& api) {
    CHECK(message_of([&] { api.put("/x", no_function); }) == message);
    CHECK(message_of([&] { api.put("/x", no_pointer); }) == message);
    CHECK(message_of([&] { api.put("/x", weir::blocking(no_function)); }) == message);
    CHECK(message_of([&] { api.put("/x", weir::streamed(no_streamed)); }) == message);
    CHECK(message_of([&] { api.put("/x", weir::blocking(weir::streamed(no_streamed))); }) ==
          message);
    api.put("/x", [] { return "there"; });  // what was refused has left nothing
  });
  CHECK_THROWS_AS(server.not_found(no_function), std::invalid_argument);
  CHECK_THROWS_AS(server.method_not_allowed(no_pointer), std::invalid_argument);
  CHECK_THROWS_AS(server.not_found(weir::blocking([] {})), std::invalid_argument);
  weir::testing::Client client(server);
  CHECK(client.request("PUT", "/api/x").body == "there");
}

TEST_CASE("a handler that throws costs one answer, not the connection", "[handler]") {
  weir::log::set_level(weir::log::Level::off);
  weir::Server server;
  const auto bad = []() -> std::string { throw std::runtime_error("secret"); };
  const auto worse = [] { throw 42; };
  const auto http = [] { throw weir::HttpError(weir::Status::im_a_teapot, "short and stout"); };
  server.get("/bad", bad);
  server.get("/worse", worse);
  server.get("/http", http);
  server.get("/b/bad", weir::blocking(bad));
  server.get("/b/worse", weir::blocking(worse));
  server.get("/b/http", weir::blocking(http));
  server.post("/bad", bad);
  server.get("/half", [](const weir::Request&, weir::Response& response) {
    response.status(weir::Status::ok).header("X-Half", "1").text("half");
    throw std::runtime_error("secret");
  });
  server.get("/fine", [] { return "fine"; });
  weir::testing::Client client(server);
  for (const std::string prefix : {"", "/b"}) {
    CAPTURE(prefix);
    CHECK(client.get(prefix + "/bad").status == 500);
    CHECK(client.get(prefix + "/bad").body == "500 Internal Server Error\n");
    CHECK(client.get(prefix + "/worse").status == 500);
    CHECK(client.get(prefix + "/http").body == "418 I'm a teapot: short and stout\n");
    CHECK(client.get("/fine").body == "fine");
  }
  CHECK(client.post("/bad", std::string(100'000, 'x')).status == 500);
  const auto half = client.get("/half");
  CHECK(half.status == 500);
  CHECK_FALSE(half.has_header("X-Half"));
  CHECK_FALSE(client.is_closed());
  weir::log::set_level(weir::log::Level::warning);
}

TEST_CASE("a handler that defers and then throws answers once", "[handler]") {
  weir::log::set_level(weir::log::Level::off);
  weir::Reply kept;
  weir::Server server;
  server.get("/dropped", [](const weir::Request&, weir::Response& response) {
    const weir::Reply reply = response.defer();
    throw std::runtime_error("no");
  });
  server.get("/answered", [](const weir::Request&, weir::Response& response) {
    weir::Reply reply = response.defer();
    reply.text("answered");
    throw std::runtime_error("no");
  });
  weir::testing::Client client(server);
  CHECK(client.get("/dropped").status == 500);
  CHECK(client.get("/answered").body == "answered");
  CHECK(client.receive_raw() == "");
  weir::log::set_level(weir::log::Level::warning);
}
