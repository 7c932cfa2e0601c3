// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One HTTP/1.x connection as bytes in and bytes out (RFC 9112): requests are read, handed to the
/// application, answered in order.
///
/// The session opens no socket and asks no clock: whoever drives it passes the bytes, the time and
/// the output at each call. So the same code runs under the server, the test client, a fuzzer and a
/// benchmark.
///
/// One exchange (a request with its answer) is active at a time. Until it is over later bytes stay
/// with the caller unparsed, so that answers cannot come out of order and a request behind one that
/// closes the connection is never read.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/http/chunk_decoder.hpp>
#include <weir/http/incident.hpp>
#include <weir/http/limits.hpp>
#include <weir/http/output.hpp>
#include <weir/http/parse_error.hpp>
#include <weir/http/request_head.hpp>
#include <weir/http/request_parser.hpp>
#include <weir/http/response_head.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// How long a peer may take, in milliseconds; 0 means without limit.
struct Timeouts {
  std::uint32_t first_byte_ms = 10'000;  ///< from accept to the first request's first byte
  std::uint32_t head_ms =
      10'000;  ///< from accept, or a later request's first byte, to a head's end
  std::uint32_t keep_alive_ms = 15'000;  ///< from an answer's end to the next request's first byte
  std::uint32_t content_stall_ms = 10'000;  ///< between two pieces of a request's content
  std::uint32_t content_grace_ms = 5'000;   ///< the shortest time that the rate is measured over
  std::uint32_t content_min_rate = 240;     ///< bytes a second of content
  std::uint32_t handler_ms = 30'000;        ///< from the request to the answer's beginning
};

/// What the application wants done with a request's content, said at the end of the head.
struct ContentPlan {
  enum class Kind : std::uint8_t {
    answered,   ///< the answer is given, begun or promised: nobody wants the content, which waits
                ///< for the answer's end and is then drained or the connection closed
    collect,    ///< call on_request() when all of it is there
    stream,     ///< call on_content() for each piece, from resume_content() on
    suspended,  ///< not decided yet: follow_plan() will say
  };

  Kind kind = Kind::collect;
  std::uint32_t handler_ms = 0;  ///< replaces Timeouts::handler_ms unless 0
  std::uint64_t limit = 0;       ///< bytes of content; more is answered 413
};
static_assert(sizeof(ContentPlan) == 16, "it is returned in registers");

/// Why a request's content ended early.
enum class ContentError : std::uint8_t {
  malformed,  ///< broken chunked coding; 400
  too_large,  ///< more than the plan's limit; 413
  timed_out,  ///< stalled, or slower than the minimum rate; 408
  gone,       ///< the peer closed or broke the connection
};

class Session;

/// What a session serves: the reactor with its router and handlers, or a test.
///
/// Every function runs inside a call of the session; it may answer at once through the session it
/// is given, or leave that for later.
class WEIR_API Application {
 public:
  /// A head is complete. `head` lives until the call returns, its bytes as long as the caller's.
  virtual ContentPlan on_head(Session& session, RequestHead& head) = 0;

  /// The request is complete and lies in one piece; follows a `collect` plan.
  virtual void on_request(Session& session, RequestHead& head, std::string_view content) = 0;

  /// The content of a `collect` plan will come in pieces: keep a copy of `head`, on_content()
  /// follows.
  virtual void on_content_begin(Session& session, RequestHead& head) = 0;
  virtual void on_content(Session& session, std::string_view piece) = 0;

  /// All content was given. `trailers` is field lines, each ended by CRLF, often none.
  virtual void on_content_end(Session& session, std::string_view trailers) = 0;

  /// No more content will come and the request will not complete. Unless the answer has begun, and
  /// but for `gone`, on_refused() follows.
  virtual void on_content_error(Session& session, ContentError error) = 0;

  /// The request cannot be served: answer with `status`. The connection closes afterwards.
  virtual void on_refused(Session& session, Status status, std::string_view reason) = 0;

  /// The handler has used up its time and no answer has begun: answer.
  virtual void on_handler_timeout(Session& session) = 0;

  /// A limit or a time-out was met; what is to be done about it comes by another call, or is
  /// nothing.
  virtual void on_incident(Incident) noexcept {}

 protected:
  Application() = default;
  ~Application() = default;
  Application(const Application&) = default;
  Application& operator=(const Application&) = default;
};

