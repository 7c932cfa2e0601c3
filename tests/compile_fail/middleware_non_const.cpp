// expect: no mutable lambda, no non-const member
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

struct Counter {
  int count = 0;
  void done(const weir::Request&, const weir::Outcome&) { ++count; }
};

void routes(weir::Server& server) { server.use(Counter{}); }
