// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/chars.hpp>
#include <weir/http/cookie.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE void CookieView::iterator::advance() noexcept {
  cookie_ = {};
  while (cookie_.name.empty() && !rest_.empty()) {
    const std::size_t end = rest_.find(';');
    const std::string_view pair = trim(rest_.substr(0, end));
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    cookie_.name = trim(pair.substr(0, equals));
    cookie_.value = trim(pair.substr(equals + 1));
    if (cookie_.value.size() >= 2 && cookie_.value.front() == '"' && cookie_.value.back() == '"')
      cookie_.value = cookie_.value.substr(1, cookie_.value.size() - 2);
  }
}

WEIR_INLINE std::optional<std::string_view> CookieView::get(std::string_view name) const noexcept {
  for (const Cookie& cookie : *this)
    if (cookie.name == name) return cookie.value;
  return std::nullopt;
}

}  // namespace http
WEIR_END_NAMESPACE
