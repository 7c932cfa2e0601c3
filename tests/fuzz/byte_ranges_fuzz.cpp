// SPDX-License-Identifier: MIT
// Eight bytes of a size, one of options, then the value of a Range field. What comes out is checked
// against a second reading of it, written for shortness.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <vector>
#include <weir/http/byte_ranges.hpp>
#include <weir/http/chars.hpp>

using namespace weir;
using test::require;

namespace {

using Kind = http::ByteRanges::Kind;

struct Expected {
  Kind kind = Kind::whole;
  std::vector<http::ByteRange> ranges;  // as they were asked for
};

bool is_digits(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

Expected read_again(std::string value, std::uint64_t size, std::size_t max_ranges) {
  if (size == 0 || value.size() < 6 || !http::equals_ignoring_case(value.substr(0, 6), "bytes="))
    return {};
  value = value.substr(6) + ",";
  Expected expected;
  std::size_t specs = 0;
  for (std::size_t comma; (comma = value.find(',')) != std::string::npos;) {
    const std::string spec(http::trim(value.substr(0, comma)));
    value.erase(0, comma + 1);
    if (spec.empty()) continue;
    ++specs;
    const std::size_t hyphen = spec.find('-');
    if (hyphen == std::string::npos) return {};
    const std::string a = spec.substr(0, hyphen);
    const std::string b = spec.substr(hyphen + 1);
    if (!is_digits(a) || !is_digits(b) || (a.empty() && b.empty())) return {};
    const std::uint64_t first = std::strtoull(a.c_str(), nullptr, 10);  // ULLONG_MAX if too big
    const std::uint64_t last = b.empty() ? UINT64_MAX : std::strtoull(b.c_str(), nullptr, 10);
    if (a.empty()) {
      if (last != 0) expected.ranges.push_back({size - std::min(last, size), size - 1});
    } else {
      if (last < first) return {};
      if (first < size) expected.ranges.push_back({first, std::min(last, size - 1)});
    }
  }
  if (specs == 0 || specs > max_ranges) return {};
  expected.kind = expected.ranges.empty() ? Kind::not_satisfiable : Kind::partial;
  return expected;
}

bool contains(const http::ByteRange& outer, const http::ByteRange& inner) {
  return outer.first <= inner.first && inner.last <= outer.last;
}

void check(const http::ByteRanges& ranges, const Expected& expected, std::uint64_t size,
           const http::RangeOptions& options) {
  require(ranges.kind() == expected.kind);
  require((ranges.kind() == Kind::partial) == (ranges.size() != 0));
  require(ranges.size() <= options.max_ranges && ranges.size() <= expected.ranges.size());
  require(ranges.total() <= size);
  const http::ByteRange* before = nullptr;
  for (const http::ByteRange& asked : expected.ranges) {
    // Each is in one that is sent; those come in the order in which they were first touched.
    const auto* const sent = std::find_if(
        ranges.begin(), ranges.end(), [&](const auto& range) { return contains(range, asked); });
    require(sent != ranges.end());
    if (before == nullptr || sent > before) {
      require(sent == (before == nullptr ? ranges.begin() : before + 1));
      before = sent;
    }
  }
  for (const http::ByteRange& range : ranges) {
    require(range.first <= range.last && range.last < size);
    bool starts = false;
    bool ends = false;
    for (const http::ByteRange& asked : expected.ranges) {
      starts = starts || asked.first == range.first;
      ends = ends || asked.last == range.last;
    }
    require(starts && ends);
    for (const http::ByteRange& other : ranges) {
      if (&other == &range) continue;
      require(range.last < other.first || other.last < range.first);
      if (range.last < other.first) require(other.first - range.last - 1 >= options.merge_gap);
    }
  }
}

/// What the text of a Content-Range says; its three numbers.
void check_content_range(const http::ByteRange& range, std::uint64_t size) {
  const http::ContentRange made(range, size);
  const std::string text(made.text());
  require(text.substr(0, 6) == "bytes ");
  char* at = nullptr;
  require(std::strtoull(text.c_str() + 6, &at, 10) == range.first && *at == '-');
  require(std::strtoull(at + 1, &at, 10) == range.last && *at == '/');
  require(std::strtoull(at + 1, &at, 10) == size && *at == '\0');
  // Asked for again it is itself.
  const std::string again =
      "bytes=" + std::to_string(range.first) + "-" + std::to_string(range.last);
  const http::ByteRanges one(again, size);
  require(one.size() == 1 && one[0].first == range.first && one[0].last == range.last);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 9) return 0;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, data, sizeof bytes);
  const std::uint8_t choice = data[8];
  bytes >>= (choice & 7u) * 8;  // small ones are as likely as big ones
  http::RangeOptions options;
  options.max_ranges = choice >> 3 & 31u;
  if ((choice & 8u) != 0) options.merge_gap = choice;
  const std::string value(reinterpret_cast<const char*>(data) + 9, size - 9);

  const http::ByteRanges ranges(value, bytes, options);
  options.max_ranges = std::min(options.max_ranges, http::kMaxRanges);
  check(ranges, read_again(value, bytes, options.max_ranges), bytes, options);
  for (const http::ByteRange& range : ranges) check_content_range(range, bytes);

  if (bytes > INT64_MAX) return 0;
  const http::MultipartRanges parts(
      ranges, bytes, (choice & 1u) != 0 ? "text/plain" : "",
      std::string_view("0123456789abcdef").substr(0, 1 + choice % 16));
  std::string heads;
  for (std::size_t i = 0; i < ranges.size(); ++i) parts.append_head(i, heads);
  parts.append_end(heads);
  require(parts.content_length() == heads.size() + ranges.total());
  return 0;
}
