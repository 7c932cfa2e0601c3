// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

int main() {
  weir::Server server;
  server.get("/", [] { return "Hello, World!"; });
  server.listen("127.0.0.1", 8080);
  return server.run();
}
