// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the reactors of one server share.
///
/// Thread: written before the reactors run; then any thread, by the atomics and locks that are
/// here.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>
#include <weir/config.hpp>
#include <weir/counters.hpp>
#include <weir/detail/route_table.hpp>
#include <weir/detail/tally.hpp>
#include <weir/http/limits.hpp>
#include <weir/http/session.hpp>
#include <weir/net/address_table.hpp>
#include <weir/net/clock.hpp>
#include <weir/net/memory_budget.hpp>
#include <weir/net/thread_pool.hpp>
#include <weir/options.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Options in the shapes that the layers below take.
WEIR_API http::Limits limits_of(const Options& options) noexcept;
WEIR_API http::Timeouts timeouts_of(const Options& options) noexcept;

struct WEIR_API Core {
  /// For so many loops.
  Core(const Options& given, std::shared_ptr<RouteTable> table, net::Clock& the_clock,
       std::size_t loops);

  const Options options;
  const http::Limits limits;
  const http::Timeouts timeouts;
  const std::shared_ptr<RouteTable> routes;
  net::Clock& clock;
  std::unique_ptr<net::ThreadPool> pool;

  /// Whether a new connection may stay: counts it, or closing it as what it is, and logs. Who is
  /// admitted is released in the end. Any thread.
  bool admit(const Endpoint& remote) noexcept;
  void release(const Endpoint& remote) noexcept;

  // Connections of all loops. Changed at accept and close alone; relaxed, it only bounds.
  std::atomic<std::size_t> connections{0};
  net::AddressCounter addresses;                    // of the same, if they are bounded
  const std::shared_ptr<net::MemoryBudget> budget;  // shared with exchanges that outlive the server
  Tally shared;                                     // what is counted on no loop, by add_shared()
  std::atomic<std::uint64_t> stalls{0};  // times that a loop was found held; relaxed, one writer
  std::size_t max_connections = 0;  // Options::max_connections, within the descriptors there are

  int stop_fd = -1;  // the eventfd that asks for the stop; the server's

  // Phases of stopping. Relaxed: the tasks that act on them are ordered by their mailboxes.
  std::atomic<bool> draining{false};
  std::atomic<bool> forced{false};

  /// Starts the workers. Throws std::system_error.
  void start_workers(std::size_t threads);

  /// Notes for a scope what the worker that calls it runs, for the log of a stop that waits.
  class RunningHandler {
   public:
    RunningHandler(Core& core, const RouteEntry& route) noexcept
        : place_(core.running_[net::ThreadPool::worker()].route) {
      place_.store(&route, std::memory_order_release);  // who reads it may follow it
    }
    ~RunningHandler() { place_.store(nullptr, std::memory_order_relaxed); }
    RunningHandler(const RunningHandler&) = delete;
    RunningHandler& operator=(const RunningHandler&) = delete;

   private:
    std::atomic<const RouteEntry*>& place_;
  };
  std::vector<std::string> running_patterns();

 private:
  struct alignas(64) Running {  // a line of each worker's own
    std::atomic<const RouteEntry*> route{nullptr};
  };
  std::unique_ptr<Running[]> running_;  // by ThreadPool::worker()
};

}  // namespace detail
WEIR_END_NAMESPACE
