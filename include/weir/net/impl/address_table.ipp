// SPDX-License-Identifier: MIT
#pragma once
#include <cstring>
#include <new>
#include <weir/net/address_table.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

WEIR_INLINE AddressKey::AddressKey(const Endpoint& endpoint) noexcept {
  if (!endpoint.is_v4() && !endpoint.is_v6()) return;
  std::memcpy(&words_[0], endpoint.bytes().data(), sizeof words_[0]);
  const auto family = static_cast<std::uint64_t>(endpoint.family());
  words_[1] = std::uint64_t{endpoint.scope()} << 32 | family;
}

WEIR_INLINE bool AddressCounter::add(const AddressKey& key) noexcept {
  if (!key.is_countable()) return true;
  Shard& shard = shards_[shard_of(key)];
  const MutexLock lock(shard.mutex);
  try {
    std::size_t& count = shard.counts[key];
    if (count >= limit_) return false;
    ++count;
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

WEIR_INLINE void AddressCounter::remove(const AddressKey& key) noexcept {
  if (!key.is_countable()) return;
  Shard& shard = shards_[shard_of(key)];
  const MutexLock lock(shard.mutex);
  const auto found = shard.counts.find(key);
  WEIR_ASSERT(found != shard.counts.end());
  if (found != shard.counts.end() && --found->second == 0) shard.counts.erase(found);
}

WEIR_INLINE std::size_t AddressCounter::count(const AddressKey& key) const noexcept {
  const Shard& shard = shards_[shard_of(key)];
  const MutexLock lock(shard.mutex);
  const auto found = shard.counts.find(key);
  return found == shard.counts.end() ? 0 : found->second;
}

WEIR_INLINE std::size_t AddressCounter::addresses() const noexcept {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const MutexLock lock(shard.mutex);
    sum += shard.counts.size();
  }
  return sum;
}

}  // namespace net
WEIR_END_NAMESPACE
