// expect: weir: res.json(value) needs weir/json.hpp: include it
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

struct Point {
  int x;
};

void writes(weir::Response& response) { response.json(Point{1}); }
