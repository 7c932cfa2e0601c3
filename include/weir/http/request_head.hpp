// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a request line and its fields say: 32-bit offsets into bytes that somebody else owns.
///
/// A head owns nothing. `base` points at the bytes, `fields` at an index of the caller's, and both
/// may be moved: set the pointers anew and every view follows. The parser fills a head and works
/// out what the framing and connection fields mean, so that no one has to read them a second time.
///
/// Thread: a value; that of whoever owns the bytes.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/known_field.hpp>
#include <weir/http/method.hpp>
#include <weir/http/parse_error.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Bytes of a head, counted from its base.
struct Slice {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

/// One field line. Offsets count from the head's base; the value has no white space around it.
struct FieldIndex {
  std::uint32_t name = 0;
  std::uint32_t value = 0;
  std::uint32_t value_size = 0;
  std::uint16_t name_size = 0;
  KnownField id = KnownField::none;
};
static_assert(sizeof(FieldIndex) == 16, "a hundred fields are 1,600 bytes");

struct WEIR_API RequestHead {
  /// How the end of the body is found (RFC 9112 §6.3).
  enum class Framing : std::uint8_t {
    none,     ///< no body: neither Content-Length nor Transfer-Encoding
    length,   ///< `content_length` bytes, which may be zero
    chunked,  ///< Transfer-Encoding: chunked
  };

  const char* base = nullptr;        ///< set by each RequestParser::parse()
  FieldIndex* fields = nullptr;      ///< the caller's, with room for `field_capacity` lines
  std::uint32_t field_count = 0;     ///< lines indexed
  std::uint32_t field_capacity = 0;  ///< the caller's

  std::uint64_t present = 0;   ///< bit i: the KnownField i is there
  std::uint64_t repeated = 0;  ///< bit i: on more than one line
  std::uint64_t content_length = 0;

  Slice method_text;
  Slice target;  ///< as sent; its form has been told apart, its syntax not
  /// Bytes of the target's path, when they are known to be its routed form (target.hpp) and what is
  /// behind them is nothing or a query; else zero.
  std::uint32_t plain_path = 0;
  std::uint32_t size = 0;  ///< from base to behind the empty line, empty lines in front included
  Method method = Method::unknown;
  std::uint8_t minor_version = 1;  ///< 0 or 1; a higher minor version counts as 1 (RFC 9110 §2.5)

  // What the fields mean; valid when the parser has said `complete`.
  Framing framing = Framing::none;
  bool keep_alive = false;       ///< the client would send more requests (RFC 9112 §9.3)
  bool expect_continue = false;  ///< Expect: 100-continue, from an HTTP/1.1 client
  bool expect_unknown = false;   ///< another expectation: may be answered 417 (RFC 9110 §10.1.1)
  bool has_host = false;         ///< a Host line, which may be empty
  bool wants_upgrade = false;    ///< Upgrade, and Connection says so; never in HTTP/1.0

  std::uint16_t first[kKnownFieldCount];  ///< first line of a KnownField; only if in `present`

  std::string_view text(Slice slice) const noexcept { return {base + slice.begin, slice.size}; }
  std::string_view method_name() const noexcept {
    return {base + method_text.begin, method_text.size};
  }
  std::string_view target_text() const noexcept { return {base + target.begin, target.size}; }

  /// Name and value of line `i` < field_count, the name as it was sent.
  std::string_view name(std::size_t i) const noexcept {
    return {base + fields[i].name, fields[i].name_size};
  }
  std::string_view value(std::size_t i) const noexcept {
    return {base + fields[i].value, fields[i].value_size};
  }

  bool has(KnownField field) const noexcept {
    return (present >> static_cast<unsigned>(field) & 1u) != 0;
  }
  bool is_repeated(KnownField field) const noexcept {
    return (repeated >> static_cast<unsigned>(field) & 1u) != 0;
  }

  /// The value of the first such line, or an empty view. O(1).
  std::string_view header(KnownField field) const noexcept {
    return has(field) ? value(first[static_cast<std::size_t>(field)]) : std::string_view{};
  }

  /// The value of the first line called `name`, whatever the case, or an empty view. O(1) for known
  /// names, else a walk over the index.
  std::string_view header(std::string_view name) const noexcept;

  /// Forgets the message but not whose bytes and whose index these are.
  void clear() noexcept;
};

/// The values of all lines of one field, in the order of the lines (RFC 9110 §5.3):
/// `for (std::string_view line : FieldValues(head, KnownField::if_match))`. Views live as long as
/// the head's bytes. A field on one line, or none, costs no walk over the index.
class FieldValues {
 public:
  class iterator {
   public:
    iterator(const RequestHead* head, KnownField field, std::uint32_t line) noexcept
        : head_(head), line_(line), field_(field) {}

    std::string_view operator*() const noexcept { return head_->value(line_); }
    iterator& operator++() noexcept {
      const std::uint32_t count = head_->field_count;
      if (!head_->is_repeated(field_)) {
        line_ = count;
        return *this;
      }
      do {
        ++line_;
      } while (line_ < count && head_->fields[line_].id != field_);
      return *this;
    }
    bool operator==(const iterator& other) const noexcept { return line_ == other.line_; }
    bool operator!=(const iterator& other) const noexcept { return line_ != other.line_; }

   private:
    const RequestHead* head_;
    std::uint32_t line_;
    KnownField field_;
  };

  /// `field` is not KnownField::none.
  FieldValues(const RequestHead& head, KnownField field) noexcept : head_(&head), field_(field) {}

  iterator begin() const noexcept {
    const std::uint32_t first =
        head_->has(field_) ? head_->first[static_cast<std::size_t>(field_)] : head_->field_count;
    return {head_, field_, first};
  }
  iterator end() const noexcept { return {head_, field_, head_->field_count}; }

 private:
  const RequestHead* head_;
  KnownField field_;
};

namespace detail {

/// Works out what the indexed fields of a whole head mean together (Host, framing, persistence,
/// expectation, upgrade) and which rule they break. Needs `minor_version`, the index and its bit
/// sets.
WEIR_API ParseError interpret_fields(RequestHead& head) noexcept;

}  // namespace detail

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/request_head.ipp>
#endif
