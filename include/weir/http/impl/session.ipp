// SPDX-License-Identifier: MIT
#pragma once
#include <cstring>
#include <new>
#include <utility>
#include <weir/http/impl/serializer.ipp>
#include <weir/http/session.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

// One allocation, with the field index behind it.
struct Session::Partial {
  RequestParser parser;
  RequestHead head;

  FieldIndex* fields() noexcept { return reinterpret_cast<FieldIndex*>(this + 1); }
};

struct Session::ContentState {
  bool chunked = false;
  bool draining = false;             // the answer is given; what comes is dropped
  std::uint64_t left = 0;            // bytes still to come, for a Content-Length
  std::uint64_t limit = 0;           // bytes that may come in all
  std::uint64_t received = 0;        // bytes of content so far
  std::uint64_t clock_start = 0;     // when waiting for content began, or began again after a pause
  std::uint64_t clock_received = 0;  // `received` at that time
  ChunkDecoder decoder;
  std::string trailers;
};

WEIR_INLINE void Session::PartialDeleter::operator()(Partial* partial) const noexcept {
  partial->~Partial();
  ::operator delete(partial);
}

WEIR_INLINE void Session::ContentDeleter::operator()(ContentState* content) const noexcept {
  delete content;
}

namespace detail {

/// `after` milliseconds from now, or no deadline when `after` is 0.
inline std::uint64_t deadline_in(const SessionContext& context, std::uint32_t after) noexcept {
  return after == 0 ? 0 : context.now_ms + after;
}

/// How long a new connection may stay silent: the head's time runs as well.
inline std::uint32_t first_wait(const Timeouts& timeouts) noexcept {
  if (timeouts.first_byte_ms == 0 || timeouts.head_ms == 0)
    return timeouts.first_byte_ms + timeouts.head_ms;
  return timeouts.first_byte_ms < timeouts.head_ms ? timeouts.first_byte_ms : timeouts.head_ms;
}

}  // namespace detail

WEIR_INLINE void Session::begin(SessionContext& context) noexcept {
  deadline_ = detail::deadline_in(context, detail::first_wait(context.timeouts));
}

WEIR_INLINE std::size_t Session::memory() const noexcept {
  std::size_t bytes = 0;
  if (partial_ != nullptr)
    bytes += sizeof(Partial) + partial_->head.field_capacity * sizeof(FieldIndex);
  if (content_ != nullptr) bytes += sizeof(ContentState) + content_->trailers.capacity();
  return bytes;
}

WEIR_INLINE bool Session::wants_content() const noexcept {
  return input_ == InputState::content && content_ != nullptr &&
         (content_->draining || (!content_paused_ && !suspended_));
}

WEIR_INLINE std::size_t Session::on_bytes(const char* data, std::size_t size,
                                          SessionContext& context) {
  std::size_t used = 0;
  while (true) {
    switch (input_) {
      case InputState::idle:
      case InputState::head: {
        if (used == size) return used;
        if (WEIR_UNLIKELY(context.requests == 0)) {
          context.out_of_turn = true;
          return used;
        }
        used += read_head(data + used, size - used, context);
        if (input_ == InputState::head) return used;
        break;
      }
      case InputState::content: {
        if (used == size || !wants_bytes()) return used;
        used += read_content(data + used, size - used, context);
        break;
      }
      case InputState::complete:
      case InputState::upgraded:
        return used;
      case InputState::closed:
        if (used < size) unread_input_ = true;
        return size;
    }
  }
}

