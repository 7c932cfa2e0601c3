# SPDX-License-Identifier: MIT
#
# Compiles CASE with COMPILER and holds what happens against the case's first line.
cmake_minimum_required(VERSION 3.25)

file(STRINGS ${CASE} first LIMIT_COUNT 1)
execute_process(
  COMMAND ${COMPILER} -std=c++${STANDARD} -fsyntax-only -I${INCLUDE} ${CASE}
  RESULT_VARIABLE status
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output)

if(first STREQUAL "// compiles")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "must compile and does not:\n${output}")
  endif()
elseif(first MATCHES "^// expect: (.+)$")
  set(words "${CMAKE_MATCH_1}")
  if(status EQUAL 0)
    message(FATAL_ERROR "must not compile and does")
  endif()
  string(FIND "${output}" "${words}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "is refused, but not with \"${words}\":\n${output}")
  endif()
else()
  message(FATAL_ERROR "the first line is neither `// expect: words` nor `// compiles`")
endif()
