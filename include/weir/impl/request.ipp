// SPDX-License-Identifier: MIT
#pragma once
#include <weir/detail/route_table.hpp>
#include <weir/http/fields.hpp>
#include <weir/request.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE std::string_view Request::pattern() const noexcept {
  return data_->route == nullptr ? std::string_view() : std::string_view(data_->route->pattern);
}

WEIR_INLINE bool Request::has_header(std::string_view name) const noexcept {
  for (const Header& header : headers())
    if (http::equals_ignoring_case(header.name, name)) return true;
  return false;
}

WEIR_INLINE bool Request::asks_for_upgrade(std::string_view protocol) const noexcept {
  // HTTP/1.0 knows no upgrade, and without `Connection: upgrade` the field is some other hop's.
  if (!data_->head.wants_upgrade || data_->head.minor_version == 0) return false;
  for (const Header& header : headers())
    if (http::equals_ignoring_case(header.name, "upgrade") &&
        http::list_contains(header.value, protocol))
      return true;
  return false;
}

WEIR_INLINE std::optional<std::string_view> Request::cookie(std::string_view name) const noexcept {
  // HTTP/2 gateways may split the field; each line is looked at.
  for (const Header& header : headers()) {
    if (!http::equals_ignoring_case(header.name, "cookie")) continue;
    if (const auto value = http::CookieView(header.value).get(name)) return value;
  }
  return std::nullopt;
}

WEIR_END_NAMESPACE
