// compiles
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/text", [] { return "Hello"; });
  server.get("/status", [] { return weir::Status::ok; });
  server.get("/request", [](const weir::Request&) { return "Hello"; });
  server.get("/both", [](const weir::Request&, weir::Response&) {});
  server.get("/param/{x}", [](const weir::Request& request) {
    return request.param<int>("x") ? "there" : "not there";
  });
  server.post("/streamed",
              weir::streamed([](const weir::Request&, weir::Body, weir::Response&) {}));
  server.get("/blocking", weir::blocking([] { return "Hello"; }));
  server.use([](weir::Request&, weir::Response&) { return weir::Next::proceed; });
  server.on_error([](const weir::Error&, weir::Response&) {});
}