WEIR_STEP std::size_t Session::read_head(const char* data, std::size_t size,
                                         SessionContext& context) {
  RequestParser fresh;
  const bool resumed = partial_ != nullptr;
  RequestParser& parser = resumed ? partial_->parser : fresh;
  RequestHead& head = resumed ? partial_->head : context.head;
  const RequestParser::Result result = parser.parse(data, size, head, context.limits);
  switch (result.kind) {
    case RequestParser::Result::Kind::complete: {
      --context.requests;
      if (WEIR_UNLIKELY(resumed)) {
        FieldIndex* fields = context.head.fields;
        const std::uint32_t capacity = context.head.field_capacity;
        std::memcpy(fields, head.fields, head.field_count * sizeof(FieldIndex));
        context.head = head;
        context.head.fields = fields;
        context.head.field_capacity = capacity;
        partial_.reset();
      }
      context.head.base = data;
      const std::size_t used = result.consumed;
      return used +
             begin_exchange(context.head, std::string_view(data + used, size - used), context);
    }
    case RequestParser::Result::Kind::partial: {
      if (!resumed) {
        // What the parser knows moves out of the loop's memory with the connection's bytes.
        const std::uint32_t capacity = context.head.field_capacity;
        void* memory = ::operator new(sizeof(Partial) + capacity * sizeof(FieldIndex));
        partial_.reset(new (memory) Partial{fresh, head});
        partial_->head.fields = partial_->fields();
        if (head.field_count > 0)
          std::memcpy(partial_->head.fields, head.fields, head.field_count * sizeof(FieldIndex));
        arm_head_deadline(context);
        input_ = InputState::head;
      }
      return 0;
    }
    case RequestParser::Result::Kind::failed:
      break;
  }
  // The error's answer to a HEAD has no content either (RFC 9110 §9.3.2).
  head_request_ = head.method == Method::head;
  partial_.reset();
  ++exchange_;
  minor_version_ = 1;
  context.application.on_incident(incident_of(result.error));
  refuse(status_of(result.error), message_of(result.error), context);
  return size;
}

WEIR_STEP std::size_t Session::begin_exchange(RequestHead& head, std::string_view rest,
                                              SessionContext& context) {
  ++exchange_;
  output_ = OutputState::none;
  minor_version_ = head.minor_version;
  head_request_ = head.method == Method::head;
  keep_alive_ = head.keep_alive;
  handler_ms_ = context.timeouts.handler_ms;
  const bool by_length = head.framing == RequestHead::Framing::length;
  const bool has_content =
      head.framing == RequestHead::Framing::chunked || (by_length && head.content_length > 0);
  // RFC 9110 §10.1.1: an expectation without content, or from an HTTP/1.0 client, is ignored.
  expects_continue_ = head.expect_continue && has_content && minor_version_ >= 1;
  input_ = has_content ? InputState::content : InputState::complete;
  suspended_ = false;
  content_paused_ = true;
  too_long_to_drain_ = by_length && head.content_length > kDrainLimit;
  if (WEIR_UNLIKELY(head.expect_unknown)) {
    context.application.on_incident(Incident::expectation_failed);
    refuse(Status::expectation_failed, "an expectation other than 100-continue", context);
    return 0;
  }

  deciding_ = true;
  const ContentPlan plan = context.application.on_head(*this, head);
  deciding_ = false;
  if (plan.handler_ms != 0) handler_ms_ = plan.handler_ms;
  if (WEIR_UNLIKELY(aborted_)) return 0;

  if (output_ == OutputState::complete) {
    if (!has_content) {
      exchange_over(context);
    } else {
      expect_content(head, 0, context);
      drain_or_close(context);
    }
    return 0;
  }
  switch (plan.kind) {
    case ContentPlan::Kind::answered:
      // Begun, or promised for later: the content waits unread for the answer's end.
      if (has_content) expect_content(head, kUnknownSize, context);
      content_paused_ = true;
      arm_handler_deadline(context);
      return 0;
    case ContentPlan::Kind::stream:
    case ContentPlan::Kind::suspended:
      suspended_ = plan.kind == ContentPlan::Kind::suspended;
      if (has_content) {
        if (by_length && !suspended_ && head.content_length > plan.limit) {
          expect_content(head, plan.limit, context);
          fail_too_large(context);
          return 0;
        }
        expect_content(head, plan.limit, context);
        if (!rest.empty()) expects_continue_ = false;
        if (!content_paused_ && !suspended_) continue_if_expected(context);
        if (content_paused_ || suspended_) arm_handler_deadline(context);
      } else {
        if (!suspended_) context.application.on_content_end(*this, {});
        if (input_ == InputState::complete) arm_handler_deadline(context);
      }
      return 0;
    case ContentPlan::Kind::collect:
      break;
  }
  content_paused_ = false;
  if (!has_content) {
    context.application.on_request(*this, head, {});
    if (input_ == InputState::complete) arm_handler_deadline(context);
    return 0;
  }
  if (by_length && head.content_length > plan.limit) {
    context.application.on_incident(Incident::content_too_large);
    refuse(Status::content_too_large, "content too large", context);
    return 0;
  }
  if (by_length && rest.size() >= head.content_length) {
    const auto size = static_cast<std::size_t>(head.content_length);
    input_ = InputState::complete;
    expects_continue_ = false;
    context.application.on_request(*this, head, rest.substr(0, size));
    if (input_ == InputState::complete) arm_handler_deadline(context);
    return size;
  }
  expect_content(head, plan.limit, context);
  context.application.on_content_begin(*this, head);
  if (output_ == OutputState::complete) return 0;  // answered or aborted by that call
  if (!rest.empty()) expects_continue_ = false;
  if (!content_paused_) continue_if_expected(context);
  return 0;
}

