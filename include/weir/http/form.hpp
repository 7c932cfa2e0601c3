// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A body of application/x-www-form-urlencoded, decoded as a whole and within limits.
///
/// It reads as `QueryView` does (WHATWG URL §5.1): '+' is a space, an escape that is none stays as
/// it is, UTF-8 whatever a charset parameter says. So nothing is malformed; only limits refuse.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/http/index_iterator.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

struct FormLimits {
  /// Fields of a form; 413. Each takes 24 bytes besides its text, and `a&a&a…` has one in two bytes
  /// of the body.
  std::uint32_t fields = 1000;

  /// Bytes of a decoded name; 413.
  std::uint32_t name = 1024;

  /// Bytes of a decoded value; 413. The body's own limit comes first.
  std::uint32_t value = 1024 * 1024;
};

enum class FormError : std::uint8_t {
  none,
  too_many_fields,  ///< FormLimits::fields; 413
  name_too_long,    ///< FormLimits::name; 413
  value_too_long,   ///< FormLimits::value; 413
};

/// The status that answers `error`; Status::ok for FormError::none.
WEIR_API Status status_of(FormError error) noexcept;

/// A short English clause for logs and error answers. It quotes nothing of what the peer sent.
WEIR_API std::string_view message_of(FormError error) noexcept;

/// A field, decoded: any bytes. Views into the Form.
struct FormField {
  std::string_view name;
  std::string_view value;
};

/// The decoded fields in the order in which they came. Views live until the form is parsed anew,
/// moved or destroyed.
class WEIR_API Form {
 public:
  using iterator = IndexIterator<Form>;

  /// Replaces the fields by those of `body`. With an error there are none. Throws std::bad_alloc.
  FormError parse(std::string_view body, const FormLimits& limits = {});

  std::size_t size() const noexcept { return items_.size(); }
  bool empty() const noexcept { return items_.empty(); }
  FormField operator[](std::size_t index) const noexcept;
  iterator begin() const noexcept { return {this, 0}; }
  iterator end() const noexcept { return {this, size()}; }

  /// The value of the first field `name`, or nothing. Names match exactly.
  std::optional<std::string_view> get(std::string_view name) const noexcept;

  /// The values of all fields `name`, as of check boxes.
  std::vector<std::string_view> all(std::string_view name) const;

 private:
  struct Item {  // the name lies at `name`, its value behind it
    std::size_t name;
    std::size_t value;
    std::size_t end;
  };

  std::string text_;
  std::vector<Item> items_;
};

/// Whether a Content-Type says that the content is such a form, whatever its parameters.
WEIR_API bool is_urlencoded_form(std::string_view content_type) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/form.ipp>
#endif
