// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <weir/http/chars.hpp>
#include <weir/http/request_parser.hpp>
#include <weir/http/scan.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {
namespace detail {

inline constexpr std::uint32_t kMaxNameSize = std::numeric_limits<std::uint16_t>::max();
inline constexpr std::uint32_t kMaxFieldCount = std::numeric_limits<std::uint16_t>::max();
inline constexpr std::string_view kVersionForm = "HTTP/d.d";  // d: any digit

/// "http://" or "https://" and something behind it: the absolute-form of a server that is no proxy.
WEIR_INLINE bool is_absolute_form(std::string_view target) noexcept {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")})
    if (target.size() > scheme.size() &&
        equals_ignoring_case(target.substr(0, scheme.size()), scheme))
      return true;
  return false;
}

/// known_field_from() for a name whose bytes are known to be no control bytes but HTAB: then two
/// names that are equal with bit 0x20 set everywhere are equal but for case, and one compare of 16
/// bytes will do. `readable`: bytes that may be read from `name` on.
inline KnownField known_field_in_line(const char* name, std::size_t size,
                                      std::ptrdiff_t readable) noexcept {
#if defined(WEIR_HTTP_SCAN_BLOCKS)
  const bool is_short = size <= static_cast<std::size_t>(kBlock);
  if (WEIR_LIKELY(size - 2 <= kLongestKnownField - 2 && readable >= (is_short ? 1 : 2) * kBlock)) {
    const KnownFieldEntry& entry = known_field_candidate(name, size);
    if (entry.size != size) return KnownField::none;
    const auto same = [&](std::ptrdiff_t at) {
      return to_mask(equals(fold_case(load_block(name + at)), load_block(entry.lower + at)));
    };
    // The bytes behind the name do not count.
    if (is_short) return (~same(0) & first_bytes(size)) == 0 ? entry.id : KnownField::none;
    const BlockMask all = first_bytes(static_cast<std::size_t>(kBlock));
    const BlockMask rest = first_bytes(size - static_cast<std::size_t>(kBlock));
    return ((~same(0) & all) | (~same(kBlock) & rest)) == 0 ? entry.id : KnownField::none;
  }
#endif
  static_cast<void>(readable);
  return known_field_from({name, size});
}

/// Appends a field line to the index, which has room. `value` has no white space around it.
inline void add_field(RequestHead& head, const char* name, std::size_t name_size, KnownField id,
                      const char* value, const char* value_end) noexcept {
  const std::uint32_t index = head.field_count++;
  FieldIndex& field = head.fields[index];
  field.name = static_cast<std::uint32_t>(name - head.base);
  field.name_size = static_cast<std::uint16_t>(name_size);
  field.value = static_cast<std::uint32_t>(value - head.base);
  field.value_size = static_cast<std::uint32_t>(value_end - value);
  field.id = id;
  const std::uint64_t bit = (std::uint64_t{1} << static_cast<unsigned>(id)) & ~std::uint64_t{1};
  if ((head.present & bit) == 0)
    head.first[static_cast<std::size_t>(id)] = static_cast<std::uint16_t>(index);
  head.repeated |= head.present & bit;
  head.present |= bit;
}

}  // namespace detail

/// The bytes of one call. `p` is the next one to read.
struct RequestParser::Input {
  const char* begin;
  const char* p;
  const char* end;
  RequestHead& head;
  const Limits& limits;

  bool is_empty() const noexcept { return p == end; }
  std::uint32_t at() const noexcept { return static_cast<std::uint32_t>(p - begin); }
  std::string_view since(std::uint32_t offset) const noexcept {
    return {begin + offset, at() - offset};
  }
  std::uint32_t most_fields() const noexcept {
    return std::min({limits.field_count, head.field_capacity, detail::kMaxFieldCount});
  }
};

