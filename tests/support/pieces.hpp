// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Ways to cut a message, for tests that want the same answer from each.
///
/// Thread: any.
#include <cstddef>
#include <string_view>
#include <vector>

namespace weir::test {

/// Sizes of the pieces, in order; they add up to the size of what is cut.
using Cuts = std::vector<std::size_t>;

inline Cuts whole(std::size_t size) { return {size}; }

inline Cuts in_two(std::size_t size, std::size_t at) { return {at, size - at}; }

/// Pieces of `piece` bytes each, the last may be shorter.
inline Cuts each_of(std::size_t size, std::size_t piece) {
  Cuts cuts;
  for (; size > piece; size -= piece) cuts.push_back(piece);
  cuts.push_back(size);
  return cuts;
}

/// Every way to cut in two, then pieces of one, two, three and seven bytes: `f(cuts)`.
template <class F>
void for_each_cut(std::size_t size, F&& f) {
  f(whole(size));
  for (std::size_t at = 0; at <= size; ++at) f(in_two(size, at));
  for (const std::size_t piece : Cuts{1, 2, 3, 7}) f(each_of(size, piece));
}

}  // namespace weir::test
