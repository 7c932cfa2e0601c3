// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The owner of one file descriptor.
///
/// Thread: any, one at a time.
#include <utility>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Closes its descriptor when it dies. Every descriptor of weir is an `Fd` from the line that makes
/// it.
class WEIR_API Fd {
 public:
  Fd() noexcept = default;
  /// Takes over `fd`; a negative one means none.
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  /// Gives the descriptor away unclosed; -1 when there was none.
  int release() noexcept { return std::exchange(fd_, -1); }

  /// Closes what is held and takes over `fd`. Keeps errno.
  void reset(int fd = -1) noexcept {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) close(old);
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  static void close(int fd) noexcept;

  int fd_ = -1;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/fd.ipp>
#endif
