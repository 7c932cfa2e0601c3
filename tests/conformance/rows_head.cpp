// SPDX-License-Identifier: MIT
// Chapters on the head of a request: request line, Host, line ends, fields, limits.
#include <string>

#include "conformance/rows.hpp"

namespace weir::conformance {

Chapter methods() {
  Chapter t{"Methods", {}};
  constexpr auto keep = End::keep;
  t.add("GET", get("/get"), {{200, "GET /get"}}, keep, "RFC 9110 §9.3.1");
  t.add("POST", post("Content-Length: 2\r\n", "hi"), {{200, "POST /post hi"}}, keep,
        "RFC 9110 §9.3.3");
  t.add("PUT", line("PUT /any HTTP/1.1"), {{200, "PUT /any"}}, keep, "RFC 9110 §9.3.4");
  t.add("DELETE", line("DELETE /users/7 HTTP/1.1"), {{200, "DELETE /users/7"}}, keep,
        "RFC 9110 §9.3.5");
  t.add("PATCH", line("PATCH /any HTTP/1.1"), {{200, "PATCH /any"}}, keep, "RFC 5789 §2");
  t.add("HEAD is GET without its content", line("HEAD /get HTTP/1.1"),
        {Answer(200).to_head().with("Content-Length", "9")}, keep, "RFC 9110 §9.3.2");
  t.add("HEAD with a route of its own", line("HEAD /own-head HTTP/1.1"),
        {Answer(200).to_head().with("X-Own", "1")}, keep, "RFC 9110 §9.3.2");
  t.add("HEAD of a path that is not there", line("HEAD /missing HTTP/1.1"), {Answer(404).to_head()},
        keep, "RFC 9110 §9.3.2");
  t.add("HEAD of a path for POST only", line("HEAD /post HTTP/1.1"),
        {Answer(405).to_head().with("Allow", "POST, OPTIONS")}, keep, "RFC 9110 §15.5.6");
  t.add("OPTIONS of a path names its methods", line("OPTIONS /get HTTP/1.1"),
        {Answer(204).with("Allow", "GET, HEAD, OPTIONS").without("Content-Length")}, keep,
        "RFC 9110 §9.3.7");
  t.add("OPTIONS with a route of its own", line("OPTIONS /own-options HTTP/1.1"), {{200, "mine"}},
        keep, "RFC 9110 §9.3.7");
  t.add("OPTIONS of a path that is not there", line("OPTIONS /missing HTTP/1.1"), {404}, keep,
        "RFC 9110 §9.3.7");
  t.add("OPTIONS * is about the server", line("OPTIONS * HTTP/1.1"), {204}, keep,
        "RFC 9110 §9.3.7");
  t.add("OPTIONS of a whole authority is OPTIONS *", line("OPTIONS http://a HTTP/1.1"), {204}, keep,
        "RFC 9112 §3.2.4");
  t.add("TRACE of a known path", line("TRACE /get HTTP/1.1"),
        {Answer(405).with("Allow", "GET, HEAD, OPTIONS")}, keep, "RFC 9110 §9.3.8");
  t.add("TRACE of an unknown path", line("TRACE /missing HTTP/1.1"), {404}, keep,
        "RFC 9110 §9.3.8");
  t.add("TRACE with content, and then a request",
        line("TRACE /get HTTP/1.1\r\nContent-Length: 35") + std::string(kSmuggled) +
            std::string(kNext),
        {405, {200, "next"}}, keep, "RFC 9110 §9.3.8");
  t.refuse("CONNECT with an authority", line("CONNECT a:80 HTTP/1.1"), 501, "RFC 9110 §9.3.6");
  t.refuse("CONNECT with a path", line("CONNECT /get HTTP/1.1"), 501, "RFC 9110 §9.3.6");
  t.refuse("CONNECT and a request that was meant for the tunnel",
           line("CONNECT a:80 HTTP/1.1").append(kSmuggled), 501, "RFC 9110 §9.3.6");
  t.add("a token that is no method of ours, known path", line("BREW /get HTTP/1.1"),
        {Answer(405).with("Allow", "GET, HEAD, OPTIONS")}, keep, "RFC 9110 §9.1");
  t.add("a token that is no method of ours, unknown path", line("BREW /missing HTTP/1.1"), {404},
        keep, "RFC 9110 §9.1");
  t.add("a token that is no method of ours, route for any", line("BREW /any HTTP/1.1"),
        {{200, "BREW /any"}}, keep, "RFC 9110 §9.1");
  t.add("methods differ by case: get", line("get /get HTTP/1.1"), {405}, keep, "RFC 9110 §9.1");
  t.add("methods differ by case: Post", line("Post /post HTTP/1.1"), {405}, keep, "RFC 9110 §9.1");
  t.add("methods differ by case: head has content", line("head /any HTTP/1.1"),
        {{200, "head /any"}}, keep, "RFC 9110 §9.1");
  t.add("methods differ by case: connect", line("connect /get HTTP/1.1"), {405}, keep,
        "RFC 9110 §9.1");
  t.add("a method that begins like another", line("GETX /get HTTP/1.1"), {405}, keep,
        "RFC 9110 §9.1");
  t.add("one letter", line("G /get HTTP/1.1"), {405}, keep, "RFC 9110 §9.1");
  t.add("one digit", line("7 /get HTTP/1.1"), {405}, keep, "RFC 9110 §5.6.2");
  t.add("a hyphen", line("M-SEARCH /get HTTP/1.1"), {405}, keep, "RFC 9110 §5.6.2");
  t.add("every mark that a token may have", line("!#$%&'*+-.^_`|~ /get HTTP/1.1"), {405}, keep,
        "RFC 9110 §5.6.2");
  t.add("a thousand letters", line(times(1000, 'A') + " /get HTTP/1.1"), {405}, keep,
        "RFC 9110 §9.1");
  for (const auto& [name, bytes] : {std::pair{"an equals sign", "G=T"sv},
                                    std::pair{"a parenthesis", "G(T"sv},
                                    std::pair{"a comma", "G,T"sv},
                                    std::pair{"a slash", "G/T"sv},
                                    std::pair{"a colon", "G:T"sv},
                                    std::pair{"a semicolon", "G;T"sv},
                                    std::pair{"an at sign", "G@T"sv},
                                    std::pair{"a bracket", "G[T"sv},
                                    std::pair{"a brace", "G{T"sv},
                                    std::pair{"a backslash", "G\\T"sv},
                                    std::pair{"quotes", "\"GET\""sv},
                                    std::pair{"less-than", "<GET>"sv},
                                    std::pair{"a question mark", "GET?"sv},
                                    std::pair{"NUL", "G\0T"sv},
                                    std::pair{"a control byte", "G\x01T"sv},
                                    std::pair{"an escape sequence", "\x1b[A"sv},
                                    std::pair{"DEL", "G\x7fT"sv},
                                    std::pair{"UTF-8", "G\xc3\x89T"sv},
                                    std::pair{"a byte-order mark", "\xef\xbb\xbfGET"sv},
                                    std::pair{"bytes 0x80 to 0xff", "\x80\xff"sv}})
    t.refuse(std::string("no token: ") + name, line(std::string(bytes) + " /get HTTP/1.1"), 400,
             "RFC 9110 §5.6.2");
  t.refuse("bytes of no protocol", "\x7f\xfe\x00\x11\xd0\x9f\x80\xff\r\n\r\n", 400, "RFC 9112 §3");
  t.refuse("a TLS handshake on a plain port",
           "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "RFC 9112 §3");
  return t;
}

Chapter request_line() {
  Chapter t{"Request line", {}};
  const auto bad = [&t](std::string name, std::string_view text,
                        std::string_view source = "RFC 9112 §3") {
    t.refuse(std::move(name), line(text), 400, source);
  };
  // A recipient may part the words at any white space, and is warned against it.
  const std::string_view lenient = "RFC 9112 §3 (MAY)";
  bad("space before the method", " GET /get HTTP/1.1", lenient);
  bad("tab before the method", "\tGET /get HTTP/1.1", lenient);
  bad("two spaces before the target", "GET  /get HTTP/1.1", lenient);
  bad("two spaces before the version", "GET /get  HTTP/1.1", lenient);
  bad("tab before the target", "GET\t/get HTTP/1.1", lenient);
  bad("tab before the version", "GET /get\tHTTP/1.1", lenient);
  bad("vertical tab before the target", "GET\x0b/get HTTP/1.1", lenient);
  bad("form feed before the version", "GET /get\x0cHTTP/1.1", lenient);
  bad("CR for a space", "GET\r/get HTTP/1.1", lenient);
  bad("LF before the version", "GET /get\nHTTP/1.1");
  bad("LF for a space", "GET\n/get HTTP/1.1");
  bad("no-break space before the target", "GET\xc2\xa0/get HTTP/1.1");
  bad("space behind the version", "GET /get HTTP/1.1 ", lenient);
  bad("tab behind the version", "GET /get HTTP/1.1\t", lenient);
  bad("a fourth word", "GET /get HTTP/1.1 x");
  bad("space within the target", "GET /get /x HTTP/1.1");
  bad("no target", "GET HTTP/1.1");
  bad("an empty target", "GET  HTTP/1.1");
  bad("a method alone", "GET");
  bad("a method and a space", "GET ");
  bad("a method and a target", "GET /get");
  bad("a target alone", "/get");
  bad("a version alone", "HTTP/1.1");
  bad("an answer for a request", "HTTP/1.1 200 OK");
  bad("all words run together", "GET/getHTTP/1.1");
  bad("a field for a request line", "Host: a");
  t.refuse("two versions on two lines", "GET /get HTTP/1.1\r\nHTTP/1.1\r\nHost: a\r\n\r\n", 400,
           "RFC 9112 §5");
  t.refuse("a second request line for a field",
           "GET /get HTTP/1.1\r\nGET /get HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 §5.1");
  return t;
}

Chapter targets() {
  Chapter t{"Request target", {}};
  constexpr auto keep = End::keep;
  const auto saw = [&t](std::string name, std::string_view target, std::string_view body,
                        std::string_view source) {
    t.add(std::move(name), get(target), {{200, body}}, End::keep, source);
  };
  saw("origin-form", "/get", "GET /get", "RFC 9112 §3.2.1");
  saw("origin-form with a query", "/get?a=1", "GET /get?a=1", "RFC 9112 §3.2.1");
  saw("an empty query", "/get?", "GET /get", "RFC 3986 §3.4");
  saw("a question mark in the query", "/get?a?b", "GET /get?a?b", "RFC 3986 §3.4");
  saw("slashes and dots in the query", "/get?/../x", "GET /get?/../x", "RFC 3986 §3.4");
  saw("a URI in the query", "/get?u=http://b/c", "GET /get?u=http://b/c", "RFC 3986 §3.4");
  saw("the root", "/", "GET /", "RFC 9112 §3.2.1");
  saw("absolute-form", "http://a/get", "GET /get", "RFC 9112 §3.2.2");
  saw("absolute-form, https", "https://a/get", "GET /get", "RFC 9112 §3.2.2");
  saw("absolute-form, scheme in capitals", "HTTP://a/get", "GET /get", "RFC 3986 §3.1");
  saw("absolute-form with a port", "http://a:8080/get", "GET /get", "RFC 9112 §3.2.2");
  saw("absolute-form with an IPv6 address", "http://[::1]:80/get", "GET /get", "RFC 9112 §3.2.2");
  saw("absolute-form without a path", "http://a", "GET /", "RFC 9112 §3.2.1");
  saw("absolute-form with a query and no path", "http://a?x=1", "GET /?x=1", "RFC 9112 §3.2.1");
  saw("absolute-form with an empty port", "http://a:/get", "GET /get", "RFC 3986 §3.2.3");
  t.add("absolute-form on HTTP/1.0", line("GET http://a/get HTTP/1.0"), {{200, "GET /get"}},
        End::close, "RFC 9112 §3.2.2");
  t.add("the query is not part of the path", get("/missing?/get"), {404}, keep, "RFC 3986 §3.4");
  t.add("a path that begins with two slashes is a path", get("//a/get"), {404}, keep,
        "RFC 9112 §3.2.1");
  t.add("an asterisk within a path", get("/*"), {404}, keep, "RFC 9112 §3.2.1");
  t.add("visible bytes that a URI should have escaped", get("/segment/\"<>\\^`{|}"),
        {{200, "/segment/\"<>\\^`{|} (\"<>\\^`{|})"}}, keep, "parse_error.hpp");
  const auto bad = [&t](std::string name, std::string_view target, std::string_view source) {
    t.refuse(std::move(name), get(target), 400, source);
  };
  const auto bad_authority = [&t](std::string name, std::string_view target,
                                  std::string_view source) {
    t.refuse(std::move(name), get(target), 400, source);
  };
  bad_authority("absolute-form with user information", "http://user@a/get", "RFC 9110 §4.2.4");
  bad_authority("absolute-form with a password", "http://user:word@a/get", "RFC 9110 §4.2.4");
  bad_authority("absolute-form with an empty host", "http:///get", "RFC 9110 §4.2.1");
  bad_authority("absolute-form with a port alone", "http://:80/get", "RFC 9110 §4.2.1");
  bad("absolute-form with nothing behind the slashes", "http://", "RFC 9110 §4.2.1");
  bad_authority("absolute-form with a port that is none", "http://a:x/get", "RFC 3986 §3.2.3");
  bad_authority("absolute-form with a port above 65535", "http://a:65536/get", "RFC 3986 §3.2.3");
  bad_authority("absolute-form with a broken IPv6 address", "http://[::1/get", "RFC 3986 §3.2.2");
  bad("a scheme with one slash", "http:/get", "RFC 9110 §4.2.1");
  bad("a scheme without slashes", "http:get", "RFC 9110 §4.2.1");
  bad("a scheme that is not ours", "ftp://a/get", "RFC 9112 §3.2.2");
  bad("file: as a scheme", "file:///etc/passwd", "RFC 9112 §3.2.2");
  bad("javascript: as a scheme", "javascript:alert(1)", "RFC 9112 §3.2");
  bad("a scheme behind a space's escape", "%20http://a/get", "RFC 9112 §3.2");
  bad("a relative path", "get", "RFC 9112 §3.2");
  bad("a dot segment without its slash", "../get", "RFC 9112 §3.2");
  bad("a query alone", "?x=1", "RFC 9112 §3.2");
  bad("a backslash for the slash", "\\get", "RFC 9112 §3.2");
  bad("authority-form with GET", "a:80", "RFC 9112 §3.2.3");
  bad("asterisk-form with GET", "*", "RFC 9112 §3.2.4");
  bad("a fragment", "/get#x", "RFC 9112 §3.2");
  bad("a fragment in the query", "/get?a#x", "RFC 9112 §3.2");
  bad("a fragment alone", "#", "RFC 9112 §3.2");
  bad("NUL", "/get\0x"sv, "RFC 9112 §3.2");
  bad("a control byte", "/get\x01", "RFC 9112 §3.2");
  bad("DEL", "/get\x7f", "RFC 9112 §3.2");
  bad("raw UTF-8", "/\xc3\xa9", "RFC 9112 §3.2");
  bad("a byte 0x80 in the query", "/get?\x80", "RFC 9112 §3.2");
  bad("a byte 0xff at the start", "\xff/get", "RFC 9112 §3.2");
  t.refuse("asterisk-form with POST", line("POST * HTTP/1.1"), 400, "RFC 9112 §3.2.4");
  t.refuse("two asterisks", line("OPTIONS ** HTTP/1.1"), 400, "RFC 9112 §3.2.4");
  t.refuse("an asterisk with a query", line("OPTIONS *?x HTTP/1.1"), 400, "RFC 9112 §3.2.4");
  return t;
}

Chapter versions() {
  Chapter t{"Version", {}};
  constexpr auto keep = End::keep;
  t.add("1.1 keeps the connection", get("/version"), {{200, "11"}}, keep, "RFC 9112 §9.3");
  t.add("1.0 closes", line("GET /version HTTP/1.0"), {{200, "10"}}, End::close, "RFC 9112 §9.3");
  t.add("1.0 without Host", "GET /get HTTP/1.0\r\n\r\n", {{200, "GET /get"}}, End::close,
        "RFC 9112 §3.2");
  t.add("a higher minor version is read as 1.1", line("GET /version HTTP/1.2"), {{200, "11"}}, keep,
        "RFC 9110 §2.5");
  t.add("1.9 is read as 1.1", line("GET /version HTTP/1.9"), {{200, "11"}}, keep, "RFC 9110 §2.5");
  t.refuse("1.2 without Host", "GET /get HTTP/1.2\r\n\r\n", 400, "RFC 9112 §3.2");
  for (const char* const version : {"0.9", "0.0", "2.0", "2.1", "3.0", "9.9"})
    t.refuse(std::string("HTTP/") + version, line(std::string("GET /get HTTP/") + version), 505,
             "RFC 9110 §15.6.6");
  t.refuse("HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "RFC 9113 §3.4");
  t.refuse("HTTP/2's preface and its first frame",
           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 505, "RFC 9113 §3.4");
  t.refuse("PRI with HTTP/1.1", line("PRI * HTTP/1.1"), 400, "RFC 9112 §3.2.4");
  t.refuse("HTTP/0.9, a simple request", "GET /get\r\n", 400, "RFC 9112 §2.3");
  t.refuse("HTTP/0.9, a simple request with a space", "GET /get \r\n", 400, "RFC 9112 §2.3");
  for (const char* const version : {"HTTP/1",     "HTTP/1.",
                                    "HTTP/.1",    "HTTP/",
                                    "HTTP",       "HTTP/2",
                                    "HTTP/11.1",  "HTTP/1.10",
                                    "HTTP/01.1",  "HTTP/1.01",
                                    "HTTP/1.1.1", "http/1.1",
                                    "Http/1.1",   "HTTp/1.1",
                                    "HTTP 1.1",   "HTTP-1.1",
                                    "HTTP/1,1",   "HTTP/ 1.1",
                                    "HTTP /1.1",  "HTTP/1 .1",
                                    "HTTP/+1.1",  "HTTP/-1.1",
                                    "HTTP/1.-1",  "HTTP/4294967295.255",
                                    "HTTP/0x1.1", "HTTP/1.1a",
                                    "HTTP/1.x",   "HTTP/A.B",
                                    "HTTPS/1.1",  "HTP/1.1",
                                    "HHTTP/1.1",  "ICY/1.0",
                                    "RTSP/1.0",   "1.1",
                                    "HTTP\\1.1",  "\"HTTP/1.1\"",
                                    "HTTP/1.1;",  "HTTP/\xef\xbc\x91.1"})
    t.refuse(std::string("no version: ") + version, line(std::string("GET /get ") + version), 400,
             "RFC 9112 §2.3");
  t.refuse("NUL behind the version", line("GET /get HTTP/1.1\0"sv), 400, "RFC 9112 §2.3");
  t.refuse("CRs within the version", line("GET /get HTTP/\r\r1.1"), 400, "RFC 9112 §2.3");
  t.refuse("NUL within the version", line("GET /get HTTP/1\0.1"sv), 400, "RFC 9112 §2.3");
  return t;
}

Chapter hosts() {
  Chapter t{"Host", {}};
  constexpr auto keep = End::keep;
  const auto host = [](std::string_view lines, std::string_view target = "/get",
                       std::string_view version = "1.1") {
    return std::string("GET ")
        .append(target)
        .append(" HTTP/")
        .append(version)
        .append("\r\n")
        .append(lines)
        .append("\r\n");
  };
  t.refuse("missing", host(""), 400, "RFC 9112 §3.2");
  t.refuse("missing beside other fields", host("Accept: */*\r\nUser-Agent: x\r\n"), 400,
           "RFC 9112 §3.2");
  t.refuse("missing with absolute-form", host("", "http://a/get"), 400, "RFC 9112 §3.2");
  t.refuse("two of them", host("Host: a\r\nHost: b\r\n"), 400, "RFC 9112 §3.2");
  t.refuse("two that are equal", host("Host: a\r\nHost: a\r\n"), 400, "RFC 9112 §3.2");
  t.refuse("two, one of them empty", host("Host: a\r\nHost:\r\n"), 400, "RFC 9112 §3.2");
  t.refuse("two with a field between", host("Host: a\r\nAccept: */*\r\nhost: b\r\n"), 400,
           "RFC 9112 §3.2");
  t.refuse("two on HTTP/1.0", host("Host: a\r\nHost: b\r\n", "/get", "1.0"), 400, "RFC 9112 §3.2");
  t.refuse("two with absolute-form", host("Host: a\r\nHost: b\r\n", "http://a/get"), 400,
           "RFC 9112 §3.2");
  t.refuse("bad on HTTP/1.0", host("Host: a/b\r\n", "/get", "1.0"), 400, "RFC 9112 §3.2");
  t.add("empty", host("Host:\r\n"), {{200, "GET /get"}}, keep, "RFC 9112 §3.2");
  t.add("empty but for white space", host("Host: \t \r\n"), {{200, "GET /get"}}, keep,
        "RFC 9112 §3.2");
  t.add("behind other fields", host("Accept: */*\r\nhOST: a\r\n"), {{200, "GET /get"}}, keep,
        "RFC 9110 §5.1");
  for (const char* const good : {"a",
                                 "A.Example",
                                 "a:80",
                                 "a:",
                                 "a:65535",
                                 "127.0.0.1",
                                 "127.0.0.1:8080",
                                 "[::1]",
                                 "[::1]:80",
                                 "[2001:DB8::1]",
                                 "[::ffff:1.2.3.4]:80",
                                 "[1:2:3:4:5:6:7:8]",
                                 "a_b",
                                 "a-b.c",
                                 "a.",
                                 "xn--bcher-kva.example",
                                 "%41",
                                 "a!$&'()*+;=~",
                                 "1.2.3",
                                 "999"})
    t.add(std::string("good: ") + good, host(std::string("Host: ") + good + "\r\n"),
          {{200, "GET /get"}}, keep, "RFC 9110 §7.2");
  for (const char* const bad : {"a b",
                                "a/b",
                                "a/",
                                "user@a",
                                "user:word@a",
                                "a:b",
                                "a, b",
                                "a:80, b:80",
                                "a:80,b:80",
                                "a:65536",
                                "a:99999999999",
                                "a:-1",
                                "a:+80",
                                "a:80:80",
                                "a:80 ;",
                                ":80",
                                "[::1",
                                "::1",
                                "[::g]",
                                "[]",
                                "[1:2:3]",
                                "[1:2:3:4:5:6:7:8:9]",
                                "[::1]x",
                                "[::1]80",
                                "[1.2.3.4]",
                                "[fe80::1%25eth0]",
                                "a\\b",
                                "a?b",
                                "a#b",
                                "http://a",
                                "%zz",
                                "%4",
                                "\"a\"",
                                "<a>",
                                "a^b",
                                "a|b",
                                "{a}",
                                "b\xc3\xbc"
                                "cher",
                                "a\tb"})
    t.refuse(std::string("bad: ") + bad, host(std::string("Host: ") + bad + "\r\n"), 400,
             "RFC 9112 §3.2");
  t.refuse("bad: NUL within", host("Host: a\0b\r\n"sv), 400, "RFC 9110 §5.5");
  t.refuse("space before the colon", host("Host : a\r\n"), 400, "RFC 9112 §5.1");
  t.refuse("only behind a fold", host("X: b\r\n Host: a\r\n"), 400, "RFC 9112 §5.2");
  t.add("names a virtual host", host("Host: api.example.org\r\n", "/who"), {{200, "api"}}, keep,
        "routing.md");
  t.add("case does not count", host("Host: API.Example.ORG\r\n", "/who"), {{200, "api"}}, keep,
        "RFC 3986 §3.2.2");
  t.add("the port does not count", host("Host: api.example.org:8080\r\n", "/who"), {{200, "api"}},
        keep, "routing.md");
  t.add("a wildcard", host("Host: www.example.org\r\n", "/who"), {{200, "wildcard"}}, keep,
        "routing.md");
  t.add("an unknown one", host("Host: example.com\r\n", "/who"), {{200, "default"}}, keep,
        "routing.md");
  t.add("a name that only ends like one", host("Host: apiXexample.org\r\n", "/who"),
        {{200, "default"}}, keep, "routing.md");
  t.add("the authority of absolute-form wins",
        host("Host: example.com\r\n", "http://api.example.org/who"), {{200, "api"}}, keep,
        "RFC 9112 §3.2.2");
  t.add("absolute-form wins the other way round",
        host("Host: api.example.org\r\n", "http://example.com/who"), {{200, "default"}}, keep,
        "RFC 9112 §3.2.2");
  t.add("absolute-form beside an empty Host", host("Host:\r\n", "http://api.example.org:80/who"),
        {{200, "api"}}, keep, "RFC 9112 §3.2.2");
  t.refuse("absolute-form does not excuse a bad Host", host("Host: a b\r\n", "http://a/get"), 400,
           "RFC 9112 §3.2");
  return t;
}

Chapter line_ends() {
  Chapter t{"Line ends and control bytes", {}};
  constexpr auto keep = End::keep;
  t.add("CRLF before the request line", "\r\nGET /get HTTP/1.1\r\nHost: a\r\n\r\n",
        {{200, "GET /get"}}, keep, "RFC 9112 §2.2");
  t.add("two CRLFs before the request line", "\r\n\r\nGET /get HTTP/1.1\r\nHost: a\r\n\r\n",
        {{200, "GET /get"}}, keep, "RFC 9112 §2.2");
  t.refuse("more CRLFs than two", "\r\n\r\n\r\nGET /get HTTP/1.1\r\nHost: a\r\n\r\n", 400,
           "parse_error.hpp");
  t.add("nothing but a CRLF", "\r\n", {}, End::wait, "RFC 9112 §2.2");
  const auto bad = [&t](std::string name, std::string_view bytes, std::string_view source) {
    t.refuse(std::move(name), std::string(bytes), 400, source);
  };
  bad("LF before the request line", "\nGET /get HTTP/1.1\r\nHost: a\r\n\r\n",
      "RFC 9112 §2.2 (MAY), limits.hpp");
  bad("CR before the request line", "\rGET /get HTTP/1.1\r\nHost: a\r\n\r\n", "RFC 9112 §2.2");
  bad("space and CRLF before the request line", " \r\nGET /get HTTP/1.1\r\nHost: a\r\n\r\n",
      "RFC 9112 §2.2");
  bad("NUL before the request line", "\0GET /get HTTP/1.1\r\nHost: a\r\n\r\n"sv, "RFC 9112 §2.2");
  bad("LF alone behind the request line", "GET /get HTTP/1.1\nHost: a\r\n\r\n",
      "RFC 9112 §2.2 (MAY), limits.hpp");
  bad("LF alone behind a field", "GET /get HTTP/1.1\r\nHost: a\n\r\n",
      "RFC 9112 §2.2 (MAY), limits.hpp");
  bad("LF alone at the end of the head", "GET /get HTTP/1.1\r\nHost: a\r\n\n",
      "RFC 9112 §2.2 (MAY), limits.hpp");
  bad("LF alone everywhere", "GET /get HTTP/1.1\nHost: a\n\n", "RFC 9112 §2.2 (MAY), limits.hpp");
  bad("CR alone behind the request line", "GET /get HTTP/1.1\rHost: a\r\n\r\n", "RFC 9112 §2.2");
  bad("CR alone everywhere", "GET /get HTTP/1.1\rHost: a\r\r", "RFC 9112 §2.2");
  bad("CR CR LF behind the request line", "GET /get HTTP/1.1\r\r\nHost: a\r\n\r\n",
      "RFC 9112 §2.2");
  bad("CR CR LF behind a field", "GET /get HTTP/1.1\r\nHost: a\r\r\n\r\n",
      "RFC 9112 §2.2 (either)");
  bad("CR CR LF at the end of the head", "GET /get HTTP/1.1\r\nHost: a\r\n\r\r\n", "RFC 9112 §2.2");
  bad("LF CR", "GET /get HTTP/1.1\n\rHost: a\n\r\n\r", "RFC 9112 §2.2");
  bad("CR within a value", with("X: a\rb\r\n"), "RFC 9110 §5.5 (either)");
  bad("CR at the start of a value", with("X:\ra\r\n"), "RFC 9110 §5.5 (either)");
  bad("CR within a name", with("X\rY: a\r\n"), "RFC 9110 §5.1");
  bad("CR hides a field", with("X: a\rContent-Length: 5\r\n"), "RFC 9112 §2.2 (either)");
  bad("LF hides a field", with("X: a\nContent-Length: 5\r\n"), "RFC 9112 §2.2");
  bad("LF within a name", with("X\nY: a\r\n"), "RFC 9112 §5");
  bad("CR and a byte at the end of the head",
      "GET /get HTTP/1.1\r\nHost: a\r\n\rZGET /smuggled: HTTP/1.1\r\nHost: a\r\n\r\n",
      "RFC 9112 §2.2");
  bad("CR within the target", line("GET /ge\rt HTTP/1.1"), "RFC 9112 §2.2");
  bad("NUL within a value", with("X: a\0b\r\n"sv), "RFC 9110 §5.5");
  bad("NUL within a name", with("X\0Y: a\r\n"sv), "RFC 9110 §5.1");
  bad("NUL at the end of a value", with("X: a\0\r\n"sv), "RFC 9110 §5.5");
  bad("NUL for a line end", with("X: a\0Y: b\r\n"sv), "RFC 9110 §5.5");
  for (const auto& [name, byte] :
       {std::pair{"0x01", '\x01'}, std::pair{"0x08", '\x08'}, std::pair{"vertical tab", '\x0b'},
        std::pair{"form feed", '\x0c'}, std::pair{"0x0e", '\x0e'}, std::pair{"escape", '\x1b'},
        std::pair{"0x1f", '\x1f'}, std::pair{"DEL", '\x7f'}})
    bad(std::string("a control byte in a value: ") + name,
        with(std::string("X: a") + byte + "b\r\n"), "RFC 9110 §5.5 (MAY)");
  bad("a form feed before a value",
      with("X:\x0c"
           "b\r\n"),
      "RFC 9110 §5.5 (MAY)");
  bad("obs-fold with a space", with("X: a\r\n b\r\n"), "RFC 9112 §5.2 (either)");
  bad("obs-fold with a tab", with("X: a\r\n\tb\r\n"), "RFC 9112 §5.2 (either)");
  bad("obs-fold of white space alone", with("X: a\r\n \r\n"), "RFC 9112 §5.2 (either)");
  bad("obs-fold of an empty value", with("X:\r\n a\r\n"), "RFC 9112 §5.2 (either)");
  bad("obs-fold that brings a field", with("X: a\r\n Transfer-Encoding: chunked\r\n"),
      "RFC 9112 §5.2 (either)");
  bad("obs-fold of Content-Length", with("Content-Length:\r\n 5\r\n"), "RFC 9112 §5.2 (either)");
  bad("space before the first field", "GET /get HTTP/1.1\r\n Host: a\r\n\r\n", "RFC 9112 §2.2");
  bad("tab before the first field", "GET /get HTTP/1.1\r\n\tHost: a\r\n\r\n", "RFC 9112 §2.2");
  bad("a line of white space before the first field", "GET /get HTTP/1.1\r\n \r\nHost: a\r\n\r\n",
      "RFC 9112 §2.2");
  return t;
}

Chapter field_lines() {
  Chapter t{"Field lines", {}};
  constexpr auto keep = End::keep;
  const auto value = [&t](std::string name, std::string_view field, std::string_view body,
                          std::string_view source) {
    t.add(std::move(name), get("/fields/x", field), {{200, body}}, End::keep, source);
  };
  value("one value", "X: a\r\n", "[a]", "RFC 9112 §5");
  value("no white space behind the colon", "X:a\r\n", "[a]", "RFC 9112 §5");
  value("much white space around it", "X: \t  a \t \r\n", "[a]", "RFC 9112 §5.1");
  value("white space within stays", "X: a \t b\r\n", "[a \t b]", "RFC 9110 §5.5");
  value("an empty value", "X:\r\n", "[]", "RFC 9110 §5.5");
  value("white space alone is empty", "X: \t \r\n", "[]", "RFC 9112 §5.1");
  value("colons in the value", "X: a:b:c\r\n", "[a:b:c]", "RFC 9110 §5.5");
  value("a colon alone as the value", "X: :\r\n", "[:]", "RFC 9110 §5.5");
  value("two colons", "X:: a\r\n", "[: a]", "RFC 9110 §5.5");
  value("obs-text passes", "X: \x80\xff\xc3\xa9\r\n", "[\x80\xff\xc3\xa9]", "RFC 9110 §5.5");
  value("obs-text is no white space",
        "X: \xa0"
        "a\xa0\r\n",
        "[\xa0"
        "a\xa0]",
        "RFC 9110 §5.5");
  value("quotes and commas are left alone", "X: \"a, b\", c\r\n", "[\"a, b\", c]", "RFC 9110 §5.5");
  value("escapes are not decoded", "X: a%0d%0aY: b\r\n", "[a%0d%0aY: b]", "CVE-2026-45372");
  value("an escaped NUL is not decoded", "X: a%00b\r\n", "[a%00b]", "CVE-2026-45372");
  value("an encoded word is left alone", "X: =?utf-8?q?=0d=0a?=\r\n", "[=?utf-8?q?=0d=0a?=]",
        "RFC 9110 §5.5");
  value("names differ not by case", "x: a\r\nX: b\r\n", "[a][b]", "RFC 9110 §5.1");
  value("repeated fields keep their order", "X: 3\r\nX: 1\r\nY: 0\r\nX: 2\r\n", "[3][1][2]",
        "RFC 9110 §5.3");
  value("a name that begins like another", "Xy: a\r\n", "", "RFC 9110 §5.1");
  t.add("every mark that a name may have", get("/count", "!#$%&'*+-.^_`|~0aZ: x\r\n"), {{200, "2"}},
        keep, "RFC 9110 §5.6.2");
  t.add("a digit alone as a name", get("/fields/7", "7: x\r\n"), {{200, "[x]"}}, keep,
        "RFC 9110 §5.1");
  t.add("an underscore is no hyphen", get("/fields/content-length", "Content_Length: 5\r\n"),
        {{200, ""}}, keep, "RFC 9110 §5.1");
  t.add("Accept may be nonsense", with("Accept: ;;;q=x,,\r\n"), {{200, "GET /get"}}, keep,
        "RFC 9110 §12.5.1");
  t.add("Upgrade to h2c is not taken up",
        with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
             "AAMAAABkAAQAAP__\r\n"),
        {Answer(200, "GET /get").without("Upgrade")}, keep, "RFC 9110 §7.8");
  t.add("Upgrade to websocket on a plain route",
        with("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
             "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        {{200, "GET /get"}}, keep, "RFC 9110 §7.8");
  t.add("Upgrade to h2c on HTTP/1.0",
        "GET /get HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", {{200, "GET /get"}},
        End::close, "RFC 9110 §7.8");
  t.add("Upgrade that Connection does not name", with("Upgrade: websocket\r\n"),
        {{200, "GET /get"}}, keep, "RFC 9110 §7.8");
  t.add("Upgrade with content, and then a request",
        post("Connection: Upgrade\r\nUpgrade: x\r\nContent-Length: 5\r\n",
             "hello" + std::string(kNext)),
        {{200, "POST /post hello"}, {200, "next"}}, keep, "RFC 9110 §7.8");
  t.add("Range on a route that knows none", with("Range: bytes=0-1\r\n"), {{200, "GET /get"}}, keep,
        "RFC 9110 §14.2");
  t.add("a thousand ranges", with("Range: bytes=" + times(1000, "0-,") + "0-\r\n"),
        {{200, "GET /get"}}, keep, "RFC 9110 §14.2");
  t.add("Range on POST", post("Range: bytes=0-0\r\nContent-Length: 5\r\n", "hello"),
        {{200, "POST /post hello"}}, keep, "RFC 9110 §14.2");
  t.add("two Content-Types",
        post("Content-Type: text/plain\r\nContent-Type: text/html\r\nContent-Length: 2\r\n", "hi"),
        {{200, "POST /post hi"}}, keep, "RFC 9110 §5.3");
  for (const auto& [name, field] :
       {std::pair{"X-Forwarded-For: nothing", "X-Forwarded-For:\r\n"sv},
        std::pair{"X-Forwarded-For: white space", "X-Forwarded-For: \t \r\n"sv},
        std::pair{"X-Forwarded-For: commas", "X-Forwarded-For: ,,\r\n"sv},
        std::pair{"Forwarded: nothing", "Forwarded:\r\n"sv},
        std::pair{"Forwarded: for nobody", "Forwarded: for=\r\n"sv},
        std::pair{"Via and Max-Forwards: nothing", "Via:\r\nMax-Forwards:\r\n"sv}})
    t.add(name, with(field), {{200, "GET /get"}}, keep, "CVE-2026-46527");
  const auto bad = [&t](std::string name, std::string_view field, std::string_view source) {
    t.refuse(std::move(name), with(field), 400, source);
  };
  t.refuse("content where a field must be",
           "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nhello\r\n\r\n", 400,
           "RFC 9112 §5");
  bad("an empty name", ": a\r\n", "RFC 9112 §5");
  bad("a colon alone", ":\r\n", "RFC 9112 §5");
  bad("no colon", "X\r\n", "RFC 9112 §5");
  bad("no colon but a space", "X a\r\n", "RFC 9112 §5");
  bad("no colon in the last line", "X: a\r\nY\r\n", "RFC 9112 §5");
  bad("space before the colon", "X : a\r\n", "RFC 9112 §5.1");
  bad("tab before the colon", "X\t: a\r\n", "RFC 9112 §5.1");
  bad("space within the name", "X Y: a\r\n", "RFC 9112 §5.1");
  for (const char* const name : {"X(Y)", "X/Y", "X@Y", "X[Y]", "X{Y}", "\"X\"", "X,Y", "X;Y", "X=Y",
                                 "X<Y>", "X?Y", "X\\Y", "X\xc3\xa9", "\x80", "X\x7f", "X\x01"})
    bad(std::string("no token: ") + (static_cast<unsigned char>(name[0]) == 0x80 ? "0x80"
                                     : name[1] == '\x7f'                         ? "DEL"
                                     : name[1] == '\x01'                         ? "0x01"
                                                                                 : name),
        std::string(name) + ": a\r\n", "RFC 9110 §5.1");
  bad("a byte-order mark before the name", "\xef\xbb\xbfX: a\r\n", "RFC 9110 §5.1");
  return t;
}

Chapter limits() {
  Chapter t{"Limits of the head", {}};
  constexpr auto keep = End::keep;
  // "GET /any?" + x + " HTTP/1.1" is 18 bytes and x.
  const auto long_line = [](std::size_t size) {
    return line("GET /any?" + times(size - 18, 'x') + " HTTP/1.1");
  };
  t.add("a request line of 8000 bytes", long_line(8000), {200}, keep, "RFC 9112 §3");
  t.add("a request line at the limit", long_line(8192), {200}, keep, "options.md: 8 KiB");
  t.refuse("a request line one above it", long_line(8193), 414, "RFC 9112 §3");
  t.refuse("a target far above it", get("/" + times(100'000, 'x')), 414, "RFC 9112 §3");
  t.refuse("a request line that never ends", "GET /" + times(9000, 'x'), 414, "CVE-2025-53628");
  t.refuse("a method that never ends", times(9000, 'A'), 414, "CVE-2025-53628");
  const auto long_field = [](std::size_t size) { return "X: " + times(size - 3, 'v') + "\r\n"; };
  t.add("a field line at the limit", get("/count", long_field(16'384)), {{200, "2"}}, keep,
        "options.md: 16 KiB");
  t.refuse("a field line one above it", get("/count", long_field(16'385)), 431, "RFC 6585 §5");
  t.refuse("a field line that never ends",
           "GET /get HTTP/1.1\r\nHost: a\r\nX: " + times(20'000, 'v'), 431, "CVE-2025-53628");
  t.refuse("a name that never ends", "GET /get HTTP/1.1\r\nHost: a\r\n" + times(20'000, 'X'), 431,
           "CVE-2025-53628");
  t.add("a name of 16,000 bytes", get("/count", times(16'000, 'n') + ": v\r\n"), {{200, "2"}}, keep,
        "options.md: 16 KiB");
  t.refuse("white space without end before a value",
           "GET /get HTTP/1.1\r\nHost: a\r\nX:" + times(20'000, ' '), 431, "CVE-2025-53628");
  // "Host: a\r\n" is 9 bytes.
  const auto all_fields = [&](std::size_t size) {
    const std::string first = long_field(16'384);
    return get("/count", first + long_field(size - 9 - first.size() - 2));
  };
  t.add("all field lines at the limit", all_fields(32'768), {{200, "3"}}, keep,
        "limits.hpp: 32 KiB with line ends");
  t.refuse("all field lines one above it", all_fields(32'769), 431,
           "limits.hpp: 32 KiB with line ends");
  t.refuse("all field lines three above it", all_fields(32'771), 431, "RFC 6585 §5");
  t.add("as many field lines as there may be", get("/count", times(99, "X: 1\r\n")), {{200, "100"}},
        keep, "options.md: 100");
  t.refuse("one field line more", get("/count", times(100, "X: 1\r\n")), 431, "RFC 6585 §5");
  t.refuse("ten thousand field lines", get("/count", times(10'000, "X:\r\n")), 431, "RFC 6585 §5");
  t.add("a Host of 4000 bytes", "GET /get HTTP/1.1\r\nHost: " + times(4000, 'a') + "\r\n\r\n",
        {200}, keep, "RFC 9110 §4.1");
  t.refuse("a limit within a pipeline", get("/next") + get("/get", long_field(16'385)), 431,
           "RFC 6585 §5");
  t.rows.back().answers = {{200, "next"}, 431};
  return t;
}

}  // namespace weir::conformance
