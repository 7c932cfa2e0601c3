// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Server-sent events: a stream for one client, and a channel that tells many the same.
///
///     #include <weir/events.hpp>
///
///     weir::EventChannel news;
///     server.get("/news", [news](const weir::Request& req, weir::Response& res) {
///       news.subscribe(req, res);
///     });
///     news.publish({"it rains"});  // from any thread, as often as wanted
///
/// Not part of weir/weir.hpp. See docs/events.md.
///
/// Thread: any, also of several at once, but for what says otherwise.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/event_channel.hpp>
#include <weir/fwd.hpp>
#include <weir/http/event_stream.hpp>
#include <weir/net/task.hpp>
#include <weir/reply.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {
struct EventStreamState;
}  // namespace detail

struct EventStreamOptions {
  /// A comment is sent as often as this, so that a proxy does not take the connection for dead and
  /// a client that has gone is found out. 0: none.
  std::chrono::milliseconds heartbeat{15'000};

  /// What the client waits before it connects anew, told at the start; 0: not told, its own choice.
  std::chrono::milliseconds retry{0};
};

/// Events for one client. Copies share it; when the last one goes the stream ends, and the client
/// will connect anew. It ends by itself when the server begins to close.
class WEIR_API EventStream {
 public:
  /// No stream: sending gives `gone`.
  EventStream() noexcept = default;

  /// Answers with a stream of events; afterwards `response` must not be used. The answer has the
  /// status and the fields that were set, and those that a stream needs. Ends at once for HEAD.
  /// Throws std::invalid_argument for times below 0, and as Response::stream() does.
  EventStream(const Request& request, Response& response, const EventStreamOptions& options = {});

  /// Sends an event. `full`: not taken, as with Stream::write(). Throws std::invalid_argument as
  /// EventWriter::event() does.
  WriteResult send(const Event& event);
  /// Sends what a writer has made.
  WriteResult send(EventWriter&& text);
  WriteResult comment(std::string_view text);

  void end();

  /// The id of the last event that the client has seen, or "" when it connects for the first time.
  const std::string& last_event_id() const noexcept;

  /// As Stream's.
  Gone gone() const noexcept;
  void on_gone(net::UniqueFunction<void(Gone)> f);
  void on_writable(net::UniqueFunction<void()> f);

  explicit operator bool() const noexcept { return state_ != nullptr; }

 private:
  std::shared_ptr<detail::EventStreamState> state_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/events.ipp>
#endif
