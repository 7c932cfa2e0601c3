// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What middleware leaves with a request: at most one value of each type.
///
/// Thread: the one that handles the request.
#include <utility>
#include <vector>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// An address that is the same for every use of T and for no other type: in a shared library and
/// the program that uses it, too, where T is WEIR_API.
template <class T>
struct WEIR_API TypeTag {
  static inline const char tag = 0;
};

/// Owns values by type. Empty ones cost no allocation.
class Values {
 public:
  Values() = default;
  Values(Values&& other) noexcept : items_(std::move(other.items_)) { other.items_.clear(); }
  Values& operator=(Values&& other) noexcept {
    items_.swap(other.items_);
    return *this;
  }
  ~Values() { clear(); }

  /// Keeps `value`, replacing an earlier one of the type.
  template <class T>
  T& set(T value) {
    Item item{&TypeTag<T>::tag, new T(std::move(value)),
              [](void* object) noexcept { delete static_cast<T*>(object); }};
    for (Item& old : items_) {
      if (old.tag != item.tag) continue;
      old.destroy(old.object);
      old = item;
      return *static_cast<T*>(item.object);
    }
    try {
      items_.push_back(item);
    } catch (...) {
      item.destroy(item.object);
      throw;
    }
    return *static_cast<T*>(item.object);
  }

  /// The value of type T, or nullptr.
  template <class T>
  T* get() const noexcept {
    for (const Item& item : items_)
      if (item.tag == &TypeTag<T>::tag) return static_cast<T*>(item.object);
    return nullptr;
  }

  bool empty() const noexcept { return items_.empty(); }

  void clear() noexcept {
    while (!items_.empty()) {
      const Item item = items_.back();
      items_.pop_back();
      item.destroy(item.object);
    }
  }

 private:
  struct Item {
    const void* tag;
    void* object;
    void (*destroy)(void*) noexcept;
  };
  std::vector<Item> items_;
};

}  // namespace detail
WEIR_END_NAMESPACE
