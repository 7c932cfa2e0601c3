// SPDX-License-Identifier: MIT
#pragma once
#include <cstring>
#include <new>
#include <weir/net/input_buffer.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

struct InputBuffer::Block {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t capacity = 0;

  char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
};

WEIR_INLINE std::string_view InputBuffer::view() const noexcept {
  if (block_ == nullptr) return {};
  return {block_->bytes() + block_->begin, block_->end - block_->begin};
}

WEIR_INLINE char* InputBuffer::data() noexcept {
  return block_ == nullptr ? nullptr : block_->bytes() + block_->begin;
}

WEIR_INLINE InputBuffer::Room InputBuffer::room(std::size_t at_least) {
  if (block_ == nullptr || block_->capacity - block_->end < at_least) {
    const std::string_view held = view();
    if (block_ != nullptr && block_->begin >= at_least && block_->begin >= held.size()) {
      std::memmove(block_->bytes(), held.data(), held.size());
    } else {
      // Doubling keeps the copies linear in what arrives, however small its pieces are.
      std::size_t capacity = held.size() + at_least;
      if (capacity < held.size() * 2) capacity = held.size() * 2;
      void* memory = ::operator new(sizeof(Block) + capacity);
      Block* block = new (memory) Block;
      block->capacity = capacity;
      if (!held.empty()) std::memcpy(block->bytes(), held.data(), held.size());
      release();
      block_ = block;
      block_->end = held.size();
      return {block_->bytes() + block_->end, block_->capacity - block_->end};
    }
    block_->begin = 0;
    block_->end = held.size();
  }
  return {block_->bytes() + block_->end, block_->capacity - block_->end};
}

WEIR_INLINE void InputBuffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  const Room free = room(bytes.size());
  std::memcpy(free.data, bytes.data(), bytes.size());
  grown(bytes.size());
}

WEIR_INLINE void InputBuffer::grown(std::size_t size) noexcept {
  block_->end += size;
  if (block_->end == block_->begin) release();
}

WEIR_INLINE void InputBuffer::consume(std::size_t size) noexcept {
  if (block_ == nullptr) return;
  block_->begin += size;
  if (block_->begin == block_->end) release();
}

WEIR_INLINE void InputBuffer::release() noexcept {
  if (block_ == nullptr) return;
  block_->~Block();
  ::operator delete(block_);
  block_ = nullptr;
}

WEIR_INLINE std::size_t InputBuffer::capacity() const noexcept {
  return block_ == nullptr ? 0 : sizeof(Block) + block_->capacity;
}

}  // namespace net
WEIR_END_NAMESPACE
