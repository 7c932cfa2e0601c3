// SPDX-License-Identifier: MIT
// A server behind nginx or another proxy that ends TLS: who the client is, and that https is known.
// docs/behind-a-proxy.md has the configuration of nginx.
//   curl -H 'X-Forwarded-For: 192.0.2.1' -H 'X-Forwarded-Proto: https' http://127.0.0.1:8080/
#include <unistd.h>

#include <string>
#include <weir/access_log.hpp>
#include <weir/rate_limit.hpp>
#include <weir/redirects.hpp>
#include <weir/request_id.hpp>
#include <weir/security_headers.hpp>
#include <weir/trusted_proxy.hpp>
#include <weir/weir.hpp>

int main() {
  weir::TrustedProxyOptions proxies;
  proxies.ranges = {"127.0.0.1", "::1"};  // where the proxy connects from, and nobody else
  proxies.fields = weir::TrustedProxyOptions::Fields::x_forwarded;  // what it writes

  weir::RequestIdOptions ids;
  ids.trusts = weir::is_forwarded;  // the proxy may name requests
  weir::AccessLogOptions log;
  log.fd = STDOUT_FILENO;
  weir::RedirectOptions moved;
  moved.hosts = {"example.org", "127.0.0.1"};
  moved.to_https = true;
  weir::RateLimitOptions rate;
  rate.requests_per_second = 10;
  rate.burst = 50;

  weir::Server server;
  server.use(weir::trusted_proxy(proxies));  // first: all others ask it
  server.use(weir::request_id(ids), weir::access_log(log), weir::security_headers(),
             weir::redirects(moved), weir::RateLimit(rate));
  server.get("/", [](const weir::Request& req) {
    return "You are " + weir::client_address(req).host() + ", came by " +
           std::string(weir::scheme_of(req)) + " and asked " + std::string(weir::host_of(req)) +
           ".\n";
  });
  server.listen("127.0.0.1", 8080);
  return server.run();
}
