// SPDX-License-Identifier: MIT
// A stranger's program that speaks JSON: does weir::json bring what weir/json.hpp stands on?
#include <string>
#include <weir/json.hpp>
#include <weir/weir.hpp>

#if !JSON_DIAGNOSTICS
#error "weir::json must define JSON_DIAGNOSTICS"
#endif

int main() {
  weir::Server server;
  server.post("/", weir::json_handler([](const std::string& in) { return in; }));
  weir::Response response;
  response.json(nlohmann::json{1, 2});
  return response.body() == "[1,2]" ? 0 : 1;
}
