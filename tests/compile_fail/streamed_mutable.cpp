// expect: a mutable lambda or a non-const operator() would be a data race
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", weir::streamed([count = 0](const weir::Request&, weir::Body,
                                              weir::Response&) mutable { ++count; }));
}
