# SPDX-License-Identifier: MIT
#
# weir::compression: what needs zlib, brotli and zstd. Header-only: link weir::header_only and the three instead.

set(compression_default ON)
if(NOT PROJECT_IS_TOP_LEVEL)
  find_package(weir_codings QUIET PATHS ${PROJECT_SOURCE_DIR}/cmake NO_DEFAULT_PATH)
  set(compression_default ${weir_codings_FOUND})
endif()
option(WEIR_COMPRESSION "Build weir::compression: zstd, brotli and gzip" ${compression_default})

if(WEIR_COMPRESSION)
  find_package(weir_codings QUIET PATHS ${PROJECT_SOURCE_DIR}/cmake NO_DEFAULT_PATH)
  if(NOT TARGET weir::codings)
    message(FATAL_ERROR "weir::compression needs zlib, brotli and zstd: install zlib1g-dev, libbrotli-dev and "
                        "libzstd-dev, or leave it out by -DWEIR_COMPRESSION=OFF.")
  endif()
endif()
