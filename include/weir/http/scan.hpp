// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Finds the byte that ends a token, a target or a field value, 16 bytes a step.
///
/// Each scan_…() gives the first byte of [p, end) outside its class, or `end`. It reads nothing
/// outside [begin, end): `begin` only says how far back readable bytes go, so that the last fewer
/// than 16 bytes can be read as the tail of one whole block. SSE2 on x86-64, NEON on aarch64, and
/// everywhere the twins in `portable`, which mean the same.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <weir/config.hpp>
#include <weir/http/chars.hpp>

#if defined(__SSE2__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

WEIR_BEGIN_NAMESPACE
namespace http {

/// The scanners by table, a byte a step.
namespace portable {

template <std::uint8_t kClass>
inline const char* scan_class(const char* p, const char* end) noexcept {
  while (p != end && detail::is_class(*p, kClass)) ++p;
  return p;
}

inline const char* scan_token(const char* p, const char* end) noexcept {
  return scan_class<char_class::token>(p, end);
}
inline const char* scan_target(const char* p, const char* end) noexcept {
  return scan_class<char_class::target>(p, end);
}
inline const char* scan_plain_path(const char* p, const char* end) noexcept {
  while (p != end && *p >= '&' && *p <= '~' && *p != '?' && *p != '.') ++p;
  return p;
}
inline const char* scan_value(const char* p, const char* end) noexcept {
  return scan_class<char_class::value>(p, end);
}
inline const char* scan_host_name(const char* p, const char* end) noexcept {
  while (p != end && (is_digit(*p) || is_alpha(*p) || *p == '-' || *p == '.')) ++p;
  return p;
}
inline const char* scan_colon(const char* p, const char* end) noexcept {
  while (p != end && *p != ':') ++p;
  return p;
}

}  // namespace portable

namespace detail {

// A Block is 16 bytes; its match functions give a mask with kMaskBits bits for each of them, the
// lowest for the first.
#if defined(__SSE2__)
#define WEIR_HTTP_SCAN_BLOCKS 1

using Block = __m128i;
using BlockMask = std::uint32_t;
inline constexpr unsigned kMaskBits = 1;

inline Block load_block(const char* p) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline Block equals(Block block, char c) noexcept {
  return _mm_cmpeq_epi8(block, _mm_set1_epi8(c));
}
inline Block equals(Block a, Block b) noexcept { return _mm_cmpeq_epi8(a, b); }
inline BlockMask to_mask(Block matched) noexcept {
  return static_cast<BlockMask>(_mm_movemask_epi8(matched));
}
/// Bytes from `low` to `low + width`, compared without sign: there is no such instruction, but
/// min(x, width) == x says the same.
inline Block in_range(Block block, char low, char width) noexcept {
  const Block shifted = _mm_sub_epi8(block, _mm_set1_epi8(low));
  return _mm_cmpeq_epi8(_mm_min_epu8(shifted, _mm_set1_epi8(width)), shifted);
}
inline Block either(Block a, Block b) noexcept { return _mm_or_si128(a, b); }
inline Block both(Block a, Block b) noexcept { return _mm_and_si128(a, b); }
inline Block a_but_not_b(Block a, Block b) noexcept { return _mm_andnot_si128(b, a); }
inline Block negate(Block a) noexcept { return _mm_xor_si128(a, _mm_set1_epi8(-1)); }
inline Block fold_case(Block a) noexcept { return _mm_or_si128(a, _mm_set1_epi8(0x20)); }

#elif defined(__aarch64__) && defined(__ARM_NEON)
#define WEIR_HTTP_SCAN_BLOCKS 1

using Block = uint8x16_t;
using BlockMask = std::uint64_t;
inline constexpr unsigned kMaskBits = 4;

inline Block load_block(const char* p) noexcept {
  return vld1q_u8(reinterpret_cast<const std::uint8_t*>(p));
}
inline Block equals(Block block, char c) noexcept {
  return vceqq_u8(block, vdupq_n_u8(static_cast<std::uint8_t>(c)));
}
inline Block equals(Block a, Block b) noexcept { return vceqq_u8(a, b); }
/// NEON has no movemask: shifting each 16-bit lane by four and narrowing leaves a nibble a byte.
inline BlockMask to_mask(Block matched) noexcept {
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(matched), 4)), 0);
}
inline Block in_range(Block block, char low, char width) noexcept {
  return vcleq_u8(vsubq_u8(block, vdupq_n_u8(static_cast<std::uint8_t>(low))),
                  vdupq_n_u8(static_cast<std::uint8_t>(width)));
}
inline Block either(Block a, Block b) noexcept { return vorrq_u8(a, b); }
inline Block both(Block a, Block b) noexcept { return vandq_u8(a, b); }
inline Block a_but_not_b(Block a, Block b) noexcept { return vbicq_u8(a, b); }
inline Block negate(Block a) noexcept { return vmvnq_u8(a); }
inline Block fold_case(Block a) noexcept { return vorrq_u8(a, vdupq_n_u8(0x20)); }
#endif

