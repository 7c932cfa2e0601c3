// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <weir/json.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using nlohmann::json;
using weir::testing::Answer;
using weir::testing::Client;

namespace {

struct Point {
  int x = 0;
  std::string name;
};

void from_json(const json& in, Point& out) {
  in.at("x").get_to(out.x);
  in.at("name").get_to(out.name);
}

void to_json(json& out, const Point& in) { out = json{{"x", in.x}, {"name", in.name}}; }

void add_routes(weir::Server& server) {
  const auto echo = [](const Point& in) { return in; };
  server.post("/echo", weir::json_handler<Point>(echo));
  server.post("/pooled", weir::blocking(weir::json_handler<Point>(echo)));
  server.post("/void", weir::json_handler<Point>([](const Point&) {}));
  server.post("/{n}/with", weir::json_handler<Point>([](const weir::Request& req, const Point& in) {
                return Point{in.x, std::string(req.param("n"))};
              }));
  server.post("/maybe", weir::json_handler<Point>([](const Point& in) {
                return in.x > 0 ? std::optional<Point>(in) : std::nullopt;
              }));
  server.post("/any", weir::json_handler<json>([](const json& in) { return in; }));
}

Answer post(Client& client, const char* target, const std::string& content,
            const char* type = "application/json") {
  return client.post(target, content, {{"Content-Type", type}});
}

}  // namespace

TEST_CASE("a typed handler reads a struct and writes one", "[json]") {
  weir::Server server;
  add_routes(server);
  Client client(server);
  for (const char* target : {"/echo", "/pooled", "/maybe"}) {
    const Answer answer = post(client, target, R"({"x":1,"name":"a"})");
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Type") == "application/json");
    CHECK(answer.body == R"({"name":"a","x":1})");
  }
  CHECK(post(client, "/7/with", R"({"x":1,"name":"a"})").body == R"({"name":"7","x":1})");
  CHECK(post(client, "/void", R"({"x":1,"name":"a"})").status == 204);
  CHECK(post(client, "/maybe", R"({"x":0,"name":"a"})").status == 404);
  CHECK(post(client, "/any", R"({"a":1,"a":2})").body == R"({"a":2})");
}

TEST_CASE("content that is not what was wanted is a problem", "[json]") {
  struct Row {
    const char* target;
    std::string content;
    const char* type;
    int status;
    int offset;  // -1: none
  };
  const char* const kJson = "application/json";
  const Row rows[] = {
      {"/echo", R"({"x":1,"name":"a"})", "text/plain", 415, -1},
      {"/echo", R"({"x":1,"name":"a"})", "application/jsonx", 415, -1},
      {"/echo", "", kJson, 400, 0},
      {"/echo", R"({"x":1,})", kJson, 400, 7},
      {"/echo", R"({"x":1})", kJson, 400, -1},
      {"/echo", R"({"x":"1","name":"a"})", kJson, 400, -1},
      {"/echo", "[]", kJson, 400, -1},
      {"/any", "[1e999]", kJson, 400, -1},
      {"/any", "[\"\xff\"]", kJson, 400, 2},
      {"/any", std::string(101, '[') + std::string(101, ']'), kJson, 400, 100},
      {"/any", std::string(500'000, '['), kJson, 400, 100},
  };
  weir::Server server;
  add_routes(server);
  Client client(server);
  for (const Row& row : rows) {
    INFO(row.target << " " << row.content.substr(0, 40));
    const Answer answer = post(client, row.target, row.content, row.type);
    CHECK(answer.status == row.status);
    CHECK(answer.header("Content-Type") == "application/problem+json");
    const json problem = json::parse(answer.body);
    CHECK(problem.at("type") == "about:blank");
    CHECK(problem.at("status") == row.status);
    CHECK(problem.value("offset", -1) == row.offset);
  }
  CHECK(post(client, "/any", "[]", "Application/Problem+JSON; charset=utf-8").status == 200);
  CHECK(post(client, "/any", std::string(100, '[') + std::string(100, ']')).status == 200);
  CHECK(post(client, "/any", R"([")" + std::string(200, '[') + R"(\"{"])").status == 200);
}

TEST_CASE("what JSON cannot say is replaced", "[json]") {
  weir::Response response;
  weir::write_json(response, json{"a\xff", std::nan("")});
  CHECK(response.body() == "[\"a\xef\xbf\xbd\",null]");
}
