// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the parameters of a route have matched, and how the application is shown it.
///
/// Thread: any, with one thread at a time for an object.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/index_iterator.hpp>
#include <weir/http/target.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

class Params;

/// Turns what was routed on into what the application sees, and returns the shown path. `params`
/// come from matching `path`. Without an encoded slash nothing happens.
///
/// Else `scratch` must be what normalise_path() wrote to: it grows by the shown path, the values
/// become views of it, single segments with "/" and a rest with "%2F".
WEIR_API std::string_view show_path(RoutedPath path, std::string& scratch, Params& params);

/// What a route's parameters matched. Holds views only: names into the tree, values into the path.
class WEIR_API Params {
 public:
  static constexpr std::size_t kCapacity = 16;  // a pattern with more is refused

  struct Param {
    std::string_view name;
    std::string_view value;
    bool is_rest = false;  ///< a `{rest...}`: may have several segments
  };
  using iterator = IndexIterator<Params>;

  Params() noexcept {}  // leaves items_ unset: it is written before it is read

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  void clear() noexcept { size_ = 0; }
  /// In the order of the pattern. `index` is less than size().
  Param operator[](std::size_t index) const noexcept {
    const Item& item = items_[index];
    return {{item.name, item.name_size}, {item.value, item.value_size}, item.is_rest != 0};
  }
  iterator begin() const noexcept { return {this, 0}; }
  iterator end() const noexcept { return {this, size_}; }

  /// The value of the parameter `name`, or an empty view, which no parameter but a rest has.
  std::string_view get(std::string_view name) const noexcept;
  /// Whether there is a parameter `name`.
  bool has(std::string_view name) const noexcept;

  /// Lets the values of a path that moved from `from` to `to` follow it.
  void rebase(const char* from, const char* to) noexcept;

 private:
  friend class RouteTree;
  friend std::string_view show_path(RoutedPath, std::string&, Params&);

  struct Item {  // no string_view: those would be zeroed for each request
    const char* name;
    const char* value;
    std::uint32_t name_size;
    std::uint32_t value_size : 31;
    std::uint32_t is_rest : 1;
  };
  Item items_[kCapacity];
  std::uint32_t size_ = 0;
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/params.ipp>
#endif
