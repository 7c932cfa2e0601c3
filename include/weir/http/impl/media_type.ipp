// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/chars.hpp>
#include <weir/http/media_type.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// Cuts the tchars off the front of `text`; none make an empty view.
WEIR_INLINE std::string_view take_token(std::string_view& text) noexcept {
  std::size_t size = 0;
  while (size != text.size() && is_token(text[size])) ++size;
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

WEIR_INLINE void skip_spaces(std::string_view& text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

}  // namespace detail

WEIR_INLINE bool ParameterReader::fail() noexcept {
  malformed_ = true;
  rest_ = {};
  return false;
}

WEIR_INLINE bool ParameterReader::next(Parameter& parameter) noexcept {
  for (;;) {
    detail::skip_spaces(rest_);
    if (rest_.empty()) return false;
    if (rest_.front() != ';') {
      if (begin_ == Begin::name) break;
      return fail();
    }
    rest_.remove_prefix(1);
    detail::skip_spaces(rest_);
    if (rest_.empty()) return false;
    if (rest_.front() != ';') break;
  }
  begin_ = Begin::semicolon;
  parameter.name = detail::take_token(rest_);
  if (parameter.name.empty() || rest_.empty() || rest_.front() != '=') return fail();
  rest_.remove_prefix(1);
  parameter.quoted = !rest_.empty() && rest_.front() == '"';
  if (parameter.quoted) return take_quoted(parameter.value) || fail();
  parameter.value = detail::take_token(rest_);
  return !parameter.value.empty() || fail();
}

WEIR_INLINE bool ParameterReader::take_quoted(std::string_view& value) noexcept {
  const auto take = [&](std::size_t quote) {
    value = rest_.substr(1, quote - 1);
    rest_.remove_prefix(quote + 1);
    return true;
  };
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    if (rest_[i] == '"') return take(i);
    if (!is_value(rest_[i])) return false;
    if (rest_[i] != '\\') continue;
    if (++i == rest_.size() || !is_value(rest_[i])) return false;
    if (ending_ == Ending::browser && rest_[i] == '"' && i + 1 == rest_.size()) return take(i);
  }
  return false;
}

WEIR_INLINE bool MediaType::is(std::string_view other_type,
                               std::string_view other_subtype) const noexcept {
  return equals_ignoring_case(type, other_type) && equals_ignoring_case(subtype, other_subtype);
}

WEIR_INLINE std::optional<Parameter> MediaType::parameter(std::string_view name) const noexcept {
  ParameterReader reader(parameters);
  for (Parameter found; reader.next(found);)
    if (equals_ignoring_case(found.name, name)) return found;
  return std::nullopt;
}

WEIR_INLINE std::size_t MediaType::count(std::string_view name) const noexcept {
  std::size_t times = 0;
  ParameterReader reader(parameters);
  for (Parameter found; reader.next(found);)
    if (equals_ignoring_case(found.name, name)) ++times;
  return times;
}

WEIR_INLINE std::optional<MediaType> parse_media_type(std::string_view text) noexcept {
  MediaType media;
  text = trim(text);
  media.type = detail::take_token(text);
  if (media.type.empty() || text.empty() || text.front() != '/') return std::nullopt;
  text.remove_prefix(1);
  media.subtype = detail::take_token(text);
  if (media.subtype.empty()) return std::nullopt;
  detail::skip_spaces(text);
  media.parameters = text;
  ParameterReader reader(text);
  for (Parameter skipped; reader.next(skipped);) continue;
  if (reader.malformed()) return std::nullopt;
  return media;
}

WEIR_INLINE void unquote(const Parameter& parameter, std::string& out) {
  if (!parameter.quoted) {
    out.append(parameter.value);
    return;
  }
  for (std::size_t i = 0; i < parameter.value.size(); ++i) {
    if (parameter.value[i] == '\\' && i + 1 < parameter.value.size()) ++i;
    out.push_back(parameter.value[i]);
  }
}

}  // namespace http
WEIR_END_NAMESPACE
