// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <weir/http/chars.hpp>
#include <weir/http/media_type.hpp>
#include <weir/http/multipart_parser.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/scan.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE Status status_of(MultipartError error) noexcept {
  switch (error) {
    case MultipartError::none:
      return Status::ok;
    case MultipartError::not_form_data:
      return Status::unsupported_media_type;
    case MultipartError::bad_content_type:
    case MultipartError::missing_boundary:
    case MultipartError::repeated_boundary:
    case MultipartError::bad_boundary:
    case MultipartError::preamble_too_long:
    case MultipartError::bad_delimiter:
    case MultipartError::padding_too_long:
    case MultipartError::epilogue_too_long:
    case MultipartError::truncated:
    case MultipartError::bad_field:
    case MultipartError::obs_fold:
    case MultipartError::bare_lf:
    case MultipartError::bare_cr:
    case MultipartError::bad_value:
    case MultipartError::missing_disposition:
    case MultipartError::bad_disposition:
    case MultipartError::missing_name:
    case MultipartError::repeated_parameter:
    case MultipartError::repeated_field:
    case MultipartError::bad_content_encoding:
      return Status::bad_request;
    case MultipartError::too_many_parts:
    case MultipartError::header_too_long:
    case MultipartError::too_many_fields:
    case MultipartError::name_too_long:
    case MultipartError::filename_too_long:
      return Status::content_too_large;
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE std::string_view message_of(MultipartError error) noexcept {
  switch (error) {
    case MultipartError::none:
      return "no error";
    case MultipartError::not_form_data:
      return "the content is no multipart/form-data";
    case MultipartError::bad_content_type:
      return "the Content-Type is no media type";
    case MultipartError::missing_boundary:
      return "the Content-Type has no boundary";
    case MultipartError::repeated_boundary:
      return "the Content-Type has more than one boundary";
    case MultipartError::bad_boundary:
      return "the boundary is not 1 to 70 of the characters that it may hold";
    case MultipartError::preamble_too_long:
      return "too much text before the first part of the form";
    case MultipartError::bad_delimiter:
      return "a line that begins with the boundary is no delimiter";
    case MultipartError::padding_too_long:
      return "too many blanks behind a boundary";
    case MultipartError::epilogue_too_long:
      return "too much text behind the end of the form";
    case MultipartError::truncated:
      return "the form has no end";
    case MultipartError::too_many_parts:
      return "the form has too many parts";
    case MultipartError::header_too_long:
      return "the header of a part is too long";
    case MultipartError::too_many_fields:
      return "the header of a part has too many fields";
    case MultipartError::bad_field:
      return "a line in the header of a part is no field";
    case MultipartError::obs_fold:
      return "a folded line in the header of a part";
    case MultipartError::bare_lf:
      return "LF without CR in the header of a part";
    case MultipartError::bare_cr:
      return "CR without LF in the header of a part";
    case MultipartError::bad_value:
      return "a control byte in the header of a part";
    case MultipartError::missing_disposition:
      return "a part without Content-Disposition";
    case MultipartError::bad_disposition:
      return "a part's Content-Disposition is no well-formed form-data";
    case MultipartError::missing_name:
      return "a part without a name";
    case MultipartError::repeated_parameter:
      return "a part with two names or two file names";
    case MultipartError::repeated_field:
      return "a part with two Content-Dispositions or two Content-Types";
    case MultipartError::name_too_long:
      return "the name of a part is too long";
    case MultipartError::filename_too_long:
      return "the file name of a part is too long";
    case MultipartError::bad_content_encoding:
      return "a part with a Content-Transfer-Encoding that form data does not have";
  }
  WEIR_UNREACHABLE();
}

namespace detail {

constexpr bool is_boundary_char(char c) noexcept {
  return is_digit(c) || is_alpha(c) || contains("'()+_,-./:=? ", static_cast<unsigned char>(c));
}

WEIR_INLINE std::string delimiter_of(std::string_view boundary) {
  if (!is_boundary(boundary))
    throw std::invalid_argument("weir::http::MultipartParser: the boundary is none");
  return std::string("\r\n--").append(boundary);
}

/// Where `delimiter` begins in [p, end), or a part of it that reaches to `end`; or `end`.
///
/// Whole ones are looked for by their first and last byte at once: in text each line has a CR, but
/// hardly one has the boundary's last byte that far behind it.
inline const char* find_delimiter(const char* p, const char* end,
                                  std::string_view delimiter) noexcept {
  const auto size = static_cast<std::ptrdiff_t>(delimiter.size());
#if defined(WEIR_HTTP_SCAN_BLOCKS)
  for (; end - p >= size - 1 + kBlock; p += kBlock) {
    BlockMask mask = to_mask(
        both(equals(load_block(p), '\r'), equals(load_block(p + size - 1), delimiter.back())));
    for (; WEIR_UNLIKELY(mask != 0); mask = without_first(mask)) {
      const char* const at = p + first_of(mask);
      if (at[1] == '\n' && at[2] == '-' && std::memcmp(at, delimiter.data(), delimiter.size()) == 0)
        return at;
    }
  }
#endif
  while (p != end) {
    const void* const cr = std::memchr(p, '\r', static_cast<std::size_t>(end - p));
    if (cr == nullptr) return end;
    p = static_cast<const char*>(cr);
    if (std::memcmp(p, delimiter.data(), static_cast<std::size_t>(std::min(size, end - p))) == 0)
      return p;
    ++p;
  }
  return end;
}

/// A backslash escapes a quote and a backslash, and is text before anything else.
WEIR_INLINE std::string_view unescape_in_place(char* text, std::size_t size) noexcept {
  std::size_t out = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (text[i] == '\\' && i + 1 < size && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    text[out++] = text[i];
  }
  return {text, out};
}

/// Whether Windows takes a file of this name, with any extension, for a device.
WEIR_INLINE bool is_device_name(std::string_view name) noexcept {
  const std::string_view stem = name.substr(0, name.find('.'));
  for (const std::string_view device : {"con", "prn", "aux", "nul"})
    if (equals_ignoring_case(stem, device)) return true;
  return stem.size() == 4 && stem[3] >= '1' && stem[3] <= '9' &&
         (equals_ignoring_case(stem.substr(0, 3), "com") ||
          equals_ignoring_case(stem.substr(0, 3), "lpt"));
}

}  // namespace detail

WEIR_INLINE bool is_boundary(std::string_view boundary) noexcept {
  if (boundary.empty() || boundary.size() > kMaxBoundary || boundary.back() == ' ') return false;
  for (const char c : boundary)
    if (!detail::is_boundary_char(c)) return false;
  return true;
}

WEIR_INLINE MultipartError read_boundary(std::string_view content_type, std::string& boundary) {
  boundary.clear();
  if (trim(content_type).empty()) return MultipartError::not_form_data;
  const std::optional<MediaType> media = parse_media_type(content_type);
  if (!media) return MultipartError::bad_content_type;
  if (!media->is("multipart", "form-data")) return MultipartError::not_form_data;
  const std::size_t count = media->count("boundary");
  if (count == 0) return MultipartError::missing_boundary;
  if (count > 1) return MultipartError::repeated_boundary;
  unquote(*media->parameter("boundary"), boundary);
  if (is_boundary(boundary)) return MultipartError::none;
  boundary.clear();
  return MultipartError::bad_boundary;
}

WEIR_INLINE MultipartParser::MultipartParser(std::string_view boundary,
                                             const MultipartLimits& limits)
    : limits_(limits), delimiter_(detail::delimiter_of(boundary)) {
  begin_search(State::preamble);
}

/// The line end before a delimiter is part of it, and at either place where a search begins one has
/// gone before: the start of the body stands for it, or the header's empty line is it.
WEIR_INLINE void MultipartParser::begin_search(State state) noexcept {
  state_ = state;
  matched_ = given_ = 2;
}

WEIR_INLINE void MultipartParser::begin_header() noexcept {
  state_ = State::line;
  header_.clear();
  part_ = {};
  disposition_ = content_type_ = {};
  line_ = 0;
  header_bytes_ = fields_ = 0;
}

WEIR_INLINE void MultipartParser::fail(MultipartError error, Progress& progress) noexcept {
  state_ = State::failed;
  error_ = progress.error = error;
  progress.event = Event::error;
}

WEIR_INLINE MultipartParser::Progress MultipartParser::step(const char* in, std::size_t size) {
  Progress progress;
  const char* p = in;
  const char* const end = in + size;
  if (state_ == State::failed) fail(error_, progress);
  while (p != end && progress.event == Event::none) {
    switch (state_) {
      case State::preamble:
      case State::data:
        p = search(p, end, progress);
        break;
      case State::header:
        begin_header();
        break;
      case State::line:
        p = on_line(in, p, end, progress);
        break;
      case State::behind:
      case State::padding:
      case State::delimiter_lf:
      case State::close_dash:
      case State::line_lf:
      case State::close_padding:
      case State::close_lf:
        on_framing(*p, progress);
        if (WEIR_LIKELY(progress.event != Event::error)) ++p;
        break;
      case State::epilogue: {
        const auto rest = static_cast<std::size_t>(end - p);
        const std::size_t room = limits_.epilogue - outside_;
        if (rest > room) fail(MultipartError::epilogue_too_long, progress);
        outside_ += static_cast<std::uint32_t>(std::min(rest, room));
        p += std::min(rest, room);
        break;
      }
      case State::failed:
        WEIR_UNREACHABLE();
    }
  }
  progress.consumed = static_cast<std::size_t>(p - in);
  return progress;
}

/// Reads on to the end of the next delimiter, of the input, or of what has to be handed out before.
WEIR_INLINE const char* MultipartParser::search(const char* p, const char* end,
                                                Progress& progress) {
  const char* const delimiter = delimiter_.data();
  if (matched_ != 0) {
    const auto size = std::min(delimiter_.size() - matched_, static_cast<std::size_t>(end - p));
    if (std::memcmp(p, delimiter + matched_, size) == 0) {
      return on_match(p, size);
    }
    // None of these bytes but the first is a CR: no delimiter begins among them.
    const std::string_view held(delimiter + given_, static_cast<std::size_t>(matched_ - given_));
    matched_ = given_ = 0;
    hand_out(held, progress);
    if (progress.event != Event::none) return p;
  }
  const char* const at = detail::find_delimiter(p, end, delimiter_);
  hand_out({p, static_cast<std::size_t>(at - p)}, progress);
  if (progress.event == Event::error) return p;
  return on_match(at, std::min(delimiter_.size(), static_cast<std::size_t>(end - at)));
}

/// `size` bytes at `p` go on with the delimiter.
WEIR_INLINE const char* MultipartParser::on_match(const char* p, std::size_t size) noexcept {
  matched_ = static_cast<std::uint8_t>(matched_ + size);
  if (matched_ == delimiter_.size()) state_ = State::behind;
  return p + size;
}

/// What no delimiter is: content, or what comes before the first part.
WEIR_INLINE void MultipartParser::hand_out(std::string_view bytes, Progress& progress) noexcept {
  if (bytes.empty()) return;
  if (state_ == State::data) {
    progress.event = Event::data;
    progress.data = bytes;
    return;
  }
  if (bytes.size() > limits_.preamble - outside_)
    return fail(MultipartError::preamble_too_long, progress);
  outside_ += static_cast<std::uint32_t>(bytes.size());
}

WEIR_INLINE void MultipartParser::on_framing(char c, Progress& progress) {
  switch (state_) {
    case State::behind:
      padding_ = 0;
      if (c == '-') {
        state_ = State::close_dash;
        return;
      }
      state_ = State::padding;
      [[fallthrough]];
    case State::padding:
    case State::close_padding:
      if (c == '\r') {
        state_ = state_ == State::padding ? State::delimiter_lf : State::close_lf;
        return;
      }
      if (!is_space(c)) break;
      if (padding_ == kMaxTransportPadding) return fail(MultipartError::padding_too_long, progress);
      ++padding_;
      return;
    case State::delimiter_lf:
      if (c != '\n') break;
      if (parts_ != 0) progress.event = Event::part_end;
      state_ = State::header;
      return;
    case State::close_dash:
      if (c != '-') break;
      if (parts_ != 0) progress.event = Event::part_end;
      state_ = State::close_padding;
      return;
    case State::close_lf:
      if (c != '\n') break;
      outside_ = 0;
      state_ = State::epilogue;
      return;
    case State::line_lf:
      return on_line_end(c, progress);
    case State::preamble:
    case State::data:
    case State::header:
    case State::line:
    case State::failed:
    case State::epilogue:
      WEIR_UNREACHABLE();  // step() takes these
  }
  fail(MultipartError::bad_delimiter, progress);
}

WEIR_INLINE const char* MultipartParser::on_line(const char* in, const char* p, const char* end,
                                                 Progress& progress) {
  const char* const stop = scan_value(in, p, end);
  const auto size = static_cast<std::size_t>(stop - p);
  const std::size_t room = limits_.header_bytes - header_bytes_;
  if (size > room || (size == room && stop != end)) {
    fail(MultipartError::header_too_long, progress);
    return p + room;
  }
  header_.append(p, size);
  header_bytes_ += static_cast<std::uint32_t>(size);
  if (stop == end) return end;
  if (*stop != '\r') {
    fail(*stop == '\n' ? MultipartError::bare_lf : MultipartError::bad_value, progress);
    return stop;
  }
  ++header_bytes_;
  state_ = State::line_lf;
  return stop + 1;
}

WEIR_INLINE void MultipartParser::on_line_end(char c, Progress& progress) {
  MultipartError error = MultipartError::none;
  if (header_bytes_ == limits_.header_bytes) {
    error = MultipartError::header_too_long;
  } else if (c != '\n') {
    error = MultipartError::bare_cr;
  } else if (header_.size() != line_) {
    ++header_bytes_;
    state_ = State::line;
    error = on_field();
  } else {
    begin_search(State::data);
    progress.event = Event::part;
    error = on_header_end();
  }
  if (error != MultipartError::none) fail(error, progress);
}

/// The line that header_ ends with stays there when it matters, and goes when not.
WEIR_INLINE MultipartError MultipartParser::on_field() {
  if (fields_ == limits_.header_fields) return MultipartError::too_many_fields;
  ++fields_;
  const std::string_view line = std::string_view(header_).substr(line_);
  if (is_space(line.front())) return MultipartError::obs_fold;
  std::string_view rest = line;
  const std::string_view name = detail::take_token(rest);
  if (name.empty() || rest.empty() || rest.front() != ':') return MultipartError::bad_field;
  const std::string_view value = trim(rest.substr(1));

  Span* kept = nullptr;
  if (equals_ignoring_case(name, "content-disposition"))
    kept = &disposition_;
  else if (equals_ignoring_case(name, "content-type"))
    kept = &content_type_;
  if (kept == nullptr) {
    const bool plain = !equals_ignoring_case(name, "content-transfer-encoding") ||
                       equals_ignoring_case(value, "binary") ||
                       equals_ignoring_case(value, "8bit") || equals_ignoring_case(value, "7bit");
    header_.resize(line_);
    return plain ? MultipartError::none : MultipartError::bad_content_encoding;
  }
  if (kept->at != 0) return MultipartError::repeated_field;
  kept->at = static_cast<std::size_t>(value.data() - header_.data());
  kept->size = value.size();
  line_ = header_.size();
  return MultipartError::none;
}

WEIR_INLINE MultipartError MultipartParser::on_header_end() {
  if (parts_ == limits_.parts) return MultipartError::too_many_parts;
  ++parts_;
  if (disposition_.at == 0) return MultipartError::missing_disposition;
  const std::string_view header = header_;
  const MultipartError error = read_disposition(header.substr(disposition_.at, disposition_.size));
  if (content_type_.at != 0)
    part_.content_type = header.substr(content_type_.at, content_type_.size);
  return error;
}

WEIR_INLINE MultipartError MultipartParser::read_disposition(std::string_view value) {
  if (!equals_ignoring_case(detail::take_token(value), "form-data"))
    return MultipartError::bad_disposition;
  std::optional<Parameter> name;
  std::optional<Parameter> filename;
  ParameterReader reader(value, ParameterReader::Ending::browser);
  for (Parameter found; reader.next(found);) {
    std::optional<Parameter>* kept = nullptr;
    if (equals_ignoring_case(found.name, "name"))
      kept = &name;
    else if (equals_ignoring_case(found.name, "filename"))
      kept = &filename;
    else
      continue;
    if (*kept) return MultipartError::repeated_parameter;
    *kept = found;
  }
  if (reader.malformed()) return MultipartError::bad_disposition;
  if (!name) return MultipartError::missing_name;

  const auto text_of = [this](const Parameter& parameter) {
    if (!parameter.quoted) return parameter.value;
    char* const text = header_.data() + (parameter.value.data() - header_.data());
    return detail::unescape_in_place(text, parameter.value.size());
  };
  part_.name = text_of(*name);
  if (part_.name.size() > limits_.name) return MultipartError::name_too_long;
  if (!filename) return MultipartError::none;
  part_.filename = text_of(*filename);
  return part_.filename->size() > limits_.filename ? MultipartError::filename_too_long
                                                   : MultipartError::none;
}

WEIR_INLINE MultipartError MultipartParser::finish() noexcept {
  if (state_ == State::close_padding || state_ == State::epilogue) return MultipartError::none;
  if (state_ != State::failed) error_ = MultipartError::truncated;
  state_ = State::failed;
  return error_;
}

WEIR_INLINE std::string undo_form_escapes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char byte = text.front();
    std::size_t size = 1;
    const int octet = byte == '%' ? percent_octet(text) : -1;
    if (octet == '"' || octet == '\r' || octet == '\n') {
      byte = static_cast<char>(octet);
      size = 3;
    }
    out.push_back(byte);
    text.remove_prefix(size);
  }
  return out;
}

WEIR_INLINE std::string safe_filename(std::string_view filename, std::string_view fallback) {
  constexpr std::size_t kLongest = 255;  // bytes that Linux's file systems take
  filename = filename.substr(filename.find_last_of("/\\") + 1);
  const bool unicode = is_utf8(filename);
  std::string name;
  for (const char c : filename) {
    const auto byte = static_cast<unsigned char>(c);
    const bool bad = byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !unicode) ||
                     detail::contains("<>:\"|?*", byte);
    name.push_back(bad ? '_' : c);
  }
  const auto trim_ends = [&name] {
    name.erase(0, std::min(name.find_first_not_of(". "), name.size()));
    name.erase(name.find_last_not_of(". ") + 1);
  };
  trim_ends();
  if (detail::is_device_name(name)) name.insert(0, 1, '_');
  if (name.size() > kLongest) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0u) == 0x80) --end;
    name.resize(end);
    trim_ends();
  }
  return name.empty() ? std::string(fallback) : name;
}

}  // namespace http
WEIR_END_NAMESPACE
