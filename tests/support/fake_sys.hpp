// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Failing system calls on demand. A test program that contains fake_sys.cpp has all of `net::sys`
/// from there instead of from the library: each call goes to the kernel unless a test has said
/// otherwise.
///
/// Thread: any, for every call. The rules are the program's: a test clears them when it ends
/// (Scope).
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::test {

class FakeSys {
 public:
  /// The next `times` calls of `call` ("accept4") return -1 with errno `error`; negative: for ever.
  static void fail(std::string_view call, int error, int times = 1);

  /// Lets `skip` calls through first.
  static void fail_after(std::string_view call, int skip, int error, int times = 1);

  /// Each call of "recv", "send", "sendmsg" or "sendfile" moves at most `bytes`; 0 lifts the bound.
  static void limit(std::string_view call, std::size_t bytes);

  /// How often `call` has been called since clear(), failures included.
  static std::uint64_t count(std::string_view call);

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
