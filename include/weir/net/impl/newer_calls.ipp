// SPDX-License-Identifier: MIT
#pragma once
#include <unistd.h>

#include <weir/net/newer_calls.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
namespace sys {
namespace newer {

WEIR_INLINE int openat2(int directory, const char* path, int flags,
                        std::uint64_t resolve) noexcept {
  constexpr long kNumber = 437;
  struct {
    std::uint64_t flags, mode, resolve;
  } how{static_cast<std::uint64_t>(flags), 0, resolve};
  return static_cast<int>(::syscall(kNumber, directory, path, &how, sizeof how));
}

WEIR_INLINE std::int64_t cachestat(int fd, std::uint64_t offset, std::size_t size) noexcept {
  constexpr long kNumber = 451;
  struct {
    std::uint64_t offset, size;
  } range{offset, size};
  struct {
    std::uint64_t cached, dirty, writeback, evicted, recently_evicted;
  } found{};
  if (::syscall(kNumber, fd, &range, &found, 0) != 0) return -1;
  return static_cast<std::int64_t>(found.cached);
}

}  // namespace newer
}  // namespace sys
}  // namespace net
WEIR_END_NAMESPACE
