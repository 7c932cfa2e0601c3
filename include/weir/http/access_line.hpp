// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One line of an access log, written from untrusted text.
///
/// Nothing that a client sends can end a line, a quoted field or a JSON string, or reach a terminal
/// as a control character, and no line is longer than kAccessLineMax.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// What is known of one exchange. Views need live for the call only; an empty one is unknown.
struct AccessEntry {
  std::string_view time;    ///< formatted for the line: "26/Nov/2026:22:47:04 +0100" or RFC 3339
  std::string_view remote;  ///< an address, or what stands for one
  std::string_view user;
  std::string_view method;  ///< empty: the request could not be read
  std::string_view target;  ///< as sent
  std::string_view referer;
  std::string_view user_agent;
  std::string_view request_id;      ///< JSON only
  std::string_view outcome;         ///< JSON only
  std::uint64_t content_bytes = 0;  ///< of the answer's content
  std::uint64_t duration_ms = 0;    ///< JSON only
  unsigned status = 0;              ///< 0: no answer was begun
  int version = 11;                 ///< 10 or 11
};

/// Bytes of the longest line, its line feed included: a pipe takes as many at once (PIPE_BUF).
inline constexpr std::size_t kAccessLineMax = 4096;

/// Bytes that a field takes in the line, escapes counted; what is longer is cut and ends in "...".
inline constexpr std::size_t kAccessRemoteMax = 64;
inline constexpr std::size_t kAccessUserMax = 128;
inline constexpr std::size_t kAccessMethodMax = 32;
inline constexpr std::size_t kAccessTargetMax = 2048;
inline constexpr std::size_t kAccessRefererMax = 768;
inline constexpr std::size_t kAccessUserAgentMax = 512;
inline constexpr std::size_t kAccessRequestIdMax = 128;

/// Writes a line in the Common Log Format to `out`, which has room for kAccessLineMax bytes, and
/// returns its size. Control characters, quotes, backslashes and bytes above 0x7e become \xHH; so
/// do spaces outside quotes. What is unknown is "-".
WEIR_API std::size_t write_common_line(const AccessEntry& entry, char* out) noexcept;

/// The same with Referer and User-Agent, Apache's and nginx's "combined".
WEIR_API std::size_t write_combined_line(const AccessEntry& entry, char* out) noexcept;

/// The same as a JSON object (RFC 8259) of what is known. Bytes that are no UTF-8 become U+FFFD;
/// control characters, those of C1 too, become \u00XX.
WEIR_API std::size_t write_json_line(const AccessEntry& entry, char* out) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/access_line.ipp>
#endif
