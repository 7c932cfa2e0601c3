// SPDX-License-Identifier: MIT
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/decompress.hpp>
#include <weir/detail/decoder.hpp>
#include <weir/detail/encoder.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using weir::http::ContentCoding;
using weir::testing::Answer;
using weir::testing::Client;

std::string coded(std::string_view coding, std::string_view text) {
  if (coding == "deflate") {
    std::string out(compressBound(text.size()), '\0');
    uLongf size = out.size();
    compress(reinterpret_cast<Bytef*>(out.data()), &size,
             reinterpret_cast<const Bytef*>(text.data()), text.size());
    out.resize(size);
    return out;
  }
  const ContentCoding known = coding == "br"     ? ContentCoding::br
                              : coding == "zstd" ? ContentCoding::zstd
                                                 : ContentCoding::gzip;
  std::string out;
  weir::detail::Encoder::make(known, 5)->put(text, weir::detail::Encoder::Flush::end, out);
  return out;
}

/// Zeros without end in few bytes.
std::string bomb(std::string_view coding, std::size_t mebibytes) {
  const ContentCoding known = coding == "br"     ? ContentCoding::br
                              : coding == "zstd" ? ContentCoding::zstd
                                                 : ContentCoding::gzip;
  const auto encoder = weir::detail::Encoder::make(known, 5);
  const std::string zeros(1024 * 1024, '\0');
  std::string out;
  for (std::size_t i = 0; i < mebibytes; ++i)
    encoder->put(zeros, weir::detail::Encoder::Flush::none, out);
  encoder->put({}, weir::detail::Encoder::Flush::end, out);
  return out;
}

std::string text_of(std::size_t bytes) {
  std::string text;
  for (unsigned i = 0; text.size() < bytes; ++i)
    text += std::to_string(i * 2654435761U) + " and so on\n";
  text.resize(bytes);
  return text;
}

struct Site {
  explicit Site(const weir::DecompressOptions& options = {}) {
    server.use(weir::decompress(options));
    server.post("/whole", [](const weir::Request& req) { return std::string(req.body()); });
    server.post("/pooled",
                weir::blocking([](const weir::Request& req) { return std::string(req.body()); }));
    weir::RouteOptions small;
    small.body_limit = 1000;
    server.post(
        "/small", [](const weir::Request& req) { return std::string(req.body()); }, small);
    server.post(
        "/pieces",
        weir::streamed([this](const weir::Request&, weir::Body body, weir::Response& res) {
          auto all = std::make_shared<std::string>();
          body.on_data([all, this](std::string_view piece) {
            largest = std::max(largest, piece.size());
            all->append(piece);
          });
          body.on_error([this](weir::BodyError error) { errors.push_back(error); });
          body.on_end([all, reply = res.defer()](std::string_view) mutable { reply.text(*all); });
        }));
    server.post("/read", weir::blocking(weir::streamed(
                             [](const weir::Request&, weir::Body body, weir::Response& res) {
                               std::string all;
                               char piece[1000];
                               while (const std::size_t n = body.read(piece, sizeof piece))
                                 all.append(piece, n);
                               res.text(body.failed() ? "failed" : all);
                             })));
  }

  weir::Server server;
  std::size_t largest = 0;
  std::vector<weir::BodyError> errors;
};

template <class Asker>  // a client or one of its connections
Answer post(Asker&& client, std::string_view target, std::string_view coding,
            std::string_view content) {
  return client.request("POST", target, content, {{"Content-Encoding", coding}});
}

std::string chunked(std::string_view target, std::string_view coding, std::string_view content,
                    std::size_t piece) {
  std::string all = "POST " + std::string(target) +
                    " HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Encoding: " +
                    std::string(coding) + "\r\n\r\n";
  while (!content.empty()) {
    const std::string_view part = content.substr(0, piece);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    all.append(size).append(part).append("\r\n");
    content.remove_prefix(part.size());
  }
  return all + "0\r\n\r\n";
}

constexpr const char* kCodings[] = {"gzip", "x-gzip", "GZIP", "deflate", "br", "zstd"};

}  // namespace

