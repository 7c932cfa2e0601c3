# SPDX-License-Identifier: MIT
#
# weir::compression: what needs zlib, brotli and zstd. Header-only: link weir::header_only and the three instead.

set(compression_default ON)
if(NOT PROJECT_IS_TOP_LEVEL)
  find_package(weir_codings QUIET PATHS ${PROJECT_SOURCE_DIR}/cmake NO_DEFAULT_PATH)
  set(compression_default ${weir_codings_FOUND})
endif()
option(WEIR_COMPRESSION "Build weir::compression: zstd, brotli and gzip" ${compression_default})

function(weir_add_compression)
  if(NOT WEIR_COMPRESSION)
    return()
  endif()
  if(NOT TARGET weir::codings)
    message(FATAL_ERROR "weir::compression needs zlib, brotli and zstd: install zlib1g-dev, libbrotli-dev and "
                        "libzstd-dev, or leave it out by -DWEIR_COMPRESSION=OFF.")
  endif()
  add_library(weir_compression ${ARGN})
  add_library(weir::compression ALIAS weir_compression)
  target_link_libraries(weir_compression PUBLIC weir PRIVATE weir::codings)
  set_target_properties(
    weir_compression
    PROPERTIES EXPORT_NAME compression
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               POSITION_INDEPENDENT_CODE ON
               INSTALL_RPATH "$ORIGIN" # libweir lies beside it
               VERSION ${PROJECT_VERSION}
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  weir_own(weir_compression)
endfunction()

if(WEIR_COMPRESSION)
  find_package(weir_codings QUIET PATHS ${PROJECT_SOURCE_DIR}/cmake NO_DEFAULT_PATH)
endif()
