// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that compresses answers: zstd, brotli and gzip, whichever the client takes.
///
///     #include <weir/compress.hpp>  // and link weir::compression
///
///     server.use(weir::compress());
///
/// Not part of weir/weir.hpp. docs/compression.md says what is compressed, and what should not be.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>
#include <weir/body_filter.hpp>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/http/accept_encoding.hpp>
#include <weir/http/response_head.hpp>

WEIR_BEGIN_NAMESPACE

using http::ContentCoding;

struct CompressOptions {
  /// Bytes of content below which an answer is left as it is: it would hardly become shorter.
  /// Streams, whose length nobody knows, are compressed.
  std::uint64_t min_bytes = 1024;

  /// Media types that are compressed: "text/html", all of a kind as "text/*", or of a syntax as
  /// "*+json". An event stream is none of them unless it is named in full: each event would be
  /// flushed by itself.
  std::vector<std::string> types = {"text/*",
                                    "application/json",
                                    "application/javascript",
                                    "application/xml",
                                    "application/wasm",
                                    "application/x-ndjson",
                                    "application/manifest+json",
                                    "image/svg+xml",
                                    "image/bmp",
                                    "image/x-icon",
                                    "font/ttf",
                                    "font/otf",
                                    "*+json",
                                    "*+xml"};

  /// The codings to use, the best first; that counts among those that a client likes equally.
  std::vector<ContentCoding> codings = {ContentCoding::zstd, ContentCoding::br,
                                        ContentCoding::gzip};

  /// How hard to try: 1 to 9, 0 to 11, 1 to 19. Higher ones cost more than they save while a client
  /// waits.
  int gzip_level = 6;
  int brotli_level = 4;
  int zstd_level = 3;

  /// Pieces of content with more bytes than this are compressed by a worker; 0: all of them. With
  /// no place in the workers' queue the loop does it.
  std::size_t worker_bytes = 16 * 1024;
};

/// The middleware.
class WEIR_API Compress {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit Compress(const CompressOptions& options = {});

  void head(const Request& request, http::ResponseHead& head, BodyFilters& filters) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// `server.use(weir::compress())`.
inline Compress compress(const CompressOptions& options = {}) { return Compress(options); }

/// Leaves the answer to this request uncompressed: it has a secret beside what a client may choose
/// (docs/compression.md). Before the answer begins.
WEIR_API void no_compression(const Request& request);

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/compress.ipp>
#endif
