// SPDX-License-Identifier: MIT
/// \file
/// Sends exactly N requests and checks every answer: the steady hand for counting instructions.
///
/// Each connection sends `depth` requests in one piece and reads their answers, in turn, so that
/// the same call gives the server the same work each time.
#include <algorithm>
#include <exception>
#include <vector>

#include "raw_client.hpp"
#include "tool.hpp"

namespace {

constexpr const char* kUsage =
    "requests --requests N [--host 127.0.0.1] [--port 8080] [--connections 1] [--depth 1]\n"
    "         [--request-file FILE] [--status 200] [--body-file FILE] [--save-answer FILE]\n"
    "         [--timeout-seconds 60]\n"
    "  --depth        requests that are sent before the first answer is read (pipelining)\n"
    "  --request-file one whole request (default: GET /plaintext)\n"
    "  --body-file    what each answer's content must be (default: that of the first answer)\n"
    "  --save-answer  writes the bytes of the first answer, head and content\n";

}  // namespace

int main(int argc, char** argv) try {
  load::Arguments arguments(argc, argv, kUsage);
  const std::string host = arguments.text("host", "127.0.0.1");
  const auto port = static_cast<std::uint16_t>(arguments.number("port", 8080, 1, 65535));
  const std::uint64_t total = arguments.number("requests", 0, 1, 1'000'000'000);
  const std::uint64_t connections = arguments.number("connections", 1, 1, 10'000);
  const std::uint64_t depth = arguments.number("depth", 1, 1, 1000);
  const auto status = static_cast<int>(arguments.number("status", 200, 200, 599));
  const std::chrono::seconds timeout(arguments.number("timeout-seconds", 60, 1, 3600));
  const std::string request =
      arguments.file("request-file", "GET /plaintext HTTP/1.1\r\nHost: " + host + ":" +
                                         std::to_string(port) + "\r\n\r\n");
  std::string body = arguments.file("body-file", "");
  const std::string save = arguments.text("save-answer", "");
  arguments.done();
  load::raise_file_limit(connections + 16);
  load::loopback(host, port);
  const bool to_head = request.compare(0, 5, "HEAD ") == 0;

  std::string batch;
  for (std::uint64_t i = 0; i < depth; ++i) batch += request;

  std::vector<weir::test::RawClient> clients;
  for (std::uint64_t i = 0; i < connections; ++i) clients.emplace_back(port, host, timeout);

  bool first = true;
  for (std::uint64_t left = total; left != 0;) {
    for (weir::test::RawClient& client : clients) {
      const std::uint64_t now = std::min(left, depth);
      if (now == 0) break;
      left -= now;
      client.send(std::string_view(batch).substr(0, now * request.size()));
      for (std::uint64_t i = 0; i < now; ++i) {
        const weir::test::RawResponse response = client.read_response(to_head);
        if (first) {
          if (body.empty()) body = response.body;
          if (!save.empty() && !(std::ofstream(save, std::ios::binary) << response.raw))
            load::die("cannot write '" + save + "'");
        }
        first = false;
        if (response.status != status || response.body != body) {
          std::fprintf(stderr, "requests: wrong answer, %llu requests before the end:\n%s\n",
                       static_cast<unsigned long long>(left), response.raw.c_str());
          return 1;
        }
      }
      if (!client.unread().empty()) {
        std::fprintf(stderr, "requests: bytes after the last answer\n");
        return 1;
      }
    }
  }
  std::printf("%llu requests, each answered %d with %zu bytes of content\n",
              static_cast<unsigned long long>(total), status, body.size());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "requests: %s\n", error.what());
  return 1;
}
