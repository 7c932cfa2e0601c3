// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <weir/http/response_head.hpp>
#include <weir/options.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

[[noreturn]] inline void refuse_option(const char* field, const char* why) {
  throw std::invalid_argument(std::string("weir::Options::") + field + ": " + why);
}

inline void check_bytes(const char* field, std::uint64_t value, std::uint64_t least,
                        std::uint64_t most) {
  if (value < least)
    refuse_option(
        field,
        ("is " + std::to_string(value) + ", must be at least " + std::to_string(least)).c_str());
  if (value > most)
    refuse_option(
        field,
        ("is " + std::to_string(value) + ", must be at most " + std::to_string(most)).c_str());
}

inline void check_time(const char* field, std::chrono::milliseconds value) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 24);  // fits 32 bits of ms
  if (value.count() < 0) refuse_option(field, "is negative");
  if (value > kLongest) refuse_option(field, "is more than 24 days; 0 means without limit");
}

}  // namespace detail

WEIR_INLINE void Options::check() const {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  detail::check_bytes("threads", threads, 0, 1024);
  detail::check_bytes("workers", workers, 0, 4096);
  detail::check_bytes("worker_queue", worker_queue, 1, 1U << 24);
  detail::check_bytes("max_connections", max_connections, 1, 1U << 30);
  detail::check_bytes("max_connections_per_address", max_connections_per_address, 0, 1U << 30);
  if (backlog < 1) detail::refuse_option("backlog", "must be at least 1");
  detail::check_bytes("max_accepts_per_second", max_accepts_per_second, 0, 1'000'000);
  if (kernel_send_ahead != 0)
    detail::check_bytes("kernel_send_ahead", kernel_send_ahead, 4096, 1024 * kMiB);
  if (defer_accept_seconds < 0) detail::refuse_option("defer_accept_seconds", "is negative");
  detail::check_bytes("max_request_line_bytes", max_request_line_bytes, 16, kMiB);
  detail::check_bytes("max_field_bytes", max_field_bytes, 16, kMiB);
  detail::check_bytes("max_header_bytes", max_header_bytes, 16, 16 * kMiB);
  detail::check_bytes("max_headers", max_headers, 1, 10'000);
  detail::check_bytes("max_chunk_extension_bytes", max_chunk_extension_bytes, 0, kMiB);
  detail::check_bytes("max_trailer_bytes", max_trailer_bytes, 0, kMiB);
  detail::check_bytes("max_body_bytes", max_body_bytes, 0, 1U << 31);
  detail::check_bytes("output_high_water", output_high_water, 4096, 1024 * kMiB);
  if (max_buffered_bytes != 0)
    detail::check_bytes("max_buffered_bytes", max_buffered_bytes, 256 * 1024,
                        std::uint64_t{1} << 50);
  detail::check_bytes("stream_buffer", stream_buffer, 4096, 1024 * kMiB);
  detail::check_time("worker_wait", worker_wait);
  detail::check_time("first_byte_timeout", first_byte_timeout);
  detail::check_time("head_timeout", head_timeout);
  detail::check_time("keep_alive_timeout", keep_alive_timeout);
  detail::check_time("body_stall_timeout", body_stall_timeout);
  detail::check_time("body_rate_grace", body_rate_grace);
  detail::check_time("handler_timeout", handler_timeout);
  detail::check_time("write_stall_timeout", write_stall_timeout);
  detail::check_time("max_connection_age", max_connection_age);
  if (max_connection_age > std::chrono::hours(12 * 24))
    detail::refuse_option("max_connection_age", "is more than 12 days; 0 means any age");
  detail::check_time("linger_timeout", linger_timeout);
  detail::check_time("stall_threshold", stall_threshold);
  detail::check_time("drain_delay", drain_delay);
  detail::check_time("stop_deadline", stop_deadline);
  if (!server_name.empty()) {
    try {
      http::ResponseHead().set("Server", server_name);
    } catch (const std::invalid_argument&) {
      detail::refuse_option("server_name", "has a byte that no field value may have");
    }
  }
}

WEIR_END_NAMESPACE
