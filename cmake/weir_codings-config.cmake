# SPDX-License-Identifier: MIT
#
# The target weir::codings: zlib, brotli and zstd, which not every distribution gives CMake files. Installed with weir.

if(NOT TARGET weir::codings)
  set(weir_codings_FOUND TRUE)
  set(codings "")
  foreach(pair "zlib.h z" "brotli/encode.h brotlienc" "brotli/decode.h brotlidec" "zstd.h zstd")
    separate_arguments(pair)
    list(GET pair 0 header)
    list(GET pair 1 name)
    find_path(WEIR_${name}_INCLUDE_DIR ${header})
    find_library(WEIR_${name}_LIBRARY ${name})
    mark_as_advanced(WEIR_${name}_INCLUDE_DIR WEIR_${name}_LIBRARY)
    if(NOT WEIR_${name}_INCLUDE_DIR OR NOT WEIR_${name}_LIBRARY)
      set(weir_codings_FOUND FALSE)
      set(weir_codings_NOT_FOUND_MESSAGE "${name} (${header}) is missing")
      return()
    endif()
    add_library(weir_codings_${name} UNKNOWN IMPORTED)
    set_target_properties(weir_codings_${name} PROPERTIES
      IMPORTED_LOCATION ${WEIR_${name}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${WEIR_${name}_INCLUDE_DIR})
    list(APPEND codings weir_codings_${name})
  endforeach()
  add_library(weir::codings INTERFACE IMPORTED)
  target_link_libraries(weir::codings INTERFACE ${codings})
endif()
