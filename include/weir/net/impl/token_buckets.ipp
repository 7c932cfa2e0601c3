// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <weir/net/token_buckets.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {

inline std::int64_t to_nanoseconds(TokenBuckets::TimePoint time) noexcept {
  return std::chrono::duration_cast<TokenBuckets::Nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace detail

WEIR_INLINE TokenBuckets::TokenBuckets(Nanoseconds interval, std::uint32_t burst, std::size_t names)
    : interval_(interval.count()),
      depth_(interval.count() * burst),
      sets_(std::max<std::size_t>(1, names / kWays + (names % kWays == 0 ? 0 : 1))) {
  WEIR_ASSERT(interval_ > 0 && burst > 0);
}

WEIR_INLINE TokenBuckets::Level TokenBuckets::take(std::uint64_t name, TimePoint at) noexcept {
  const std::int64_t now = detail::to_nanoseconds(at);
  const std::size_t index = set_of(name);
  const MutexLock lock(locks_[index % kLocks].mutex);
  Bucket* fullest = nullptr;
  for (Bucket& bucket : sets_[index].ways) {
    if (bucket.name == name) {
      fullest = &bucket;
      break;
    }
    if (fullest == nullptr || bucket.full_at < fullest->full_at) fullest = &bucket;
  }
  const bool known = fullest->name == name;
  const std::int64_t full_at = known ? std::max(fullest->full_at, now) : now;
  const bool has_token = full_at + interval_ <= now + depth_;
  if (has_token) *fullest = {name, full_at + interval_};
  Level level = level_of(has_token ? full_at + interval_ : full_at, now);
  level.has_taken = has_token;
  return level;
}

WEIR_INLINE TokenBuckets::Level TokenBuckets::look(std::uint64_t name,
                                                   TimePoint at) const noexcept {
  const std::int64_t now = detail::to_nanoseconds(at);
  const std::size_t index = set_of(name);
  const MutexLock lock(locks_[index % kLocks].mutex);
  for (const Bucket& bucket : sets_[index].ways)
    if (bucket.name == name) return level_of(bucket.full_at, now);
  return level_of(now, now);
}

WEIR_INLINE TokenBuckets::Level TokenBuckets::level_of(std::int64_t full_at,
                                                       std::int64_t now) const noexcept {
  Level level;
  const std::int64_t missing = std::clamp<std::int64_t>(full_at - now, 0, depth_);
  level.left = static_cast<std::uint32_t>((depth_ - missing) / interval_);
  const std::int64_t part = missing % interval_;
  level.until_next = Nanoseconds(part == 0 && missing > 0 ? interval_ : part);
  return level;
}

}  // namespace net
WEIR_END_NAMESPACE
