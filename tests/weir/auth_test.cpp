// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <weir/auth.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using weir::BasicAuthOptions;
using weir::BearerAuthOptions;
using weir::TokenVerdict;
using weir::testing::Answer;
using weir::testing::Client;

namespace {

std::string who(const weir::Request& req) { return req.get<weir::User>()->name; }

BasicAuthOptions ann() {
  BasicAuthOptions options;
  options.users = {{"ann", "pw"}, {"\xc3\xa4", ""}};
  return options;
}

BearerAuthOptions tokens() {
  BearerAuthOptions options;
  options.check = [](const weir::Request& req, std::string_view token) {
    if (weir::is_same_secret("good", token)) return TokenVerdict::accept("ann");
    if (token == "small") return TokenVerdict::lacks("read write");
    return TokenVerdict::refuse(req.path() == "/why" ? "it \"expired\"\r\n" : "");
  };
  return options;
}

}  // namespace

TEST_CASE("Basic lets those pass who have a name and its password", "[auth]") {
  weir::Server server;
  server.use(weir::BasicAuth(ann()));
  server.get("/", who);
  server.get("/pooled", weir::blocking(who));
  Client client(server);
  struct Case {
    const char* value;  // null: none
    int status;
    const char* body;
  };
  constexpr Case kCases[] = {
      {"Basic YW5uOnB3", 200, "ann"},                                     // ann:pw
      {"basic YW5uOnB3", 200, "ann"},   {"Basic w6Q6", 200, "\xc3\xa4"},  // an empty password
      {nullptr, 401, nullptr},          {"", 401, nullptr},
      {"Basic", 401, nullptr},          {"Basic YW5uOnB3 x", 401, nullptr},
      {"Basic YW5uOnBX", 401, nullptr},  // another password
      {"Basic w6Q6cHc=", 401, nullptr},  // ann's password with the other name
      {"Basic Og==", 401, nullptr},     {"Bearer YW5uOnB3", 401, nullptr},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.value == nullptr ? "none" : c.value);
    for (const char* const target : {"/", "/pooled"}) {
      const Answer answer = c.value == nullptr ? client.get(target)
                                               : client.get(target, {{"Authorization", c.value}});
      CHECK(answer.status == c.status);
      if (c.status == 200) {
        CHECK(answer.body == c.body);
        CHECK_FALSE(answer.has_header("WWW-Authenticate"));
      } else {
        CHECK(answer.header("WWW-Authenticate") == R"(Basic realm="restricted", charset="UTF-8")");
        CHECK(answer.body == "401 Unauthorized\n");
      }
    }
  }
  const Answer twice =
      client.get("/", {{"Authorization", "Basic YW5uOnB3"}, {"Authorization", "Basic Og=="}});
  CHECK(twice.status == 401);
  CHECK(client.get("/nowhere").status == 401);  // tells nothing of what is there
}

TEST_CASE("Basic asks a check for whom the list does not have", "[auth]") {
  BasicAuthOptions options = ann();
  options.realm = "the back room";
  options.check = [](std::string_view name, std::string_view password) {
    if (name == "boom") throw weir::HttpError(weir::Status::service_unavailable, "later");
    return name == "bob" && weir::is_same_secret("b", password);
  };
  options.on_refused = [](const weir::Request& req, weir::Response& res) {
    res.json("{\"path\":\"" + std::string(req.path()) + "\"}");
  };
  weir::Server server;
  server.use(weir::BasicAuth(options)).get("/", who);
  Client client(server);
  CHECK(client.get("/", {{"Authorization", "Basic YW5uOnB3"}}).body == "ann");
  CHECK(client.get("/", {{"Authorization", "Basic Ym9iOmI="}}).body == "bob");
  CHECK(client.get("/", {{"Authorization", "Basic Ym9vbTo="}}).status == 503);  // boom:
  const Answer refused = client.get("/", {{"Authorization", "Basic Ym9iOmM="}});
  CHECK(refused.status == 401);
  CHECK(refused.body == R"({"path":"/"})");
  CHECK(refused.header("WWW-Authenticate") == R"(Basic realm="the back room", charset="UTF-8")");
}

