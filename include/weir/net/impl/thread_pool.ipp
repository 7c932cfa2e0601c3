// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <utility>
#include <vector>
#include <weir/net/mutex.hpp>
#include <weir/net/sys.hpp>
#include <weir/net/thread_pool.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {

struct WaitingJob {
  ThreadPool::Job job;
  Clock::TimePoint since;  // set only if tasks expire
};

/// A queue in a ring that grows by doubling and keeps its memory.
class JobQueue {
 public:
  explicit JobQueue(std::size_t capacity) noexcept : capacity_(capacity) {}

  std::size_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ >= capacity_; }

  /// Room for `more` jobs, or for as many as it takes. Without memory nothing has changed.
  void reserve(std::size_t more) {
    const std::size_t wanted = std::min(capacity_, size_ + more);
    if (wanted > ring_.size()) grow(wanted);
  }

  void push(WaitingJob&& job) noexcept {  // there is room
    ring_[(first_ + size_) % ring_.size()] = std::move(job);
    ++size_;
  }

  WaitingJob pop() noexcept {  // not when empty
    WaitingJob job = std::move(ring_[first_]);
    first_ = (first_ + 1) % ring_.size();
    --size_;
    return job;
  }

 private:
  void grow(std::size_t wanted) {
    std::vector<WaitingJob> ring(
        std::min(capacity_, std::max({std::size_t{16}, 2 * size_, wanted})));
    for (std::size_t i = 0; i < size_; ++i) ring[i] = std::move(ring_[(first_ + i) % ring_.size()]);
    ring_.swap(ring);
    first_ = 0;
  }

  std::vector<WaitingJob> ring_;
  std::size_t capacity_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace detail

struct ThreadPool::State {
  State(Options options, Clock& time)
      : clock(time), max_wait(options.max_wait), queue(options.queue_capacity) {}

  bool claim_wake() noexcept WEIR_REQUIRES(mutex);
  void work(std::size_t index);
  void execute(detail::WaitingJob& waiting);
  void join() WEIR_EXCLUDES(join_mutex);

  /// What the calling thread is to a pool.
  struct Worker {
    const State* pool;  // null: nothing
    std::size_t index;
  };
  static Worker& current() noexcept {
    thread_local Worker worker{nullptr, 0};
    return worker;
  }

  Clock& clock;
  const std::chrono::milliseconds max_wait;

  mutable Mutex mutex;
  std::condition_variable wake;  // with `mutex`: a task, or `stopping`
  detail::JobQueue queue WEIR_GUARDED_BY(mutex);
  std::size_t sleeping WEIR_GUARDED_BY(mutex) = 0;
  bool waking WEIR_GUARDED_BY(mutex) = false;  // see claim_wake()
  std::size_t running WEIR_GUARDED_BY(mutex) = 0;
  std::size_t idle_waiters WEIR_GUARDED_BY(mutex) = 0;
  std::condition_variable idle;  // with `mutex`, if there are idle_waiters
  bool stopping WEIR_GUARDED_BY(mutex) = false;

  Mutex handler_mutex;
  UniqueFunction<void(std::exception_ptr)> handler WEIR_GUARDED_BY(handler_mutex);

  std::atomic<std::uint64_t> expired{0};     // relaxed: a count
  std::atomic<std::uint64_t> exceptions{0};  // relaxed: a count

  Mutex join_mutex;
  std::vector<std::thread> threads WEIR_GUARDED_BY(join_mutex);
  std::size_t thread_count = 0;
};

WEIR_INLINE ThreadPool::ThreadPool(Options options, Clock& clock)
    : state_(std::make_shared<State>(options, clock)) {
  struct Blocked {  // workers inherit the mask, so that none is without it for a moment
    Blocked() : changed(sys::block_signals(&previous) == 0) {}
    ~Blocked() {
      if (changed) sys::restore_signals(previous);
    }
    sys::SignalMask previous;
    bool changed;
  } blocked;
  const std::size_t hardware = std::max(1U, std::thread::hardware_concurrency());
  state_->thread_count = options.threads != 0 ? options.threads : hardware;
  try {
    MutexLock lock(state_->join_mutex);
    state_->threads.reserve(state_->thread_count);
    for (std::size_t i = 0; i < state_->thread_count; ++i)
      state_->threads.emplace_back([state = state_, i] { state->work(i); });
  } catch (...) {
    stop(Finish::drop);
    throw;
  }
}

WEIR_INLINE ThreadPool::~ThreadPool() {
  stop(Finish::drop);
  if (State::current().pool != state_.get()) return;
  // A task of ours destroys the pool: its own thread ends by itself, on its share of the state.
  {
    MutexLock lock(state_->join_mutex);
    for (std::thread& thread : state_->threads)
      if (thread.get_id() == std::this_thread::get_id()) thread.detach();
  }
  state_->join();
}

