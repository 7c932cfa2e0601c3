// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Iterating over what is made from its index, by value: `for (auto [name, value] : params)`.
///
/// Thread: that of the sequence.
#include <cstddef>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// An iterator over a `Sequence` with `operator[](std::size_t)`, of which it keeps a pointer.
template <class Sequence>
class IndexIterator {
 public:
  IndexIterator(const Sequence* sequence, std::size_t index) noexcept
      : sequence_(sequence), index_(index) {}
  auto operator*() const noexcept { return (*sequence_)[index_]; }
  IndexIterator& operator++() noexcept {
    ++index_;
    return *this;
  }
  /// Only of iterators over the same sequence.
  bool operator==(const IndexIterator& other) const noexcept { return index_ == other.index_; }
  bool operator!=(const IndexIterator& other) const noexcept { return index_ != other.index_; }

 private:
  const Sequence* sequence_;
  std::size_t index_;
};

}  // namespace http
WEIR_END_NAMESPACE
