// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The request methods that weir knows by name (RFC 9110 §9, RFC 5789).
///
/// Any token is a method; what is not in the table is Method::unknown and keeps its text in the
/// head.
///
/// Thread: any.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

enum class Method : std::uint8_t {
  unknown,  ///< a token that is none of those below
  get,
  head,
  post,
  put,
  delete_,
  patch,
  options,
  connect,
  trace,
};

inline constexpr std::size_t kMethodCount = 10;  // Method::unknown included

namespace detail {
inline constexpr std::array<std::string_view, kMethodCount> kMethodNames = {
    "", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"};
}  // namespace detail

/// The method called `name`, with regard to case (RFC 9110 §9.1).
constexpr Method method_from(std::string_view name) noexcept {
  for (std::size_t i = 1; i < kMethodCount; ++i)
    if (detail::kMethodNames[i] == name) return static_cast<Method>(i);
  return Method::unknown;
}

/// Its name as it stands in a request line; empty for Method::unknown.
constexpr std::string_view to_string(Method method) noexcept {
  return detail::kMethodNames[static_cast<std::size_t>(method)];
}

/// Whether a request of this method asks for no change (RFC 9110 §9.2.1).
constexpr bool is_safe(Method method) noexcept {
  return method == Method::get || method == Method::head || method == Method::options ||
         method == Method::trace;
}

}  // namespace http
WEIR_END_NAMESPACE
