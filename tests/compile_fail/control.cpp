// compiles
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/text", [] { return "Hello"; });
  server.get("/status", [] { return weir::Status::ok; });
  server.get("/request", [](const weir::Request&) { return "Hello"; });
  server.get("/both", [](const weir::Request&, weir::Response&) {});
}
