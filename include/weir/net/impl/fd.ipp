// SPDX-License-Identifier: MIT
#pragma once
#include <cerrno>
#include <weir/net/fd.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

WEIR_INLINE void Fd::close(int fd) noexcept {
  const int error = errno;  // an Fd often dies between a failed call and the look at its errno
  sys::close(fd);           // never retried: on Linux the descriptor is gone even after EINTR
  errno = error;
}

}  // namespace net
WEIR_END_NAMESPACE
