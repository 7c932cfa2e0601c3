// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <weir/detail/route_table.hpp>
#include <weir/http/fields.hpp>
#include <weir/http/target.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// What a route's timeout is at most: Options::check() allows as much for the others.
inline constexpr std::chrono::milliseconds kLongestTimeout = std::chrono::hours(24 * 24);

/// The host of "host:port" or "[::1]:port".
inline std::string_view without_port(std::string_view host) noexcept {
  if (!host.empty() && host.front() == '[') {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(0, end + 1);
  }
  return host.substr(0, host.find(':'));
}

/// The path with its trailing slash taken off or put on.
inline std::string toggle_slash(std::string_view path) {
  std::string other(path);
  if (other.size() > 1 && other.back() == '/') {
    other.pop_back();
  } else {
    other.push_back('/');
  }
  return other;
}

/// How many dots `segment` is made of, be they escaped; 0 when there is anything else or more than
/// two.
inline int dots_in(std::string_view segment) noexcept {
  int dots = 0;
  while (!segment.empty()) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (http::equals_ignoring_case(segment.substr(0, 3), "%2e")) {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    if (++dots > 2) return 0;
  }
  return dots;
}

/// A raw path that does not climb above the root, without its dot segments; escapes stay.
inline std::string without_dots(std::string_view raw) {
  std::string out;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t slash = raw.find('/', at + 1);
    const bool last = slash == std::string_view::npos;
    const std::size_t next = last ? raw.size() : slash;
    const int dots = dots_in(raw.substr(at + 1, next - at - 1));
    if (dots == 0) {
      out.append(raw.substr(at, next - at));
    } else {
      if (dots == 2) out.resize(out.empty() ? 0 : out.rfind('/'));
      if (last) out.push_back('/');
    }
    at = next;
  }
  return out;
}

WEIR_INLINE void default_error_answer(const Error& error, Response& response) {
  if (error.thrown != nullptr) {
    static log::Limiter limiter;
    response.head().status = error.status;
    try {
      error.thrown->shape(response);
      if (!response.is_empty()) return;
    } catch (...) {
      log::write_limited(limiter, log::Level::error, "an error threw while it shaped its answer");
      response.clear();
    }
  }
  const auto code = std::to_string(static_cast<unsigned>(error.status));
  std::string text = code;
  const std::string_view reason = http::reason(error.status);
  if (!reason.empty()) text.append(" ").append(reason);
  if (!error.message.empty()) text.append(": ").append(error.message);
  text.push_back('\n');
  response.status(error.status).text(text);
}

WEIR_COLD WEIR_INLINE RouteTable::RouteTable() {
  auto host = std::make_shared<HostRoutes>();
  host->root = std::make_shared<RouteGroup>();
  host->frozen = frozen_;
  hosts_.push_back(std::move(host));
  const std::shared_ptr<RouteGroup>& root = hosts_.front()->root;
  for (RouteEntry* entry : stand_ins()) {
    entry->stand_in = true;
    entry->group = root;
  }
  not_found_.handler = make_handler([this](const Request& request, Response& response) {
    shape_error({Status::not_found, {}, nullptr, &request}, response);
  });
  method_not_allowed_.handler = make_handler([this](const Request& request, Response& response) {
    shape_error({Status::method_not_allowed, {}, nullptr, &request}, response);
    response.header("Allow", allow(request));
  });
  not_implemented_.handler = make_handler([this](const Request& request, Response& response) {
    shape_error({Status::not_implemented, {}, nullptr, &request}, response);
    const std::string methods = allow(request);  // what the path would take, if it is one
    if (!methods.empty()) response.header("Allow", methods);
  });
  options_.handler = make_handler([this](const Request& request, Response& response) {
    response.status(Status::no_content).header("Allow", allow(request));
  });
  bad_request_.handler = make_handler([this](const Request& request, Response& response) {
    shape_error({Status::bad_request, {}, nullptr, &request}, response);
  });
  redirect_slash_.handler = make_handler([](const Request& request, Response& response) {
    http::Target target;
    if (http::split(request.target(), request.method(), target) != http::TargetError::none) return;
    // A slash behind a dot segment would be none of the path's: the client would go in a circle.
    std::string location = toggle_slash(without_dots(target.path));
    if (target.form == http::Target::Form::absolute) {
      const char* const begin = request.target().data();
      const char* const end = target.authority.data() + target.authority.size();
      location.insert(0, begin, static_cast<std::size_t>(end - begin));
    } else if (location.size() > 1 && location[1] == '/') {
      // A location that begins with two slashes would name another host (RFC 3986 §4.2).
      location.insert(0, "/.");
    }
    if (target.has_query) location.append("?").append(target.query);
    response.redirect(location, Status::permanent_redirect);
  });
}

