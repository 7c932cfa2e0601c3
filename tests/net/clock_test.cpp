// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <weir/net/clock.hpp>

using namespace std::chrono_literals;
using weir::net::Clock;
using weir::net::FakeClock;

TEST_CASE("a fake clock moves only when told to", "[net][clock]") {
  FakeClock clock;
  const Clock::TimePoint start = clock.now();
  CHECK(clock.now() == start);
  CHECK(clock.unix_seconds() == 784111777);
  clock.advance(1999ms);
  CHECK(clock.now() - start == 1999ms);
  CHECK(clock.unix_seconds() == 784111778);
  clock.advance(1ms);
  CHECK(clock.unix_seconds() == 784111779);
}

TEST_CASE("the machine's clock does not go back and knows the century", "[net][clock]") {
  Clock& clock = Clock::system();
  const Clock::TimePoint first = clock.now();
  CHECK(clock.now() >= first);
  CHECK(clock.unix_seconds() > 1600000000);
  CHECK(&clock == &Clock::system());
}
