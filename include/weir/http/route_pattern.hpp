// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a route's pattern says, read into pieces. route_tree.hpp tells how patterns match.
///
/// Thread: any.
#include <cstdint>
#include <string_view>
#include <vector>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// What a parameter takes, in the order of the trying.
enum class ParamType : std::uint8_t {
  uint,     ///< digits, up to 2^64 - 1
  integer,  ///< digits, "-" before them or not, from -2^63 to 2^63 - 1
  any,      ///< what a segment may hold
  rest,     ///< what is left of the path, which may be nothing
};

/// Fixed text, or a parameter with the text behind it in its segment. Views of the pattern.
struct PatternPiece {
  bool is_param = false;
  ParamType type = ParamType::any;
  std::string_view text;
  std::string_view name;
};

/// The pieces of a pattern, whose texts and braces together are the whole pattern. Two fixed texts
/// do not follow each other, two parameters without text between them neither; a rest comes last.
///
/// Throws std::invalid_argument naming the pattern and what is wrong with it.
std::vector<PatternPiece> read_pattern(std::string_view pattern);

/// Throws std::invalid_argument, with `why` as what is wrong with the pattern.
[[noreturn]] void refuse_pattern(std::string_view pattern, const char* why);

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/route_pattern.ipp>
#endif
