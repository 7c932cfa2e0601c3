// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Bytes that end where memory ends: whoever reads one past them dies on the spot.
///
/// Thread: one.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

namespace weir::test {

/// Room for up to `capacity` bytes, with an unreadable page on either side.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::size_t capacity) {
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    room_ = (capacity + page - 1) / page * page;
    if (room_ == 0) room_ = page;
    mapped_ = room_ + 2 * page;
    void* map = ::mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) throw std::bad_alloc();
    map_ = static_cast<char*>(map);
    if (::mprotect(map_ + page, room_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    end_ = map_ + page + room_;
  }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;
  ~GuardedBytes() { ::munmap(map_, mapped_); }

  /// A copy of `bytes` that ends at the unreadable page. Valid until the next call.
  std::string_view at_end(std::string_view bytes) noexcept {
    if (!bytes.empty()) std::memcpy(end_ - bytes.size(), bytes.data(), bytes.size());
    return {end_ - bytes.size(), bytes.size()};
  }

  /// A copy of `bytes` that begins behind an unreadable page.
  std::string_view at_begin(std::string_view bytes) noexcept {
    char* begin = end_ - room_;
    if (!bytes.empty()) std::memcpy(begin, bytes.data(), bytes.size());
    return {begin, bytes.size()};
  }

 private:
  std::size_t room_ = 0;
  std::size_t mapped_ = 0;
  char* map_ = nullptr;
  char* end_ = nullptr;  // the first byte of the page behind
};

}  // namespace weir::test
