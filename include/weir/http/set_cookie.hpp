// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Setting a cookie: the Set-Cookie field with all its attributes (RFC 6265bis §4.1).
///
/// Thread: any.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

inline constexpr std::size_t kMaxCookieSize = 4096;       // name and value; RFC 6265bis §5.6
inline constexpr std::size_t kMaxCookieAttribute = 1024;  // one attribute's value; RFC 6265bis §5.6

/// When a browser sends a cookie along with a request that another site caused.
enum class SameSite : std::uint8_t {
  unset,   ///< says nothing: the browser decides
  lax,     ///< with links followed, not with forms or subresources
  strict,  ///< never
  none,    ///< always; needs `secure`
};

/// A cookie to set. What is safe is the default: not readable by scripts, not sent across sites.
/// Only `secure` has to be asked for, because a server cannot know what stands before it.
struct WEIR_API SetCookie {
  std::string name;
  std::string value;  ///< no blank, quote, comma, semicolon or backslash: encode what may have them
  std::string path = "/";   ///< empty: that of the request
  std::string domain = {};  ///< empty: this host alone
  std::optional<std::chrono::seconds> max_age =
      {};                                    ///< nothing: until the browser closes; 0: delete
  std::optional<std::int64_t> expires = {};  ///< Unix seconds; `max_age` wins where both are
  bool secure = false;
  bool http_only = true;
  SameSite same_site = SameSite::lax;
  bool partitioned = false;  ///< a jar per top-level site (CHIPS); needs `secure`

  /// The value of a Set-Cookie field. Throws std::invalid_argument, naming the cookie and why, for
  /// bytes that RFC 6265 §4.1.1 does not allow and for what browsers drop or read otherwise:
  /// - `__Secure-` and `__Host-` names without what they promise (RFC 6265bis §4.1.3), `__Http-`
  ///   and `__Host-Http-` without HttpOnly besides,
  /// - SameSite=None and Partitioned without Secure,
  /// - more than kMaxCookieSize bytes of name and value, kMaxCookieAttribute of a path or domain,
  /// - an `expires` before 1601, of which they take no notice.
  std::string to_string() const;

  /// The same, appended to `out`, which stays as it is when it throws std::invalid_argument.
  void append_to(std::string& out) const;
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/set_cookie.ipp>
#endif
