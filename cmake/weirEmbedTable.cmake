# SPDX-License-Identifier: MIT
#
# Writes OUT, the C++ source that has the files below DIRECTORY as weir::embedded::NAME(). Run by what weir_embed() adds
# to the build. Beside it OUT.d lists the files, for Make.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/weirEmbed.cmake)

function(refuse path why)
  message(FATAL_ERROR "weir_embed: ${path}: ${why}")
endfunction()

if(NOT IS_DIRECTORY "${DIRECTORY}")
  refuse("${DIRECTORY}" "is no directory")
endif()
file(REAL_PATH "${DIRECTORY}" top)

# As text in a string of C++, and of the assembler in such a string.
function(quote text out)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# As a name in a rule of Make's.
function(quote_rule text out)
  string(REGEX REPLACE "([ #])" "\\\\\\1" text "${text}")
  string(REPLACE "$" "$$" text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

set(blob "")
quote_rule("${OUT}" rule)
string(APPEND rule ":")
set(table "")
set(offset 0)
set(count 0)
weir_embed_names("${DIRECTORY}" names)
foreach(name IN LISTS names)
  set(path "${DIRECTORY}/${name}")
  if(IS_DIRECTORY "${path}") # by a link
    continue()
  endif()
  if(IS_SYMLINK "${path}")
    file(REAL_PATH "${path}" real)
    cmake_path(IS_PREFIX top "${real}" is_below)
    if(NOT is_below)
      refuse("${path}" "is a link that leads out of the directory")
    endif()
  endif()

  file(SIZE "${path}" size)
  file(SHA256 "${path}" hash)
  string(SUBSTRING ${hash} 0 32 hash) # 128 bits: no two files meet
  quote_rule("${path}" quoted)
  string(APPEND rule " ${quoted}")
  quote("${path}" quoted)
  quote("${quoted}" quoted)
  if(size GREATER 0)
    string(APPEND blob "    \".incbin \\\"${quoted}\\\", 0, ${size}\\n\"\n")
  endif()
  quote("${name}" quoted)
  string(APPEND table "    {\"${quoted}\", {weir_embedded_${NAME} + ${offset}, ${size}}, \"\\\"${hash}\\\"\"},\n")
  math(EXPR offset "${offset} + ${size}")
  math(EXPR count "${count} + 1")
endforeach()

math(EXPR total "${offset} + 1")
if(count EQUAL 0)
  set(table "    {},\n")
endif()
set(modified "")
if(NOT "${MODIFIED}" STREQUAL "")
  set(modified ", ${MODIFIED}")
endif()
file(WRITE "${OUT}.d" "${rule}\n")
file(WRITE "${OUT}" "// Made by weir_embed().
#include <weir/embedded/${NAME}.hpp>

// The files, one behind the other, and a zero byte.
__asm__(
    \".pushsection .rodata.weir_embedded_${NAME}, \\\"a\\\"\\n\"
    \".balign 64\\n\"
    \".globl weir_embedded_${NAME}\\n\"
    \".hidden weir_embedded_${NAME}\\n\"
    \".type weir_embedded_${NAME}, %object\\n\"
    \".size weir_embedded_${NAME}, ${total}\\n\"
    \"weir_embedded_${NAME}:\\n\"
${blob}    \".byte 0\\n\"
    \".popsection\\n\");

extern \"C\" [[gnu::visibility(\"hidden\")]] const char weir_embedded_${NAME}[${total}];

WEIR_BEGIN_NAMESPACE
namespace embedded {

static constexpr EmbeddedFile kFilesOf_${NAME}[] = {
${table}};

EmbeddedFiles ${NAME}() noexcept { return {kFilesOf_${NAME}, ${count}${modified}}; }

}  // namespace embedded
WEIR_END_NAMESPACE
")
