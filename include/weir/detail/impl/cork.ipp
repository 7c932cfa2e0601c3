// SPDX-License-Identifier: MIT
#pragma once
#include <utility>
#include <weir/detail/cork.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE Cork::Cork() : buffer_(new char[kSize]) { rewind(); }

WEIR_INLINE void Cork::attach(net::Connection& connection) noexcept {
  WEIR_ASSERT(connection_ == nullptr && at_ == buffer_.get());
  connection_ = &connection;
}

// One huge head must not leave a huge cork. If memory is short, the large one serves as well.
WEIR_INLINE void Cork::shrink() noexcept {
  std::unique_ptr<char[]> usual(new (std::nothrow) char[kSize]);
  if (usual == nullptr) return;
  buffer_ = std::move(usual);
  capacity_ = kSize;
}

WEIR_INLINE std::uint64_t Cork::unsent() const noexcept {
  net::OutputQueue* const queue = connection_->unsent();
  return tail().size() + (queue == nullptr ? 0 : queue->size());
}

WEIR_INLINE void Cork::queue_tail() {
  if (at_ == from_) return;
  connection_->queue().push_corked(tail());
  written_ += tail().size();
  from_ = at_;
}

WEIR_INLINE void Cork::push(std::string&& bytes) {
  queue_tail();
  written_ += bytes.size();
  connection_->queue().push(std::move(bytes));
}

WEIR_INLINE void Cork::push(std::string_view bytes, std::shared_ptr<const void> keep) {
  queue_tail();
  written_ += bytes.size();
  connection_->queue().push(bytes, std::move(keep));
}

WEIR_INLINE void Cork::push_file(int fd, std::uint64_t offset, std::uint64_t size,
                                 std::shared_ptr<const void> keep) {
  queue_tail();
  written_ += size;
  connection_->queue().push_file(fd, offset, size, std::move(keep));
}

WEIR_INLINE void Cork::make_room(std::size_t size) {
  queue_tail();
  if (connection_->has_output()) connection_->queue().detach();  // nothing refers to the buffer now
  if (size > capacity_) {
    buffer_.reset(new char[size]);
    capacity_ = size;
  }
  rewind();
}

}  // namespace detail
WEIR_END_NAMESPACE
