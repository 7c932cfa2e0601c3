// SPDX-License-Identifier: MIT
#pragma once
#include <utility>
#include <weir/detail/core.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

inline std::uint32_t to_ms(std::chrono::milliseconds time) noexcept {
  return static_cast<std::uint32_t>(time.count());  // Options::check() has seen to the range
}

WEIR_INLINE http::Limits limits_of(const Options& options) noexcept {
  http::Limits limits;
  limits.request_line = static_cast<std::uint32_t>(options.max_request_line_bytes);
  limits.field = static_cast<std::uint32_t>(options.max_field_bytes);
  limits.all_fields = static_cast<std::uint32_t>(options.max_header_bytes);
  limits.field_count = static_cast<std::uint32_t>(options.max_headers);
  limits.body = options.max_body_bytes;
  limits.chunk_extensions = static_cast<std::uint32_t>(options.max_chunk_extension_bytes);
  limits.trailers = static_cast<std::uint32_t>(options.max_trailer_bytes);
  limits.allow_bare_lf = options.allow_bare_lf;
  return limits;
}

WEIR_INLINE http::Timeouts timeouts_of(const Options& options) noexcept {
  http::Timeouts timeouts;
  timeouts.first_byte_ms = to_ms(options.first_byte_timeout);
  timeouts.head_ms = to_ms(options.head_timeout);
  timeouts.keep_alive_ms = to_ms(options.keep_alive_timeout);
  timeouts.content_stall_ms = to_ms(options.body_stall_timeout);
  timeouts.content_grace_ms = to_ms(options.body_rate_grace);
  timeouts.content_min_rate = options.body_min_rate;
  timeouts.handler_ms = to_ms(options.handler_timeout);
  return timeouts;
}

WEIR_INLINE Core::Core(const Options& given, std::shared_ptr<RouteTable> table,
                       net::Clock& the_clock, std::size_t loops)
    : options(given),
      limits(limits_of(given)),
      timeouts(timeouts_of(given)),
      routes(std::move(table)),
      clock(the_clock),
      addresses(given.max_connections_per_address),
      budget(std::make_shared<net::MemoryBudget>(given.max_buffered_bytes, loops)),
      max_connections(given.max_connections) {}

WEIR_INLINE bool Core::admit(const Endpoint& remote) noexcept {
  const auto shed = [this](Counter counter, const char* limit) {
    static log::Limiter limiter;
    shared.add_shared(counter);
    try {
      log::write_limited(limiter, log::Level::warning,
                         std::string("connection shed: ") + limit + " is reached");
    } catch (...) {  // no memory for the words
    }
    return false;
  };
  // A load and an addition, not one step: a race of loops may exceed it by their number.
  if (connections.load(std::memory_order_relaxed) >= max_connections)
    return shed(Counter::shed_connections, "Options::max_connections");
  if (budget->is_tight()) return shed(Counter::shed_memory, "Options::max_buffered_bytes");
  if (options.max_connections_per_address != 0 && !addresses.add(net::AddressKey(remote)))
    return shed(Counter::shed_address, "Options::max_connections_per_address");
  connections.fetch_add(1, std::memory_order_relaxed);
  shared.add_shared(Counter::accepted);
  return true;
}

WEIR_INLINE void Core::release(const Endpoint& remote) noexcept {
  connections.fetch_sub(1, std::memory_order_relaxed);
  if (options.max_connections_per_address != 0) addresses.remove(net::AddressKey(remote));
}

WEIR_INLINE void Core::start_workers(std::size_t threads) {
  net::ThreadPool::Options workers;
  workers.threads = threads;
  workers.queue_capacity = options.worker_queue;
  workers.max_wait = options.worker_wait;
  running_ = std::make_unique<Running[]>(threads);
  pool = std::make_unique<net::ThreadPool>(workers, clock);
}

WEIR_INLINE std::vector<std::string> Core::running_patterns() {
  std::vector<std::string> patterns;
  for (std::size_t i = 0; i < pool->threads(); ++i)
    if (const RouteEntry* const route = running_[i].route.load(std::memory_order_acquire))
      patterns.push_back(route->pattern);
  return patterns;
}

}  // namespace detail
WEIR_END_NAMESPACE
