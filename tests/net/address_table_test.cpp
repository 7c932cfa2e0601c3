// SPDX-License-Identifier: MIT
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <string_view>
#include <thread>
#include <vector>
#include <weir/net/address_table.hpp>

using weir::net::Address;
using weir::net::AddressCounter;
using weir::net::AddressKey;
using weir::net::Endpoint;

namespace {

AddressKey key_of(std::string_view host, std::uint16_t port = 1) {
  return AddressKey(Address::ip(host, port).endpoint());
}

AddressKey numbered(std::uint32_t i) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = i;
  return AddressKey(Endpoint::from(reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

}  // namespace

TEST_CASE("one client is an IPv4 address or an IPv6 /64", "[net][address_table]") {
  struct Case {
    const char* name;
    const char* a;
    const char* b;
    bool same;
  };
  constexpr Case kCases[] = {
      {"IPv4 is whole", "192.0.2.1", "192.0.2.2", false},
      {"IPv4's bytes keep their places", "192.0.2.1", "1.2.0.192", false},
      {"one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
      {"next to a /64", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
      {"mapped IPv4 is IPv4", "::ffff:192.0.2.1", "192.0.2.1", true},
      {"mapped IPv4 is not one /64", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
      {"an IPv4 address with the bytes of a prefix", "32.1.13.184", "2001:db8::1", false},
      {"0.0.0.0 and ::", "0.0.0.0", "::", false},
      {"a link-local address on two links", "fe80::1%1", "fe80::1%2", false},
      {"two hosts on one link", "fe80::1%1", "fe80::2%1", true},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    CHECK(key_of(c.a, 1).is_countable());
    CHECK((key_of(c.a, 1) == key_of(c.b, 2)) == c.same);
    CHECK((key_of(c.a, 1) != key_of(c.b, 2)) != c.same);
  }
  static_assert(sizeof(AddressKey) == 16);
}

TEST_CASE("peers without an address are not counted", "[net][address_table]") {
  AddressCounter counter(1);
  for (const AddressKey& key : {AddressKey(), AddressKey(Endpoint()),
                                AddressKey(Address::unix_socket("/tmp/socket").endpoint())}) {
    CHECK_FALSE(key.is_countable());
    for (int i = 0; i < 3; ++i) CHECK(counter.add(key));
    CHECK(counter.count(key) == 0);
    counter.remove(key);
  }
  CHECK(counter.addresses() == 0);
}

TEST_CASE("an address is counted up to its limit and forgotten at zero", "[net][address_table]") {
  AddressCounter counter(2);
  const AddressKey a = key_of("192.0.2.1");
  const AddressKey b = key_of("2001:db8::1");
  CHECK(counter.add(a));
  CHECK(counter.add(a));
  CHECK_FALSE(counter.add(a));
  CHECK(counter.count(a) == 2);
  CHECK(counter.add(b));
  CHECK(counter.addresses() == 2);
  counter.remove(a);
  CHECK(counter.add(a));
  counter.remove(a);
  counter.remove(a);
  CHECK(counter.count(a) == 0);
  CHECK(counter.addresses() == 1);
  counter.remove(b);
  CHECK(counter.addresses() == 0);
}

TEST_CASE("a limit of 0 only counts", "[net][address_table]") {
  AddressCounter counter(0);
  const AddressKey a = key_of("192.0.2.1");
  for (int i = 0; i < 1000; ++i) CHECK(counter.add(a));
  CHECK(counter.count(a) == 1000);
}

TEST_CASE("many addresses come and go", "[net][address_table]") {
  AddressCounter counter(1);
  constexpr std::uint32_t kMany = 100'000;
  std::uint32_t refused = 0;
  for (std::uint32_t i = 0; i < kMany; ++i) refused += counter.add(numbered(i)) ? 0U : 1U;
  CHECK(refused == 0);
  CHECK(counter.addresses() == kMany);
  for (std::uint32_t i = 0; i < kMany; ++i) refused += counter.add(numbered(i)) ? 0U : 1U;
  CHECK(refused == kMany);
  for (std::uint32_t i = 0; i < kMany; ++i) counter.remove(numbered(i));
  CHECK(counter.addresses() == 0);
}

TEST_CASE("threads count together without losing one", "[net][address_table]") {
  constexpr int kThreads = 4;
  constexpr std::size_t kLimit = 3;
  AddressCounter counter(kLimit);
  std::array<std::atomic<std::size_t>, 5> held{};
  std::atomic<int> exceeded{0};
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (std::uint32_t i = 0; i < 5'000; ++i) {
        const std::uint32_t which = i % 5;
        if (!counter.add(numbered(which))) continue;
        ++admitted;
        if (++held[which] > kLimit) ++exceeded;
        static_cast<void>(counter.addresses());
        --held[which];
        counter.remove(numbered(which));
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(exceeded == 0);
  CHECK(admitted > 0);
  CHECK(counter.addresses() == 0);
}
