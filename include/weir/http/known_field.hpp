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

inline constexpr std::size_t kLongestKnownField = 32;  // room for a name in KnownFieldEntry

struct KnownFieldEntry {
  std::uint8_t size = 0;  // zero: no name hashes to here
  KnownField id = KnownField::none;
  char lower[kLongestKnownField] = {};  // the name
  char fold[kLongestKnownField] = {};   // 0x20 where it has a letter: what may differ by case
};

/// The slot of a name of two bytes at least. The multiplier was searched for: no two names of the
/// table meet, which make_known_field_table() proves at compile time.
constexpr std::uint8_t known_field_hash(const char* name, std::size_t size) noexcept {
  const auto byte = [name](std::size_t i) {
    return std::uint32_t{static_cast<unsigned char>(name[i])};
  };
  const std::uint32_t bytes = byte(size - 2) | byte(size - 1) << 8 | byte(0) << 16;
  const std::uint32_t key = (bytes | 0x202020u) | static_cast<std::uint32_t>(size) << 24;
  return static_cast<std::uint8_t>((key * 0x8b79460bu) >> 24);
}

struct KnownFieldTable {
  bool perfect = true;
  std::uint8_t slot_entry[256] = {};  // hash → entry; entry 0 matches nothing
  KnownFieldEntry entries[kKnownFieldCount] = {};
};

constexpr KnownFieldTable make_known_field_table() noexcept {
  KnownFieldTable table{};
  for (std::size_t id = 1; id < kKnownFieldCount; ++id) {
    const std::string_view name = kKnownFieldNames[id];
    std::uint8_t& slot = table.slot_entry[known_field_hash(name.data(), name.size())];
    if (slot != 0 || name.size() < 2 || name.size() > kLongestKnownField) table.perfect = false;
    slot = static_cast<std::uint8_t>(id);
    KnownFieldEntry& entry = table.entries[id];
    entry.size = static_cast<std::uint8_t>(name.size());
    entry.id = static_cast<KnownField>(id);
    for (std::size_t i = 0; i < name.size(); ++i) {
      entry.lower[i] = name[i];
      entry.fold[i] = is_alpha(name[i]) ? '\x20' : '\0';
    }
  }
  return table;
}

inline constexpr KnownFieldTable kKnownFieldTable = make_known_field_table();
static_assert(kKnownFieldTable.perfect, "two known field names share a slot");

template <class Word>
inline bool equals_folded(const char* name, const KnownFieldEntry& entry, std::size_t at) noexcept {
  Word is{};
  Word lower{};
  Word fold{};
  std::memcpy(&is, name + at, sizeof(Word));
  std::memcpy(&lower, entry.lower + at, sizeof(Word));
  std::memcpy(&fold, entry.fold + at, sizeof(Word));
  return (is | fold) == lower;
}

/// Compares `entry.size` bytes by whole words, of which the last may overlap the one before.
inline bool equals_folded(const char* name, const KnownFieldEntry& entry) noexcept {
  const std::size_t size = entry.size;
  if (size >= 8) {
    if (!equals_folded<std::uint64_t>(name, entry, 0)) return false;
    if (size > 16 && (!equals_folded<std::uint64_t>(name, entry, 8) ||
                      (size > 24 && !equals_folded<std::uint64_t>(name, entry, 16))))
      return false;
    return equals_folded<std::uint64_t>(name, entry, size - 8);
  }
  if (size >= 4)
    return equals_folded<std::uint32_t>(name, entry, 0) &&
           equals_folded<std::uint32_t>(name, entry, size - 4);
  return equals_folded<std::uint16_t>(name, entry, 0) &&
         equals_folded<std::uint8_t>(name, entry, size - 1);
}

/// The only known field that a name of two bytes at least may be.
inline const KnownFieldEntry& known_field_candidate(const char* name, std::size_t size) noexcept {
  return kKnownFieldTable.entries[kKnownFieldTable.slot_entry[known_field_hash(name, size)]];
}

}  // namespace detail

/// Which known field is called `name`, whatever the case of its letters. Reads nothing but `name`.
inline KnownField known_field_from(std::string_view name) noexcept {
  if (name.size() < 2) return KnownField::none;
  const detail::KnownFieldEntry& entry = detail::known_field_candidate(name.data(), name.size());
  if (entry.size != name.size() || !detail::equals_folded(name.data(), entry))
    return KnownField::none;
  return entry.id;
}

/// Its name in lower case; empty for KnownField::none.
constexpr std::string_view to_string(KnownField field) noexcept {
  return detail::kKnownFieldNames[static_cast<std::size_t>(field)];
}

}  // namespace http
WEIR_END_NAMESPACE
