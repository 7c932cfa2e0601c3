// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The field names that weir, or many a handler, asks for: recognised once, while scanning.
///
/// A name is found by a perfect hash of its length and three of its bytes, and one comparison; case
/// does not count (RFC 9110 §5.1). The table fits in one bit each of 64, so that a head keeps "has
/// it", "has it twice" and "where is the first" without a search.
///
/// Thread: any.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/chars.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

enum class KnownField : std::uint8_t {
  none,  ///< a name that is none of those below
  host,
  connection,
  content_length,
  content_type,
  transfer_encoding,
  expect,
  upgrade,
  accept,
  accept_encoding,
  accept_language,
  accept_charset,
  user_agent,
  cookie,
  authorization,
  origin,
  referer,
  if_match,
  if_none_match,
  if_modified_since,
  if_unmodified_since,
  if_range,
  range,
  cache_control,
  te,
  trailer,
  forwarded,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  x_real_ip,
  via,
  pragma,
  date,
  content_encoding,
  content_language,
  content_location,
  content_disposition,
  content_range,
  keep_alive,
  proxy_authorization,
  proxy_connection,
  max_forwards,
  sec_websocket_key,
  sec_websocket_version,
  sec_websocket_protocol,
  sec_websocket_extensions,
  sec_fetch_site,
  sec_fetch_mode,
  sec_fetch_dest,
  sec_fetch_user,
  sec_ch_ua,
  sec_ch_ua_mobile,
  sec_ch_ua_platform,
  upgrade_insecure_requests,
  dnt,
  priority,
  http2_settings,
  access_control_request_method,
  access_control_request_headers,
  x_requested_with,
  x_request_id,
  traceparent,
  last_event_id,
};

inline constexpr std::size_t kKnownFieldCount = 64;  // KnownField::none included; a bit each

namespace detail {

inline constexpr std::array<std::string_view, kKnownFieldCount> kKnownFieldNames = {
    "",
    "host",
    "connection",
    "content-length",
    "content-type",
    "transfer-encoding",
    "expect",
    "upgrade",
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "user-agent",
    "cookie",
    "authorization",
    "origin",
    "referer",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
    "range",
    "cache-control",
    "te",
    "trailer",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-real-ip",
    "via",
    "pragma",
    "date",
    "content-encoding",
    "content-language",
    "content-location",
    "content-disposition",
    "content-range",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "max-forwards",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "sec-fetch-user",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "upgrade-insecure-requests",
    "dnt",
    "priority",
    "http2-settings",
    "access-control-request-method",
    "access-control-request-headers",
    "x-requested-with",
    "x-request-id",
    "traceparent",
    "last-event-id",
};

inline constexpr std::size_t kLongestKnownField = 31;

/// A name in lower case with a colon behind it, so that a comparison with a line compares sizes,
/// too. All zero for KnownField::none.
struct alignas(32) KnownFieldText {
  char lower[kLongestKnownField + 1] = {};
};

/// The slot of a name of two bytes at least: by its size, its first two and its last two bytes. The
/// multiplier was searched for: no two names of the table meet, which make_known_field_table()
/// proves at compile time.
constexpr std::uint8_t known_field_hash(const char* name, std::size_t size) noexcept {
  const auto pair = [](const char* at) {  // which compilers read at once
    return static_cast<std::uint32_t>(static_cast<unsigned char>(at[0]) |
                                      static_cast<unsigned char>(at[1]) << 8);
  };
  const std::uint32_t key = (pair(name) + (pair(name + size - 2) << 16)) | 0x20202020u;
  return static_cast<std::uint8_t>(((key + static_cast<std::uint32_t>(size)) * 0x50c3192du) >> 24);
}

struct KnownFieldTable {
  KnownFieldText texts[kKnownFieldCount] = {};
  std::uint8_t slot_entry[256] = {};  // hash → KnownField; most are none
  bool perfect = true;
};

constexpr KnownFieldTable make_known_field_table() noexcept {
  KnownFieldTable table{};
  for (std::size_t id = 1; id < kKnownFieldCount; ++id) {
    const std::string_view name = kKnownFieldNames[id];
    std::uint8_t& slot = table.slot_entry[known_field_hash(name.data(), name.size())];
    if (slot != 0 || name.size() < 2 || name.size() > kLongestKnownField) table.perfect = false;
    slot = static_cast<std::uint8_t>(id);
    for (std::size_t i = 0; i < name.size(); ++i) table.texts[id].lower[i] = name[i];
    table.texts[id].lower[name.size()] = ':';
  }
  return table;
}

inline constexpr KnownFieldTable kKnownFieldTable = make_known_field_table();
static_assert(kKnownFieldTable.perfect, "two known field names share a slot");

template <class Word>
inline bool equals_folded(const char* name, const char* lower, std::size_t at) noexcept {
  Word is{};
  Word wanted{};
  std::memcpy(&is, name + at, sizeof(Word));
  std::memcpy(&wanted, lower + at, sizeof(Word));
  // A name has letters, digits and "-"; of these only letters have bit 0x40, and bit 0x20 is their
  // case.
  constexpr Word kCase = static_cast<Word>(0x2020202020202020);
  return (is | ((wanted >> 1) & kCase)) == wanted;
}

/// Compares `size` bytes by whole words, of which the last may overlap the one before.
inline bool equals_folded(const char* name, std::size_t size, const char* lower) noexcept {
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8)
      if (!equals_folded<std::uint64_t>(name, lower, at)) return false;
    return equals_folded<std::uint64_t>(name, lower, size - 8);
  }
  if (size >= 4)
    return equals_folded<std::uint32_t>(name, lower, 0) &&
           equals_folded<std::uint32_t>(name, lower, size - 4);
  return equals_folded<std::uint16_t>(name, lower, 0) &&
         equals_folded<std::uint8_t>(name, lower, size - 1);
}

/// A field's bit in the sets of a RequestHead.
constexpr std::uint64_t bit_of(KnownField field) noexcept {
  return std::uint64_t{1} << static_cast<unsigned>(field);
}

/// The only known field that a name of two bytes at least may be. Of a shorter one, too, name[1]
/// and the two bytes before name[size] are read.
inline KnownField known_field_candidate(const char* name, std::size_t size) noexcept {
  return static_cast<KnownField>(kKnownFieldTable.slot_entry[known_field_hash(name, size)]);
}

}  // namespace detail

/// Which known field is called `name`, whatever the case of its letters. Reads nothing but `name`.
inline KnownField known_field_from(std::string_view name) noexcept {
  if (name.size() < 2 || name.size() > detail::kLongestKnownField) return KnownField::none;
  const KnownField field = detail::known_field_candidate(name.data(), name.size());
  const char* const lower = detail::kKnownFieldTable.texts[static_cast<std::size_t>(field)].lower;
  if (lower[name.size()] != ':' || !detail::equals_folded(name.data(), name.size(), lower))
    return KnownField::none;
  return field;
}

/// Its name in lower case; empty for KnownField::none.
constexpr std::string_view to_string(KnownField field) noexcept {
  return detail::kKnownFieldNames[static_cast<std::size_t>(field)];
}

}  // namespace http
WEIR_END_NAMESPACE
