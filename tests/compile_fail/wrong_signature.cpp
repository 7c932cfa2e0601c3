// expect: const weir::Request&
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/", [](int) { return "Hello"; });
}
