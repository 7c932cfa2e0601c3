// expect: weir::Status
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/", [] { return 200; });
}
