// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// multipart/form-data (RFC 7578, RFC 2046 §5.1): forms with files, taken apart as they arrive.
///
/// Fed in any pieces, with the same outcome however they are cut. Data is handed out where it lies;
/// kept are the delimiter and the header of one part, within its limit.
///
/// Time is linear in the bytes, whatever they are. A delimiter begins with CR, and no boundary
/// holds one: so where a delimiter has matched n bytes and no further, the next may begin n bytes
/// on at the earliest. Nothing is compared twice, and nothing has to be looked at again when a
/// piece ends within a delimiter.
///
/// What is strict, because two readers would else see two forms: lines end with CRLF; no folded
/// lines; a line that begins with the boundary is a delimiter or an error, never data; a name, a
/// file name, a Content-Disposition or a Content-Type twice is an error. What is lenient:
/// - `filename*` is ignored, as RFC 7578 §4.2 bids, and so are fields that it does not know (§4.8).
/// - A backslash escapes a quote and a backslash, and is text before anything else and before the
///   quote that ends the line. Browsers send file names of Windows and backslashes as they are; old
///   curl and old Firefox escape (RFC 9110 §5.6.4).
/// - A few bytes before the first delimiter and behind the last are skipped (RFC 2046 §5.1.1): some
///   clients begin with empty lines. Fewer than a part has.
/// - A form may have no part: browsers send an empty FormData as a closing delimiter alone.
/// - A part without content may do without its second CRLF, as RFC 2046's grammar has it.
///
/// Thread: one at a time.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

inline constexpr std::size_t kMaxBoundary = 70;  // bytes; RFC 2046 §5.1.1
/// Blanks behind a boundary. Only gateways of mail add any (RFC 2046 §5.1.1).
inline constexpr std::uint8_t kMaxTransportPadding = 64;

struct MultipartLimits {
  /// Parts of a form; 413.
  std::uint32_t parts = 1000;

  /// Bytes of one part's header, line ends included; 413. They are all that a parser
  /// keeps.
  std::uint32_t header_bytes = 8 * 1024;

  /// Field lines of one part's header; 413. Browsers send two.
  std::uint32_t header_fields = 16;

  /// Bytes of a part's name; 413.
  std::uint32_t name = 1024;

  /// Bytes of a file name as it was sent, directories included; 413.
  std::uint32_t filename = 1024;

  /// Bytes before the first delimiter and behind the last, each; 400. Enough for some empty lines;
  /// no part hides in less than 40. With more, a part behind LF instead of CRLF is skipped in
  /// silence, where other readers see it.
  std::uint32_t preamble = 16;
  std::uint32_t epilogue = 16;
};

/// Why a form was refused: one entry for each rule that it may break.
enum class MultipartError : std::uint8_t {
  none,

  // The request's Content-Type.
  not_form_data,      ///< another media type; 415
  bad_content_type,   ///< no media type by RFC 9110 §8.3.1; 400
  missing_boundary,   ///< RFC 7578 §4.1; 400
  repeated_boundary,  ///< RFC 6838 §4.3; 400
  bad_boundary,       ///< not 1 to 70 bchars, or a blank at its end (RFC 2046 §5.1.1); 400

  // Delimiters (RFC 2046 §5.1.1).
  preamble_too_long,  ///< MultipartLimits::preamble; 400
  bad_delimiter,      ///< something else than blanks and CRLF, or "--", behind a boundary; 400
  padding_too_long,   ///< more than kMaxTransportPadding blanks behind a boundary; 400
  epilogue_too_long,  ///< MultipartLimits::epilogue; 400
  truncated,          ///< the body ended before the closing delimiter; 400
  too_many_parts,     ///< MultipartLimits::parts; 413