TEST_CASE("handlers see decoded content, whole or in pieces", "[compression]") {
  Site site;
  Client client(site.server);
  for (const char* const coding : kCodings) {
    INFO(coding);
    const std::string name = coding[0] == 'G' || coding[0] == 'x' ? "gzip" : coding;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{5000}, std::size_t{200'000}}) {
      const std::string text = text_of(size);
      const std::string body = coded(name, text);
      for (const char* const target : {"/whole", "/pooled", "/pieces", "/read"}) {
        INFO(target << ' ' << size);
        const Answer answer = post(client, target, coding, body);
        CHECK(answer.status == 200);
        CHECK(answer.body == text);
        client.send_raw(chunked(target, coding, body, 777));
        CHECK(client.receive().body == text);
      }
    }
  }
  CHECK(site.largest <= 16 * 1024);
  CHECK(client.post("/whole", "plain").body == "plain");
  CHECK(post(client, "/whole", "identity", "plain").body == "plain");
  CHECK(post(client, "/whole", "gzip", "").body.empty());  // no content, no coding
}

TEST_CASE("content may come in any pieces", "[compression]") {
  Site site;
  const std::string text = text_of(300);
  for (const char* const coding : {"gzip", "deflate", "br", "zstd"}) {
    const std::string body = coded(coding, text);
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      INFO(coding << ' ' << cut);
      Client client(site.server);
      client.send_raw(
          "POST /whole HTTP/1.1\r\nHost: t\r\nContent-Encoding: " + std::string(coding) +
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, cut));
      client.send_raw(body.substr(cut));
      CHECK(client.receive().body == text);
    }
  }
}

TEST_CASE("what is broken, cut off or has more behind it is refused", "[compression]") {
  Site site;
  const std::string text = text_of(300);
  for (const char* const coding : {"gzip", "deflate", "br", "zstd"}) {
    const std::string body = coded(coding, text);
    for (const char* const target : {"/whole", "/pieces", "/read"}) {
      for (std::size_t size = 1; size < body.size(); size += target[1] == 'w' ? 1 : 13) {
        INFO(coding << ' ' << target << ' ' << size);
        Client client(site.server);
        CHECK(post(client, target, coding, body.substr(0, size)).status == 400);
        CHECK(client.is_closed());
      }
      INFO(coding << ' ' << target);
      Client client(site.server);
      CHECK(post(client, target, coding, body + "x").status == 400);
      CHECK(post(client.connect(), target, coding, "this is plain text").status == 400);
      std::string wrong = body;
      wrong[wrong.size() / 2] = static_cast<char>(wrong[wrong.size() / 2] ^ 0x55);
      const Answer answer = post(client.connect(), target, coding, wrong);
      // Those without a check sum may find another text.
      CHECK((answer.status == 400 || coding[0] == 'b' || coding[0] == 'z'));
    }
  }
  CHECK(
      post(Client(site.server), "/whole", "gzip", coded("gzip", "a") + coded("gzip", "b")).status ==
      400);
}

TEST_CASE("formats older than zstd's own are refused, whatever its library knows",
          "[compression]") {
  Site site;
  for (const char first : {'\x1e', '\x22', '\x23', '\x24', '\x25', '\x26', '\x27'}) {
    const std::string body = first + std::string("\xb5\x2f\xfd\x04\x58\x02\x25\x04\x69", 9);
    const auto decoder = weir::detail::Decoder::make("zstd");
    std::string_view bytes = body;
    char out[100];
    std::size_t written = 0;
    CHECK(decoder->step(bytes, out, sizeof out, written) == weir::detail::Decoder::State::broken);
    CHECK(post(Client(site.server), "/whole", "zstd", body).status == 400);
  }
}

