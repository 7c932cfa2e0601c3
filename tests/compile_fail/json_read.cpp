// expect: weir: req.json() needs weir/json.hpp: include it
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void reads(const weir::Request& request) { request.json(); }
