// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// HTTP dates (RFC 9110 §5.6.7) to and from seconds since 1970-01-01T00:00:00Z. Asks no clock.
///
/// Thread: functions any; a DateCache its owner's.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

inline constexpr std::size_t kDateSize = 29;  // bytes of "Sun, 06 Nov 1994 08:49:37 GMT"

/// The years that an HTTP date can name, 0000-01-01 to 9999-12-31, in seconds. What lies outside is
/// written as the nearest end.
inline constexpr std::int64_t kFirstDate = -62167219200;
inline constexpr std::int64_t kLastDate = 253402300799;

/// What two-digit years are read against when the caller has no clock: 2026-01-01.
inline constexpr std::int64_t kAssumedNow = 1767225600;

/// Writes the kDateSize bytes of an IMF-fixdate to `out`.
WEIR_API void write_date(std::int64_t unix_seconds, char* out) noexcept;

/// The IMF-fixdate as a string.
WEIR_API std::string format_date(std::int64_t unix_seconds);

/// Reads any of the three forms: IMF-fixdate, RFC 850 and asctime. Nothing when `text` is none of
/// them, names a day that does not exist or has a weekday that is no weekday; a real but wrong
/// weekday is forgiven, it carries nothing. A leap second is read as the second after it.
///
/// `now` decides the century of RFC 850's two-digit years: a date that would lie more than 50 years
/// ahead belongs to the past.
WEIR_API std::optional<std::int64_t> parse_date(std::string_view text,
                                                std::int64_t now = kAssumedNow) noexcept;

/// Today's Date field, written anew only when the second changes.
class WEIR_API DateCache {
 public:
  /// kDateSize bytes, valid and unchanged until the next call with another second.
  std::string_view at(std::int64_t unix_seconds) noexcept {
    if (WEIR_UNLIKELY(unix_seconds != second_)) renew(unix_seconds);
    return {text_, kDateSize};
  }

 private:
  void renew(std::int64_t unix_seconds) noexcept;

  std::int64_t second_ = INT64_MIN;  // invariant: what text_ says; INT64_MIN before the first call
  char text_[kDateSize] = {};
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/date.ipp>
#endif
