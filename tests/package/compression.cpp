// SPDX-License-Identifier: MIT
// A stranger's program that compresses: does weir::compression bring what it stands on?
#include <string>
#include <weir/compress.hpp>
#include <weir/decompress.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

int main() {
  weir::Server server;
  server.use(weir::compress(), weir::decompress());
  server.get("/", [] { return std::string(5000, 'a'); });
  weir::testing::Client client(server);
  const auto answer = client.get("/", {{"Accept-Encoding", "gzip"}});
  return answer.header("Content-Encoding") == "gzip" && answer.body.size() < 500 ? 0 : 1;
}