WEIR_INLINE RequestParser::Result RequestParser::parse(const char* data, std::size_t size,
                                                       RequestHead& head,
                                                       const Limits& limits) noexcept {
  head.base = data;
  size = std::min<std::size_t>(size, std::numeric_limits<std::uint32_t>::max());
  WEIR_ASSERT(state_ >= State::complete || size >= pos_);

  Input in{data, data + pos_, data + size, head, limits};
  if (state_ == State::start && pos_ == 0) {
    head.clear();
    take_request_line(in);
  }
  bool more = state_ < State::complete;
  while (more) {  // each step says whether to go on: not without bytes, nor at the end, nor failed
    switch (state_) {
      case State::start:
        more = on_start(in);
        break;
      case State::start_lf:
        more = on_start_lf(in);
        break;
      case State::method:
        more = on_method(in);
        break;
      case State::target:
        more = on_target(in);
        break;
      case State::version:
        more = on_version(in);
        break;
      case State::line_end:
        more = on_line_end(in);
        break;
      case State::line_lf:
        more = on_line_lf(in);
        break;
      case State::field_start:
        more = on_field_start(in);
        break;
      case State::name:
        more = on_name(in);
        break;
      case State::value:
        more = on_value(in);
        break;
      case State::value_lf:
        more = on_value_lf(in);
        break;
      case State::head_lf:
        more = on_head_lf(in);
        break;
      case State::complete:
      case State::failed:
        more = false;
        break;
    }
  }

  if (state_ == State::complete) return {Result::Kind::complete, ParseError::none, pos_};
  if (state_ == State::failed) return {Result::Kind::failed, error_, pos_};
  pos_ = in.at();
  return {};
}

WEIR_COLD WEIR_INLINE bool RequestParser::fail(ParseError error, std::size_t at) noexcept {
  state_ = State::failed;
  error_ = error;
  pos_ = static_cast<std::uint32_t>(at);
  return false;
}

/// The fast path over a plain request line that lies whole at the buffer's start. It moves nothing,
/// and leaves the line to the state machine, when there is anything that it does not know.
WEIR_INLINE void RequestParser::take_request_line(Input& in) noexcept {
  constexpr std::ptrdiff_t kVersionSize = 8;
  const char* const line = in.p;
  if (in.end - line < 16) return;
  RequestHead& head = in.head;

  std::size_t method_size = 0;
  Method method = Method::unknown;
  if (std::memcmp(line, "GET ", 4) == 0) {
    method_size = 3;
    method = Method::get;
  } else if (std::memcmp(line, "POST ", 5) == 0) {
    method_size = 4;
    method = Method::post;
  } else {
    const char* const stop = scan_token(in.begin, line, in.end);
    method_size = static_cast<std::size_t>(stop - line);
    if (method_size == 0 || stop == in.end || *stop != ' ') return;
    method = method_from({line, method_size});
    if (method == Method::connect) return;
  }

  const char* const target = line + method_size + 1;
  if (target == in.end || *target != '/') return;  // other forms are looked at in full
  const char* const target_end = scan_target(in.begin, target, in.end);
  if (in.end - target_end < kVersionSize + 3 || *target_end != ' ') return;
  const char* const version = target_end + 1;
  if (std::memcmp(version, "HTTP/1.", 7) != 0 || (version[7] != '0' && version[7] != '1')) return;
  if (version[8] != '\r' || version[9] != '\n') return;
  if (version + kVersionSize - line > static_cast<std::ptrdiff_t>(in.limits.request_line)) return;

  head.method = method;
  head.method_text = {0, static_cast<std::uint32_t>(method_size)};
  head.target = {static_cast<std::uint32_t>(target - in.begin),
                 static_cast<std::uint32_t>(target_end - target)};
  head.minor_version = version[7] == '1';
  in.p = version + kVersionSize + 2;
  end_of_request_line(in);
}

WEIR_INLINE bool RequestParser::on_start(Input& in) noexcept {
  if (in.is_empty()) return false;
  const char c = *in.p;
  if (WEIR_UNLIKELY(c == '\r' || c == '\n')) {
    if (part_ == kMaxEmptyLines) return fail(ParseError::too_many_empty_lines, in.at());
    if (c == '\n' && !in.limits.allow_bare_lf) return fail(ParseError::bare_lf, in.at());
    ++in.p;
    ++part_;
    if (c == '\r') state_ = State::start_lf;
    return true;
  }
  line_ = in.at();
  state_ = State::method;
  return true;
}

WEIR_INLINE bool RequestParser::on_start_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  ++in.p;
  state_ = State::start;
  return true;
}

WEIR_INLINE bool RequestParser::is_above_line_limit(Input& in) noexcept {
  const std::uint64_t most = std::uint64_t{line_} + in.limits.request_line;
  if (in.at() <= most) return false;
  fail(ParseError::request_line_too_long, static_cast<std::size_t>(most));
  return true;
}

