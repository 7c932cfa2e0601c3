// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/multipart.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using weir::test::Silence;

constexpr std::string_view kType = "multipart/form-data; boundary=XX";

std::string part(std::string_view name, std::string_view content) {
  return "--XX\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(content) + "\r\n";
}

const std::string kEnd = "--XX--\r\n";

std::string request(std::string_view body) {
  return "POST /up HTTP/1.1\r\nHost: t\r\nContent-Type: " + std::string(kType) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// POST /up tells its events in `log`: "<name" and what a sink got, ">" at its end.
struct Fixture {
  explicit Fixture(const weir::MultipartLimits& limits = {}) {
    server.post("/up",
                weir::multipart(
                    [this](const weir::Request&, weir::MultipartBody given, weir::Response& res) {
                      form = given;
                      form.on_part([this](const weir::MultipartPart& p) -> weir::PartSink {
                        log += "<" + std::string(p.name);
                        if (on_part) on_part(p);
                        if (p.name == "skip") return {};
                        return [this](std::string_view piece) {
                          log += piece.empty() ? ">" : std::string(piece);
                          if (on_piece) on_piece(piece);
                        };
                      });
                      form.on_end([this, reply = res.defer()]() mutable {
                        log += "!";
                        if (on_end) on_end();
                        reply.text(log);
                      });
                      form.on_error([this] { log += "?"; });
                    },
                    limits));
  }

  std::string log;
  std::function<void(const weir::MultipartPart&)> on_part;
  std::function<void(std::string_view)> on_piece;
  std::function<void()> on_end;
  weir::MultipartBody form;
  weir::Server server;
};

}  // namespace

TEST_CASE("a multipart body is told part by part", "[multipart]") {
  Fixture f;
  weir::testing::Client client(f.server);
  const std::string body = part("a", "1\r\n--X") + part("skip", "22") + part("", "") + kEnd;
  CHECK(client.post("/up", body, {{"Content-Type", kType}}).body == "<a1\r\n--X><skip<>!");
  const std::string whole = request(body);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    f.log.clear();
    client.send_raw(whole.substr(0, cut));
    client.send_raw(whole.substr(cut));
    REQUIRE(client.receive().body == "<a1\r\n--X><skip<>!");
  }
}

TEST_CASE("what is no multipart/form-data is refused before it is read", "[multipart]") {
  Fixture f;
  weir::testing::Client client(f.server);
  for (const auto& [type, status] :
       {std::pair{"application/x-www-form-urlencoded", 415}, std::pair{"text/plain", 415},
        std::pair{"multipart/form-data", 400}}) {
    client.send_raw("POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\nContent-Type: " +
                    std::string(type) + "\r\nExpect: 100-continue\r\n\r\n");
    const weir::testing::Answer answer = client.receive();
    CHECK(answer.status == status);
    CHECK(answer.interim.empty());
    client.connection();
  }
  CHECK(f.log.empty());
}

TEST_CASE("a malformed or broken off form is told and answered", "[multipart]") {
  weir::MultipartLimits limits;
  limits.parts = 1;
  Fixture f(limits);
  weir::testing::Client client(f.server);
  CHECK(client.post("/up", part("a", "1"), {{"Content-Type", kType}}).status == 400);
  CHECK(f.log == "<a1?");
  f.log.clear();
  CHECK(client.post("/up", part("a", "1") + part("b", ""), {{"Content-Type", kType}}).status ==
        413);
  CHECK(f.log == "<a1>?");
  f.log.clear();
  weir::testing::Connection lost = client.connect();
  const std::string whole = request(part("a", "1") + kEnd);
  lost.send_raw(whole.substr(0, whole.size() - 5));
  lost.vanish();
  client.settle();
  CHECK(f.log.back() == '?');
}

TEST_CASE("what callbacks of a form throw is answered once", "[multipart]") {
  Silence silence;
  Fixture f;
  weir::testing::Client client(f.server);
  const std::string body = part("a", "1") + part("b", "2") + kEnd;
  const auto refuse = [] { throw weir::HttpError{weir::Status::conflict, "no"}; };
  SECTION("on_part") {
    f.on_part = [&](const weir::MultipartPart&) { refuse(); };
  }
  SECTION("a sink") {
    f.on_piece = [&](std::string_view) { refuse(); };
  }
  SECTION("on_end") { f.on_end = refuse; }
  SECTION("a sink after a pause") {
    f.on_part = [&](const weir::MultipartPart& p) {
      if (p.name != "b") return;
      f.form.pause();
      f.form.resume();
      f.on_piece = [&](std::string_view) { refuse(); };
    };
  }
  CHECK(client.post("/up", body, {{"Content-Type", kType}}).status == 409);
  client.settle();
  CHECK(f.log.find('?') == f.log.size() - 1);
}

