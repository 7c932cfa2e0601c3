// SPDX-License-Identifier: MIT
#pragma once
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <weir/net/page_cache.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

WEIR_INLINE bool is_at_hand(int fd, std::uint64_t offset, std::uint64_t size) noexcept {
  if (size == 0) return true;
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t last = offset + size - 1;
  const sys::Ssize cached =
      sys::cached_pages(fd, static_cast<sys::Offset>(offset), static_cast<std::size_t>(size));
  char byte = 0;
  if (cached >= 0) {
    if (static_cast<std::uint64_t>(cached) <= last / page - offset / page) return false;
    // Pages that are being read count as well; of a range the last one is the last to come.
    return sys::pread_at_hand(fd, &byte, static_cast<sys::Offset>(last)) == 1 ||
           errno == EOPNOTSUPP;
  }
  // A byte in each step of what the kernel reads ahead at least.
  constexpr std::uint64_t kStep = 64 * 1024;
  for (std::uint64_t at = offset; at <= last; at += kStep)
    if (sys::pread_at_hand(fd, &byte, static_cast<sys::Offset>(at)) != 1) return false;
  return sys::pread_at_hand(fd, &byte, static_cast<sys::Offset>(last)) == 1;
}

WEIR_INLINE bool fetch(int fd, std::uint64_t offset, std::uint64_t size) noexcept {
  char bytes[64 * 1024];
  while (size > 0) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(size, sizeof bytes));
    const sys::Ssize moved = sys::pread(fd, bytes, most, static_cast<sys::Offset>(offset));
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    offset += static_cast<std::uint64_t>(moved);
    size -= static_cast<std::uint64_t>(moved);
  }
  return true;
}

}  // namespace net
WEIR_END_NAMESPACE