WEIR_INLINE bool RequestParser::on_method(Input& in) noexcept {
  in.p = scan_token(in.begin, in.p, in.end);
  if (is_above_line_limit(in) || in.is_empty()) return false;
  const std::string_view name = in.since(line_);
  if (*in.p != ' ' || name.empty()) return fail(ParseError::bad_method, in.at());
  in.head.method = method_from(name);
  if (in.head.method == Method::connect) return fail(ParseError::connect_refused, in.at());
  in.head.method_text = {line_, static_cast<std::uint32_t>(name.size())};
  ++in.p;
  mark_ = in.at();
  state_ = State::target;
  return true;
}

WEIR_INLINE bool RequestParser::on_target(Input& in) noexcept {
  in.p = scan_target(in.begin, in.p, in.end);
  if (is_above_line_limit(in) || in.is_empty()) return false;
  const std::uint32_t size = in.at() - mark_;
  if (size != 0 && (*in.p == '\r' || *in.p == '\n'))
    return fail(ParseError::missing_version, in.at());
  if (size == 0 || *in.p != ' ') return fail(ParseError::bad_target, in.at());
  // The version's size is known, so that the line's is, too.
  if (std::uint64_t{in.at()} + 1 + detail::kVersionForm.size() - line_ > in.limits.request_line)
    return fail(ParseError::request_line_too_long, in.at());
  in.head.target = {mark_, size};
  ++in.p;
  part_ = 0;
  state_ = State::version;
  return true;
}

WEIR_INLINE bool RequestParser::on_version(Input& in) noexcept {
  for (; part_ < detail::kVersionForm.size(); ++part_, ++in.p) {
    if (in.is_empty()) return false;
    const char wanted = detail::kVersionForm[part_];
    if (wanted == 'd' ? !is_digit(*in.p) : *in.p != wanted)
      return fail(ParseError::bad_version, in.at());
  }
  return end_of_version(in);
}

WEIR_INLINE bool RequestParser::end_of_version(Input& in) noexcept {
  RequestHead& head = in.head;
  const char major = in.p[-3];
  const std::string_view target = head.target_text();
  const std::uint32_t last = in.at() - 1;
  if (major != '1') {
    const bool preface = major == '2' && head.method_name() == "PRI" && target == "*";
    return fail(preface ? ParseError::http2_preface : ParseError::unsupported_version, last);
  }
  head.minor_version = in.p[-1] != '0';
  const bool known_form = target.front() == '/' ||
                          (target == "*" && head.method == Method::options) ||
                          detail::is_absolute_form(target);
  if (!known_form) return fail(ParseError::bad_target_form, last);
  state_ = State::line_end;
  return true;
}

WEIR_INLINE bool RequestParser::on_line_end(Input& in) noexcept {
  if (in.is_empty()) return false;
  const char c = *in.p;
  if (c == '\n' && !in.limits.allow_bare_lf) return fail(ParseError::bare_lf, in.at());
  if (c != '\r' && c != '\n') return fail(ParseError::bad_version, in.at());
  ++in.p;
  if (c == '\r')
    state_ = State::line_lf;
  else
    end_of_request_line(in);
  return true;
}

WEIR_INLINE bool RequestParser::on_line_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  ++in.p;
  end_of_request_line(in);
  return true;
}

WEIR_INLINE void RequestParser::end_of_request_line(Input& in) noexcept {
  fields_ = in.at();
  state_ = State::field_start;
}

/// The fast path over field lines that lie whole in the buffer, up to the first that is not plain.
///
/// The end of a line is looked for from the line's start, not from its colon: so the next line's
/// place does not wait for this one's name, and the CPU works on several lines at once.
WEIR_INLINE void RequestParser::take_field_lines(Input& in) noexcept {
  RequestHead& head = in.head;
  const char* const begin = in.begin;
  const char* const end = in.end;
  const char* const first_line = begin + fields_;
  const std::uint32_t most = in.most_fields();
  const std::ptrdiff_t longest = in.limits.field;
  const std::ptrdiff_t longest_all = in.limits.all_fields;

  const char* line = in.p;
  while (head.field_count < most && line != end && *line != '\r') {
    const char* const line_end = scan_value(begin, line, end);
    const char* const colon = scan_colon(begin, line, end);
    if (end - line_end < 2 || line_end[0] != '\r' || line_end[1] != '\n') break;
    if (line_end - line > longest || line_end + 2 - first_line > longest_all || colon >= line_end)
      break;
    const std::size_t name_size = static_cast<std::size_t>(colon - line);
    const KnownField id = detail::known_field_in_line(line, name_size, end - line);
    if (id == KnownField::none && (name_size == 0 || name_size > detail::kMaxNameSize ||
                                   scan_token(begin, line, line_end) != colon))
      break;
    const char* value = colon + 1;
    const char* value_end = line_end;
    while (is_space(*value)) ++value;  // stops at the CR
    while (WEIR_UNLIKELY(is_space(value_end[-1])) && value_end != value) --value_end;
    detail::add_field(head, line, name_size, id, value, value_end);
    line = line_end + 2;
  }
  in.p = line;
}

