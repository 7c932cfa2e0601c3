// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/scan.hpp>

#include "../support/guarded_bytes.hpp"

namespace {

using namespace weir::http;
using weir::test::GuardedBytes;

using Scan = const char* (*)(const char* begin, const char* p, const char* end);
using Twin = const char* (*)(const char* p, const char* end);

struct Pair {
  const char* name;
  Scan scan;
  Twin twin;
  char plain;  // a byte that goes on
};

const Pair kPairs[] = {
    {"token", &scan_token, [](const char* p, const char* e) { return portable::scan_token(p, e); },
     'a'},
    {"target", &scan_target,
     [](const char* p, const char* e) { return portable::scan_target(p, e); }, '/'},
    {"plain path", &scan_plain_path,
     [](const char* p, const char* e) { return portable::scan_plain_path(p, e); }, '/'},
    {"value", &scan_value, [](const char* p, const char* e) { return portable::scan_value(p, e); },
     'a'},
    {"host name", &scan_host_name,
     [](const char* p, const char* e) { return portable::scan_host_name(p, e); }, 'a'},
    {"colon", &scan_colon, [](const char* p, const char* e) { return portable::scan_colon(p, e); },
     'a'},
};

/// Compares the two from every start within `text`, with bytes in front of the start and without.
void check_every_start(const Pair& pair, std::string_view text) {
  for (std::size_t start = 0; start <= text.size(); ++start) {
    const char* p = text.data() + start;
    const char* end = text.data() + text.size();
    const char* wanted = pair.twin(p, end);
    if (pair.scan(text.data(), p, end) != wanted || pair.scan(p, p, end) != wanted) {
      CAPTURE(start, text.size());
      CHECK(pair.scan(text.data(), p, end) == wanted);
      CHECK(pair.scan(p, p, end) == wanted);
    }
  }
}

TEST_CASE("the scanners mean what their portable twins mean, at every offset", "[http]") {
  GuardedBytes memory(256);
  for (const Pair& pair : kPairs) DYNAMIC_SECTION(pair.name) {
      for (std::size_t size = 0; size <= 70; ++size) {
        check_every_start(pair, memory.at_end(std::string(size, pair.plain)));
        check_every_start(pair, memory.at_begin(std::string(size, pair.plain)));
      }
      for (unsigned byte = 0; byte < 256; ++byte)
        for (std::size_t at = 0; at < 40; ++at) {
          std::string text(40, pair.plain);
          text[at] = static_cast<char>(byte);
          check_every_start(pair, memory.at_end(text));
        }
      SUCCEED();
    }
}

TEST_CASE("a scan stops at the first of several bytes", "[http]") {
  const std::string_view text = "name-with-30-bytes-before-it..:x:\r\n\r\n";
  const char* begin = text.data();
  const char* end = begin + text.size();
  CHECK(scan_colon(begin, begin, end) == begin + 30);
  CHECK(scan_token(begin, begin, end) == begin + 30);
  CHECK(scan_value(begin, begin, end) == begin + 33);
  CHECK(scan_target(begin, begin, end) == begin + 33);
  CHECK(scan_plain_path(begin, begin, end) == begin + 28);
}

}  // namespace
