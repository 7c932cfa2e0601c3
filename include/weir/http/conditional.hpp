// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Conditional requests (RFC 9110 §13): entity tags, and what a request's preconditions come to.
///
/// Nothing is allocated. Broken syntax never fails a request by itself: an element of a list that
/// is no entity tag matches nothing, a date that is none is as if it were not there.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/known_field.hpp>
#include <weir/http/request_head.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// An entity tag (RFC 9110 §8.8.3): `"x"`, or weak, `W/"x"`.
struct EntityTag {
  std::string_view opaque;  ///< what is between the quotes, which may be nothing
  bool weak = false;
};

/// Reads exactly one entity tag. The "W/" is upper case; a backslash is a byte like any other.
WEIR_API std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept;

/// The value of an ETag field. Throws std::invalid_argument for bytes that no entity tag has:
/// quotes, white space, control characters.
WEIR_API std::string to_string(const EntityTag& tag);

/// Both are strong and the same (RFC 9110 §8.8.3.2): for ranges and against lost updates.
constexpr bool matches_strongly(const EntityTag& a, const EntityTag& b) noexcept {
  return !a.weak && !b.weak && a.opaque == b.opaque;
}
/// They are the same but for their weakness: for caches.
constexpr bool matches_weakly(const EntityTag& a, const EntityTag& b) noexcept {
  return a.opaque == b.opaque;
}

/// The entity tag of a file, from what the system says of it: `"18a2f3c49d0e7b00-1f4"`.
///
/// Two states of one file have different tags unless a write left both its time and its size as
/// they were. The inode is no part of it, so that mirrors of one tree agree.
class WEIR_API FileTag {
 public:
  /// `modified` is in nanoseconds since 1970, as fine as the file system has it; `size` in bytes.
  /// `coding`, a token of at most kMaxCoding bytes, tells a coded representation from the plain one
  /// (RFC 9110 §8.8.3.3); empty: none. `weak` where a file may still change within the grain of its
  /// time.
  FileTag(std::int64_t modified, std::uint64_t size, std::string_view coding = {},
          bool weak = false) noexcept;

  static constexpr std::size_t kMaxCoding = 8;

  /// The value of ETag; lives as long as this.
  std::string_view text() const noexcept { return {text_, size_}; }

 private:
  char text_[2 + 1 + 16 + 1 + 16 + 1 + kMaxCoding + 1];
  std::uint8_t size_ = 0;
};

/// What preconditions are compared with: the selected representation's state (RFC 9110 §13.2).
struct Representation {
  /// Whether there is one. Not for a GET that is answered 404: an answer that is neither 2xx nor
  /// 412 ignores preconditions (RFC 9110 §13.2.1). For a PUT that would make a resource.
  bool exists = true;
  /// The value of ETag; what is no entity tag counts as none, which nothing matches.
  std::string_view etag = {};
  /// Unix seconds, what Last-Modified says; nothing: unknown, and dates are ignored.
  std::optional<std::int64_t> last_modified = {};
};

/// What the preconditions of a request come to.
struct Preconditions {
  enum class Outcome : std::uint8_t {
    serve,         ///< perform the method
    not_modified,  ///< 304
    failed,        ///< 412
  };
  Outcome outcome = Outcome::serve;
  /// Range is there, on one line, in a GET, and If-Range lets it count. Only with `serve`. Whether
  /// it makes sense is for ByteRanges to say.
  bool use_range = false;
};

/// 200 for `serve`.
constexpr Status status_of(Preconditions::Outcome outcome) noexcept {
  switch (outcome) {
    case Preconditions::Outcome::serve:
      return Status::ok;
    case Preconditions::Outcome::not_modified:
      return Status::not_modified;
    case Preconditions::Outcome::failed:
      return Status::precondition_failed;
  }
  WEIR_UNREACHABLE();
}

namespace detail {

inline constexpr std::uint64_t kConditionalFields =
    bit_of(KnownField::if_match) | bit_of(KnownField::if_unmodified_since) |
    bit_of(KnownField::if_none_match) | bit_of(KnownField::if_modified_since) |
    bit_of(KnownField::range);  // If-Range means nothing without Range (RFC 9110 §13.1.5)

WEIR_API Preconditions evaluate_fields(const RequestHead& head,
                                       const Representation& representation,
                                       std::int64_t now) noexcept;

}  // namespace detail

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since and If-Range in the
/// order of RFC 9110 §13.2.2. `now` is the server's clock, in Unix seconds.
///
/// - Several lines of If-Match or If-None-Match are one list. "*" counts only as the whole value:
///   among others it is broken syntax (§13.1.1) and matches nothing.
/// - A date field on several lines, or that is no HTTP-date, is ignored (§13.1.3, §13.1.4). All
///   three forms are dates; one that lies in the future is a date like any other.
/// - If-Range with a date needs it to be Last-Modified exactly, and that second to be over: else
///   the representation may have changed twice in it, and the validator is weak (§8.8.2.2). A weak
///   tag, a broken value and several lines make Range not count: the whole is always right.
/// - CONNECT, OPTIONS and TRACE have no preconditions (§13.2.1); only GET has ranges (§14.2).
inline Preconditions evaluate_preconditions(const RequestHead& head,
                                            const Representation& representation,
                                            std::int64_t now) noexcept {
  if (WEIR_LIKELY((head.present & detail::kConditionalFields) == 0)) return {};
  return detail::evaluate_fields(head, representation, now);
}

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/conditional.ipp>
#endif
