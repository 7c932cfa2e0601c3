// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <optional>
#include <weir/http/accept_encoding.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/fields.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// Parts a name, which may be anything, from its weight in thousandths (RFC 9110 §12.5.3); nothing
/// when what is behind the name is no weight. Not by split_weight(), to which an unreadable weight
/// is 0.
WEIR_INLINE std::optional<std::uint16_t> read_coding(std::string_view element,
                                                     std::string_view& name) noexcept {
  const std::size_t semicolon = element.find(';');
  name = trim(element.substr(0, semicolon));
  if (semicolon == std::string_view::npos) return std::uint16_t{1000};
  const std::string_view weight = trim(element.substr(semicolon + 1));
  if (weight.size() < 2 || to_lower(weight[0]) != 'q' || weight[1] != '=') return std::nullopt;
  return parse_weight(weight.substr(2));
}

}  // namespace detail

WEIR_INLINE AcceptedCodings::AcceptedCodings(const RequestHead& head) noexcept {
  for (const std::string_view line : FieldValues(head, KnownField::accept_encoding)) add_line(line);
}

WEIR_INLINE void AcceptedCodings::add_line(std::string_view value) noexcept {
  has_line_ = true;
  while (!value.empty()) {
    const std::string_view element = detail::next_member(value);
    if (element.empty()) continue;  // RFC 9110 §5.6.1.2
    has_element_ = true;
    std::string_view name;
    const std::optional<std::uint16_t> weight = detail::read_coding(element, name);
    if (!weight) continue;
    std::uint16_t* const slot = slot_of(name);
    if (slot == nullptr && !is_token(name)) continue;
    is_readable_ = true;
    if (slot != nullptr) *slot = std::min(*slot, *weight);
  }
}

/// Where the weight of `name` is kept, if it is one of ours.
WEIR_INLINE std::uint16_t* AcceptedCodings::slot_of(std::string_view name) noexcept {
  const auto slot = [this, name](std::string_view wanted, ContentCoding coding) {
    return equals_ignoring_case(name, wanted) ? &weights_[static_cast<std::size_t>(coding)]
                                              : nullptr;
  };
  switch (name.size()) {  // a browser names four codings in each request
    case 1:
      return name == "*" ? &any_ : nullptr;
    case 2:
      return slot("br", ContentCoding::br);
    case 4:
      return to_lower(name[0]) == 'g' ? slot("gzip", ContentCoding::gzip)
                                      : slot("zstd", ContentCoding::zstd);
    case 6:
      return slot("x-gzip", ContentCoding::gzip);  // RFC 9110 §8.4.1.3
    case 8:
      return slot("identity", ContentCoding::identity);
    default:
      return nullptr;
  }
}

WEIR_INLINE std::uint16_t AcceptedCodings::weight(ContentCoding coding) const noexcept {
  const auto from = [](std::uint16_t thousandths) {
    return static_cast<std::uint16_t>(thousandths == 0 ? 0 : thousandths + 1);
  };
  const bool is_identity = coding == ContentCoding::identity;
  if (!is_said()) return is_identity ? 2 : 1;
  const std::uint16_t said = weights_[static_cast<std::size_t>(coding)];
  if (said != kUnsaid) return from(said);
  if (is_identity) return any_ == 0 ? 0 : 1;
  return any_ == kUnsaid ? 0 : from(any_);
}

WEIR_INLINE CodingChoice AcceptedCodings::choose(const CodingOffer& offer) const noexcept {
  CodingChoice best;
  std::uint16_t best_weight = 0;
  for (const ContentCoding coding : offer) {
    const std::uint16_t its = weight(coding);
    if (its <= best_weight) continue;
    best.coding = coding;
    best_weight = its;
  }
  best.acceptable = best_weight != 0;
  return best;
}

}  // namespace http
WEIR_END_NAMESPACE
