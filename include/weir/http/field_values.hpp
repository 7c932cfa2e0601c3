// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The values of all lines of one field, in the order of the lines (RFC 9110 §5.3).
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/known_field.hpp>
#include <weir/http/request_head.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

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

}  // namespace http
WEIR_END_NAMESPACE
