// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <weir/redirects.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using weir::RedirectOptions;
using weir::testing::Answer;
using weir::testing::Client;
using Www = RedirectOptions::Www;

namespace {

Answer ask(weir::Server& server, const std::string& target, const std::string& host,
           bool secure = false) {
  Client client(server);
  client.send_raw("GET " + target + " HTTP/1.1\r\nHost: " + host +
                  (secure ? "\r\nX-Secure: 1" : "") + "\r\n\r\n");
  return client.receive();
}

RedirectOptions ours() {
  RedirectOptions options;
  options.hosts = {"Example.org", "www.example.org"};
  options.is_secure = [](const weir::Request& req) { return req.has_header("X-Secure"); };
  return options;
}

}  // namespace

TEST_CASE("to https and to one host in one step", "[redirects]") {
  struct Case {
    bool https;
    Www www;
    const char* target;
    const char* host;
    bool secure;
    int status;
    const char* location;
  };
  constexpr Case kCases[] = {
      {true, Www::keep, "/a?b=c", "example.org", false, 308, "https://example.org/a?b=c"},
      {true, Www::keep, "/a?", "EXAMPLE.org:8080", false, 308, "https://example.org/a?"},
      {true, Www::keep, "/a", "example.org", true, 404, ""},
      {true, Www::remove, "/", "www.example.org", false, 308, "https://example.org/"},
      {true, Www::remove, "/", "www.example.org:8443", true, 308, "https://example.org/"},
      {true, Www::add, "/", "example.org", true, 308, "https://www.example.org/"},
      {false, Www::remove, "/x", "www.example.org:8080", false, 308, "http://example.org:8080/x"},
      {false, Www::add, "/x", "example.org", false, 308, "http://www.example.org/x"},
      {false, Www::add, "/x", "www.example.org", false, 404, ""},
      // Forged hosts are sent nowhere.
      {true, Www::keep, "/", "evil.example", false, 421, ""},
      {true, Www::keep, "/", "example.org.evil.example", false, 421, ""},
      {true, Www::keep, "/", "", false, 421, ""},
      {true, Www::keep, "/", "[::1]:80", false, 421, ""},
      {false, Www::add, "/", "evil.example", false, 404, ""},
      {false, Www::remove, "/", "www.evil.example", false, 404, ""},
      // Slashes and an authority of the target's own.
      {true, Www::keep, "//evil.example", "example.org", false, 308,
       "https://example.org//evil.example"},
      {true, Www::keep, "http://example.org/a", "evil.example", false, 308,
       "https://example.org/a"},
      {true, Www::keep, "http://evil.example/a", "example.org", false, 421, ""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.target, c.host, c.secure);
    RedirectOptions options = ours();
    options.to_https = c.https;
    options.www = c.www;
    weir::Server server;
    server.use(weir::redirects(options));
    const Answer answer = ask(server, c.target, c.host, c.secure);
    CHECK(answer.status == c.status);
    CHECK(answer.header("Location") == c.location);
  }
}

TEST_CASE("another port and status", "[redirects]") {
  RedirectOptions options;
  options.hosts = {"example.org"};
  options.to_https = true;
  options.https_port = 8443;
  options.status = weir::Status::temporary_redirect;
  weir::Server server;
  server.use(weir::redirects(options));
  const Answer answer = ask(server, "/a", "example.org");
  CHECK(answer.status == 307);
  CHECK(answer.header("Location") == "https://example.org:8443/a");
}

TEST_CASE("paths and prefixes", "[redirects]") {
  RedirectOptions options;
  options.paths = {
      {"/old", "/new"},
      {"/query", "/new?fixed=1"},
      {"/deep/", "/"},
      {"/blog/", "https://blog.example.org/b/"},
      {"/host", "https://other.example.org"},
  };
  weir::Server server;
  server.use(weir::redirects(options));
  struct Case {
    const char* target;
    const char* location;  // "": none
  };
  constexpr Case kCases[] = {
      {"/old", "/new"},
      {"/old?a=b", "/new?a=b"},
      {"/old/", ""},
      {"/older", ""},
      {"/query?a=b", "/new?fixed=1"},
      {"/deep/a/b?c", "/a/b?c"},
      {"/deep/", "/"},
      {"/deep", ""},
      {"/blog/2024/a%20b", "https://blog.example.org/b/2024/a%20b"},
      {"/host", "https://other.example.org"},
      // None of these may name another host.
      {"/deep//evil.example", "/evil.example"},
      {"/deep/\\evil.example", "/evil.example"},
      {"/deep/\\/\\/evil.example", "/evil.example"},
      {"/deep/%2Fevil.example", "/%2Fevil.example"},
      {"/blog/@evil.example", "https://blog.example.org/b/@evil.example"},
      {"/deep/../x", ""},
      {"/deep/%2e%2e/x", ""},
      {"/%64eep/x", ""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.target);
    const Answer answer = ask(server, c.target, "x");
    CHECK(answer.status == (*c.location == '\0' ? 404 : 308));
    CHECK(answer.header("Location") == c.location);
  }
}

TEST_CASE("what has no place to go to is left alone", "[redirects]") {
  RedirectOptions options = ours();
  options.to_https = true;
  weir::Server server;
  server.use(weir::redirects(options));
  Client client(server);
  client.send_raw("OPTIONS * HTTP/1.1\r\nHost: example.org\r\n\r\n");
  CHECK_FALSE(client.receive().has_header("Location"));
}

TEST_CASE("redirections that cannot be are refused by name", "[redirects]") {
  struct Case {
    void (*change)(RedirectOptions&);
    const char* words;
  };
  const Case cases[] = {
      {[](RedirectOptions& o) { o.to_https = true; }, "hosts: must name"},
      {[](RedirectOptions& o) { o.www = Www::add; }, "hosts: must name"},
      {[](RedirectOptions& o) { o.hosts = {"a:80"}; }, "hosts: must be"},
      {[](RedirectOptions& o) { o.hosts = {""}; }, "hosts: must be"},
      {[](RedirectOptions& o) { o.hosts = {"a/b"}; }, "hosts: must be"},
      {[](RedirectOptions& o) {
         o.hosts = {"a.org"};
         o.www = Www::add;
       },
       "www: the host"},
      {[](RedirectOptions& o) { o.https_port = 0; }, "https_port"},
      {[](RedirectOptions& o) { o.status = weir::Status::ok; }, "status"},
      {[](RedirectOptions& o) {
         o.paths = {{"old", "/new"}};
       },
       "`from`"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a?b", "/new"}};
       },
       "`from`"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a/../b", "/new"}};
       },
       "`from`"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", ""}};
       },
       "`to` must"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", "//evil"}};
       },
       "`to` must"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", "/\\evil"}};
       },
       "`to` must"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", "javascript:1"}};
       },
       "`to` must"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", "https://"}};
       },
       "no valid host"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", "https://u@h/"}};
       },
       "no valid host"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a/", "/b"}};
       },
       "end with a slash"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a/", "/a/b/"}};
       },
       "in a circle"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", "/a?b"}};
       },
       "is `from`"},
      {[](RedirectOptions& o) {
         o.paths = {{"/a", "/b\r\nc"}};
       },
       "visible ASCII"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.words);
    RedirectOptions options;
    c.change(options);
    CHECK_THROWS_WITH(weir::redirects(options), Catch::Contains(c.words));
  }
}
