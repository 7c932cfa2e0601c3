// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>
#include <weir/net/token_buckets.hpp>

using namespace std::chrono_literals;
using weir::net::TokenBuckets;

namespace {

constexpr std::chrono::steady_clock::time_point kStart{1000s};

/// A name as a hash would spread it (splitmix64).
std::uint64_t name_of(std::uint64_t i) {
  i += 0x9e3779b97f4a7c15;
  i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9;
  i = (i ^ i >> 27) * 0x94d049bb133111eb;
  return i ^ i >> 31;
}

/// Tokens that can be taken at `now`.
int drain(TokenBuckets& buckets, std::uint64_t name, std::chrono::steady_clock::time_point now) {
  int taken = 0;
  while (buckets.take(name, now).has_taken) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("a bucket gives its burst, then one token each interval", "[net][token_buckets]") {
  TokenBuckets buckets(100ms, 5, 8);
  auto now = kStart;
  CHECK(drain(buckets, 1, now) == 5);
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(buckets.take(1, now + 99ms).has_taken);
    now += 100ms;
    CHECK(drain(buckets, 1, now) == 1);
  }
  CHECK(drain(buckets, 1, now + 250ms) == 2);
  CHECK(drain(buckets, 1, now + 299ms) == 0);  // the half of one is kept
  CHECK(drain(buckets, 1, now + 300ms) == 1);
  CHECK(drain(buckets, 1, now + 24h) == 5);  // and never more than the burst
}

TEST_CASE("a level says what is left and when there is more", "[net][token_buckets]") {
  TokenBuckets buckets(100ms, 3, 8);
  const auto level = [](const TokenBuckets::Level& from) {
    return std::pair<std::uint32_t, std::int64_t>(from.left, from.until_next.count() / 1'000'000);
  };
  using Pair = std::pair<std::uint32_t, std::int64_t>;
  CHECK(level(buckets.look(1, kStart)) == Pair(3, 0));
  CHECK(level(buckets.take(1, kStart)) == Pair(2, 100));
  CHECK(level(buckets.take(1, kStart + 30ms)) == Pair(1, 70));
  CHECK(level(buckets.take(1, kStart + 30ms)) == Pair(0, 70));
  CHECK(level(buckets.take(1, kStart + 31ms)) == Pair(0, 69));  // refused
  CHECK(level(buckets.look(1, kStart + 99ms)) == Pair(0, 1));
  CHECK(level(buckets.look(1, kStart + 100ms)) == Pair(1, 100));
  CHECK(level(buckets.look(1, kStart + 1h)) == Pair(3, 0));
  CHECK_FALSE(buckets.look(1, kStart + 1h).has_taken);
  CHECK(level(buckets.look(2, kStart)) == Pair(3, 0));  // and looking makes no bucket
}

TEST_CASE("a time that is somewhat older gives nothing away", "[net][token_buckets]") {
  TokenBuckets buckets(100ms, 2, 8);
  CHECK(drain(buckets, 1, kStart) == 2);
  CHECK_FALSE(buckets.take(1, kStart - 50ms).has_taken);
  CHECK(buckets.look(1, kStart - 50ms).left == 0);
  CHECK(drain(buckets, 1, kStart + 100ms) == 1);
}

TEST_CASE("names have buckets of their own", "[net][token_buckets]") {
  TokenBuckets buckets(1s, 3, 64);
  for (std::uint64_t i = 0; i < 16; ++i) CHECK(drain(buckets, name_of(i), kStart) == 3);
  for (std::uint64_t i = 0; i < 16; ++i) CHECK(drain(buckets, name_of(i), kStart) == 0);
}

TEST_CASE("there is room for at least what was asked for", "[net][token_buckets]") {
  CHECK(TokenBuckets(1s, 1, 1).capacity() == 8);
  CHECK(TokenBuckets(1s, 1, 8).capacity() == 8);
  CHECK(TokenBuckets(1s, 1, 9).capacity() == 16);
  CHECK(TokenBuckets(1s, 1, 65'536).capacity() == 65'536);
}

TEST_CASE("the bucket nearest to full makes room, an empty one is kept", "[net][token_buckets]") {
  TokenBuckets buckets(1s, 4, 8);  // one set
  for (std::uint64_t name = 1; name <= 8; ++name)
    for (std::uint64_t i = 0; i < (name == 5 ? 1 : 4); ++i) buckets.take(name, kStart);
  CHECK(buckets.take(9, kStart).left == 3);  // in the place of 5
  CHECK(buckets.look(5, kStart).left == 4);
  for (const std::uint64_t name : {1U, 2U, 3U, 4U, 6U, 7U, 8U})
    CHECK_FALSE(buckets.take(name, kStart).has_taken);
}

TEST_CASE("100,000 names pass through room for 1,024, none of them refused, and the worst stay",
          "[net][token_buckets]") {
  TokenBuckets buckets(1s, 10, 1'024);
  constexpr std::uint64_t kGreedy = 32;
  for (std::uint64_t i = 0; i < kGreedy; ++i) drain(buckets, name_of(i), kStart);
  int refused = 0;
  for (std::uint64_t i = kGreedy; i < 100'000; ++i)
    refused += buckets.take(name_of(i), kStart).has_taken ? 0 : 1;
  CHECK(refused == 0);
  CHECK(buckets.capacity() == 1'024);
  for (std::uint64_t i = 0; i < kGreedy; ++i) {
    CAPTURE(i);
    CHECK_FALSE(buckets.take(name_of(i), kStart).has_taken);
  }
}

TEST_CASE("threads take together no more than there is", "[net][token_buckets]") {
  constexpr int kThreads = 4;
  TokenBuckets buckets(1h, 1'000, 64);
  std::atomic<int> taken{0};
  std::atomic<std::uint32_t> seen{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 3'000; ++i) {
        if (buckets.take(name_of(i % 3), kStart).has_taken) ++taken;
        seen += buckets.look(name_of((i + 1) % 3), kStart).left;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(taken == 3 * 1'000);
}
