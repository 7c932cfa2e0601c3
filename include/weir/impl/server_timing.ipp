// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <weir/http/chars.hpp>
#include <weir/log.hpp>
#include <weir/net/mutex.hpp>
#include <weir/request.hpp>
#include <weir/server_timing.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// A handler that has run out of time may still write on its worker while the loop reads.
struct TimingRecord {
  const std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  net::Mutex mutex;
  std::string text WEIR_GUARDED_BY(mutex);  // the field's value so far
  std::size_t entries WEIR_GUARDED_BY(mutex) = 0;
};

/// A request's record, in its values.
struct TimingValue {
  std::shared_ptr<TimingRecord> record;
};

WEIR_INLINE bool is_timing_name(std::string_view name) noexcept { return http::is_token(name); }

WEIR_INLINE void check_timing_name(std::string_view name) {
  if (!is_timing_name(name))
    throw std::invalid_argument("weir::Timing: the name of an entry must be a token: " +
                                std::string(name));
}

/// Appends `;dur=1.234`, in milliseconds.
WEIR_INLINE void append_duration(std::string& text, std::chrono::nanoseconds duration) {
  const auto us = std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
  std::string part = std::to_string(us % 1000);
  part.insert(0, 3 - part.size(), '0');
  text.append(";dur=").append(std::to_string(us / 1000)).append(".").append(part);
}

/// Appends `;desc="..."` as a quoted string (RFC 9110 §5.6.4); what it cannot hold becomes "?".
WEIR_INLINE void append_description(std::string& text, std::string_view description) {
  if (description.empty()) return;
  text.append(";desc=\"");
  for (const char c : description.substr(0, Timing::kMaxDescription)) {
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c < ' ' || c > '~' ? '?' : c);
  }
  text.push_back('"');
}

WEIR_INLINE void add_timing(TimingRecord& record, std::string_view name,
                            const std::chrono::nanoseconds* duration,
                            std::string_view description) {
  const net::MutexLock lock(record.mutex);
  if (record.entries == Timing::kMaxEntries) return;
  ++record.entries;
  if (!record.text.empty()) record.text.append(", ");
  record.text.append(name);
  if (duration != nullptr) append_duration(record.text, *duration);
  append_description(record.text, description);
}

}  // namespace detail

WEIR_INLINE Timing::Span::Span(std::shared_ptr<detail::TimingRecord> record, std::string_view name,
                               std::string_view description)
    : record_(std::move(record)) {
  if (record_ == nullptr) return;
  name_ = name;
  description_ = description.substr(0, kMaxDescription);
  begin_ = std::chrono::steady_clock::now();
}

WEIR_INLINE Timing::Span::Span(Span&& other) noexcept = default;

WEIR_INLINE Timing::Span& Timing::Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  stop();
  record_ = std::move(other.record_);
  name_ = std::move(other.name_);
  description_ = std::move(other.description_);
  begin_ = other.begin_;
  return *this;
}

WEIR_INLINE Timing::Span::~Span() { stop(); }

WEIR_INLINE void Timing::Span::stop() noexcept {
  if (record_ == nullptr) return;
  const std::shared_ptr<detail::TimingRecord> record = std::move(record_);
  try {
    const std::chrono::nanoseconds duration = std::chrono::steady_clock::now() - begin_;
    detail::add_timing(*record, name_, &duration, description_);
  } catch (...) {
    log::write(log::Level::error, "out of memory for an entry of Server-Timing");
  }
}

WEIR_INLINE Timing::Span Timing::span(std::string_view name, std::string_view description) const {
  detail::check_timing_name(name);
  return {record_, name, description};
}

WEIR_INLINE void Timing::add(std::string_view name, std::chrono::nanoseconds duration,
                             std::string_view description) const {
  detail::check_timing_name(name);
  if (record_ != nullptr) detail::add_timing(*record_, name, &duration, description);
}

WEIR_INLINE void Timing::add(std::string_view name, std::string_view description) const {
  detail::check_timing_name(name);
  if (record_ != nullptr) detail::add_timing(*record_, name, nullptr, description);
}

WEIR_INLINE Timing timing(const Request& request) noexcept {
  const auto* const value = request.get<detail::TimingValue>();
  return value == nullptr ? Timing() : Timing(value->record);
}

WEIR_INLINE ServerTiming::ServerTiming(const ServerTimingOptions& options)
    : options_(std::make_shared<const ServerTimingOptions>(options)) {
  if (!options.total.empty() && !detail::is_timing_name(options.total))
    throw std::invalid_argument("weir::ServerTimingOptions::total: must be a token or empty");
}

WEIR_INLINE void ServerTiming::before(Request& request, Response&) const {
  if (options_->applies && !options_->applies(request)) return;
  request.set(detail::TimingValue{std::make_shared<detail::TimingRecord>()});
}

WEIR_INLINE void ServerTiming::head(const Request& request, http::ResponseHead& head) const {
  const auto* const value = request.get<detail::TimingValue>();
  if (value == nullptr) return;
  detail::TimingRecord& record = *value->record;
  std::string text;
  {
    const net::MutexLock lock(record.mutex);
    text = record.text;
  }
  if (!options_->total.empty()) {
    if (!text.empty()) text.append(", ");
    text.append(options_->total);
    detail::append_duration(text, std::chrono::steady_clock::now() - record.begin);
  }
  if (!text.empty()) head.append("Server-Timing", text);  // a list: those of a backend stay
}

WEIR_END_NAMESPACE
