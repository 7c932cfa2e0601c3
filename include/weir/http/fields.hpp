// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Reading the values of fields: lists, parameters, weights (RFC 9110 §5.6).
///
/// Everything is a view into the value and lives as long as it; nothing is allocated, copied or
/// changed. Broken syntax never fails: what cannot be read is skipped or not found, because a field
/// of a peer that means nothing must not cost the request.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/chars.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// The elements of a comma-separated list, found one at a time: `for (std::string_view e :
/// ListView(v))`.
///
/// Elements come without the whitespace around them; empty ones are skipped (RFC 9110 §5.6.1.2). A
/// comma inside a quoted string parts nothing; a quoted string without an end reaches to the end.
class WEIR_API ListView {
 public:
  class WEIR_API iterator {
   public:
    iterator() noexcept = default;
    explicit iterator(std::string_view rest) noexcept : rest_(rest) { advance(); }

    std::string_view operator*() const noexcept { return element_; }
    iterator& operator++() noexcept {
      advance();
      return *this;
    }
    /// Only a comparison with end() means anything.
    bool operator==(const iterator& other) const noexcept {
      return element_.empty() == other.element_.empty();
    }
    bool operator!=(const iterator& other) const noexcept { return !(*this == other); }

   private:
    void advance() noexcept;

    std::string_view rest_;     // what has not been walked yet
    std::string_view element_;  // empty: the end, since elements never are
  };

  explicit ListView(std::string_view list) noexcept : list_(list) {}
  iterator begin() const noexcept { return iterator(list_); }
  iterator end() const noexcept { return {}; }

 private:
  std::string_view list_;
};

namespace detail {

/// Takes the next member off a list in which no quoted string has a meaning, trimmed; it may be
/// empty (RFC 9110 §5.6.1).
WEIR_API std::string_view next_member(std::string_view& list) noexcept;

}  // namespace detail

/// Whether one element of `list` is `token`, whatever the case: `list_contains("gzip, br", "BR")`.
WEIR_API bool list_contains(std::string_view list, std::string_view token) noexcept;

/// The value of the first parameter `name` behind the first ';' of `value`, as in
/// `text/html; charset=utf-8` (RFC 9110 §5.6.6). Names match without regard to case. Of a quoted
/// string what is between the quotes, its backslashes kept.
WEIR_API std::optional<std::string_view> parameter(std::string_view value,
                                                   std::string_view name) noexcept;

/// A weight in thousandths, `"0.5"` is 500 (RFC 9110 §12.4.2); nothing when it is none.
WEIR_API std::optional<std::uint16_t> parse_weight(std::string_view text) noexcept;

/// One element of Accept, Accept-Encoding and their like.
struct Weighted {
  std::string_view value;       ///< without the weight; parameters before it are kept
  std::uint16_t weight = 1000;  ///< thousandths; 0 is "not acceptable"
};

/// Parts an element from its weight: `text/html;level=1;q=0.7` is `text/html;level=1` and 700. No
/// weight is 1000, one that cannot be read is 0.
WEIR_API Weighted split_weight(std::string_view element) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/fields.ipp>
#endif