/// Runs the application's `handler` in a stand-in's place: `status` is the answer's unless it sets
/// one.
inline void call_stand_in(const HandlerEntry& handler, Status status, const Request& request,
                          Response& response) {
  response.head().status = status;
  handler.call(handler.object.get(), request, response);
  if (response.is_empty()) response.status(response.status());  // with nothing set it is no 204
}

WEIR_INLINE void RouteTable::set_not_found(HandlerEntry handler) {
  not_found_.handler =
      make_handler([own = std::move(handler)](const Request& request, Response& response) {
        call_stand_in(own, Status::not_found, request, response);
      });
}

WEIR_INLINE void RouteTable::set_method_not_allowed(HandlerEntry handler) {
  method_not_allowed_.handler =
      make_handler([this, own = std::move(handler)](const Request& request, Response& response) {
        call_stand_in(own, Status::method_not_allowed, request, response);
        if (!response.head().has("Allow")) response.header("Allow", allow(request));
      });
}

WEIR_COLD WEIR_INLINE std::shared_ptr<HostRoutes> RouteTable::host(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string_view plain =
      lower.compare(0, 2, "*.") == 0 ? std::string_view(lower).substr(2) : std::string_view(lower);
  if (plain.empty() || plain.find_first_of("*/ ") != std::string_view::npos ||
      without_port(plain) != plain)
    throw std::invalid_argument(
        "weir: \"" + std::string(name) +
        "\" is no host name; \"api.example.org\" and \"*.example.org\" are");
  if (frozen())
    throw std::logic_error("weir: host " + lower + " was added after the server's start");
  for (const auto& known : hosts_)
    if (known->name == lower) return known;
  auto added = std::make_shared<HostRoutes>();
  added->name = lower;
  added->root = std::make_shared<RouteGroup>();
  added->root->parent = hosts_.front()->root;
  added->frozen = frozen_;
  hosts_.push_back(added);
  return added;
}

WEIR_COLD WEIR_INLINE void RouteTable::freeze(RouteEntry& route, const Options& options) {
  route.chain.clear();
  // From the route outwards, each group's hooks in front of what is inside it.
  for (const RouteGroup* group = route.group.get(); group != nullptr; group = group->parent.get())
    route.chain.insert(route.chain.begin(), group->middleware.begin(), group->middleware.end());
  for (const MiddlewareEntry& entry : route.chain) {
    route.has_head_hooks = route.has_head_hooks || entry.head != nullptr;
    route.has_done_hooks = route.has_done_hooks || entry.done != nullptr;
  }
  route.has_end_work = route.has_done_hooks || meter_ != nullptr;
  const bool streamed = route.handler.call_streamed != nullptr;
  const std::uint64_t usual =
      streamed ? (options.max_streamed_body_bytes == 0 ? ~std::uint64_t{0}
                                                       : options.max_streamed_body_bytes)
               : options.max_body_bytes;
  route.body_limit = route.options.body_limit.value_or(usual);
  if (route.options.timeout) {
    // 0 is without limit here as in Options, and "no opinion" to the session: the longest time
    // there is.
    const std::chrono::milliseconds given = *route.options.timeout;
    const bool endless = given.count() == 0 || given > kLongestTimeout;
    route.timeout_ms = static_cast<std::uint32_t>((endless ? kLongestTimeout : given).count());
  }
}