/// What a loop lends to its sessions for a call.
struct SessionContext {
  const Limits& limits;
  const Timeouts& timeouts;
  Application& application;
  Output& output;
  RequestHead& head;               ///< scratch with a field index of `limits.field_count` entries
  std::string_view date;           ///< 29 bytes, RFC 9110 §5.6.7
  std::string_view server = {};    ///< value of a Server field; empty: none is sent
  std::uint64_t now_ms = 0;        ///< monotonic, any origin but never 0
  std::uint32_t requests = 64;     ///< heads that may still be begun in this turn
  bool closing = false;            ///< the server is stopping: answers say `Connection: close`
  std::uint64_t max_requests = 0;  ///< requests on one connection, 0 for any number
  bool out_of_turn = false;  ///< set when on_bytes() stopped only because `requests` was used up
};

/// An HTTP/1.x session.
class WEIR_API Session {
 public:
  static constexpr std::uint64_t kUnknownSize = ~std::uint64_t{0};

  /// Content of an answered request that is read and dropped to keep the connection; above it
  /// closing is cheaper for both sides.
  static constexpr std::uint64_t kDrainLimit = 256 * 1024;

  Session() noexcept = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Starts the clock of the first request.
  void begin(SessionContext& context) noexcept;

  /// Takes from `size` bytes at `data`, the oldest unconsumed byte first, and returns how many it
  /// is done with. The rest must be passed again, with what has come behind it.
  std::size_t on_bytes(const char* data, std::size_t size, SessionContext& context);

  /// The peer sends no more.
  void on_eof(SessionContext& context);

  /// Acts on deadlines that `context.now_ms` has reached.
  void on_deadline(SessionContext& context);

  /// Puts a deadline that comes earlier off to `at_ms`: it was not the peer who was slow.
  void postpone_deadline(std::uint64_t at_ms) noexcept {
    if (deadline_ != 0 && deadline_ < at_ms) deadline_ = at_ms;
  }

  /// When on_deadline() wants to be called, in the milliseconds of `now_ms`; 0: not at all.
  std::uint64_t next_deadline() const noexcept { return deadline_; }

  // Answering. The exchange is the active one; callers outside on_bytes() check exchange() first.

  /// A whole answer whose content is copied. Returns whether content is sent at all (not for HEAD,
  /// 204, 205, 304).
  bool answer(ResponseHead& head, std::string_view content, SessionContext& context);

  /// Begins the final answer: writes the head. `size` is the content's bytes, or kUnknownSize for
  /// an answer of any length. Returns whether content is sent at all (not for HEAD, 204, 205, 304).
  bool begin_answer(ResponseHead& head, std::uint64_t size, SessionContext& context);

  /// One piece of content, given by a call between begin_piece() and end_piece() to the output.
  /// They write the chunk's frame where there is one. begin_piece() returns false when the piece
  /// must not be sent: no content is wanted, or it would exceed the announced length.
  bool begin_piece(std::uint64_t size, SessionContext& context);
  void end_piece(SessionContext& context);

  /// Copies `piece` to the output as content.
  void send(std::string_view piece, SessionContext& context);

  /// Ends the answer. `trailers` is field lines, each ended by CRLF; dropped where the answer is
  /// not chunked. Content short of the announced length breaks the connection off.
  void end_answer(std::string_view trailers, SessionContext& context);

  /// An interim answer (RFC 9110 §15.2), for HTTP/1.1 clients and before the final one only.
  void send_interim(Status status, const ResponseHead& head, SessionContext& context);

  /// Announces another protocol: writes `head` as a 101 and gives up reading. Until end_answer()
  /// pieces are written as they are, without a frame. The request must be complete.
  void upgrade(ResponseHead& head, SessionContext& context);

  /// Breaks the exchange off: nothing more is sent or read, and the peer can see that something is
  /// missing.
  void abort() noexcept;

  /// Decides a `suspended` plan. The head must lie in memory of the application's: content comes
  /// through on_content() and on_content_end(), never on_request().
  void follow_plan(ContentPlan plan, SessionContext& context);

  /// Stops and starts on_content(). A streamed request starts stopped; the first start sends
  /// `100 Continue` where it is waited for.
  void pause_content(SessionContext& context) noexcept;
  void resume_content(SessionContext& context);

  // Observers

  /// Counts this connection's requests, the active one included.
  std::uint32_t exchange() const noexcept { return exchange_; }

