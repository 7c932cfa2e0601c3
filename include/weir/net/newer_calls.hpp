// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// System calls that not every libc declares, by their numbers, which are those of every
/// architecture. For sys.ipp, and for what stands in for it in tests.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
namespace sys {
namespace newer {

inline constexpr std::uint64_t kResolveNoMagicLinks = 0x02;
inline constexpr std::uint64_t kResolveBeneath = 0x08;

/// A descriptor, or -1 and errno.
WEIR_API int openat2(int directory, const char* path, int flags, std::uint64_t resolve) noexcept;

/// Pages of these bytes that are in memory, or -1 and errno.
WEIR_API std::int64_t cachestat(int fd, std::uint64_t offset, std::size_t size) noexcept;

}  // namespace newer
}  // namespace sys
}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/newer_calls.ipp>
#endif
