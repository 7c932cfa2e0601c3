// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <weir/http/event_stream.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

// A line for each of `value`, each begun with `field`. At least one.
WEIR_INLINE void EventWriter::lines(std::string_view field, std::string_view value) {
  while (true) {
    const std::size_t end = std::min(value.find_first_of("\r\n"), value.size());
    text_.append(field).append(value.substr(0, end)).push_back('\n');
    if (end == value.size()) return;
    const bool is_pair = value[end] == '\r' && end + 1 < value.size() && value[end + 1] == '\n';
    value.remove_prefix(end + (is_pair ? 2 : 1));
  }
}

WEIR_INLINE void EventWriter::event(const Event& event) {
  using namespace std::string_view_literals;
  if (event.name.find_first_of("\r\n") != std::string_view::npos)
    throw std::invalid_argument("weir: an event's name has a line end");
  if (event.id.find_first_of("\r\n\0"sv) != std::string_view::npos)
    throw std::invalid_argument("weir: an event's id has a line end or a NUL");
  if (!event.id.empty()) text_.append("id: ").append(event.id).push_back('\n');
  if (!event.name.empty()) text_.append("event: ").append(event.name).push_back('\n');
  // Without a data line there is no event. The space is the client's to strip: another one, at the
  // front of a line, is the data's.
  lines("data: ", event.data);
  text_.push_back('\n');
}

WEIR_INLINE void EventWriter::comment(std::string_view text) {
  lines(text.empty() ? ":" : ": ", text);
  text_.push_back('\n');
}

WEIR_INLINE void EventWriter::retry(std::chrono::milliseconds delay) {
  const auto ms = std::max(delay.count(), std::chrono::milliseconds::rep{0});
  text_.append("retry: ").append(std::to_string(ms)).append("\n\n");
}

}  // namespace http
WEIR_END_NAMESPACE
