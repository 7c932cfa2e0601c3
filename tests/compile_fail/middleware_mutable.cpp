// expect: no mutable lambda, no non-const member
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.use([count = 0](weir::Request&, weir::Response&) mutable { ++count; });
}
