// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// `a=1&b=2`: queries, and bodies of application/x-www-form-urlencoded, read where they lie.
///
/// Reads as browsers write (WHATWG URL §5.1): '+' is a space, and an escape that is none stays as
/// it is, so every text has a meaning and nothing is refused. Decoded values may hold any byte.
///
/// Thread: any.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// One `name=value`, still encoded. Without a '=' the value is empty.
struct QueryItem {
  std::string_view name;
  std::string_view value;
};

/// Appends the decoded `text` to `out`.
WEIR_API void form_decode(std::string_view text, std::string& out);
/// The same as a string of its own.
WEIR_API std::string form_decode(std::string_view text);

/// Whether the decoded form of `encoded` is `plain`. Allocates nothing.
WEIR_API bool form_equals(std::string_view encoded, std::string_view plain) noexcept;

/// The pairs of a query in order, found one at a time: `for (auto [name, value] : QueryView(q))`.
/// Empty pairs ("&&") are skipped. Views live as long as the text.
class WEIR_API QueryView {
 public:
  class WEIR_API iterator {
   public:
    iterator() noexcept = default;
    explicit iterator(std::string_view rest) noexcept : rest_(rest), done_(false) { advance(); }

    const QueryItem& operator*() const noexcept { return item_; }
    const QueryItem* operator->() const noexcept { return &item_; }
    iterator& operator++() noexcept {
      advance();
      return *this;
    }
    /// Only a comparison with end() means anything.
    bool operator==(const iterator& other) const noexcept { return done_ == other.done_; }
    bool operator!=(const iterator& other) const noexcept { return done_ != other.done_; }

   private:
    void advance() noexcept;

    std::string_view rest_;
    QueryItem item_;
    bool done_ = true;
  };

  explicit QueryView(std::string_view text) noexcept : text_(text) {}
  iterator begin() const noexcept { return iterator(text_); }
  iterator end() const noexcept { return {}; }

  /// The still encoded value of the first pair whose decoded name is `name`, or nothing.
  std::optional<std::string_view> raw(std::string_view name) const noexcept;
  /// The decoded value of the first pair whose decoded name is `name`, or nothing.
  std::optional<std::string> get(std::string_view name) const;
  /// Whether there is such a pair.
  bool contains(std::string_view name) const noexcept { return raw(name).has_value(); }

 private:
  std::string_view text_;
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/query.ipp>
#endif
