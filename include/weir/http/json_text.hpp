// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// JSON as text: what is asked of it before and after a parser has read it.
///
/// Thread: any.
#include <cstddef>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Whether a Content-Type is application/json or any type that ends in +json (RFC 6839 §3.1),
/// whatever its parameters. False for what is no media type.
WEIR_API bool is_json_type(std::string_view content_type) noexcept;

/// Where the first bracket stands that is more than `max_depth` deep, or npos. Of text that is no
/// JSON it sees no less than a parser does before that refuses it.
WEIR_API std::size_t find_too_deep(std::string_view json, std::size_t max_depth) noexcept;

/// A place as editors count it.
struct LineColumn {
  std::size_t line = 1;
  std::size_t column = 1;  ///< bytes, not characters
};

/// Where byte `offset` of `text` stands; one behind its end stands at the end.
WEIR_API LineColumn line_and_column(std::string_view text, std::size_t offset) noexcept;

/// Appends '/' and `name`, escaped, to a JSON Pointer (RFC 6901 §3).
WEIR_API void append_pointer(std::string& pointer, std::string_view name);

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/json_text.ipp>
#endif
