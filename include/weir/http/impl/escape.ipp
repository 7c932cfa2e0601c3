// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/escape.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE void append_html(std::string& out, std::string_view text) {
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
}

WEIR_INLINE void append_json(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  append_escaped(out, text, [](char c) -> std::string {
    if (c == '"' || c == '\\') return {'\\', c};
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x20) return {};
    return {'\\', 'u', '0', '0', kDigits[code >> 4U], kDigits[code & 15U]};
  });
  out += '"';
}

}  // namespace http
WEIR_END_NAMESPACE
