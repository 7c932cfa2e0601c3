// SPDX-License-Identifier: MIT
// Content piece by piece, both ways, in memory that does not grow with it.
//   curl -N http://127.0.0.1:8080/count
//   curl -T large.file http://127.0.0.1:8080/checksum
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <weir/weir.hpp>

namespace {

/// A million lines, as fast as the client reads: no thread is held in between.
void count(const weir::Request&, weir::Response& res) {
  res.header("Content-Type", "text/plain");
  weir::Stream out = res.stream();
  out.on_writable([out, next = 1]() mutable {
    for (; next <= 1'000'000; ++next)
      if (out.write(std::to_string(next) + "\n") != weir::WriteResult::ok) return;  // not taken
    out.end();
  });
}

/// FNV-1a of a body of any size, on the loop, as the pieces come.
void checksum(const weir::Request&, weir::Body body, weir::Response& res) {
  auto hash = std::make_shared<std::uint64_t>(14695981039346656037ULL);
  body.on_data([hash](std::string_view piece) {
    for (const char c : piece) *hash = (*hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  });
  body.on_end([hash, reply = res.defer()](std::string_view) mutable {
    reply.text(std::to_string(*hash) + "\n");
  });
}

/// The same in plain code that waits, on a worker.
std::string count_lines(const weir::Request&, weir::Body body, weir::Response&) {
  char piece[16 * 1024];
  std::size_t lines = 0;
  while (const std::size_t n = body.read(piece, sizeof piece))
    for (std::size_t i = 0; i < n; ++i) lines += piece[i] == '\n' ? 1U : 0U;
  return std::to_string(lines) + "\n";
}

}  // namespace

int main() {
  weir::Server server;
  server.get("/count", count);
  server.put("/checksum", weir::streamed(checksum));
  server.put("/lines", weir::blocking(weir::streamed(count_lines)));
  server.listen("127.0.0.1", 8080);
  return server.run();
}
