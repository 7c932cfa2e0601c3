// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Files that are part of the program: what weir_embed() of CMake makes, for Router::files().
///
/// ```cmake
/// weir_embed(shop assets)
/// ```
/// ```cpp
/// #include <weir/embedded/assets.hpp>
/// server.files("/static", weir::embedded::assets());
/// ```
///
/// Thread: any; values that view what never changes.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE

/// One file. Everything viewed lives as long as the program.
struct EmbeddedFile {
  std::string_view path;   ///< relative to the directory, with '/' between its segments
  std::string_view bytes;  ///< sent without being copied
  std::string_view etag;   ///< the value of ETag: strong, and another one for other bytes
};

/// All files of one directory, in any order.
class EmbeddedFiles {
 public:
  constexpr EmbeddedFiles() noexcept = default;

  /// `count` files from `first`, which live as long as the program. `modified`, in Unix seconds, is
  /// Last-Modified of all of them; nothing: they have none, and ETag alone says what changed.
  constexpr EmbeddedFiles(const EmbeddedFile* first, std::size_t count,
                          std::optional<std::int64_t> modified = {}) noexcept
      : first_(first), count_(count), modified_(modified) {}

  constexpr const EmbeddedFile* begin() const noexcept { return first_; }
  constexpr const EmbeddedFile* end() const noexcept { return first_ + count_; }
  constexpr std::size_t size() const noexcept { return count_; }
  constexpr bool empty() const noexcept { return count_ == 0; }
  constexpr std::optional<std::int64_t> modified() const noexcept { return modified_; }

  /// The file with exactly this path, or null. Looks at each.
  constexpr const EmbeddedFile* find(std::string_view path) const noexcept {
    for (const EmbeddedFile& file : *this)
      if (file.path == path) return &file;
    return nullptr;
  }

 private:
  const EmbeddedFile* first_ = nullptr;
  std::size_t count_ = 0;
  std::optional<std::int64_t> modified_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/embedded_files.ipp>
#endif
