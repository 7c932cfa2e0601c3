// expect: a handler must not return int or bool
// SPDX-License-Identifier: MIT
#include <weir/forms.hpp>
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", weir::form([](const weir::FormData&) { return 200; }));
}
