// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a load balancer or an orchestrator asks: whether the process lives, and whether it should
/// be sent requests.
///
///     #include <weir/health.hpp>
///
///     server.get("/healthz", weir::liveness());
///     server.get("/readyz", weir::blocking(weir::readiness(server,
///         weir::HealthCheck("database", [&] { return database.ping(); }))));
///
/// Not part of weir/weir.hpp.
///
/// Thread: set up on one; checks are called by those that run the handler, several at once.
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/response.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE

/// Something that requests need. Its callable returns whether it is well, or a string: what is
/// wrong, empty when nothing is. An exception says the same as its what(). Whoever may ask is told:
/// no secrets.
class HealthCheck {
 public:
  template <class F>
  HealthCheck(std::string name, F check) : name_(std::move(name)) {
    using Result = std::invoke_result_t<F&>;
    constexpr bool kSaysWhether = std::is_same_v<Result, bool>;
    static_assert(kSaysWhether || std::is_convertible_v<Result, std::string>,
                  "weir: a health check returns a bool (true: well) or a string (what is wrong)");
    call_ = [check = std::move(check)]() mutable -> std::string {
      if constexpr (kSaysWhether) {
        return check() ? std::string() : std::string("failed");
      } else {
        return check();
      }
    };
  }

  const std::string& name() const noexcept { return name_; }

  /// What is wrong; empty: nothing.
  std::string run() const { return call_(); }

 private:
  std::string name_;
  std::function<std::string()> call_;
};

/// A handler: 200 "ok" for as long as the loop that is asked turns. It checks nothing else: what
/// answers no to this is killed, which mends no database.
struct Liveness {
  void operator()(const Request&, Response& response) const {
    response.header("Cache-Control", "no-store").text("ok");
  }
};
inline Liveness liveness() { return {}; }

/// A handler: 200 "ready" when all checks are well, else 503 and a line for each that is not; 503
/// "draining", without any check, once the server was asked to stop. To who accepts
/// application/json it says so in JSON, with all checks.
///
/// Checks run one after the other on the handler's thread. Those that may take longer than a
/// request do belong on the pool: weir::blocking(weir::readiness(…)).
class WEIR_API Readiness {
 public:
  static constexpr std::size_t kMostChecks = 64;
  static constexpr std::size_t kLongestMessage = 200;  ///< bytes of what is wrong; more is cut off

  /// `server` lives as long as its routes. Throws std::invalid_argument for a name that is empty,
  /// not printable ASCII or there already, and for more than kMostChecks.
  Readiness(Server& server, std::vector<HealthCheck> checks);

  void operator()(const Request& request, Response& response) const;

 private:
  const Server* server_;
  std::shared_ptr<const std::vector<HealthCheck>> checks_;
};

template <class... Checks>
Readiness readiness(Server& server, Checks&&... checks) {
  std::vector<HealthCheck> all;
  all.reserve(sizeof...(checks));
  (all.emplace_back(std::forward<Checks>(checks)), ...);
  return Readiness(server, std::move(all));
}

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/health.ipp>
#endif
