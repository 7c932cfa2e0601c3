// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Answering later, from any thread, always safe.
///
/// A Reply names its exchange by a counted block, never by a pointer into the server: whatever
/// happens in the meantime (the client gone, the time up, the server stopped, another request on
/// the same connection), completing it is defined and touches nothing that is freed.
///
/// Thread: any; one object at a time, as with any value.
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <weir/config.hpp>
#include <weir/detail/handle.hpp>
#include <weir/error.hpp>
#include <weir/fwd.hpp>
#include <weir/net/task.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {
struct SuspensionTicket;
}  // namespace detail

/// What became of an attempt to complete a Reply.
enum class SendResult : std::uint8_t {
  accepted,          ///< taken; Reply::on_done() tells whether it was delivered
  already_answered,  ///< another copy, a time-out or an error was first
  gone,              ///< there is nobody to answer any more
};

/// What is known of the client of an unfinished exchange.
enum class Gone : std::uint8_t {
  no,
  half_closed,  ///< it sends no more, and may still read: a closed tab looks the same as shutdown()
  yes,          ///< reset, timed out, or the server stopped: nobody reads an answer
};

/// How an exchange ended.
struct Outcome {
  enum class Result : std::uint8_t {
    delivered,  ///< the last byte is the kernel's
    gone,       ///< the client was lost before that
    aborted,    ///< the answer could not be completed and was broken off
  };
  Result result = Result::delivered;
  Status status = Status::ok;       ///< of the answer; 0 when none was begun
  std::uint64_t content_bytes = 0;  ///< content handed to the connection
  std::uint64_t duration_ms = 0;    ///< from the end of the request's head
};

/// The right to answer one request, once. Copies share it: the first completion wins. When the last
/// copy goes without an answer the client gets a 500.
class WEIR_API Reply {
 public:
  /// Owns nothing; completing it gives `gone`.
  Reply() noexcept = default;

  /// Answers with `response`.
  SendResult send(Response response);

  /// Answers 200 with content of that type; `text` is copied.
  SendResult text(std::string_view text);
  SendResult html(std::string_view html);
  SendResult json(std::string_view json);

  /// Answers an error, shaped by `Server::on_error`.
  SendResult error(Status status, std::string_view message = {});

  /// Answers piece by piece with the head of `response`. An empty Stream when already answered or
  /// gone.
  Stream stream(Response response);

  /// The request; views of it live as long as a copy of this reply. Not for an empty Reply.
  const Request& request() const noexcept;

  /// Whether anybody waits for the answer, at this moment.
  Gone gone() const noexcept;

  /// Calls `f(Gone)` on the loop's thread at each rise of gone(), at once if it has risen already.
  /// `f` is destroyed there as well; once the server is gone `f` is called and destroyed by the
  /// calling thread.
  void on_gone(net::UniqueFunction<void(Gone)> f);

  /// Calls `f(outcome)` on the loop's thread, once, after the last byte or the loss.
  void on_done(net::UniqueFunction<void(const Outcome&)> f);

  /// Runs `task` on a worker of the server; false, and `task` left as it was, when the queue is
  /// full. A task that still waits when the server stops is destroyed unrun. From a handler, a
  /// callback on the loop's thread, or such a task.
  bool run_on_worker(net::Task& task) noexcept;

  explicit operator bool() const noexcept { return static_cast<bool>(block_); }

 private:
  friend class Response;

  explicit Reply(detail::Exchange& exchange) noexcept : block_(exchange) {}

  SendResult send_content(const http::MediaTypeLine& type, std::string_view content);

  detail::Handle<detail::HandleKind::reply> block_;
};

/// The way on from a middleware that suspended its chain; copies share it, the first call wins.
/// When the last copy goes unused the client gets a 500. Thread: any.
class WEIR_API Suspension {
 public:
  Suspension() noexcept = default;

  /// Goes on with the next middleware or the handler, on the loop's thread.
  SendResult proceed();

  /// Answers instead.
  SendResult answer(Response response);

  /// As Reply's.
  const Request& request() const noexcept;
  Gone gone() const noexcept;

 private:
  friend class Response;

  explicit Suspension(detail::Exchange& exchange);

  std::shared_ptr<detail::SuspensionTicket> ticket_;
};

WEIR_END_NAMESPACE
