// SPDX-License-Identifier: MIT
#pragma once
#include <weir/http/form.hpp>
#include <weir/http/media_type.hpp>
#include <weir/http/query.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE Status status_of(FormError error) noexcept {
  return error == FormError::none ? Status::ok : Status::content_too_large;
}

WEIR_INLINE std::string_view message_of(FormError error) noexcept {
  switch (error) {
    case FormError::none:
      return "no error";
    case FormError::too_many_fields:
      return "too many fields in a form";
    case FormError::name_too_long:
      return "a form field's name is too long";
    case FormError::value_too_long:
      return "a form field's value is too long";
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE FormError Form::parse(std::string_view body, const FormLimits& limits) {
  text_.clear();
  items_.clear();
  const auto fail = [this](FormError error) {
    text_.clear();
    items_.clear();
    return error;
  };
  text_.reserve(body.size());  // what is decoded is no longer than what it was
  for (const QueryItem& encoded : QueryView(body)) {
    if (items_.size() == limits.fields) return fail(FormError::too_many_fields);
    Item item{text_.size(), 0, 0};
    form_decode(encoded.name, text_);
    item.value = text_.size();
    if (item.value - item.name > limits.name) return fail(FormError::name_too_long);
    form_decode(encoded.value, text_);
    item.end = text_.size();
    if (item.end - item.value > limits.value) return fail(FormError::value_too_long);
    items_.push_back(item);
  }
  return FormError::none;
}

WEIR_INLINE FormField Form::operator[](std::size_t index) const noexcept {
  const Item& item = items_[index];
  const std::string_view text = text_;
  return {text.substr(item.name, item.value - item.name),
          text.substr(item.value, item.end - item.value)};
}

WEIR_INLINE std::optional<std::string_view> Form::get(std::string_view name) const noexcept {
  for (const FormField field : *this)
    if (field.name == name) return field.value;
  return std::nullopt;
}

WEIR_INLINE std::vector<std::string_view> Form::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const FormField field : *this)
    if (field.name == name) values.push_back(field.value);
  return values;
}

WEIR_INLINE bool is_urlencoded_form(std::string_view content_type) noexcept {
  const std::optional<MediaType> media = parse_media_type(content_type);
  return media && media->is("application", "x-www-form-urlencoded");
}

}  // namespace http
WEIR_END_NAMESPACE
