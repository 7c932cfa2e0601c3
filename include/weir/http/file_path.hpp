// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// From what a `{path...}` parameter matched to a relative file path, or a refusal.
///
/// The one gate between a request and a file system, and on purpose a narrow one: it refuses what
/// normalise_path() has resolved already, and what no system call should ever have to judge. Behind
/// it the files are opened below their root all the same (RESOLVE_BENEATH): it knows no links.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Why a path names no file. All are answered with 404: what is hidden is not there.
enum class FilePathError : std::uint8_t {
  none,
  empty_segment,  ///< "//", or a '/' in front: an absolute path
  dot_segment,    ///< "." or ".."
  dot_file,       ///< a segment with a '.' in front
  bad_character,  ///< a backslash, a control character (C0, DEL, C1), NUL
  encoded_slash,  ///< "%2F" in the request, routed (kEncodedSlash) or shown ("%2F" in either case)
  bad_utf8,       ///< overlong, a surrogate, or otherwise not UTF-8 (RFC 3629)
  too_long,       ///< a segment of more than kMaxSegment bytes, or more than kMaxFilePath in all
};

/// One short English phrase, for logs.
WEIR_API std::string_view message_of(FilePathError error) noexcept;

inline constexpr std::size_t kMaxSegment = 255;    // bytes; NAME_MAX of Linux
inline constexpr std::size_t kMaxFilePath = 4095;  // bytes; PATH_MAX of Linux without its NUL

/// Whether names with a '.' in front can be reached.
enum class DotFiles : std::uint8_t {
  hidden,
  well_known,  ///< below ".well-known" at the front alone (RFC 8615)
  allowed,     ///< all but "." and ".."
};

/// A relative path with '/' between its segments.
struct FilePath {
  std::string_view text;         ///< no '/' at either end; empty: the root itself
  bool wants_directory = false;  ///< a '/' was behind it, or it is the root
};

/// Checks a decoded parameter, be it routed or shown (target.hpp). `out.text` views `param`; `out`
/// is defined only when the answer is `none`. No allocation.
WEIR_API FilePathError to_file_path(std::string_view param, DotFiles dot_files,
                                    FilePath& out) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/file_path.ipp>
#endif
