// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cerrno>
#include <weir/net/error.hpp>

using weir::net::Error;

TEST_CASE("a failed call names itself, its object and the reason", "[net][error]") {
  CHECK_THROWS_WITH(weir::net::throw_errno(EACCES, "bind", "127.0.0.1:80"),
                    "bind 127.0.0.1:80: Permission denied");
  CHECK_THROWS_WITH(weir::net::throw_errno(EMFILE, "eventfd"), "eventfd: Too many open files");
  try {
    weir::net::throw_errno(ENOENT, "open", "x");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::no_such_file_or_directory);
  }
}

TEST_CASE("outcomes compare by the one category", "[net][error]") {
  const std::error_code code = Error::would_block;
  CHECK(code == Error::would_block);
  CHECK(code != Error::closed);
  CHECK(&code.category() == &weir::net::error_category());
  for (const Error error :
       {Error::would_block, Error::closed, Error::pool_full, Error::pool_stopped})
    CHECK(make_error_code(error).message() != "unknown error");
  CHECK(weir::net::error_category().message(99) == "unknown error");
}
