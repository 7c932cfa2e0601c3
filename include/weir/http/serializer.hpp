// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Writes HTTP/1.1 answers: heads, chunk framing, interim heads (RFC 9112).
///
/// Each function measures all it will write, reserves once and copies. Nothing is allocated but by
/// the Output.
///
/// Thread: that of the Output.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/output.hpp>
#include <weir/http/response_head.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// What the session knows of an answer and its head does not.
struct HeadOptions {
  enum class Framing : std::uint8_t {
    none,         ///< no content; a Content-Length that the head has is written (HEAD, 304)
    length,       ///< `content_length` bytes follow, or would (HEAD)
    chunked,      ///< chunks follow; towards HTTP/1.0 this is until_close
    until_close,  ///< the end of the connection ends the content
  };
  std::uint8_t minor_version =
      1;               ///< of the request; the answer is HTTP/1.1 always (RFC 9110 §6.2)
  bool close = false;  ///< the connection ends with this answer
  bool keep_alive_header = false;  ///< say `keep-alive`, which an HTTP/1.0 client needs to hear
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;  ///< bytes, for Framing::length
  std::string_view date = {};        ///< kDateSize bytes for Date; empty: no such field
  std::string_view server = {};  ///< for Server, already known to be valid; empty: no such field
};

/// Writes a whole head, the empty line included: status line, fields of `head`, Date and Server
/// unless `head` has its own, framing, Connection.
///
/// 1xx and 204 get no framing field (RFC 9110 §8.6), whatever `options` says; 304 gets the head's
/// own Content-Length or none. A head with Upgrade gets the `Connection: upgrade` that must go with
/// it (RFC 9110 §7.8).
WEIR_API void write_head(Output& out, const ResponseHead& head, const HeadOptions& options);

/// Writes a whole answer of the ordinary kind: HTTP/1.1, kept alive, `content` with its length. The
/// same bytes as write_head() and the content behind it; `head` is plain and its status allows
/// content. `date` and `server` as in HeadOptions.
WEIR_API void write_plain_answer(Output& out, const ResponseHead& head, std::string_view date,
                                 std::string_view server, std::string_view content);

/// Writes an interim answer: 100, 102, 103. Only the lines of `head` count, its status does not.
WEIR_API void write_interim(Output& out, Status status, const ResponseHead& head);

/// Writes what stands before `size` bytes of content (RFC 9112 §7.1). `size` is not 0: that would
/// be the last chunk.
WEIR_API void write_chunk_head(Output& out, std::size_t size);
/// Writes what stands behind a chunk's content.
WEIR_API void write_chunk_end(Output& out);
/// Writes a chunk, its content copied. Nothing when `content` is empty.
WEIR_API void write_chunk(Output& out, std::string_view content);
/// Ends a chunked body. `trailers` are checked lines as of ResponseHead::lines().
WEIR_API void write_last_chunk(Output& out, std::string_view trailers = {});

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/serializer.ipp>
#endif
