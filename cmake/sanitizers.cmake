# SPDX-License-Identifier: MIT

set(WEIR_SANITIZE "" CACHE STRING "What -fsanitize= is given: address,undefined or thread")

# Compiles and links `target` with WEIR_SANITIZE. With the fuzzers its code also reports coverage.
function(weir_sanitize target)
  if(WEIR_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer -g1)
    target_link_options(${target} PRIVATE -fsanitize=${WEIR_SANITIZE})
  endif()
  if(WEIR_BUILD_FUZZERS)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# With checks or sanitizers the library is optimised, what only drives it is not: that halves what it takes to compile.
function(weir_unoptimised target)
  if(WEIR_SANITIZE OR WEIR_CHECKED)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()