TEST_CASE("a bomb is refused before it has grown", "[compression]") {
  Site site;
  for (const char* const coding : {"gzip", "br", "zstd"}) {
    const std::string body = bomb(coding, 300);
    for (const char* const target : {"/whole", "/pieces", "/read"}) {
      INFO(coding << ' ' << target << ' ' << body.size());
      Client client(site.server);
      const Answer answer = post(client, target, coding, body);
      CHECK(answer.status == 413);
      CHECK(answer.header("Connection") == "close");
    }
    Client client(site.server);
    client.send_raw(chunked("/whole", coding, body, 100));
    CHECK(client.receive().status == 413);
  }
  CHECK(site.errors.size() == 3);
  for (const weir::BodyError error : site.errors) CHECK(error == weir::BodyError::too_large);
}

TEST_CASE("what was flushed comes out without more input, however small the room",
          "[compression]") {
  using weir::detail::Decoder;
  using weir::detail::Encoder;
  const std::string text = text_of(20'000);
  for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::br, ContentCoding::zstd})
    for (const std::size_t room : {1U, 100U, 4096U}) {
      INFO(to_string(coding) << ", " << room);
      std::string bytes;
      Encoder::make(coding, 5)->put(text, Encoder::Flush::sync, bytes);
      const std::unique_ptr<Decoder> decoder = Decoder::make(to_string(coding));
      std::string_view left = bytes;
      std::string decoded;
      std::string out(room, '\0');
      Decoder::State state = Decoder::State::has_output;
      while (state == Decoder::State::has_output) {
        std::size_t written = 0;
        state = decoder->step(left, &out[0], room, written);
        decoded.append(out, 0, written);
      }
      CHECK(state == Decoder::State::wants_input);
      CHECK(left.empty());
      CHECK(decoded == text);
    }
}

TEST_CASE("limits count decoded bytes", "[compression]") {
  weir::DecompressOptions options;
  options.max_ratio = 1'000'000;
  Site site(options);
  Client client(site.server);
  CHECK(post(client, "/small", "gzip", coded("gzip", std::string(1000, 'a'))).body.size() == 1000);
  CHECK(post(client, "/small", "gzip", coded("gzip", std::string(1001, 'a'))).status == 413);
  CHECK(post(client.connect(), "/whole", "gzip", coded("gzip", std::string(1U << 20U, 'a')))
            .body.size() == 1U << 20U);
  CHECK(post(client.connect(), "/whole", "gzip", coded("gzip", std::string((1U << 20U) + 1, 'a')))
            .status == 413);

  options.max_ratio = 10;
  options.free_bytes = 5000;
  Site strict(options);
  Client other(strict.server);
  CHECK(post(other, "/whole", "gzip", coded("gzip", std::string(5000, 'a'))).status == 200);
  CHECK(post(other, "/whole", "gzip", coded("gzip", std::string(6000, 'a'))).status == 413);
}

TEST_CASE("an unknown coding, or more than one, is not taken", "[compression]") {
  Site site;
  for (const char* const coding :
       {"compress", "lzma", "gzip, gzip", "br, gzip", "", ",", "gzip;q=1"}) {
    INFO(coding);
    Client client(site.server);
    const Answer answer = post(client, "/whole", coding, coded("gzip", "x"));
    CHECK(answer.status == 415);
    CHECK(answer.header("Accept-Encoding") == "gzip, deflate, br, zstd");
  }
  Client client(site.server);
  CHECK(client
            .request("POST", "/whole", coded("gzip", "x"),
                     {{"Content-Encoding", "gzip"}, {"Content-Encoding", "gzip"}})
            .status == 415);
  // Before the content is asked for.
  client.connect().send_raw(
      "POST /whole HTTP/1.1\r\nHost: t\r\nContent-Encoding: lzma\r\nContent-Length: 5\r\n"
      "Expect: 100-continue\r\n\r\n");
}

