// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

#include "both_kinds.hpp"

int serve_compiled() {
  weir::Server server;
  server.get("/", [] { return "compiled"; });
  server.listen("127.0.0.1", 0);
  server.start();
  server.stop();
  server.wait();
  return 0;
}
