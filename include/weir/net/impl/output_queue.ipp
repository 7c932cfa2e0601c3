// SPDX-License-Identifier: MIT
#pragma once
#include <weir/net/output_queue.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

WEIR_INLINE Segment& OutputQueue::add(Segment::Kind kind, std::uint64_t size) {
  if (head_ == segments_.size()) {
    segments_.clear();
    head_ = corked_ = 0;
  } else if (head_ >= 64 && head_ * 2 >= segments_.size()) {
    // A queue that never empties must not keep what it has sent.
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(head_));
    corked_ = corked_ > head_ ? corked_ - head_ : 0;
    head_ = 0;
  }
  segments_.emplace_back();
  Segment& segment = segments_.back();
  segment.kind = kind;
  segment.size = size;
  size_ += size;
  if (kind == Segment::Kind::corked || kind == Segment::Kind::owned) memory_ += size;
  return segment;
}

WEIR_INLINE void OutputQueue::push_corked(std::string_view bytes) {
  if (bytes.empty()) return;
  add(Segment::Kind::corked, bytes.size()).data = bytes.data();
}

WEIR_INLINE void OutputQueue::push(std::string&& bytes) {
  if (bytes.empty()) return;
  Segment& segment = add(Segment::Kind::owned, bytes.size());
  segment.owned = std::move(bytes);
  // The vector may move a short string's bytes: `data` is an offset for owned segments, see
  // gather().
  segment.offset = 0;
}

WEIR_INLINE void OutputQueue::push(std::string_view bytes, std::shared_ptr<const void> keep) {
  if (bytes.empty()) return;
  Segment& segment = add(Segment::Kind::kept, bytes.size());
  segment.data = bytes.data();
  if (keep.use_count() == 1) memory_ += segment.counted = bytes.size();  // it lives for us alone
  segment.keep = std::move(keep);
}

WEIR_INLINE void OutputQueue::push_file(int fd, std::uint64_t offset, std::uint64_t size,
                                        std::shared_ptr<const void> keep) {
  if (size == 0) return;
  Segment& segment = add(Segment::Kind::file, size);
  segment.fd = fd;
  segment.offset = offset;
  segment.keep = std::move(keep);
}

WEIR_INLINE std::size_t OutputQueue::gather(Piece* pieces) const noexcept {
  std::size_t count = 0;
  for (std::size_t i = head_; i < segments_.size() && count < kMaxPieces; ++i) {
    const Segment& segment = segments_[i];
    if (segment.kind == Segment::Kind::file) break;
    const char* data =
        segment.kind == Segment::Kind::owned ? segment.owned.data() + segment.offset : segment.data;
    pieces[count++] = Piece{data, static_cast<std::size_t>(segment.size)};
  }
  return count;
}

WEIR_INLINE Segment* OutputQueue::front_file() noexcept {
  if (empty() || segments_[head_].kind != Segment::Kind::file) return nullptr;
  return &segments_[head_];
}

WEIR_INLINE void OutputQueue::consume(std::uint64_t bytes) noexcept {
  sent_ += bytes;
  size_ -= bytes;
  while (bytes > 0) {
    Segment& segment = segments_[head_];
    const std::uint64_t taken = bytes < segment.size ? bytes : segment.size;
    segment.size -= taken;
    bytes -= taken;
    switch (segment.kind) {
      case Segment::Kind::corked:
        segment.data += taken;
        memory_ -= taken;
        break;
      case Segment::Kind::kept:
        segment.data += taken;
        if (segment.size == 0) memory_ -= segment.counted;
        break;
      case Segment::Kind::owned:
        segment.offset += taken;
        if (segment.size == 0) memory_ -= segment.owned.size();
        break;
      case Segment::Kind::file:
        segment.offset += taken;
        break;
    }
    if (segment.size > 0) return;
    segment.owned = std::string();
    segment.keep.reset();
    ++head_;
  }
}

WEIR_INLINE void OutputQueue::detach() {
  std::size_t to = corked_ > head_ ? corked_ : head_;
  for (std::size_t i = to; i < segments_.size(); ++i) {
    Segment& segment = segments_[i];
    if (segment.kind == Segment::Kind::corked) {
      const std::string_view rest(segment.data, static_cast<std::size_t>(segment.size));
      Segment* const last = to > head_ ? &segments_[to - 1] : nullptr;
      if (last != nullptr && last->kind == Segment::Kind::owned &&
          last->owned.size() + rest.size() <= kJoinLimit) {
        last->owned.append(rest);
        last->size += rest.size();
        continue;
      }
      segment.owned.assign(rest);
      segment.kind = Segment::Kind::owned;
      segment.data = nullptr;
      segment.offset = 0;
    }
    if (to != i) segments_[to] = std::move(segment);
    ++to;
  }
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(to), segments_.end());
  corked_ = to;
}

}  // namespace net
WEIR_END_NAMESPACE
