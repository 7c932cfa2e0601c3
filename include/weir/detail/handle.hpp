// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A counted right in an exchange: the last copy to go answers for all of them.
#include <cstdint>
#include <utility>
#include <weir/config.hpp>
#include <weir/detail/ref.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

enum class HandleKind : std::uint8_t {
  reply,   // the last one gone unanswered: 500
  stream,  // the last one gone without an end: broken off
};

WEIR_API void handle_acquire(Exchange& exchange, HandleKind kind) noexcept;
WEIR_API void handle_release(Exchange& exchange, HandleKind kind) noexcept;

/// A copyable handle of one kind. Thread: any; one object at a time.
template <HandleKind kKind>
class Handle {
 public:
  Handle() noexcept = default;
  explicit Handle(Exchange& exchange) noexcept : block_(exchange) {
    handle_acquire(exchange, kKind);
  }
  Handle(const Handle& other) noexcept : block_(other.block_) {
    if (block_) handle_acquire(*block_, kKind);
  }
  Handle(Handle&& other) noexcept : block_(std::move(other.block_)) {}
  Handle& operator=(Handle other) noexcept {
    block_.swap(other.block_);
    return *this;
  }
  ~Handle() {
    if (block_) handle_release(*block_, kKind);
  }

  Exchange* operator->() const noexcept { return block_.get(); }
  Exchange& operator*() const noexcept { return *block_; }
  explicit operator bool() const noexcept { return static_cast<bool>(block_); }

 private:
  Ref<Exchange> block_;
};

}  // namespace detail
WEIR_END_NAMESPACE
