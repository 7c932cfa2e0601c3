// expect: weir: an optional has a status of its own
// SPDX-License-Identifier: MIT
#include <weir/json.hpp>
#include <weir/weir.hpp>

void routes(weir::Server& server) {
  server.get("/", weir::json_handler(
                      [] { return std::pair(weir::Status::ok, std::optional<std::string>()); }));
}
