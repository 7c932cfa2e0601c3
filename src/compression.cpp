// SPDX-License-Identifier: MIT
// weir::compression: what needs zlib, brotli and zstd.
#include <weir/detail/impl/decoder.ipp>
#include <weir/detail/impl/encoder.ipp>
#include <weir/impl/compress.ipp>
#include <weir/impl/decompress.ipp>
