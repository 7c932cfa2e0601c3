// SPDX-License-Identifier: MIT
#pragma once
#include <arpa/inet.h>

#include <cstring>
#include <ctime>
#include <stdexcept>
#include <utility>
#include <weir/access_log.hpp>
#include <weir/client.hpp>
#include <weir/detail/line_sink.hpp>
#include <weir/http/access_line.hpp>
#include <weir/reply.hpp>
#include <weir/request.hpp>
#include <weir/request_id.hpp>
#include <weir/user.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

[[noreturn]] WEIR_COLD WEIR_INLINE void refuse_access_log(const char* field, const char* must) {
  throw std::invalid_argument(
      std::string("weir::AccessLogOptions::").append(field).append(": must be ").append(must));
}

WEIR_INLINE const AccessLogOptions& checked(const AccessLogOptions& options) {
  constexpr std::chrono::milliseconds kLongest{60'000};
  const int kinds =
      (options.path.empty() ? 0 : 1) + (options.fd >= 0 ? 1 : 0) + (options.write ? 1 : 0);
  if (kinds != 1) refuse_access_log("path", "set, or fd or write, and one of them alone");
  if (options.path.find('\0') != std::string::npos) refuse_access_log("path", "without NUL");
  if (static_cast<unsigned>(options.format) > static_cast<unsigned>(AccessLogFormat::json))
    refuse_access_log("format", "common, combined or json");
  if (options.queue_bytes < 16 * 1024 || options.queue_bytes > std::size_t{1} << 30U)
    refuse_access_log("queue_bytes", "16 KiB to 1 GiB");
  if (options.gather.count() < 0 || options.gather > kLongest)
    refuse_access_log("gather", "0 to 60 s");
  if (options.close_timeout.count() < 0 || options.close_timeout > kLongest)
    refuse_access_log("close_timeout", "0 to 60 s");
  return options;
}

/// A second as lines have it, in local time.
struct SecondText {
  std::time_t second = -1;
  std::size_t common_size = 0;
  std::size_t rfc3339_size = 0;
  char common[40];   // 26/Nov/2026:22:47:04 +0100
  char rfc3339[40];  // 2026-11-26T22:47:04+01:00
};

WEIR_INLINE void write_second(SecondText& text, std::time_t second) noexcept {
  std::tm local = {};
  ::localtime_r(&second, &local);
  // Not strftime(): a locale has no say in this.
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto two = [](char*& out, int number) {
    *out++ = static_cast<char>('0' + number / 10 % 10);
    *out++ = static_cast<char>('0' + number % 10);
  };
  const auto year = [&two](char*& out, int number) {
    two(out, number / 100);
    two(out, number);
  };
  const auto clock = [&](char*& out) {
    two(out, local.tm_hour);
    *out++ = ':';
    two(out, local.tm_min);
    *out++ = ':';
    two(out, local.tm_sec);
  };
  const long minutes = local.tm_gmtoff / 60;
  const char sign = minutes < 0 ? '-' : '+';
  const int offset = static_cast<int>(minutes < 0 ? -minutes : minutes);

  char* out = text.common;
  two(out, local.tm_mday);
  *out++ = '/';
  std::memcpy(out, kMonths[local.tm_mon], 3);
  out += 3;
  *out++ = '/';
  year(out, local.tm_year + 1900);
  *out++ = ':';
  clock(out);
  *out++ = ' ';
  *out++ = sign;
  two(out, offset / 60);
  two(out, offset % 60);
  text.common_size = static_cast<std::size_t>(out - text.common);

  out = text.rfc3339;
  year(out, local.tm_year + 1900);
  *out++ = '-';
  two(out, local.tm_mon + 1);
  *out++ = '-';
  two(out, local.tm_mday);
  *out++ = 'T';
  clock(out);
  *out++ = sign;
  two(out, offset / 60);
  *out++ = ':';
  two(out, offset % 60);
  text.rfc3339_size = static_cast<std::size_t>(out - text.rfc3339);
  text.second = second;
}

/// Now, to a tick of the kernel: a few instructions, and formatted once a second and thread.
inline const SecondText& this_second() noexcept {
  thread_local SecondText text;
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (WEIR_UNLIKELY(now.tv_sec != text.second)) write_second(text, now.tv_sec);
  return text;
}

inline constexpr std::size_t kHostMax = 64;  // INET6_ADDRSTRLEN, "%" and a scope

/// The address as Endpoint::host() has it, without a string. A Unix socket's is "unix:".
WEIR_INLINE std::size_t write_host(const Endpoint& endpoint, char* out) noexcept {
  char* at = out;
  if (WEIR_LIKELY(endpoint.is_v4())) {
    for (int i = 0; i < 4; ++i) {
      const unsigned part = endpoint.bytes()[static_cast<std::size_t>(i)];
      if (i != 0) *at++ = '.';
      if (part >= 100) *at++ = static_cast<char>('0' + part / 100);
      if (part >= 10) *at++ = static_cast<char>('0' + part / 10 % 10);
      *at++ = static_cast<char>('0' + part % 10);
    }
  } else if (endpoint.is_v6()) {
    if (::inet_ntop(AF_INET6, endpoint.bytes().data(), at, INET6_ADDRSTRLEN) == nullptr) return 0;
    at += std::strlen(at);
    if (endpoint.scope() != 0) {
      *at++ = '%';
      char digits[10];
      std::size_t size = 0;
      for (std::uint32_t scope = endpoint.scope(); scope != 0; scope /= 10)
        digits[size++] = static_cast<char>('0' + scope % 10);
      while (size != 0) *at++ = digits[--size];
    }
  } else if (endpoint.is_unix()) {
    std::memcpy(at, "unix:", 5);
    at += 5;
  }
  return static_cast<std::size_t>(at - out);
}

constexpr std::string_view outcome_text(Outcome::Result result) noexcept {
  switch (result) {
    case Outcome::Result::delivered:
      return "delivered";
    case Outcome::Result::gone:
      return "gone";
    case Outcome::Result::aborted:
      break;
  }
  return "aborted";
}

}  // namespace detail

