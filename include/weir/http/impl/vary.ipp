// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/chars.hpp>
#include <weir/http/fields.hpp>
#include <weir/http/vary.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE bool has_member(const ResponseHead& head, std::string_view field,
                            std::string_view member) noexcept {
  std::size_t position = 0;
  std::string_view name;
  std::string_view value;
  while (head.next(position, name, value))
    if (equals_ignoring_case(name, field) && list_contains(value, member)) return true;
  return false;
}

WEIR_INLINE void add_vary(ResponseHead& head, std::string_view field) {
  if (!has_member(head, "Vary", field) && !has_member(head, "Vary", "*"))
    head.append("Vary", field);
}

}  // namespace http
WEIR_END_NAMESPACE
