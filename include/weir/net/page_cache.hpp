// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Whether a file's bytes are in memory, and seeing to it that they are: sendfile() of bytes that
/// are not waits for the disk, and with it the loop.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Bytes of a file that are looked at, and fetched, at once.
inline constexpr std::size_t kFileWindow = 1024 * 1024;

/// Whether these bytes of the open file `fd` can be read without waiting for the disk, as far as
/// the kernel says. Where it cannot say: no. Does not wait.
WEIR_API bool is_at_hand(int fd, std::uint64_t offset, std::uint64_t size) noexcept;

/// Reads these bytes, so that they are at hand. Waits for the disk: for workers. False when they
/// cannot be read: the file has become shorter, or its disk fails.
WEIR_API bool fetch(int fd, std::uint64_t offset, std::uint64_t size) noexcept;

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/page_cache.ipp>
#endif
