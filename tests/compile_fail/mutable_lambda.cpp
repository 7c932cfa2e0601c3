// expect: mutable
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/", [count = 0]() mutable { return ++count > 1 ? "again" : "first"; });
}
