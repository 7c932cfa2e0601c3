// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What is counted for each client address.
///
///     hash(key) ─┬─► shard 0   mutex │ key → count
///                ├─► shard 1   mutex │ …
///                └─► … 64
///
/// An address is in the table only while something of it is counted: the table is never larger than
/// what is counted. The hash has a key of its own, so that who chooses addresses cannot make them
/// meet in one place.
///
/// Thread: any.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <weir/config.hpp>
#include <weir/net/address.hpp>
#include <weir/net/keyed_hash.hpp>
#include <weir/net/mutex.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Who counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is what a site
/// gets and within which it is free to choose (RFC 6177). The port does not count; an IPv4 address
/// mapped into IPv6 is the IPv4 address.
class WEIR_API AddressKey {
 public:
  AddressKey() noexcept = default;
  explicit AddressKey(const Endpoint& endpoint) noexcept;

  /// False for Unix sockets and where there is no address: their peers cannot be told apart.
  bool is_countable() const noexcept { return words_[1] != 0; }

  /// Its 16 bytes in the machine's order, for a hash.
  std::string_view bytes() const noexcept {
    return {reinterpret_cast<const char*>(words_.data()), sizeof words_};
  }

  friend bool operator==(const AddressKey& a, const AddressKey& b) noexcept {
    return a.words_ == b.words_;
  }
  friend bool operator!=(const AddressKey& a, const AddressKey& b) noexcept { return !(a == b); }

 private:
  // The address or its prefix; and the scope of a link-local one with the family.
  std::array<std::uint64_t, 2> words_{};
};

/// Counts by address, each up to a limit: connections, at accept and close.
class WEIR_API AddressCounter {
 public:
  /// 0: no limit, the addresses are only counted.
  explicit AddressCounter(std::size_t limit_per_address)
      : limit_(limit_per_address == 0 ? SIZE_MAX : limit_per_address) {}
  AddressCounter(const AddressCounter&) = delete;
  AddressCounter& operator=(const AddressCounter&) = delete;

  /// Counts one more of `key`. False, and nothing is counted, when the address is at its limit or
  /// there is no memory for a new one: uncounted, it would be unlimited. A key that is not
  /// countable is always let through.
  [[nodiscard]] bool add(const AddressKey& key) noexcept;

  /// Takes back what an add() that returned true has counted.
  void remove(const AddressKey& key) noexcept;

  std::size_t count(const AddressKey& key) const noexcept;

  /// How many addresses something is counted of.
  std::size_t addresses() const noexcept;

 private:
  static constexpr std::size_t kShards = 64;

  struct Hash {
    KeyedHash keyed;
    std::size_t operator()(const AddressKey& key) const noexcept { return keyed(key.bytes()); }
  };
  struct alignas(64) Shard {  // so that neighbours' locks share no cache line
    mutable Mutex mutex;
    std::unordered_map<AddressKey, std::size_t, Hash> counts WEIR_GUARDED_BY(mutex);
  };

  std::size_t shard_of(const AddressKey& key) const noexcept {
    return hash_(key.bytes()) % kShards;
  }

  const std::size_t limit_;
  const KeyedHash hash_;
  std::array<Shard, kShards> shards_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/address_table.ipp>
#endif
