// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <weir/client.hpp>
#include <weir/http/chars.hpp>
#include <weir/request.hpp>
#include <weir/security_headers.hpp>

WEIR_BEGIN_NAMESPACE

struct SecurityHeaders::State {
  explicit State(const SecurityHeadersOptions& options) : hsts_always(options.hsts_always) {
    add("X-Content-Type-Options", options.content_type_options, "content_type_options");
    add("Referrer-Policy", options.referrer_policy, "referrer_policy");
    add("X-Frame-Options", options.frame_options, "frame_options");
    add("Content-Security-Policy", options.content_security_policy, "content_security_policy");
    add("Permissions-Policy", options.permissions_policy, "permissions_policy");
    add("Cross-Origin-Opener-Policy", options.opener_policy, "opener_policy");
    add("Cross-Origin-Resource-Policy", options.resource_policy, "resource_policy");
    add("X-Permitted-Cross-Domain-Policies", options.cross_domain_policies,
        "cross_domain_policies");
    if (options.hsts_max_age.count() < 0) refuse("hsts_max_age", "must not be negative");
    if (options.hsts_max_age.count() == 0) return;
    hsts = "max-age=" + std::to_string(options.hsts_max_age.count());
    if (options.hsts_subdomains) hsts += "; includeSubDomains";
    if (options.hsts_preload) hsts += "; preload";
  }

  [[noreturn]] static void refuse(const char* option, const char* why) {
    throw std::invalid_argument(
        std::string("weir::SecurityHeadersOptions::").append(option).append(": ").append(why));
  }

  void add(std::string_view name, const std::string& value, const char* option) {
    for (const char c : value)
      if (!http::is_value(c)) refuse(option, "must not have control characters");
    if (!value.empty()) fields.emplace_back(name, value);
  }

  std::vector<std::pair<std::string_view, std::string>> fields;
  std::string hsts;
  bool hsts_always;
};

WEIR_INLINE SecurityHeaders::SecurityHeaders(const SecurityHeadersOptions& options)
    : state_(std::make_shared<const State>(options)) {}

WEIR_INLINE void SecurityHeaders::head(const Request& request, http::ResponseHead& head) const {
  const State& state = *state_;
  for (const auto& [name, value] : state.fields)
    if (!head.has(name)) head.append(name, value);
  constexpr std::string_view kHsts = "Strict-Transport-Security";
  if (!state.hsts.empty() && (state.hsts_always || is_secure_client(request)) && !head.has(kHsts))
    head.append(kHsts, state.hsts);
}

WEIR_END_NAMESPACE
