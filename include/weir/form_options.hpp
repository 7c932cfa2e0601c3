// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a form may have, and where its files go.
#include <cstddef>
#include <cstdint>
#include <string>
#include <weir/config.hpp>
#include <weir/http/multipart_parser.hpp>

WEIR_BEGIN_NAMESPACE

/// The limits of a form; each is answered 413 when a form goes beyond it. Every one is per request:
/// a form takes at most `fields_bytes` + `memory_total` of memory, about 1 MiB while files are
/// written, and a little for each field and file.
struct WEIR_API FormOptions {
  /// Bytes of the whole body, as sent. The route's own limit (RouteOptions::body_limit) holds
  /// besides, and the smaller of the two counts. 0: the route's alone.
  std::uint64_t form_bytes = 64 * 1024 * 1024;

  /// Fields that are no files.
  std::uint32_t fields = 1000;

  /// Bytes of one field's value.
  std::uint32_t field_bytes = 64 * 1024;

  /// Bytes of all names and values together. Of an urlencoded form: of its body as sent.
  std::size_t fields_bytes = 1024 * 1024;

  /// Files.
  std::uint32_t files = 100;

  /// Bytes of one file; 0: as form_bytes allows.
  std::uint64_t file_bytes = 0;

  /// Bytes of a file up to which it is kept in memory; above it, it goes to a temporary file. 0:
  /// every file that is not empty goes to disk.
  std::size_t memory_limit = 64 * 1024;

  /// Bytes of all files in memory together; what comes beyond goes to disk.
  std::size_t memory_total = 1024 * 1024;

  /// The folder of the temporary files. Empty: $TMPDIR, else /var/tmp, which is a disk where /tmp
  /// may be memory. On the file system of their final place move_to() is a link.
  std::string temp_folder;

  /// Of multipart/form-data: parts, headers, names, preamble and epilogue.
  http::MultipartLimits multipart{};

  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  void check() const;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/form_options.ipp>
#endif
