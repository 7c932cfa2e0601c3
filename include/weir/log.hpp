// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the library has to say for itself, to a sink that an application may replace.
///
/// Nothing is logged for an ordinary request. A message that a peer can provoke is limited: each
/// place in the code logs at most ten lines a second and then says how many it held back.
///
/// Thread: any.
#include <atomic>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace log {

enum class Level : std::uint8_t { debug, info, warning, error, off };

/// Takes one message, without a line end. Called by any thread, several at once; must not throw.
using Sink = void (*)(void* context, Level level, std::string_view message);

/// Replaces the sink, by default a line on stderr. `context` is handed to it and must outlive its
/// use. A null sink restores the default.
WEIR_API void set_sink(Sink sink, void* context = nullptr) noexcept;

/// Messages below `level` are dropped; by default those below `warning`.
WEIR_API void set_level(Level level) noexcept;

/// Whether a message of `level` would be taken.
WEIR_API bool enabled(Level level) noexcept;

/// Hands `message` to the sink if its level is enabled.
WEIR_API void write(Level level, std::string_view message) noexcept;

/// Allows a number of messages a second; one for each place that logs.
class WEIR_API Limiter {
 public:
  static constexpr std::uint32_t kPerSecond = 10;

  /// Whether the place may log now. `held_back` is how many were not logged since it last could.
  bool allow(std::uint64_t& held_back) noexcept;

 private:
  // Relaxed: a few lines too many in a race between seconds do no harm.
  std::atomic<std::int64_t> second_{0};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint64_t> held_back_{0};
};

/// Like write(), limited by `limiter`.
WEIR_API void write_limited(Limiter& limiter, Level level, std::string_view message) noexcept;

}  // namespace log
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/log.ipp>
#endif