  /// Whether an answer is still owed for exchange().
  bool answer_pending() const noexcept { return output_ != OutputState::complete; }
  bool answer_begun() const noexcept { return output_ == OutputState::begun; }

  /// Whether on_bytes() would take bytes now. While false the caller need not read.
  bool wants_bytes() const noexcept {
    return input_ == InputState::idle || input_ == InputState::head || wants_content();
  }

  /// The active request has been read to its end.
  bool request_is_complete() const noexcept { return input_ == InputState::complete; }

  /// Between two requests: nothing has been read of the next one.
  bool is_idle() const noexcept { return input_ == InputState::idle; }

  /// Whether the connection speaks another protocol: incoming bytes are its.
  bool is_upgraded() const noexcept { return input_ == InputState::upgraded; }

  /// All has been said: close once the output has left.
  bool wants_close() const noexcept { return input_ == InputState::closed; }

  /// Close without sending what is left: the answer cannot be completed.
  bool is_aborted() const noexcept { return aborted_; }

  /// Bytes allocated for a head or content that has come in part.
  std::size_t memory() const noexcept;

  /// Whether bytes may still be on their way that nobody will read: linger when closing.
  bool may_have_unread_input() const noexcept { return unread_input_; }

  /// The connection must not be kept after the active exchange.
  void close_after_answer() noexcept { keep_alive_ = false; }

  /// The same; bytes behind the active request were taken away unread.
  void give_up_input() noexcept {
    keep_alive_ = false;
    unread_input_ = true;
  }

 private:
  enum class InputState : std::uint8_t {
    idle,      // nothing of the next request seen
    head,      // part of a head seen; partial_ holds the parser
    content,   // between the head and the content's end
    complete,  // the request is read; its answer is outstanding
    upgraded,  // bytes are another protocol's
    closed,    // no byte will be read any more
  };
  enum class OutputState : std::uint8_t { none, begun, complete };
  enum class Framing : std::uint8_t { none, length, chunked, until_close };

  struct Partial;       // parser and index of a head that came in pieces
  struct ContentState;  // where the content of a request stands
  struct PartialDeleter {
    void operator()(Partial* partial) const noexcept;
  };
  struct ContentDeleter {
    void operator()(ContentState* content) const noexcept;
  };

  bool wants_content() const noexcept;
  bool answers_plainly(const ResponseHead& head, const SessionContext& context) const noexcept;
  std::size_t read_head(const char* data, std::size_t size, SessionContext& context);
  std::size_t begin_exchange(RequestHead& head, std::string_view rest, SessionContext& context);
  std::size_t read_content(const char* data, std::size_t size, SessionContext& context);
  void expect_content(const RequestHead& head, std::uint64_t limit, SessionContext& context);
  void continue_if_expected(SessionContext& context);
  void content_complete(SessionContext& context);
  void drain_or_close(SessionContext& context);
  void fail_content(ContentError error, Status status, std::string_view reason,
                    SessionContext& context);
  void fail_too_large(SessionContext& context);
  void fail_too_slow(Incident incident, std::string_view reason, SessionContext& context);
  void refuse(Status status, std::string_view reason, SessionContext& context);
  void exchange_over(SessionContext& context);
  void close_input(bool unread) noexcept;
  void arm_head_deadline(const SessionContext& context) noexcept;
  void arm_handler_deadline(const SessionContext& context) noexcept;
  bool keeps_rate(const SessionContext& context) noexcept;
  void deliver(std::string_view piece, bool last, SessionContext& context);

  std::unique_ptr<Partial, PartialDeleter> partial_;
  std::unique_ptr<ContentState, ContentDeleter> content_;
  std::uint64_t deadline_ = 0;
  std::uint64_t answer_left_ = 0;  // content still owed under Framing::length
  std::uint32_t exchange_ = 0;
  std::uint32_t handler_ms_ = 0;

  InputState input_ = InputState::idle;
  OutputState output_ = OutputState::complete;
  Framing framing_ = Framing::none;
  std::uint8_t minor_version_ = 1;
  bool head_request_ = false;
  bool keep_alive_ = true;
  bool expects_continue_ = false;  // the client waits for 100 and has not been told
  bool content_paused_ = false;
  bool suspended_ = false;
  bool deciding_ = false;           // inside Application::on_head()
  bool too_long_to_drain_ = false;  // the announced content is above kDrainLimit
  bool aborted_ = false;
  bool unread_input_ = false;
  bool ended_ = false;  // on_eof() was called
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/session.ipp>
#endif
