// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What Router::files() serves, and how.
///
/// Thread: a value.
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/http/file_path.hpp>

WEIR_BEGIN_NAMESPACE

using http::DotFiles;

struct FileOptions {
  /// The file that answers for a directory; empty: none does.
  std::string index = "index.html";

  /// Whether a directory without an index is answered with a page of its entries, at most
  /// `listing_entries` of them.
  bool listing = false;
  std::size_t listing_entries = 1000;

  /// Whether "app.js.br", "app.js.zst" and "app.js.gz" are sent in place of "app.js" to those who
  /// take the coding. One that is older than the file itself is not.
  bool precompressed = true;

  /// The value of Cache-Control; empty: no such field.
  std::string cache_control{};

  /// A file, as a path below the directory, that is sent for paths where there is none to those who
  /// ask for text/html: a single-page application's page. Empty: they are answered 404.
  std::string fallback{};

  /// Names with a '.' in front.
  DotFiles dot_files = DotFiles::hidden;

  /// Extensions and their media types, in front of those of the system and the built-in table.
  std::vector<std::pair<std::string, std::string>> types{};

  /// The system's table; empty: none. That it is missing is no error.
  std::string system_types = "/etc/mime.types";

  /// Files that are kept open, or in memory, between requests; 0: none. The least used go first.
  std::size_t cached_files = 1024;

  /// Descriptors that are kept open for those of them that are too large for memory; a file has one
  /// for itself and one for each coding. Never more than an eighth of RLIMIT_NOFILE, which
  /// connections need as well; 0: such files are opened for each request.
  std::size_t cached_open_files = 256;

  /// Bytes of files that are kept in memory, all together, and of one at most. Larger ones are sent
  /// from the kernel's memory by sendfile(2).
  std::size_t cached_bytes = 32 * 1024 * 1024;
  std::size_t cached_file_bytes = 64 * 1024;

  /// How long a file that is kept is taken to be what it was, before a request looks again; 0: it
  /// is looked at for each request.
  std::chrono::milliseconds revalidate{1000};

  /// Ranges that a request may ask for; with more it gets the whole. At most 16; 0: no ranges.
  std::size_t max_ranges = 16;

  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  void check() const;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/file_options.ipp>
#endif
