// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <weir/cors.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/fields.hpp>
#include <weir/http/vary.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

struct Cors::State {
  explicit State(const CorsOptions& given)
      : options(given),
        methods(list(given, given.methods, "methods")),
        headers(list(given, given.headers, "headers")),
        exposed(list(given, given.exposed, "exposed")),
        max_age(std::to_string(given.max_age.count())) {
    if (given.origins.empty() && !given.allows)
      refuse("origins", "must not be empty without `allows`");
    for (const std::string& origin : given.origins) check(origin);
    any = std::find(given.origins.begin(), given.origins.end(), "*") != given.origins.end();
    if (any && given.origins.size() > 1) refuse("origins", "\"*\" must stand alone");
    if (any && given.credentials) refuse("credentials", "must not be set with origin \"*\"");
    if (any && given.allows) refuse("allows", "must not be set with origin \"*\"");
    if (given.max_age.count() < 0 || given.max_age > std::chrono::hours(24))
      refuse("max_age", "must be 0 to 86,400 s");
  }

  [[noreturn]] static void refuse(const char* field, const char* why) {
    throw std::invalid_argument(
        std::string("weir::CorsOptions::").append(field).append(": ").append(why));
  }

  /// What would never match would only be wondered at.
  static void check(std::string_view origin) {
    if (origin == "*" || origin == "null") return;
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos || scheme == 0 || origin.size() == scheme + 3)
      refuse("origins", "must be like \"https://example.org\", \"null\" or \"*\"");
    for (const char c : origin)
      if (c <= ' ' || c > '~' || c == ',' || (c >= 'A' && c <= 'Z'))
        refuse("origins", "must be visible ASCII in lower case, without commas");
    if (origin.find('/', scheme + 3) != std::string_view::npos)
      refuse("origins", "must have no path, nor a slash at the end");
  }

  static std::string list(const CorsOptions& given, const std::vector<std::string>& items,
                          const char* field) {
    std::string text;
    for (const std::string& item : items) {
      if (!http::is_token(std::string_view(item))) refuse(field, "must be tokens");
      // A name like any other then (Fetch, "CORS protocol and credentials").
      if (item == "*" && given.credentials) refuse(field, "must not have \"*\" with credentials");
      if (!text.empty()) text += ", ";
      text += item;
    }
    return text;
  }

  bool allows(std::string_view origin) const {
    if (origin.empty()) return false;
    return any ||
           std::find(options.origins.begin(), options.origins.end(), origin) !=
               options.origins.end() ||
           (options.allows && options.allows(origin));
  }

  const CorsOptions options;
  const std::string methods;
  const std::string headers;
  const std::string exposed;
  const std::string max_age;
  bool any = false;
};

namespace detail {

inline bool is_preflight(const Request& request) {
  return request.method() == Method::options && request.has_header("Origin") &&
         request.has_header("Access-Control-Request-Method");
}

}  // namespace detail

WEIR_INLINE Cors::Cors(const CorsOptions& options)
    : state_(std::make_shared<const State>(options)) {}

WEIR_INLINE Next Cors::before(Request& request, Response& response) const {
  if (!detail::is_preflight(request)) return Next::proceed;
  response.status(http::Status::no_content);
  return Next::done;
}

WEIR_INLINE void Cors::head(const Request& request, http::ResponseHead& head) const {
  const State& state = *state_;
  if (!state.any) http::add_vary(head, "Origin");  // whoever asked: caches keep one for each
  const std::string_view origin = request.header("Origin");
  if (!state.allows(origin)) return;
  head.set("Access-Control-Allow-Origin", state.any ? std::string_view("*") : origin);
  if (state.options.credentials) head.set("Access-Control-Allow-Credentials", "true");
  if (detail::is_preflight(request)) {
    if (!state.methods.empty()) head.set("Access-Control-Allow-Methods", state.methods);
    if (!state.headers.empty()) head.set("Access-Control-Allow-Headers", state.headers);
    head.set("Access-Control-Max-Age", state.max_age);
  } else if (!state.exposed.empty()) {
    head.set("Access-Control-Expose-Headers", state.exposed);
  }
}

WEIR_END_NAMESPACE
