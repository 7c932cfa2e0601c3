// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <weir/http/chars.hpp>
#include <weir/net/sys.hpp>
#include <weir/request.hpp>
#include <weir/request_id.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// A thread's numbers: xoshiro256**, whose state the kernel's random bytes begin.
class IdNumbers {
 public:
  IdNumbers() noexcept {
    const auto wanted = static_cast<net::sys::Ssize>(sizeof state_);
    if (net::sys::getrandom(state_, sizeof state_) == wanted) return;
    // Early at boot or in a jail: time and place must do, for a name that is no secret.
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    state_[0] ^= static_cast<std::uint64_t>(now);
    state_[1] ^= reinterpret_cast<std::uintptr_t>(this);
    state_[2] |= 1;  // all zero would stay so
    for (int i = 0; i < 16; ++i) next();
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

 private:
  static std::uint64_t rotate(std::uint64_t value, unsigned by) noexcept {
    return value << by | value >> (64 - by);
  }

  std::uint64_t state_[4] = {};
};

}  // namespace detail

WEIR_INLINE bool is_request_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > RequestIds::kMax) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return http::is_alpha(c) || http::is_digit(c) ||
           std::string_view("-_.:/=+@").find(c) != std::string_view::npos;
  });
}

WEIR_INLINE std::string make_request_id() {
  static constexpr char kDigits[] = "0123456789abcdef";
  static thread_local detail::IdNumbers numbers;
  std::string text;
  text.reserve(32);
  for (int half = 0; half < 2; ++half) {
    std::uint64_t number = numbers.next();
    for (int digit = 0; digit < 16; ++digit, number >>= 4U) text.push_back(kDigits[number & 15U]);
  }
  return text;
}

WEIR_INLINE RequestIds::RequestIds(const RequestIdOptions& options)
    : options_(std::make_shared<const RequestIdOptions>(options)) {
  if (!http::is_token(std::string_view(options.field)))
    throw std::invalid_argument("weir::RequestIdOptions::field: must be a field's name");
}

WEIR_INLINE void RequestIds::before(Request& request, Response&) const {
  if (options_->trusts) {
    const std::string_view brought = request.header(options_->field);
    if (is_request_id(brought) && options_->trusts(request)) {
      request.set(RequestId{std::string(brought)});
      return;
    }
  }
  request.set(RequestId{make_request_id()});
}

WEIR_INLINE void RequestIds::head(const Request& request, http::ResponseHead& head) const {
  const RequestId* const id = request.get<RequestId>();
  // One that was answered further out has had no `before` here.
  head.set(options_->field, id != nullptr ? id->value : make_request_id());
}

WEIR_END_NAMESPACE
