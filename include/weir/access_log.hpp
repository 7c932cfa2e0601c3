// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that writes a line for each request, without ever making a loop wait.
///
///     #include <weir/access_log.hpp>
///
///     weir::AccessLogOptions options;
///     options.path = "/var/log/app/access.log";
///     server.use(weir::access_log(options));
///
/// Lines go into a buffer of a fixed size, which a thread of the log's own writes out. When that
/// does not keep up, the newest lines are dropped and counted. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

enum class AccessLogFormat : std::uint8_t {
  common,    ///< Common Log Format
  combined,  ///< with Referer and User-Agent, as Apache and nginx have it
  json,      ///< an object a line, with duration, outcome and the request's id too
};

/// Where lines go: exactly one of `path`, `fd` and `write`.
struct AccessLogOptions {
  AccessLogFormat format = AccessLogFormat::combined;

  /// A file to append to; made with mode 0640 when it is not there. See AccessLog::reopen().
  std::string path{};

  /// A descriptor such as STDOUT_FILENO; stays open, stays yours, and must outlive the log.
  int fd = -1;

  /// Takes one or more whole lines with their line feeds. Runs on the log's thread, one call at a
  /// time; what it throws is counted and loses the lines.
  std::function<void(std::string_view lines)> write{};

  /// Bytes that may wait, in two buffers that are allocated at once: 16 KiB to 1 GiB. When one is
  /// full and the other is being written, the newest lines are dropped.
  std::size_t queue_bytes = 4 * 1024 * 1024;

  /// How long a line may wait for others, so that they are written together: 0 to 60 s. Half a
  /// full buffer does not wait.
  std::chrono::milliseconds gather{100};

  /// How long the log's end may wait for what is not written yet: 0 to 60 s. The rest is dropped.
  std::chrono::milliseconds close_timeout{1000};
};

/// The middleware. Copies are one log; it ends with the last of them, the server's included.
class WEIR_API AccessLog {
 public:
  /// Opens the file and starts the thread. Throws std::invalid_argument, naming the field, for a
  /// value that cannot be, and std::system_error when the file cannot be opened.
  explicit AccessLog(const AccessLogOptions& options);

  void done(const Request& request, const Outcome& outcome) const noexcept;

  /// Closes the file and opens its path anew, on the log's thread, once the lines so far are
  /// written: after logrotate has moved it. Where that fails the old one goes on and an error is
  /// counted. Nothing happens where the log has no path. Not for signal handlers.
  void reopen() const noexcept;

  /// Waits until the lines so far are written; false when `timeout` was not enough. Not for loops.
  bool flush(std::chrono::milliseconds timeout) const;

  /// Lines written, lines dropped for want of room, time or a disk, and calls that failed.
  std::uint64_t written() const noexcept;
  std::uint64_t dropped() const noexcept;
  std::uint64_t errors() const noexcept;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// `server.use(weir::access_log(options))`, where nobody asks the log for anything.
inline AccessLog access_log(const AccessLogOptions& options) { return AccessLog(options); }

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/access_log.ipp>
#endif
