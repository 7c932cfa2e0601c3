// expect: a handler takes nothing, (const weir::Request&)
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/", [](weir::Request) { return "Hello"; });
}
