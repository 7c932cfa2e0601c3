// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <utility>
#include <weir/detail/json_complaint.hpp>
#include <weir/http/json_text.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

namespace json {
inline constexpr int kNoSuchKey = 403;
inline constexpr std::size_t kMaxComplaint = 200;  // what is longer would be the client's own bytes
inline constexpr std::size_t kMaxPointer = 1024;   // longer ones are no help
}  // namespace json

/// Drops all up to the end of the first `mark`, if there is one.
WEIR_INLINE void skip_behind(std::string_view& text, std::string_view mark) noexcept {
  const std::size_t at = text.find(mark);
  if (at != std::string_view::npos) text.remove_prefix(at + mark.size());
}

WEIR_INLINE std::string in_short(std::string_view text) {
  if (text.size() <= json::kMaxComplaint) return std::string(text);
  return std::string(text.substr(0, json::kMaxComplaint)) + "...";
}

WEIR_INLINE std::string json_syntax_complaint(std::string_view what) {
  skip_behind(what, "] ");  // [json.exception.parse_error.101]
  skip_behind(what, ": ");  // parse error at line 1, column 8
  return in_short(what.substr(0, what.find("; last read")));
}

/// Of "(/a/b) words" where the parenthesis closes; 0 when it is not found. The client's names may
/// hold anything, the words that follow them are nlohmann's.
WEIR_INLINE std::size_t end_of_diagnosis(std::string_view what) noexcept {
  std::size_t end = 0;
  for (const std::string_view words : {") type must be ", ") cannot use ", ") array index ",
                                       ") key '", ") incompatible ReferenceType "}) {
    const std::size_t at = what.rfind(words);
    if (at != std::string_view::npos && at > end) end = at;
  }
  return end;
}

WEIR_INLINE JsonMismatch json_mismatch(std::string_view what, int id) {
  static constexpr std::string_view kKey = "key '";
  const bool no_such_key = id == json::kNoSuchKey;
  skip_behind(what, "] ");
  JsonMismatch mismatch;
  std::string pointer;
  const std::size_t close = what.substr(0, 2) == "(/" ? end_of_diagnosis(what) : 0;
  if (close != 0) {
    pointer = what.substr(1, close - 1);
    what.remove_prefix(close + 2);
  }
  const std::size_t end = what.rfind('\'');
  if (no_such_key && what.substr(0, kKey.size()) == kKey && end >= kKey.size())
    http::append_pointer(pointer, what.substr(kKey.size(), end - kKey.size()));
  if (pointer.size() <= json::kMaxPointer) mismatch.pointer = std::move(pointer);
  mismatch.detail = in_short(what);
  return mismatch;
}

}  // namespace detail
WEIR_END_NAMESPACE
