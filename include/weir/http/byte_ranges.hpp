// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Byte ranges (RFC 9110 §14): which bytes a Range field asks for, and how they are answered.
///
/// Reading a Range allocates nothing. What cannot be read is ignored, and the whole is sent, as
/// §14.2 allows: that is always right, and a client that sent nonsense would repeat it after a 416.
///
/// Against floods (§17.15) a request has at most kMaxRanges ranges, else the whole is sent; those
/// that overlap, or lie closer together than a part's head is long, become one (§15.3.7.2). So what
/// is sent is at most the representation once and kMaxRanges heads of parts, in whatever order the
/// ranges came, and the work is linear in the field.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/chars.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Bytes `first` to `last` of a representation, both included, counted from 0.
struct ByteRange {
  std::uint64_t first;
  std::uint64_t last;

  constexpr std::uint64_t size() const noexcept { return last - first + 1; }
};

inline constexpr std::size_t kMaxRanges = 16;  // more are no access pattern: RFC 9110 §17.15

struct RangeOptions {
  /// Ranges in a request, satisfiable or not; with more the whole is sent. At most kMaxRanges; 1 is
  /// no multipart answers, 0 no ranges at all.
  std::size_t max_ranges = kMaxRanges;
  /// Ranges with fewer bytes than this between them become one. About the length of a part's head
  /// (RFC 9110 §15.3.7.2); 0 joins only what overlaps.
  std::uint64_t merge_gap = 80;
};

/// What a Range field comes to for a representation of a certain size.
class WEIR_API ByteRanges {
 public:
  enum class Kind : std::uint8_t {
    whole,            ///< 200: there is no Range, or it is to be ignored
    partial,          ///< 206: one range, or several as multipart/byteranges
    not_satisfiable,  ///< 416, with ContentRange::unsatisfied()
  };

  /// No Range: the whole.
  ByteRanges() noexcept {}  // leaves items_ unset: it is written before it is read

  /// `range` is the field's value, `size` the representation's in bytes. Of an empty representation
  /// the whole is sent, whatever is asked for (RFC 9110 §14.2). A number that is too big for 64
  /// bits counts as the biggest.
  ByteRanges(std::string_view range, std::uint64_t size, const RangeOptions& options = {}) noexcept;

  Kind kind() const noexcept { return kind_; }

  /// At least one if partial, else none. Apart from each other, each within the representation, in
  /// the order in which the client named them (the first of those that were joined counts).
  std::size_t size() const noexcept { return count_; }
  const ByteRange& operator[](std::size_t index) const noexcept {
    WEIR_ASSERT(index < count_);
    return items_[index];
  }
  const ByteRange* begin() const noexcept { return items_; }
  const ByteRange* end() const noexcept { return items_ + count_; }

  /// Bytes of all ranges together, never more than the representation has.
  std::uint64_t total() const noexcept {
    std::uint64_t bytes = 0;
    for (const ByteRange& range : *this) bytes += range.size();
    return bytes;
  }

 private:
  void add(ByteRange range, std::uint64_t merge_gap) noexcept;

  ByteRange items_[kMaxRanges];
  std::uint8_t count_ = 0;  // invariant: above 0 if and only if partial
  Kind kind_ = Kind::whole;
};

/// The value of a Content-Range field (RFC 9110 §14.4).
class WEIR_API ContentRange {
 public:
  /// `bytes 0-499/1234`, for a 206 of a single range.
  ContentRange(ByteRange range, std::uint64_t size) noexcept;

  /// `bytes */1234`, for a 416.
  static ContentRange unsatisfied(std::uint64_t size) noexcept;

  /// Lives as long as this.
  std::string_view text() const noexcept { return {text_, length_}; }

 private:
  ContentRange() noexcept {}

  char text_[6 + 3 * 20 + 2];
  std::uint8_t length_ = 0;
};

/// Whether `text` can part a multipart body and needs no quotes in Content-Type: 1 to 70 bytes (RFC
/// 2046 §5.1.1) that are letters, digits or "+-._" (some clients misread quotes, RFC 9110 §14.6).
constexpr bool is_plain_boundary(std::string_view text) noexcept {
  if (text.empty() || text.size() > 70) return false;
  for (const char c : text)
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.' && c != '_') return false;
  return true;
}

/// The content of a 206 with several ranges (RFC 9110 §14.6): heads of parts, between which the
/// ranges' bytes stand. Its length is known without a byte of them.
///
///     for (std::size_t i = 0; i < ranges.size(); ++i) {
///       parts.append_head(i, text);  // … then the bytes of ranges[i]
///     }
///     parts.append_end(text);
///
/// Keeps views of all it is given.
class WEIR_API MultipartRanges {
 public:
  /// `ranges` are of a representation of `size` bytes, at most 2^63 − 1. `content_type` is that of
  /// the representation, a valid field value (empty: it has none). `boundary` passes
  /// is_plain_boundary() and must not occur in the content: 128 random bits, new for each answer,
  /// as whoever can foresee it may write parts of his own into a file.
  MultipartRanges(const ByteRanges& ranges, std::uint64_t size, std::string_view content_type,
                  std::string_view boundary) noexcept;

  /// What Content-Type says of the whole answer, which has no Content-Range (RFC 9110 §15.3.7.2).
  std::string content_type() const;

  /// Bytes of all heads, ranges and the end.
  std::uint64_t content_length() const noexcept { return content_length_; }

  /// Appends what stands before the bytes of range `index`.
  void append_head(std::size_t index, std::string& out) const;
  /// Appends what stands behind the bytes of the last range.
  void append_end(std::string& out) const;

 private:
  const ByteRanges& ranges_;
  std::uint64_t size_;
  std::string_view content_type_;
  std::string_view boundary_;
  std::uint64_t content_length_ = 0;
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/byte_ranges.ipp>
#endif
