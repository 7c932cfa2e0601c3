// SPDX-License-Identifier: MIT
// What surrounds handlers: a log line for each request, a field on each answer, a check in front of
// a group.
//   curl -i -H 'Authorization: Bearer sesame' http://127.0.0.1:8080/admin/whoami
#include <cstdio>
#include <string>
#include <weir/weir.hpp>

namespace {

/// One line for each request, when its answer has left or its client has.
struct Log {
  void done(const weir::Request& req, const weir::Outcome& outcome) const {
    std::printf("%.*s %.*s %d %llu bytes %llu ms%s\n", static_cast<int>(req.method_text().size()),
                req.method_text().data(), static_cast<int>(req.target().size()),
                req.target().data(), static_cast<int>(outcome.status),
                static_cast<unsigned long long>(outcome.content_bytes),
                static_cast<unsigned long long>(outcome.duration_ms),
                outcome.result == weir::Outcome::Result::delivered ? "" : " (not delivered)");
  }
};

/// A field on every answer, errors included.
struct NoSniff {
  void head(const weir::Request&, weir::ResponseHead& head) const {
    head.set("X-Content-Type-Options", "nosniff");
  }
};

struct User {
  std::string name;
};

/// Lets nobody pass who has no token, and tells the handler who it is.
weir::Next require_token(weir::Request& req, weir::Response& res) {
  if (req.header("Authorization") != "Bearer sesame") {
    res.status(weir::Status::unauthorized).header("WWW-Authenticate", "Bearer");
    res.text("who are you?\n");
    return weir::Next::done;
  }
  req.set(User{"Ali"});
  return weir::Next::proceed;
}

}  // namespace

int main() {
  weir::Server server;
  server.use(Log{}, NoSniff{});
  server.get("/", [] { return "anybody may read this\n"; });
  server.group("/admin", [](weir::Router& admin) {
    admin.use(require_token);
    admin.get("/whoami", [](const weir::Request& req) { return req.get<User>()->name + "\n"; });
  });
  server.listen("127.0.0.1", 8080);
  return server.run();
}
