// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <weir/http/params.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE std::string_view Params::get(std::string_view name) const noexcept {
  for (const Param param : *this)
    if (param.name == name) return param.value;
  return {};
}

WEIR_INLINE bool Params::has(std::string_view name) const noexcept {
  for (const Param param : *this)
    if (param.name == name) return true;
  return false;
}

WEIR_INLINE void Params::rebase(const char* from, const char* to) noexcept {
  for (std::uint32_t i = 0; i < size_; ++i) items_[i].value = to + (items_[i].value - from);
}

WEIR_INLINE std::string_view show_path(RoutedPath path, std::string& scratch, Params& params) {
  if (WEIR_LIKELY(!path.has_encoded_slash)) return path.text;
  WEIR_ASSERT(path.text.data() == scratch.data() && path.text.size() == scratch.size());
  std::string shown;
  expand_path(path.text, shown);
  std::size_t offsets[Params::kCapacity];
  for (std::uint32_t i = 0; i < params.size_; ++i)
    offsets[i] = static_cast<std::size_t>(params.items_[i].value - path.text.data());

  const std::size_t routed_size = scratch.size();
  scratch += shown;  // may move: `path.text` is not used from here on
  char* const routed = scratch.data();
  const char* const end = routed + scratch.size();
  for (std::uint32_t i = 0; i < params.size_; ++i) {
    Params::Item& item = params.items_[i];
    char* const value = routed + offsets[i];
    const auto marks =
        static_cast<std::uint32_t>(std::count(value, value + item.value_size, kEncodedSlash));
    if (item.is_rest != 0) {  // it ends the path, so its shown form ends the shown path
      item.value_size = (item.value_size + 2 * marks) & 0x7FFFFFFF;
      item.value = end - item.value_size;
    } else {
      std::replace(value, value + item.value_size, kEncodedSlash, '/');
      item.value = value;
    }
  }
  return {routed + routed_size, shown.size()};
}

}  // namespace http
WEIR_END_NAMESPACE
