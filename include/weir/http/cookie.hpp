// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Cookies (RFC 6265): reading the Cookie field, making Set-Cookie.
///
/// Thread: any.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// One cookie of a request. A pair of quotes around the value is taken off; nothing is decoded.
struct Cookie {
  std::string_view name;
  std::string_view value;
};

/// The cookies of one Cookie field in order, found one at a time: `for (auto [name, value] :
/// CookieView(v))`. What has no '=' or no name is skipped. Views live as long as the field.
class WEIR_API CookieView {
 public:
  class WEIR_API iterator {
   public:
    iterator() noexcept = default;
    explicit iterator(std::string_view rest) noexcept : rest_(rest) { advance(); }

    const Cookie& operator*() const noexcept { return cookie_; }
    const Cookie* operator->() const noexcept { return &cookie_; }
    iterator& operator++() noexcept {
      advance();
      return *this;
    }
    /// Only a comparison with end() means anything.
    bool operator==(const iterator& other) const noexcept {
      return cookie_.name.empty() == other.cookie_.name.empty();
    }
    bool operator!=(const iterator& other) const noexcept { return !(*this == other); }

   private:
    void advance() noexcept;

    std::string_view rest_;
    Cookie cookie_;  // no name: the end
  };

  explicit CookieView(std::string_view field) noexcept : field_(field) {}
  iterator begin() const noexcept { return iterator(field_); }
  iterator end() const noexcept { return {}; }

  /// The value of the first cookie `name`, or nothing. Of several with one name a browser sends
  /// that of the longest path first (RFC 6265 §5.4). Names match exactly.
  std::optional<std::string_view> get(std::string_view name) const noexcept;

 private:
  std::string_view field_;
};

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

  /// The value of a Set-Cookie field. Throws std::invalid_argument, naming the cookie, for bytes
  /// that RFC 6265 §4.1.1 does not allow and for combinations that browsers drop: `__Secure-` and
  /// `__Host-` names without what they promise, SameSite=None and Partitioned without Secure.
  std::string to_string() const;
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/cookie.ipp>
#endif
