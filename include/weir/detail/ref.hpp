// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A counted pointer to an object that holds its own count.
#include <utility>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class Exchange;

/// Implemented by what is counted, so that T may be incomplete here.
WEIR_API void ref_acquire(Exchange& object) noexcept;
WEIR_API void ref_release(Exchange& object) noexcept;

/// Keeps one T alive. One word, unlike std::shared_ptr: it is a part of every deferred reply.
template <class T>
class Ref {
 public:
  Ref() noexcept = default;
  explicit Ref(T& object) noexcept : object_(&object) { ref_acquire(object); }
  Ref(const Ref& other) noexcept : object_(other.object_) {
    if (object_ != nullptr) ref_acquire(*object_);
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) ref_release(*object_);
  }

  T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  void reset() noexcept { Ref().swap(*this); }
  void swap(Ref& other) noexcept { std::swap(object_, other.object_); }

 private:
  T* object_ = nullptr;
};

}  // namespace detail
WEIR_END_NAMESPACE
