// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Any text inside HTML and JSON.
///
/// Thread: any.
#include <cstddef>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/percent.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Appends `text` so that HTML shows it as it is, between tags and in quoted attributes.
WEIR_API void append_html(std::string& out, std::string_view text);

/// Appends `text` as a JSON string (RFC 8259 §7), in its quotes; bytes that are no UTF-8 as U+FFFD.
WEIR_API void append_json(std::string& out, std::string_view text);

/// Appends `text`, characters of ASCII for which `escape(char)` gives something replaced by that,
/// and bytes that are no UTF-8 by U+FFFD.
template <class Escape>
void append_escaped(std::string& out, std::string_view text, Escape escape) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const std::string replaced = size == 1 ? escape(text.front()) : std::string();
    if (size == 0) {
      out.append("\xEF\xBF\xBD");
    } else if (replaced.empty()) {
      out.append(text.substr(0, size));
    } else {
      out.append(replaced);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/escape.ipp>
#endif
