// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cerrno>
#include <string>
#include <system_error>
#include <weir/net/random.hpp>

#include "../support/fake_sys.hpp"

using weir::net::random_hex;
using weir::test::FakeSys;

TEST_CASE("random digits are as many as asked for, and others each time", "[net]") {
  for (const std::size_t bytes : {0U, 1U, 16U, 256U}) {
    const std::string text = random_hex(bytes);
    CHECK(text.size() == 2 * bytes);
    CHECK(text.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
  CHECK(random_hex(16) != random_hex(16));
}

TEST_CASE("without randomness there is no name", "[net]") {
  const FakeSys::Scope scope;
  FakeSys::fail("getrandom", ENOSYS);
  CHECK_THROWS_AS(random_hex(8), std::system_error);
}
