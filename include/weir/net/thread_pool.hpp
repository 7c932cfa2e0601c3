// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Workers over one bounded queue, for what would block a loop.
///
/// Thread: any, for every call but on_exception(). Workers block every signal, so that a signal
/// handler of the program runs on the program's own threads.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <weir/config.hpp>
#include <weir/net/clock.hpp>
#include <weir/net/task.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Runs tasks in the order of their submission, several at a time.
class WEIR_API ThreadPool {
 public:
  struct Options {
    std::size_t threads = 0;                ///< 0: as many as the machine runs at once
    std::size_t queue_capacity = 1024;      ///< waiting tasks; with 0 nothing is ever accepted
    std::chrono::milliseconds max_wait{0};  ///< a task that has waited longer expires; 0: none does
  };

  enum class Submit {
    accepted,
    full,     ///< queue_capacity tasks wait already
    stopped,  ///< stop() has been called
  };

  enum class Finish {
    drain,  ///< run what waits
    drop,   ///< destroy what waits, on the thread that calls stop()
  };

  /// Starts the workers. `clock` outlives the pool. Throws std::system_error if a thread cannot be
  /// had.
  explicit ThreadPool(Options options, Clock& clock = Clock::system());
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// stop(drop).
  ~ThreadPool();

  /// Queues `run`; never waits. If it has waited longer than Options::max_wait when a worker comes
  /// to it, that worker runs `expired` (or nothing, if that is empty) in its stead. If not
  /// accepted, both are destroyed unrun by the calling thread, with no lock held.
  Submit submit(Task run, Task expired = {});

  /// What has become of a job when a worker comes to it.
  enum class Fate : std::uint8_t {
    run,
    expired,  ///< it has waited longer than Options::max_wait
  };
  using Job = UniqueFunction<void(Fate)>;

  /// Queues the first of `count` jobs, as many as there is room for, with one lock and one wake-up.
  /// Returns how many; those are moved from, the others are the caller's still. Throws
  /// std::bad_alloc before it has taken any.
  std::size_t submit(Job* jobs, std::size_t count);

  /// Called by a worker with what a task threw, one at a time; what the handler throws is ignored.
  /// By default exceptions are only counted. Before the first submit().
  void on_exception(UniqueFunction<void(std::exception_ptr)> handler);

  /// Takes no more tasks, and returns when the workers have ended. A running task is never
  /// interrupted. Any thread, any number of times: a drop cuts a drain in progress short. Called by
  /// a worker of this pool it cannot wait and returns at once; the destructor waits then.
  void stop(Finish finish) noexcept;

  std::size_t threads() const noexcept;

  /// Which of its pool's workers, below threads(), the calling thread is. Only on a worker.
  static std::size_t worker() noexcept;

  std::size_t queued() const noexcept;
  std::size_t running() const noexcept;

  /// Waits until no task runs or waits; false when that takes longer than `at_most`.
  bool wait_idle(std::chrono::milliseconds at_most);

  /// Tasks that expired, and exceptions that left a task, since the start.
  std::uint64_t expired() const noexcept;
  std::uint64_t exceptions() const noexcept;

 private:
  struct State;  // shared with the workers: one of them may destroy the pool

  std::shared_ptr<State> state_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/thread_pool.ipp>
#endif