WEIR_INLINE bool RequestParser::on_field_start(Input& in) noexcept {
  take_field_lines(in);
  if (in.is_empty()) return false;
  const char c = *in.p;
  if (WEIR_LIKELY(c == '\r')) {
    ++in.p;
    state_ = State::head_lf;
    return on_head_lf(in);
  }
  if (c == '\n') {
    if (!in.limits.allow_bare_lf) return fail(ParseError::bare_lf, in.at());
    ++in.p;
    return end_of_head(in);
  }
  if (is_space(c))
    return fail(
        in.head.field_count == 0 ? ParseError::space_before_first_field : ParseError::obs_fold,
        in.at());
  if (c == ':') return fail(ParseError::empty_name, in.at());
  if (in.head.field_count >= in.most_fields()) return fail(ParseError::too_many_fields, in.at());
  line_ = in.at();
  state_ = State::name;
  return true;
}

WEIR_INLINE bool RequestParser::is_above_field_limit(Input& in) noexcept {
  std::uint64_t longest = in.limits.field;
  if (state_ == State::name) longest = std::min<std::uint64_t>(longest, detail::kMaxNameSize);
  const std::uint64_t most = line_ + longest;
  const std::uint64_t most_all = std::uint64_t{fields_} + in.limits.all_fields;
  if (in.at() <= std::min(most, most_all)) return false;
  fail(most <= most_all ? ParseError::field_too_long : ParseError::fields_too_long,
       static_cast<std::size_t>(std::min(most, most_all)));
  return true;
}

WEIR_INLINE bool RequestParser::on_name(Input& in) noexcept {
  in.p = scan_token(in.begin, in.p, in.end);
  if (is_above_field_limit(in) || in.is_empty()) return false;
  const char c = *in.p;
  if (c != ':') {
    if (is_space(c)) return fail(ParseError::space_before_colon, in.at());
    const bool ends = c == '\r' || c == '\n';
    return fail(ends ? ParseError::missing_colon : ParseError::bad_name, in.at());
  }
  name_size_ = in.at() - line_;
  ++in.p;
  state_ = State::value;
  return true;
}

WEIR_INLINE bool RequestParser::on_value(Input& in) noexcept {
  in.p = scan_value(in.begin, in.p, in.end);
  if (is_above_field_limit(in) || in.is_empty()) return false;
  const char c = *in.p;
  end_ = in.at();
  if (c == '\r') {
    ++in.p;
    state_ = State::value_lf;
    return true;
  }
  if (c == '\n') {
    if (!in.limits.allow_bare_lf) return fail(ParseError::bare_lf, in.at());
    return end_of_field(in);
  }
  return fail(c == '\0' ? ParseError::nul_in_value : ParseError::bad_value, in.at());
}

WEIR_INLINE bool RequestParser::on_value_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  return end_of_field(in);
}

/// `in.p` is at the LF.
WEIR_INLINE bool RequestParser::end_of_field(Input& in) noexcept {
  ++in.p;
  // Until here the line end was not counted.
  if (in.at() - fields_ > in.limits.all_fields)
    return fail(ParseError::fields_too_long, in.at() - 1);
  const std::uint32_t value = line_ + name_size_ + 1;
  const std::string_view name(in.begin + line_, name_size_);
  const std::string_view text = trim({in.begin + value, end_ - value});
  detail::add_field(in.head, name.data(), name.size(), known_field_from(name), text.data(),
                    text.data() + text.size());
  state_ = State::field_start;
  return true;
}

WEIR_INLINE bool RequestParser::on_head_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  ++in.p;
  return end_of_head(in);
}

WEIR_INLINE bool RequestParser::end_of_head(Input& in) noexcept {
  in.head.size = in.at();
  const ParseError error = detail::interpret_fields(in.head);
  if (WEIR_UNLIKELY(error != ParseError::none)) return fail(error, in.at());
  pos_ = in.at();
  state_ = State::complete;
  return false;
}

}  // namespace http
WEIR_END_NAMESPACE
