// expect: a mutable lambda or a non-const operator() would be a data race
// SPDX-License-Identifier: MIT
#include <weir/forms.hpp>
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", weir::form([n = 0](const weir::FormData&) mutable { ++n; }));
}
