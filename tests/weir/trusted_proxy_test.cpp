// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <utility>
#include <vector>
#include <weir/access_log.hpp>
#include <weir/rate_limit.hpp>
#include <weir/redirects.hpp>
#include <weir/request_id.hpp>
#include <weir/security_headers.hpp>
#include <weir/testing.hpp>
#include <weir/trusted_proxy.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::TrustedProxyOptions;
using weir::testing::Answer;
using weir::testing::Client;
using weir::testing::Connection;
using Fields = weir::TrustedProxyOptions::Fields;

namespace {

constexpr const char* kProxy = "10.0.0.1";
constexpr Fields kX = Fields::x_forwarded;
constexpr Fields kF = Fields::forwarded;

weir::Endpoint from(std::string_view host) {
  if (host == "unix") return weir::net::Address::unix_socket("/run/a").endpoint();
  if (host.empty()) return {};
  return weir::net::Address::ip(host, 4711).endpoint();
}

TrustedProxyOptions trusting(Fields fields) {
  TrustedProxyOptions options;
  options.ranges = {"10.0.0.0/8", "fd00::/8"};
  options.fields = fields;
  return options;
}

std::string told(const weir::Request& req) {
  return weir::client_address(req).to_string() + " " + std::string(weir::scheme_of(req)) + " " +
         std::string(weir::host_of(req)) + (weir::is_forwarded(req) ? " forwarded" : "");
}

/// What a server with `options` makes of field lines, each with its CRLF, of a peer.
std::string ask(const TrustedProxyOptions& options, std::string_view peer,
                const std::string& lines) {
  weir::Server server;
  server.use(weir::trusted_proxy(options));
  server.get("/", told);
  Client client(server);
  Connection one = client.connect(from(peer));
  one.send_raw("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
  const Answer answer = one.receive();
  return answer.status == 200 ? answer.body : std::to_string(answer.status);
}

}  // namespace

TEST_CASE("who is the client, by X-Forwarded-For", "[trusted_proxy]") {
  struct Case {
    const char* name;
    const char* lines;
    const char* address;
    const char* peer = kProxy;
  };
  constexpr Case kCases[] = {
      {"one proxy", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1:0"},
      {"a port", "X-Forwarded-For: 192.0.2.1:5000\r\n", "192.0.2.1:5000"},
      {"IPv6", "X-Forwarded-For: 2001:db8::1\r\n", "[2001:db8::1]:0"},
      {"IPv6 with a port", "X-Forwarded-For: [2001:db8::1]:5000\r\n", "[2001:db8::1]:5000"},
      {"a proxy by IPv6", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1:0", "fd00::5"},
      {"a proxy that a dual-stack socket shows", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1:0",
       "::ffff:10.0.0.1"},
      {"two proxies", "X-Forwarded-For: 192.0.2.1, 10.0.0.2\r\n", "192.0.2.1:0"},
      {"a mapped one in the list", "X-Forwarded-For: 192.0.2.1, ::ffff:10.0.0.2\r\n",
       "192.0.2.1:0"},
      {"a mapped client is the IPv4 one", "X-Forwarded-For: ::ffff:192.0.2.1\r\n", "192.0.2.1:0"},
      {"proxies of both kinds with ports",
       "X-Forwarded-For: 192.0.2.1:9, 10.0.0.2:443, [fd00::1]:443\r\n", "192.0.2.1:9"},
      {"two lines", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.0.0.2\r\n", "192.0.2.1:0"},
      {"a client of the inside: all are trusted", "X-Forwarded-For: 10.0.0.9, 10.0.0.2\r\n",
       "10.0.0.9:0"},
      {"no field", "", "10.0.0.1:4711"},

      // What a client writes itself stands in front of what the proxy knows.
      {"a forged one", "X-Forwarded-For: 203.0.113.9, 192.0.2.1\r\n", "192.0.2.1:0"},
      {"a forged proxy", "X-Forwarded-For: 203.0.113.9, 10.0.0.7, 192.0.2.1\r\n", "192.0.2.1:0"},
      {"a forged line above", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 192.0.2.1\r\n",
       "192.0.2.1:0"},
      {"junk in front", "X-Forwarded-For: \", ;;, 192.0.2.1\r\n", "192.0.2.1:0"},
      {"a forged peer, mapped", "X-Forwarded-For: 203.0.113.9, ::ffff:192.0.2.1\r\n",
       "192.0.2.1:0"},

      // A member that names nobody: the proxy that wrote it stands for the client.
      {"unknown", "X-Forwarded-For: 203.0.113.9, unknown\r\n", "10.0.0.1:4711"},
      {"hidden", "X-Forwarded-For: 203.0.113.9, _x\r\n", "10.0.0.1:4711"},
      {"a name", "X-Forwarded-For: 203.0.113.9, localhost\r\n", "10.0.0.1:4711"},
      {"nginx before a Unix socket", "X-Forwarded-For: 203.0.113.9, unix:\r\n", "10.0.0.1:4711"},
      {"a scope", "X-Forwarded-For: fe80::1%1\r\n", "10.0.0.1:4711"},
      {"malformed behind a good one", "X-Forwarded-For: 203.0.113.9, oops, 10.0.0.2\r\n",
       "10.0.0.2:0"},
      {"a port that is none", "X-Forwarded-For: 192.0.2.1:99999\r\n", "10.0.0.1:4711"},
      {"an empty member", "X-Forwarded-For: 203.0.113.9, , 10.0.0.2\r\n", "10.0.0.2:0"},
      {"an empty member at the end", "X-Forwarded-For: 203.0.113.9,\r\n", "10.0.0.1:4711"},
      {"an empty line at the end", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For:\r\n",
       "10.0.0.1:4711"},
      {"a list in quotes", "X-Forwarded-For: \"203.0.113.9, 192.0.2.1\"\r\n", "10.0.0.1:4711"},
      {"another field", "Forwarded: for=203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\n",
       "10.0.0.1:4711"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    CHECK(ask(trusting(kX), c.peer, c.lines) == std::string(c.address) + " http a forwarded");
  }
}

TEST_CASE("who is the client, by Forwarded", "[trusted_proxy]") {
  struct Case {
    const char* name;
    const char* lines;
    const char* told;
  };
  constexpr Case kCases[] = {
      {"one proxy", "Forwarded: for=192.0.2.1\r\n", "192.0.2.1:0 http a"},
      {"all it says", "Forwarded: for=\"192.0.2.1:5\";proto=https;host=b;by=_me\r\n",
       "192.0.2.1:5 https b"},
      {"two proxies: the outer one's words",
       "Forwarded: for=\"[2001:db8::1]:5\";proto=https;host=b, for=10.0.0.2;proto=http;host=c\r\n",
       "[2001:db8::1]:5 https b"},
      {"the inner one's, where the outer is silent",
       "Forwarded: for=192.0.2.1, for=10.0.0.2;proto=https;host=c\r\n", "192.0.2.1:0 https c"},
      {"two lines", "Forwarded: for=192.0.2.1;proto=https\r\nForwarded: for=10.0.0.2\r\n",
       "192.0.2.1:0 https a"},
      {"empty members", "Forwarded: for=192.0.2.1,, ,for=10.0.0.2 ,\r\n", "192.0.2.1:0 http a"},
      {"another scheme", "Forwarded: for=192.0.2.1;proto=ftp\r\n", "192.0.2.1:0 http a"},
      {"a WebSocket", "Forwarded: for=192.0.2.1;proto=wss\r\n", "192.0.2.1:0 https a"},
      {"no field", "", "10.0.0.1:4711 http a"},
      {"no address", "Forwarded: proto=https;host=b\r\n", "10.0.0.1:4711 https b"},

      {"a forged member", "Forwarded: for=203.0.113.9;proto=https;host=evil, for=192.0.2.1\r\n",
       "192.0.2.1:0 http a"},
      {"a forged line", "Forwarded: for=203.0.113.9;host=evil\r\nForwarded: for=192.0.2.1\r\n",
       "192.0.2.1:0 http a"},
      {"half a string in front", "Forwarded: for=\"203.0.113.9, for=192.0.2.1\r\n",
       "192.0.2.1:0 http a"},
      {"half a string in front of one",
       "Forwarded: for=203.0.113.9;x=\", for=\"[2001:db8::1]\";proto=https\r\n",
       "[2001:db8::1]:0 https a"},
      {"half a string with an escape",
       "Forwarded: for=203.0.113.9;x=\"\\, for=\"[2001:db8::1]\"\r\n", "[2001:db8::1]:0 http a"},

      {"unknown: the proxy stands for it",
       "Forwarded: for=203.0.113.9;proto=http, for=unknown;proto=https\r\n",
       "10.0.0.1:4711 https a"},
      {"hidden", "Forwarded: for=203.0.113.9, for=_x, for=10.0.0.2\r\n", "10.0.0.2:0 http a"},
      {"malformed: nothing of it counts",
       "Forwarded: for=203.0.113.9, for=x;proto=https;host=b, for=10.0.0.2\r\n",
       "10.0.0.2:0 http a"},
      {"a name twice", "Forwarded: for=203.0.113.9;for=192.0.2.1\r\n", "10.0.0.1:4711 http a"},
      {"a host that is none", "Forwarded: for=192.0.2.1;host=\"a/b\"\r\n", "10.0.0.1:4711 http a"},
      {"an escape", "Forwarded: for=\"192\\.0.2.1\"\r\n", "10.0.0.1:4711 http a"},
      {"no comma", "Forwarded: for=203.0.113.9 for=192.0.2.1\r\n", "10.0.0.1:4711 http a"},
      {"other fields", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n",
       "10.0.0.1:4711 http a"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    CHECK(ask(trusting(kF), kProxy, c.lines) == std::string(c.told) + " forwarded");
  }
}

TEST_CASE("scheme and host, by X-Forwarded-Proto and X-Forwarded-Host", "[trusted_proxy]") {
  struct Case {
    const char* lines;
    const char* told;
  };
  constexpr Case kCases[] = {
      {"X-Forwarded-Proto: https\r\nX-Forwarded-Host: b:8443\r\n", "https b:8443"},
      {"X-Forwarded-Proto: HTTPS\r\n", "https a"},
      {"X-Forwarded-Proto: http\r\n", "http a"},
      {"X-Forwarded-Proto: wss\r\n", "https a"},
      {"X-Forwarded-Proto: https, http\r\n", "http a"},  // the nearest proxy's word
      {"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n", "http a"},
      {"X-Forwarded-Proto: http\r\nX-Forwarded-Proto: https\r\n", "https a"},
      {"X-Forwarded-Proto: on\r\n", "http a"},
      {"X-Forwarded-Proto: https;\r\n", "http a"},
      {"X-Forwarded-Proto: https,\r\n", "http a"},
      {"X-Forwarded-Proto:\r\n", "http a"},
      {"X-Forwarded-Ssl: on\r\n", "http a"},
      {"X-Forwarded-Host: evil, b\r\n", "http b"},
      {"X-Forwarded-Host: evil\r\nX-Forwarded-Host: [::1]:80\r\n", "http [::1]:80"},
      {"X-Forwarded-Host:\r\n", "http a"},
      {"X-Forwarded-Host: a b\r\n", "http a"},
      {"X-Forwarded-Host: evil/x\r\n", "http a"},
      {"X-Forwarded-Host: u@evil\r\n", "http a"},
      {"X-Forwarded-Host: http://evil\r\n", "http a"},
      {"X-Forwarded-Host: evil\tX: 1\r\n", "http a"},
      {"X-Forwarded-Host: a%0d%0aX:1\r\n", "http a%0d%0aX:1"},  // as a Host may be: never decoded
      {"X-Forwarded-Host: \"evil\"\r\n", "http a"},
      {"X-Forwarded-Host: evil:99999\r\n", "http a"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.lines);
    CHECK(ask(trusting(kX), kProxy, c.lines) ==
          std::string("10.0.0.1:4711 ") + c.told + " forwarded");
    CHECK(ask(trusting(kX), "192.0.2.1", c.lines) == "192.0.2.1:4711 http a");
  }
}

TEST_CASE("nobody else is believed", "[trusted_proxy]") {
  const std::string lines =
      "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n"
      "Forwarded: for=203.0.113.9;proto=https;host=evil\r\n";
  struct Peer {
    const char* peer;
    const char* told;
  };
  constexpr Peer kPeers[] = {
      {"192.0.2.1", "192.0.2.1:4711"},
      {"11.0.0.1", "11.0.0.1:4711"},
      {"::1", "[::1]:4711"},
      {"::10.0.0.1", "[::10.0.0.1]:4711"},
      {"a00::", "[a00::]:4711"},
      {"fe80::1%1", "[fe80::1%1]:4711"},
      {"unix", "unix:"},
      {"", ""},
  };
  for (const Fields fields : {kX, kF}) {
    for (const Peer& peer : kPeers) {
      CAPTURE(peer.peer);
      CHECK(ask(trusting(fields), peer.peer, lines) == std::string(peer.told) + " http a");
    }
    TrustedProxyOptions options = trusting(fields);
    options.trust_unix_sockets = true;
    CHECK(ask(options, "unix", lines) == "203.0.113.9:0 https evil forwarded");
    CHECK(ask(options, "", lines) == " http a");
    options.ranges = {};
    CHECK(ask(options, "unix", lines) == "203.0.113.9:0 https evil forwarded");
    CHECK(ask(options, kProxy, lines) == "10.0.0.1:4711 http a");
  }
}

TEST_CASE("so many hops and no more", "[trusted_proxy]") {
  for (const Fields fields : {kX, kF}) {
    TrustedProxyOptions options = trusting(fields);
    std::string list;
    for (int i = 200; i > 0; --i)
      list.append(fields == kX ? "10.0.1." : "for=10.0.1.")
          .append(std::to_string(i))
          .append(i > 1 ? ", " : "");
    const std::string lines =
        std::string(fields == kX ? "X-Forwarded-For: " : "Forwarded: ") + list + "\r\n";
    for (const std::uint32_t hops : {1U, 2U, 8U, 64U}) {
      options.max_hops = hops;
      CHECK(ask(options, kProxy, lines) ==
            "10.0.1." + std::to_string(hops) + ":0 http a forwarded");
    }
  }
}

TEST_CASE("handlers of every kind see it, and their clients may go", "[trusted_proxy]") {
  const weir::test::Silence silence;
  struct Done {
    std::vector<std::string>* seen;
    void done(const weir::Request& req, const weir::Outcome&) const { seen->push_back(told(req)); }
  };
  std::vector<std::string> seen;
  std::vector<weir::Reply> replies;
  weir::Options settings;
  settings.handler_timeout = 2s;
  weir::Server server(settings);
  server.use(Done{&seen}, weir::trusted_proxy(trusting(kX)));
  server.get("/plain", told);
  server.get("/pooled", weir::blocking(told));
  server.get("/late", [](const weir::Request&, weir::Response& res) {
    weir::Reply reply = res.defer();
    reply.text(told(reply.request()));
  });
  server.get("/streamed", [](const weir::Request& req, weir::Response& res) {
    weir::Stream stream = res.stream();
    stream.write(told(req));
    stream.end();
  });
  server.get("/thrown", [](const weir::Request& req) -> std::string {
    throw weir::HttpError(weir::Status::conflict, told(req));
  });
  server.get("/hangs", [&replies](const weir::Request&, weir::Response& res) {
    replies.push_back(res.defer());
  });
  const std::string expected = "192.0.2.1:0 https a forwarded";
  const weir::testing::Fields lines = {
      {"Host", "a"}, {"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https"}};
  {
    Client client(server);
    Connection one = client.connect(from(kProxy));
    for (const char* const path : {"/plain", "/pooled", "/late", "/streamed", "/thrown"}) {
      CAPTURE(path);
      CHECK(one.get(path, lines).body.find(expected) != std::string::npos);
      client.settle();
      CHECK(std::exchange(seen, {}) == std::vector<std::string>{expected});
    }
    CHECK(one.get("/none", lines).status == 404);
    client.settle();
    CHECK(std::exchange(seen, {}) == std::vector<std::string>{expected});
    for (const bool goes : {false, true}) {
      Connection other = client.connect(from(kProxy));
      other.send_raw(
          "GET /hangs HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n"
          "X-Forwarded-Proto: https\r\n\r\n");
      if (goes) {
        other.vanish();
      } else {
        client.advance(3s);
        CHECK(other.receive().status == 504);
      }
      client.settle();
      CHECK(std::exchange(seen, {}) == std::vector<std::string>{expected});
    }
    // Of the next request on the connection nothing is known from the one before.
    CHECK(one.get("/plain", {{"Host", "b"}}).body == "10.0.0.1:4711 http b forwarded");
  }
  replies.clear();
}

TEST_CASE("the access log writes the client, and nothing that was not an address",
          "[trusted_proxy]") {
  std::string text;
  weir::AccessLogOptions log;
  log.format = weir::AccessLogFormat::json;
  log.write = [&text](std::string_view lines) { text.append(lines); };
  {
    weir::Server server;
    weir::RequestIdOptions ids;
    ids.trusts = weir::is_forwarded;
    server.use(weir::trusted_proxy(trusting(kX)), weir::access_log(log), weir::request_id(ids));
    server.get("/", [] {});
    Client client(server);
    Connection proxy = client.connect(from(kProxy));
    proxy.get("/", {{"X-Forwarded-For", "192.0.2.1"}, {"X-Request-Id", "theirs-1"}});
    proxy.get("/", {{"X-Forwarded-For", "x\",\"status\":1,\"y\":\"\\, 10.0.0.2"}});
    Connection other = client.connect(from("192.0.2.7"));
    other.get("/", {{"X-Forwarded-For", "203.0.113.9"}, {"X-Request-Id", "theirs-2"}});
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(text.substr(at, end - at));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].find("\"remote\":\"192.0.2.1\"") != std::string::npos);
  CHECK(lines[0].find("\"request_id\":\"theirs-1\"") != std::string::npos);
  CHECK(lines[1].find("\"remote\":\"10.0.0.2\"") != std::string::npos);
  CHECK(lines[1].find("status\":1,") == std::string::npos);
  CHECK(lines[2].find("\"remote\":\"192.0.2.7\"") != std::string::npos);
  CHECK(lines[2].find("theirs-2") == std::string::npos);  // a name of its own, which is logged
  CHECK(lines[2].find("\"request_id\":\"") != std::string::npos);
}

TEST_CASE("rates are the client's, not the proxy's", "[trusted_proxy]") {
  weir::RateLimitOptions rate;
  rate.requests_per_second = 1;
  rate.burst = 2;
  weir::TrustedProxyOptions proxies = trusting(kX);
  proxies.trust_unix_sockets = true;
  weir::Server server;
  server.use(weir::trusted_proxy(proxies), weir::RateLimit(rate));
  server.get("/", [] {});
  Client client(server);
  const auto status = [&](std::string_view peer, const char* list) {
    Connection one = client.connect(from(peer));
    return one.get("/", {{"X-Forwarded-For", list}}).status;
  };
  // One client, by whatever way and with whatever forged in front, is one client.
  CHECK(status(kProxy, "192.0.2.1") == 204);
  CHECK(status("unix", "203.0.113.1, 192.0.2.1:99") == 204);
  CHECK(status("10.0.0.9", "203.0.113.2, ::ffff:192.0.2.1") == 429);
  CHECK(status("192.0.2.1", "203.0.113.3") == 429);
  CHECK(status(kProxy, "192.0.2.2") == 204);
  // Who cannot be told apart shares what the proxy has.
  CHECK(status(kProxy, "unknown") == 204);
  CHECK(status(kProxy, "192.0.2.1, junk") == 204);
  CHECK(status(kProxy, "") == 429);
}

TEST_CASE("https behind a proxy: no circle, and HSTS", "[trusted_proxy]") {
  weir::RedirectOptions moved;
  moved.hosts = {"example.org"};
  moved.to_https = true;
  weir::Server server;
  server.use(weir::trusted_proxy(trusting(kX)), weir::security_headers(), weir::redirects(moved));
  server.get("/", [] { return "home"; });
  Client client(server);
  struct Case {
    const char* peer;
    weir::testing::Fields fields;
    int status;
    const char* location;
    bool hsts;
  };
  const Case cases[] = {
      {kProxy, {{"Host", "example.org"}, {"X-Forwarded-Proto", "https"}}, 200, "", true},
      {kProxy,
       {{"Host", "example.org"}, {"X-Forwarded-Proto", "http"}},
       308,
       "https://example.org/",
       false},
      {kProxy, {{"Host", "example.org"}}, 308, "https://example.org/", false},
      {kProxy,
       {{"Host", "127.0.0.1:8080"}, {"X-Forwarded-Host", "example.org"}},
       308,
       "https://example.org/",
       false},
      // Whoever wrote the host, clients are sent to names of ours.
      {kProxy, {{"Host", "example.org"}, {"X-Forwarded-Host", "evil.example"}}, 421, "", false},
      {kProxy,
       {{"Host", "evil.example"}, {"X-Forwarded-Host", "evil.example, example.org"}},
       308,
       "https://example.org/",
       false},
      {"192.0.2.1",
       {{"Host", "example.org"}, {"X-Forwarded-Proto", "https"}},
       308,
       "https://example.org/",
       false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.peer, c.status, c.location);
    std::string request = "GET / HTTP/1.1\r\n";
    for (const auto& [name, value] : c.fields)
      request.append(name).append(": ").append(value).append("\r\n");
    Connection one = client.connect(from(c.peer));
    one.send_raw(request + "\r\n");
    const Answer answer = one.receive();
    CHECK(answer.status == c.status);
    CHECK(answer.header("Location") == c.location);
    CHECK(answer.has_header("Strict-Transport-Security") == c.hsts);
  }
}

TEST_CASE("options that cannot be are refused by name", "[trusted_proxy]") {
  const auto refused = [](auto change) {
    TrustedProxyOptions options = trusting(kX);
    change(options);
    try {
      weir::trusted_proxy(options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refused([](TrustedProxyOptions&) {}).empty());
  CHECK(refused([](TrustedProxyOptions& o) { o.ranges = {"loopback", "private"}; }).empty());
  CHECK(refused([](TrustedProxyOptions& o) { o.ranges = {}; }) ==
        "weir::TrustedProxyOptions::ranges: must name a range, or trust_unix_sockets must be set");
  CHECK(refused([](TrustedProxyOptions& o) { o.ranges.emplace_back("10.0.0.1/8"); }) ==
        "weir::TrustedProxyOptions::ranges: bits behind the prefix: \"10.0.0.1/8\"");
  CHECK(refused([](TrustedProxyOptions& o) { o.ranges.emplace_back("proxy.example"); }) ==
        "weir::TrustedProxyOptions::ranges: not a range of addresses: \"proxy.example\"");
  for (const auto fields : {Fields::none, static_cast<Fields>(3)})
    CHECK(refused([fields](TrustedProxyOptions& o) { o.fields = fields; }) ==
          "weir::TrustedProxyOptions::fields: must be forwarded or x_forwarded");
  for (const std::uint32_t hops : {0U, 65U})
    CHECK(refused([hops](TrustedProxyOptions& o) { o.max_hops = hops; }) ==
          "weir::TrustedProxyOptions::max_hops: must be 1 to 64");
}
