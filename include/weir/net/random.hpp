// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Names and marks that nobody can foresee.
///
/// Thread: any.
#include <cstddef>
#include <string>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// So many bytes of the kernel's randomness, at most 256, as two hexadecimal digits each. Throws
/// std::system_error where there are none.
WEIR_API std::string random_hex(std::size_t bytes);

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/random.ipp>
#endif
