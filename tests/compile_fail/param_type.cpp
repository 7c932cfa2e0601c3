// expect: param<T>() reads integers, floating-point numbers, bool, std::string and std::string_view
// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/{x}", [](const weir::Request& request) {
    return request.param<const char*>("x") ? "there" : "not there";
  });
}