TEST_CASE("a paused form calls nothing until it is resumed", "[multipart]") {
  Fixture f;
  weir::testing::Client client(f.server);
  f.on_piece = [&](std::string_view) { f.form.pause(); };
  client.send_raw(request(part("a", "1") + part("b", "2") + kEnd));
  CHECK(f.log == "<a1");
  f.form.resume();
  client.settle();
  CHECK(f.log == "<a1>");
  SECTION("on the loop's thread") {
    for (int i = 0; i < 3; ++i) {
      f.form.resume();
      client.settle();
    }
  }
  SECTION("from another thread") {
    for (int i = 0; i < 3; ++i) {
      std::thread([&] { f.form.resume(); }).join();
      client.settle();
    }
  }
  CHECK(client.receive().body == "<a1><b2>!");
}

TEST_CASE("a paused form holds the client up", "[multipart]") {
  Fixture f;
  weir::testing::Client client(f.server);
  const std::string big(2'000'000, 'x');
  std::size_t pieces = 0;
  f.on_piece = [&](std::string_view) {
    ++pieces;
    f.log.clear();
    f.form.pause();
  };
  weir::testing::Connection up = client.connect();
  up.send_raw(request(part("a", big) + kEnd));
  const std::uint64_t reads = up.reads();
  CHECK(pieces == 1);
  CHECK(reads < 10);
  f.on_piece = [&](std::string_view piece) {
    pieces += piece.size();
    f.log.clear();
  };
  f.form.resume();
  CHECK(up.receive().body == "!");
  CHECK(pieces > 1'900'000);
}

TEST_CASE("a form's sink works with the pool", "[multipart]") {
  Fixture f;
  weir::testing::Client client(f.server);
  int written = 0;
  f.on_piece = [&](std::string_view) {
    f.form.pause();
    weir::net::Task task = [&f, &written] {
      ++written;
      f.form.resume();
    };
    CHECK(f.form.run_on_worker(task));
  };
  CHECK(client
            .post("/up", part("a", std::string(100'000, 'x')) + part("b", "2") + kEnd,
                  {{"Content-Type", kType}})
            .status == 200);
  CHECK(written > 4);
}

TEST_CASE("a handler of a form may answer without reading", "[multipart]") {
  weir::Server server;
  server.post("/up", weir::multipart([](const weir::Request&, weir::MultipartBody,
                                        weir::Response& r) { r.status(weir::Status::forbidden); }));
  server.post("/say", weir::multipart([](const weir::Request&, weir::MultipartBody,
                                         weir::Response&) { return weir::Status::forbidden; }));
  weir::testing::Client client(server);
  CHECK(client.post("/up", kEnd, {{"Content-Type", kType}}).status == 403);
  CHECK(client.post("/say", kEnd, {{"Content-Type", kType}}).status == 403);
  weir::MultipartBody empty;
  empty.on_part({});
  empty.pause();
  empty.resume();
  weir::net::Task task = [] {};
  CHECK_FALSE(empty.run_on_worker(task));
}

TEST_CASE("callbacks that hold their form go with the request, however it ends", "[multipart]") {
  Silence silence;
  const auto kept = std::make_shared<int>(0);
  const auto hold = [kept](weir::MultipartBody form) {
    form.on_part([kept, form](const weir::MultipartPart&) -> weir::PartSink {
      return [kept, form](std::string_view) {};
    });
    form.on_end([kept, form] {});
    form.on_error([kept, form] {});
  };
  weir::Server server;
  server.post("/up", weir::multipart([hold](const weir::Request&, weir::MultipartBody form,
                                            weir::Response& res) {
                hold(form);
                form.on_end([reply = res.defer()]() mutable { reply.text("x"); });
              }));
  server.post("/throws", weir::multipart([hold](const weir::Request&, weir::MultipartBody form,
                                                weir::Response&) {
                hold(form);
                throw weir::HttpError{weir::Status::conflict, "no"};
              }));
  server.post("/now", weir::multipart([hold](const weir::Request&, weir::MultipartBody form,
                                             weir::Response& res) {
                hold(form);
                res.text("now");
              }));
  const long held = kept.use_count();
  {
    weir::testing::Client client(server);
    const std::string body = part("a", "1") + kEnd;
    CHECK(client.post("/up", body, {{"Content-Type", kType}}).status == 200);
    CHECK(client.post("/throws", body, {{"Content-Type", kType}}).status == 409);
    CHECK(client.post("/now", body, {{"Content-Type", kType}}).body == "now");
    weir::testing::Connection lost = client.connect();
    lost.send_raw(request(body).substr(0, 170));
    lost.vanish();
    client.settle();
    CHECK(kept.use_count() == held);
  }
  CHECK(kept.use_count() == held);
}
