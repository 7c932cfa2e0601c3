// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Which request fields an answer depends on (RFC 9110 §12.5.5).
///
/// Thread: any.
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/response_head.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Whether a line of the list `field` has `member`, whatever the case.
WEIR_API bool has_member(const ResponseHead& head, std::string_view field,
                         std::string_view member) noexcept;

/// Has Vary name `field`, unless it does already or says "*".
WEIR_API void add_vary(ResponseHead& head, std::string_view field);

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/vary.ipp>
#endif
