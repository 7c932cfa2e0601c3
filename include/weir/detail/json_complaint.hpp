// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What nlohmann/json says of content that it refuses, taken apart for those who sent it: its
/// exceptions have the place, and the client's own bytes, in their text only.
///
/// Thread: any.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// `what()` of a syntax error without the exception's name, the place and the bytes last read.
WEIR_API std::string json_syntax_complaint(std::string_view what);

/// What is wrong with a value.
struct JsonMismatch {
  std::string detail;
  std::optional<std::string> pointer{};  ///< JSON Pointer to it; none where it would be too long
};

/// `what()` of nlohmann's exception `id` that a value is missing or of another type. The pointer is
/// "" without JSON_DIAGNOSTICS, but for a member that is missing in the outermost object.
WEIR_API JsonMismatch json_mismatch(std::string_view what, int id);

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/json_complaint.ipp>
#endif
