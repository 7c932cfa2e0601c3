// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The name of one request with its answer.
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Names one exchange without keeping anything alive. Whatever outlives a call (a reply, a chunk, a
/// time-out) carries it: once the exchange is over it finds nothing, never another request.
struct ExchangeId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // grows each time the slot is reused
  std::uint32_t exchange = 0;    // counts requests on the connection
};

}  // namespace detail
WEIR_END_NAMESPACE
