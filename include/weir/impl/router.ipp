// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <weir/detail/route_table.hpp>
#include <weir/router.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE Router::Router(std::shared_ptr<detail::HostRoutes> host,
                           std::shared_ptr<detail::RouteGroup> group, std::string prefix)
    : host_(std::move(host)), group_(std::move(group)), prefix_(std::move(prefix)) {}

WEIR_COLD WEIR_INLINE void Router::add(std::string_view method, std::string_view pattern,
                                       detail::HandlerEntry handler, const RouteOptions& options) {
  const std::string whole = prefix_ + std::string(pattern);
  if (*host_->frozen)
    throw std::logic_error("weir: route " + std::string(method) + " " + whole +
                           " was added after the server's start; routes are frozen then");
  if (!handler)
    throw std::invalid_argument("weir: the handler of " + std::string(method) + " " + whole +
                                " is missing");
  if (!pattern.empty() && pattern.front() != '/')
    throw std::invalid_argument("weir: the pattern \"" + std::string(pattern) + "\" of " +
                                std::string(method) + " " + whole + " must begin with a slash");
  if (options.timeout && options.timeout->count() < 0)
    throw std::invalid_argument("weir: the timeout of " + std::string(method) + " " + whole +
                                " is negative");
  auto route = std::make_unique<detail::RouteEntry>();
  route->handler = std::move(handler);
  route->group = group_;
  route->pattern = whole;
  route->options = options;
  host_->routes.reserve(host_->routes.size() + 1);
  host_->tree.insert(method, whole);
  host_->routes.push_back(std::move(route));
}

WEIR_COLD WEIR_INLINE void Router::add(detail::MiddlewareEntry middleware) {
  if (*host_->frozen) throw std::logic_error("weir: middleware was added after the server's start");
  group_->middleware.push_back(std::move(middleware));
}

WEIR_COLD WEIR_INLINE Router Router::make_group(std::string_view prefix) const {
  if (!prefix.empty() && (prefix.front() != '/' || prefix.back() == '/'))
    throw std::invalid_argument("weir: the group prefix \"" + std::string(prefix) +
                                "\" must begin and must not end with a slash");
  auto group = std::make_shared<detail::RouteGroup>();
  group->parent = group_;
  return Router(host_, std::move(group), prefix_ + std::string(prefix));
}

WEIR_END_NAMESPACE
