// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that names each request, so that what is logged of it in several places can be put
/// together.
///
///     #include <weir/request_id.hpp>
///
///     server.use(weir::request_id());
///     server.get("/", [](const weir::Request& req) { return req.get<weir::RequestId>()->value; });
///
/// The name is on the answer as well, errors included, but not on that to what is no HTTP. Not part
/// of weir/weir.hpp.
///
/// Thread: any.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/response_head.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

/// The name of a request: `req.get<weir::RequestId>()`.
struct WEIR_API RequestId {
  std::string value;
};

struct RequestIdOptions {
  /// The field of requests and answers.
  std::string field = "X-Request-Id";

  /// Whether this request may bring its name along: that of a proxy of yours, say, is_forwarded().
  /// By default none may: names that clients choose are as good as forged log lines. What is
  /// brought and is not valid, see is_request_id(), is replaced.
  std::function<bool(const Request&)> trusts{};
};

/// Letters, digits and `-_.:/=+@`, 1 to 128 of them: what no log format gives a meaning to.
WEIR_API bool is_request_id(std::string_view text) noexcept;

/// A new name: 32 hexadecimal digits. Of no use as a secret. Any thread.
WEIR_API std::string make_request_id();

/// The middleware.
class WEIR_API RequestIds {
 public:
  static constexpr std::size_t kMax = 128;  ///< characters of a name

  /// Throws std::invalid_argument when the field's name is no token.
  explicit RequestIds(const RequestIdOptions& options = {});

  void before(Request& request, Response& response) const;
  void head(const Request& request, http::ResponseHead& head) const;

 private:
  std::shared_ptr<const RequestIdOptions> options_;
};

/// `server.use(weir::request_id())`.
inline RequestIds request_id(const RequestIdOptions& options = {}) { return RequestIds(options); }

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/request_id.ipp>
#endif
