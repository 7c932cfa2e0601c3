// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The text of server-sent events (WHATWG HTML §9.2, text/event-stream).
///
///     http::EventWriter text;
///     text.event({"two\nlines", "news", "17"});
///     text.take();  // "id: 17\nevent: news\ndata: two\ndata: lines\n\n"
///
/// Whatever the data, a client gets it back as one event, with its line ends (CR LF, CR or LF) as
/// LF. Text is UTF-8; bytes are passed on as they are.
///
/// Thread: a writer's owner's.
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// One event. The views need to live for the call that it is given to.
struct Event {
  /// May be empty and have any number of lines.
  std::string_view data{};
  /// The type that a client listens for; empty: "message".
  std::string_view name{};
  /// What the client sends as Last-Event-ID when it connects anew; empty: it keeps the one before.
  std::string_view id{};
};

/// Formats events one behind the other.
class WEIR_API EventWriter {
 public:
  /// Adds an event. Throws std::invalid_argument, and adds nothing, for a name or an id with a line
  /// end and for an id with a NUL: they cannot be said.
  void event(const Event& event);

  /// Adds text that clients ignore, such as a sign of life.
  void comment(std::string_view text);

  /// Tells clients how long to wait before they connect anew. Below 0 is 0.
  void retry(std::chrono::milliseconds delay);

  const std::string& text() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }

  /// The text, and leaves an empty one.
  std::string take() noexcept { return std::exchange(text_, {}); }

 private:
  void lines(std::string_view field, std::string_view value);

  std::string text_;
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/event_stream.ipp>
#endif
