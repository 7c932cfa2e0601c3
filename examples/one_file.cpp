// SPDX-License-Identifier: MIT
// A single-page application in one file: the program has its page, script and style in it.
//   curl -i http://127.0.0.1:8080/          the page, from memory
//   curl -i http://127.0.0.1:8080/api/time  what its script asks for
#include <ctime>
#include <string>
#include <weir/embedded/one_file.hpp>
#include <weir/weir.hpp>

int main() {
  weir::Server server;
  server.get("/api/time", [](const weir::Request&, weir::Response& res) {
    res.json("{\"seconds\":" + std::to_string(std::time(nullptr)) + "}");
  });
  weir::FileOptions options;
  options.fallback = "index.html";     // the script knows what /any/other/path shows
  options.cache_control = "no-cache";  // ask each time: a 304 is all that it costs
  server.files("", weir::embedded::one_file(), options);
  server.listen("127.0.0.1", 8080);
  server.run();
}
