// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What fuzz targets share.
///
/// Thread: one.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace weir::test {

/// Ends the run as a finding, naming the line, unless `condition` holds.
inline void require(bool condition, int line = __builtin_LINE()) {
  if (condition) return;
  std::fprintf(stderr, "line %d\n", line);
  std::abort();
}

/// Cuts what is before the next `stop` off the front of `text`, and `stop` with it; all, if there
/// is none.
inline std::string_view take_until(std::string_view& text, char stop) {
  const std::size_t end = text.find(stop);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

}  // namespace weir::test
