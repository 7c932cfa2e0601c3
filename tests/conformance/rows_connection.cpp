// SPDX-License-Identifier: MIT
// Chapters on connections and on what requests mean: persistence, pipelines, paths, routes, values.
#include <string>
#include <utility>

#include "conformance/rows.hpp"

namespace weir::conformance {

Chapter persistence() {
  Chapter t{"Persistence", {}};
  constexpr auto keep = End::keep;
  constexpr auto close = End::close;
  const auto row = [&t](std::string name, std::string_view fields, End end) {
    t.add(std::move(name), with(fields), {{200, "GET /get"}}, end, "RFC 9112 §9.3");
  };
  row("1.1", "", keep);
  row("1.1, keep-alive", "Connection: keep-alive\r\n", keep);
  row("1.1, close", "Connection: close\r\n", close);
  row("1.1, Close in another case", "connection: cLoSe\r\n", close);
  row("1.1, close and white space", "Connection: \t close \t\r\n", close);
  row("1.1, close first in a list", "Connection: close, x\r\n", close);
  row("1.1, close last in a list", "Connection: x, close\r\n", close);
  row("1.1, close in a list without spaces", "Connection: x,close,y\r\n", close);
  row("1.1, close behind empty members", "Connection: ,, close ,\r\n", close);
  row("1.1, close behind keep-alive", "Connection: keep-alive, close\r\n", close);
  row("1.1, close before keep-alive", "Connection: close, keep-alive\r\n", close);
  row("1.1, close in the second of two lines", "Connection: keep-alive\r\nConnection: close\r\n",
      close);
  row("1.1, close in the first of two lines", "Connection: close\r\nConnection: keep-alive\r\n",
      close);
  row("1.1, close in the second line, fields between",
      "Connection: x\r\nX: close\r\nConnection: y, close\r\n", close);
  row("1.1, closed is not close", "Connection: closed\r\n", keep);
  row("1.1, x-close is not close", "Connection: x-close\r\n", keep);
  row("1.1, close with a space within", "Connection: x close\r\n", keep);
  row("1.1, empty", "Connection:\r\n", keep);
  row("1.1, names of other fields", "Connection: Host, X\r\nX: y\r\n", keep);
  row("1.1, Keep-Alive is another field", "Keep-Alive: timeout=1, max=1\r\n", keep);
  row("1.1, Proxy-Connection is another field", "Proxy-Connection: close\r\n", keep);
  const auto old = [&t](std::string name, std::string_view fields, End end) {
    Answer answer(200, "GET /get");
    if (end == End::keep) answer = answer.with("Connection", "keep-alive");
    t.add(std::move(name),
          std::string("GET /get HTTP/1.0\r\nHost: a\r\n").append(fields).append("\r\n"), {answer},
          end, "RFC 9112 §9.3");
  };
  old("1.0", "", close);
  old("1.0, keep-alive", "Connection: keep-alive\r\n", keep);
  old("1.0, Keep-Alive in another case", "Connection: Keep-Alive\r\n", keep);
  old("1.0, keep-alive in a list", "Connection: x, keep-alive\r\n", keep);
  old("1.0, keep-alive in the second line", "Connection: x\r\nConnection: keep-alive\r\n", keep);
  old("1.0, close", "Connection: close\r\n", close);
  old("1.0, keep-alive and close", "Connection: keep-alive, close\r\n", close);
  old("1.0, another option", "Connection: x\r\n", close);
  old("1.0, Keep-Alive alone", "Keep-Alive: timeout=1\r\n", close);
  t.add("1.0 with keep-alive, then 1.0",
        "GET /get HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /next HTTP/1.0\r\n\r\n",
        {{200, "GET /get"}, {200, "next"}}, close, "RFC 9112 §9.3");
  t.add("1.0 with keep-alive, then 1.1",
        "GET /get HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + std::string(kNext),
        {{200, "GET /get"}, {200, "next"}}, keep, "RFC 9112 §9.3");
  t.add("POST on 1.0 with keep-alive",
        "POST /post HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello" +
            std::string(kNext),
        {{200, "POST /post hello"}, {200, "next"}}, keep, "RFC 9112 §9.3");
  t.add("the handler closes", get("/close"), {Answer(200, "closing").with("Connection", "close")},
        close, "RFC 9112 §9.6");
  t.add("the handler closes, 1.0 with keep-alive",
        "GET /close HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {{200, "closing"}}, close,
        "RFC 9112 §9.6");
  t.add("404 keeps", get("/missing"), {404}, keep, "RFC 9112 §9.3");
  t.add("405 keeps", line("POST /get HTTP/1.1"), {405}, keep, "RFC 9112 §9.3");
  t.add("500 keeps", get("/throw"), {500}, keep, "RFC 9112 §9.3");
  t.add("a handler's own error keeps", get("/teapot"), {422}, keep, "RFC 9112 §9.3");
  t.add("404 with close", get("/missing", "Connection: close\r\n"), {404}, close, "RFC 9112 §9.6");
  t.add("close with content", post("Connection: close\r\nContent-Length: 5\r\n", "hello"),
        {{200, "POST /post hello"}}, close, "RFC 9112 §9.6");
  t.add("close with chunks",
        post("Connection: close\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        {{200, "POST /post hello"}}, close, "RFC 9112 §9.6");
  t.add("close with a stream", get("/stream", "Connection: close\r\n"),
        {Answer(200, "one two three").with("Transfer-Encoding", "chunked")}, close,
        "RFC 9112 §9.6");
  return t;
}

Chapter pipelining() {
  Chapter t{"Pipelining", {}};
  constexpr auto keep = End::keep;
  const std::string_view source = "RFC 9112 §9.3.2";
  const std::string next(kNext);
  t.add("two", get("/get") + next, {{200, "GET /get"}, {200, "next"}}, keep, source);
  t.add("three kinds of framing",
        chunked("5\r\nhello\r\n0\r\n\r\n") + sized_to("/post", "hi") + next,
        {{200, "POST /post hello"}, {200, "POST /post hi"}, {200, "next"}}, keep, source);
  t.add("HEAD between GETs", next + line("HEAD /get HTTP/1.1") + next,
        {{200, "next"}, Answer(200).to_head(), {200, "next"}}, keep, source);
  t.add("answers without content between",
        get("/nocontent") + get("/notmodified") + get("/reset") + next,
        {204, 304, 205, {200, "next"}}, keep, source);
  t.add("a stream between", next + get("/stream") + next,
        {{200, "next"}, {200, "one two three"}, {200, "next"}}, keep, source);
  t.add("HEAD of a stream between", next + line("HEAD /stream HTTP/1.1") + next,
        {{200, "next"}, Answer(200).to_head(), {200, "next"}}, keep, source);
  t.add("a deferred answer first", get("/deferred") + next,
        {{200, "deferred GET /deferred"}, {200, "next"}}, keep, source);
  t.add("a blocking handler first", get("/blocking") + next + get("/get"),
        {{200, "blocking GET /blocking"}, {200, "next"}, {200, "GET /get"}}, keep, source);
  t.add("two blocking handlers", get("/blocking?1") + get("/blocking?2"),
        {{200, "blocking GET /blocking?1"}, {200, "blocking GET /blocking?2"}}, keep, source);
  t.add("content for a blocking handler first", sized_to("/blocking", kSmuggled) + next,
        {200, {200, "next"}}, keep, source);
  std::string late;
  Row& deferred = t.add("fifty deferred answers", "", {}, keep, "CVE-2022-38667");
  for (int i = 0; i < 50; ++i) {
    late += get("/deferred");
    deferred.answers.emplace_back(200, "deferred GET /deferred");
  }
  deferred.bytes = late;
  t.add("a deferred and a blocking answer, the second closes",
        get("/deferred") + get("/blocking", "Connection: close\r\n") + std::string(kSmuggled),
        {{200, "deferred GET /deferred"}, {200, "blocking GET /blocking"}}, End::close,
        "CVE-2022-38667");
  t.add("404 first", get("/missing") + next, {404, {200, "next"}}, keep, source);
  t.add("500 first", get("/throw") + next, {500, {200, "next"}}, keep, source);
  t.add("CRLF between", get("/get") + "\r\n" + next, {{200, "GET /get"}, {200, "next"}}, keep,
        "RFC 9112 §2.2");
  t.add("CRLF behind the content", sized_to("/post", "hi") + "\r\n" + next,
        {{200, "POST /post hi"}, {200, "next"}}, keep, "RFC 9112 §2.2");
  t.add("CRLF behind the last chunk", chunked("0\r\n\r\n") + "\r\n" + next,
        {{200, "POST /post"}, {200, "next"}}, keep, "RFC 9112 §2.2");
  t.refuse("LF between", get("/next") + "\n" + next, 400, "RFC 9112 §2.2 (MAY), limits.hpp")
      .answers = {{200, "next"}, 400};
  t.refuse("space between", get("/next") + " " + next, 400, "RFC 9112 §3").answers = {{200, "next"},
                                                                                      400};
  t.add("letters between make another method", next + "JUNK" + next + next,
        {{200, "next"}, 405, {200, "next"}}, keep, "RFC 9110 §9.1");
  t.refuse("an error in the middle", next + with(": a\r\n") + std::string(kSmuggled), 400, source)
      .answers = {{200, "next"}, 400};
  t.refuse("an error in the middle, behind a blocking handler",
           get("/blocking") + with(": a\r\n") + std::string(kSmuggled), 400, source)
      .answers = {{200, "blocking GET /blocking"}, 400};
  t.refuse("an error behind a stream", get("/stream") + with("X\r\n") + std::string(kSmuggled), 400,
           source)
      .answers = {{200, "one two three"}, 400};
  t.refuse("413 in the middle", next + sized_to("/small", "0123456789a") + std::string(kSmuggled),
           413, source)
      .answers = {{200, "next"}, 413};
  t.refuse("broken chunks in the middle",
           next + chunked("5\r\nhello!\r\n0\r\n\r\n") + std::string(kSmuggled), 400, source)
      .answers = {{200, "next"}, 400};
  t.refuse("bad framing in the middle",
           next + post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") +
               std::string(kSmuggled),
           400, "RFC 9112 §11.2")
      .answers = {{200, "next"}, 400};
  t.add("bytes behind close", with("Connection: close\r\n") + std::string(kSmuggled),
        {{200, "GET /get"}}, End::close, "RFC 9112 §9.6");
  t.add("bytes behind close, blocking",
        get("/blocking", "Connection: close\r\n") + std::string(kSmuggled),
        {{200, "blocking GET /blocking"}}, End::close, "RFC 9112 §9.6");
  t.add("bytes behind the handler's close", get("/close") + std::string(kSmuggled),
        {{200, "closing"}}, End::close, "RFC 9112 §9.6");
  t.add("junk behind close is no error", with("Connection: close\r\n") + "\0\xff junk\r\n\r\n",
        {{200, "GET /get"}}, End::close, "RFC 9112 §9.6");
  t.add("bytes behind HTTP/1.0", line("GET /get HTTP/1.0") + std::string(kSmuggled),
        {{200, "GET /get"}}, End::close, "RFC 9112 §9.3");
  t.add("the second closes, the third is not parsed",
        next + with("Connection: close\r\n") + std::string(kSmuggled),
        {{200, "next"}, {200, "GET /get"}}, End::close, "RFC 9112 §9.6");
  t.add("a beginning of a request behind", next + "GET /ge", {{200, "next"}}, End::wait, source);
  t.add("two thousand", times(2000, kNext), {}, keep, source);
  t.rows.back().answers.assign(2000, Answer(200, "next"));
  std::string mixed;
  Row& row = t.add("two hundred, of every kind", "", {}, keep, source);
  for (int i = 0; i < 50; ++i) {
    mixed += next + sized_to("/post", "hi") + chunked("2\r\nhi\r\n0\r\n\r\n") +
             line("HEAD /get HTTP/1.1");
    for (const Answer& answer : {Answer(200, "next"), Answer(200, "POST /post hi"),
                                 Answer(200, "POST /post hi"), Answer(200).to_head()})
      row.answers.push_back(answer);
  }
  row.bytes = mixed;
  return t;
}

Chapter half_close() {
  Chapter t{"Half-close", {}};
  constexpr auto close = End::close;
  const std::string_view source = "options.md: half_close";
  t.add("behind a request", get("/get"), {{200, "GET /get"}}, close, source).half_close();
  t.add("behind a request with content", sized_to("/post", "hello"), {{200, "POST /post hello"}},
        close, source)
      .half_close();
  t.add("behind a request in chunks", chunked("5\r\nhello\r\n0\r\n\r\n"),
        {{200, "POST /post hello"}}, close, source)
      .half_close();
  t.add("behind a request for a stream", get("/stream"), {{200, "one two three"}}, close, source)
      .half_close();
  t.add("behind a request that waits", get("/deferred"), {{200, "deferred GET /deferred"}}, close,
        source)
      .half_close();
  t.add("behind a request for a worker", get("/blocking"), {{200, "blocking GET /blocking"}}, close,
        source)
      .half_close();
  t.add("behind two requests", get("/get") + std::string(kNext), {{200, "GET /get"}, {200, "next"}},
        close, source)
      .half_close();
  t.add("behind two requests, the first for a worker", get("/blocking") + std::string(kNext),
        {{200, "blocking GET /blocking"}, {200, "next"}}, close, source)
      .half_close();
  t.add("behind three requests for a worker",
        get("/blocking?1") + get("/blocking?2") + get("/blocking?3"),
        {{200, "blocking GET /blocking?1"},
         {200, "blocking GET /blocking?2"},
         {200, "blocking GET /blocking?3"}},
        close, source)
      .half_close();
  t.add("behind a request for a slow worker", get("/slow"), {{200, "slow"}}, close, source)
      .half_close();
  t.add("behind two requests, the first for a slow worker", get("/slow") + std::string(kNext),
        {{200, "slow"}, {200, "next"}}, close, source)
      .half_close();
  t.add("behind a deferred, a blocking and a slow request",
        get("/deferred") + get("/blocking") + get("/slow"),
        {{200, "deferred GET /deferred"}, {200, "blocking GET /blocking"}, {200, "slow"}}, close,
        "Crow#843")
      .half_close();
  t.add("behind a request for a worker and half of one", get("/blocking") + "GET /sm",
        {{200, "blocking GET /blocking"}}, close, "Crow#843")
      .half_close();
  t.add("behind a request and half of one", get("/get") + "GET /sm", {{200, "GET /get"}}, close,
        "RFC 9112 §8")
      .half_close();
  t.add("before any byte", "", {}, close, "RFC 9112 §9.6").half_close();
  t.add("behind empty lines", "\r\n\r\n", {}, close, "RFC 9112 §9.6").half_close();
  t.add("within the request line", "GET /ge", {}, close, "RFC 9112 §8").half_close();
  t.add("within the fields", "GET /get HTTP/1.1\r\nHost: a\r\n", {}, close, "RFC 9112 §8")
      .half_close();
  t.add("within the content", post("Content-Length: 10\r\n", "hello"), {}, close, "RFC 9112 §8")
      .half_close();
  t.add("before the content", post("Content-Length: 10\r\n", ""), {}, close, "RFC 9112 §8")
      .half_close();
  t.add("within a chunk", chunked("5\r\nhel"), {}, close, "RFC 9112 §8").half_close();
  t.add("before the last chunk", chunked("5\r\nhello\r\n"), {}, close, "RFC 9112 §8").half_close();
  t.add("within the trailers", chunked("5\r\nhello\r\n0\r\nX: a\r\n"), {}, close, "RFC 9112 §8")
      .half_close();
  t.add("before the last line end", chunked("5\r\nhello\r\n0\r\n"), {}, close, "RFC 9112 §8")
      .half_close();
  t.add("behind an error", with(": a\r\n"), {400}, close, "RFC 9112 §9.6").half_close();
  return t;
}

Chapter no_content() {
  Chapter t{"Answers without content, and their framing", {}};
  constexpr auto keep = End::keep;
  t.add("an empty 200 has a length", get("/empty"), {Answer(200, "").with("Content-Length", "0")},
        keep, "RFC 9110 §8.6");
  t.add("204 has none", get("/nocontent"), {Answer(204, "").without("Content-Length")}, keep,
        "RFC 9110 §8.6");
  t.add("204 has no Transfer-Encoding", get("/nocontent"),
        {Answer(204, "").without("Transfer-Encoding")}, keep, "RFC 9112 §6.1");
  t.add("204 drops what the handler set", get("/nocontent-with-content"),
        {Answer(204, "").without("Content-Length")}, keep, "RFC 9110 §15.3.5");
  t.add("204 to HEAD", line("HEAD /nocontent-with-content HTTP/1.1"),
        {Answer(204).to_head().without("Content-Length")}, keep, "RFC 9110 §8.6");
  t.add("204 on HTTP/1.0", line("GET /nocontent HTTP/1.0"), {204}, End::close, "RFC 9110 §15.3.5");
  t.add("205 drops what the handler set", get("/reset"),
        {Answer(205, "").with("Content-Length", "0")}, keep, "RFC 9110 §15.3.6");
  t.add("205 to HEAD", line("HEAD /reset HTTP/1.1"), {Answer(205).to_head()}, keep,
        "RFC 9110 §15.3.6");
  t.add("304 drops what the handler set", get("/notmodified"),
        {Answer(304, "").with("ETag", "\"1\"")}, keep, "RFC 9110 §15.4.5");
  t.add("304 has no Transfer-Encoding", get("/notmodified"),
        {Answer(304, "").without("Transfer-Encoding")}, keep, "RFC 9112 §6.1");
  t.add("304 to HEAD", line("HEAD /notmodified HTTP/1.1"), {Answer(304).to_head()}, keep,
        "RFC 9110 §15.4.5");
  t.add("HEAD says the length that GET has", line("HEAD /sized HTTP/1.1"),
        {Answer(200).to_head().with("Content-Length", "7")}, keep, "RFC 9110 §9.3.2");
  t.add("HEAD of a stream", line("HEAD /stream HTTP/1.1"),
        {Answer(200).to_head().without("Content-Length")}, keep, "RFC 9110 §9.3.2");
  t.add("HEAD of an empty answer", line("HEAD /empty HTTP/1.1"),
        {Answer(200).to_head().with("Content-Length", "0")}, keep, "RFC 9110 §9.3.2");
  t.add("HEAD of an error", line("HEAD /throw HTTP/1.1"), {Answer(500).to_head()}, keep,
        "RFC 9110 §9.3.2");
  t.add("HEAD of a blocking handler", line("HEAD /blocking HTTP/1.1"),
        {Answer(200).to_head().with("Content-Length", "23")}, keep, "RFC 9110 §9.3.2");
  t.add("HEAD of a deferred answer", line("HEAD /deferred HTTP/1.1"),
        {Answer(200).to_head().with("Content-Length", "23")}, keep, "RFC 9110 §9.3.2");
  t.add("HEAD on HTTP/1.0", line("HEAD /get HTTP/1.0"), {Answer(200).to_head()}, End::close,
        "RFC 9110 §9.3.2");
  t.add("HEAD of a stream on HTTP/1.0", line("HEAD /stream HTTP/1.0"), {Answer(200).to_head()},
        End::close, "RFC 9110 §9.3.2");
  t.add("HEAD without Host", "HEAD /get HTTP/1.1\r\n\r\n", {Answer(400).to_head()}, End::close,
        "RFC 9110 §9.3.2");
  t.add("HEAD with a bad field", line("HEAD /get HTTP/1.1\r\nX Y: z"), {Answer(400).to_head()},
        End::close, "RFC 9110 §9.3.2");
  t.add("HEAD with bad framing", line("HEAD /get HTTP/1.1\r\nContent-Length: +1"),
        {Answer(400).to_head()}, End::close, "RFC 9110 §9.3.2");
  t.add("HEAD with an unknown expectation", line("HEAD /get HTTP/1.1\r\nExpect: x"),
        {Answer(417).to_head()}, End::close, "RFC 9110 §10.1.1 (MAY)");
  t.add("HEAD with a bad path", line("HEAD /%00 HTTP/1.1"), {Answer(400).to_head()}, End::close,
        "RFC 9110 §9.3.2");
  t.add("HEAD with too long a target", "HEAD /" + times(9000, 'x'), {Answer(414).to_head()},
        End::close, "RFC 9110 §9.3.2");
  t.add("HEAD with too large a field", line("HEAD /get HTTP/1.1\r\nX: " + times(17'000, 'x')),
        {Answer(431).to_head()}, End::close, "RFC 9110 §9.3.2");
  t.add("HEAD with content above the limit", line("HEAD /any HTTP/1.1\r\nContent-Length: 99999999"),
        {Answer(413).to_head()}, End::close, "RFC 9110 §9.3.2");
  t.add(
      "a stream comes in chunks", get("/stream"),
      {Answer(200, "one two three").with("Transfer-Encoding", "chunked").without("Content-Length")},
      keep, "RFC 9112 §7.1");
  t.add("a stream of known length does not", get("/sized"),
        {Answer(200, "abcdefg").with("Content-Length", "7").without("Transfer-Encoding")}, keep,
        "RFC 9112 §6.2");
  t.add("a stream on HTTP/1.0 ends with the connection", line("GET /stream HTTP/1.0"),
        {Answer(200, "one two three").without("Transfer-Encoding")}, End::close, "RFC 9112 §6.1");
  t.add("a stream on HTTP/1.0 with keep-alive, too",
        line("GET /stream HTTP/1.0\r\nConnection: keep-alive"),
        {Answer(200, "one two three").without("Transfer-Encoding")}, End::close, "RFC 9112 §6.1");
  t.add("trailers behind the last chunk", get("/trailing"), {{200, "body"}}, keep,
        "RFC 9112 §7.1.2");
  t.add("no trailers on HTTP/1.0", line("GET /trailing HTTP/1.0"), {{200, "body"}}, End::close,
        "RFC 9112 §6.1");
  return t;
}

Chapter paths() {
  Chapter t{"Paths", {}};
  constexpr auto keep = End::keep;
  const std::string_view source = "routing.md";
  const auto saw = [&t](std::string name, std::string_view target, std::string_view body,
                        std::string_view from = "routing.md") {
    t.add(std::move(name), get(target), {{200, body}}, End::keep, from);
  };
  saw("an escaped space", "/tree/a%20b", "/tree/a b (a b)", "RFC 3986 §2.1");
  saw("an escaped letter", "/ge%74", "GET /get", "RFC 3986 §6.2.2.2");
  saw("escapes in either case", "/tree/%c3%A9%C3%a9", "/tree/\xc3\xa9\xc3\xa9 (\xc3\xa9\xc3\xa9)",
      "RFC 3986 §2.1");
  saw("an escaped percent sign is decoded once", "/tree/%2541", "/tree/%41 (%41)", "RFC 3986 §2.4");
  saw("escaped dots of escapes are no dots", "/tree/%252e%252e/a", "/tree/%2e%2e/a (%2e%2e/a)",
      "RFC 3986 §2.4");
  saw("an escaped slash stays one in a rest", "/tree/a%2Fb", "/tree/a%2Fb (a%2Fb)");
  saw("an escaped slash in small letters", "/segment/a%2fb", "/segment/a%2Fb (a/b)");
  saw("dots around an escaped slash", "/segment/..%2f..%2fget",
      "/segment/..%2F..%2Fget (../../get)");
  saw("an escaped question mark", "/segment/a%3Fb", "/segment/a?b (a?b)", "RFC 3986 §2.2");
  saw("an escaped number sign", "/segment/a%23b", "/segment/a#b (a#b)", "RFC 3986 §2.2");
  saw("an escaped backslash is data", "/segment/..%5c..", "/segment/..\\.. (..\\..)");
  saw("an escaped line end is data", "/segment/a%0d%0ab", "/segment/a\r\nb (a\r\nb)");
  saw("a plus is no space", "/segment/a+b", "/segment/a+b (a+b)", "RFC 3986 §2.2");
  saw("a semicolon is data", "/segment/a;b=c", "/segment/a;b=c (a;b=c)", "RFC 3986 §3.3");
  saw("a colon is data", "/segment/a:b", "/segment/a:b (a:b)", "RFC 3986 §3.3");
  saw("one dot", "/./get", "GET /get", "RFC 3986 §5.2.4");
  saw("two dots", "/tree/../get", "GET /get", "RFC 3986 §5.2.4");
  saw("one escaped dot", "/%2e/get", "GET /get", "RFC 3986 §6.2.2.3");
  saw("two escaped dots", "/tree/%2e%2E/get", "GET /get", "RFC 3986 §6.2.2.3");
  saw("a dot and an escaped dot", "/tree/.%2e/get", "GET /get", "RFC 3986 §6.2.2.3");
  saw("dots at the end leave a slash", "/tree/a/..", "/tree/ ()", "RFC 3986 §5.2.4");
  saw("a dot at the end leaves a slash", "/tree/a/.", "/tree/a/ (a/)", "RFC 3986 §5.2.4");
  saw("three dots are data", "/tree/...", "/tree/... (...)", "RFC 3986 §5.2.4");
  saw("dots within a name are data", "/tree/a..b/.c/d.", "/tree/a..b/.c/d. (a..b/.c/d.)",
      "RFC 3986 §5.2.4");
  saw("up to the root", "/get/..", "GET /", "RFC 3986 §5.2.4");
  saw("dots behind an escaped slash take one segment", "/tree/a%2Fb/../c", "/tree/c (c)");
  saw("an empty segment is one", "/tree//a", "/tree//a (/a)");
  saw("two dots take an empty segment", "/tree/a//../b", "/tree/a/b (a/b)", "RFC 3986 §5.2.4");
  saw("an empty rest", "/tree/", "/tree/ ()");
  saw("a trailing slash counts", "/slash/", "GET /slash/");
  saw("dots in the query are left alone", "/get?/../..", "GET /get?/../..", "RFC 3986 §3.4");
  saw("escapes in the query are left alone", "/get?a=%00%zz", "GET /get?a=%00%zz");
  saw("a dot segment in absolute-form", "http://a/tree/../get", "GET /get", "RFC 3986 §5.2.4");
  const auto missing = [&t](std::string name, std::string_view target,
                            std::string_view from = "routing.md") {
    t.add(std::move(name), get(target), {404}, End::keep, from);
  };
  missing("two slashes are not one", "//get");
  missing("slashes within are not merged", "/users//me");
  missing("a slash too many", "/get/");
  missing("a slash too few", "/slash");
  missing("case counts", "/GET", "RFC 3986 §6.2.2.1");
  missing("an escaped slash parts no segments", "/users%2Fme");
  missing("a backslash parts no segments", "/users\\me");
  missing("a semicolon does not end the path", "/get;a=b", "RFC 3986 §3.3");
  missing("an escaped question mark does not end it", "/get%3Fa=b", "RFC 3986 §2.2");
  missing("an escaped space at the end", "/get%20");
  missing("a dot at the end of a name", "/get.");
  const auto bad = [&t](std::string name, std::string_view target) {
    t.refuse(std::move(name), get(target), 400, "routing.md");
  };
  bad("above the root", "/..");
  bad("above the root, then down", "/../get");
  bad("above the root, escaped", "/%2e%2e/get");
  bad("above the root, half escaped", "/%2e./get");
  bad("above the root in the end", "/tree/../../get");
  bad("above the root in absolute-form", "http://a/../get");
  bad("far above the root", "/tree/" + times(50, "../") + "etc/passwd");
  bad("an escaped NUL", "/get%00");
  bad("an escaped NUL before a suffix", "/tree/a%00.html");
  bad("a percent sign alone", "/tree/%");
  bad("a percent sign at the end of a segment", "/tree/%/a");
  bad("half an escape", "/tree/%4");
  bad("an escape that is not hexadecimal", "/tree/%zz");
  bad("an escape with a sign", "/tree/%+1");
  bad("an escape as JavaScript's", "/tree/%u002f");
  bad("a byte 0xff", "/tree/%ff");
  bad("a lone continuation byte", "/tree/%80");
  bad("an overlong slash", "/tree/%c0%af");
  bad("an overlong dot", "/%c0%ae%c0%ae/get");
  bad("an overlong slash of three bytes", "/tree/%e0%80%af");
  bad("an overlong NUL", "/tree/%c0%80");
  bad("a surrogate", "/tree/%ed%a0%80");
  bad("above U+10FFFF", "/tree/%f4%90%80%80");
  bad("UTF-8 cut short", "/tree/%e2%82");
  bad("UTF-8 cut by a slash", "/tree/%e2/%82%ac");
  t.add("a path of a thousand segments", get("/tree" + times(1000, "/a")), {200}, keep, source);
  t.add("a thousand dot segments", get("/tree/" + times(1000, "a/../")), {{200, "/tree/ ()"}}, keep,
        source);
  return t;
}

Chapter routing() {
  Chapter t{"Routing", {}};
  constexpr auto keep = End::keep;
  const std::string_view source = "routing.md";
  t.add("a fixed name before a parameter", get("/users/me"), {{200, "GET /users/me"}}, keep,
        source);
  t.add("a parameter behind a fixed name of another method", line("DELETE /users/me HTTP/1.1"),
        {{200, "DELETE /users/me"}}, keep, source);
  t.add("a longer route beside a fixed name", get("/users/me/posts"),
        {{200, "GET /users/me/posts"}}, keep, source);
  t.add("Allow unites all that match", line("PUT /users/me HTTP/1.1"),
        {Answer(405).with("Allow", "DELETE, GET, HEAD, OPTIONS")}, keep, source);
  t.add("Allow of a parameter alone", get("/users/7"),
        {Answer(405).with("Allow", "DELETE, OPTIONS")}, keep, "RFC 9110 §15.5.6");
  t.add("Allow of two methods", line("DELETE /both HTTP/1.1"),
        {Answer(405).with("Allow", "GET, HEAD, PUT, OPTIONS")}, keep, "RFC 9110 §10.2.1");
  t.add("Allow for an escaped path", line("POST /ge%74 HTTP/1.1"),
        {Answer(405).with("Allow", "GET, HEAD, OPTIONS")}, keep, "RFC 9110 §15.5.6");
  t.add("Allow for absolute-form", line("POST http://a/get HTTP/1.1"),
        {Answer(405).with("Allow", "GET, HEAD, OPTIONS")}, keep, "RFC 9110 §15.5.6");
  t.add("OPTIONS unites them, too", line("OPTIONS /users/me HTTP/1.1"),
        {Answer(204).with("Allow", "DELETE, GET, HEAD, OPTIONS")}, keep, "RFC 9110 §9.3.7");
  t.add("a number where one must be", get("/items/7"), {{200, "GET /items/7"}}, keep, source);
  t.add("a negative number", get("/items/-7"), {{200, "GET /items/-7"}}, keep, source);
  t.add("a word where a number must be", get("/items/x"), {404}, keep, source);
  t.add("an empty segment where a number must be", get("/items/"), {404}, keep, source);
  t.add("an escaped number", get("/items/%37"), {{200, "GET /items/7"}}, keep, source);
  t.add("a parameter is never empty", get("/segment/"), {404}, keep, source);
  t.add("a path that only begins like a route", get("/getter"), {404}, keep, "RFC 9110 §15.5.5");
  t.add("a path that a route only begins with", get("/ge"), {404}, keep, "RFC 9110 §15.5.5");
  t.add("404 has no Allow", get("/missing"), {Answer(404).without("Allow")}, keep,
        "RFC 9110 §15.5.5");
  t.add("404 quotes nothing of the request", get("/missing/<script>"), {{404, "404 Not Found\n"}},
        keep, "error.hpp");
  t.add("500 says nothing of the exception", get("/throw"), {{500, "500 Internal Server Error\n"}},
        keep, "error.hpp");
  return t;
}

Chapter splitting() {
  Chapter t{"Response splitting", {}};
  constexpr auto keep = End::keep;
  const std::string_view cve = "CVE-2023-26142";
  t.add("a decoded value", get("/split?v=a%20b"), {Answer(200, "set").with("X-Value", "a b")}, keep,
        "RFC 9110 §5.5");
  t.add("a decoded tab", get("/split?v=a%09b"), {Answer(200, "set").with("X-Value", "a\tb")}, keep,
        "RFC 9110 §5.5");
  t.add("decoded UTF-8", get("/split?v=%c3%a9"), {Answer(200, "set").with("X-Value", "\xc3\xa9")},
        keep, "RFC 9110 §5.5");
  t.add("a decoded line that stays escaped", get("/split?v=a%250d%250ab"),
        {Answer(200, "set").with("X-Value", "a%0d%0ab")}, keep, "RFC 9110 §5.5");
  for (const auto& [name, value] :
       {std::pair{"CRLF and a field", "a%0d%0aX-Injected:%201"},
        std::pair{"CRLF CRLF and content", "a%0d%0a%0d%0a<html>"},
        std::pair{"a whole answer",
                  "a%0d%0a%0d%0aHTTP/1.1%20200%20OK%0d%0aContent-Length:%200%0d%0a%0d%0a"},
        std::pair{"LF alone", "a%0aX-Injected:1"}, std::pair{"CR alone", "a%0dX-Injected:1"},
        std::pair{"CRLF and a fold", "a%0d%0a%20b"}, std::pair{"CRLF at the end", "a%0d%0a"},
        std::pair{"CRLF at the start", "%0d%0aa"}, std::pair{"NUL", "a%00b"},
        std::pair{"a control byte", "a%01b"}, std::pair{"DEL", "a%7fb"},
        std::pair{"escape", "%1b[2J"}})
    t.add(std::string("refused in a value: ") + name, get(std::string("/split?v=") + value),
          {Answer(500).without("X-Injected")}, keep, cve);
  for (const auto& [name, value] :
       {std::pair{"CRLF", "a%0d%0aX-Injected"}, std::pair{"a colon", "a:b"},
        std::pair{"a space", "a%20b"}, std::pair{"nothing", ""}, std::pair{"NUL", "a%00"}})
    t.add(std::string("refused in a name: ") + name, get(std::string("/split-name?n=") + value),
          {Answer(500).without("X-Injected")}, keep, cve);
  t.add("refused for framing: Transfer-Encoding", get("/split-name?n=Transfer-Encoding"), {500},
        keep, "response.hpp");
  t.add("a stream's head with CRLF", get("/split-stream?v=a%0d%0aX-Injected:%201"),
        {Answer(500).without("X-Injected")}, keep, cve);
  t.add("a redirect", get("/go?to=/get"), {Answer(302).with("Location", "/get")}, keep,
        "RFC 9110 §15.4.3");
  t.add("a redirect with CRLF", get("/go?to=/%0d%0aSet-Cookie:%20a=b"),
        {Answer(500).without("Set-Cookie")}, keep, cve);
  t.add("a redirect with LF", get("/go?to=/%0aSet-Cookie:%20a=b"),
        {Answer(500).without("Set-Cookie")}, keep, cve);
  t.add("a cookie with CRLF", get("/set-cookie?v=a%0d%0aX-Injected:%201"),
        {Answer(500).without("Set-Cookie")}, keep, cve);
  t.add("a cookie with a semicolon", get("/set-cookie?v=a;%20Domain=b"),
        {Answer(500).without("Set-Cookie")}, keep, "RFC 6265 §4.1.1");
  t.add("a field reflected in a field", get("/reflect", "X-Value: a%0d%0aX-Injected: 1\r\n"),
        {Answer(200, "reflected").with("X-Value", "a%0d%0aX-Injected: 1").without("X-Injected")},
        keep, "CVE-2026-45372");
  t.add("obs-text reflected in a field", get("/reflect", "X-Value: \xc4\x8a\xc4\x8d\r\n"),
        {Answer(200, "reflected").with("X-Value", "\xc4\x8a\xc4\x8d")}, keep, "RFC 9110 §5.5");
  t.add("refused, and then a request", get("/split?v=%0d%0a") + std::string(kNext),
        {500, {200, "next"}}, keep, cve);
  return t;
}

Chapter queries_and_cookies() {
  Chapter t{"Queries and cookies", {}};
  const auto query = [&t](std::string name, std::string_view text, std::string_view body) {
    t.add(std::move(name), get("/query/a?" + std::string(text)), {{200, body}}, End::keep,
          "query.hpp, WHATWG URL §5.1");
  };
  query("query: a pair", "a=1", "[1]");
  query("query: the first of two", "a=1&a=2", "[1]");
  query("query: behind another", "b=0&a=1", "[1]");
  query("query: a plus is a space", "a=x+y", "[x y]");
  query("query: an escaped plus", "a=x%2By", "[x+y]");
  query("query: an escaped ampersand", "a=x%26y", "[x&y]");
  query("query: an equals sign in the value", "a=x=y", "[x=y]");
  query("query: an escaped name", "%61=1", "[1]");
  query("query: no equals sign", "a", "[]");
  query("query: an empty value", "a=&b", "[]");
  query("query: empty pairs", "&&a=1&&", "[1]");
  query("query: a broken escape stays", "a=%zz%4", "[%zz%4]");
  query("query: an escaped NUL", "a=%00", "[\0]"sv);
  query("query: a byte that is no UTF-8", "a=%ff", "[\xff]");
  query("query: a semicolon parts nothing", "a=1;b=2", "[1;b=2]");
  query("query: names differ by case", "A=1", "none");
  query("query: absent", "b=1", "none");
  query("query: nothing", "", "none");
  t.add("query: six thousand bytes of ampersands", get("/query/a?" + times(6000, '&') + "a=1"),
        {{200, "[1]"}}, End::keep, "query.hpp");
  const auto form = [&t](std::string name, std::string_view content, std::string_view body) {
    t.add(std::move(name), sized_to("/form/a", content), {{200, body}}, End::keep,
          "query.hpp, WHATWG URL §5.1");
  };
  form("form: a pair", "a=1", "[1]");
  form("form: a decoded line end", "a=x%0D%0Ay", "[x\r\ny]");
  form("form: empty", "", "none");
  const auto cookie = [&t](std::string name, std::string_view fields, std::string_view body) {
    t.add(std::move(name), get("/cookie/a", fields), {{200, body}}, End::keep,
          "cookie.hpp, RFC 6265 §5.4");
  };
  cookie("cookie: one", "Cookie: a=1\r\n", "[1]");
  cookie("cookie: behind another", "Cookie: b=0; a=1\r\n", "[1]");
  cookie("cookie: the first of two", "Cookie: a=1; a=2\r\n", "[1]");
  cookie("cookie: no space behind the semicolon", "Cookie: b=0;a=1\r\n", "[1]");
  cookie("cookie: white space around it", "Cookie: b=0 ; \t a=1 \t; c=2\r\n", "[1]");
  cookie("cookie: quotes come off", "Cookie: a=\"1\"\r\n", "[1]");
  cookie("cookie: an empty value", "Cookie: a=\r\n", "[]");
  cookie("cookie: equals signs in the value", "Cookie: a=b=c==\r\n", "[b=c==]");
  cookie("cookie: escapes are left alone", "Cookie: a=%0d%0a\r\n", "[%0d%0a]");
  cookie("cookie: bytes above 0x7f", "Cookie: a=\xc3\xa9\r\n", "[\xc3\xa9]");
  cookie("cookie: no name", "Cookie: =0; a=1\r\n", "[1]");
  cookie("cookie: no equals sign", "Cookie: junk; a=1\r\n", "[1]");
  cookie("cookie: semicolons alone", "Cookie: ;;;; a=1;;\r\n", "[1]");
  cookie("cookie: names differ by case", "Cookie: A=1\r\n", "none");
  cookie("cookie: a name that ends like it", "Cookie: xa=1\r\n", "none");
  cookie("cookie: an empty field", "Cookie:\r\n", "none");
  cookie("cookie: no field", "", "none");
  cookie("cookie: four thousand bytes", "Cookie: b=" + times(4000, 'x') + "; a=1\r\n", "[1]");
  t.refuse("cookie: NUL", get("/cookie/a", "Cookie: a=\0\r\n"sv), 400, "RFC 9110 §5.5");
  t.refuse("cookie: a control byte", get("/cookie/a", "Cookie: a=\x01\r\n"), 400, "RFC 9110 §5.5");
  return t;
}

}  // namespace weir::conformance
