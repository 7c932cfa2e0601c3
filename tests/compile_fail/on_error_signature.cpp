// expect: on_error takes a callable (const weir::Error&, weir::Response&)
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.on_error([](const weir::Error&) {});
}
