// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <weir/client.hpp>
#include <weir/net/address_table.hpp>
#include <weir/net/keyed_hash.hpp>
#include <weir/net/token_buckets.hpp>
#include <weir/rate_limit.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

inline constexpr double kMostRequestsPerSecond = 1e6;
inline constexpr double kLongestRefill = 366.0 * 24 * 3600;  // seconds

[[noreturn]] WEIR_COLD WEIR_INLINE void refuse_rate_limit(const char* field, const char* must) {
  throw std::invalid_argument(
      std::string("weir::RateLimitOptions::").append(field).append(": must be ").append(must));
}

WEIR_INLINE RateLimitOptions checked(RateLimitOptions options) {
  const double rate = options.requests_per_second;
  if (!(rate > 0 && rate <= kMostRequestsPerSecond))
    refuse_rate_limit("requests_per_second", "above 0 and at most 1,000,000");
  if (options.burst == 0)
    options.burst = std::max(std::uint32_t{1}, static_cast<std::uint32_t>(rate));
  if (options.burst / rate > kLongestRefill)
    refuse_rate_limit("burst", "refilled at requests_per_second in a year");
  constexpr std::uint64_t kMostAddresses = std::uint64_t{1} << 32;  // 64 GiB
  if (options.max_addresses == 0 || options.max_addresses > kMostAddresses)
    refuse_rate_limit("max_addresses", "1 to 2^32");
  const auto status = static_cast<unsigned>(options.status);
  if (status < 400 || status > 599) refuse_rate_limit("status", "400 to 599");
  for (const char c : options.policy)
    if (c < ' ' || c > '~' || c == '"' || c == '\\')
      refuse_rate_limit("policy", "printable ASCII without quotes and backslashes");
  return options;
}

/// As fields have it: whole seconds, rounded up.
inline std::string to_seconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
}

}  // namespace detail

struct RateLimit::State {
  explicit State(const RateLimitOptions& given)
      : options(detail::checked(given)),
        interval(std::llround(1e9 / options.requests_per_second)),
        buckets(interval, options.burst, options.max_addresses),
        text(std::to_string(static_cast<unsigned>(options.status))) {
    const std::string_view reason = http::reason(options.status);
    if (!reason.empty()) text.append(" ").append(reason);
    text.push_back('\n');
    if (!options.policy.empty()) {
      quoted.append("\"").append(options.policy).append("\"");
      policy_field = quoted + ";q=" + std::to_string(options.burst) +
                     ";w=" + detail::to_seconds(interval * options.burst);
    }
  }

  /// The bucket of the request's client; false when it has none.
  bool name_of(const Request& request, std::uint64_t& name) const {
    const std::string_view key = options.key(request);
    if (!key.empty()) {
      name = hash_keys(key);
      return true;
    }
    const net::AddressKey address(client_address(request));
    name = hash_addresses(address.bytes());
    return address.is_countable();
  }

  const RateLimitOptions options;
  const std::chrono::nanoseconds interval;
  net::TokenBuckets buckets;
  // Apart, so that no key can be made to mean somebody's address.
  const net::KeyedHash hash_keys;
  const net::KeyedHash hash_addresses;
  std::atomic<std::uint64_t> refused{0};  // relaxed: it orders nothing
  std::string text;                       // of a refusal
  std::string quoted;                     // the policy's name, if there is one
  std::string policy_field;
};

WEIR_INLINE RateLimit::RateLimit(const RateLimitOptions& options)
    : state_(std::make_shared<State>(options)) {}

WEIR_INLINE Next RateLimit::before(Request& request, Response& response) const {
  State& state = *state_;
  std::uint64_t name = 0;
  if (!state.name_of(request, name)) return Next::proceed;
  const net::TokenBuckets::Level level = state.buckets.take(name, request.received_at());
  if (WEIR_LIKELY(level.has_taken)) return Next::proceed;
  state.refused.fetch_add(1, std::memory_order_relaxed);
  response.status(state.options.status);
  response.header("Retry-After", detail::to_seconds(level.until_next));  // RFC 9110 §10.2.3
  if (state.options.on_refused) {
    state.options.on_refused(request, response);
  } else {
    response.text(state.text);
  }
  return Next::done;
}

WEIR_INLINE void RateLimit::head(const Request& request, http::ResponseHead& head) const {
  const State& state = *state_;
  if (WEIR_LIKELY(state.policy_field.empty())) return;
  std::uint64_t name = 0;
  if (!state.name_of(request, name)) return;
  const net::TokenBuckets::Level level = state.buckets.look(name, request.received_at());
  std::string now = state.quoted + ";r=" + std::to_string(level.left);
  if (level.until_next.count() > 0) now.append(";t=").append(detail::to_seconds(level.until_next));
  // Beside those of another limit in the chain: both fields are lists.
  head.append("RateLimit-Policy", state.policy_field);
  head.append("RateLimit", now);
}

WEIR_INLINE std::uint64_t RateLimit::refused() const noexcept {
  return state_->refused.load(std::memory_order_relaxed);
}

WEIR_END_NAMESPACE
