// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <stdexcept>
#include <weir/cors.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

struct Cors::State {
  explicit State(const CorsOptions& given)
      : options(given),
        methods(list(given.methods, "methods")),
        headers(list(given.headers, "headers")),
        exposed(list(given.exposed, "exposed")),
        max_age(std::to_string(given.max_age.count())) {
    list(given.origins, "origins");
    if (given.origins.empty()) refuse("origins", "must not be empty");
    any = std::find(given.origins.begin(), given.origins.end(), "*") != given.origins.end();
    if (any && given.origins.size() > 1) refuse("origins", "\"*\" must stand alone");
    if (any && given.credentials) refuse("credentials", "must not be set with origin \"*\"");
    if (given.max_age.count() < 0 || given.max_age > std::chrono::hours(24))
      refuse("max_age", "must be 0 to 86,400 s");
  }

  [[noreturn]] static void refuse(const char* field, const char* why) {
    throw std::invalid_argument(
        std::string("weir::CorsOptions::").append(field).append(": ").append(why));
  }

  static std::string list(const std::vector<std::string>& items, const char* field) {
    std::string text;
    for (const std::string& item : items) {
      if (item.empty()) refuse(field, "must not have an empty item");
      for (const char c : item)
        if (c <= ' ' || c > '~' || c == ',') refuse(field, "must be visible ASCII, no commas");
      if (!text.empty()) text += ", ";
      text += item;
    }
    return text;
  }

  bool allows(std::string_view origin) const {
    return !origin.empty() && (any || std::find(options.origins.begin(), options.origins.end(),
                                                origin) != options.origins.end());
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
  if (!state.any) head.append("Vary", "Origin");  // whoever asked: caches keep one for each
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