WEIR_INLINE void Session::expect_content(const RequestHead& head, std::uint64_t limit,
                                         SessionContext& context) {
  content_.reset(new ContentState);
  content_->chunked = head.framing == RequestHead::Framing::chunked;
  content_->left = content_->chunked ? 0 : head.content_length;
  content_->limit = limit;
  content_->clock_start = context.now_ms;
  deadline_ = detail::deadline_in(context, context.timeouts.content_stall_ms);
}

WEIR_INLINE void Session::continue_if_expected(SessionContext& context) {
  if (!expects_continue_) return;
  expects_continue_ = false;
  if (output_ != OutputState::none)
    return;  // the final answer has begun: no interim one may follow
  write_interim(context.output, Status::continue_, ResponseHead{});
}

WEIR_INLINE std::size_t Session::read_content(const char* data, std::size_t size,
                                              SessionContext& context) {
  ContentState& content = *content_;
  if (!content.chunked) {
    const std::size_t taken = content.left < size ? static_cast<std::size_t>(content.left) : size;
    content.left -= taken;
    content.received += taken;
    const bool last = content.left == 0;
    deliver({data, taken}, last, context);
    // deliver() runs the application: the state may have changed under us.
    if (last && input_ == InputState::content) content_complete(context);
    return taken;
  }
  const ChunkDecoder::Progress progress =
      content.decoder.step(data, size, context.limits, content.trailers);
  if (progress.error != ParseError::none) {
    if (content.draining) {  // the exchange is over: the application has nothing to do with this
      close_input(true);
      return size;
    }
    context.application.on_incident(incident_of(progress.error));
    fail_content(ContentError::malformed, status_of(progress.error), message_of(progress.error),
                 context);
    return size;
  }
  content.received += progress.data.size();
  if (!content.draining && content.received > content.limit) {
    fail_too_large(context);
    return size;
  }
  // Framing without content keeps no one waiting either: only content counts as progress.
  if (!progress.data.empty()) deliver(progress.data, progress.done, context);
  if (progress.done && input_ == InputState::content) content_complete(context);
  return progress.consumed;
}

WEIR_INLINE void Session::deliver(std::string_view piece, bool last, SessionContext& context) {
  ContentState& content = *content_;
  if (content.draining) {
    if (content.received > kDrainLimit) close_input(true);
    return;
  }
  if (!last && !keeps_rate(context)) {  // nobody gains by refusing what is complete
    fail_too_slow(Incident::content_too_slow, "content came too slowly", context);
    return;
  }
  deadline_ = detail::deadline_in(context, context.timeouts.content_stall_ms);
  context.application.on_content(*this, piece);
}

// Each period of at least the grace must keep the rate: credit from a fast beginning does not last.
WEIR_INLINE bool Session::keeps_rate(const SessionContext& context) noexcept {
  const std::uint64_t elapsed = context.now_ms - content_->clock_start;
  if (context.timeouts.content_min_rate == 0 || elapsed <= context.timeouts.content_grace_ms)
    return true;
  const std::uint64_t got = content_->received - content_->clock_received;
  if (got * 1000 < elapsed * context.timeouts.content_min_rate) return false;
  content_->clock_start = context.now_ms;
  content_->clock_received = content_->received;
  return true;
}

WEIR_INLINE void Session::content_complete(SessionContext& context) {
  const std::unique_ptr<ContentState, ContentDeleter> content = std::move(content_);
  input_ = InputState::complete;
  if (content->draining) {
    exchange_over(context);
    return;
  }
  deadline_ = 0;
  context.application.on_content_end(*this, content->trailers);
  if (input_ != InputState::complete) return;
  if (output_ == OutputState::complete) {
    exchange_over(context);
  } else {
    arm_handler_deadline(context);
  }
}

WEIR_INLINE void Session::arm_head_deadline(const SessionContext& context) noexcept {
  const std::uint32_t head_ms = context.timeouts.head_ms;
  if (exchange_ > 0 || head_ms == 0) {
    deadline_ = detail::deadline_in(context, head_ms);
  } else {  // the first head's time runs from begin()
    deadline_ = deadline_ - detail::first_wait(context.timeouts) + head_ms;
  }
}

