// expect: a before hook returns weir::Next or nothing
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.use([](weir::Request&, weir::Response&) { return true; });
}
