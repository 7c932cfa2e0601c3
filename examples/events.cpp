// SPDX-License-Identifier: MIT
// Server-sent events: a channel that tells everybody the time, a stream that tells one client how
// far its job is, and the dashboard, in front of which stands a password.
//   curl -N http://127.0.0.1:8080/clock
//   curl -N http://127.0.0.1:8080/progress
//   http://127.0.0.1:8080/admin/          (user admin, password sesame)
#include <chrono>
#include <ctime>
#include <string>
#include <weir/dashboard.hpp>
#include <weir/events.hpp>
#include <weir/weir.hpp>

namespace {

using std::chrono::milliseconds;

/// A job of a tenth of a second a step; each step is an event.
void progress(weir::Server& server, weir::EventStream events, int percent) {
  if (events.send({std::to_string(percent), "progress"}) == weir::WriteResult::gone) return;
  if (percent == 100) {
    events.end();
    return;
  }
  server.after(milliseconds(100), [&server, events, percent]() mutable {
    progress(server, std::move(events), percent + 10);
  });
}

/// Lets nobody pass without the password.
weir::Next require_password(weir::Request& req, weir::Response& res) {
  if (req.header("Authorization") == "Basic YWRtaW46c2VzYW1l") return weir::Next::proceed;
  res.status(weir::Status::unauthorized).header("WWW-Authenticate", "Basic realm=\"admin\"");
  res.text("who are you?\n");
  return weir::Next::done;
}

}  // namespace

int main() {
  weir::Server server;
  weir::EventChannel clock;
  server.get("/clock",
             [clock](const weir::Request& req, weir::Response& res) { clock.subscribe(req, res); });
  server.every(std::chrono::seconds(1), [clock] {
    const std::string now = std::to_string(std::time(nullptr));
    clock.publish({now, "tick", now});  // data, name, id: who connects anew misses nothing
  });

  server.get("/progress", [&server](const weir::Request& req, weir::Response& res) {
    progress(server, weir::EventStream(req, res), 0);
  });

  server.group("/admin", [&](weir::Router& admin) {
    admin.use(require_password);
    weir::dashboard(admin, server);
  });

  server.listen("127.0.0.1", 8080);
  return server.run();
}
