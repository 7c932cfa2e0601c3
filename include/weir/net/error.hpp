// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What can go wrong below HTTP: outcomes of our own, and errno as an exception.
///
/// Thread: any.
#include <string_view>
#include <system_error>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// Outcomes that have no errno of their own, or several.
enum class Error {
  would_block = 1,  ///< nothing can be moved now; the next readiness event says when
  closed,           ///< the peer has ended its direction of the stream
  pool_full,        ///< the thread pool's queue has no room
  pool_stopped,     ///< the thread pool takes no more tasks
};

/// The one category of `Error`: categories compare by address.
WEIR_API const std::error_category& error_category() noexcept;

inline std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), error_category()};
}

/// Throws std::system_error with the message "bind 127.0.0.1:80: Permission denied": the call, what
/// it was applied to (may be empty), and the text of `error`, an errno.
[[noreturn]] WEIR_API void throw_errno(int error, const char* call, std::string_view object = {});

}  // namespace net
WEIR_END_NAMESPACE

template <>
struct std::is_error_code_enum<weir::net::Error> : std::true_type {};

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/error.ipp>
#endif
