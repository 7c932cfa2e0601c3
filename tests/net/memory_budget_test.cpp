// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>
#include <weir/net/memory_budget.hpp>

using weir::net::MemoryBudget;
using weir::net::MemoryShare;

TEST_CASE("a slice is small against the limit and bounded", "[memory_budget]") {
  CHECK(MemoryBudget(256 * 1024).slice() == 1024);
  CHECK(MemoryBudget(64 * 1024 * 1024).slice() == 256 * 1024);
  CHECK(MemoryBudget(std::uint64_t{1} << 40).slice() == 1024 * 1024);
}

TEST_CASE("what many shares keep to spare is small against the limit", "[memory_budget]") {
  constexpr std::uint64_t kLimit = 256 * 1024 * 1024;
  MemoryBudget budget(kLimit, 256);
  std::vector<std::unique_ptr<MemoryShare>> shares;
  for (int i = 0; i < 256; ++i) {
    shares.push_back(std::make_unique<MemoryShare>(budget));
    shares.back()->change(0, 64);
    shares.back()->change(64, 0);
  }
  CHECK(budget.lent() <= kLimit / 16);
  CHECK_FALSE(budget.is_strained());
}

TEST_CASE("a share borrows whole slices and keeps one to spare", "[memory_budget]") {
  MemoryBudget budget(1024 * 1024);
  const std::uint64_t slice = budget.slice();
  {
    MemoryShare share(budget);
    share.change(0, 1);
    CHECK(budget.lent() == slice);
    share.change(1, slice);
    CHECK(budget.lent() == slice);
    share.change(slice, 10 * slice);
    CHECK(budget.lent() == 10 * slice);
    share.change(10 * slice, 0);
    CHECK(share.used() == 0);
    CHECK(budget.lent() == slice);
    share.change(0, slice);
    CHECK(budget.lent() == slice);
  }
  CHECK(budget.lent() == 0);
}

TEST_CASE("a budget is tight at seven eighths and exhausted when no slice is left",
          "[memory_budget]") {
  MemoryBudget budget(1024 * 1024);
  MemoryShare share(budget);
  MemoryShare other(budget);
  CHECK_FALSE(share.is_tight());
  share.change(0, 896 * 1024);
  CHECK_FALSE(share.is_tight());
  share.change(896 * 1024, 900 * 1024);
  CHECK(share.is_tight());
  CHECK(other.is_tight());
  CHECK_FALSE(share.is_exhausted());
  other.change(0, 200 * 1024);  // more than there is: it is held, so it counts
  CHECK(other.is_exhausted());
  CHECK_FALSE(share.is_exhausted());  // it has not looked
  CHECK(share.look());
  other.change(200 * 1024, 0);
  CHECK_FALSE(other.is_exhausted());
  CHECK_FALSE(share.look());
}

TEST_CASE("a limit of 0 is none", "[memory_budget]") {
  MemoryBudget budget(0);
  MemoryShare share(budget);
  share.change(0, std::uint64_t{1} << 50);
  CHECK_FALSE(share.is_tight());
  CHECK_FALSE(share.is_exhausted());
}

TEST_CASE("shares of several threads add up", "[memory_budget]") {
  MemoryBudget budget(64 * 1024 * 1024);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&budget, t] {
      MemoryShare share(budget);
      std::uint64_t held = 0;
      for (std::uint64_t i = 0; i < 10'000; ++i) {
        const std::uint64_t now = (i * 7919 + t) % (4 * 1024 * 1024);
        share.change(held, now);
        held = now;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(budget.lent() == 0);
}
