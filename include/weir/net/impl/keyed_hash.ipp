// SPDX-License-Identifier: MIT
#pragma once
#include <random>
#include <weir/net/keyed_hash.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {

struct SipState {
  std::uint64_t v0;
  std::uint64_t v1;
  std::uint64_t v2;
  std::uint64_t v3;

  static constexpr std::uint64_t rotate(std::uint64_t word, unsigned by) noexcept {
    return word << by | word >> (64 - by);
  }

  void rounds(int count) noexcept {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v2 += v3;
      v1 = rotate(v1, 13) ^ v0;
      v3 = rotate(v3, 16) ^ v2;
      v0 = rotate(v0, 32) + v3;
      v2 += v1;
      v3 = rotate(v3, 21) ^ v0;
      v1 = rotate(v1, 17) ^ v2;
      v2 = rotate(v2, 32);
    }
  }

  void take(std::uint64_t word) noexcept {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
};

/// Up to eight bytes, the first one lowest.
inline std::uint64_t little_endian(std::string_view bytes) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 8; ++i)
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

}  // namespace detail

WEIR_INLINE KeyedHash::KeyedHash() {
  std::random_device random;
  const auto word = [&random] { return std::uint64_t{random()} << 32 | random(); };
  key0_ = word();
  key1_ = word();
}

WEIR_INLINE std::uint64_t KeyedHash::operator()(std::string_view bytes) const noexcept {
  // The constants spell "somepseudorandomlygeneratedbytes".
  detail::SipState state{key0_ ^ 0x736f6d6570736575, key1_ ^ 0x646f72616e646f6d,
                         key0_ ^ 0x6c7967656e657261, key1_ ^ 0x7465646279746573};
  const std::uint64_t size = bytes.size();
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) state.take(detail::little_endian(bytes));
  state.take(detail::little_endian(bytes) | size << 56);
  state.v2 ^= 0xff;
  state.rounds(4);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace net
WEIR_END_NAMESPACE
