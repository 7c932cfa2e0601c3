// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <exception>
#include <stdexcept>
#include <weir/health.hpp>
#include <weir/http/escape.hpp>
#include <weir/request.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

inline bool is_printable(char c) noexcept { return c >= ' ' && c <= '~'; }

/// What `check` finds wrong, in one printable line.
inline std::string run_check(const HealthCheck& check) {
  std::string wrong;
  try {
    wrong = check.run();
  } catch (const std::exception& what) {
    wrong = what.what();
    if (wrong.empty()) wrong = "failed";
  } catch (...) {
    wrong = "failed";
  }
  if (wrong.size() > Readiness::kLongestMessage) wrong.resize(Readiness::kLongestMessage);
  for (char& c : wrong)
    if (!is_printable(c)) c = '?';
  return wrong;
}

}  // namespace detail

WEIR_INLINE Readiness::Readiness(Server& server, std::vector<HealthCheck> checks)
    : server_(&server) {
  if (checks.size() > kMostChecks)
    throw std::invalid_argument("weir::Readiness: more than 64 checks");
  for (auto check = checks.begin(); check != checks.end(); ++check) {
    const std::string& name = check->name();
    if (name.empty() || !std::all_of(name.begin(), name.end(), detail::is_printable))
      throw std::invalid_argument("weir::HealthCheck: a name must be printable ASCII");
    if (std::any_of(checks.begin(), check, [&name](const auto& one) { return one.name() == name; }))
      throw std::invalid_argument("weir::HealthCheck: two checks are called " + name);
  }
  checks_ = std::make_shared<const std::vector<HealthCheck>>(std::move(checks));
}

WEIR_INLINE void Readiness::operator()(const Request& request, Response& response) const {
  response.header("Cache-Control", "no-store");
  const bool draining = server_->draining();
  std::string lines;
  std::string members;
  if (!draining)
    for (const HealthCheck& check : *checks_) {
      const std::string wrong = detail::run_check(check);
      if (!wrong.empty()) lines.append("\n").append(check.name()).append(": ").append(wrong);
      if (!members.empty()) members += ',';
      http::append_json(members, check.name());
      members += ':';
      http::append_json(members, wrong.empty() ? "ok" : wrong);
    }
  const char* const state = draining ? "draining" : (lines.empty() ? "ready" : "not ready");
  if (draining || !lines.empty()) response.status(Status::service_unavailable);
  if (request.header("Accept").find("application/json") != std::string_view::npos) {
    response.json("{\"status\":\"" + std::string(state) + "\",\"checks\":{" + members + "}}");
  } else {
    response.text(state + lines);
  }
}

WEIR_END_NAMESPACE