struct AccessLog::State {
  explicit State(const AccessLogOptions& options)
      : format(detail::checked(options).format),
        close_timeout(options.close_timeout),
        sink(detail::LineSink::start(
            {options.path, options.fd, options.write, options.queue_bytes, options.gather})) {}
  ~State() { sink->close(close_timeout); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const AccessLogFormat format;
  const std::chrono::milliseconds close_timeout;
  const std::shared_ptr<detail::LineSink> sink;
};

WEIR_INLINE AccessLog::AccessLog(const AccessLogOptions& options)
    : state_(std::make_shared<const State>(options)) {}

WEIR_INLINE void AccessLog::done(const Request& request, const Outcome& outcome) const noexcept {
  const http::RequestHead& head = detail::RequestAccess::head(request);
  const detail::SecondText& now = detail::this_second();
  char host[detail::kHostMax];
  http::AccessEntry entry;
  entry.remote = {host, detail::write_host(client_address(request), host)};
  if (const User* const user = request.get<User>()) entry.user = user->name;
  entry.method = request.method_text();
  entry.target = request.target();
  entry.version = request.version();
  entry.status = static_cast<unsigned>(outcome.status);
  entry.content_bytes = outcome.content_bytes;
  entry.time = {now.common, now.common_size};
  char line[http::kAccessLineMax];
  std::size_t size = 0;
  if (state_->format == AccessLogFormat::common) {
    size = http::write_common_line(entry, line);
  } else {
    entry.referer = head.header(http::KnownField::referer);
    entry.user_agent = head.header(http::KnownField::user_agent);
    if (state_->format == AccessLogFormat::combined) {
      size = http::write_combined_line(entry, line);
    } else {
      entry.time = {now.rfc3339, now.rfc3339_size};
      const RequestId* const id = request.get<RequestId>();
      entry.request_id =
          id != nullptr ? std::string_view(id->value) : head.header(http::KnownField::x_request_id);
      entry.duration_ms = outcome.duration_ms;
      entry.outcome = detail::outcome_text(outcome.result);
      size = http::write_json_line(entry, line);
    }
  }
  state_->sink->push({line, size});
}

WEIR_INLINE void AccessLog::reopen() const noexcept { state_->sink->reopen(); }

WEIR_INLINE bool AccessLog::flush(std::chrono::milliseconds timeout) const {
  return state_->sink->flush(timeout);
}

WEIR_INLINE std::uint64_t AccessLog::written() const noexcept { return state_->sink->written(); }
WEIR_INLINE std::uint64_t AccessLog::dropped() const noexcept { return state_->sink->dropped(); }
WEIR_INLINE std::uint64_t AccessLog::errors() const noexcept { return state_->sink->errors(); }

WEIR_END_NAMESPACE