WEIR_INLINE void Session::arm_handler_deadline(const SessionContext& context) noexcept {
  deadline_ =
      output_ == OutputState::none ? detail::deadline_in(context, handler_ms_) : std::uint64_t{0};
}

WEIR_INLINE void Session::follow_plan(ContentPlan plan, SessionContext& context) {
  // Answered meanwhile, perhaps by who calls: end_answer() has gone on.
  if (!suspended_ || plan.kind == ContentPlan::Kind::suspended) return;
  suspended_ = false;
  if (plan.handler_ms != 0) handler_ms_ = plan.handler_ms;
  if (plan.kind == ContentPlan::Kind::answered) {  // begun, or promised for later
    content_paused_ = true;
    arm_handler_deadline(context);
    return;
  }
  if (input_ == InputState::complete) {
    context.application.on_content_end(*this, {});
    if (input_ == InputState::complete) arm_handler_deadline(context);
    return;
  }
  if (input_ != InputState::content) return;
  content_->limit = plan.limit;
  if (!content_->chunked && content_->left > plan.limit) {
    fail_too_large(context);
    return;
  }
  if (plan.kind == ContentPlan::Kind::collect || !content_paused_) {
    content_paused_ = true;
    resume_content(context);
  } else {
    arm_handler_deadline(context);
  }
}

WEIR_INLINE void Session::pause_content(SessionContext& context) noexcept {
  // What is drained is nobody's to pause.
  if (input_ == InputState::content && output_ == OutputState::complete) return;
  content_paused_ = true;
  // The peer is not to blame now: what runs is the handler's time. Each piece that it has taken
  // begins it anew, also where what was read has more of them than were sent.
  if (input_ == InputState::content || input_ == InputState::complete)
    arm_handler_deadline(context);
}

WEIR_INLINE void Session::resume_content(SessionContext& context) {
  if (!content_paused_) return;
  content_paused_ = false;
  if (input_ == InputState::complete) arm_handler_deadline(context);  // a decoder has kept some
  if (deciding_ || suspended_ || input_ != InputState::content || content_->draining) return;
  // The pause was ours: the peer's clock starts anew.
  content_->clock_start = context.now_ms;
  content_->clock_received = content_->received;
  deadline_ = detail::deadline_in(context, context.timeouts.content_stall_ms);
  continue_if_expected(context);
}

WEIR_INLINE void Session::on_eof(SessionContext& context) {
  if (ended_) return;
  ended_ = true;
  keep_alive_ = false;
  switch (input_) {
    case InputState::idle:
    case InputState::head:
      close_input(false);
      return;
    case InputState::content:
      if (content_->draining) {
        close_input(false);
      } else {
        fail_content(ContentError::gone, Status::bad_request, {}, context);
      }
      return;
    case InputState::complete:  // RFC 9112 §9.6: the answer is still wanted
    case InputState::upgraded:
    case InputState::closed:
      return;
  }
}

WEIR_INLINE void Session::on_deadline(SessionContext& context) {
  if (deadline_ == 0 || context.now_ms < deadline_) return;
  deadline_ = 0;
  switch (input_) {
    case InputState::idle:
      context.application.on_incident(exchange_ == 0 ? Incident::first_byte_timeout
                                                     : Incident::keep_alive_timeout);
      close_input(false);
      return;
    case InputState::head:
      context.application.on_incident(Incident::head_timeout);
      if (!partial_->parser.started()) {  // empty lines behind the last request, and no more
        close_input(false);
        return;
      }
      head_request_ = partial_->head.method == Method::head;
      partial_.reset();
      ++exchange_;
      minor_version_ = 1;
      refuse(Status::request_timeout, "the head did not come in time", context);
      return;
    case InputState::content:
      if (content_->draining) {
        close_input(true);
      } else if (content_paused_ || suspended_) {
        context.application.on_handler_timeout(*this);
      } else {
        fail_too_slow(Incident::content_stall, "the content did not come in time", context);
      }
      return;
    case InputState::complete:
      context.application.on_handler_timeout(*this);
      return;
    case InputState::upgraded:
    case InputState::closed:
      return;
  }
}

