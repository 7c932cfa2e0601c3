// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A callable that can be moved but not copied, with room for most closures inside.
///
/// What std::function cannot do: hold a closure that owns something (an `Fd`, a promise). A
/// callable of at most 48 bytes whose move cannot throw stands in the object itself; a larger one
/// costs one allocation. Moving and destroying never throw and never allocate.
///
/// Thread: any, one at a time.
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

template <class Signature>
class UniqueFunction;

/// Owns one callable of the signature `R(Args...)`, or nothing.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  static constexpr std::size_t kInlineBytes =
      48;  // a mailbox, an id and three words of the caller's

  UniqueFunction() noexcept = default;
  UniqueFunction(std::nullptr_t) noexcept {}

  /// Takes over `callable`. A null function pointer gives an empty object.
  template <class F, class D = std::decay_t<F>,
            class = std::enable_if_t<!std::is_same_v<D, UniqueFunction> &&
                                     std::is_invocable_r_v<R, D&, Args...>>>
  UniqueFunction(F&& callable) {
    if constexpr (std::is_pointer_v<std::remove_reference_t<F>>) {
      if (callable == nullptr) return;
    }
    if constexpr (kFits<D>) {
      ::new (static_cast<void*>(storage_)) D(std::forward<F>(callable));
      invoke_ = [](void* self, Args... args) -> R {
        return static_cast<R>((*static_cast<D*>(self))(std::forward<Args>(args)...));
      };
      manage_ = [](void* to, void* from) noexcept {
        if (to != nullptr) ::new (to) D(std::move(*static_cast<D*>(from)));
        static_cast<D*>(from)->~D();
      };
    } else {
      const auto owned = new D(std::forward<F>(callable));
      std::memcpy(storage_, &owned, sizeof owned);
      invoke_ = [](void* self, Args... args) -> R {
        return static_cast<R>((*pointer<D>(self))(std::forward<Args>(args)...));
      };
      manage_ = [](void* to, void* from) noexcept {
        if (to != nullptr)
          std::memcpy(to, from, sizeof(D*));
        else
          delete pointer<D>(from);
      };
    }
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      UniqueFunction old;
      old.take(*this);  // destroyed last: its destructor may come back to this object
      take(other);
    }
    return *this;
  }
  UniqueFunction(const UniqueFunction&) = delete;
  UniqueFunction& operator=(const UniqueFunction&) = delete;
  ~UniqueFunction() {
    if (manage_ != nullptr) manage_(nullptr, storage_);
  }

  /// Calls the callable, which must exist. What it throws passes through.
  R operator()(Args... args) {
    WEIR_ASSERT(invoke_ != nullptr);
    return invoke_(storage_, std::forward<Args>(args)...);
  }

  explicit operator bool() const noexcept { return invoke_ != nullptr; }

 private:
  template <class D>
  static constexpr bool kFits =
      sizeof(D) <= kInlineBytes &&
      alignof(D) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<D>;

  template <class D>
  static D* pointer(void* storage) noexcept {
    D* owned;
    std::memcpy(&owned, storage, sizeof owned);
    return owned;
  }

  void take(UniqueFunction& other) noexcept {
    invoke_ = std::exchange(other.invoke_, nullptr);
    manage_ = std::exchange(other.manage_, nullptr);
    if (manage_ != nullptr) manage_(storage_, other.storage_);
  }

  alignas(std::max_align_t) unsigned char storage_[kInlineBytes];
  R (*invoke_)(void*, Args...) = nullptr;
  // Moves from `from` to `to` and destroys `from`; with `to` null only destroys.
  void (*manage_)(void* to, void* from) noexcept = nullptr;
};

/// Something to be done once, elsewhere or later.
using Task = UniqueFunction<void()>;

static_assert(sizeof(Task) <= 64, "a task is one cache line");

}  // namespace net
WEIR_END_NAMESPACE
