// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the tables of docs/conformance.md are written with.
#include <string>
#include <string_view>

namespace weir::conformance {

/// `text` as a cell of a Markdown table.
inline std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (std::string_view("|<*_\\`[").find(c) != std::string_view::npos) safe += '\\';
    if (c == '\t')
      safe += "TAB";
    else
      safe += c;
  }
  return safe;
}

}  // namespace weir::conformance