WEIR_INLINE void Session::fail_content(ContentError error, Status status, std::string_view reason,
                                       SessionContext& context) {
  const std::unique_ptr<ContentState, ContentDeleter> content = std::move(content_);
  input_ = InputState::closed;
  keep_alive_ = false;
  suspended_ = false;
  deadline_ = 0;
  if (error != ContentError::gone) unread_input_ = true;
  context.application.on_content_error(*this, error);
  if (output_ == OutputState::complete) return;
  if (error == ContentError::gone || output_ == OutputState::begun) {
    abort();
  } else {
    context.application.on_refused(*this, status, reason);
  }
}

WEIR_INLINE void Session::fail_too_large(SessionContext& context) {
  context.application.on_incident(Incident::content_too_large);
  fail_content(ContentError::too_large, Status::content_too_large, "content too large", context);
}

WEIR_INLINE void Session::fail_too_slow(Incident incident, std::string_view reason,
                                        SessionContext& context) {
  context.application.on_incident(incident);
  fail_content(ContentError::timed_out, Status::request_timeout, reason, context);
}

WEIR_INLINE void Session::refuse(Status status, std::string_view reason, SessionContext& context) {
  if (WEIR_UNLIKELY(output_ ==
                    OutputState::begun)) {  // a second head would answer the next request
    abort();
    unread_input_ = true;
    return;
  }
  output_ = OutputState::none;
  input_ = InputState::closed;
  keep_alive_ = false;
  expects_continue_ = false;
  unread_input_ = true;
  deadline_ = 0;
  context.application.on_refused(*this, status, reason);
}

WEIR_INLINE void Session::abort() noexcept {
  aborted_ = true;
  input_ = InputState::closed;
  output_ = OutputState::complete;
  keep_alive_ = false;
  suspended_ = false;
  deadline_ = 0;
}

// Whether the answer is of the kind that nearly all are: nothing about the connection has to be
// said or decided.
WEIR_STEP bool Session::answers_plainly(const ResponseHead& head,
                                        const SessionContext& context) const noexcept {
  return input_ == InputState::complete && output_ == OutputState::none && keep_alive_ &&
         minor_version_ != 0 && !head_request_ && !ended_ && !context.closing &&
         context.max_requests == 0 && head.is_plain() &&
         (head.status == Status::ok ||
          (!forbids_content(head.status) && head.status != Status::reset_content));
}

WEIR_INLINE bool Session::answer(ResponseHead& head, std::string_view content,
                                 SessionContext& context) {
  if (WEIR_LIKELY(answers_plainly(head, context))) {
    detail::put_plain_answer(context.output, head, context.date, context.server, content);
    output_ = OutputState::complete;
    framing_ = Framing::none;
    deadline_ = 0;
    if (!deciding_) exchange_over(context);
    return true;
  }
  const bool sent = begin_answer(head, content.size(), context);
  if (sent && begin_piece(content.size(), context)) {
    context.output.append(content);
    end_piece(context);
  }
  end_answer({}, context);
  return sent;
}

WEIR_INLINE bool Session::begin_answer(ResponseHead& head, std::uint64_t size,
                                       SessionContext& context) {
  WEIR_ASSERT(output_ == OutputState::none);
  HeadOptions options;
  options.minor_version = minor_version_;
  options.date = context.date;
  options.server = context.server;
  const bool no_content = forbids_content(head.status);
  framing_ = Framing::none;
  answer_left_ = 0;
  if (!no_content) {
    const std::optional<std::uint64_t> announced = head.content_length();
    if (WEIR_UNLIKELY(head.status == Status::reset_content)) {
      size = 0;  // RFC 9110 §15.3.6
    } else if (announced && (size == kUnknownSize || (head_request_ && size == 0))) {
      size = *announced;
    }
    if (size != kUnknownSize) {
      framing_ = Framing::length;
      options.framing = HeadOptions::Framing::length;
      options.content_length = answer_left_ = size;
    } else if (minor_version_ >= 1) {
      framing_ = Framing::chunked;
      options.framing = HeadOptions::Framing::chunked;
    } else {
      framing_ = Framing::until_close;
      options.framing = HeadOptions::Framing::until_close;
      keep_alive_ = false;
    }
  }
  if (head.close() || context.closing || ended_) keep_alive_ = false;
  if (WEIR_UNLIKELY(context.max_requests != 0 && exchange_ >= context.max_requests)) {
    if (keep_alive_) context.application.on_incident(Incident::max_requests);
    keep_alive_ = false;
  }
  // A client that still waits for 100 may send its content or not: there is no telling where the
  // next request would start.
  if (expects_continue_) keep_alive_ = false;
  // A whole answer that leaves too much unread ends the connection; a stream may go on reading.
  if (input_ == InputState::content && size != kUnknownSize &&
      (content_ != nullptr ? content_->left > kDrainLimit : too_long_to_drain_))
    keep_alive_ = false;
  options.close = !keep_alive_;
  options.keep_alive_header = keep_alive_ && minor_version_ == 0;
  write_head(context.output, head, options);
  output_ = OutputState::begun;
  // The handler's time runs up to here; the peer's goes on while it sends content.
  if (input_ == InputState::complete || content_paused_ || suspended_) deadline_ = 0;
  if (head_request_ || no_content || size == 0) {
    framing_ = Framing::none;
    answer_left_ = 0;
    return false;
  }
  return true;
}

