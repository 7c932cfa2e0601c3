// SPDX-License-Identifier: MIT
/// \file
/// The parser and the session without a socket, for callgrind to count.
///
///     weir_guard_in_memory parser|session small|browser|pipelined COUNT
///     weir_guard_in_memory print small|browser [TARGET]
///
/// What two runs with different COUNTs differ by, divided by the difference of the COUNTs, is the
/// price of one round: of a request, and with `pipelined` of 16. `print` writes the bytes, for
/// clients that count a whole server.
#include "../../benchmarks/in_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/request_parser.hpp>

namespace {

namespace http = weir::http;

constexpr std::size_t kBatch = 16;
constexpr std::string_view kTarget = "/plaintext";
constexpr std::string_view kSmallRest = " HTTP/1.1\r\nHost: weir.t\r\n\r\n";
constexpr std::string_view kBrowserRest =
    " HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "Connection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"126\", \"Not/A)Brand\";v=\"8\", \"Other Browser\";v=\"126\"\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;"
    "q=0.8\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Referer: https://www.example.org/article\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-GB,en;q=0.8\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; "
    "region=eu-west; consent=granted\r\n"
    "\r\n";
constexpr std::size_t kBrowserFields = 14;
static_assert(4 + kTarget.size() + kSmallRest.size() == 41);
static_assert(4 + kTarget.size() + kBrowserRest.size() == 700);

std::string request(std::string_view kind, std::string_view target) {
  return std::string("GET ").append(target).append(kind == "browser" ? kBrowserRest : kSmallRest);
}

bool run_session(const std::string& wire, std::size_t requests, std::uint64_t count) {
  in_memory::Hello hello;
  for (std::uint64_t i = 0; i < count; ++i) {
    hello.context.requests = ~0U;
    for (std::size_t used = 0; used < wire.size();)
      used += hello.session.on_bytes(wire.data() + used, wire.size() - used, hello.context);
  }
  return hello.session.is_idle() && hello.answered == count * requests;
}

bool run_parser(const std::string& wire, std::size_t fields, std::uint64_t count) {
  std::vector<http::FieldIndex> index(100);
  http::RequestHead head;
  head.fields = index.data();
  head.field_capacity = static_cast<std::uint32_t>(index.size());
  const http::Limits limits;
  for (std::uint64_t i = 0; i < count; ++i) {
    http::RequestParser parser;
    const auto result = parser.parse(wire.data(), wire.size(), head, limits);
    if (result.kind != http::RequestParser::Result::Kind::complete) return false;
  }
  return head.field_count == fields;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  const std::string_view kind = argc > 2 ? argv[2] : "";
  if (what == "print" && argc <= 4) {
    const std::string wire = request(kind, argc == 4 ? std::string_view(argv[3]) : kTarget);
    return std::fwrite(wire.data(), 1, wire.size(), stdout) == wire.size() ? 0 : 1;
  }
  const std::uint64_t count = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if (count == 0 || (what != "parser" && what != "session")) {
    std::fputs("weir_guard_in_memory parser|session small|browser|pipelined COUNT\n", stderr);
    return 2;
  }
  std::string wire = request(kind, kTarget);
  std::size_t requests = 1;
  if (kind == "pipelined") {
    const std::string one = wire;
    for (; requests < kBatch; ++requests) wire += one;
  }
  const std::size_t fields = kind == "browser" ? kBrowserFields : 1;
  const bool right =
      what == "parser" ? run_parser(wire, fields, count) : run_session(wire, requests, count);
  if (!right) std::fputs("weir_guard_in_memory: a request was not taken\n", stderr);
  return right ? 0 : 1;
}
