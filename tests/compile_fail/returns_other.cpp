// expect: a handler returns void, a string, weir::Status or weir::Response
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

struct Point {
  int x;
  int y;
};

void routes(weir::Server& server) {
  server.get("/", [] { return Point{1, 2}; });
}
