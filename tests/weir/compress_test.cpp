// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/decode.hpp>
#include <support/temporary_directory.hpp>
#include <vector>
#include <weir/compress.hpp>
#include <weir/detail/encoder.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using weir::ContentCoding;
using weir::test::decode;
using weir::testing::Answer;
using weir::testing::Client;

std::string words(std::size_t bytes) {
  std::string text;
  for (unsigned i = 0; text.size() < bytes; ++i)
    text += "line " + std::to_string(i * 2654435761U % 1000) + " of a text\n";
  text.resize(bytes);
  return text;
}

struct Site {
  explicit Site(const weir::CompressOptions& options = {}) {
    server.use(weir::compress(options));
    server.get("/text/{size:int}", [](const weir::Request& req) {
      return words(static_cast<std::size_t>(*req.param<int>("size")));
    });
    server.get("/type", [](const weir::Request& req, weir::Response& res) {
      res.header("Content-Type", req.query("t").value_or("")).body(words(5000));
    });
    server.get("/field/{name}/{value}", [](const weir::Request& req, weir::Response& res) {
      res.header(req.param("name"), req.param("value")).text(words(5000));
    });
    server.get("/status/{status:int}", [](const weir::Request& req, weir::Response& res) {
      res.status(static_cast<weir::Status>(*req.param<int>("status"))).text(words(5000));
    });
    server.get("/secret", [](const weir::Request& req, weir::Response& res) {
      weir::no_compression(req);
      res.text(words(5000));
    });
    server.get("/pooled", weir::blocking([] { return words(100'000); }));
    server.get("/deferred",
               [](const weir::Request&, weir::Response& res) { res.defer().text(words(100'000)); });
    server.get("/stream", [this](const weir::Request&, weir::Response& res) {
      res.header("Content-Type", "text/plain");
      stream = res.stream();
    });
    server.get("/throws", [](const weir::Request&, weir::Response&) {
      throw weir::HttpError(weir::Status::conflict, words(3000));
    });
  }

  weir::Server server;
  weir::Stream stream;
};

Answer get(Client& client, std::string_view target, std::string_view accepted) {
  return client.get(target, {{"Accept-Encoding", accepted}});
}

}  // namespace

TEST_CASE("the coding that the client likes best is used", "[compression]") {
  Site site;
  Client client(site.server);
  struct Case {
    const char* accepted;
    const char* coding;
  };
  for (const Case& one : {
           Case{"gzip", "gzip"},
           Case{"br", "br"},
           Case{"zstd", "zstd"},
           Case{"gzip, deflate, br, zstd", "zstd"},
           Case{"gzip, deflate, br", "br"},
           Case{"gzip;q=1.0, br;q=0.5", "gzip"},
           Case{"br;q=0.1, gzip;q=0.2, zstd;q=0", "gzip"},
           Case{"*", "zstd"},
           Case{"*;q=0.5, zstd;q=0", "br"},
           Case{"deflate", ""},
           Case{"identity", ""},
           Case{"", ""},
           Case{"gzip;q=0", ""},
           Case{"identity;q=1, gzip;q=0.5", ""},
           Case{"identity;q=0, gzip;q=0, br;q=0, zstd;q=0", ""},
           Case{"GZIP", "gzip"},
           Case{"x-gzip", "gzip"},
       }) {
    INFO(one.accepted);
    const Answer answer = get(client, "/text/5000", one.accepted);
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Encoding") == one.coding);
    CHECK(answer.header("Vary") == "Accept-Encoding");
    CHECK(decode(one.coding, answer.body) == words(5000));
    CHECK(answer.header("Content-Length") == std::to_string(answer.body.size()));
    if (one.coding[0] != '\0') CHECK(answer.body.size() < 2500);
  }
  CHECK_FALSE(client.get("/text/5000").has_header("Content-Encoding"));
}

TEST_CASE("answers of every size and origin come out whole", "[compression]") {
  Site site;
  Client client(site.server);
  for (const char* const coding : {"gzip", "br", "zstd"}) {
    INFO(coding);
    for (const std::size_t size :
         {std::size_t{1024}, std::size_t{4096}, std::size_t{4097}, std::size_t{16'384},
          std::size_t{16'385}, std::size_t{1'000'000}}) {
      const Answer answer = get(client, "/text/" + std::to_string(size), coding);
      CHECK(answer.header("Content-Encoding") == coding);
      CHECK(decode(coding, answer.body) == words(size));
    }
    for (const char* const target : {"/pooled", "/deferred"})
      CHECK(decode(coding, get(client, target, coding).body) == words(100'000));
    const Answer error = get(client, "/throws", coding);
    CHECK(error.status == 409);
    CHECK(error.header("Content-Encoding") == coding);
    CHECK(decode(coding, error.body).find("line 1") != std::string::npos);
  }
  CHECK(get(client, "/text/1023", "gzip").header("Content-Encoding").empty());
  CHECK(get(client, "/text/0", "gzip").body.empty());
  CHECK(get(client, "/text/5000", "gzip").status == 200);
}

TEST_CASE("HEAD has the fields of GET", "[compression]") {
  Site site;
  Client client(site.server);
  const Answer plain = get(client, "/text/5000", "gzip");
  const Answer head = client.request("HEAD", "/text/5000", "", {{"Accept-Encoding", "gzip"}});
  CHECK(head.body.empty());
  for (const char* const field : {"Content-Encoding", "Content-Length", "Vary", "Content-Type"})
    CHECK(head.header(field) == plain.header(field));
}

TEST_CASE("only types that become shorter are compressed", "[compression]") {
  Site site;
  Client client(site.server);
  struct Case {
    const char* type;
    bool coded;
  };
  for (const Case& one : {
           Case{"text/html", true},
           Case{"TEXT/HTML;+charset%3Dutf-8", true},
           Case{"application/json", true},
           Case{"application/problem%2Bjson", true},
           Case{"image/svg%2Bxml", true},
           Case{"application/wasm", true},
           Case{"text/event-stream", false},
           Case{"image/png", false},
           Case{"video/mp4", false},
           Case{"application/octet-stream", false},
           Case{"application/zip", false},
           Case{"application/jsonx", false},
           Case{"text", false},
           Case{"text/", false},
       }) {
    INFO(one.type);
    const Answer answer = get(client, std::string("/type?t=") + one.type, "gzip");
    CHECK(answer.has_header("Content-Encoding") == one.coded);
    CHECK(answer.has_header("Vary") == one.coded);
  }
  CHECK_FALSE(get(client, "/type", "gzip").has_header("Content-Encoding"));

  weir::CompressOptions options;
  options.types = {"text/event-stream"};
  Site events(options);
  Client other(events.server);
  CHECK(get(other, "/type?t=text/event-stream", "gzip").has_header("Content-Encoding"));
}

TEST_CASE("what is coded, ranged, or to be left alone stays as it is", "[compression]") {
  Site site;
  Client client(site.server);
  for (const char* const target :
       {"/field/Content-Encoding/br", "/field/Content-Range/x", "/field/Cache-Control/no-transform",
        "/field/Cache-Control/private,%20no-transform", "/secret"}) {
    INFO(target);
    const Answer answer = get(client, target, "gzip");
    CHECK(answer.body == words(5000));
    CHECK(answer.header("Content-Encoding") != "gzip");
    CHECK_FALSE(answer.has_header("Vary"));
  }
  const Answer range = get(client, "/status/206", "gzip");
  CHECK(range.body == words(5000));
  CHECK(range.header("Vary") == "Accept-Encoding");
  CHECK(get(client, "/status/204", "gzip").body.empty());
  const Answer unmodified = get(client, "/status/304", "gzip");
  CHECK(unmodified.body.empty());
  CHECK_FALSE(unmodified.has_header("Content-Encoding"));
  CHECK(unmodified.header("Vary") == "Accept-Encoding");
}

TEST_CASE("validators and Vary say what happened", "[compression]") {
  Site site;
  Client client(site.server);
  CHECK(get(client, "/field/ETag/%22x%22", "gzip").header("ETag") == "W/\"x\"");
  CHECK(get(client, "/field/ETag/W%2F%22x%22", "gzip").header("ETag") == "W/\"x\"");
  CHECK(get(client, "/field/ETag/%22x%22", "identity").header("ETag") == "\"x\"");
  CHECK(get(client, "/field/Vary/Origin,%20accept-encoding", "gzip").header("Vary") ==
        "Origin, accept-encoding");
  CHECK(get(client, "/field/Vary/*", "gzip").header("Vary") == "*");
  CHECK_FALSE(get(client, "/field/Accept-Ranges/bytes", "gzip").has_header("Accept-Ranges"));
  for (const char* const digest : {"Digest", "Content-Digest", "Repr-Digest", "Content-MD5"})
    CHECK_FALSE(get(client, std::string("/field/") + digest + "/x", "gzip").has_header(digest));
  CHECK(get(client, "/field/Accept-Ranges/bytes", "identity").has_header("Accept-Ranges"));
}

TEST_CASE("each piece of a stream can be read when it has come", "[compression]") {
  Site site;
  for (const char* const coding : {"gzip", "br", "zstd"}) {
    INFO(coding);
    Client client(site.server);
    client.send_raw("GET /stream HTTP/1.0\r\nHost: t\r\nAccept-Encoding: " + std::string(coding) +
                    "\r\n\r\n");
    site.stream.write("first ");
    client.settle();
    std::string bytes = client.receive_raw();
    const std::size_t head_end = bytes.find("\r\n\r\n");
    REQUIRE(head_end != std::string::npos);
    CHECK(bytes.substr(0, head_end).find("Content-Encoding: " + std::string(coding)) !=
          std::string::npos);
    std::string coded = bytes.substr(head_end + 4);
    CHECK(decode(coding, coded) == "first ");
    site.stream.write(words(50'000));  // by a worker
    site.stream.write("last");
    client.settle();
    coded += client.receive_raw();
    CHECK(decode(coding, coded) == "first " + words(50'000) + "last");
    site.stream.end();
    client.settle();
    coded += client.receive_raw();
    CHECK(decode(coding, coded) == "first " + words(50'000) + "last");
    site.stream = {};
  }
}

TEST_CASE("a client that goes away while a worker compresses harms nobody", "[compression]") {
  Site site;
  for (int i = 0; i < 20; ++i) {
    Client client(site.server);
    client.send_raw("GET /text/2000000 HTTP/1.1\r\nHost: t\r\nAccept-Encoding: br\r\n\r\n");
    client.vanish();
  }
  Client client(site.server);
  CHECK(get(client, "/text/5000", "gzip").status == 200);
}

TEST_CASE("files are compressed, but for their ranges", "[compression]") {
  weir::test::TemporaryDirectory root;
  root.write("small.txt", words(5000));
  root.write("large.txt", words(500'000));
  weir::Server server;
  server.use(weir::compress());
  server.files("", root.path());
  Client client(server);
  for (const char* const coding : {"gzip", "br", "zstd"}) {
    const Answer small = get(client, "/small.txt", coding);
    CHECK(small.header("Content-Encoding") == coding);
    CHECK(decode(coding, small.body) == words(5000));
    CHECK(small.header("ETag").substr(0, 2) == "W/");
    CHECK(client
              .get("/small.txt",
                   {{"Accept-Encoding", coding}, {"If-None-Match", small.header("ETag")}})
              .status == 304);
    const Answer unmodified = client.get(
        "/small.txt", {{"Accept-Encoding", coding}, {"If-None-Match", small.header("ETag")}});
    CHECK(unmodified.header("ETag") == small.header("ETag"));
    CHECK(unmodified.header("Vary") == "Accept-Encoding");
    const Answer large = get(client, "/large.txt", coding);
    CHECK(decode(coding, large.body) == words(500'000));
    const Answer range =
        client.get("/large.txt", {{"Accept-Encoding", coding}, {"Range", "bytes=10-3009"}});
    CHECK(range.status == 206);
    CHECK(range.body == words(500'000).substr(10, 3000));
    CHECK_FALSE(range.has_header("Content-Encoding"));
  }
}

TEST_CASE("a file is flushed at its end alone", "[compression]") {
  const std::string text = words(3'000'000);
  weir::test::TemporaryDirectory root;
  root.write("large.txt", text);
  weir::Server server;
  server.use(weir::compress());
  server.files("", root.path());
  Client client(server);
  struct Case {
    ContentCoding coding;
    int level;
  };
  for (const Case& one :
       {Case{ContentCoding::gzip, 6}, Case{ContentCoding::br, 4}, Case{ContentCoding::zstd, 3}}) {
    const std::string coding(weir::http::to_string(one.coding));
    INFO(coding);
    const Answer answer = get(client, "/large.txt", coding);
    const auto encoder = weir::detail::Encoder::make(one.coding, one.level);
    std::string expected;
    for (std::size_t at = 0; at < text.size(); at += 128 * 1024)
      encoder->put(std::string_view(text).substr(at, 128 * 1024),
                   weir::detail::Encoder::Flush::none, expected);
    encoder->put({}, weir::detail::Encoder::Flush::end, expected);
    const bool same = answer.body == expected;
    CHECK(same);
    CHECK(decode(coding, answer.body) == text);
    // A flush leaves an empty stored block; by chance these bytes come once in 4 GiB.
    if (one.coding == ContentCoding::gzip)
      CHECK(answer.body.find(std::string_view("\0\0\xff\xff", 4)) == std::string::npos);
  }
}

TEST_CASE("what cannot be is refused", "[compression]") {
  weir::CompressOptions options;
  options.gzip_level = 10;
  CHECK_THROWS_WITH(weir::compress(options),
                    "weir::CompressOptions::gzip_level: is 10, must be 1 to 9");
  options = {};
  options.brotli_level = -1;
  CHECK_THROWS_AS(weir::compress(options), std::invalid_argument);
  options = {};
  options.zstd_level = 20;
  CHECK_THROWS_AS(weir::compress(options), std::invalid_argument);
  options = {};
  options.codings = {};
  CHECK_THROWS_AS(weir::compress(options), std::invalid_argument);
  options.codings = {ContentCoding::identity};
  CHECK_THROWS_AS(weir::compress(options), std::invalid_argument);
}
