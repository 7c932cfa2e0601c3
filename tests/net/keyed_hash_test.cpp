// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <weir/net/keyed_hash.hpp>

using weir::net::KeyedHash;

TEST_CASE("the hash is SipHash-2-4", "[net][keyed_hash]") {
  // The reference implementation's vectors: key 00 01 … 0f, input 00 01 … of each length.
  const KeyedHash hash(0x0706050403020100, 0x0f0e0d0c0b0a0908);
  struct Case {
    std::size_t size;
    std::uint64_t value;
  };
  constexpr Case kCases[] = {
      {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
      {8, 0x93f5f5799a932462},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
      {63, 0x958a324ceb064572},
  };
  std::string input;
  for (int i = 0; i < 64; ++i) input.push_back(static_cast<char>(i));
  for (const Case& c : kCases) {
    CAPTURE(c.size);
    CHECK(hash(std::string_view(input).substr(0, c.size)) == c.value);
  }
}

TEST_CASE("every hash has a key of its own", "[net][keyed_hash]") {
  std::set<std::uint64_t> values;
  for (int i = 0; i < 64; ++i) values.insert(KeyedHash()("the same"));
  CHECK(values.size() == 64);
  const KeyedHash one;
  CHECK(one("the same") == one("the same"));
}