TEST_CASE("an expectation is met before coded content", "[compression]") {
  Site site;
  Client client(site.server);
  const std::string body = coded("gzip", "text");
  client.send_raw(
      "POST /whole HTTP/1.1\r\nHost: t\r\nContent-Encoding: gzip\r\nExpect: 100-continue\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  CHECK(client.receive_raw() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send_raw(body);
  CHECK(client.receive().body == "text");
}

TEST_CASE("a handler that answers before the content has ended gets all of it", "[compression]") {
  weir::Server server;
  server.use(weir::decompress());
  server.post("/echo",
              weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
                weir::Stream out = res.stream();
                body.on_data([out](std::string_view piece) mutable { out.write(piece); });
                body.on_end([out](std::string_view) mutable { out.end(); });
              }));
  const std::string text = text_of(30'000);
  for (const char* const coding : {"gzip", "deflate", "br", "zstd"}) {
    INFO(coding);
    Client client(server);
    const std::string body = coded(coding, text);
    client.send_raw("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Encoding: " + std::string(coding) +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                    body.substr(0, 100));
    client.send_raw(body.substr(100, 1000));
    client.send_raw(body.substr(1100));
    CHECK(client.receive().body == text);
  }
}

namespace {

/// Takes a piece, then pauses; what it holds of requests is the test's to see.
struct Pausing {
  explicit Pausing(const weir::DecompressOptions& decompress = {}) {
    server.use(weir::decompress(decompress));
    weir::RouteOptions route;
    route.body_limit = std::uint64_t{1} << 40U;
    server.post(
        "/", weir::streamed([this](const weir::Request&, weir::Body content, weir::Response& res) {
          body = std::move(content);
          reply = res.defer();
          body.on_data([this](std::string_view piece) {
            ++pieces;
            bytes += piece.size();
            if (keeps) all.append(piece);
            body.pause();
          });
          body.on_error([this](weir::BodyError error) { errors.push_back(error); });
          body.on_end([this](std::string_view lines) {
            trailers = lines;
            reply.text("end");
          });
        }),
        route);
  }
  ~Pausing() {
    body = {};  // they hold one another
    reply = {};
  }

  weir::Server server;
  weir::Body body;
  weir::Reply reply;
  std::string all;
  std::string trailers;
  std::size_t bytes = 0;
  std::size_t pieces = 0;
  bool keeps = true;
  std::vector<weir::BodyError> errors;
};

/// A decoder that ratio does not stop.
weir::DecompressOptions any_ratio() {
  weir::DecompressOptions options;
  options.max_ratio = 1'000'000;
  return options;
}

std::string with_length(std::string_view coding, std::string_view content) {
  return "POST / HTTP/1.1\r\nHost: t\r\nContent-Encoding: " + std::string(coding) +
         "\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" +
         std::string(content);
}

}  // namespace

