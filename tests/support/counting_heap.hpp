// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Counts what a thread asks the heap for, and refuses where a test wants it. A test program that
/// contains counting_heap.cpp has the global operator new and delete from there, so that such tests
/// are an executable of their own.
///
/// Thread: any; each has counts of its own, and only what it does itself is in them.
#include <cstddef>

namespace weir::test {

class CountingHeap {
 public:
  /// Forgets this thread's counts and counts from now on. The allocation of that number throws
  /// std::bad_alloc, or gives null where it must not throw; 0: none does.
  static void start(std::size_t failing = 0) noexcept;

  /// Counts no more; what has been counted stays readable.
  static void stop() noexcept;

  /// Calls of operator new, failed ones included.
  static std::size_t allocations() noexcept;

  /// Bytes asked for and not given back, with malloc's own; negative when what had been taken
  /// before start() was given back.
  static std::ptrdiff_t bytes() noexcept;

  /// Counts while it lives.
  struct Scope {
    explicit Scope(std::size_t failing = 0) noexcept { start(failing); }
    ~Scope() { stop(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };
};

}  // namespace weir::test
