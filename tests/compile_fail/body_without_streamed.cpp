// expect: wrap it in weir::streamed() to take a weir::Body
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", [](const weir::Request&, weir::Body, weir::Response&) {});
}
