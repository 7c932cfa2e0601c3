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

/// The fast path over a plain request line that lies whole at the buffer's start. Gives where the
/// next line starts, or `line`, which is then the state machine's, when there is anything that it
/// does not know.
[[gnu::always_inline]] inline const char* take_request_line(const char* line, const char* end,
                                                            RequestHead& head,
                                                            const Limits& limits) noexcept {
  constexpr std::string_view kVersion = " HTTP/1.";
  if (WEIR_UNLIKELY(end - line < 16)) return line;

  std::size_t method_size = 3;
  Method method = Method::get;
  if (WEIR_UNLIKELY(std::memcmp(line, "GET ", 4) != 0)) {
    const char* const stop = scan_token(line, line, end);
    method_size = static_cast<std::size_t>(stop - line);
    if (method_size == 0 || stop == end || *stop != ' ') return line;
    method = method_from({line, method_size});
    if (method == Method::connect) return line;
  }

  const char* const target = line + method_size + 1;
  if (target == end || *target != '/') return line;  // other forms are looked at in full
  const char* path_end = scan_plain_path(line, target, end);
  while (path_end != end && *path_end == '.' && path_end[-1] != '/')
    path_end = scan_plain_path(line, path_end + 1, end);
  const char* target_end = path_end;
  if (WEIR_UNLIKELY(path_end != end && *path_end != ' ')) {
    target_end = scan_target(line, path_end, end);
    if (*path_end != '?') path_end = target;  // an escape, perhaps: not known to be plain
  }

  if (end - target_end < static_cast<std::ptrdiff_t>(kVersion.size() + 3)) return line;
  if (std::memcmp(target_end, kVersion.data(), kVersion.size()) != 0) return line;
  const char* const minor = target_end + kVersion.size();
  if ((*minor | 1) != '1' || std::memcmp(minor + 1, "\r\n", 2) != 0) return line;
  if (minor + 1 - line > static_cast<std::ptrdiff_t>(limits.request_line)) return line;

  head.method = method;
  head.method_text.size = static_cast<std::uint32_t>(method_size);
  head.target = {static_cast<std::uint32_t>(target - line),
                 static_cast<std::uint32_t>(target_end - target)};
  head.plain_path = static_cast<std::uint32_t>(path_end - target);
  head.minor_version = *minor == '1';
  return minor + 3;
}

#if defined(WEIR_HTTP_SCAN_BLOCKS)

/// A field name in front of its colon; kNotPlain is longer than any line.
struct PlainName {
  std::ptrdiff_t size;
  KnownField id;
};
inline constexpr PlainName kNotPlain = {std::numeric_limits<std::ptrdiff_t>::max(),
                                        KnownField::none};

/// The name in a line that has no colon in its first block.
[[gnu::noinline]] inline PlainName long_name(const char* line, const char* line_end) noexcept {
  const char* const colon = scan_colon(line, line, line_end);
  const std::ptrdiff_t size = colon - line;
  if (colon == line_end || size > kMaxNameSize) return kNotPlain;
  const KnownField id = known_field_from({line, static_cast<std::size_t>(size)});
  if (id == KnownField::none && scan_token(line, line, colon) != colon) return kNotPlain;
  return {size, id};
}

#include <weir/http/impl/field_lines.ipp>

#if defined(WEIR_HTTP_WIDE_BLOCKS)

WEIR_HTTP_BEGIN_WIDE
namespace wide {
#include <weir/http/impl/field_lines.ipp>  // NOLINT(readability-duplicate-include): a text

/// The same out of line, for callers that are compiled for any CPU.
[[gnu::noinline]] inline const char* take_many_field_lines(const char* line, const char* end,
                                                           const char* bound, RequestHead& head,
                                                           std::size_t most,
                                                           std::size_t longest) noexcept {
  return take_field_lines(line, end, bound, head, most, longest);
}

}  // namespace wide
WEIR_HTTP_END_WIDE

/// From how many bytes on a call of wide::take_many_field_lines() pays. Less in a checked build, so
/// that tests and fuzzers reach it with small heads.
#if defined(WEIR_CHECKED)
inline constexpr std::ptrdiff_t kWideFrom = 2 * wide::kBlock;
#else
inline constexpr std::ptrdiff_t kWideFrom = 384;
#endif

#endif  // WEIR_HTTP_WIDE_BLOCKS
#endif  // WEIR_HTTP_SCAN_BLOCKS

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
  const std::uint64_t bit = bit_of(id) & ~bit_of(KnownField::none);
  if ((head.present & bit) == 0)
    head.first[static_cast<std::size_t>(id)] = static_cast<std::uint16_t>(index);
  head.repeated |= head.present & bit;
  head.present |= bit;
}

/// Field lines that `head` may have.
inline std::uint32_t most_fields(const RequestHead& head, const Limits& limits) noexcept {
  return std::min({limits.field_count, head.field_capacity, kMaxFieldCount});
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
};