#if defined(WEIR_HTTP_SCAN_BLOCKS)

inline constexpr std::ptrdiff_t kBlock = 16;

inline std::ptrdiff_t first_of(BlockMask mask) noexcept {
  const int bit =
      sizeof mask == 4 ? __builtin_ctz(static_cast<std::uint32_t>(mask)) : __builtin_ctzll(mask);
  return static_cast<std::ptrdiff_t>(static_cast<unsigned>(bit) / kMaskBits);
}

/// The lowest bit that is set, and all below it.
inline BlockMask up_to_first(BlockMask mask) noexcept { return mask ^ (mask - 1); }

/// All but the bits of the first byte that is marked.
inline BlockMask without_first(BlockMask mask) noexcept {
  constexpr BlockMask kByte = (BlockMask{1} << kMaskBits) - 1;
  return mask & ~(kByte << (static_cast<unsigned>(first_of(mask)) * kMaskBits));
}

/// The first byte of [p, end) that `Matcher` marks, or `end`.
template <class Matcher>
inline const char* scan_blocks(const char* begin, const char* p, const char* end,
                               const char* (*twin)(const char*, const char*)) noexcept {
  if (WEIR_UNLIKELY(end - begin < kBlock)) return twin(p, end);
  const char* const tail = end - kBlock;
  for (; p <= tail; p += kBlock)
    if (const BlockMask mask = to_mask(Matcher::match(load_block(p)))) return p + first_of(mask);
  if (sizeof(BlockMask) * 8 == kBlock * kMaskBits && p == end) return end;  // no shift by the width
  const BlockMask mask =
      to_mask(Matcher::match(load_block(tail))) >> (static_cast<unsigned>(p - tail) * kMaskBits);
  return mask != 0 ? p + first_of(mask) : end;
}

/// Control bytes but HTAB, and DEL.
struct EndsValue {
  static Block match(Block b) noexcept {
    return either(a_but_not_b(in_range(b, 0, 0x1f), equals(b, '\t')), equals(b, 0x7f));
  }
};

/// All but 0x21 to 0x7e without "#".
struct EndsTarget {
  static Block match(Block b) noexcept {
    return either(negate(in_range(b, 0x21, 0x7e - 0x21)), equals(b, '#'));
  }
};

/// All but 0x26 to 0x7e without "?" and ".": what ends a target or a path, escapes, dots, and a few
/// that hardly any path has.
struct EndsPlainPath {
  static Block match(Block b) noexcept {
    return negate(a_but_not_b(in_range(b, '&', '~' - '&'), either(equals(b, '?'), equals(b, '.'))));
  }
};

/// All but letters, digits, "-" and "_": the tchars of nearly every name.
struct EndsCommonToken {
  static Block match(Block b) noexcept {
    return negate(either(either(in_range(fold_case(b), 'a', 25), in_range(b, '0', 9)),
                         either(equals(b, '-'), equals(b, '_'))));
  }
};

/// All but letters, digits, "-" and ".".
struct EndsHostName {
  static Block match(Block b) noexcept {
    return negate(
        either(either(in_range(fold_case(b), 'a', 25), in_range(b, '0', 9)), in_range(b, '-', 1)));
  }
};

struct IsColon {
  static Block match(Block b) noexcept { return equals(b, ':'); }
};

#endif  // WEIR_HTTP_SCAN_BLOCKS

// Blocks of 32 bytes, on CPUs that have AVX2. What stands between the two macros is compiled for
// those CPUs and may be called only after has_wide_blocks() has said so.
#if defined(__x86_64__) && defined(__SSE2__)
#define WEIR_HTTP_WIDE_BLOCKS 1
#if defined(__clang__)
#define WEIR_HTTP_BEGIN_WIDE \
  _Pragma("clang attribute push(__attribute__((target(\"avx2\"))), apply_to = function)")
#define WEIR_HTTP_END_WIDE _Pragma("clang attribute pop")
#else
#define WEIR_HTTP_BEGIN_WIDE _Pragma("GCC push_options") _Pragma("GCC target(\"avx2\")")
#define WEIR_HTTP_END_WIDE _Pragma("GCC pop_options")
#endif

