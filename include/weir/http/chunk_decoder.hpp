// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The chunked transfer coding (RFC 9112 §7.1): framing taken off, content handed out where it
/// lies.
///
/// Fed in any pieces, with the same outcome however they are cut. Nothing is skipped unread: size,
/// extensions, line ends and trailers are all checked and bounded, for a chunk line read in two
/// ways is a smuggled request.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/limits.hpp>
#include <weir/http/parse_error.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// Hex digits of a chunk size, leading zeros included.
inline constexpr unsigned kMaxChunkSizeDigits = 16;

class WEIR_API ChunkDecoder {
 public:
  struct Progress {
    /// Bytes of the input that are done with; with an error, the offset of the byte that broke the
    /// rule.
    std::size_t consumed = 0;
    std::string_view data;  ///< content, inside the input; may be empty
    bool done = false;  ///< the body and its trailers have ended; what follows is another message
    ParseError error = ParseError::none;
  };

  /// Reads on from `in` to the end of the next piece of content. Call again with the rest until
  /// everything is consumed, `done` or an error; both are final until reset().
  ///
  /// Trailer fields are checked like fields of a head and appended to `trailers` as "name:
  /// value\r\n". Those that RFC 9110 §6.5.1 forbids (see is_forbidden_trailer()) are dropped. Until
  /// `done` the end of `trailers` may be an unfinished line: leave it alone. Throws std::bad_alloc
  /// when it cannot grow, and nothing else.
  Progress step(const char* in, std::size_t size, const Limits& limits, std::string& trailers);

  void reset() noexcept { *this = ChunkDecoder(); }

  bool is_done() const noexcept { return state_ == State::done; }

 private:
  // chunked-body = *chunk last-chunk trailer-section CRLF
  // chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
  // chunk-ext    = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
  enum class State : std::uint8_t {
    size,               // 1*16HEXDIG
    extension_start,    // BWS ";" after a size or a value
    extension_name,     // BWS, then the first tchar
    extension_in_name,  // *tchar
    extension_equals,   // BWS after a name, then "=", ";"
    extension_value,    // BWS, then the first byte of token or quoted-string
    extension_token,    // *tchar
    extension_quoted,   // *( qdtext / quoted-pair ) DQUOTE
    extension_escaped,  // the byte after a backslash
    extension_end,      // directly behind a quoted-string
    size_lf,            // LF
    data,               // `left_` bytes
    data_cr,            // CR
    data_lf,            // LF
    trailer_start,      // CR of the empty line, or the first byte of a name
    trailer_name,       // 1*tchar ":"
    trailer_value,      // up to CR
    trailer_lf,         // LF
    end_lf,             // LF of the empty line
    done,               // nothing more is read
    failed,             // final
  };

  ParseError on_size(char c) noexcept;
  ParseError on_extension(char c) noexcept;
  ParseError on_size_lf(char c) noexcept;
  ParseError on_data_end(char c) noexcept;
  ParseError on_trailer(char c, std::string& trailers);
  ParseError on_framing(char c, const Limits& limits, std::string& trailers);
  void end_of_trailer(std::string& trailers);

  std::uint64_t left_ = 0;             // of this chunk: the size read so far, then bytes to come
  std::uint32_t extension_bytes_ = 0;  // over the body
  std::uint32_t trailer_bytes_ = 0;
  std::uint32_t trailer_line_ = 0;  // where the unfinished line begins in the caller's text
  State state_ = State::size;
  ParseError error_ = ParseError::none;
  std::uint8_t digits_ = 0;  // of this size, seen so far
};
static_assert(sizeof(ChunkDecoder) <= 32, "part of every connection");

/// Whether a trailer section may not carry the field `name` (RFC 9110 §6.5.1): framing, routing,
/// request modifiers, authentication, and what says how content is to be read.
WEIR_API bool is_forbidden_trailer(std::string_view name) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/chunk_decoder.ipp>
#endif
