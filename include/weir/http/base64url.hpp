// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// base64url without padding (RFC 4648 §5): bytes in text that cookies and URLs may hold.
///
/// Thread: any.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Characters that `bytes` bytes become.
constexpr std::size_t base64url_size(std::size_t bytes) noexcept {
  return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

WEIR_API std::string base64url_encode(std::string_view bytes);

/// Nothing for what base64url_encode() would not write: another character, padding, an impossible
/// length, bits that mean nothing and are not 0. So each text has one meaning and each meaning one
/// text.
WEIR_API std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/base64url.ipp>
#endif
