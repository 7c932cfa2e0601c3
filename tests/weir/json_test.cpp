// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
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

struct Order {
  int pieces = 0;
};

void from_json(const json& in, Order& out) {
  out.pieces = weir::json_integer<int>(in.at("pieces"));
}

template <class T>
std::string integer(const char* text) {
  try {
    return std::to_string(weir::json_integer<T>(json::parse(text)));
  } catch (const weir::JsonError& error) {
    CHECK(error.status() == weir::Status::bad_request);
    return error.what();
  }
}

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

TEST_CASE("a typed handler's signature says what is read, its result what is written", "[json]") {
  weir::Server server;
  server.post("/by_const", weir::json_handler([](const Point& in) { return in; }));
  server.post("/by_value", weir::json_handler([](Point in) { return in.x; }));
  server.post("/both", weir::json_handler([](const weir::Request& req, const Point& in) {
                return std::string(req.path()) + in.name;
              }));
  server.post("/function", weir::json_handler(+[](const Point& in) { return json{in.x}; }));
  server.get("/none", weir::json_handler([] { return Point{1, "n"}; }));
  server.get("/{x}/request", weir::json_handler([](const weir::Request& req) {
               return req.param<int>("x").value_or(0);
             }));
  server.post("/created", weir::json_handler([](const Point& in) {
                return std::pair(weir::Status::created, in);
              }));
  server.post("/maybe", weir::json_handler([](const Point& in) {
                return in.x > 0 ? std::optional(std::pair(weir::Status::accepted, in))
                                : std::nullopt;
              }));
  server.post("/status", weir::json_handler([](const Point&) { return weir::Status::no_content; }));
  server.post("/response", weir::json_handler([](const Point& in) {
                weir::Response made(weir::Status::created);
                made.header("Location", "/1").json(in);
                return made;
              }));
  server.post("/lax", weir::json_handler([](const Point& in) { return in.x; }, {100, true}));
  Client client(server);
  struct Row {
    const char* method;
    const char* target;
    int status;
    const char* body;
  };
  const Row rows[] = {
      {"POST", "/by_const", 200, R"({"name":"a","x":1})"},
      {"POST", "/by_value", 200, "1"},
      {"POST", "/both", 200, R"("/botha")"},
      {"POST", "/function", 200, "[1]"},
      {"GET", "/none", 200, R"({"name":"n","x":1})"},
      {"GET", "/7/request", 200, "7"},
      {"POST", "/created", 201, R"({"name":"a","x":1})"},
      {"POST", "/maybe", 202, R"({"name":"a","x":1})"},
      {"POST", "/status", 204, ""},
      {"POST", "/response", 201, R"({"name":"a","x":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    const bool reads = std::string_view(row.method) == "POST";
    const Answer answer =
        client.request(row.method, row.target, reads ? R"({"x":1,"name":"a"})" : "",
                       {{"Content-Type", reads ? "application/json" : "text/plain"}});
    CHECK(answer.status == row.status);
    CHECK(answer.body == row.body);
    if (*row.body != '\0') CHECK(answer.header("Content-Type") == "application/json");
  }
  CHECK(post(client, "/lax", R"({"x":1,"name":"a"})", "text/plain").body == "1");
  const Answer none = post(client, "/maybe", R"({"x":0,"name":"a"})");
  CHECK(none.status == 404);
  CHECK(none.header("Content-Type") == "application/problem+json");
}

TEST_CASE("any handler reads and writes JSON by its request and response", "[json]") {
  weir::Server server;
  const auto both = [](const weir::Request& req, weir::Response& res) {
    const auto point = req.json<Point>();
    const json all = req.json();
    res.json(json{{"x", point.x}, {"all", all}});
  };
  server.post("/inline", both);
  server.post("/pooled", weir::blocking(both));
  server.post("/options", [](const weir::Request& req, weir::Response& res) {
    res.json(req.json<Point>(weir::JsonOptions{1, true}));
  });
  server.post("/late", [](const weir::Request& req, weir::Response& res) {
    weir::Response made;
    made.json(req.json<Point>());
    res.defer().send(std::move(made));
  });
  server.get("/text", [](const weir::Request&, weir::Response& res) { res.json("[1]"); });
  Client client(server);
  for (const char* const target : {"/inline", "/pooled"}) {
    CAPTURE(target);
    const Answer answer = post(client, target, R"({"x":1,"name":"a"})");
    CHECK(answer.body == R"({"all":{"name":"a","x":1},"x":1})");
    const Answer refused = post(client, target, "[");
    CHECK(refused.status == 400);
    CHECK(refused.header("Content-Type") == "application/problem+json");
  }
  CHECK(post(client, "/late", R"({"x":1,"name":"a"})").body == R"({"name":"a","x":1})");
  CHECK(post(client, "/options", R"({"x":1,"name":"a"})", "text/plain").status == 200);
  CHECK(post(client, "/options", R"({"x":1,"name":["a"]})").status == 400);
  CHECK(client.get("/text").body == "[1]");
}

TEST_CASE("content that is not what was wanted is a problem that points at the place", "[json]") {
  struct Row {
    const char* target;
    std::string content;
    const char* type;
    int status;
    int offset;  // -1: none
    int line;
    int column;
    const char* pointer;  // null: none
    const char* detail;
  };
  const char* const kJson = "application/json";
  const Row rows[] = {
      {"/echo", R"({"x":1,"name":"a"})", "text/plain", 415, -1, -1, -1, nullptr,
       "The content is not application/json."},
      {"/echo", R"({"x":1,"name":"a"})", "application/jsonx", 415, -1, -1, -1, nullptr,
       "The content is not application/json."},
      {"/echo", "", kJson, 400, 0, 1, 1, nullptr, nullptr},
      {"/echo", R"({"x":1,})", kJson, 400, 7, 1, 8, nullptr,
       "syntax error while parsing object key - unexpected '}'; expected string literal"},
      {"/echo", "{\n \"x\":1,\n  x}", kJson, 400, 12, 3, 3, nullptr, nullptr},
      {"/echo", R"({"x":1})", kJson, 400, -1, -1, -1, "/name", "key 'name' not found"},
      {"/echo", R"({"x":"1","name":"a"})", kJson, 400, -1, -1, -1, "/x",
       "type must be number, but is string"},
      {"/echo", "[]", kJson, 400, -1, -1, -1, "", nullptr},
      {"/list", R"([{"x":1,"name":"a"},{"x":1,"name":2}])", kJson, 400, -1, -1, -1, "/1/name",
       "type must be string, but is number"},
      {"/list", R"([1])", kJson, 400, -1, -1, -1, "/0", "cannot use at() with number"},
      {"/list", R"([{"x":1}])", kJson, 400, -1, -1, -1, "/0/name", nullptr},
      {"/map", R"({"a/b ~) c":{"x":[],"name":""}})", kJson, 400, -1, -1, -1, "/a~1b ~0) c/x",
       nullptr},
      {"/own", R"({})", kJson, 400, -1, -1, -1, "/amount", "must be above 0"},
      {"/any", "[1e999]", kJson, 400, 1, 1, 2, nullptr, "The number is out of range."},
      {"/any", "{\"1e999\":\n[1,-1e999 ]}", kJson, 400, 13, 2, 4, nullptr, nullptr},
      {"/any", "1" + std::string(1000, '0'), kJson, 400, 0, 1, 1, nullptr, nullptr},
      {"/any", "[\"\xff\"]", kJson, 400, 2, 1, 3, nullptr,
       "syntax error while parsing value - invalid string: ill-formed UTF-8 byte"},
      {"/any", "{\"\xc0\xaf\":1}", kJson, 400, 2, 1, 3, nullptr, nullptr},    // overlong
      {"/any", "[\"\xed\xa0\x80\"]", kJson, 400, 3, 1, 4, nullptr, nullptr},  // a surrogate
      {"/any", R"(["\ud800"])", kJson, 400, 8, 1, 9, nullptr, nullptr},       // half a pair
      {"/any", "[\"\xe2\x82", kJson, 400, 4, 1, 5, nullptr, nullptr},         // cut off
      {"/any", std::string("[1,\0]", 6), kJson, 400, 3, 1, 4, nullptr,
       "There is a NUL in the JSON."},
      {"/any", std::string("1\0", 2), kJson, 400, 1, 1, 2, nullptr, nullptr},  // no end of the text
      {"/any", std::string("{}\0 [", 5), kJson, 400, 2, 1, 3, nullptr, nullptr},
      {"/any", "[1] [2]", kJson, 400, 4, 1, 5, nullptr, nullptr},
      {"/any", "// none\n[]", kJson, 400, 0, 1, 1, nullptr, nullptr},
      {"/any", "[NaN]", kJson, 400, 1, 1, 2, nullptr, nullptr},
      {"/any", "\"" + std::string(10'000, 'a'), kJson, 400, 10'001, 1, 10'002, nullptr, nullptr},
      {"/any", std::string(101, '[') + std::string(101, ']'), kJson, 400, 100, 1, 101, nullptr,
       "The JSON is nested too deeply."},
      {"/any", std::string(1024 * 1024, '['), kJson, 400, 100, 1, 101, nullptr, nullptr},
      {"/int", "4294967297", kJson, 400, -1, -1, -1, "", "is out of range"},
      {"/order", R"({"pieces":4294967297})", kJson, 400, -1, -1, -1, "/pieces", "is out of range"},
      {"/order", R"({"pieces":1.5})", kJson, 400, -1, -1, -1, "/pieces", "must be an integer"},
      {"/order", R"({"pieces":1e300})", kJson, 400, -1, -1, -1, "/pieces", "must be an integer"},
      {"/order", R"({"pieces":18446744073709551616})", kJson, 400, -1, -1, -1, "/pieces",
       "must be an integer"},
      {"/order", R"({"pieces":"1"})", kJson, 400, -1, -1, -1, "/pieces", "must be an integer"},
      {"/order", R"({"pieces":1,"pieces":null})", kJson, 400, -1, -1, -1, "/pieces", nullptr},
  };
  weir::Server server;
  add_routes(server);
  server.post("/list", weir::json_handler([](const std::vector<Point>&) {}));
  server.post("/int", weir::json_handler([](int) {}));
  server.post("/order", weir::json_handler([](const Order&) {}));
  server.post("/map", weir::json_handler([](const std::map<std::string, Point>&) {}));
  server.post("/own", weir::json_handler([](const json&) {
                weir::JsonPlace place;
                place.pointer = "/amount";
                throw weir::JsonError(weir::Status::bad_request, "must be above 0", place);
              }));
  Client client(server);
  for (const Row& row : rows) {
    INFO(row.target << " " << row.content.substr(0, 40));
    const Answer answer = post(client, row.target, row.content, row.type);
    CHECK(answer.status == row.status);
    CHECK(answer.header("Content-Type") == "application/problem+json");
    const json problem = json::parse(answer.body);
    CHECK(problem.at("type") == "about:blank");
    CHECK(problem.at("title") == (row.status == 415 ? "Unsupported Media Type" : "Bad Request"));
    CHECK(problem.at("status") == row.status);
    CHECK(problem.value("offset", -1) == row.offset);
    CHECK(problem.value("line", -1) == row.line);
    CHECK(problem.value("column", -1) == row.column);
    CHECK(problem.contains("pointer") == (row.pointer != nullptr));
    if (row.pointer != nullptr) CHECK(problem.value("pointer", "-") == row.pointer);
    if (row.detail != nullptr) CHECK(problem.at("detail") == row.detail);
    CHECK(answer.body.size() < 600);
  }
  CHECK(post(client, "/any", "[]", "Application/Problem+JSON; charset=utf-8").status == 200);
  CHECK(post(client, "/any", std::string(100, '[') + std::string(100, ']')).status == 200);
  CHECK(post(client, "/any", R"([")" + std::string(200, '[') + R"(\"{"])").status == 200);
}

TEST_CASE("an integer is what its type can hold, or refused", "[json]") {
  const std::string range = "is out of range";
  CHECK(integer<int>("2147483647") == "2147483647");
  CHECK(integer<int>("2147483648") == range);
  CHECK(integer<int>("-2147483648") == "-2147483648");
  CHECK(integer<int>("-2147483649") == range);
  CHECK(integer<std::int8_t>("-128") == "-128");
  CHECK(integer<std::int8_t>("128") == range);
  CHECK(integer<std::uint8_t>("255") == "255");
  CHECK(integer<std::uint8_t>("-1") == range);
  CHECK(integer<std::uint8_t>("-0") == "0");
  CHECK(integer<std::int64_t>("9223372036854775807") == "9223372036854775807");
  CHECK(integer<std::int64_t>("9223372036854775808") == range);
  CHECK(integer<std::int64_t>("-9223372036854775808") == "-9223372036854775808");
  CHECK(integer<std::uint64_t>("18446744073709551615") == "18446744073709551615");
  CHECK(integer<std::uint64_t>("-1") == range);
  for (const char* const none :
       {"18446744073709551616", "1.0", "1e3", "true", "null", "\"1\"", "[1]", "{}"}) {
    CAPTURE(none);
    CHECK(integer<std::int64_t>(none) == "must be an integer");
  }
  CHECK(weir::json_integer<int>(json(-1)) == -1);  // not parsed
  CHECK(weir::json_integer<int>(json(std::uint64_t{1})) == 1);
}

TEST_CASE("what does not fit 64 bits is a double", "[json]") {
  weir::Server server;
  add_routes(server);
  Client client(server);
  CHECK(post(client, "/any", "18446744073709551616").body == "1.8446744073709552e+19");
  CHECK(post(client, "/any", "[1e308,1e-999]").body == "[1e+308,0.0]");
}

TEST_CASE("on_error may shape what could not be read, or leave it", "[json]") {
  for (const bool shapes : {false, true}) {
    CAPTURE(shapes);
    weir::Server server;
    add_routes(server);
    server.on_error([shapes](const weir::Error& error, weir::Response& res) {
      res.header("X-Seen", error.thrown == nullptr ? "no" : error.thrown->what());
      if (shapes) res.text("shaped");
    });
    server.get("/plain", []() -> std::string { throw 1; });
    Client client(server);
    const Answer answer = post(client, "/echo", R"({"x":1})");
    CHECK(answer.status == 400);
    CHECK(answer.header("X-Seen") == "key 'name' not found");
    CHECK(answer.header("Content-Type") ==
          (shapes ? "text/plain; charset=utf-8" : "application/problem+json"));
    weir::log::set_level(weir::log::Level::off);
    CHECK(client.get("/plain").header("X-Seen") == "no");
    weir::log::set_level(weir::log::Level::warning);
  }
}

TEST_CASE("a problem has the status's title and what is added", "[json]") {
  const weir::Response plain = weir::problem(weir::Status::conflict);
  CHECK(plain.status() == weir::Status::conflict);
  CHECK(plain.header("Content-Type") == "application/problem+json");
  CHECK(plain.body() == R"({"type":"about:blank","title":"Conflict","status":409})");
  const weir::Response full =
      weir::problem(weir::Status::forbidden, "Not enough credit", "It costs 50.",
                    {{"type", "https://example.org/credit"}, {"balance", 30}});
  CHECK(full.body() == R"({"type":"https://example.org/credit","title":"Not enough credit",)"
                       R"("status":403,"detail":"It costs 50.","balance":30})");
}

TEST_CASE("what JSON cannot say is replaced", "[json]") {
  weir::Response response;
  weir::write_json(response, json{"a\xff", std::nan("")});
  CHECK(response.body() == "[\"a\xef\xbf\xbd\",null]");
}
