// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The head of an HTTP/1 request: bytes in, a RequestHead out (RFC 9112 §2 to §6, RFC 9110 §5).
///
/// A finite-state machine that copies and allocates nothing. It may be fed in any pieces: outcome,
/// error and the byte that the error is found at depend on the bytes alone, never on the cuts.
/// Lines that lie whole in the buffer are taken by a fast path that knows no errors; whatever it
/// does not like, and whatever is cut, is read by the state machine, which has the last word.
///
/// It is strict where leniency lets two parsers see two different messages: one reading or none.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <weir/config.hpp>
#include <weir/http/limits.hpp>
#include <weir/http/parse_error.hpp>
#include <weir/http/request_head.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Empty lines taken in front of a request line. RFC 9112 §2.2 wants one at least, for clients that
/// send a line end behind a body.
inline constexpr unsigned kMaxEmptyLines = 2;

class WEIR_API RequestParser {
 public:
  struct Result {
    enum class Kind : std::uint8_t {
      complete,  ///< `head` is filled; `consumed` is `head.size`
      partial,   ///< more bytes are wanted; `consumed` is 0, for all bytes must be kept
      failed,    ///< `error` says why; `consumed` is the offset of the byte that broke the rule
    };
    Kind kind = Kind::partial;
    ParseError error = ParseError::none;
    std::uint32_t consumed = 0;
  };

  /// Goes on reading a head.
  ///
  /// `data` starts at the message's first byte at every call and holds all bytes seen so far and
  /// perhaps more; it may have moved since the last call. Only what is new is scanned. `head` must
  /// be the same, or a copy with a copy of its index: finished lines are in it. After `complete` or
  /// `failed` the same result is given until reset(). Bytes above 2^32-1 are not looked at.
  ///
  /// What a whole head means (Host, lengths, encodings) is judged at its end, so that those errors
  /// have `consumed` behind the empty line.
  Result parse(const char* data, std::size_t size, RequestHead& head,
               const Limits& limits) noexcept;

  /// Ready for the next message.
  void reset() noexcept { *this = RequestParser(); }

  /// Whether a byte of a request line has been seen: empty lines in front do not count.
  bool started() const noexcept { return state_ > State::start_lf; }

 private:
  // HTTP-message = request-line CRLF *( field-line CRLF ) CRLF (RFC 9112 §2.1)
  enum class State : std::uint8_t {
    start,        // *( CRLF )
    start_lf,     // LF
    method,       // 1*tchar SP
    target,       // 1*target-char SP
    version,      // "HTTP/" DIGIT "." DIGIT
    line_end,     // CR
    line_lf,      // LF
    field_start,  // CR of the empty line, or the first byte of a name
    name,         // 1*tchar ":"
    value,        // OWS *( field-vchar / SP / HTAB / obs-text ) CR
    value_lf,     // LF
    head_lf,      // LF of the empty line
    complete,     // nothing more is read
    failed,       // final
  };
  struct Input;

  bool run(Input& in) noexcept;

  inline bool on_start(Input& in) noexcept;
  inline bool on_start_lf(Input& in) noexcept;
  inline bool on_method(Input& in) noexcept;
  inline bool on_target(Input& in) noexcept;
  inline bool on_version(Input& in) noexcept;
  inline bool on_line_end(Input& in) noexcept;
  inline bool on_line_lf(Input& in) noexcept;
  inline bool on_field_start(Input& in) noexcept;
  inline bool on_name(Input& in) noexcept;
  inline bool on_value(Input& in) noexcept;
  inline bool on_value_lf(Input& in) noexcept;
  inline bool on_head_lf(Input& in) noexcept;

  inline bool end_of_version(Input& in) noexcept;
  inline void end_of_request_line(Input& in) noexcept;
  inline bool end_of_field(Input& in) noexcept;
  inline bool end_of_head(RequestHead& head, std::uint32_t at) noexcept;
  inline bool is_above_line_limit(Input& in) noexcept;
  inline bool is_above_field_limit(Input& in) noexcept;
  bool fail(ParseError error, std::size_t at) noexcept;

  State state_ = State::start;
  ParseError error_ = ParseError::none;
  std::uint8_t part_ = 0;        // empty lines seen (start) or bytes of the version seen (version)
  std::uint32_t pos_ = 0;        // scanned up to here; the offset of the error once failed
  std::uint32_t line_ = 0;       // where the current line begins
  std::uint32_t mark_ = 0;       // where the target or the value begins
  std::uint32_t end_ = 0;        // where the value ends, while its LF is awaited
  std::uint32_t fields_ = 0;     // where the field lines begin
  std::uint32_t name_size_ = 0;  // of the current field line
};
static_assert(sizeof(RequestParser) <= 48, "part of every connection");

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/request_parser.ipp>
#endif
