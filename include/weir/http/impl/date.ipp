// SPDX-License-Identifier: MIT
#pragma once
#include <cstring>
#include <weir/http/chars.hpp>
#include <weir/http/date.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

inline constexpr std::int64_t kDaySeconds = 86400;
inline constexpr std::string_view kWeekdays = "SunMonTueWedThuFriSat";
inline constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
inline constexpr std::string_view kLongWeekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                     "Thursday", "Friday", "Saturday"};

struct Civil {
  std::int64_t year;
  unsigned month;  // 1 to 12
  unsigned day;    // 1 to 31
};

/// The proleptic Gregorian date of a day counted from 1970-01-01. Years begin in March here, so
/// that the leap day is the last; an era is 400 years, 146097 days.
constexpr Civil civil_from_days(std::int64_t days) noexcept {
  days += 719468;  // from 0000-03-01
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  const unsigned month = (5 * of_year + 2) / 153;
  const unsigned day = of_year - (153 * month + 2) / 5 + 1;
  return {static_cast<std::int64_t>(year) + era * 400 + (month >= 10 ? 1 : 0),
          month < 10 ? month + 3 : month - 9, day};
}

/// The inverse of civil_from_days().
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) noexcept {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto of_era = static_cast<unsigned>(year - era * 400);
  const unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

constexpr unsigned days_in_month(unsigned year, unsigned month) noexcept {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

WEIR_INLINE char* put_two(char* out, unsigned number) noexcept {
  out[0] = static_cast<char>('0' + number / 10);
  out[1] = static_cast<char>('0' + number % 10);
  return out + 2;
}

/// Reads a date from left to right; after the first thing that is not there everything fails.
/// Not inline: there are some forty calls, once in a conditional request.
struct DateReader {
  std::string_view rest;
  bool ok = true;

  [[gnu::noinline]] bool take(std::string_view text) noexcept {
    ok = ok && rest.substr(0, text.size()) == text;
    if (ok) rest.remove_prefix(text.size());
    return ok;
  }
  [[gnu::noinline]] unsigned digits(std::size_t count) noexcept {
    unsigned number = 0;
    if (rest.size() < count) ok = false;
    for (std::size_t i = 0; ok && i < count; ++i) {
      ok = is_digit(rest[i]);
      number = number * 10 + static_cast<unsigned>(rest[i] - '0');
    }
    if (!ok) return 0;
    rest.remove_prefix(count);
    return number;
  }
  /// The place of the next three letters in `names`, counted from 1.
  [[gnu::noinline]] unsigned name(std::string_view names) noexcept {
    if (rest.size() < 3) ok = false;
    for (std::size_t i = 0; ok && i < names.size(); i += 3)
      if (names.substr(i, 3) == rest.substr(0, 3)) {
        rest.remove_prefix(3);
        return static_cast<unsigned>(i / 3 + 1);
      }
    ok = false;
    return 0;
  }
};

}  // namespace detail

WEIR_INLINE void write_date(std::int64_t unix_seconds, char* out) noexcept {
  if (unix_seconds < kFirstDate) unix_seconds = kFirstDate;
  if (unix_seconds > kLastDate) unix_seconds = kLastDate;
  std::int64_t days = unix_seconds / detail::kDaySeconds;
  std::int64_t of_day = unix_seconds % detail::kDaySeconds;
  if (of_day < 0) {
    of_day += detail::kDaySeconds;
    --days;
  }
  const detail::Civil civil = detail::civil_from_days(days);
  const auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);  // the epoch: a Thursday
  const auto second = static_cast<unsigned>(of_day);
  const auto year = static_cast<unsigned>(civil.year);

  std::memcpy(out, detail::kWeekdays.data() + weekday * 3, 3);
  std::memcpy(out + 3, ", ", 2);
  out = detail::put_two(out + 5, civil.day);
  *out++ = ' ';
  std::memcpy(out, detail::kMonths.data() + (civil.month - 1) * 3, 3);
  out[3] = ' ';
  out = detail::put_two(out + 4, year / 100);
  out = detail::put_two(out, year % 100);
  *out++ = ' ';
  out = detail::put_two(out, second / 3600);
  *out++ = ':';
  out = detail::put_two(out, second / 60 % 60);
  *out++ = ':';
  out = detail::put_two(out, second % 60);
  std::memcpy(out, " GMT", 4);
}

WEIR_INLINE std::string format_date(std::int64_t unix_seconds) {
  std::string text(kDateSize, '\0');
  write_date(unix_seconds, text.data());
  return text;
}

WEIR_INLINE std::optional<std::int64_t> parse_date(std::string_view text,
                                                   std::int64_t now) noexcept {
  detail::DateReader in{text};
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  const auto read_time = [&] {
    hour = in.digits(2);
    in.take(":");
    minute = in.digits(2);
    in.take(":");
    second = in.digits(2);
  };
  bool short_year = false;
  const std::size_t comma = text.find(',');
  if (comma == 3) {  // Sun, 06 Nov 1994 08:49:37 GMT
    in.name(detail::kWeekdays);
    in.take(", ");
    day = in.digits(2);
    in.take(" ");
    month = in.name(detail::kMonths);
    in.take(" ");
    year = in.digits(4);
    in.take(" ");
    read_time();
    in.take(" GMT");
  } else if (comma != std::string_view::npos) {  // Sunday, 06-Nov-94 08:49:37 GMT
    bool known = false;
    for (const std::string_view weekday : detail::kLongWeekdays)
      known = known || weekday == text.substr(0, comma);
    if (!known) return std::nullopt;
    in.rest.remove_prefix(comma);
    in.take(", ");
    day = in.digits(2);
    in.take("-");
    month = in.name(detail::kMonths);
    in.take("-");
    year = in.digits(2);
    short_year = true;
    in.take(" ");
    read_time();
    in.take(" GMT");
  } else {  // Sun Nov  6 08:49:37 1994
    in.name(detail::kWeekdays);
    in.take(" ");
    month = in.name(detail::kMonths);
    in.take(" ");
    if (!in.rest.empty() && in.rest[0] == ' ') {
      in.take(" ");
      day = in.digits(1);
    } else {
      day = in.digits(2);
    }
    in.take(" ");
    read_time();
    in.take(" ");
    year = in.digits(4);
  }
  if (!in.ok || !in.rest.empty()) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;  // 60: a leap second

  if (short_year) {
    if (now < kFirstDate) now = kFirstDate;
    if (now > kLastDate) now = kLastDate;
    const auto this_year =
        static_cast<unsigned>(detail::civil_from_days(now / detail::kDaySeconds).year);
    year += this_year / 100 * 100;
    if (year > this_year + 50 && year >= 100)
      year -= 100;
    else if (year + 50 < this_year)
      year += 100;
  }
  if (day < 1 || day > detail::days_in_month(year, month)) return std::nullopt;
  return detail::days_from_civil(year, month, day) * detail::kDaySeconds + hour * 3600 +
         minute * 60 + second;
}

WEIR_INLINE void DateCache::renew(std::int64_t unix_seconds) noexcept {
  write_date(unix_seconds, text_);
  second_ = unix_seconds;
}

}  // namespace http
WEIR_END_NAMESPACE