  // The header of a part (RFC 7578 §4.2 to §4.8; lines as RFC 9112 §5 has them).
  header_too_long,       ///< MultipartLimits::header_bytes; 413
  too_many_fields,       ///< MultipartLimits::header_fields; 413
  bad_field,             ///< no `name:`, or a blank before the colon; 400
  obs_fold,              ///< a line that begins with a blank; 400
  bare_lf,               ///< 400
  bare_cr,               ///< 400
  bad_value,             ///< a control byte; 400
  missing_disposition,   ///< no Content-Disposition (§4.2); 400
  bad_disposition,       ///< no `form-data` with well-formed parameters; 400
  missing_name,          ///< no parameter `name` (§4.2); 400
  repeated_parameter,    ///< `name` or `filename` twice; 400
  repeated_field,        ///< Content-Disposition or Content-Type twice; 400
  name_too_long,         ///< MultipartLimits::name; 413
  filename_too_long,     ///< MultipartLimits::filename; 413
  bad_content_encoding,  ///< Content-Transfer-Encoding but 7bit, 8bit, binary (§4.7); 400
};

inline constexpr std::size_t kMultipartErrorCount =
    static_cast<std::size_t>(MultipartError::bad_content_encoding) + 1;

/// The status that answers `error`; Status::ok for MultipartError::none.
WEIR_API Status status_of(MultipartError error) noexcept;

/// A short English clause for logs and error answers. It names the rule and quotes nothing of what
/// the peer sent.
WEIR_API std::string_view message_of(MultipartError error) noexcept;

/// Reads the boundary out of a request's Content-Type. With an error `boundary` is empty.
WEIR_API MultipartError read_boundary(std::string_view content_type, std::string& boundary);

/// Whether `boundary` is 1 to 70 bchars that do not end with a blank (RFC 2046 §5.1.1).
WEIR_API bool is_boundary(std::string_view boundary) noexcept;

/// What the header of a part says.
struct MultipartPart {
  /// As sent but for backslashes: browsers write a quote as "%22" and a line end as "%0D%0A", which
  /// cannot be told from the same text; see undo_form_escapes(). May be empty.
  std::string_view name;

  /// Of a file, as sent, whatever it may name: "../../x", "C:\\x". Empty when the user chose none.
  /// Never a path to open: see safe_filename().
  std::optional<std::string_view> filename;

  /// As sent, unchecked; empty when there is none, which means text/plain (RFC 7578 §4.4).
  std::string_view content_type;
};

class WEIR_API MultipartParser {
 public:
  enum class Event : std::uint8_t {
    none,      ///< all input is consumed
    part,      ///< a part begins: part() tells which
    data,      ///< a piece of its content
    part_end,  ///< it has ended, whole
    error,     ///< final
  };
  struct Progress {
    /// Bytes of the input that are done with; with an error, the offset of the byte that broke the
    /// rule.
    std::size_t consumed = 0;
    Event event = Event::none;
    /// Not empty with Event::data: inside the input or, where a delimiter that was none began in an
    /// earlier piece, inside the parser. Valid until the next step.
    std::string_view data{};
    MultipartError error = MultipartError::none;
  };

  /// `boundary` as read_boundary() gives it. Throws std::invalid_argument for one that is none.
  explicit MultipartParser(std::string_view boundary, const MultipartLimits& limits = {});
  MultipartParser(const MultipartParser&) = delete;  // parts are views into it
  MultipartParser& operator=(const MultipartParser&) = delete;

  /// Reads on to the next event. Call again with the rest until the event is `none` or `error`; it
  /// may consume nothing and still have an event. Throws std::bad_alloc when it cannot keep a
  /// header, and nothing else.
  Progress step(const char* in, std::size_t size);

  /// The body has ended: the form is whole (MultipartError::none) or it is not.
  MultipartError finish() noexcept;

  /// The part that began last. Views live until the header of the next arrives: in
  /// on_part_end(), too.
  const MultipartPart& part() const noexcept { return part_; }

  /// Whether the closing delimiter has come: no further part can.
  bool is_closed() const noexcept { return state_ >= State::close_padding; }

