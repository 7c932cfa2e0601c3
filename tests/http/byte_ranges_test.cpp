// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <weir/http/byte_ranges.hpp>

using namespace weir;
using http::ByteRanges;

namespace {

/// "whole", "416", or the ranges as "0-4 7-9".
std::string text_of(const ByteRanges& ranges) {
  switch (ranges.kind()) {
    case ByteRanges::Kind::whole:
      return ranges.size() == 0 ? "whole" : "whole with ranges";
    case ByteRanges::Kind::not_satisfiable:
      return ranges.size() == 0 ? "416" : "416 with ranges";
    case ByteRanges::Kind::partial:
      break;
  }
  std::string text;
  for (const http::ByteRange& range : ranges)
    text +=
        (text.empty() ? "" : " ") + std::to_string(range.first) + "-" + std::to_string(range.last);
  return text;
}

struct Case {
  const char* name;
  std::string_view range;
  std::uint64_t size;
  const char* ranges;
};

constexpr std::uint64_t kBig = 10000;  // large enough that gaps count

const Case kCases[] = {
    // int-range, §14.1.2
    {"the first 500", "bytes=0-499", kBig, "0-499"},
    {"the second 500", "bytes=500-999", kBig, "500-999"},
    {"one byte", "bytes=0-0", kBig, "0-0"},
    {"the last byte", "bytes=9999-9999", kBig, "9999-9999"},
    {"to the end", "bytes=9500-", kBig, "9500-9999"},
    {"all of it is a range", "bytes=0-", kBig, "0-9999"},
    {"a last position behind the end", "bytes=9500-10000", kBig, "9500-9999"},
    {"leading zeros", "bytes=000-0000000000000000000000499", kBig, "0-499"},
    {"a first position at the end", "bytes=10000-", kBig, "416"},
    {"a first position behind the end", "bytes=20000-20001", kBig, "416"},

    // suffix-range
    {"the final 500", "bytes=-500", kBig, "9500-9999"},
    {"the final byte", "bytes=-1", kBig, "9999-9999"},
    {"a suffix of all", "bytes=-10000", kBig, "0-9999"},
    {"a suffix of more", "bytes=-10001", kBig, "0-9999"},
    {"a suffix of nothing", "bytes=-0", kBig, "416"},
    {"a suffix of nothing with zeros", "bytes=-000", kBig, "416"},

    // numbers of any size
    {"2^64 - 1 as last", "bytes=0-18446744073709551615", kBig, "0-9999"},
    {"2^64 as last", "bytes=0-18446744073709551616", kBig, "0-9999"},
    {"a last that would wrap to 1", "bytes=0-18446744073709551617", kBig, "0-9999"},
    {"2^64 as first", "bytes=18446744073709551616-", kBig, "416"},
    {"a first that would wrap to 1", "bytes=18446744073709551617-", kBig, "416"},
    {"thirty nines", "bytes=999999999999999999999999999999-", kBig, "416"},
    {"a suffix of thirty nines", "bytes=-999999999999999999999999999999", kBig, "0-9999"},
    {"the biggest representation", "bytes=-1", UINT64_MAX,
     "18446744073709551614-18446744073709551614"},
    {"all of the biggest", "bytes=0-", UINT64_MAX, "0-18446744073709551614"},
    {"its last byte", "bytes=18446744073709551614-", UINT64_MAX,
     "18446744073709551614-18446744073709551614"},
    {"the one behind it", "bytes=18446744073709551615-", UINT64_MAX, "416"},

    // several
    {"first and last", "bytes=0-0,-1", kBig, "0-0 9999-9999"},
    {"first, middle and last 1000", "bytes= 0-999, 4500-5499, -1000", kBig,
     "0-999 4500-5499 9000-9999"},
    {"in the order asked", "bytes=5000-5009,0-9,9000-9009", kBig, "5000-5009 0-9 9000-9009"},
    {"one of two is satisfiable", "bytes=20000-,0-9", kBig, "0-9"},
    {"none of two is", "bytes=20000-,-0", kBig, "416"},
    {"empty elements", "bytes=,, 0-9 ,\t, 5000-5009 ,", kBig, "0-9 5000-5009"},
    {"tabs around", "bytes=\t0-9\t,\t5000-5009\t", kBig, "0-9 5000-5009"},

    // joined, §15.3.7.2
    {"adjacent", "bytes=500-600,601-999", kBig, "500-999"},
    {"overlapping", "bytes=500-700,601-999", kBig, "500-999"},
    {"overlapping, backwards", "bytes=601-999,500-700", kBig, "500-999"},
    {"one within the other", "bytes=0-999,10-20", kBig, "0-999"},
    {"the other within the one", "bytes=10-20,0-999", kBig, "0-999"},
    {"the same twice", "bytes=0-9,0-9", kBig, "0-9"},
    {"79 bytes between", "bytes=0-9,89-99", kBig, "0-99"},
    {"80 bytes between", "bytes=0-9,90-99", kBig, "0-9 90-99"},
    {"79 bytes between, backwards", "bytes=89-99,0-9", kBig, "0-99"},
    {"80 bytes between, backwards", "bytes=90-99,0-9", kBig, "90-99 0-9"},
    {"a bridge between two", "bytes=0-9,1000-1009,5-1005", kBig, "0-1009"},
    {"a bridge keeps the first place", "bytes=5000-5009,0-9,9000-9009,1000-1009,5-1005", kBig,
     "5000-5009 0-1009 9000-9009"},
    {"a bridge between the last ones", "bytes=9000-9009,1000-1009,0-9,5-1005", kBig,
     "9000-9009 0-1009"},
    {"one over all", "bytes=5000-5009,0-9,-10,0-", kBig, "0-9999"},
    {"joining that makes more join", "bytes=0-9,200-209,100-110", kBig, "0-9 200-209 100-110"},
    {"joining that makes more join, indeed", "bytes=0-9,150-209,80-90", kBig, "0-209"},
    {"a small representation", "bytes=0-0,-1", 10, "0-9"},

    // floods, §17.15
    {"sixteen",
     "bytes=0-0,200-200,400-400,600-600,800-800,1000-1000,1200-1200,1400-1400,1600-1600,"
     "1800-1800,2000-2000,2200-2200,2400-2400,2600-2600,2800-2800,3000-3000",
     kBig,
     "0-0 200-200 400-400 600-600 800-800 1000-1000 1200-1200 1400-1400 1600-1600 1800-1800 "
     "2000-2000 2200-2200 2400-2400 2600-2600 2800-2800 3000-3000"},
    {"seventeen", "bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-", kBig, "whole"},
    {"sixteen of the same", "bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-", kBig,
     "0-9999"},
    {"seventeen that are not satisfiable",
     "bytes=-0,-0,-0,-0,-0,-0,-0,-0,-0,-0,-0,-0,-0,-0,-0,-0,-0", kBig, "whole"},

    // not of the grammar: as if there were no Range
    {"nothing", "", kBig, "whole"},
    {"no unit", "0-9", kBig, "whole"},
    {"another unit", "seconds=0-9", kBig, "whole"},
    {"a longer unit", "bytes2=0-9", kBig, "whole"},
    {"a blank in front of '='", "bytes =0-9", kBig, "whole"},
    {"the unit alone", "bytes", kBig, "whole"},
    {"the unit in capitals, RFC 9110 §14.1", "Bytes=0-9", kBig, "0-9"},
    {"no range", "bytes=", kBig, "whole"},
    {"only commas", "bytes=,", kBig, "whole"},
    {"only blanks", "bytes=   ", kBig, "whole"},
    {"commas and blanks", "bytes= , ,\t,", kBig, "whole"},
    {"no hyphen", "bytes=7", kBig, "whole"},
    {"a hyphen alone", "bytes=-", kBig, "whole"},
    {"last before first", "bytes=5-4", kBig, "whole"},
    {"last before first among others", "bytes=0-2,5-4", kBig, "whole"},
    {"two hyphens", "bytes=--5", kBig, "whole"},
    {"three numbers", "bytes=0-1-2", kBig, "whole"},
    {"a sign", "bytes=+1-2", kBig, "whole"},
    {"blanks within", "bytes=0 - 9", kBig, "whole"},
    {"letters", "bytes=a-", kBig, "whole"},
    {"letters behind", "bytes=5-z", kBig, "whole"},
    {"a hexadecimal number", "bytes=0x01-0x02", kBig, "whole"},
    {"a fraction", "bytes=0.5-1", kBig, "whole"},
    {"a size behind it", "bytes=0-9/100", kBig, "whole"},
    {"a star", "bytes=*", kBig, "whole"},
    {"semicolons", "bytes=0-9;20-29", kBig, "whole"},
    {"quotes", "bytes=\"0-9\"", kBig, "whole"},
    {"two fields joined", "bytes=0-9, bytes=20-29", kBig, "whole"},
    {"junk behind what is good", "bytes=0-9,junk", kBig, "whole"},
    {"junk behind what is not satisfiable", "bytes=20000-,junk", kBig, "whole"},

    // nothing to have a part of, §14.2
    {"empty: int-range", "bytes=0-", 0, "whole"},
    {"empty: behind the end", "bytes=5-9", 0, "whole"},
    {"empty: suffix-range", "bytes=-5", 0, "whole"},
    {"one byte: all", "bytes=0-", 1, "0-0"},
    {"one byte: suffix", "bytes=-5", 1, "0-0"},
    {"one byte: behind it", "bytes=1-", 1, "416"},
};

/// The body of a multipart answer whose content is its offset's last digit.
std::string body_of(const ByteRanges& ranges, const http::MultipartRanges& parts) {
  std::string body;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    parts.append_head(i, body);
    for (std::uint64_t at = ranges[i].first; at <= ranges[i].last; ++at)
      body += static_cast<char>('0' + at % 10);
  }
  parts.append_end(body);
  return body;
}

}  // namespace

