// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A channel of server-sent events: tells many clients the same. Part of weir/events.hpp.
///
/// Thread: any, also of several at once, but for what says otherwise.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/http/event_stream.hpp>

WEIR_BEGIN_NAMESPACE

using http::Event;
using http::EventWriter;

namespace detail {
struct EventChannelOwner;
struct EventChannelState;
}  // namespace detail

/// What is done with a client that does not take its events in time.
enum class SlowSubscriber : std::uint8_t {
  drop,  ///< broken off: it connects anew, and gets what it has missed if that is kept
  skip,  ///< goes without events until there is room
};

struct EventChannelOptions {
  /// Subscribers at a time; more are answered 503 with Retry-After.
  std::size_t max_subscribers = 16'384;

  /// Unsent bytes of a subscriber above which it counts as slow.
  std::size_t max_waiting_bytes = 64 * 1024;
  SlowSubscriber slow = SlowSubscriber::drop;

  /// Events with an id that are kept for those who connect anew with a Last-Event-ID, and their
  /// bytes; 0: none.
  std::size_t replay_events = 256;
  std::size_t replay_bytes = 256 * 1024;

  /// As EventStreamOptions, with one timer for all of a loop's subscribers. No comment is sent in a
  /// time that had an event.
  std::chrono::milliseconds heartbeat{15'000};
  std::chrono::milliseconds retry{0};

  /// Called for each subscriber on its loop's thread; what it writes to `first` is sent in front of
  /// everything else. Must not wait.
  std::function<void(const Request&, EventWriter& first)> on_subscribe{};
  /// Called when one has gone, on its loop's thread.
  std::function<void(const Request&)> on_gone{};
};

/// What a channel has come to.
struct EventCounts {
  std::uint64_t published = 0;  ///< events
  std::uint64_t delivered = 0;  ///< events handed to connections
  std::uint64_t replayed = 0;   ///< events of those, sent for a Last-Event-ID
  std::uint64_t skipped =
      0;  ///< events that a slow subscriber, or a loop held for long, went without
  std::uint64_t dropped = 0;  ///< subscribers broken off because they were slow
  std::uint64_t refused = 0;  ///< requests above max_subscribers
};

/// Tells all its subscribers the same. An event is formatted once and shared; it costs one task for
/// each loop that has subscribers, whose connections are written to a few hundred at a time.
///
/// Copies are the same channel, as are const ones; when the last goes it is closed. It may outlive
/// the server.
class WEIR_API EventChannel {
 public:
  /// Throws std::invalid_argument, naming the field, for a value that cannot be.
  explicit EventChannel(EventChannelOptions options = {});

  /// Answers with the events from now on, behind those that were published after the request's
  /// Last-Event-ID, as far as they are kept; of an id that is not known, all that are kept.
  /// Afterwards `response` must not be used. False when there is no room (503), the channel is
  /// closed (204, upon which browsers do not try again), or the request is a HEAD.
  bool subscribe(const Request& request, Response& response) const;

  /// Sends an event to all subscribers. False when the channel is closed. Events of one thread keep
  /// their order, and all subscribers see the same order. Throws std::invalid_argument as
  /// EventWriter::event() does.
  bool publish(const Event& event) const;

  /// Ends all streams behind what was published before, and takes nothing any more.
  void close() const;

  std::size_t subscribers() const noexcept;
  EventCounts counts() const noexcept;

 private:
  std::shared_ptr<detail::EventChannelOwner> owner_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/event_channel.ipp>
#endif
