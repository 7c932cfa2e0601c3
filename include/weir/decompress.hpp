// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware that decodes the content of requests: gzip, deflate, brotli and zstd.
///
///     #include <weir/decompress.hpp>  // and link weir::compression
///
///     server.use(weir::decompress());
///
/// Handlers see decoded content, whole or in pieces; limits count decoded bytes. What is broken is
/// answered 400, what grows too much 413, an unknown coding 415 (docs/compression.md).
///
/// Not part of weir/weir.hpp. Thread: any.
#include <cstdint>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/middleware.hpp>

WEIR_BEGIN_NAMESPACE

struct DecompressOptions {
  /// Decoded bytes for each coded one, at most, once there are more than `free_bytes` of them:
  /// ordinary text has 3 to 20, a bomb a thousand and more.
  std::uint32_t max_ratio = 100;
  std::uint64_t free_bytes = 64 * 1024;
};

/// The middleware.
class WEIR_API Decompress {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit Decompress(const DecompressOptions& options = {});

  Next before(Request& request, Response& response) const;

 private:
  DecompressOptions options_;
};

/// `server.use(weir::decompress())`.
inline Decompress decompress(const DecompressOptions& options = {}) { return Decompress(options); }

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/decompress.ipp>
#endif
