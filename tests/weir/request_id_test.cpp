// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <weir/request_id.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::testing::Answer;
using weir::testing::Client;

namespace {

std::string id_of(const weir::Request& req) { return req.get<weir::RequestId>()->value; }

}  // namespace

TEST_CASE("names are 32 digits and differ, on all threads", "[request_id]") {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& ids : made)
    threads.emplace_back([&ids] {
      for (int i = 0; i < 500; ++i) ids.push_back(weir::make_request_id());
    });
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& ids : made)
    for (const std::string& id : ids) {
      REQUIRE(id.size() == 32);
      REQUIRE(id.find_first_not_of("0123456789abcdef") == std::string::npos);
      all.insert(id);
    }
  CHECK(all.size() == 2000);
}

TEST_CASE("what may be a name", "[request_id]") {
  for (const std::string& text :
       {std::string("a"), std::string("A-z_0.9:/=+@"), std::string(128, 'x')})
    CHECK(weir::is_request_id(text));
  for (const std::string& text :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a\"b"),
        std::string("a\\b"), std::string("a,b"), std::string("a\tb"), std::string("\xc3\xa4"),
        std::string("a\0b", 3), std::string("<a>"), std::string("%41")})
    CHECK_FALSE(weir::is_request_id(text));
}

TEST_CASE("each request has a name, its answer has it, however it comes about", "[request_id]") {
  weir::Server server;
  server.use(weir::request_id());
  server.get("/plain", id_of);
  server.get("/pooled", weir::blocking(id_of));
  server.get("/late", [](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    reply.text(reply.request().get<weir::RequestId>()->value);
  });
  server.get("/streamed", [](const weir::Request& req, weir::Response& res) {
    const std::string id = id_of(req);
    weir::Stream out = res.stream();
    out.write(id);
    out.end();
  });
  server.get("/thrown", [](const weir::Request& req) -> std::string {
    throw weir::HttpError(weir::Status::conflict, id_of(req));
  });
  server.on_error([](const weir::Error& error, weir::Response& res) { res.text(error.message); });
  Client client(server);
  std::set<std::string> seen;
  for (const char* const target : {"/plain", "/pooled", "/late", "/streamed", "/thrown"}) {
    CAPTURE(target);
    const Answer answer = client.get(target, {{"X-Request-Id", "mine"}});
    CHECK(answer.body.size() == 32);
    CHECK(answer.header("X-Request-Id") == answer.body);
    seen.insert(answer.body);
  }
  CHECK(seen.size() == 5);
  CHECK(client.get("/nowhere").header("X-Request-Id").size() == 32);
  client.send_raw("nonsense\r\n\r\n");
  CHECK_FALSE(client.receive().has_header("X-Request-Id"));  // what cannot be read has no hooks
}

TEST_CASE("who is turned away further out has a name, too", "[request_id]") {
  weir::Server server;
  server.use([](weir::Request&, weir::Response& res) {
    res.status(weir::Status::forbidden);
    return weir::Next::done;
  });
  server.use(weir::request_id()).get("/", id_of);
  Client client(server);
  const Answer answer = client.get("/");
  CHECK(answer.status == 403);
  CHECK(answer.header("X-Request-Id").size() == 32);
}

TEST_CASE("a name is taken over only when trusted and valid", "[request_id]") {
  weir::RequestIdOptions options;
  options.field = "X-Trace";
  options.trusts = [](const weir::Request& req) { return req.header("X-Proxy") == "ours"; };
  weir::Server server;
  server.use(weir::request_id(options)).get("/", id_of);
  Client client(server);
  const Answer taken = client.get("/", {{"X-Proxy", "ours"}, {"X-Trace", "abc"}});
  CHECK(taken.body == "abc");
  CHECK(taken.header("X-Trace") == "abc");
  CHECK_FALSE(taken.has_header("X-Request-Id"));
  CHECK(client.get("/", {{"X-Proxy", "theirs"}, {"X-Trace", "abc"}}).body.size() == 32);
  CHECK(client.get("/", {{"X-Proxy", "ours"}, {"X-Trace", "a b"}}).body.size() == 32);
  CHECK(client.get("/", {{"X-Proxy", "ours"}}).body.size() == 32);
}

TEST_CASE("a field that is no name is refused", "[request_id]") {
  weir::RequestIdOptions options;
  for (const char* const field : {"", "a b", "a:"}) {
    options.field = field;
    CHECK_THROWS_WITH(weir::request_id(options), Catch::Contains("RequestIdOptions::field"));
  }
}
