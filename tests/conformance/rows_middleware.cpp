// SPDX-License-Identifier: MIT
// A chapter on the middleware in the box: who is let in, and what a refusal does to the connection.
#include <string>

#include "conformance/rows.hpp"

namespace weir::conformance {

Chapter middleware() {
  Chapter t{"Middleware", {}};
  constexpr auto keep = End::keep;
  const std::string next(kNext);
  constexpr std::string_view kBasic = R"(Basic realm="restricted", charset="UTF-8")";
  constexpr std::string_view kInvalid = R"(Bearer realm="api", error="invalid_request")";

  t.add("Basic", get("/basic", "Authorization: bASIC YW5uOnB3\r\n"), {{200, "ann"}}, keep,
        "RFC 7617 §2");
  t.add("Basic, none", get("/basic", "") + next,
        {Answer(401).with("WWW-Authenticate", kBasic), {200, "next"}}, keep, "RFC 9110 §11.6.1");
  t.add("Basic, another scheme", get("/basic", "Authorization: Bearer YW5uOnB3\r\n"),
        {Answer(401).with("WWW-Authenticate", kBasic)}, keep, "RFC 9110 §11.6.1");
  t.add("Basic, no base64", get("/basic", "Authorization: Basic ann:pw\r\n"), {401}, keep,
        "RFC 7617 §2");
  t.add("Basic, twice",
        get("/basic", "Authorization: Basic YW5uOnB3\r\nAuthorization: Basic YW5uOnB3\r\n"), {401},
        keep, "RFC 9110 §5.3");
  t.add("Basic, refused instead of 100",
        line("PUT /basic HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue"), {401}, End::close,
        "RFC 9110 §10.1.1");
  t.add("Bearer", get("/bearer", "Authorization: Bearer good\r\n"), {{200, "ann"}}, keep,
        "RFC 6750 §2.1");
  t.add("Bearer, none", get("/bearer", ""),
        {Answer(401).with("WWW-Authenticate", R"(Bearer realm="api")")}, keep, "RFC 6750 §3.1");
  t.add("Bearer, unknown", get("/bearer", "Authorization: Bearer bad\r\n"),
        {Answer(401).with("WWW-Authenticate", R"(Bearer realm="api", error="invalid_token")")},
        keep, "RFC 6750 §3.1");
  t.add("Bearer, no token68", get("/bearer", "Authorization: Bearer a b\r\n"),
        {Answer(400).with("WWW-Authenticate", kInvalid)}, keep, "RFC 6750 §3.1");
  t.add("Bearer, twice",
        get("/bearer", "Authorization: Bearer good\r\nAuthorization: Bearer good\r\n"),
        {Answer(400).with("WWW-Authenticate", kInvalid)}, keep, "RFC 6750 §3.1");

  const std::string origin = "Origin: https://a.example\r\n";
  t.add("CORS, a listed origin", get("/cors", origin),
        {Answer(200).with("Access-Control-Allow-Origin", "https://a.example")}, keep,
        "Fetch §3.3.3");
  t.add("CORS, another origin", get("/cors", "Origin: https://a.example.evil\r\n"),
        {Answer(200).with("Vary", "Origin").without("Access-Control-Allow-Origin")}, keep,
        "Fetch §3.3.3");
  t.add("CORS, a preflight",
        "OPTIONS /cors HTTP/1.1\r\nHost: a\r\n" + origin +
            "Access-Control-Request-Method: PUT\r\n\r\n" + next,
        {Answer(204).with("Access-Control-Allow-Methods", "PUT"), {200, "next"}}, keep,
        "Fetch §3.3.2");

  t.add("413 by a middleware, announced",
        "POST /limited HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789" + next,
        {413, {200, "next"}}, keep, "RFC 9110 §15.5.14");
  t.add("413 by a middleware, in chunks",
        "POST /limited HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\n12345\r\n4\r\n6789\r\n0\r\n\r\n",
        {413}, End::close, "RFC 9110 §15.5.14");
  t.add("as much as a middleware allows",
        "POST /limited HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n",
        {{200, "POST /limited 12345678"}}, keep, "docs/middleware-in-the-box.md");

  t.add("a redirection keeps the query", get("/moved/a?b=c", ""),
        {Answer(308).with("Location", "/tree/a?b=c")}, keep, "RFC 9110 §15.4.9");
  t.add("a redirection to no other host", get("/moved//evil.example", ""),
        {Answer(308).with("Location", "/tree/evil.example")}, keep, "RFC 3986 §4.2");
  return t;
}

}  // namespace weir::conformance
