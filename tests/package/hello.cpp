// SPDX-License-Identifier: MIT
// A stranger's program: starts, says where, stops.
#include <fmt/format.h>

#include <weir/weir.hpp>

int main() {
  weir::Server server;
  server.get("/", [] { return "Hello, World!"; });
  server.listen("127.0.0.1", 0);
  server.start();
  fmt::print("weir {} on port {}\n", WEIR_VERSION, server.port());
  server.stop();
  server.wait();
  return 0;
}
