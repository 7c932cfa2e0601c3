// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Failing system calls on demand. A test program that contains fake_sys.cpp has all of `net::sys`
/// from there instead of from the library: each call goes to the kernel unless a test has said
/// otherwise.
///
/// A socket that is empty or full for the moment says EAGAIN, or moves less, and is ready again
/// later: on a descriptor that epoll watches, an edge follows each EAGAIN and each short transfer
/// that was made up here, as it would with a true one. Without it an edge-triggered loop would
/// rightly wait for ever.
///
/// Thread: any, for every call. The rules are the program's: a test clears them when it ends
/// (Scope).
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::test {

class FakeSys {
 public:
  /// The next `times` calls of `call` ("accept4", or "epoll_ctl add" for that one of its
  /// operations) return -1 with errno `error`; negative: for ever.
  static void fail(std::string_view call, int error, int times = 1);

  /// Lets `skip` calls through first.
  static void fail_after(std::string_view call, int skip, int error, int times = 1);

  /// The same, but the call takes effect all the same: what a counter says that has already been
  /// written. "close" always does: on Linux the descriptor is gone whatever it returns.
  static void fail_done(std::string_view call, int skip, int error, int times = 1);

  /// Each call of "recv", "send", "sendmsg", "pread" or "sendfile" moves at most `bytes`; 0 lifts
  /// the bound.
  static void limit(std::string_view call, std::size_t bytes);

  /// How often `call` has been called since clear(), failures included.
  static std::uint64_t count(std::string_view call);

  /// How many of these were made to fail.
  static std::uint64_t failures(std::string_view call);

  /// How many calls of any name there have been since clear(), failures included.
  static std::uint64_t total();

  /// The time-out that the last epoll_wait was given, in ms.
  static int last_wait();

  /// Forgets all rules and counts.
  static void clear();

  /// Clears at both ends of a test.
  struct Scope {
    Scope() { clear(); }
    ~Scope() { clear(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };
};

}  // namespace weir::test