WEIR_INLINE bool Session::begin_piece(std::uint64_t size, SessionContext& context) {
  if (output_ != OutputState::begun || size == 0) return false;
  switch (framing_) {
    case Framing::none:
      return false;
    case Framing::length:
      if (size > answer_left_) return false;
      answer_left_ -= size;
      return true;
    case Framing::chunked:
      write_chunk_head(context.output, static_cast<std::size_t>(size));
      return true;
    case Framing::until_close:
      return true;
  }
  WEIR_UNREACHABLE();
}

WEIR_INLINE void Session::end_piece(SessionContext& context) {
  if (framing_ == Framing::chunked) write_chunk_end(context.output);
}

WEIR_INLINE void Session::send(std::string_view piece, SessionContext& context) {
  if (!begin_piece(piece.size(), context)) return;
  context.output.append(piece);
  end_piece(context);
}

WEIR_INLINE void Session::end_answer(std::string_view trailers, SessionContext& context) {
  if (output_ != OutputState::begun) return;
  if (framing_ == Framing::chunked) write_last_chunk(context.output, trailers);
  if (WEIR_UNLIKELY(framing_ == Framing::length && answer_left_ > 0)) {
    abort();
    return;
  }
  output_ = OutputState::complete;
  if (deciding_) return;  // begin_exchange() goes on
  switch (input_) {
    case InputState::complete:
      exchange_over(context);
      return;
    case InputState::content:
      drain_or_close(context);
      return;
    case InputState::upgraded:
      close_input(true);
      return;
    case InputState::idle:
    case InputState::head:
    case InputState::closed:
      return;
  }
}

WEIR_INLINE void Session::drain_or_close(SessionContext& context) {
  suspended_ = false;
  if (!content_->chunked && content_->left == 0) {  // answered with the last piece in hand
    content_.reset();
    exchange_over(context);
    return;
  }
  if (keep_alive_ && content_->left <= kDrainLimit) {
    content_->draining = true;
    content_->received = 0;
    deadline_ = detail::deadline_in(context, context.timeouts.content_stall_ms);
    return;
  }
  close_input(true);
}

WEIR_INLINE void Session::close_input(bool unread) noexcept {
  partial_.reset();
  content_.reset();
  input_ = InputState::closed;
  unread_input_ = unread_input_ || unread;
  deadline_ = 0;
}

WEIR_INLINE void Session::exchange_over(SessionContext& context) {
  suspended_ = false;
  // An answer that was begun before the server began to stop could not say so: close all the same.
  if (WEIR_LIKELY(keep_alive_ && !context.closing)) {
    input_ = InputState::idle;
    deadline_ = detail::deadline_in(context, context.timeouts.keep_alive_ms);
  } else {
    input_ = InputState::closed;
    deadline_ = 0;
  }
}

WEIR_INLINE void Session::upgrade(ResponseHead& head, SessionContext& context) {
  WEIR_ASSERT(output_ == OutputState::none && input_ == InputState::complete);
  HeadOptions options;
  options.date = context.date;
  options.server = context.server;
  write_head(context.output, head, options);
  output_ = OutputState::begun;
  framing_ = Framing::until_close;
  input_ = InputState::upgraded;
  keep_alive_ = false;
  deadline_ = 0;
}

WEIR_INLINE void Session::send_interim(Status status, const ResponseHead& head,
                                       SessionContext& context) {
  if (output_ != OutputState::none || minor_version_ == 0) return;
  if (status == Status::continue_) expects_continue_ = false;
  write_interim(context.output, status, head);
}

}  // namespace http
WEIR_END_NAMESPACE
