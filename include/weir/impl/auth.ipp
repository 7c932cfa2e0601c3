// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <weir/auth.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/request_head.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

inline constexpr std::string_view kBasic = "Basic";
inline constexpr std::string_view kBearer = "Bearer";

[[noreturn]] WEIR_COLD WEIR_INLINE void refuse_auth(const char* field, const char* why) {
  throw std::invalid_argument(std::string("weir::").append(field).append(": ").append(why));
}

/// Whether all is printable ASCII.
WEIR_INLINE bool is_printable_realm(std::string_view text) noexcept {
  for (const char c : text)
    if (c < ' ' || c > '~') return false;
  return true;
}

/// `,name="value"` or, in front of all others, ` name="value"`. What the parameter cannot hold (RFC
/// 6750 §3: no quotes, no backslashes) becomes a question mark.
WEIR_INLINE void add_parameter(std::string& challenge, std::string_view name,
                               std::string_view value) {
  challenge.append(challenge.find(' ') == std::string::npos ? " " : ", ");
  challenge.append(name).append("=\"");
  for (const char c : value)
    challenge.push_back(c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c);
  challenge.push_back('"');
}

/// The value of the only Authorization line; nothing when there is none or there are several: which
/// of them another reader looks at nobody knows.
WEIR_INLINE std::optional<std::string_view> authorization_of(const Request& request) noexcept {
  const http::RequestHead& head = RequestAccess::head(request);
  if (!head.has(http::KnownField::authorization) ||
      head.is_repeated(http::KnownField::authorization))
    return std::nullopt;
  return head.header(http::KnownField::authorization);
}

/// Answers for a middleware that lets nobody pass.
WEIR_INLINE Next refuse_entry(const Request& request, Response& response, Status status,
                              const std::string& challenge,
                              const std::function<void(const Request&, Response&)>& shape) {
  response.status(status).header("WWW-Authenticate", challenge);
  if (shape) {
    shape(request, response);
  } else {
    response.text(std::to_string(http::code(status)).append(" ").append(reason(status)) + "\n");
  }
  return Next::done;
}

}  // namespace detail

WEIR_INLINE std::optional<BasicCredentials> basic_credentials(const Request& request) {
  const std::optional<std::string_view> value = detail::authorization_of(request);
  if (!value) return std::nullopt;
  const auto token = http::credentials_of(*value, detail::kBasic);
  return token ? http::decode_basic(*token) : std::nullopt;
}

WEIR_INLINE std::optional<std::string_view> bearer_token(const Request& request) noexcept {
  const std::optional<std::string_view> value = detail::authorization_of(request);
  if (!value) return std::nullopt;
  const auto token = http::credentials_of(*value, detail::kBearer);
  return token && http::is_token68(*token) ? token : std::nullopt;
}

struct BasicAuth::State {
  explicit State(const BasicAuthOptions& given) : options(given) {
    if (given.realm.empty() || !detail::is_printable_realm(given.realm) ||
        given.realm.find_first_of("\"\\") != std::string::npos)
      detail::refuse_auth("BasicAuthOptions::realm",
                          "must be printable ASCII without quotes and backslashes, not empty");
    if (given.users.empty() && !given.check)
      detail::refuse_auth("BasicAuthOptions::users", "must not be empty without a check");
    for (const auto& [name, password] : given.users) {
      for (const std::string* text : {&name, &password})
        for (const char c : *text)
          if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || !http::is_utf8(*text))
            detail::refuse_auth("BasicAuthOptions::users",
                                "must be UTF-8 without control characters");
      if (name.find(':') != std::string::npos)
        detail::refuse_auth("BasicAuthOptions::users", "a name must not have a colon");
      std::size_t same = 0;
      for (const auto& other : given.users)
        if (other.first == name) ++same;
      if (same > 1) detail::refuse_auth("BasicAuthOptions::users", "a name stands there twice");
    }
    challenge = detail::kBasic;
    detail::add_parameter(challenge, "realm", given.realm);
    detail::add_parameter(challenge, "charset", "UTF-8");
  }

  bool knows(const BasicCredentials& given) const {
    bool known = false;
    for (const auto& [name, password] : options.users) {  // all of them, whoever it is
      const bool same_name = is_same_secret(name, given.name);
      const bool same_password = is_same_secret(password, given.password);
      known |= same_name & same_password;
    }
    return known || (options.check && options.check(given.name, given.password));
  }

  const BasicAuthOptions options;
  std::string challenge;
};

WEIR_INLINE BasicAuth::BasicAuth(const BasicAuthOptions& options)
    : state_(std::make_shared<const State>(options)) {}

WEIR_INLINE Next BasicAuth::before(Request& request, Response& response) const {
  std::optional<BasicCredentials> given = basic_credentials(request);
  if (!given || !state_->knows(*given))
    return detail::refuse_entry(request, response, Status::unauthorized, state_->challenge,
                                state_->options.on_refused);
  request.set(User{std::move(given->name)});
  return Next::proceed;
}

struct BearerAuth::State {
  explicit State(const BearerAuthOptions& given) : options(given) {
    if (!detail::is_printable_realm(given.realm) ||
        given.realm.find_first_of("\"\\") != std::string::npos)
      detail::refuse_auth("BearerAuthOptions::realm",
                          "must be printable ASCII without quotes and backslashes");
    if (!given.check) detail::refuse_auth("BearerAuthOptions::check", "must be set");
    challenge = detail::kBearer;
    if (!given.realm.empty()) detail::add_parameter(challenge, "realm", given.realm);
  }

  Next refuse(const Request& request, Response& response, Status status, std::string_view error,
              const TokenVerdict& verdict = {}) const {
    std::string text = challenge;
    if (!error.empty()) detail::add_parameter(text, "error", error);
    if (!verdict.description.empty())
      detail::add_parameter(text, "error_description", verdict.description);
    if (!verdict.scope.empty()) detail::add_parameter(text, "scope", verdict.scope);
    return detail::refuse_entry(request, response, status, text, options.on_refused);
  }

  const BearerAuthOptions options;
  std::string challenge;
};

WEIR_INLINE BearerAuth::BearerAuth(const BearerAuthOptions& options)
    : state_(std::make_shared<const State>(options)) {}

WEIR_INLINE Next BearerAuth::before(Request& request, Response& response) const {
  const State& state = *state_;
  const http::RequestHead& head = detail::RequestAccess::head(request);
  if (head.is_repeated(http::KnownField::authorization))
    return state.refuse(request, response, Status::bad_request, "invalid_request");
  const auto token =
      http::credentials_of(head.header(http::KnownField::authorization), detail::kBearer);
  if (!token) return state.refuse(request, response, Status::unauthorized, {});
  if (!http::is_token68(*token))
    return state.refuse(request, response, Status::bad_request, "invalid_request");
  TokenVerdict verdict = state.options.check(request, *token);
  switch (verdict.result) {
    case TokenVerdict::Result::accepted:
      break;
    case TokenVerdict::Result::invalid:
      return state.refuse(request, response, Status::unauthorized, "invalid_token", verdict);
    case TokenVerdict::Result::insufficient_scope:
      return state.refuse(request, response, Status::forbidden, "insufficient_scope", verdict);
  }
  request.set(User{std::move(verdict.name)});
  return Next::proceed;
}

WEIR_END_NAMESPACE
