// SPDX-License-Identifier: MIT
#pragma once
#include <weir/counters.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE std::string_view to_string(Counter counter) noexcept {
  constexpr std::string_view kNames[] = {
      "connections",
      "timers",
      "buffered_bytes",
      "accepted",
      "requests",
      "shed_connections",
      "shed_address",
      "shed_memory",
      "shed_descriptors",
      "accept_rests",
      "accept_errors",
      "malformed",
      "request_line_too_long",
      "field_too_long",
      "header_too_long",
      "too_many_headers",
      "content_too_large",
      "chunk_extensions_too_long",
      "trailers_too_long",
      "expectation_failed",
      "worker_queue_full",
      "first_byte_timeouts",
      "head_timeouts",
      "keep_alive_timeouts",
      "body_stall_timeouts",
      "body_rate_timeouts",
      "handler_timeouts",
      "worker_wait_timeouts",
      "write_stall_timeouts",
      "write_rate_timeouts",
      "linger_timeouts",
      "max_requests_reached",
      "max_age_reached",
      "memory_pauses",
      "stalls",
  };
  static_assert(sizeof kNames / sizeof kNames[0] == kCounterCount, "one name each");
  const auto index = static_cast<std::size_t>(counter);
  return index < kCounterCount ? kNames[index] : std::string_view();
}

WEIR_END_NAMESPACE
