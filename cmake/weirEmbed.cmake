# SPDX-License-Identifier: MIT
#
# weir_embed(<target> <directory> [NAME <identifier>] [MODIFIED <seconds>] [DEPENDS <target or file>...])
#
# Links the files below <directory> into <target>. A header declares them, for Router::files():
#
#   weir_embed(shop assets)                                      # CMakeLists.txt
#   #include <weir/embedded/assets.hpp>                          // C++
#   server.files("/static", weir::embedded::assets());
#
#   NAME      what the header and the function are called, once in a program; the last part of <directory> made an
#             identifier
#   MODIFIED  seconds since 1970, Last-Modified of all files, for instance $ENV{SOURCE_DATE_EPOCH}; without it they have
#             none, and two builds of the same files are the same
#   DEPENDS   what makes the files, if the build does: best a file that it writes last
#
# The table is made again when a file changes, comes or goes. Names that begin with '.' are left out, but for .well-known
# at the top. Links to files are followed below <directory>, those to directories are not. Nothing is needed but CMake and
# the C++ compiler (GCC or Clang), and nothing is run that was built: it works when cross-compiling.
include_guard(GLOBAL)

# What is embedded of `directory`, relative to it. With CONFIGURE_DEPENDS each build looks whether that is still so.
function(weir_embed_names directory out)
  if(directory MATCHES "[][*?;]")
    message(FATAL_ERROR "weir_embed: ${directory}: one of []*?; in the path of the directory")
  endif()
  set(glob LIST_DIRECTORIES false RELATIVE "${directory}" "${directory}/*")
  file(GLOB_RECURSE names ${glob})
  if("CONFIGURE_DEPENDS" IN_LIST ARGN)
    if("${directory}${names}" MATCHES "[\"$]") # CMake writes these into a script of its own, as they are
      message(STATUS "weir_embed: ${directory}: for a quote or dollar in a name, only CMake sees files that come or go")
    else()
      file(GLOB_RECURSE names CONFIGURE_DEPENDS ${glob})
    endif()
  endif()
  set(well_known "${names}")
  list(FILTER well_known INCLUDE REGEX "^\\.well-known(/[^./][^/]*)+$")
  list(FILTER names EXCLUDE REGEX "(^|/)\\.")
  list(APPEND names ${well_known})
  list(SORT names)
  set(once "${names}")
  list(REMOVE_DUPLICATES once)
  list(LENGTH names count)
  list(LENGTH once count_once)
  if(NOT count EQUAL count_once)
    message(FATAL_ERROR "weir_embed: ${directory}: a file has ';' in its name")
  endif()
  foreach(name IN LISTS names)
    # A list of CMake's is text with semicolons, so that a name with one falls to pieces that are not there.
    if(NOT EXISTS "${directory}/${name}")
      message(FATAL_ERROR "weir_embed: ${directory}/${name} is a link to nothing, or has one of ;[]\\ in its name")
    endif()
    if(name MATCHES "[\\\\\r\n\t]")
      message(FATAL_ERROR "weir_embed: ${directory}/${name}: no request can have this name")
    endif()
    if("${directory}/${name}" MATCHES "[|]|[$]<")
      message(FATAL_ERROR "weir_embed: ${directory}/${name}: CMake cannot build with '|' or '$<' in a name")
    endif()
    if(CMAKE_GENERATOR MATCHES "Makefiles" AND name MATCHES ":|[)]$")
      message(FATAL_ERROR "weir_embed: ${directory}/${name}: Make cannot build with ':' in a name or ')' at its end, Ninja can")
    endif()
  endforeach()
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

function(weir_embed target directory)
  cmake_policy(PUSH)
  cmake_policy(VERSION 3.25)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "NAME;MODIFIED" "DEPENDS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weir_embed: what is \"${arg_UNPARSED_ARGUMENTS}\"?")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "weir_embed: \"${target}\" is no target")
  endif()
  get_target_property(home ${target} SOURCE_DIR)
  if(NOT home STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    message(FATAL_ERROR "weir_embed: call it in ${home}, where \"${target}\" is made")
  endif()
  get_filename_component(directory "${directory}" ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT IS_DIRECTORY "${directory}" AND NOT arg_DEPENDS)
    message(FATAL_ERROR "weir_embed: ${directory} is no directory")
  endif()
  if(NOT DEFINED arg_NAME)
    get_filename_component(arg_NAME "${directory}" NAME)
    string(MAKE_C_IDENTIFIER "${arg_NAME}" arg_NAME)
  endif()
  if(NOT arg_NAME MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "weir_embed: NAME \"${arg_NAME}\" is no identifier")
  endif()
  # Keywords, other words for operators, and what GCC defines unless told -std=c++17.
  set(words
      alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await
      co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete do
      double dynamic_cast else enum explicit export extern false float for friend goto if inline int linux long mutable
      namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast
      requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw
      true try typedef typeid typename typeof union unix unsigned using virtual void volatile wchar_t while xor xor_eq)
  if(arg_NAME IN_LIST words)
    message(FATAL_ERROR "weir_embed: \"${arg_NAME}\" is a word of C++'s, give a NAME that is none")
  endif()
  if(NOT "${arg_MODIFIED}" MATCHES "^(0|[1-9][0-9]*)?$")
    message(FATAL_ERROR "weir_embed: MODIFIED \"${arg_MODIFIED}\" is no number of seconds, in decimal and without zeros in front")
  endif()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/weir_embed/${target})
  set(header ${folder}/weir/embedded/${arg_NAME}.hpp)
  set(source ${folder}/${arg_NAME}.cpp)
  # By configuring: a header that stays as it is is not written, and nothing is compiled again.
  file(CONFIGURE OUTPUT ${header} @ONLY CONTENT [[
// Made by weir_embed(): the files of one directory.
#pragma once
#include <weir/embedded_files.hpp>

WEIR_BEGIN_NAMESPACE
namespace embedded {

EmbeddedFiles @arg_NAME@() noexcept;

}  // namespace embedded
WEIR_END_NAMESPACE
]])
  weir_embed_names("${directory}" files CONFIGURE_DEPENDS)
  list(TRANSFORM files PREPEND "${directory}/")
  string(SHA256 state "${files} ${arg_MODIFIED}")
  file(CONFIGURE OUTPUT ${source}.state CONTENT "${state}\n") # written when one has come or gone
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/weirEmbedTable.cmake)
  set(watched ${files})
  if(arg_DEPENDS AND CMAKE_GENERATOR MATCHES "Makefiles")
    # What makes the files may take some away, which Make misses when they stand in DEPENDS.
    set(watched DEPFILE ${source}.d)
  endif()
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D "DIRECTORY=${directory}" -D NAME=${arg_NAME} -D "MODIFIED=${arg_MODIFIED}"
            -D "OUT=${source}" -D "CMAKE_GENERATOR=${CMAKE_GENERATOR}" -P ${script}
    DEPENDS ${script} ${CMAKE_CURRENT_FUNCTION_LIST_FILE} ${source}.state ${arg_DEPENDS} ${watched}
    COMMENT "Embedding ${arg_NAME}"
    VERBATIM)
  set_source_files_properties(
    ${source}
    PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
               SKIP_PRECOMPILE_HEADERS ON
               SKIP_LINTING ON
               COMPILE_OPTIONS -fno-lto) # across files the compiler does not see what assembler defines
  target_sources(${target} PRIVATE ${source})
  target_include_directories(${target} PRIVATE ${folder})
  cmake_policy(POP)
endfunction()
