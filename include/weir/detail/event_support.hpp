// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a stream of events and a channel of them share.
///
/// Thread: any.
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/detail/exchange.hpp>
#include <weir/response.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// The way from a Stream to its exchange.
struct StreamAccess {
  static Exchange& exchange_of(const Stream& stream) noexcept { return *stream.block_; }
};

[[noreturn]] WEIR_COLD inline void refuse_event_option(const char* field, const char* must) {
  throw std::invalid_argument(
      std::string("weir::").append(field).append(": must be ").append(must));
}

/// A field that says "forever" as much as "0" would overflow the wheel.
inline constexpr std::chrono::hours kLongestEventTime{24 * 366};

inline bool is_event_time(std::chrono::milliseconds time) noexcept {
  return time.count() >= 0 && time <= kLongestEventTime;
}

/// What every stream of events has in its head.
inline void set_event_fields(Response& response) {
  response.header("Content-Type", "text/event-stream");
  if (response.header("Cache-Control").empty()) response.header("Cache-Control", "no-store");
  response.header("X-Accel-Buffering", "no");  // nginx hands it on piece by piece
}

/// The sign of life: a comment without words.
inline constexpr std::string_view kHeartbeat = ":\n\n";

}  // namespace detail
WEIR_END_NAMESPACE
