// SPDX-License-Identifier: MIT
// Several of them together, in the order that the documentation recommends.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/auth.hpp>
#include <weir/body_limit.hpp>
#include <weir/cors.hpp>
#include <weir/rate_limit.hpp>
#include <weir/redirects.hpp>
#include <weir/request_id.hpp>
#include <weir/security_headers.hpp>
#include <weir/server_timing.hpp>
#include <weir/testing.hpp>
#include <weir/trusted_proxy.hpp>
#include <weir/weir.hpp>

using weir::testing::Answer;
using weir::testing::Client;
using weir::testing::Fields;

namespace {

/// What an access log would see of a request.
struct Seen {
  int status = 0;
  std::string user;
  std::string id;
  std::string address;
};

struct Log {
  std::vector<Seen>* seen;
  void done(const weir::Request& req, const weir::Outcome& outcome) const {
    const auto* const user = req.get<weir::User>();
    const auto* const id = req.get<weir::RequestId>();
    seen->push_back({static_cast<int>(outcome.status), user == nullptr ? "" : user->name,
                     id == nullptr ? "" : id->value, weir::client_address(req).host()});
  }
};

struct Application {
  Application() {
    weir::TrustedProxyOptions proxies;
    proxies.ranges = {"10.0.0.0/8"};
    proxies.fields = weir::TrustedProxyOptions::Fields::x_forwarded;
    weir::RequestIdOptions ids;
    ids.trusts = weir::is_forwarded;
    weir::CorsOptions cors;
    cors.origins = {"https://app.example"};
    cors.headers = {"Authorization"};
    weir::RateLimitOptions rate;
    rate.requests_per_second = 1;
    rate.burst = 100;
    weir::RedirectOptions moved;
    moved.paths = {{"/old", "/plain"}};
    moved.hosts = {"x", "example.org"};
    moved.to_https = true;
    moved.is_secure = [](const weir::Request& req) {
      return !weir::is_forwarded(req) || weir::is_secure_client(req);  // as if by TLS otherwise
    };
    weir::BearerAuthOptions bearer;
    bearer.check = [](const weir::Request&, std::string_view token) {
      return token == "good" ? weir::TokenVerdict::accept("ann") : weir::TokenVerdict::refuse();
    };
    server.use(weir::trusted_proxy(proxies), weir::request_id(ids), Log{&seen},
               weir::server_timing(), weir::security_headers(), weir::Cors(cors),
               weir::redirects(moved));
    server.use(weir::RateLimit(rate), weir::BearerAuth(bearer), weir::body_limit(8));
    const auto plain = [this](const weir::Request& req) {
      ++handled;
      weir::timing(req).add("work", std::chrono::milliseconds(1));
      return req.get<weir::User>()->name + std::string(req.body());
    };
    server.any("/plain", plain);
    server.any("/pooled", weir::blocking(plain));
    server.any("/late", [plain](const weir::Request& req, weir::Response& res) {
      const std::string text = plain(req);
      res.defer().text(text);
    });
    server.any("/streamed", [plain](const weir::Request& req, weir::Response& res) {
      const std::string text = plain(req);
      weir::Stream out = res.stream();
      out.write(text);
      out.end();
    });
    server.any("/thrown", [plain](const weir::Request& req) -> std::string {
      throw weir::HttpError(weir::Status::conflict, plain(req));
    });
  }

  weir::Server server;
  std::vector<Seen> seen;
  int handled = 0;
};

/// All that is on every answer, whoever has made it.
void check_common(const Answer& answer) {
  CHECK(answer.header("X-Request-Id").size() == 32);
  CHECK(answer.header("X-Content-Type-Options") == "nosniff");
  CHECK(answer.header("Access-Control-Allow-Origin") == "https://app.example");
  CHECK(answer.header("Vary") == "Origin");
  CHECK(answer.header("Server-Timing").find("total;dur=") != std::string_view::npos);
}

}  // namespace

TEST_CASE("who passes all of them reaches the handler, and the answer has all fields", "[box]") {
  Application application;
  Client client(application.server);
  for (const char* const target : {"/plain", "/pooled", "/late", "/streamed", "/thrown"}) {
    CAPTURE(target);
    application.handled = 0;
    application.seen.clear();
    const Answer answer = client.post(
        target, "12345678", {{"Origin", "https://app.example"}, {"Authorization", "Bearer good"}});
    CHECK(answer.status == (std::string_view(target) == "/thrown" ? 409 : 200));
    CHECK(answer.body.find("ann12345678") != std::string::npos);
    CHECK(answer.header("Server-Timing").substr(0, 14) == "work;dur=1.000");
    CHECK(application.handled == 1);
    check_common(answer);
    client.settle();
    REQUIRE(application.seen.size() == 1);
    CHECK(application.seen[0].status == answer.status);
    CHECK(application.seen[0].user == "ann");
    CHECK(application.seen[0].id == answer.header("X-Request-Id"));
  }
}

