// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The cookies of a request (RFC 6265): reading the Cookie field. Set-Cookie is set_cookie.hpp.
///
/// Thread: any.
#include <optional>
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

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/cookie.ipp>
#endif
