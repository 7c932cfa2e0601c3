// expect: a streamed handler takes (const weir::Request&, weir::Body, weir::Response&)
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", weir::streamed([](const weir::Request&, weir::Response&) {}));
}
