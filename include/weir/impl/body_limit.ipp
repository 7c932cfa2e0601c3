// SPDX-License-Identifier: MIT
#pragma once
#include <weir/body_limit.hpp>
#include <weir/detail/content_limit.hpp>
#include <weir/error.hpp>
#include <weir/http/request_head.hpp>
#include <weir/request.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE void BodyLimit::before(Request& request, Response&) const {
  if (applies_ && !applies_(request)) return;
  const http::RequestHead& head = detail::RequestAccess::head(request);
  if (head.framing == http::RequestHead::Framing::length && head.content_length > bytes_)
    throw HttpError(Status::content_too_large, "content too large");
  if (head.framing == http::RequestHead::Framing::none) return;
  const auto* const other = request.get<detail::ContentLimit>();
  if (other == nullptr || other->bytes > bytes_) request.set(detail::ContentLimit{bytes_});
}

WEIR_END_NAMESPACE
