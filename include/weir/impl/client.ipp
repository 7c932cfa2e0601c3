// SPDX-License-Identifier: MIT
#pragma once
#include <weir/client.hpp>
#include <weir/http/target.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE std::string_view host_of(const Request& request) noexcept {
  const ForwardedClient* const forwarded = request.get<ForwardedClient>();
  if (forwarded != nullptr && !forwarded->host.empty()) return forwarded->host;
  http::Target target;
  if (http::split(request.target(), request.method(), target) == http::TargetError::none &&
      !target.authority.empty())
    return target.authority;
  return request.header("Host");
}

WEIR_END_NAMESPACE