/// Whether processor and system have AVX2. Asked once; __builtin_cpu_supports() would say the same
/// and bring 5 KiB of code.
inline bool find_avx2() noexcept {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return false;
  unsigned saved = 0;  // XCR0: which registers the system saves
  __asm__("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
  constexpr unsigned kVectors = 6;
  return (saved & kVectors) == kVectors && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
         (b & bit_AVX2) != 0;
}
inline const bool kHasAvx2 = find_avx2();  // false before its turn to be initialised: then slower

inline bool has_wide_blocks() noexcept { return kHasAvx2; }

WEIR_HTTP_BEGIN_WIDE
namespace wide {

using Block = __m256i;
using BlockMask = std::uint32_t;
inline constexpr unsigned kMaskBits = 1;
inline constexpr std::ptrdiff_t kBlock = 32;

inline Block load_block(const char* p) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline Block equals(Block block, char c) noexcept {
  return _mm256_cmpeq_epi8(block, _mm256_set1_epi8(c));
}
inline Block equals(Block a, Block b) noexcept { return _mm256_cmpeq_epi8(a, b); }
inline BlockMask to_mask(Block matched) noexcept {
  return static_cast<BlockMask>(_mm256_movemask_epi8(matched));
}
inline Block in_range(Block block, char low, char width) noexcept {
  const Block shifted = _mm256_sub_epi8(block, _mm256_set1_epi8(low));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(shifted, _mm256_set1_epi8(width)), shifted);
}
inline Block either(Block a, Block b) noexcept { return _mm256_or_si256(a, b); }
inline Block negate(Block a) noexcept { return _mm256_xor_si256(a, _mm256_set1_epi8(-1)); }
inline Block fold_case(Block a) noexcept { return _mm256_or_si256(a, _mm256_set1_epi8(0x20)); }

}  // namespace wide
WEIR_HTTP_END_WIDE
#endif  // WEIR_HTTP_WIDE_BLOCKS

}  // namespace detail

#if defined(WEIR_HTTP_SCAN_BLOCKS)

/// Up to the first byte that is no tchar.
inline const char* scan_token(const char* begin, const char* p, const char* end) noexcept {
  for (;;) {
    p = detail::scan_blocks<detail::EndsCommonToken>(
        begin, p, end, [](const char* q, const char* e) { return portable::scan_token(q, e); });
    if (p == end || !is_token(*p)) return p;
    ++p;  // a rare tchar such as "!" or "."
  }
}

/// Up to the first byte that is_target() refuses.
inline const char* scan_target(const char* begin, const char* p, const char* end) noexcept {
  return detail::scan_blocks<detail::EndsTarget>(
      begin, p, end, [](const char* q, const char* e) { return portable::scan_target(q, e); });
}

/// Up to the first byte that is not from "&" to "~", or is "?" or ".": what is before it is a path
/// that means itself.
inline const char* scan_plain_path(const char* begin, const char* p, const char* end) noexcept {
  return detail::scan_blocks<detail::EndsPlainPath>(
      begin, p, end, [](const char* q, const char* e) { return portable::scan_plain_path(q, e); });
}

/// Up to the first byte that is_value() refuses: the CR of a well-formed line.
inline const char* scan_value(const char* begin, const char* p, const char* end) noexcept {
  return detail::scan_blocks<detail::EndsValue>(
      begin, p, end, [](const char* q, const char* e) { return portable::scan_value(q, e); });
}

/// Up to the first byte that is no letter, digit, "-" or ".": the end of a plain host name.
inline const char* scan_host_name(const char* begin, const char* p, const char* end) noexcept {
  return detail::scan_blocks<detail::EndsHostName>(
      begin, p, end, [](const char* q, const char* e) { return portable::scan_host_name(q, e); });
}

/// Up to the first ":".
inline const char* scan_colon(const char* begin, const char* p, const char* end) noexcept {
  return detail::scan_blocks<detail::IsColon>(
      begin, p, end, [](const char* q, const char* e) { return portable::scan_colon(q, e); });
}

#else

inline const char* scan_token(const char*, const char* p, const char* end) noexcept {
  return portable::scan_token(p, end);
}
inline const char* scan_target(const char*, const char* p, const char* end) noexcept {
  return portable::scan_target(p, end);
}
inline const char* scan_plain_path(const char*, const char* p, const char* end) noexcept {
  return portable::scan_plain_path(p, end);
}
inline const char* scan_value(const char*, const char* p, const char* end) noexcept {
  return portable::scan_value(p, end);
}
inline const char* scan_host_name(const char*, const char* p, const char* end) noexcept {
  return portable::scan_host_name(p, end);
}
inline const char* scan_colon(const char*, const char* p, const char* end) noexcept {
  return portable::scan_colon(p, end);
}

#endif

}  // namespace http
WEIR_END_NAMESPACE
