// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// From a file's name to its media type: a table of our own, and those of a system.
///
/// A type is what Content-Type says, `text/html; charset=utf-8`. Text is UTF-8 (nearly all that is
/// served is); JSON and XML say nothing, as their own rules find the encoding (RFC 8259 §8.1, RFC
/// 7303 §3).
///
/// Thread: any; a MimeTypes that is still being filled its owner's.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// What a file of no known kind is (RFC 2046 §4.5.1).
inline constexpr std::string_view kUnknownMediaType = "application/octet-stream";

/// The extension in the last segment of `path`, without its dot: "gz" of "/a/b.tar.gz". Empty where
/// there is none; ".profile" has none, it is a name.
constexpr std::string_view extension_of(std::string_view path) noexcept {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  return name.substr(dot + 1);
}

/// The type of an extension (without its dot, in either case) in the built-in table, which has
/// those that the web uses; else empty. No allocation.
WEIR_API std::string_view built_in_media_type(std::string_view extension) noexcept;

/// The built-in table, and in front of it whatever else was read.
class WEIR_API MimeTypes {
 public:
  /// The most of a table that is looked at, in bytes: systems have some 100 KiB.
  static constexpr std::size_t kMaxTable = 4 * 1024 * 1024;

  /// Adds a table in the format of /etc/mime.types, given as text: lines of a type and any number
  /// of extensions, parted by white space; what is behind a '#' at the front of a word is a
  /// comment. Says how many extensions it found.
  ///
  /// Whatever is no type or no extension is skipped; so is a type without extensions. A text type
  /// without parameters gets `; charset=utf-8`. Of an extension named twice the last line counts,
  /// in earlier tables too.
  std::size_t add_table(std::string_view text);

  /// Gives one extension a type, which is a valid Content-Type value and is taken as it is, but for
  /// a text type's charset. Throws std::invalid_argument for what is no type or no extension.
  void add(std::string_view extension, std::string_view type);

  /// The type of an extension, in either case and without its dot; empty when no table has it.
  /// Lives as long as this and until something is added.
  std::string_view find(std::string_view extension) const noexcept;

  /// That of a file's name or path, or kUnknownMediaType.
  std::string_view find_for_path(std::string_view path) const noexcept {
    const std::string_view type = find(extension_of(path));
    return type.empty() ? kUnknownMediaType : type;
  }

 private:
  struct Place {  // in text_
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  struct Entry {
    Place extension;
    Place type;
  };
  std::string_view view(Place place) const noexcept {
    return std::string_view(text_).substr(place.begin, place.size);
  }
  Place keep_type(std::string_view type);
  void add_entry(std::string_view extension, Place type);
  void sort();

  std::string text_;            // types, and extensions in lower case
  std::vector<Entry> entries_;  // invariant: in order of extensions, each once, but while adding
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/mime_types.ipp>
#endif