TEST_CASE("who answers early ends the way in, and the way out is whole", "[box]") {
  struct Case {
    const char* name;
    std::string request;
    int status;
    const char* user;  // who was known by then
  };
  const std::string origin = "Host: x\r\nOrigin: https://app.example\r\n";
  const std::string good = "Authorization: Bearer good\r\n";
  const Case cases[] = {
      {"a preflight, without credentials",
       "OPTIONS /plain HTTP/1.1\r\n" + origin + "Access-Control-Request-Method: PUT\r\n\r\n", 204,
       ""},
      {"a redirection", "GET /old HTTP/1.1\r\n" + origin + "\r\n", 308, ""},
      {"no credentials", "GET /plain HTTP/1.1\r\n" + origin + "\r\n", 401, ""},
      {"no route, no credentials", "GET /nowhere HTTP/1.1\r\n" + origin + "\r\n", 401, ""},
      {"no route", "GET /nowhere HTTP/1.1\r\n" + origin + good + "\r\n", 404, "ann"},
      {"too much, no credentials",
       "POST /plain HTTP/1.1\r\n" + origin + "Content-Length: 9\r\n\r\n123456789", 401, ""},
      {"too much announced",
       "POST /plain HTTP/1.1\r\n" + origin + good + "Content-Length: 9\r\n\r\n123456789", 413,
       "ann"},
      {"too much in chunks",
       "POST /plain HTTP/1.1\r\n" + origin + good +
           "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n",
       413, "ann"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Application application;
    Client client(application.server);
    client.send_raw(c.request);
    const Answer answer = client.receive();
    CHECK(answer.status == c.status);
    CHECK(application.handled == 0);
    check_common(answer);
    client.settle();
    REQUIRE(application.seen.size() == 1);
    CHECK(application.seen[0].status == c.status);
    CHECK(application.seen[0].user == c.user);
    CHECK(application.seen[0].id == answer.header("X-Request-Id"));
  }
}

TEST_CASE("refusals count against the rate, preflights do not", "[box]") {
  Application application;
  Client client(application.server);
  const weir::Endpoint peer = weir::net::Address::ip("192.0.2.1", 1).endpoint();
  weir::testing::Connection one = client.connect(peer);
  const Fields preflight = {{"Origin", "https://app.example"},
                            {"Access-Control-Request-Method", "PUT"}};
  for (int i = 0; i < 150; ++i)
    REQUIRE(one.request("OPTIONS", "/plain", {}, preflight).status == 204);
  for (int i = 0; i < 100; ++i) REQUIRE(one.get("/plain").status == 401);
  const Answer refused =
      one.get("/plain", {{"Origin", "https://app.example"}, {"Authorization", "Bearer good"}});
  CHECK(refused.status == 429);
  check_common(refused);
}

TEST_CASE("all of them know the client that a trusted proxy names", "[box]") {
  Application application;
  Client client(application.server);
  weir::testing::Connection proxy =
      client.connect(weir::net::Address::ip("10.0.0.1", 1).endpoint());
  const auto ask = [&](const char* address, const char* scheme) {
    return proxy.get("/plain", {{"Host", "x"},
                                {"Origin", "https://app.example"},
                                {"Authorization", "Bearer good"},
                                {"X-Request-Id", "theirs"},
                                {"X-Forwarded-For", address},
                                {"X-Forwarded-Proto", scheme},
                                {"X-Forwarded-Host", "example.org"}});
  };
  for (int i = 0; i < 100; ++i) {
    const Answer answer = ask("203.0.113.9, 192.0.2.1", "https");
    REQUIRE(answer.status == 200);
    CHECK(answer.header("X-Request-Id") == "theirs");
    CHECK(answer.has_header("Strict-Transport-Security"));
  }
  CHECK(ask("203.0.113.8, 192.0.2.1", "https").status == 429);  // forged addresses do not help
  CHECK(ask("192.0.2.2", "https").status == 200);               // and others have their own
  const Answer sent_on = ask("192.0.2.2", "http");
  CHECK(sent_on.status == 308);
  CHECK(sent_on.header("Location") == "https://example.org/plain");
  CHECK_FALSE(sent_on.has_header("Strict-Transport-Security"));
  client.settle();
  REQUIRE(application.seen.size() == 103);
  CHECK(application.seen[0].address == "192.0.2.1");
  CHECK(application.seen[0].id == "theirs");
  CHECK(application.seen[101].address == "192.0.2.2");

  // Anybody else may say what he likes.
  application.seen.clear();
  weir::testing::Connection other =
      client.connect(weir::net::Address::ip("192.0.2.7", 1).endpoint());
  const Answer answer = other.get("/plain", {{"Origin", "https://app.example"},
                                             {"Authorization", "Bearer good"},
                                             {"X-Request-Id", "theirs"},
                                             {"X-Forwarded-For", "192.0.2.1"},
                                             {"X-Forwarded-Proto", "https"}});
  CHECK(answer.status == 200);  // not 429 for the sins of 192.0.2.1
  check_common(answer);
  CHECK_FALSE(answer.has_header("Strict-Transport-Security"));
  client.settle();
  REQUIRE(application.seen.size() == 1);
  CHECK(application.seen[0].address == "192.0.2.7");
}
