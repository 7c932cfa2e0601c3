// expect: a rate limit's key is a std::string_view into the request
// SPDX-License-Identifier: MIT
#include <string>
#include <weir/rate_limit.hpp>
#include <weir/weir.hpp>

void limits(weir::RateLimitOptions& options) {
  options.key = [](const weir::Request& request) { return std::string(request.header("X-Key")); };
}