TEST_CASE("a Range is resolved against a size, or ignored", "[http][range]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      const ByteRanges ranges(c.range, c.size);
      CHECK(text_of(ranges) == c.ranges);
      CHECK(ranges.total() <= c.size);
    }
}

TEST_CASE("without a Range the whole is sent", "[http][range]") {
  CHECK(text_of(ByteRanges()) == "whole");
  CHECK(ByteRanges().total() == 0);
}

TEST_CASE("the number of ranges and what is joined are options", "[http][range]") {
  http::RangeOptions options;
  options.max_ranges = 0;
  CHECK(text_of(ByteRanges("bytes=0-9", kBig, options)) == "whole");
  options.max_ranges = 1;
  CHECK(text_of(ByteRanges("bytes=0-9", kBig, options)) == "0-9");
  CHECK(text_of(ByteRanges("bytes=0-9,", kBig, options)) == "0-9");
  CHECK(text_of(ByteRanges("bytes=0-9,5000-", kBig, options)) == "whole");
  options.max_ranges = 1000;  // no more than there is room for
  std::string many = "bytes=0-9";
  for (std::size_t i = 1; i < http::kMaxRanges; ++i)
    many += "," + std::to_string(i * 500) + "-" + std::to_string(i * 500);
  CHECK(ByteRanges(many, kBig, options).size() == http::kMaxRanges);
  CHECK(text_of(ByteRanges(many + ",9999-", kBig, options)) == "whole");

  options = {};
  options.merge_gap = 0;
  CHECK(text_of(ByteRanges("bytes=0-9,10-19", kBig, options)) == "0-9 10-19");
  CHECK(text_of(ByteRanges("bytes=0-9,9-19", kBig, options)) == "0-19");
  options.merge_gap = UINT64_MAX;
  CHECK(text_of(ByteRanges("bytes=0-0,-1", kBig, options)) == "0-9999");
}