TEST_CASE("a handler that pauses after each piece gets one for each resume()", "[compression]") {
  const std::string texts[] = {text_of(10), text_of(200'000), std::string(500'000, 'a')};
  for (const char* const coding : {"gzip", "deflate", "br", "zstd"}) {
    for (const std::string& text : texts) {
      const std::string body = coded(coding, text);
      for (const std::string& request :
           {with_length(coding, body), chunked("/", coding, body, 100'000),
            chunked("/", coding, body, 777)}) {
        INFO(coding << ' ' << text.size() << ' ' << request.substr(0, 100));
        Pausing site(any_ratio());
        Client client(site.server);
        client.send_raw(request);
        for (std::size_t turn = 1; site.bytes < text.size(); ++turn) {
          REQUIRE(site.pieces == turn);
          REQUIRE(site.bytes <= turn * 16 * 1024);
          site.body.resume();
          client.settle();
        }
        CHECK(client.receive_raw().empty());  // the end waits as well
        CHECK(site.errors.empty());
        site.body.resume();
        CHECK(client.receive().body == "end");
        CHECK(site.all == text);
      }
    }
  }
}

TEST_CASE("behind the last piece the handler has its whole time for the answer", "[compression]") {
  const std::string_view coding = GENERATE("", "gzip");
  CAPTURE(coding);
  const std::string text(100'000, 'a');
  const std::string content = coding.empty() ? text : coded(coding, text);
  weir::Server server;
  server.use(weir::decompress(any_ratio()));
  weir::Body body;
  weir::Reply reply;
  bool ended = false;
  server.post("/", weir::streamed([&](const weir::Request&, weir::Body its, weir::Response& res) {
                body = std::move(its);
                reply = res.defer();
                body.on_data([&](std::string_view) { body.pause(); });
                body.on_end([&](std::string_view) { ended = true; });
              }));
  Client client(server);
  std::string request = with_length(coding, content);
  if (coding.empty()) request.erase(request.find("Content-Encoding"), 20);
  client.send_raw(request);
  client.advance(std::chrono::seconds(29));
  body.on_data([](std::string_view) {});  // no more pauses
  body.resume();
  client.settle();
  CHECK(ended);
  client.advance(std::chrono::seconds(29));
  reply.text("in time");
  client.settle();
  CHECK(client.receive().body == "in time");
  body = {};
}

TEST_CASE("behind a pause come trailers, the next request, and what is wrong", "[compression]") {
  const std::string text(100'000, 'a');
  const std::string body = coded("gzip", text);
  Pausing site(any_ratio());
  Client client(site.server);
  const auto go_on = [&] {
    for (int i = 0; i < 10; ++i) {
      site.body.resume();
      client.settle();
    }
  };
  SECTION("trailers, and a request behind them") {
    std::string request = chunked("/", "gzip", body, 50);
    request.insert(request.size() - 2, "T: x\r\n");
    client.send_raw(request + with_length("gzip", body));
    go_on();
    CHECK(site.trailers == "T: x\r\n");
    CHECK(client.receive().body == "end");
    go_on();
    CHECK(client.receive().body == "end");
    CHECK(site.bytes == 2 * text.size());
  }
  SECTION("more behind the end of what is coded") {
    client.send_raw(with_length("gzip", body + "x"));
    CHECK(site.errors.empty());
    go_on();
    CHECK(client.receive().status == 400);
    CHECK(site.errors == std::vector<weir::BodyError>{weir::BodyError::malformed});
  }
  SECTION("cut off") {
    client.send_raw(with_length("gzip", body.substr(0, body.size() - 9)));
    go_on();
    CHECK(client.receive().status == 400);
    CHECK(site.errors == std::vector<weir::BodyError>{weir::BodyError::malformed});
  }
  SECTION("a handler that never goes on") {
    client.send_raw(with_length("gzip", body));
    site.body.resume();
    client.settle();
    client.advance(std::chrono::seconds(29));
    site.body.resume();  // its time begins anew with each piece
    client.settle();
    client.advance(std::chrono::seconds(29));
    CHECK(client.receive_raw().empty());
    client.advance(std::chrono::seconds(2));
    CHECK(client.receive().status == 504);
    CHECK(site.pieces == 3);
    site.body.resume();
    client.settle();
    CHECK(site.pieces == 3);
  }
  SECTION("a client that is gone") {
    client.send_raw(with_length("gzip", body));
    client.vanish();
    client.settle();
    site.body.resume();
    client.settle();
    CHECK(site.pieces == 1);
  }
  SECTION("an answer in the middle") {
    client.send_raw(with_length("gzip", body));
    site.reply.text("early");
    CHECK(client.receive().body == "early");
    site.body.resume();
    client.settle();
    CHECK(site.pieces == 1);
    client.send_raw(with_length("gzip", body));
    go_on();
    CHECK(client.receive().body == "end");
  }
}

TEST_CASE("a bomb grows no further than its handler wants", "[compression]") {
  for (const char* const coding : {"gzip", "br", "zstd"}) {
    INFO(coding);
    const std::string body = bomb(coding, 300);
    Pausing site(any_ratio());
    site.keeps = false;
    Client client(site.server);
    client.send_raw(with_length(coding, body));
    const std::uint64_t reads = client.connection().reads();
    std::uint64_t most = 0;
    for (std::size_t turn = 1; turn < 200; ++turn) {
      REQUIRE(site.pieces == turn);
      REQUIRE(site.bytes <= turn * 16 * 1024);
      most = std::max(most, client.counters()[weir::Counter::buffered_bytes]);
      site.body.resume();
      client.settle();
    }
    // What was read in a turn, counted, and no more of it is read; small bombs are there at once.
    CHECK(most >= std::min<std::size_t>(body.size() / 2, 32 * 1024));
    CHECK(most <= 160 * 1024);
    CHECK(client.connection().reads() <= reads + 2);
  }
}

TEST_CASE("a worker that does not read holds decoding up", "[compression]") {
  for (const char* const coding : {"gzip", "br", "zstd"}) {
    INFO(coding);
    weir::Server server;
    server.use(weir::decompress(any_ratio()));
    std::promise<void> go;
    std::atomic<bool> waiting{false};
    std::atomic<std::size_t> all{0};
    std::atomic<bool> failed{false};
    weir::RouteOptions route;
    route.body_limit = 1 << 20U;
    server.post("/",
                weir::blocking(
                    weir::streamed([&](const weir::Request&, weir::Body body, weir::Response& res) {
                      std::vector<char> piece(10'000);
                      all = body.read(piece.data(), 1);
                      waiting = true;
                      go.get_future().wait();
                      while (const std::size_t got = body.read(piece.data(), piece.size()))
                        all += got;
                      failed = body.failed();
                      res.text(std::to_string(all));
                    })),
                route);
    Client client(server);
    SECTION(std::string("within the limit, ") + coding) {
      client.send_raw(with_length(coding, coded(coding, std::string(1'000'000, 'a'))));
      REQUIRE(client.wait_for([&] { return waiting.load(); }));
      go.set_value();
      CHECK(client.receive().body == "1000000");
      CHECK_FALSE(failed);
    }
    SECTION(std::string("above it, which shows only when it reads, ") + coding) {
      client.send_raw(with_length(coding, bomb(coding, 3)));
      REQUIRE(client.wait_for([&] { return waiting.load(); }));
      client.settle();
      CHECK(client.counters()[weir::Counter::content_too_large] == 0);
      go.set_value();
      CHECK(client.receive().status == 413);
      CHECK(client.wait_for([&] { return failed.load(); }));
      CHECK(all <= 1U << 20U);
    }
  }
}

TEST_CASE("decoded content is echoed with back-pressure from the stream", "[compression]") {
  weir::Options options;
  options.stream_buffer = 16 * 1024;
  weir::Server server(options);
  server.use(weir::decompress(any_ratio()));
  server.post("/", weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
                weir::Stream stream = res.stream();
                auto refused = std::make_shared<std::string>();
                stream.on_writable([stream, body, refused]() mutable {
                  if (refused->empty()) return;
                  if (stream.write(*refused) != weir::WriteResult::ok) return;
                  refused->clear();
                  body.resume();
                });
                body.on_data([stream, body, refused](std::string_view piece) mutable {
                  if (stream.write(piece) != weir::WriteResult::full) return;
                  *refused = piece;
                  body.pause();
                });
                body.on_end([stream](std::string_view) mutable { stream.end(); });
              }));
  const std::string text = text_of(900'000);
  for (const char* const coding : {"gzip", "deflate", "br", "zstd"}) {
    INFO(coding);
    Client client(server);
    weir::testing::Connection connection = client.connect();
    connection.set_window(10'000);
    connection.send_raw(with_length(coding, coded(coding, text)));
    const bool same = connection.receive().body == text;
    CHECK(same);
  }
}

TEST_CASE("resume() may come from any thread, and too early", "[compression]") {
  const std::string text = text_of(400'000);
  for (const char* const coding : {"gzip", "br", "zstd"}) {
    INFO(coding);
    Pausing site(any_ratio());
    Client client(site.server);
    std::atomic<bool> over{false};
    client.send_raw(with_length(coding, coded(coding, text)));
    std::thread other([&, body = site.body]() mutable {
      while (!over) {
        body.resume();
        std::this_thread::yield();
      }
    });
    const Answer answer = client.receive();
    over = true;
    other.join();
    CHECK(answer.body == "end");
    CHECK(site.all == text);
  }
}

TEST_CASE("a ratio of nothing is refused", "[compression]") {
  weir::DecompressOptions options;
  options.max_ratio = 0;
  CHECK_THROWS_WITH(weir::decompress(options),
                    Catch::Contains("weir::DecompressOptions::max_ratio"));
}
