// SPDX-License-Identifier: MIT
// The request parser on the requests that matter, beside the parsers of others, in one process.
//
// Every subject reads the same bytes by turns, a few milliseconds each, many times over; the least
// time of each counts, for whatever else the machine does only ever adds to it. Two runs may differ
// by a quarter in nanoseconds, by a twentieth in ratios.
//   request_parser_bench [ROUNDS]
//   request_parser_bench REQUEST SUBJECT COUNT    parses COUNT times and no more, for callgrind
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/chunk_decoder.hpp>
#include <weir/http/request_parser.hpp>
#include <weir/http/target.hpp>

#ifdef WEIR_HAS_HTTP_PARSER
#include <http_parser.h>
#endif

#ifdef WEIR_HAS_PICOHTTPPARSER
// libh2o exports picohttpparser but installs no header for it.
struct phr_header {
  const char* name;
  std::size_t name_len;
  const char* value;
  std::size_t value_len;
};
extern "C" int phr_parse_request(const char* buf, std::size_t len, const char** method,
                                 std::size_t* method_len, const char** path, std::size_t* path_len,
                                 int* minor_version, phr_header* headers, std::size_t* num_headers,
                                 std::size_t last_len);
#endif

namespace {

using namespace weir::http;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kSmall = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
static_assert(kSmall.size() == 35);

constexpr std::string_view kBrowser =
    "GET /articles/2024/how-to-read-a-request?from=frontpage HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.com/articles?page=2\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Sec-Fetch-User: ?1\r\n"
    "Priority: u=0, i\r\n"
    "\r\n";
static_assert(kBrowser.size() >= 600 && kBrowser.size() <= 700);

/// What the compiler must take to be read and changed.
template <class Value>
void keep(Value& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

void require(bool holds) {
  if (!holds) std::abort();
}

struct Memory {
  std::array<FieldIndex, 100> index;
  RequestHead head;
  Limits limits;
  std::string scratch;

  Memory() {
    head.fields = index.data();
    head.field_capacity = static_cast<std::uint32_t>(index.size());
  }
};

void parse(std::string_view bytes) {
  static Memory memory;
  RequestParser parser;
  const auto result = parser.parse(bytes.data(), bytes.size(), memory.head, memory.limits);
  require(result.kind == RequestParser::Result::Kind::complete);
  keep(memory);
}

/// All that a server does with a head before it routes.
void parse_and_split(std::string_view bytes) {
  static Memory memory;
  RequestParser parser;
  const auto result = parser.parse(bytes.data(), bytes.size(), memory.head, memory.limits);
  require(result.kind == RequestParser::Result::Kind::complete);
  if (memory.head.plain_path == 0) {
    Target target;
    RoutedPath path;
    require(split(memory.head.target_text(), memory.head.method, target) == TargetError::none);
    require(normalise_path(target.path, memory.scratch, path) == TargetError::none);
    keep(target);
    keep(path);
  }
  keep(memory);
}

/// By one byte a call: what the state machine costs without its fast paths.
void parse_bytewise(std::string_view bytes) {
  static Memory memory;
  RequestParser parser;
  for (std::size_t size = 1; size <= bytes.size(); ++size)
    parser.parse(bytes.data(), size, memory.head, memory.limits);
  keep(memory);
}

#ifdef WEIR_HAS_PICOHTTPPARSER
void parse_with_picohttpparser(std::string_view bytes) {
  static std::array<phr_header, 100> headers;
  const char* method = nullptr;
  const char* path = nullptr;
  std::size_t method_size = 0;
  std::size_t path_size = 0;
  std::size_t count = headers.size();
  int minor_version = 0;
  const int size = phr_parse_request(bytes.data(), bytes.size(), &method, &method_size, &path,
                                     &path_size, &minor_version, headers.data(), &count, 0);
  require(size == static_cast<int>(bytes.size()));
  keep(headers);
}
#endif

#ifdef WEIR_HAS_HTTP_PARSER
/// Without callbacks for its parts: it keeps nothing of the request.
void parse_with_http_parser(std::string_view bytes) {
  static http_parser_settings settings;
  http_parser parser;
  http_parser_init(&parser, HTTP_REQUEST);
  require(http_parser_execute(&parser, &settings, bytes.data(), bytes.size()) == bytes.size());
  keep(parser);
}
#endif

void decode_chunk(std::string_view bytes) {
  static std::string trailers;
  const Limits limits;
  ChunkDecoder decoder;
  std::size_t at = 0;
  while (!decoder.is_done()) {
    const auto progress = decoder.step(bytes.data() + at, bytes.size() - at, limits, trailers);
    require(progress.consumed != 0);
    at += progress.consumed;
  }
  keep(decoder);
}

struct Subject {
  const char* name;
  void (*run)(std::string_view);
  double best = 1e9;  // nanoseconds

  void measure(std::string_view bytes, int count) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < count; ++i) run(bytes);
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    if (took.count() / count < best) best = took.count() / count;
  }
};

struct Case {
  const char* name;
  std::string bytes;
  std::vector<Subject> subjects;  // the first is compared with the others
};

std::vector<Case> make_cases() {
  const std::vector<Subject> parsers = {
      {"weir", &parse},
      {"weir-and-split", &parse_and_split},
#ifdef WEIR_HAS_PICOHTTPPARSER
      {"picohttpparser", &parse_with_picohttpparser},
#endif
#ifdef WEIR_HAS_HTTP_PARSER
      {"http-parser", &parse_with_http_parser},
#endif
  };
  return {{"small", std::string(kSmall), parsers},
          {"browser", std::string(kBrowser), parsers},
          {"bytewise", std::string(kBrowser), {{"weir", &parse_bytewise}}},
          {"chunk",
           "4000\r\n" + std::string(0x4000, 'x') + "\r\n0\r\n\r\n",
           {{"weir", &decode_chunk}}}};
}

void compare(Case& c, int rounds) {
  std::vector<int> counts;
  for (Subject& subject : c.subjects) {  // as many as fill about two milliseconds
    subject.measure(c.bytes, 100);
    counts.push_back(static_cast<int>(2e6 / subject.best) + 1);
  }
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < c.subjects.size(); ++i) c.subjects[i].measure(c.bytes, counts[i]);
  for (const Subject& subject : c.subjects) {
    std::printf("%-9s %6zu  %-15s %9.1f", c.name, c.bytes.size(), subject.name, subject.best);
    if (&subject != c.subjects.data())
      std::printf("  %5.2f", c.subjects.front().best / subject.best);
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Case> cases = make_cases();
  if (argc == 4) {
    for (Case& c : cases)
      for (Subject& subject : c.subjects)
        if (std::string_view(argv[1]) == c.name && std::string_view(argv[2]) == subject.name)
          for (int left = std::atoi(argv[3]); left > 0; --left) subject.run(c.bytes);
    return 0;
  }
  const int rounds = argc == 2 ? std::atoi(argv[1]) : 200;
  std::printf("%-9s %6s  %-15s %9s  %s\n", "request", "bytes", "parser", "ns", "weir/it");
  for (Case& c : cases) compare(c, rounds);
}
