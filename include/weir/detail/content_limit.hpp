// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a middleware says of the size of a request's content: a value of the request.
///
/// Thread: the connection's loop.
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

inline constexpr std::uint64_t kNoContentLimit = ~std::uint64_t{0};

/// Set by a `before` hook. The reactor takes the lower of this and the route's.
struct ContentLimit {
  std::uint64_t bytes;
};

}  // namespace detail
WEIR_END_NAMESPACE
