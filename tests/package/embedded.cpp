// SPDX-License-Identifier: MIT
// A stranger's program with files in it: serves each to itself, and prints what it has.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <weir/embedded/assets.hpp>
#include <weir/http/percent.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

int main() {
  weir::Server server;
  server.files("/static", weir::embedded::assets());
  weir::testing::Client client(server);
  for (const weir::EmbeddedFile& file : weir::embedded::assets()) {
    const std::string path(file.path);
    std::string target = "/static";
    for (std::size_t at = 0; at < path.size();) {
      const std::size_t end = std::min(path.find('/', at), path.size());
      target += "/" + weir::http::percent_encode(path.substr(at, end - at));
      at = end + 1;
    }
    const weir::testing::Answer answer = client.get(target);
    if (answer.status != 200 || answer.body != file.bytes || answer.header("ETag") != file.etag) {
      std::fprintf(stderr, "%s: %d\n", target.c_str(), answer.status);
      return 1;
    }
    std::printf("%s %zu\n", path.c_str(), file.bytes.size());
  }
  return client.get("/static/").body.empty() ? 1 : 0;
}
