// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <ctime>
#include <string>
#include <string_view>
#include <weir/http/date.hpp>

using namespace weir;

namespace {

struct Known {
  std::int64_t seconds;
  std::string_view text;
};

constexpr Known kKnown[] = {
    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
    {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
    {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},  // the example of RFC 9110 §5.6.7
    {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
    {951868800, "Wed, 01 Mar 2000 00:00:00 GMT"},
    {1709164800, "Thu, 29 Feb 2024 00:00:00 GMT"},
    {2147483647, "Tue, 19 Jan 2038 03:14:07 GMT"},
    {2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"},
    {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},  // 2100 is no leap year
    {-2203977600, "Wed, 28 Feb 1900 00:00:00 GMT"},
    {http::kFirstDate, "Sat, 01 Jan 0000 00:00:00 GMT"},
    {http::kLastDate, "Fri, 31 Dec 9999 23:59:59 GMT"},
};

}  // namespace

TEST_CASE("known moments are written and read", "[http][date]") {
  for (const Known& c : kKnown) {
    CAPTURE(c.text);
    CHECK(http::format_date(c.seconds) == c.text);
    CHECK(http::parse_date(c.text) == c.seconds);
  }
}

TEST_CASE("what no HTTP date can name is written as the nearest end", "[http][date]") {
  CHECK(http::format_date(http::kLastDate + 1) == http::format_date(http::kLastDate));
  CHECK(http::format_date(INT64_MAX) == http::format_date(http::kLastDate));
  CHECK(http::format_date(INT64_MIN) == http::format_date(http::kFirstDate));
}

TEST_CASE("every day of 800 years agrees with the C library", "[http][date]") {
  for (std::int64_t day = -150000; day < 150000; ++day) {
    const std::int64_t seconds = day * 86400 + (day * 7919 % 86400 + 86400) % 86400;
    const auto clock = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&clock, &parts);
    char expected[64];
    std::strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    const std::string got = http::format_date(seconds);
    if (got != expected || http::parse_date(got) != seconds) {
      CAPTURE(seconds);
      REQUIRE(got == expected);
      REQUIRE(http::parse_date(got) == seconds);
    }
  }
}

TEST_CASE("all three forms of a date are read", "[http][date]") {
  struct Case {
    std::string_view text;
    std::int64_t seconds;
  };
  const Case cases[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},  {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
      {"Sun Nov  6 08:49:37 1994", 784111777},       {"Wed Nov 16 08:49:37 1994", 784975777},
      {"Mon, 06 Nov 1994 08:49:37 GMT", 784111777},   // a wrong weekday carries nothing
      {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},  // a leap second
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(http::parse_date(c.text) == c.seconds);
  }
}

TEST_CASE("a two-digit year lies within 50 years of now", "[http][date]") {
  struct Case {
    std::string_view text;
    std::string_view now;
    std::string_view meaning;
  };
  const Case cases[] = {
      {"Friday, 01-Jan-70 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT",
       "Wed, 01 Jan 2070 00:00:00 GMT"},
      {"Friday, 01-Jan-77 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT",
       "Sat, 01 Jan 1977 00:00:00 GMT"},
      {"Friday, 01-Jan-76 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT",
       "Wed, 01 Jan 2076 00:00:00 GMT"},
      {"Friday, 01-Jan-02 00:00:00 GMT", "Fri, 01 Jan 1999 00:00:00 GMT",
       "Tue, 01 Jan 2002 00:00:00 GMT"},
      {"Sunday, 29-Feb-04 00:00:00 GMT", "Fri, 01 Jan 1999 00:00:00 GMT",
       "Sun, 29 Feb 2004 00:00:00 GMT"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text, c.now);
    const auto got = http::parse_date(c.text, *http::parse_date(c.now));
    REQUIRE(got);
    CHECK(http::format_date(*got) == c.meaning);
  }
}

TEST_CASE("what is no date is refused", "[http][date]") {
  const std::string_view cases[] = {
      "",
      "0",
      "Sun",
      ",",
      "Sun, ",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
      " Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 gmt",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "sun, 06 Nov 1994 08:49:37 GMT",
      "Sux, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT",
      "Sun, 06 Nvo 1994 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 31 Nov 1994 08:49:37 GMT",
      "Sun, 29 Feb 1900 08:49:37 GMT",
      "Sun, 29 Feb 2023 08:49:37 GMT",
      "Sun, 30 Feb 2024 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, +6 Nov 1994 08:49:37 GMT",
      "Sunda, 06-Nov-94 08:49:37 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT",
      "Sunday, 06 Nov 94 08:49:37 GMT",
      "Sun Nov 06 08:49:37 94",
      "Sun Nov 6 08:49:37 1994",
      "Sun Nov  6 08:49:37 1994 GMT",
      "1994-11-06T08:49:37Z",
  };
  for (const std::string_view text : cases) {
    CAPTURE(text);
    CHECK_FALSE(http::parse_date(text));
  }
  for (const Known& c : kKnown)
    for (std::size_t size = 0; size < c.text.size(); ++size)
      CHECK_FALSE(http::parse_date(c.text.substr(0, size)));
}

TEST_CASE("the cached date follows the second", "[http][date]") {
  http::DateCache cache;
  CHECK(cache.at(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  const char* const place = cache.at(0).data();
  CHECK(cache.at(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(cache.at(784111777).data() == place);
  CHECK(cache.at(784111776) == "Sun, 06 Nov 1994 08:49:36 GMT");
}

TEST_CASE("a two-digit year is read also at the ends of what can be written", "[http][date]") {
  const auto year_at = [](std::int64_t now) {
    return http::parse_date("Sunday, 06-Nov-94 08:49:37 GMT", now);
  };
  CHECK(year_at(http::kFirstDate - 1) == year_at(http::kFirstDate));
  CHECK(year_at(http::kLastDate + 1) == year_at(http::kLastDate));
  CHECK(year_at(http::kFirstDate).has_value());
}
