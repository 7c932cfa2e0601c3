// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// SipHash-2-4 (Aumasson and Bernstein, 2012): a hash whose values nobody can foresee who does not
/// know its key. For tables whose keys strangers choose: they cannot make them collide.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

class WEIR_API KeyedHash {
 public:
  /// A key of its own, from the machine's randomness. Throws std::exception when there is none.
  KeyedHash();

  /// A key that is known: for tests.
  KeyedHash(std::uint64_t key0, std::uint64_t key1) noexcept : key0_(key0), key1_(key1) {}

  std::uint64_t operator()(std::string_view bytes) const noexcept;

 private:
  std::uint64_t key0_;
  std::uint64_t key1_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/keyed_hash.ipp>
#endif
