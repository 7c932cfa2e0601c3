// expect: a form's handler takes (const weir::FormData&)
// SPDX-License-Identifier: MIT
#include <weir/forms.hpp>
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.post("/", weir::form([](const weir::Request&, weir::Response&) {}));
}
