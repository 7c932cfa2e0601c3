// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that bounds the requests of each client: a token bucket for every address.
///
///     #include <weir/rate_limit.hpp>
///
///     weir::RateLimitOptions limit;
///     limit.requests_per_second = 10;
///     limit.burst = 20;
///     server.use(weir::RateLimit(limit));
///
/// Whoever is above it is answered 429 with Retry-After before any content is read, and keeps the
/// connection. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <weir/config.hpp>
#include <weir/http/response_head.hpp>
#include <weir/http/status.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

/// Names the client of a request: a callable (const Request&) -> std::string_view into the request.
class RateLimitKey {
 public:
  RateLimitKey() = default;

  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, RateLimitKey>>>
  RateLimitKey(F&& call) : call_(std::forward<F>(call)) {
    static_assert(std::is_same_v<std::invoke_result_t<const std::decay_t<F>&, const Request&>,
                                 std::string_view>,
                  "weir: a rate limit's key is a std::string_view into the request; a string that "
                  "the function makes would be gone when it is looked at");
  }

  /// Empty when there is no function, or it has no name for this client.
  std::string_view operator()(const Request& request) const {
    return call_ ? call_(request) : std::string_view();
  }

 private:
  std::function<std::string_view(const Request&)> call_;
};

struct RateLimitOptions {
  /// Requests a second that a client may make in the long run: above 0, at most 1,000,000. Less
  /// than one is fine: 0.1 is one in ten seconds.
  double requests_per_second = 0;

  /// Requests that a client may make at once after a quiet time; 0: a second's worth. A page with
  /// its pictures is a burst; 1 spaces requests evenly and refuses most pages.
  std::uint32_t burst = 0;

  /// Clients that are remembered, rounded up to a multiple of 8, in 16 bytes each that are
  /// allocated at once. When they are more, one that has used least of its burst is forgotten and
  /// starts with a full one: that errs in favour of clients, never against them. So few that an
  /// attacker's addresses fill it let him through.
  std::size_t max_addresses = 65'536;

  /// Who counts as one client: what the key says, such as an API key's field. By default, and where
  /// the key is empty, client_address(): an IPv4 address or an IPv6 /64, that of the connection's
  /// other end, or what trusted_proxy(), if it stands in front, has found. Peers of a Unix socket
  /// have none and are not limited. A name that clients choose freely limits nobody.
  RateLimitKey key{};

  /// Of a refusal; 400 to 599.
  http::Status status = http::Status::too_many_requests;

  /// Shapes the refusal, which has its status and Retry-After already; by default a line of text.
  std::function<void(const Request&, Response&)> on_refused{};

  /// Names the policy in RateLimit-Policy and RateLimit fields, which tell clients what they have
  /// left (draft-ietf-httpapi-ratelimit-headers-10). Empty: no such fields, as they may still
  /// change before they are a standard.
  std::string policy{};
};

/// The middleware. Copies share their buckets and their count: keep one to ask it, or put it in
/// front of several groups that shall count together.
class WEIR_API RateLimit {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit RateLimit(const RateLimitOptions& options);

  Next before(Request& request, Response& response) const;
  void head(const Request& request, http::ResponseHead& head) const;

  /// Requests refused so far.
  std::uint64_t refused() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/rate_limit.ipp>
#endif
