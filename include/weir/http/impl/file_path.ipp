// SPDX-License-Identifier: MIT
#pragma once
#include <array>
#include <weir/http/file_path.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/target.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

inline constexpr std::string_view kWellKnown = ".well-known";

constexpr std::array<bool, 256> make_plain_table() noexcept {
  std::array<bool, 256> table{};
  for (unsigned c = 0x20; c < 0x7f; ++c) table[c] = c != '\\' && c != '%';
  return table;
}
/// What needs no second look in a file's name.
inline constexpr std::array<bool, 256> kPlainInName = make_plain_table();

/// What is wrong with the byte at `at`, which is not plain; of a segment's first high byte also
/// whether all of them are UTF-8.
WEIR_INLINE FilePathError check_byte(std::string_view segment, std::size_t at,
                                     bool& is_known_utf8) noexcept {
  const auto byte = static_cast<unsigned char>(segment[at]);
  if (segment[at] == kEncodedSlash) return FilePathError::encoded_slash;
  if (segment[at] == '%')
    return percent_octet(segment.substr(at)) == '/' ? FilePathError::encoded_slash
                                                    : FilePathError::none;
  if (byte < 0x80) return FilePathError::bad_character;
  if (!is_known_utf8 && !is_utf8(segment)) return FilePathError::bad_utf8;
  is_known_utf8 = true;
  // U+0080 to U+009F.
  const bool is_c1 = byte == 0xC2 && static_cast<unsigned char>(segment[at + 1]) < 0xA0;
  return is_c1 ? FilePathError::bad_character : FilePathError::none;
}

/// What is wrong with one segment, but for its being hidden. A '/' is no part of a longer UTF-8
/// sequence, so that each can be checked by itself.
WEIR_INLINE FilePathError check_segment(std::string_view segment) noexcept {
  if (segment.empty()) return FilePathError::empty_segment;
  if (segment.size() > kMaxSegment) return FilePathError::too_long;
  if (segment == "." || segment == "..") return FilePathError::dot_segment;
  bool is_known_utf8 = false;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (WEIR_LIKELY(kPlainInName[static_cast<unsigned char>(segment[i])])) continue;
    const FilePathError error = check_byte(segment, i, is_known_utf8);
    if (error != FilePathError::none) return error;
  }
  return FilePathError::none;
}

}  // namespace detail

WEIR_INLINE std::string_view message_of(FilePathError error) noexcept {
  switch (error) {
    case FilePathError::none:
      return "no error";
    case FilePathError::empty_segment:
      return "empty segment in a file path";
    case FilePathError::dot_segment:
      return "\".\" or \"..\" in a file path";
    case FilePathError::dot_file:
      return "hidden file";
    case FilePathError::bad_character:
      return "backslash or control character in a file path";
    case FilePathError::encoded_slash:
      return "encoded slash in a file path";
    case FilePathError::bad_utf8:
      return "file path that is not UTF-8";
    case FilePathError::too_long:
      return "file path that is too long";
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE FilePathError to_file_path(std::string_view param, DotFiles dot_files,
                                       FilePath& out) noexcept {
  out = {param, param.empty()};
  if (param.empty()) return FilePathError::none;
  if (param.size() > kMaxFilePath) return FilePathError::too_long;
  if (param.back() == '/') {
    out.wants_directory = true;
    param.remove_suffix(1);
    out.text = param;
  }
  for (std::size_t at = 0; at <= param.size();) {
    const std::size_t slash = param.find('/', at);
    const std::string_view segment = param.substr(at, slash - at);
    const FilePathError error = detail::check_segment(segment);
    if (error != FilePathError::none) return error;
    if (segment.front() == '.' && dot_files != DotFiles::allowed &&
        !(dot_files == DotFiles::well_known && at == 0 && segment == detail::kWellKnown))
      return FilePathError::dot_file;
    if (slash == std::string_view::npos) break;
    at = slash + 1;
  }
  return FilePathError::none;
}

}  // namespace http
WEIR_END_NAMESPACE
