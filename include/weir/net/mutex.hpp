// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// std::mutex as clang's -Wthread-safety understands it: members say which lock guards them.
///
/// Thread: any.
#include <mutex>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// A lock that `WEIR_GUARDED_BY` can name.
class WEIR_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() WEIR_ACQUIRE() { mutex_.lock(); }
  void unlock() WEIR_RELEASE() { mutex_.unlock(); }

  /// For a condition variable alone.
  std::mutex& native() noexcept { return mutex_; }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for a scope.
class WEIR_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) WEIR_ACQUIRE(mutex) : lock_(mutex.native()) {}
  ~MutexLock() WEIR_RELEASE() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  /// For a condition variable alone; the lock is held again when its wait returns.
  std::unique_lock<std::mutex>& native() noexcept { return lock_; }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace net
WEIR_END_NAMESPACE
