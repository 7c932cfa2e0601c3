// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The few macros of weir, its version, and its inline ABI namespace.
///
/// Build kinds that may not share a symbol (another version, checked or not, compiled or
/// header-only) differ in the name of the inline namespace: mixing them in one program either
/// coexists or fails at link time, and never lets two definitions of one type meet.

#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0
#define WEIR_VERSION "0.1.0"

// WEIR_CHECKED: thread, lifetime and poison checks. A PUBLIC definition of the target, not NDEBUG,
// so that library and user always agree. WEIR_HEADER_ONLY: set by the target weir::header_only.
#if defined(WEIR_CHECKED) && defined(WEIR_HEADER_ONLY)
#define WEIR_ABI v0_1_checked_header_only
#elif defined(WEIR_CHECKED)
#define WEIR_ABI v0_1_checked
#elif defined(WEIR_HEADER_ONLY)
#define WEIR_ABI v0_1_header_only
#else
#define WEIR_ABI v0_1
#endif

/// Opens and closes `namespace weir` with its ABI namespace.
#define WEIR_BEGIN_NAMESPACE \
  namespace weir {           \
  inline namespace WEIR_ABI {
#define WEIR_END_NAMESPACE \
  }                        \
  }

/// Marks a definition in an `.ipp`: `inline` in the header-only build, nothing in the compiled one.
#ifdef WEIR_HEADER_ONLY
#define WEIR_INLINE inline
#else
#define WEIR_INLINE
#endif

/// Marks what the compiled library exports; everything else is hidden.
#define WEIR_API [[gnu::visibility("default")]]

#define WEIR_LIKELY(condition) __builtin_expect(static_cast<bool>(condition), 1)
#define WEIR_UNLIKELY(condition) __builtin_expect(static_cast<bool>(condition), 0)
#define WEIR_UNREACHABLE() __builtin_unreachable()

/// Steps of every request's path that have one caller there: a call would cost what they do.
#define WEIR_STEP [[gnu::always_inline]] inline

/// Rare paths: kept out of line and out of the hot path's cache lines.
#define WEIR_COLD [[gnu::cold, gnu::noinline]]

WEIR_BEGIN_NAMESPACE
namespace detail {
/// Prints `what`, `file` and `line` to stderr and aborts. Only for bugs of ours or of the calling
/// program, never for what a peer or the kernel may do.
[[noreturn]] WEIR_API void assertion_failed(const char* what, const char* file, int line) noexcept;
}  // namespace detail
WEIR_END_NAMESPACE

/// States what only a bug can make false. Evaluated in checked builds alone.
#ifdef WEIR_CHECKED
#define WEIR_ASSERT(condition)     \
  (WEIR_LIKELY(condition) ? void() \
                          : ::weir::detail::assertion_failed(#condition, __FILE__, __LINE__))
#else
#define WEIR_ASSERT(condition) static_cast<void>(sizeof(static_cast<bool>(condition)))
#endif

/// Whether a sanitizer watches the calls of libc: it cannot watch those that go around it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define WEIR_SANITIZED 1
#endif
#endif

// clang's -Wthread-safety reads these; other compilers see nothing.
#if defined(__clang__)
#define WEIR_CAPABILITY(name) __attribute__((capability(name)))
#define WEIR_SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define WEIR_GUARDED_BY(lock) __attribute__((guarded_by(lock)))
#define WEIR_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define WEIR_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define WEIR_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define WEIR_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
#define WEIR_NO_THREAD_SAFETY_ANALYSIS __attribute__((no_thread_safety_analysis))
#else
#define WEIR_CAPABILITY(name)
#define WEIR_SCOPED_CAPABILITY
#define WEIR_GUARDED_BY(lock)
#define WEIR_ACQUIRE(...)
#define WEIR_RELEASE(...)
#define WEIR_REQUIRES(...)
#define WEIR_EXCLUDES(...)
#define WEIR_NO_THREAD_SAFETY_ANALYSIS
#endif

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/config.ipp>
#endif