WEIR_INLINE ThreadPool::Submit ThreadPool::submit(Task run, Task expired) {
  Job job = [run = std::move(run), expired = std::move(expired)](Fate fate) mutable {
    if (fate == Fate::run) {
      run();
    } else if (expired) {
      expired();
    }
  };
  if (submit(&job, 1) == 1) return Submit::accepted;
  MutexLock lock(state_->mutex);
  return state_->stopping ? Submit::stopped : Submit::full;
}

WEIR_INLINE std::size_t ThreadPool::submit(Job* jobs, std::size_t count) {
  // Held, because a task may have run and destroyed the pool before notify_one() returns.
  const std::shared_ptr<State> state = state_;
  std::size_t taken = 0;
  bool wake = false;
  {
    MutexLock lock(state->mutex);
    if (state->stopping) return 0;
    const Clock::TimePoint since =
        state->max_wait.count() > 0 ? state->clock.now() : Clock::TimePoint();
    state->queue.reserve(count);  // throws before anything is taken
    for (; taken < count && !state->queue.full(); ++taken)
      state->queue.push({std::move(jobs[taken]), since});
    wake = taken != 0 && state->claim_wake();
  }
  if (wake) state->wake.notify_one();
  return taken;
}

WEIR_INLINE void ThreadPool::on_exception(UniqueFunction<void(std::exception_ptr)> handler) {
  MutexLock lock(state_->handler_mutex);
  state_->handler = std::move(handler);
}

WEIR_INLINE void ThreadPool::stop(Finish finish) noexcept {
  const std::shared_ptr<State> state = state_;  // a dropped task may destroy the pool
  detail::JobQueue dropped(0);
  {
    MutexLock lock(state->mutex);
    state->stopping = true;
    if (finish == Finish::drop) std::swap(dropped, state->queue);
  }
  state->wake.notify_all();
  while (dropped.size() != 0) dropped.pop();
  if (State::current().pool != state.get()) state->join();
}

WEIR_INLINE std::size_t ThreadPool::threads() const noexcept { return state_->thread_count; }

WEIR_INLINE std::size_t ThreadPool::worker() noexcept {
  WEIR_ASSERT(State::current().pool != nullptr);
  return State::current().index;
}

WEIR_INLINE std::size_t ThreadPool::queued() const noexcept {
  MutexLock lock(state_->mutex);
  return state_->queue.size();
}

WEIR_INLINE std::size_t ThreadPool::running() const noexcept {
  MutexLock lock(state_->mutex);
  return state_->running;
}

WEIR_INLINE bool ThreadPool::wait_idle(std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  State& state = *state_;
  MutexLock lock(state.mutex);
  ++state.idle_waiters;
  while (state.running + state.queue.size() != 0)
    if (state.idle.wait_until(lock.native(), until) == std::cv_status::timeout) break;
  --state.idle_waiters;
  return state.running + state.queue.size() == 0;
}

WEIR_INLINE std::uint64_t ThreadPool::expired() const noexcept {
  return state_->expired.load(std::memory_order_relaxed);
}

WEIR_INLINE std::uint64_t ThreadPool::exceptions() const noexcept {
  return state_->exceptions.load(std::memory_order_relaxed);
}

// Whether the caller has to wake a worker. Only one is on its way at a time, however many tasks
// come meanwhile; it wakes the next if it leaves any. So a batch costs its submitter one wake-up,
// workers do not fight over the first task, and none sleeps while a task waits.
WEIR_INLINE bool ThreadPool::State::claim_wake() noexcept {
  if (waking || sleeping == 0) return false;
  waking = true;
  return true;
}

WEIR_INLINE void ThreadPool::State::work(std::size_t index) {
  current() = {this, index};
  for (bool busy = false;; busy = true) {
    detail::WaitingJob job;
    bool wake_next = false;
    {
      MutexLock lock(mutex);
      if (busy) --running;
      if (WEIR_UNLIKELY(idle_waiters != 0)) idle.notify_all();
      while (queue.size() == 0 && !stopping) {
        ++sleeping;
        wake.wait(lock.native());
        --sleeping;
        waking = false;
      }
      if (queue.size() == 0) return;
      job = queue.pop();
      ++running;
      wake_next = queue.size() != 0 && claim_wake();
    }
    if (wake_next) wake.notify_one();
    execute(job);
  }
}

WEIR_INLINE void ThreadPool::State::execute(detail::WaitingJob& waiting) {
  Fate fate = Fate::run;
  if (max_wait.count() > 0 && clock.now() - waiting.since > max_wait) {
    expired.fetch_add(1, std::memory_order_relaxed);
    fate = Fate::expired;
  }
  try {
    waiting.job(fate);
  } catch (...) {
    exceptions.fetch_add(1, std::memory_order_relaxed);
    MutexLock lock(handler_mutex);
    if (!handler) return;
    try {
      handler(std::current_exception());
    } catch (...) {
      exceptions.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

WEIR_INLINE void ThreadPool::State::join() {
  MutexLock lock(join_mutex);
  for (std::thread& thread : threads)
    if (thread.joinable()) thread.join();
}

}  // namespace net
WEIR_END_NAMESPACE