TEST_CASE("who is refused sends no content", "[auth]") {
  weir::Server server;
  server.use(weir::BearerAuth(tokens())).post("/", [] { return "in"; });
  Client client(server);
  client.send_raw(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
  const Answer refused = client.receive();
  CHECK(refused.status == 401);
  CHECK(refused.interim.empty());
}

TEST_CASE("Bearer answers as RFC 6750 wants it", "[auth]") {
  BearerAuthOptions options = tokens();
  options.realm = "api";
  weir::Server server;
  server.use(weir::BearerAuth(options)).get("/", who).get("/why", who);
  Client client(server);
  struct Case {
    const char* target;
    const char* value;
    int status;
    const char* challenge;
  };
  constexpr Case kCases[] = {
      {"/", "Bearer good", 200, ""},
      {"/", "bearer   good", 200, ""},
      {"/", nullptr, 401, R"(Bearer realm="api")"},
      {"/", "Basic YW5uOnB3", 401, R"(Bearer realm="api")"},
      {"/", "Bearer bad", 401, R"(Bearer realm="api", error="invalid_token")"},
      {"/why", "Bearer bad", 401,
       R"(Bearer realm="api", error="invalid_token", error_description="it ?expired???")"},
      {"/", "Bearer small", 403,
       R"(Bearer realm="api", error="insufficient_scope", scope="read write")"},
      {"/", "Bearer", 400, R"(Bearer realm="api", error="invalid_request")"},
      {"/", "Bearer a b", 400, R"(Bearer realm="api", error="invalid_request")"},
      {"/", "Bearer a,b", 400, R"(Bearer realm="api", error="invalid_request")"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.value == nullptr ? "none" : c.value);
    const Answer answer = c.value == nullptr ? client.get(c.target)
                                             : client.get(c.target, {{"Authorization", c.value}});
    CHECK(answer.status == c.status);
    CHECK(answer.header("WWW-Authenticate") == c.challenge);
  }
  const Answer twice =
      client.get("/", {{"Authorization", "Bearer good"}, {"Authorization", "Bearer good"}});
  CHECK(twice.status == 400);
}

TEST_CASE("without a realm a Bearer challenge is a word", "[auth]") {
  weir::Server server;
  server.use(weir::BearerAuth(tokens())).get("/", who);
  Client client(server);
  CHECK(client.get("/").header("WWW-Authenticate") == "Bearer");
  CHECK(client.get("/", {{"Authorization", "Bearer x"}}).header("WWW-Authenticate") ==
        R"(Bearer error="invalid_token")");
}

TEST_CASE("a check that has to wait suspends", "[auth]") {
  weir::Server server;
  // As in the documentation: the answer comes from another thread.
  server.use([](weir::Request& req, weir::Response& res) {
    const auto token = weir::bearer_token(req);
    if (!token) {
      res.status(weir::Status::unauthorized).header("WWW-Authenticate", "Bearer").text("who?\n");
      return weir::Next::done;
    }
    std::thread([token = std::string(*token), go = res.suspend()]() mutable {
      if (token == "good") {
        go.request().set(weir::User{"ann"});
        go.proceed();
      } else {
        weir::Response refused(weir::Status::unauthorized, "no\n");
        refused.header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        go.answer(std::move(refused));
      }
    }).detach();
    return weir::Next::suspended;
  });
  server.get("/", who);
  Client client(server);
  CHECK(client.get("/", {{"Authorization", "Bearer good"}}).body == "ann");
  CHECK(client.get("/", {{"Authorization", "Bearer bad"}}).status == 401);
  CHECK(client.get("/").status == 401);
}

TEST_CASE("authentication options that cannot be are refused by name", "[auth]") {
  struct Case {
    void (*change)(BasicAuthOptions&);
    const char* words;
  };
  const Case cases[] = {
      {[](BasicAuthOptions& o) { o.users.clear(); }, "users: must not be empty"},
      {[](BasicAuthOptions& o) {
         o.users = {{"a:b", ""}};
       },
       "colon"},
      {[](BasicAuthOptions& o) {
         o.users = {{"a", "1"}, {"a", "2"}};
       },
       "twice"},
      {[](BasicAuthOptions& o) {
         o.users = {{"a", "\n"}};
       },
       "users: must be UTF-8"},
      {[](BasicAuthOptions& o) {
         o.users = {{"\xff", ""}};
       },
       "users: must be UTF-8"},
      {[](BasicAuthOptions& o) { o.realm.clear(); }, "realm"},
      {[](BasicAuthOptions& o) { o.realm = "a\"b"; }, "realm"},
      {[](BasicAuthOptions& o) { o.realm = "a\r\nb"; }, "realm"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.words);
    BasicAuthOptions options = ann();
    c.change(options);
    CHECK_THROWS_WITH(weir::BasicAuth(options), Catch::Contains(c.words));
  }
  CHECK_THROWS_WITH(weir::BearerAuth(BearerAuthOptions()),
                    Catch::Contains("weir::BearerAuthOptions::check"));
  BearerAuthOptions bearer = tokens();
  bearer.realm = "\\";
  CHECK_THROWS_AS(weir::BearerAuth(bearer), std::invalid_argument);
}
