// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that tells browsers' developer tools where the time went: Server-Timing (W3C).
///
///     #include <weir/server_timing.hpp>
///
///     server.use(weir::server_timing());
///     server.get("/report", weir::blocking([](const weir::Request& req) {
///       const auto span = weir::timing(req).span("db", "the big query");
///       return query();
///     }));  // Server-Timing: db;dur=12.345;desc="the big query", total;dur=12.9
///
/// What is measured is told to every client, and how long a check of a password took helps who
/// guesses: choose by `applies` whom to tell. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <weir/config.hpp>
#include <weir/http/response_head.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {
struct TimingRecord;
}  // namespace detail

/// What is measured while one request is handled; copies belong to the same request. Without the
/// middleware all calls do nothing.
class WEIR_API Timing {
 public:
  static constexpr std::size_t kMaxEntries = 32;       ///< of a request; later ones are dropped
  static constexpr std::size_t kMaxDescription = 128;  ///< bytes; the rest is cut off

  /// Measures from its making to stop() or its end.
  class WEIR_API Span {
   public:
    Span(Span&& other) noexcept;
    Span& operator=(Span&& other) noexcept;
    ~Span();

    /// Adds the entry, once. Thread: any, one at a time.
    void stop() noexcept;

   private:
    friend class Timing;
    Span(std::shared_ptr<detail::TimingRecord> record, std::string_view name,
         std::string_view description);

    std::shared_ptr<detail::TimingRecord> record_;
    std::string name_;
    std::string description_;
    std::chrono::steady_clock::time_point begin_;
  };

  Timing() noexcept = default;

  /// Begins to measure. `name` is a token; throws std::invalid_argument for another.
  [[nodiscard]] Span span(std::string_view name, std::string_view description = {}) const;

  /// Adds what was measured elsewhere. Throws as span() does. What comes after the head of the
  /// answer is lost.
  void add(std::string_view name, std::chrono::nanoseconds duration,
           std::string_view description = {}) const;

  /// Adds a fact without a time, such as `add("cache", "hit")`. Throws as span() does.
  void add(std::string_view name, std::string_view description) const;

 private:
  friend class ServerTiming;
  friend Timing timing(const Request& request) noexcept;
  explicit Timing(std::shared_ptr<detail::TimingRecord> record) noexcept
      : record_(std::move(record)) {}

  std::shared_ptr<detail::TimingRecord> record_;
};

/// The times of this request. To be called in the handler; what it returns may go elsewhere.
WEIR_API Timing timing(const Request& request) noexcept;

struct ServerTimingOptions {
  /// The entry for the time from the end of the request's head to that of the answer's; empty:
  /// there is none.
  std::string total = "total";

  /// Who is told; empty: everybody.
  std::function<bool(const Request&)> applies{};
};

/// The middleware. Use it in front of what shall be part of the total.
class WEIR_API ServerTiming {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit ServerTiming(const ServerTimingOptions& options = {});

  void before(Request& request, Response& response) const;
  void head(const Request& request, http::ResponseHead& head) const;

 private:
  std::shared_ptr<const ServerTimingOptions> options_;
};

/// `server.use(weir::server_timing())`.
inline ServerTiming server_timing(const ServerTimingOptions& options = {}) {
  return ServerTiming(options);
}

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/server_timing.ipp>
#endif