WEIR_INLINE RequestParser::Result RequestParser::parse(const char* data, std::size_t size,
                                                       RequestHead& head,
                                                       const Limits& limits) noexcept {
  head.base = data;
  size = std::min<std::size_t>(size, std::numeric_limits<std::uint32_t>::max());
  WEIR_ASSERT(state_ >= State::complete || size >= pos_);

  const char* const end = data + size;
  const char* p = data + pos_;
  [[maybe_unused]] std::uint32_t last_size = 0;
  if (WEIR_LIKELY(state_ == State::start && pos_ == 0)) {
    last_size = head.size;
    head.clear();
    p = detail::take_request_line(p, end, head, limits);
    if (WEIR_LIKELY(p != data)) {
      fields_ = static_cast<std::uint32_t>(p - data);
      state_ = State::field_start;
    }
  }
  for (bool more = true; more;) {
#if defined(WEIR_HTTP_SCAN_BLOCKS)
    if (WEIR_LIKELY(state_ == State::field_start && end - data >= detail::kBlock)) {
      const char* const bound =
          data + std::min<std::uint64_t>(size, std::uint64_t{fields_} + limits.all_fields);
      const std::uint32_t most = detail::most_fields(head, limits);
#if defined(WEIR_HTTP_WIDE_BLOCKS)
      // What follows may be other requests. One head is like the last one: if that was small, this
      // is.
      const bool is_small = last_size != 0 && last_size < detail::kWideFrom;
      if (!is_small && end - p >= detail::kWideFrom && detail::has_wide_blocks())
        p = detail::wide::take_many_field_lines(p, end, bound, head, most, limits.field);
#endif
      p = detail::take_field_lines(p, end, bound, head, most, limits.field);
      if (WEIR_LIKELY(end - p >= 2 && std::memcmp(p, "\r\n", 2) == 0)) {
        end_of_head(head, static_cast<std::uint32_t>(p + 2 - data));
        break;
      }
    }
#endif
    Input in{data, p, end, head, limits};
    more = run(in);
    p = in.p;
  }

  if (WEIR_LIKELY(state_ == State::complete))
    return {Result::Kind::complete, ParseError::none, pos_};
  if (state_ == State::failed) return {Result::Kind::failed, error_, pos_};
  pos_ = static_cast<std::uint32_t>(p - data);
  return {};
}

/// Goes on to the next field line. False when there is none: without bytes, at the end, or failed.
WEIR_INLINE bool RequestParser::run(Input& in) noexcept {
  bool more = true;
  do {
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
  } while (more && state_ != State::field_start);
  return more;
}

WEIR_COLD WEIR_INLINE bool RequestParser::fail(ParseError error, std::size_t at) noexcept {
  state_ = State::failed;
  error_ = error;
  pos_ = static_cast<std::uint32_t>(at);
  return false;
}

inline bool RequestParser::on_start(Input& in) noexcept {
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

inline bool RequestParser::on_start_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  ++in.p;
  state_ = State::start;
  return true;
}

inline bool RequestParser::is_above_line_limit(Input& in) noexcept {
  const std::uint64_t most = std::uint64_t{line_} + in.limits.request_line;
  if (in.at() <= most) return false;
  fail(ParseError::request_line_too_long, static_cast<std::size_t>(most));
  return true;
}

inline bool RequestParser::on_method(Input& in) noexcept {
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

inline bool RequestParser::on_target(Input& in) noexcept {
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

inline bool RequestParser::on_version(Input& in) noexcept {
  for (; part_ < detail::kVersionForm.size(); ++part_, ++in.p) {
    if (in.is_empty()) return false;
    const char wanted = detail::kVersionForm[part_];
    if (wanted == 'd' ? !is_digit(*in.p) : *in.p != wanted)
      return fail(ParseError::bad_version, in.at());
  }
  return end_of_version(in);
}

inline bool RequestParser::end_of_version(Input& in) noexcept {
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

inline bool RequestParser::on_line_end(Input& in) noexcept {
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

inline bool RequestParser::on_line_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  ++in.p;
  end_of_request_line(in);
  return true;
}

inline void RequestParser::end_of_request_line(Input& in) noexcept {
  fields_ = in.at();
  state_ = State::field_start;
}

inline bool RequestParser::on_field_start(Input& in) noexcept {
  if (in.is_empty()) return false;
  const char c = *in.p;
  if (c == '\r') {
    ++in.p;
    state_ = State::head_lf;
    return on_head_lf(in);
  }
  if (c == '\n') {
    if (!in.limits.allow_bare_lf) return fail(ParseError::bare_lf, in.at());
    ++in.p;
    return end_of_head(in.head, in.at());
  }
  if (is_space(c))
    return fail(
        in.head.field_count == 0 ? ParseError::space_before_first_field : ParseError::obs_fold,
        in.at());
  if (c == ':') return fail(ParseError::empty_name, in.at());
  if (in.head.field_count >= detail::most_fields(in.head, in.limits))
    return fail(ParseError::too_many_fields, in.at());
  line_ = in.at();
  state_ = State::name;
  return true;
}

inline bool RequestParser::is_above_field_limit(Input& in) noexcept {
  std::uint64_t longest = in.limits.field;
  if (state_ == State::name) longest = std::min<std::uint64_t>(longest, detail::kMaxNameSize);
  const std::uint64_t most = line_ + longest;
  const std::uint64_t most_all = std::uint64_t{fields_} + in.limits.all_fields;
  if (in.at() <= std::min(most, most_all)) return false;
  fail(most <= most_all ? ParseError::field_too_long : ParseError::fields_too_long,
       static_cast<std::size_t>(std::min(most, most_all)));
  return true;
}

inline bool RequestParser::on_name(Input& in) noexcept {
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

inline bool RequestParser::on_value(Input& in) noexcept {
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

inline bool RequestParser::on_value_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  return end_of_field(in);
}

/// `in.p` is at the LF.
inline bool RequestParser::end_of_field(Input& in) noexcept {
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

inline bool RequestParser::on_head_lf(Input& in) noexcept {
  if (in.is_empty()) return false;
  if (*in.p != '\n') return fail(ParseError::bare_cr, in.at());
  ++in.p;
  return end_of_head(in.head, in.at());
}

inline bool RequestParser::end_of_head(RequestHead& head, std::uint32_t at) noexcept {
  head.size = at;
  const ParseError error = detail::interpret_fields(head);
  if (WEIR_UNLIKELY(error != ParseError::none)) return fail(error, at);
  pos_ = at;
  state_ = State::complete;
  return false;
}

}  // namespace http
WEIR_END_NAMESPACE
