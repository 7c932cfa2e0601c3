// SPDX-License-Identifier: MIT
#pragma once
#include <cerrno>
#include <system_error>
#include <weir/net/random.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

WEIR_INLINE std::string random_hex(std::size_t bytes) {
  unsigned char random[256];
  WEIR_ASSERT(bytes <= sizeof random);  // as many as getrandom() gives at once
  if (sys::getrandom(random, bytes) != static_cast<sys::Ssize>(bytes))
    throw std::system_error(errno, std::generic_category(), "getrandom");
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    text += kDigits[random[i] >> 4U];
    text += kDigits[random[i] & 15U];
  }
  return text;
}

}  // namespace net
WEIR_END_NAMESPACE
