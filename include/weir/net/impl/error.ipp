// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <weir/net/error.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {
class ErrorCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "weir.net"; }
  std::string message(int value) const override {
    switch (static_cast<Error>(value)) {
      case Error::would_block:
        return "nothing can be moved now";
      case Error::closed:
        return "closed by the peer";
      case Error::pool_full:
        return "the thread pool's queue is full";
      case Error::pool_stopped:
        return "the thread pool has been stopped";
    }
    return "unknown error";
  }
};
}  // namespace detail

WEIR_INLINE const std::error_category& error_category() noexcept {
  static const detail::ErrorCategory category;
  return category;
}

WEIR_INLINE void throw_errno(int error, const char* call, std::string_view object) {
  std::string what(call);
  if (!object.empty()) what.append(1, ' ').append(object);
  throw std::system_error(error, std::system_category(), what);
}

}  // namespace net
WEIR_END_NAMESPACE
