// SPDX-License-Identifier: MIT
/// \file
/// A user's program with the demo's answer on a path of its own. That it costs the same shows that
/// no route, path or field is served in a special way.
///
///     weir_guard_user_handler PORT
#include <cstdint>
#include <cstdlib>
#include <weir/weir.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  weir::Options options;
  options.threads = 1;
  weir::Server server(options);
  server.get("/greetings", [](const weir::Request&, weir::Response& response) {
    response.text("Hello, World!");
  });
  // As many others as the demo has, with as many common beginnings: a look-up is not free.
  for (const char* const path : {"/note", "/find", "/archive", "/volumes", "/shapes", "/sums",
                                 "/times", "/trees", "/kitchen", "/offers", "/domains"})
    server.get(path, [path] { return path; });
  server.listen("127.0.0.1", static_cast<std::uint16_t>(std::atoi(argv[1])));
  return server.run();
}
