// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <weir/client.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using weir::testing::Client;
using weir::testing::Connection;

namespace {

std::string told(const weir::Request& req) {
  return weir::client_address(req).to_string() + " " + std::string(weir::scheme_of(req)) + " " +
         std::string(weir::host_of(req)) + (weir::is_secure_client(req) ? " secure" : "") +
         (weir::is_forwarded(req) ? " forwarded" : "");
}

weir::Endpoint from(std::string_view host) { return weir::net::Address::ip(host, 4711).endpoint(); }

}  // namespace

TEST_CASE("without a word of a proxy's, the connection and the request say it", "[client]") {
  weir::Server server;
  server.any("/", told);
  Client client(server);
  Connection one = client.connect(from("192.0.2.1"));
  struct Case {
    const char* request;
    const char* told;
  };
  constexpr Case kCases[] = {
      {"GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", "192.0.2.1:4711 http a:80"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "192.0.2.1:4711 http "},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "192.0.2.1:4711 http b"},
      {"GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=9.9.9.9;proto=https;host=evil\r\n"
       "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n\r\n",
       "192.0.2.1:4711 http a"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.request);
    one.send_raw(c.request);
    CHECK(one.receive().body == c.told);
  }
  CHECK(client.get("/").body.find(" http ") != std::string::npos);
}

TEST_CASE("what a middleware has set counts", "[client]") {
  weir::Server server;
  server.use([](weir::Request& req, weir::Response&) {
    weir::ForwardedClient forwarded{from("2001:db8::1"), true};
    forwarded.host = std::string(req.header("X-Host"));
    req.set(forwarded);
  });
  server.get("/", told);
  Client client(server);
  CHECK(client.get("/", {{"Host", "a"}, {"X-Host", "b"}}).body ==
        "[2001:db8::1]:4711 https b secure forwarded");
  CHECK(client.get("/", {{"Host", "a"}}).body == "[2001:db8::1]:4711 https a secure forwarded");
}
