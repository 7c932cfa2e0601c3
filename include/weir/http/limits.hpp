// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// How much of one message the HTTP layer takes before it refuses.
///
/// Thread: a value; not changed while a message is being read.
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

struct Limits {
  /// Bytes of the request line without its line end; a longer one is answered 414. RFC 9112 §3 asks
  /// for at least 8000.
  std::uint32_t request_line = 8 * 1024;

  /// Bytes of one field line without its line end; 431. A name is never longer than 65,535.
  std::uint32_t field = 16 * 1024;

  /// Bytes of all field lines together, line ends included; 431.
  std::uint32_t all_fields = 32 * 1024;

  /// Field lines; 431. The index that the caller hands to the parser bounds it too, and 65,535
  /// does.
  std::uint32_t field_count = 100;

  /// Bytes of a body that is collected before its handler runs; 413. The parser and the chunk
  /// decoder do not look at it: who collects does.
  std::uint64_t body = 1024 * 1024;

  /// Bytes of chunk extensions over a whole body; 400. Zero refuses every extension.
  std::uint32_t chunk_extensions = 4 * 1024;

  /// Bytes of the trailer section, line ends included; 431. Zero refuses every trailer.
  std::uint32_t trailers = 8 * 1024;

  /// Takes a LF without CR as a line's end in the head, as RFC 9112 §2.2 allows. Off, because a
  /// proxy that disagrees sees other requests than we do. Chunked framing wants CRLF in any case.
  bool allow_bare_lf = false;
};

}  // namespace http
WEIR_END_NAMESPACE
