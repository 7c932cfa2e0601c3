// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Credentials in an Authorization field (RFC 9110 §11.6.2): Basic (RFC 7617) and token68, and the
/// comparison of secrets.
///
/// Thread: any.
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Whether `text` is a token68: one character at least, then any number of "=" (RFC 9110 §11.2).
WEIR_API bool is_token68(std::string_view text) noexcept;

/// What stands behind `scheme` and its spaces in the value of an Authorization field, which may be
/// empty; nothing for another scheme. Schemes match without regard to case.
WEIR_API std::optional<std::string_view> credentials_of(std::string_view value,
                                                        std::string_view scheme) noexcept;

/// Name and password of Basic credentials.
struct BasicCredentials {
  std::string name;      ///< UTF-8 without a colon and control characters; may be empty
  std::string password;  ///< UTF-8 without control characters; may be empty
};

/// Reads the token68 of Basic credentials: padded base64 (RFC 4648 §4) of "name:password".
/// Nothing for what is not, for control characters (RFC 7617 §2), and for what is not UTF-8.
WEIR_API std::optional<BasicCredentials> decode_basic(std::string_view token);

/// Whether the two are the same bytes. How long it takes depends on the size of `given` alone, so
/// that nobody learns a secret letter by letter.
WEIR_API bool is_same_secret(std::string_view secret, std::string_view given) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/authorization.ipp>
#endif
