// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The application that every row of the conformance table talks to. Most of its answers say what
/// it saw: "POST /post?query content".
///
/// Thread: set up on one; its handlers run on any.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/auth.hpp>
#include <weir/body_limit.hpp>
#include <weir/cors.hpp>
#include <weir/embedded_files.hpp>
#include <weir/forms.hpp>
#include <weir/json.hpp>
#include <weir/redirects.hpp>
#include <weir/trusted_proxy.hpp>
#include <weir/user.hpp>
#include <weir/weir.hpp>

#include "support/temporary_directory.hpp"

namespace weir::conformance {

/// What a handler saw: method, path with query, and content if any.
inline std::string saw(const Request& req) {
  std::string text(req.method_text());
  text.append(" ").append(req.path());
  if (!req.query().empty()) text.append("?").append(req.query());
  if (!req.body().empty()) text.append(" ").append(req.body());
  return text;
}

/// Values of all fields `name`, each in brackets, in the order of their arrival.
inline std::string values(const Request& req, std::string_view name) {
  std::string text;
  for (const auto [field, value] : req.headers()) {
    std::string lower(field);
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (lower == name) text.append("[").append(value).append("]");
  }
  return text;
}

/// Content and trailers of a streamed request, told together at the end.
struct Gathered {
  std::string content;
  Reply reply;
};

inline void add_fields_and_values(Server& server) {
  server.get("/fields/{name}", [](const Request& req) { return values(req, req.param("name")); });
  server.get("/count", [](const Request& req) { return std::to_string(req.headers().size()); });
  server.get("/reflect", [](const Request& req, Response& res) {
    res.header("X-Value", req.header("X-Value")).text("reflected");
  });
  server.get("/split", [](const Request& req, Response& res) {
    res.header("X-Value", req.query("v").value_or("")).text("set");
  });
  server.get("/split-name", [](const Request& req, Response& res) {
    res.header(req.query("n").value_or(""), "1").text("set");
  });
  server.get("/go", [](const Request& req, Response& res) {
    res.redirect(req.query("to").value_or("/"));
  });
  server.get("/set-cookie", [](const Request& req, Response& res) {
    res.cookie("c", req.query("v").value_or("")).text("set");
  });
  server.get("/split-stream", [](const Request& req, Response& res) {
    res.header("X-Value", req.query("v").value_or(""));
    Stream stream = res.stream();
    stream.write("streamed");
    stream.end();
  });
  server.get("/query/{name}", [](const Request& req) {
    const auto value = req.query(req.param("name"));
    return value ? "[" + *value + "]" : std::string("none");
  });
  server.get("/cookie/{name}", [](const Request& req) {
    const auto value = req.cookie(req.param("name"));
    return value ? "[" + std::string(*value) + "]" : std::string("none");
  });
  server.post("/form/{name}", [](const Request& req) {
    const auto value = req.form(req.param("name"));
    return value ? "[" + *value + "]" : std::string("none");
  });
}

inline void add_answers(Server& server) {
  server.get("/empty", [](const Request&, Response& res) { res.text(""); });
  server.get("/nocontent", [] {});
  server.any("/nocontent-with-content",
             [](const Request&, Response& res) { res.text("lost").status(Status::no_content); });
  server.any("/reset",
             [](const Request&, Response& res) { res.text("lost").status(Status::reset_content); });
  server.any("/notmodified", [](const Request&, Response& res) {
    res.text("lost").header("ETag", "\"1\"").status(Status::not_modified);
  });
  server.get("/stream", [](const Request&, Response& res) {
    Stream stream = res.stream();
    for (const char* const piece : {"one ", "two ", "three"}) stream.write(piece);
    stream.end();
  });
  server.get("/sized", [](const Request&, Response& res) {
    res.header("Content-Length", "7");
    Stream stream = res.stream();
    stream.write("abc");
    stream.write("defg");
    stream.end();
  });
  server.get("/trailing", [](const Request&, Response& res) {
    Stream stream = res.stream();
    stream.write("body");
    ResponseHead trailers;
    trailers.set("X-Sum", "1");
    stream.end(trailers);
  });
  server.get("/close", [](const Request&, Response& res) { res.text("closing").close(); });
  server.get("/throw", []() -> std::string { throw std::runtime_error("no word of this"); });
  server.get("/teapot", []() -> std::string {
    throw HttpError(Status::unprocessable_content, "too short and stout");
  });
  server.get("/early-hints", [](const Request&, Response& res) {
    ResponseHead links;
    links.set("Link", "</s.css>; rel=preload");
    res.interim(Status::early_hints, links);
    res.text("hinted");
  });
  server.any("/deferred", [](const Request& req, Response& res) {
    const std::string text = "deferred " + saw(req);
    Reply reply = res.defer();
    reply.text(text);
  });
  server.any("/blocking",
             weir::blocking([](const Request& req) { return "blocking " + saw(req); }));
  // Takes its time, so that over a socket the client's next move comes before the answer.
  server.get("/slow", weir::blocking([] {
               std::this_thread::sleep_for(std::chrono::milliseconds(10));
               return "slow";
             }));
}

inline void add_content(Server& server) {
  server.post("/post", saw);
  RouteOptions small;
  small.body_limit = 10;
  server.post("/small", saw, small);
  server.post("/early",
              weir::streamed([](const Request&, Body, Response& res) { res.text("early"); }));
  server.post(
      "/trailers", weir::streamed([](const Request&, Body body, Response& res) {
        const auto gathered = std::make_shared<Gathered>();
        gathered->reply = res.defer();
        body.on_data([gathered](std::string_view piece) { gathered->content.append(piece); });
        body.on_end([gathered](std::string_view lines) {
          gathered->reply.text(gathered->content + "|" + std::string(lines));
        });
      }));
}

/// Fields and files of a form, told in their order.
inline void add_forms(Server& server) {
  FormOptions limits;
  limits.form_bytes = 1000;
  limits.field_bytes = 100;
  limits.memory_limit = 2;
  server.post("/whole-form", weir::form(
                                 [](const FormData& form) {
                                   std::string text;
                                   for (const FormField& field : form.fields())
                                     text += field.name + "=" + field.value + ";";
                                   for (const UploadedFile& file : form.files())
                                     text.append(file.name())
                                         .append(":")
                                         .append(file.filename())
                                         .append("(" + std::to_string(file.size()) + ");");
                                   return text;
                                 },
                                 limits));
}

/// What the middleware in the box lets through.
inline void add_middleware(Server& server) {
  const auto who = [](const Request& req) { return req.get<User>()->name; };
  server.group("/basic", [&](Router& group) {
    BasicAuthOptions options;
    options.users = {{"ann", "pw"}};
    group.use(BasicAuth(options)).any("", who);
  });
  server.group("/bearer", [&](Router& group) {
    BearerAuthOptions options;
    options.realm = "api";
    options.check = [](const Request&, std::string_view token) {
      return token == "good" ? TokenVerdict::accept("ann") : TokenVerdict::refuse();
    };
    group.use(BearerAuth(options)).any("", who);
  });
  server.group("/cors", [&](Router& group) {
    CorsOptions options;
    options.origins = {"https://a.example"};
    options.methods = {"PUT"};
    group.use(Cors(options)).any("", saw);
  });
  server.group("/limited", [](Router& group) { group.use(body_limit(8)).post("", saw); });
  server.group("/moved", [](Router& group) {
    RedirectOptions options;
    options.paths = {{"/moved/", "/tree/"}};
    group.use(redirects(options)).get("/{rest...}", saw);
  });
}

/// Who asked, by which scheme, for which host: what the row's peer, as a proxy, says.
inline void add_forwarded(Server& server) {
  const auto told = [](const Request& req) {
    return client_address(req).to_string() + " " + std::string(scheme_of(req)) + " " +
           std::string(host_of(req));
  };
  TrustedProxyOptions proxies;
  proxies.ranges = {"loopback", "10.0.0.0/8"};
  proxies.fields = TrustedProxyOptions::Fields::forwarded;
  server.group("/forwarded", [&](Router& group) {
    group.use(trusted_proxy(proxies));
    group.get("/told", told);
  });
  proxies.fields = TrustedProxyOptions::Fields::x_forwarded;
  server.group("/x-forwarded", [&](Router& group) {
    group.use(trusted_proxy(proxies));
    group.get("/told", told);
  });
  proxies.ranges = {"192.0.2.0/24"};
  server.group("/others", [&](Router& group) {
    group.use(trusted_proxy(proxies));
    group.get("/told", [](const Request& req) {
      return client_address(req).host() + " " + std::string(scheme_of(req)) + " " +
             std::string(host_of(req));
    });
  });
}

/// The same files at /embedded and, from a disk, at /disk, by sendfile(2) there; all of one time.
/// What is hidden or lies outside is at /disk alone.
inline void add_files(Server& server) {
  static const std::string kLong(1000, 'x');
  static const EmbeddedFile kFiles[] = {
      {"letters.txt", "abcdefghijklmnopqrstuvwxyz", "\"letters\""},
      {"long.txt", kLong, "\"long\""},
      {"empty", "", "\"empty\""},
      {"app.js", "plain plain plain", "\"plain\""},
      {"app.js.gz", "gzip gzip", "\"gzip\""},
      {"sub/index.html", "index", "\"index\""},
      {"sub/a b?.txt", "odd", "\"odd\""},
  };
  constexpr std::int64_t kTime = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT
  const EmbeddedFiles embedded(kFiles, std::size(kFiles), kTime);

  static const test::TemporaryDirectory disk;
  static const bool once = [&embedded] {
    for (const EmbeddedFile& file : embedded)
      disk.write_at(std::string("files/").append(file.path), file.bytes, kTime);
    for (const char* const name : {"files/.hidden", "files/sub/.hidden", "secret"})
      disk.write_at(name, "secret", kTime);
    std::filesystem::create_symlink("../secret", disk.path("files/out"));
    return true;
  }();
  static_cast<void>(once);

  FileOptions options;
  options.cache_control = "public, max-age=60";
  options.system_types = "";
  server.files("/embedded", embedded, options);
  options.cached_file_bytes = 0;
  server.files("/disk", disk.path("files"), options);
}

/// Sends JSON back.
inline void add_json(Server& server) {
  server.post("/json", json_handler([](const nlohmann::json& in) { return in; }));
  server.post("/json/texts", json_handler([](const std::vector<std::string>& in) { return in; }));
}

inline void add_routes(Server& server) {
  server.get("/", saw);
  server.get("/get", saw);
  server.get("/next", [] { return "next"; });
  server.get("/smuggled", [] { return "smuggled"; });
  server.any("/any", saw);
  server.get("/version", [](const Request& req) { return std::to_string(req.version()); });
  server.get("/slash/", saw);
  server.get("/tree/{rest...}", [](const Request& req) {
    return std::string(req.path()) + " (" + std::string(req.param("rest")) + ")";
  });
  server.get("/segment/{it}", [](const Request& req) {
    return std::string(req.path()) + " (" + std::string(req.param("it")) + ")";
  });
  server.get("/items/{id:int}", saw);
  server.get("/users/me", saw);
  server.del("/users/{id}", saw);
  server.get("/users/{id}/posts", saw);
  server.put("/both", saw).get("/both", saw);
  server.head("/own-head",
              [](const Request&, Response& res) { res.header("X-Own", "1").text(""); });
  server.get("/own-head", [] { return "by get"; });
  server.options("/own-options", [](const Request&, Response& res) { res.text("mine"); });

  server.get("/who", [] { return "default"; });
  server.host("api.example.org", [](Router& api) { api.get("/who", [] { return "api"; }); });
  server.host("*.example.org", [](Router& any) { any.get("/who", [] { return "wildcard"; }); });

  add_fields_and_values(server);
  add_answers(server);
  add_content(server);
  add_forms(server);
  add_middleware(server);
  add_forwarded(server);
  add_files(server);
  add_json(server);
}

}  // namespace weir::conformance
