// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the reactors of one server share.
///
/// Thread: written before the reactors run; then any thread, by the atomics and locks that are
/// here.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
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
#include <weir/net/mutex.hpp>
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

  /// Handlers that run on workers now, for the log of a stop that waits for them.
  class RunningHandler {
   public:
    RunningHandler(Core& core, std::string_view pattern);
    ~RunningHandler();
    RunningHandler(const RunningHandler&) = delete;
    RunningHandler& operator=(const RunningHandler&) = delete;

   private:
    Core& core_;
    std::string_view pattern_;
  };
  std::vector<std::string> running_patterns();

  /// Waits until no handler runs on a worker; false when that takes longer than `at_most`.
  bool wait_for_handlers(std::chrono::milliseconds at_most);

 private:
  net::Mutex running_mutex_;
  std::condition_variable none_running_;
  std::vector<std::string_view> running_ WEIR_GUARDED_BY(running_mutex_);
};

}  // namespace detail
WEIR_END_NAMESPACE
