// SPDX-License-Identifier: MIT
#pragma once
#include <sys/eventfd.h>

#include <cerrno>
#include <utility>
#include <weir/net/error.hpp>
#include <weir/net/mailbox.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

WEIR_INLINE Mailbox::Mailbox() : wake_(sys::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!wake_) throw_errno(errno, "eventfd");
}

WEIR_INLINE Mailbox::~Mailbox() = default;

WEIR_INLINE bool Mailbox::post(Task task) {
  {
    MutexLock lock(mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
    if (pending_.load(std::memory_order_relaxed)) return true;
    pending_.store(true, std::memory_order_seq_cst);
  }
  if (asleep_.load(std::memory_order_seq_cst) && asleep_.exchange(false, std::memory_order_seq_cst))
    wake();
  return true;
}

WEIR_INLINE void Mailbox::close() {
  std::vector<Task> dropped;
  MutexLock lock(mutex_);
  closed_ = true;
  pending_.store(false, std::memory_order_relaxed);
  dropped.swap(tasks_);
}

WEIR_INLINE void Mailbox::wake() noexcept {
  const int error = errno;
  sys::eventfd_write(wake_.get());
  errno = error;
}

WEIR_INLINE void Mailbox::take_pending(std::vector<Task>& into) {
  MutexLock lock(mutex_);
  into.swap(tasks_);
  pending_.store(false, std::memory_order_relaxed);
}

}  // namespace net
WEIR_END_NAMESPACE
