// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <weir/client.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/host.hpp>
#include <weir/http/target.hpp>
#include <weir/redirects.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

inline constexpr std::string_view kWww = "www.";

WEIR_INLINE bool begins_with(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

WEIR_INLINE std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// A host without its port.
WEIR_INLINE std::string_view host_of_redirect(std::string_view host) noexcept {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');  // of an IPv6 address
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && bracket > colon))
    return host;
  return host.substr(0, colon);
}

}  // namespace detail

struct Redirects::State {
  explicit State(const RedirectOptions& given) : options(given) {
    if ((given.to_https || given.www != RedirectOptions::Www::keep) && given.hosts.empty())
      refuse("hosts", "must name your hosts for to_https and www");
    for (std::string& host : options.hosts) {
      if (host.empty() || !http::is_host(host) || detail::host_of_redirect(host) != host)
        refuse("hosts", "must be host names without ports");
      host = detail::in_lower_case(host);
    }
    for (const std::string& host : options.hosts)
      if (!is_known(canonical(host))) refuse("www", "the host that is sent to must stand in hosts");
    if (given.https_port == 0) refuse("https_port", "must not be 0");
    const auto code = static_cast<unsigned>(given.status);
    if (code != 301 && code != 302 && code != 303 && code != 307 && code != 308)
      refuse("status", "must be 301, 302, 303, 307 or 308");
    for (const RedirectPath& path : given.paths) check(path);
  }

  [[noreturn]] static void refuse(const char* field, const char* why) {
    throw std::invalid_argument(
        std::string("weir::RedirectOptions::").append(field).append(": ").append(why));
  }

  static void check(const RedirectPath& path) {
    for (const std::string* text : {&path.from, &path.to})
      if (!std::all_of(text->begin(), text->end(), http::is_target))
        refuse("paths", "must be visible ASCII without '#'");
    if (path.from.empty() || path.from.front() != '/' ||
        path.from.find_first_of("?%\\") != std::string::npos ||
        path.from.find("//") != std::string::npos || path.from.find("/.") != std::string::npos)
      refuse("paths", "`from` must be a plain path that begins with a slash");
    std::string_view to = path.to;
    for (const std::string_view scheme : {"https://", "http://"})
      if (detail::begins_with(to, scheme)) {
        to.remove_prefix(scheme.size());
        const std::string_view host = to.substr(0, to.find_first_of("/?"));
        if (host.empty() || !http::is_host(host)) refuse("paths", "`to` has no valid host");
        to.remove_prefix(host.size());
        if (to.empty()) to = "?";  // as good as a path here
        break;
      }
    const bool relative = to.data() == path.to.data();
    if (relative &&
        (to.empty() || to.front() != '/' || (to.size() > 1 && (to[1] == '/' || to[1] == '\\'))))
      refuse("paths", "`to` must be a path of this host, or an http or https URL");
    if (path.from.back() == '/' && path.from.size() > 1 && path.to.back() != '/')
      refuse("paths", "`to` of a prefix must end with a slash");
    if (path.from.back() == '/' && detail::begins_with(path.to, path.from))
      refuse("paths", "`to` lies below `from`: clients would go in a circle");
    if (path.to.substr(0, path.to.find('?')) == path.from) refuse("paths", "`to` is `from`");
  }

  bool is_known(std::string_view host) const {
    return std::find(options.hosts.begin(), options.hosts.end(), host) != options.hosts.end();
  }

  /// The name that `host`, in lower case, should be asked by.
  std::string canonical(const std::string& host) const {
    const bool has_www = detail::begins_with(host, detail::kWww);
    if (options.www == RedirectOptions::Www::remove && has_www)
      return host.substr(detail::kWww.size());
    if (options.www == RedirectOptions::Www::add && !has_www)
      return std::string(detail::kWww) + host;
    return host;
  }

  /// Where `path` of a request has gone; empty: nowhere. `shown` is the decoded path.
  std::string moved(std::string_view path, std::string_view shown, std::string_view query) const {
    for (const RedirectPath& entry : options.paths) {
      const bool is_prefix = entry.from.back() == '/' && entry.from.size() > 1;
      std::string_view rest;
      if (is_prefix) {
        // Both: dots may lead out of what the text as sent begins with.
        if (!detail::begins_with(path, entry.from) || !detail::begins_with(shown, entry.from))
          continue;
        rest = path.substr(entry.from.size());
        // "/" and "//host" or "/\host" would be another host (RFC 3986 §4.2).
        rest.remove_prefix(std::min(rest.find_first_not_of("/\\"), rest.size()));
      } else if (path != entry.from) {
        continue;
      }
      std::string location = entry.to;
      location.append(rest);
      if (!query.empty() && entry.to.find('?') == std::string::npos)
        location.append("?").append(query);
      return location;
    }
    return {};
  }

  RedirectOptions options;
};

WEIR_INLINE Redirects::Redirects(const RedirectOptions& options)
    : state_(std::make_shared<const State>(options)) {}

WEIR_INLINE Next Redirects::before(Request& request, Response& response) const {
  const State& state = *state_;
  const RedirectOptions& options = state.options;
  http::Target target;
  if (http::split(request.target(), request.method(), target) != http::TargetError::none ||
      (target.form != http::Target::Form::origin && target.form != http::Target::Form::absolute))
    return Next::proceed;  // "*" and authorities have no place to go to
  const bool is_secure = options.is_secure ? options.is_secure(request) : is_secure_client(request);
  const bool to_https = options.to_https && !is_secure;
  if (to_https || options.www != RedirectOptions::Www::keep) {
    const std::string_view authority = host_of(request);
    const std::string host = detail::in_lower_case(detail::host_of_redirect(authority));
    const std::string wanted = state.canonical(host);
    if (to_https || wanted != host) {
      if (!state.is_known(wanted) || !state.is_known(host)) {
        if (!to_https) return Next::proceed;
        response.status(Status::misdirected_request).text("421 Misdirected Request\n");
        return Next::done;
      }
      const bool https = to_https || is_secure;
      std::string location = https ? "https://" : "http://";
      location.append(wanted);
      if (https) {
        if (options.https_port != 443)
          location.append(":").append(std::to_string(options.https_port));
      } else {
        location.append(authority.substr(host.size()));  // its port
      }
      location.append(target.path.empty() ? "/" : target.path);
      if (target.has_query) location.append("?").append(target.query);
      response.redirect(location, options.status);
      return Next::done;
    }
  }
  if (options.paths.empty()) return Next::proceed;
  const std::string location = state.moved(target.path, request.path(), target.query);
  if (location.empty()) return Next::proceed;
  response.redirect(location, options.status);
  return Next::done;
}

WEIR_END_NAMESPACE
