// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that asks who is there: Basic (RFC 7617) and Bearer (RFC 6750) authentication.
///
///     #include <weir/auth.hpp>
///
///     weir::BasicAuthOptions basic;
///     basic.users = {{"ann", "correct horse"}};
///     server.group("/admin", [&](weir::Router& admin) {
///       admin.use(weir::BasicAuth(basic));
///       admin.get("/me", [](const weir::Request& req) { return req.get<weir::User>()->name; });
///     });
///
/// Whoever is not known is answered before any content is read. Handlers find a weir::User
/// (weir/user.hpp). A check that has to wait does not belong into a callback: see
/// docs/middleware-in-the-box.md for one that suspends. Not part of weir/weir.hpp.
///
/// Thread: the connection's loop, several at once: callbacks must not wait.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/http/authorization.hpp>
#include <weir/middleware.hpp>
#include <weir/user.hpp>

WEIR_BEGIN_NAMESPACE

using http::BasicCredentials;
using http::is_same_secret;

/// The name and the password of a request's only Authorization field, if it is a valid one of
/// Basic.
WEIR_API std::optional<BasicCredentials> basic_credentials(const Request& request);

/// The token of a request's only Authorization field, if it is a valid one of Bearer (RFC 6750
/// §2.1). A view into the request. Tokens in queries and forms are not looked for: they end up in
/// logs.
WEIR_API std::optional<std::string_view> bearer_token(const Request& request) noexcept;

struct BasicAuthOptions {
  /// What browsers show beside the question, and what passwords are remembered for: printable
  /// ASCII, not empty.
  std::string realm = "restricted";

  /// Names and passwords, compared in a time that tells nothing of them. Names must be UTF-8,
  /// without colons and control characters, and different.
  std::vector<std::pair<std::string, std::string>> users{};

  /// Asked for whom `users` does not have: whether these belong together. Compare secrets by
  /// weir::is_same_secret(); a password hash that is slow on purpose belongs on a worker.
  std::function<bool(std::string_view name, std::string_view password)> check{};

  /// Shapes the refusal, whose status and WWW-Authenticate are set; by default a line of text.
  std::function<void(const Request&, Response&)> on_refused{};
};

/// Lets those pass who have a name and its password, others are answered 401. Sets weir::User.
/// Credentials can be read by whoever sees the connection: use it over TLS.
class WEIR_API BasicAuth {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be, and when there is
  /// neither a user nor a check.
  explicit BasicAuth(const BasicAuthOptions& options);

  Next before(Request& request, Response& response) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// What a check says of a token.
struct TokenVerdict {
  enum class Result : std::uint8_t {
    accepted,
    invalid,             ///< unknown, expired or revoked; 401 invalid_token
    insufficient_scope,  ///< known, and not enough here; 403
  };
  Result result = Result::invalid;
  std::string name{};         ///< of whom the token is; goes into weir::User
  std::string scope{};        ///< that would be enough: names parted by spaces; may be empty
  std::string description{};  ///< for developers, in error_description; may be empty

  /// The token is `name`'s.
  static TokenVerdict accept(std::string name) {
    TokenVerdict verdict;
    verdict.result = Result::accepted;
    verdict.name = std::move(name);
    return verdict;
  }
  static TokenVerdict refuse(std::string description = {}) {
    TokenVerdict verdict;
    verdict.description = std::move(description);
    return verdict;
  }
  static TokenVerdict lacks(std::string scope) {
    TokenVerdict verdict;
    verdict.result = Result::insufficient_scope;
    verdict.scope = std::move(scope);
    return verdict;
  }
};

struct BearerAuthOptions {
  /// Printable ASCII; empty: the challenge names none.
  std::string realm{};

  /// Says whose the token is. Must be set. Compare secrets by weir::is_same_secret().
  std::function<TokenVerdict(const Request&, std::string_view token)> check{};

  /// Shapes the refusal, whose status and WWW-Authenticate are set; by default a line of text.
  std::function<void(const Request&, Response&)> on_refused{};
};

/// Lets those pass whose token the check accepts, and sets weir::User. Others are answered as RFC
/// 6750 §3 wants it: 401 without an error when there is no token, 400 invalid_request when it is
/// malformed or the field comes twice, 401 invalid_token, 403 insufficient_scope.
class WEIR_API BearerAuth {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit BearerAuth(const BearerAuthOptions& options);

  Next before(Request& request, Response& response) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/auth.ipp>
#endif