TEST_CASE("Content-Range says which bytes of how many", "[http][range]") {
  using http::ContentRange;
  CHECK(ContentRange({42, 1233}, 1234).text() == "bytes 42-1233/1234");
  CHECK(ContentRange({0, 0}, 1).text() == "bytes 0-0/1");
  CHECK(ContentRange({UINT64_MAX - 1, UINT64_MAX - 1}, UINT64_MAX).text() ==
        "bytes 18446744073709551614-18446744073709551614/18446744073709551615");
  CHECK(ContentRange::unsatisfied(1234).text() == "bytes */1234");
  CHECK(ContentRange::unsatisfied(UINT64_MAX).text() == "bytes */18446744073709551615");
}

TEST_CASE("a boundary needs no quotes", "[http][range]") {
  CHECK(http::is_plain_boundary("THIS_STRING-separates.0+1"));
  CHECK(http::is_plain_boundary(std::string(70, 'a')));
  CHECK_FALSE(http::is_plain_boundary(std::string(71, 'a')));
  for (const char* bad : {"", "a b", "a\"", "a:b", "a/b", "a=", "a\r\n", "\xC3\xA4"})
    CHECK_FALSE(http::is_plain_boundary(bad));
}

TEST_CASE("several ranges are parts between boundaries", "[http][range]") {
  const ByteRanges ranges("bytes=500-509,7000-7002", 8000);
  const http::MultipartRanges parts(ranges, 8000, "application/pdf", "SEPARATES");
  CHECK(parts.content_type() == "multipart/byteranges; boundary=SEPARATES");
  const std::string body = body_of(ranges, parts);
  CHECK(body ==
        "--SEPARATES\r\n"
        "Content-Type: application/pdf\r\n"
        "Content-Range: bytes 500-509/8000\r\n"
        "\r\n"
        "0123456789\r\n"
        "--SEPARATES\r\n"
        "Content-Type: application/pdf\r\n"
        "Content-Range: bytes 7000-7002/8000\r\n"
        "\r\n"
        "012\r\n"
        "--SEPARATES--\r\n");
  CHECK(parts.content_length() == body.size());
}

TEST_CASE("the length of a multipart answer is known without its content", "[http][range]") {
  struct Row {
    const char* range;
    std::uint64_t size;
    const char* type;
  };
  const Row rows[] = {
      {"bytes=0-0,-1", 1000, "text/plain"},
      {"bytes=0-0,-1", 1000, ""},
      {"bytes=0-9", 10, "a/b"},
      {"bytes=9-9,99-,0-0", 200, "text/html; charset=utf-8"},
      {"bytes=0-,0-", 100000, "a/b"},
      {"bytes=999-1000,99-100,9-10,-1", 100001, "a/b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.range, row.size, row.type);
    http::RangeOptions options;
    options.merge_gap = 0;
    const ByteRanges ranges(row.range, row.size, options);
    REQUIRE(ranges.size() != 0);
    const http::MultipartRanges parts(ranges, row.size, row.type, "b0-1");
    CHECK(parts.content_length() == body_of(ranges, parts).size());
  }
  const ByteRanges ranges("bytes=0-0,-1", INT64_MAX);
  const http::MultipartRanges parts(ranges, INT64_MAX, {}, "b");
  CHECK(parts.content_length() < 400);
}