  /// Steps through `bytes` and tells `visitor`: on_part(const MultipartPart&),
  /// on_data(std::string_view), on_part_end(). Gives the error that ended it, if any.
  template <class Visitor>
  MultipartError feed(std::string_view bytes, Visitor&& visitor);

 private:
  // body      = [preamble CRLF] *( "--" boundary padding CRLF header [CRLF data] CRLF )
  //             "--" boundary "--" padding [CRLF epilogue]
  // delimiter = CRLF "--" boundary
  enum class State : std::uint8_t {
    preamble,       // up to the first delimiter
    data,           // up to the next one
    behind,         // first byte behind a boundary
    padding,        // blanks, then CR
    delimiter_lf,   // LF
    close_dash,     // the second "-"
    header,         // before the first byte of a part's header
    line,           // of a part's header, up to its CR
    line_lf,        // LF
    failed,         // final
    close_padding,  // blanks, then CR or the end
    close_lf,       // LF
    epilogue,       // anything, counted
  };

  const char* search(const char* p, const char* end, Progress& progress);
  const char* on_match(const char* p, std::size_t size) noexcept;
  void hand_out(std::string_view bytes, Progress& progress) noexcept;
  void on_framing(char c, Progress& progress);
  const char* on_line(const char* in, const char* p, const char* end, Progress& progress);
  void on_line_end(char c, Progress& progress);
  MultipartError on_field();
  MultipartError on_header_end();
  MultipartError read_disposition(std::string_view value);
  void begin_search(State state) noexcept;
  void begin_header() noexcept;
  void fail(MultipartError error, Progress& progress) noexcept;

  struct Span {  // of header_
    std::size_t at = 0;
    std::size_t size = 0;
  };

  const MultipartLimits limits_;
  const std::string delimiter_;
  std::string header_;    // the lines of this part's header that count, without their ends
  MultipartPart part_;    // views into header_
  std::size_t line_ = 0;  // where in header_ the line begins that is being read
  Span disposition_;      // values in header_; at == 0: none, as a name comes before them
  Span content_type_;
  std::uint32_t parts_ = 0;
  std::uint32_t header_bytes_ = 0;
  std::uint32_t fields_ = 0;
  std::uint32_t outside_ = 0;  // bytes of the preamble, then of the epilogue
  std::uint8_t matched_ = 0;   // bytes of the delimiter that the input ended with
  std::uint8_t given_ = 0;     // of these, those that came before the search: never data
  std::uint8_t padding_ = 0;
  State state_ = State::preamble;
  MultipartError error_ = MultipartError::none;
};

/// `text` with "%22", "%0D" and "%0A" as the bytes that browsers mean by them (HTML,
/// "multipart/form-data encoding algorithm"), and every other "%" as it is. A "%22" that the user
/// typed becomes a quote, too. The result may hold line ends.
WEIR_API std::string undo_form_escapes(std::string_view text);

/// A name for a file in a folder of yours, made from what a client calls it: what is behind the
/// last '/' or '\', with '_' for control bytes, `<>:"|?*` and broken UTF-8, without dots and blanks
/// at either end, none that Windows keeps for a device, at most 255 bytes. `fallback` when nothing
/// is left. Another upload may have the same name: never overwrite.
WEIR_API std::string safe_filename(std::string_view filename, std::string_view fallback = "file");

template <class Visitor>
MultipartError MultipartParser::feed(std::string_view bytes, Visitor&& visitor) {
  for (;;) {
    const Progress progress = step(bytes.data(), bytes.size());
    switch (progress.event) {
      case Event::part:
        visitor.on_part(part());
        break;
      case Event::data:
        visitor.on_data(progress.data);
        break;
      case Event::part_end:
        visitor.on_part_end();
        break;
      case Event::none:
      case Event::error:
        return progress.error;
    }
    bytes.remove_prefix(progress.consumed);
  }
}

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/multipart_parser.ipp>
#endif
