// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <optional>
#include <weir/http/chars.hpp>
#include <weir/http/json_text.hpp>
#include <weir/http/media_type.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE bool is_json_type(std::string_view content_type) noexcept {
  static constexpr std::string_view kSuffix = "+json";
  const std::optional<MediaType> type = parse_media_type(content_type);
  if (!type) return false;
  if (type->is("application", "json")) return true;
  const std::string_view subtype = type->subtype;
  return subtype.size() > kSuffix.size() &&
         equals_ignoring_case(subtype.substr(subtype.size() - kSuffix.size()), kSuffix);
}

WEIR_INLINE std::size_t find_too_deep(std::string_view json, std::size_t max_depth) noexcept {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;  // whatever is escaped, it ends nothing
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) return i;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

WEIR_INLINE LineColumn line_and_column(std::string_view text, std::size_t offset) noexcept {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t end_of_line = before.rfind('\n');
  LineColumn place;
  place.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  place.column += before.size() - (end_of_line == std::string_view::npos ? 0 : end_of_line + 1);
  return place;
}

WEIR_INLINE void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

}  // namespace http
WEIR_END_NAMESPACE
