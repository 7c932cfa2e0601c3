// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The bytes a connection must keep until more of them have come: part of a head, or requests that
/// wait behind one that is being answered.
///
///     block_ ──► ┌────────┬──────────────┬───────────┬──────────┐
///                │ header │ consumed     │ view()    │ room()   │
///                └────────┴──────────────┴───────────┴──────────┘
///                                        begin       end        capacity
///
/// Eight bytes while nothing is held, which is nearly always: an idle connection has no buffers.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// A growing run of unread bytes in one allocation, given back by release() or when all is
/// consumed.
class WEIR_API InputBuffer {
 public:
  /// Writable bytes behind the held ones.
  struct Room {
    char* data;
    std::size_t size;
  };

  InputBuffer() noexcept = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { release(); }

  bool empty() const noexcept { return block_ == nullptr; }

  /// The held bytes, until the next call that is not const.
  std::string_view view() const noexcept;

  /// The held bytes, writable.
  char* data() noexcept;

  /// Copies `bytes` behind the held ones. Throws std::bad_alloc and then holds what it held.
  void append(std::string_view bytes);

  /// At least `at_least` writable bytes; grown() makes the first of them part of the held ones.
  /// Throws std::bad_alloc.
  Room room(std::size_t at_least);
  void grown(std::size_t size) noexcept;

  /// Drops `size` bytes from the front, and the allocation with the last of them.
  void consume(std::size_t size) noexcept;

  void release() noexcept;

  /// Bytes allocated, for the memory budget.
  std::size_t capacity() const noexcept;

 private:
  struct Block;
  Block* block_ = nullptr;  // null: nothing held
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/input_buffer.ipp>
#endif
