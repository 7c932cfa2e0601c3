// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Growing bytes whose memory is kept when they are cleared.
///
/// What std::string would do too, in less: an append that fits is a comparison and a copy inline.
/// Every answer is put together this way.
///
/// Thread: its owner's.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Bytes in one piece of memory of their own.
class ByteBuffer {
 public:
  ByteBuffer() noexcept = default;
  ByteBuffer(const ByteBuffer& other) { assign(other.view()); }
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(const ByteBuffer& other) {
    if (this != &other) assign(other.view());
    return *this;
  }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  /// The bytes, until the next change.
  std::string_view view() const noexcept { return {data_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Drops the bytes and keeps the memory.
  void clear() noexcept { size_ = 0; }

  /// Adds `size` bytes and returns where they are to be written. Throws std::bad_alloc and then
  /// holds what it held.
  char* extend(std::size_t size) {
    if (WEIR_UNLIKELY(size > capacity_ - size_)) grow(size);
    char* const at = data_.get() + size_;
    size_ += size;
    return at;
  }

  /// Adds `bytes`, which are not the buffer's own. Throws as extend() does.
  void append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
  }

  /// Replaces all by `bytes`, which are not the buffer's own. Throws as extend() does.
  void assign(std::string_view bytes) {
    if (WEIR_UNLIKELY(bytes.size() > capacity_)) grow(bytes.size());
    size_ = bytes.size();
    if (!bytes.empty()) std::memcpy(data_.get(), bytes.data(), bytes.size());
  }

  /// Takes `size` bytes out from `at`.
  void erase(std::size_t at, std::size_t size) noexcept {
    std::memmove(data_.get() + at, data_.get() + at + size, size_ - at - size);
    size_ -= size;
  }

  /// Whether `bytes` lie in this buffer's memory.
  bool owns(std::string_view bytes) const noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(bytes.data());
    const auto begin = reinterpret_cast<std::uintptr_t>(data_.get());
    return at >= begin && at < begin + size_;
  }

 private:
  static constexpr std::size_t kFirst = 120;  // the fields of an ordinary answer

  WEIR_COLD void grow(std::size_t more) {
    std::size_t capacity = capacity_ == 0 ? kFirst : capacity_ * 2;
    if (capacity < size_ + more) capacity = size_ + more;
    std::unique_ptr<char[]> larger(new char[capacity]);
    if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace http
WEIR_END_NAMESPACE
