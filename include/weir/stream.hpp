// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Content piece by piece, both ways, with back-pressure.
///
/// Stream writes an answer, Body reads a request's content. Both name their exchange by a counted
/// block, so they may outlive the client and the server.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/detail/handle.hpp>
#include <weir/fwd.hpp>
#include <weir/net/task.hpp>
#include <weir/reply.hpp>

WEIR_BEGIN_NAMESPACE

/// What became of a piece.
enum class WriteResult : std::uint8_t {
  ok,    ///< taken
  full,  ///< not taken: too much waits already. Try again from on_writable()
  gone,  ///< nobody reads it any more, or the stream has ended
};

/// An answer in pieces. Copies share it. When the last copy goes without end() the connection is
/// broken off, so that the client does not take a part for the whole.
///
/// Thread: any. Pieces of one thread keep their order.
class WEIR_API Stream {
 public:
  /// An empty stream: writing gives `gone`.
  Stream() noexcept = default;

  /// Sends `piece`; it is copied. `full` when more than `Options::stream_buffer` bytes wait to be
  /// sent; in a blocking() handler it waits for room instead.
  WriteResult write(std::string_view piece) { return write(std::string(piece)); }
  WriteResult write(const char* piece) { return write(std::string(piece)); }
  WriteResult write(std::string&& piece);
  /// Sends shared bytes without a copy, for one payload to many clients.
  WriteResult write(std::shared_ptr<const std::string> piece);

  /// Ends the answer. `trailers` are fields behind chunked content (RFC 9110 §6.5), dropped where
  /// the answer is not chunked.
  void end();
  void end(const ResponseHead& trailers);

  /// Breaks the answer off: the client sees that something is missing.
  void abort();

  /// Calls `f` on the loop's thread each time that there is room again after `full`; once at the
  /// start if there is room already. Replaces an earlier one.
  void on_writable(net::UniqueFunction<void()> f);

  /// Has the server end the answer by itself when it begins to close (docs/stopping.md), so that a
  /// stream without an end of its own does not hold the stop until its deadline.
  void end_with_server();

  /// As Reply's.
  bool run_on_worker(net::Task& task) noexcept;
  Gone gone() const noexcept;
  void on_gone(net::UniqueFunction<void(Gone)> f);
  void on_done(net::UniqueFunction<void(const Outcome&)> f);
  const Request& request() const noexcept;

  explicit operator bool() const noexcept { return static_cast<bool>(block_); }

 private:
  friend class Response;
  friend class Reply;
  friend struct detail::FileSender;
  friend class detail::Reactor;
  friend struct detail::StreamAccess;

  explicit Stream(detail::Exchange& exchange) noexcept : block_(exchange) {}
  WriteResult write_piece(std::string&& owned, std::shared_ptr<const std::string> shared);
  void end_with(std::string trailers);

  detail::Handle<detail::HandleKind::stream> block_;
};

/// Why a request's content ended early, as Body::on_error() is told.
enum class BodyError : std::uint8_t {
  malformed,  ///< broken chunked coding; answered 400
  too_large,  ///< above the route's limit; answered 413
  timed_out,  ///< stalled or too slow; answered 408
  gone,       ///< the client closed the connection
};

/// A request's content in pieces, for streamed() handlers. Copies share it.
///
/// Thread: the setters any; callbacks run on the loop's thread. In blocking(streamed(h)) the worker
/// calls read() instead.
class WEIR_API Body {
 public:
  Body() noexcept = default;

  /// Calls `f(piece)` for each piece; the view dies with the call. Reading starts with the first
  /// on_data(): until then nothing is taken from the client, nor `100 Continue` sent.
  void on_data(net::UniqueFunction<void(std::string_view)> f);

  /// Calls `f(trailers)` after the last piece. `trailers` are field lines, "Name: value\r\n" each.
  void on_end(net::UniqueFunction<void(std::string_view)> f);

  /// Calls `f(error)` when the content breaks off; then neither on_data nor on_end is called again.
  void on_error(net::UniqueFunction<void(BodyError)> f);

  /// Stops and restarts reading. While stopped the client is held up by TCP, and on_end() waits as
  /// well. Outside of on_data(), one more piece may come after pause().
  void pause();
  void resume();

  /// Waits for content and copies up to `size` bytes of it to `to`. Returns 0 at the end and when
  /// the content broke off, which failed() tells apart. Only in a blocking() handler: it would hold
  /// up the loop, and throws std::logic_error there.
  std::size_t read(char* to, std::size_t size);
  bool failed() const noexcept;

  /// Runs `task` on a worker of the server; false, and `task` left as it was, when the queue is
  /// full. A task that still waits when the server stops is destroyed unrun. From a handler, one of
  /// these callbacks, or such a task.
  bool run_on_worker(net::Task& task) noexcept;

 private:
  friend struct detail::LateHandler;
  friend class detail::Reactor;

  explicit Body(detail::Ref<detail::Exchange> block) noexcept : block_(std::move(block)) {}

  detail::Ref<detail::Exchange> block_;
};

WEIR_END_NAMESPACE
