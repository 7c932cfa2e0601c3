// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Results of a thread pool's work as futures. Apart from thread_pool.hpp, because <future> is
/// heavy.
///
/// Thread: any.
#include <future>
#include <system_error>
#include <type_traits>
#include <utility>
#include <weir/config.hpp>
#include <weir/net/error.hpp>
#include <weir/net/thread_pool.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Runs `f()` in `pool`; the future carries its result or what it threw. A task that is dropped or
/// expires breaks its promise (std::future_errc::broken_promise). Throws std::system_error with
/// Error::pool_full or Error::pool_stopped if the pool does not take it.
template <class F>
auto async(ThreadPool& pool, F&& f) -> std::future<std::invoke_result_t<std::decay_t<F>&>> {
  std::packaged_task<std::invoke_result_t<std::decay_t<F>&>()> task(std::forward<F>(f));
  auto result = task.get_future();
  switch (pool.submit(std::move(task))) {
    case ThreadPool::Submit::accepted:
      break;
    case ThreadPool::Submit::full:
      throw std::system_error(make_error_code(Error::pool_full), "async");
    case ThreadPool::Submit::stopped:
      throw std::system_error(make_error_code(Error::pool_stopped), "async");
  }
  return result;
}

}  // namespace net
WEIR_END_NAMESPACE
