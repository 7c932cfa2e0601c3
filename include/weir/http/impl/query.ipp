// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/percent.hpp>
#include <weir/http/query.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// Takes one decoded byte off the front of `text`, which is not empty.
WEIR_INLINE char take_form_byte(std::string_view& text) noexcept {
  char byte = text.front();
  std::size_t size = 1;
  if (byte == '+') {
    byte = ' ';
  } else if (byte == '%') {
    const int octet = percent_octet(text);
    if (octet >= 0) {
      byte = static_cast<char>(octet);
      size = 3;
    }
  }
  text.remove_prefix(size);
  return byte;
}

}  // namespace detail

WEIR_INLINE void form_decode(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t plain = text.find_first_of("%+");
    out.append(text.substr(0, plain));
    if (plain == std::string_view::npos) return;
    text.remove_prefix(plain);
    out += detail::take_form_byte(text);
  }
}

WEIR_INLINE std::string form_decode(std::string_view text) {
  std::string out;
  form_decode(text, out);
  return out;
}

WEIR_INLINE bool form_equals(std::string_view encoded, std::string_view plain) noexcept {
  for (const char c : plain)
    if (encoded.empty() || detail::take_form_byte(encoded) != c) return false;
  return encoded.empty();
}

WEIR_INLINE void QueryView::iterator::advance() noexcept {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('&');
    const std::string_view pair = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    item_.name = pair.substr(0, equals);
    item_.value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    return;
  }
  done_ = true;
}

WEIR_INLINE std::optional<std::string_view> QueryView::raw(std::string_view name) const noexcept {
  for (const QueryItem& item : *this)
    if (form_equals(item.name, name)) return item.value;
  return std::nullopt;
}

WEIR_INLINE std::optional<std::string> QueryView::get(std::string_view name) const {
  const std::optional<std::string_view> found = raw(name);
  if (!found) return std::nullopt;
  return form_decode(*found);
}

}  // namespace http
WEIR_END_NAMESPACE
