// SPDX-License-Identifier: MIT
#pragma once
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <weir/http/chars.hpp>
#include <weir/http/conditional.hpp>
#include <weir/http/date.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

/// etagc (RFC 9110 §8.8.3): visible ASCII but the quote, and bytes above 0x7f.
constexpr bool is_tag_octet(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f && byte != '"';
}

/// Cuts an entity tag off the front of `rest`, or leaves it as it is.
WEIR_INLINE bool take_tag(std::string_view& rest, EntityTag& out) noexcept {
  const std::size_t open = rest.substr(0, 2) == "W/" ? 2 : 0;
  if (open >= rest.size() || rest[open] != '"') return false;
  std::size_t close = open + 1;
  while (close < rest.size() && is_tag_octet(rest[close])) ++close;
  if (close == rest.size() || rest[close] != '"') return false;
  out.weak = open != 0;
  out.opaque = rest.substr(open + 1, close - open - 1);
  rest.remove_prefix(close + 1);
  return true;
}

/// Whether `matches` holds for an element of `list`. Not by ListView: there a backslash would hide
/// the quote behind it, and a tag may end in one.
template <class Matches>
bool any_tag(std::string_view list, Matches matches) noexcept {
  while (!list.empty()) {
    if (is_space(list.front()) || list.front() == ',') {
      list.remove_prefix(1);
      continue;
    }
    EntityTag tag;
    if (take_tag(list, tag)) {
      while (!list.empty() && is_space(list.front())) list.remove_prefix(1);
      if ((list.empty() || list.front() == ',') && matches(tag)) return true;
    }
    const std::size_t comma = list.find(',');
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma);
  }
  return false;
}

/// Whether If-Match or If-None-Match names the representation.
template <class Compare>
bool is_named(const RequestHead& head, KnownField field, const Representation& representation,
              Compare compare) noexcept {
  if (!representation.exists) return false;
  if (!head.is_repeated(field) && head.header(field) == "*") return true;
  const std::optional<EntityTag> own = parse_entity_tag(representation.etag);
  if (!own) return false;
  for (const std::string_view line : FieldValues(head, field))
    if (any_tag(line, [&](const EntityTag& tag) { return compare(tag, *own); })) return true;
  return false;
}

/// The date that a field says, or nothing where it has to be ignored.
WEIR_INLINE std::optional<std::int64_t> date_of(const RequestHead& head, KnownField field,
                                                std::int64_t now) noexcept {
  if (!head.has(field) || head.is_repeated(field)) return std::nullopt;
  return parse_date(head.header(field), now);
}

WEIR_INLINE bool allows_range(const RequestHead& head, const Representation& representation,
                              std::int64_t now) noexcept {
  if (!head.has(KnownField::if_range)) return true;
  if (head.is_repeated(KnownField::if_range)) return false;
  const std::string_view value = head.header(KnownField::if_range);
  // A quote among the first three bytes tells a tag from a date (RFC 9110 §13.1.5).
  if (value.substr(0, 3).find('"') != std::string_view::npos) {
    const std::optional<EntityTag> asked = parse_entity_tag(value);
    const std::optional<EntityTag> own = parse_entity_tag(representation.etag);
    return asked && own && matches_strongly(*asked, *own);
  }
  const std::optional<std::int64_t> modified = representation.last_modified;
  return modified && *modified < now && parse_date(value, now) == modified;
}

WEIR_INLINE Preconditions evaluate_fields(const RequestHead& head,
                                          const Representation& representation,
                                          std::int64_t now) noexcept {
  using Outcome = Preconditions::Outcome;
  const Method method = head.method;
  if (method == Method::connect || method == Method::options || method == Method::trace) return {};
  const bool reads = method == Method::get || method == Method::head;
  const bool has_date = representation.exists && representation.last_modified.has_value();
  const std::int64_t modified = representation.last_modified.value_or(0);

  // The steps of RFC 9110 §13.2.2.
  if (head.has(KnownField::if_match)) {
    if (!is_named(head, KnownField::if_match, representation, matches_strongly))
      return {Outcome::failed, false};
  } else if (has_date) {
    const auto since = date_of(head, KnownField::if_unmodified_since, now);
    if (since && modified > *since) return {Outcome::failed, false};
  }
  if (head.has(KnownField::if_none_match)) {
    if (is_named(head, KnownField::if_none_match, representation, matches_weakly))
      return {reads ? Outcome::not_modified : Outcome::failed, false};
  } else if (reads && has_date) {
    const auto since = date_of(head, KnownField::if_modified_since, now);
    if (since && modified <= *since) return {Outcome::not_modified, false};
  }
  // Range is no list: on two lines it is broken, and a broken one may be ignored (§14.2).
  const bool has_range = method == Method::get && representation.exists &&
                         head.has(KnownField::range) && !head.is_repeated(KnownField::range);
  return {Outcome::serve, has_range && allows_range(head, representation, now)};
}

}  // namespace detail

WEIR_INLINE std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept {
  EntityTag tag;
  if (!detail::take_tag(text, tag) || !text.empty()) return std::nullopt;
  return tag;
}

WEIR_INLINE std::string to_string(const EntityTag& tag) {
  for (const char c : tag.opaque)
    if (!detail::is_tag_octet(c))
      throw std::invalid_argument("entity tag with a byte that it may not hold");
  std::string text = tag.weak ? "W/\"" : "\"";
  text.append(tag.opaque).push_back('"');
  return text;
}

WEIR_INLINE FileTag::FileTag(std::int64_t modified, std::uint64_t size, std::string_view coding,
                             bool weak) noexcept {
  WEIR_ASSERT(coding.empty() || (coding.size() <= kMaxCoding && is_token(coding)));
  coding = coding.substr(0, kMaxCoding);
  char* out = text_;
  char* const end = text_ + sizeof text_;
  if (weak) {
    *out++ = 'W';
    *out++ = '/';
  }
  *out++ = '"';
  out = std::to_chars(out, end, static_cast<std::uint64_t>(modified), 16).ptr;
  *out++ = '-';
  out = std::to_chars(out, end, size, 16).ptr;
  if (!coding.empty()) {
    *out++ = '-';
    std::memcpy(out, coding.data(), coding.size());
    out += coding.size();
  }
  *out++ = '"';
  size_ = static_cast<std::uint8_t>(out - text_);
}

}  // namespace http
WEIR_END_NAMESPACE
