// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <charconv>
#include <cstring>
#include <weir/http/byte_ranges.hpp>
#include <weir/http/fields.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

inline constexpr std::string_view kRangePrefix = "bytes=";

/// Cuts 1*DIGIT off the front of `rest`. What does not fit is the biggest number: no
/// representation reaches so far (RFC 9110 §14.1.2 asks for care).
WEIR_INLINE bool take_number(std::string_view& rest, std::uint64_t& out) noexcept {
  std::size_t at = 0;
  std::uint64_t number = 0;
  for (; at < rest.size() && is_digit(rest[at]); ++at) {
    const auto digit = static_cast<std::uint64_t>(rest[at] - '0');
    number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
  }
  rest.remove_prefix(at);
  out = number;
  return at != 0;
}

enum class RangeSpec : std::uint8_t { invalid, unsatisfiable, satisfiable };

/// int-range or suffix-range (RFC 9110 §14.1.1), resolved against `size` > 0.
WEIR_INLINE RangeSpec resolve_spec(std::string_view spec, std::uint64_t size,
                                   ByteRange& out) noexcept {
  std::uint64_t first = 0;
  std::uint64_t last = UINT64_MAX;
  const bool is_suffix = !take_number(spec, first);
  if (spec.empty() || spec.front() != '-') return RangeSpec::invalid;
  spec.remove_prefix(1);
  const bool has_last = take_number(spec, last);
  if (!spec.empty()) return RangeSpec::invalid;
  if (is_suffix) {
    if (!has_last) return RangeSpec::invalid;
    if (last == 0) return RangeSpec::unsatisfiable;
    out = {last >= size ? 0 : size - last, size - 1};
    return RangeSpec::satisfiable;
  }
  if (!has_last) last = UINT64_MAX;
  if (last < first) return RangeSpec::invalid;
  if (first >= size) return RangeSpec::unsatisfiable;
  out = {first, std::min(last, size - 1)};
  return RangeSpec::satisfiable;
}

/// Whether the two overlap, or fewer than `gap` bytes are between them.
WEIR_INLINE bool are_close(const ByteRange& a, const ByteRange& b, std::uint64_t gap) noexcept {
  if (a.last < b.first) return b.first - a.last - 1 < gap;
  if (b.last < a.first) return a.first - b.last - 1 < gap;
  return true;
}

constexpr std::uint64_t digits_of(std::uint64_t number) noexcept {
  std::uint64_t digits = 1;
  for (; number >= 10; number /= 10) ++digits;
  return digits;
}

inline constexpr std::string_view kPartType = "Content-Type: ";
inline constexpr std::string_view kPartRange = "Content-Range: ";

}  // namespace detail

WEIR_INLINE ByteRanges::ByteRanges(std::string_view range, std::uint64_t size,
                                   const RangeOptions& options) noexcept {
  const std::string_view prefix = detail::kRangePrefix;
  if (size == 0 || !equals_ignoring_case(range.substr(0, prefix.size()), prefix)) return;
  range.remove_prefix(prefix.size());
  const std::size_t max_ranges = std::min(options.max_ranges, kMaxRanges);
  std::size_t specs = 0;
  while (!range.empty()) {
    const std::string_view spec = detail::next_member(range);
    if (spec.empty()) continue;  // RFC 9110 §5.6.1.2
    ByteRange resolved;
    const detail::RangeSpec meaning = detail::resolve_spec(spec, size, resolved);
    // One that is invalid makes all of them so (§14.1.1). Behind one too many it no longer matters.
    if (++specs > max_ranges || meaning == detail::RangeSpec::invalid) {
      count_ = 0;
      return;
    }
    if (meaning == detail::RangeSpec::satisfiable) add(resolved, options.merge_gap);
  }
  if (specs == 0) return;  // a range-set has at least one member
  kind_ = count_ == 0 ? Kind::not_satisfiable : Kind::partial;
}

/// Joins `range` with all that it touches; the result stands where the first of them stood. One
/// round will do: between it and one that it touches there is no room for a third.
WEIR_INLINE void ByteRanges::add(ByteRange range, std::uint64_t merge_gap) noexcept {
  std::size_t place = count_;
  for (std::size_t i = 0; i < count_;) {
    if (!detail::are_close(items_[i], range, merge_gap)) {
      ++i;
      continue;
    }
    range = {std::min(range.first, items_[i].first), std::max(range.last, items_[i].last)};
    place = std::min(place, i);
    std::copy(items_ + i + 1, items_ + count_, items_ + i);
    --count_;
  }
  std::copy_backward(items_ + place, items_ + count_, items_ + count_ + 1);
  items_[place] = range;
  ++count_;
}

WEIR_INLINE ContentRange::ContentRange(ByteRange range, std::uint64_t size) noexcept {
  WEIR_ASSERT(range.first <= range.last && range.last < size);
  char* const end = text_ + sizeof text_;
  std::memcpy(text_, "bytes ", 6);
  char* out = std::to_chars(text_ + 6, end, range.first).ptr;
  *out++ = '-';
  out = std::to_chars(out, end, range.last).ptr;
  *out++ = '/';
  out = std::to_chars(out, end, size).ptr;
  length_ = static_cast<std::uint8_t>(out - text_);
}

WEIR_INLINE ContentRange ContentRange::unsatisfied(std::uint64_t size) noexcept {
  ContentRange made;
  std::memcpy(made.text_, "bytes */", 8);
  const char* const out = std::to_chars(made.text_ + 8, made.text_ + sizeof made.text_, size).ptr;
  made.length_ = static_cast<std::uint8_t>(out - made.text_);
  return made;
}

WEIR_INLINE MultipartRanges::MultipartRanges(const ByteRanges& ranges, std::uint64_t size,
                                             std::string_view content_type,
                                             std::string_view boundary) noexcept
    : ranges_(ranges), size_(size), content_type_(content_type), boundary_(boundary) {
  WEIR_ASSERT(is_plain_boundary(boundary) && size <= INT64_MAX);
  for ([[maybe_unused]] const char c : content_type) WEIR_ASSERT(is_value(c));
  // "\r\n--" boundary "\r\n", the fields, "\r\n"; the first without the leading "\r\n".
  std::uint64_t fixed = 4 + boundary.size() + 2 + detail::kPartRange.size() +
                        std::string_view("bytes -/\r\n\r\n").size() + detail::digits_of(size);
  if (!content_type.empty()) fixed += detail::kPartType.size() + content_type.size() + 2;
  for (const ByteRange& range : ranges)
    content_length_ +=
        fixed + detail::digits_of(range.first) + detail::digits_of(range.last) + range.size();
  if (ranges.size() != 0) content_length_ -= 2;
  content_length_ += 4 + boundary.size() + 4;
}

WEIR_INLINE std::string MultipartRanges::content_type() const {
  return std::string("multipart/byteranges; boundary=").append(boundary_);
}

WEIR_INLINE void MultipartRanges::append_head(std::size_t index, std::string& out) const {
  out.append(index == 0 ? "--" : "\r\n--").append(boundary_).append("\r\n");
  if (!content_type_.empty()) out.append(detail::kPartType).append(content_type_).append("\r\n");
  const ContentRange range(ranges_[index], size_);
  out.append(detail::kPartRange).append(range.text()).append("\r\n\r\n");
}

WEIR_INLINE void MultipartRanges::append_end(std::string& out) const {
  out.append("\r\n--").append(boundary_).append("--\r\n");
}

}  // namespace http
WEIR_END_NAMESPACE
