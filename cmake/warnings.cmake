# SPDX-License-Identifier: MIT

# Warnings are for this project's own builds: a user who adds the folder to theirs gets none of them, and no -Werror.
function(weir_warn target)
  if(NOT PROJECT_IS_TOP_LEVEL)
    return()
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
                                           $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
endfunction()
