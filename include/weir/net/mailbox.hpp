// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The only way into a loop from other threads: a queue of tasks and an eventfd.
///
/// It is shared by the loop and by whoever may still have something to say to it, and outlives the
/// loop; then it is closed and drops what it is given. Only the first task of a batch can cost a
/// system call, and only if the loop sleeps.
///
/// Thread: any for post(), wake() and close(); the loop's for the rest.
#include <atomic>
#include <vector>
#include <weir/config.hpp>
#include <weir/net/fd.hpp>
#include <weir/net/mutex.hpp>
#include <weir/net/task.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Tasks on their way to one loop.
class WEIR_API Mailbox {
 public:
  /// Throws std::system_error when there is no eventfd to be had.
  Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  /// Queues `task` and sees to it that the loop wakes. Tasks of one thread keep their order. False
  /// after close(): the task is then destroyed unrun, on the caller's thread, with no lock held.
  bool post(Task task);

  /// Takes no more tasks and destroys those that wait, in their order, on this thread, with no lock
  /// held.
  void close();

  /// Ends the loop's wait, now or the next one. Async-signal-safe; keeps errno.
  void wake() noexcept;

  /// Moves all waiting tasks into `into`, which must be empty, and leaves its capacity in exchange.
  void take(std::vector<Task>& into) {
    WEIR_ASSERT(into.empty());
    if (WEIR_UNLIKELY(pending_.load(std::memory_order_acquire))) take_pending(into);
  }

  /// The loop is about to wait. False if it must not, because a task is there.
  bool prepare_sleep() noexcept {
    asleep_.store(true, std::memory_order_seq_cst);
    if (WEIR_LIKELY(!pending_.load(std::memory_order_seq_cst))) return true;
    asleep_.store(false, std::memory_order_relaxed);
    return false;
  }

  /// The loop has waited: until the next prepare_sleep() post() need not wake it.
  void woken() noexcept { asleep_.store(false, std::memory_order_relaxed); }

  /// The eventfd, for epoll with EPOLLIN | EPOLLET: each write is an edge, so that nobody reads it.
  int wake_fd() const noexcept { return wake_.get(); }

 private:
  void take_pending(std::vector<Task>& into);

  Fd wake_;
  Mutex mutex_;
  std::vector<Task> tasks_ WEIR_GUARDED_BY(mutex_);
  bool closed_ WEIR_GUARDED_BY(mutex_) = false;

  // Against the lost wake-up, in one total order (seq_cst). post() stores pending_, then reads
  // asleep_; prepare_sleep() stores asleep_, then reads pending_. At least one of the two reads
  // sees the other's store: either the loop does not wait or the poster writes the eventfd, or
  // both. A second poster who finds pending_ set leaves the waking to the first, who has yet to
  // read asleep_ or has done so.
  std::atomic<bool> pending_{false};  // written under mutex_: tasks_ is not empty
  std::atomic<bool> asleep_{
      false};  // set by the loop; cleared by the loop or by the poster who writes
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/mailbox.ipp>
#endif