WEIR_COLD WEIR_INLINE void RouteTable::freeze(const Options& options) {
  if (frozen()) return;
  redirects_slash_ = options.trailing_slash == TrailingSlash::redirect;
  for (const auto& host : hosts_)
    for (const auto& route : host->routes) {
      freeze(*route, options);
      if (meter_ != nullptr) route->number = meter_->add_route(host->name, route->pattern);
    }
  for (RouteEntry* entry : stand_ins()) freeze(*entry, options);
  // What could not be read has gone through no chain: it gets `done` alone.
  bad_request_.has_head_hooks = false;
  *frozen_ = true;
}

WEIR_INLINE std::array<RouteEntry*, 6> RouteTable::stand_ins() noexcept {
  return {&not_found_, &method_not_allowed_, &not_implemented_,
          &options_,   &bad_request_,        &redirect_slash_};
}

WEIR_INLINE const HostRoutes& RouteTable::routes_of(std::string_view host) const noexcept {
  if (!has_hosts()) return *hosts_.front();
  const std::string_view name = without_port(host);
  const HostRoutes* wildcard = nullptr;
  for (std::size_t i = 1; i < hosts_.size(); ++i) {
    const std::string_view known = hosts_[i]->name;
    if (http::equals_ignoring_case(known, name)) return *hosts_[i];
    if (known.front() != '*') continue;
    const std::string_view suffix = known.substr(1);  // ".example.org"
    if (name.size() <= suffix.size() ||
        !http::equals_ignoring_case(name.substr(name.size() - suffix.size()), suffix))
      continue;
    // The longest wildcard is the most exact one.
    if (wildcard == nullptr || wildcard->name.size() < known.size()) wildcard = hosts_[i].get();
  }
  return wildcard != nullptr ? *wildcard : *hosts_.front();
}

// What answers where no route was found.
WEIR_INLINE const RouteEntry& RouteTable::stand_in(const HostRoutes& routes, http::Method method,
                                                   std::string_view method_text,
                                                   std::string_view path, http::Params& params,
                                                   http::Match::Kind kind) const noexcept {
  if (!routes.tree.implements(method, method_text)) {
    params.clear();
    return not_implemented_;
  }
  const bool asks_options = method == http::Method::options;
  switch (kind) {
    case http::Match::Kind::found:
    case http::Match::Kind::no_method:
      params.clear();
      return asks_options ? options_ : method_not_allowed_;
    case http::Match::Kind::no_path:
      break;
  }
  params.clear();
  if (asks_options && path == "*") return options_;
  if (redirects_slash_ && !path.empty() && path.front() == '/') {
    try {
      http::Params ignored;
      const http::Match other = routes.tree.match(method, method_text, toggle_slash(path), ignored);
      if (other.kind == http::Match::Kind::found) return redirect_slash_;
    } catch (...) {  // out of memory: then it is not found
    }
  }
  return not_found_;
}

WEIR_INLINE std::string RouteTable::allow(std::string_view host, std::string_view path) const {
  return routes_of(host).tree.allow(path);
}

WEIR_INLINE std::string RouteTable::allow(const Request& request) const {
  std::string_view host = request.header("host");
  http::Target target;
  if (http::split(request.target(), request.method(), target) == http::TargetError::none &&
      !target.authority.empty())
    host = target.authority;
  return allow(host, request.path());
}

WEIR_INLINE void RouteTable::shape_error(const Error& error, Response& response) const noexcept {
  static log::Limiter limiter;
  try {
    if (error_call_ != nullptr) {
      try {
        response.clear();
        response.head().status = error.status;
        error_call_(error_object_.get(), error, response);
        if (response.is_empty()) default_error_answer(error, response);  // beside its fields
        return;
      } catch (...) {
        log::write_limited(limiter, log::Level::error, "the error handler threw");
      }
    }
    response.clear();
    default_error_answer(error, response);
  } catch (...) {  // out of memory: the status must do
    response.clear();
    response.status(error.status);
  }
}

}  // namespace detail
WEIR_END_NAMESPACE
