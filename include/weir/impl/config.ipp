// SPDX-License-Identifier: MIT
#pragma once
#include <cstdio>
#include <cstdlib>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE void assertion_failed(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "weir: assertion failed: %s (%s:%d)\n", what, file, line);
  std::abort();
}

}  // namespace detail
WEIR_END_NAMESPACE
