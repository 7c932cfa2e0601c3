// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdio>
#include <string>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace log {
namespace detail {

// The process's sink: what writes to stderr is the process's as well. The pair is read under a
// sequence number, so that a sink never meets another one's context.
struct State {
  std::atomic<std::uint32_t> sequence{0};  // odd while the pair is being replaced
  std::atomic<Sink> sink{nullptr};
  std::atomic<void*> context{nullptr};
  std::atomic<Level> level{Level::warning};
};

inline State& state() noexcept {
  static State the_state;
  return the_state;
}

inline std::string_view name(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
    case Level::off:
      break;
  }
  return "off";
}

inline void to_stderr(Level level, std::string_view message) noexcept {
  const std::string_view level_name = name(level);
  // One call, so that lines of several threads do not mix.
  std::fprintf(stderr, "weir: %.*s: %.*s\n", static_cast<int>(level_name.size()), level_name.data(),
               static_cast<int>(message.size()), message.data());
}

}  // namespace detail

WEIR_INLINE void set_sink(Sink sink, void* context) noexcept {
  detail::State& state = detail::state();
  std::uint32_t even = state.sequence.load(std::memory_order_relaxed) & ~1U;
  while (!state.sequence.compare_exchange_weak(even, even + 1)) even &= ~1U;
  state.sink.store(sink);
  state.context.store(context);
  state.sequence.store(even + 2);
}

WEIR_INLINE void set_level(Level level) noexcept {
  detail::state().level.store(level, std::memory_order_relaxed);
}

WEIR_INLINE bool enabled(Level level) noexcept {
  return level != Level::off && level >= detail::state().level.load(std::memory_order_relaxed);
}

WEIR_INLINE void write(Level level, std::string_view message) noexcept {
  if (!enabled(level)) return;
  detail::State& state = detail::state();
  Sink sink;
  void* context;
  std::uint32_t before;
  do {
    before = state.sequence.load();
    sink = state.sink.load();
    context = state.context.load();
  } while ((before & 1U) != 0 || state.sequence.load() != before);
  if (sink == nullptr) {
    detail::to_stderr(level, message);
  } else {
    sink(context, level, message);
  }
}

WEIR_INLINE bool Limiter::allow(std::uint64_t& held_back) noexcept {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                       .count();
  if (second_.exchange(now, std::memory_order_relaxed) != now)
    count_.store(0, std::memory_order_relaxed);
  if (count_.fetch_add(1, std::memory_order_relaxed) >= kPerSecond) {
    held_back_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  held_back = held_back_.exchange(0, std::memory_order_relaxed);
  return true;
}

WEIR_INLINE void write_limited(Limiter& limiter, Level level, std::string_view message) noexcept {
  if (!enabled(level)) return;
  std::uint64_t held_back = 0;
  if (!limiter.allow(held_back)) return;
  if (held_back == 0) {
    write(level, message);
    return;
  }
  try {
    write(level, std::string(message) + " (and " + std::to_string(held_back) + " like it)");
  } catch (...) {
    write(level, message);
  }
}

}  // namespace log
WEIR_END_NAMESPACE
