// expect: a handler must not return int or bool
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/", weir::blocking([] { return 200; }));
}
