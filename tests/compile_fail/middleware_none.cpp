// expect: a middleware has a const member before
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

struct Nothing {
  void handle(weir::Request&, weir::Response&) const {}
};

void routes(weir::Server& server) { server.use(Nothing{}); }
