// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Status and fields of an answer, kept as the bytes that will be sent.
///
/// Fields are checked and serialised when they are set, so that writing the head is one memcpy and
/// nothing that was set can split a response. What frames the message is not a line but a value:
/// Content-Length is kept as a number, Connection as a flag, and Transfer-Encoding belongs to the
/// serializer alone. clear() keeps the memory: a reused head allocates nothing.
///
/// Thread: its owner's.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/byte_buffer.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// A Content-Type line that is known to be valid; made by the constants below alone.
struct MediaTypeLine {
  std::string_view line;
};
inline constexpr MediaTypeLine kTextPlain{"Content-Type: text/plain; charset=utf-8\r\n"};
inline constexpr MediaTypeLine kTextHtml{"Content-Type: text/html; charset=utf-8\r\n"};
inline constexpr MediaTypeLine kApplicationJson{"Content-Type: application/json\r\n"};

class WEIR_API ResponseHead {
 public:
  /// 100 to 999 are written as they are, also those without a name.
  Status status = Status::ok;

  /// Replaces all fields `name` by one. Whitespace around the value is dropped.
  ///
  /// Throws std::invalid_argument, naming the field, when the name is no token (RFC 9110 §5.1),
  /// when the value has a control character other than HTAB (§5.5), and for what would break the
  /// framing: Transfer-Encoding at all, Content-Length but as a number, Connection with anything
  /// but `close`, `keep-alive` and `upgrade`. Nothing has changed then.
  void set(std::string_view name, std::string_view value);

  /// Adds a field `name` behind those that are there, as Set-Cookie needs it. Refuses as set()
  /// does; Content-Length and Connection, of which there is one, are replaced.
  void append(std::string_view name, std::string_view value);

  /// set("Content-Type", value), the cheap way.
  void set_content_type(std::string_view value);
  /// The same without a check.
  void set_content_type(MediaTypeLine type) {
    if (WEIR_UNLIKELY(has_content_type())) remove("Content-Type");
    lines_.append(type.line);
    set_flag(kContentType, true);
  }

  /// What Content-Length will say where no body decides it: for HEAD, 304 and streamed answers.
  void set_content_length(std::uint64_t bytes) noexcept;

  /// Asks for `Connection: close`.
  void set_close(bool close) noexcept { set_flag(kClose, close); }

  /// Removes all fields `name` and says whether there were any.
  bool remove(std::string_view name) noexcept;

  /// Back to 200 and no field; the memory is kept.
  void clear() noexcept {
    status = Status::ok;
    lines_.clear();
    content_length_ = 0;
    flags_ = 0;
  }

  /// The value of the first field `name`, or an empty view; lives until the next change. Not for
  /// Content-Length, see content_length(); Connection gives `close` or nothing.
  std::string_view get(std::string_view name) const noexcept;
  /// Whether there is a field `name`, be it empty.
  bool has(std::string_view name) const noexcept;

  /// Steps through the lines in the order of their setting; `position` begins at 0. False at the
  /// end. Content-Length and Connection are not among them.
  bool next(std::size_t& position, std::string_view& name, std::string_view& value) const noexcept;

  std::optional<std::uint64_t> content_length() const noexcept;
  bool close() const noexcept { return has_flag(kClose); }
  bool has_date() const noexcept { return has_flag(kDate); }
  bool has_server() const noexcept { return has_flag(kServer); }
  bool has_content_type() const noexcept { return has_flag(kContentType); }
  bool has_upgrade() const noexcept { return has_flag(kUpgrade); }

  /// Whether it says nothing of connection and framing and brings no field of the server's.
  bool is_plain() const noexcept { return (flags_ & ~kContentType) == 0; }

  /// All lines as they are sent, each with its CRLF; lives until the next change.
  std::string_view lines() const noexcept { return lines_.view(); }

 private:
  enum Flag : std::uint8_t {  // what the serializer must know without a search
    kDate = 1,
    kServer = 2,
    kContentType = 4,
    kUpgrade = 8,
    kClose = 16,   // no line
    kLength = 32,  // no line: content_length_ counts
  };
  enum class Kind : std::uint8_t;  // what a name means to this class

  bool has_flag(Flag flag) const noexcept { return (flags_ & flag) != 0; }
  void set_flag(Flag flag, bool on) noexcept {
    flags_ = static_cast<std::uint8_t>(on ? flags_ | flag : flags_ & ~flag);
  }
  static Kind kind_of(std::string_view name) noexcept;
  static std::uint8_t flag_of(Kind kind) noexcept;
  void put(std::string_view name, std::string_view value, bool replace);
  void put_framing(Kind kind, std::string_view name, std::string_view value);
  void add_line(std::string_view name, std::string_view value);
  std::size_t find_line(std::string_view name, std::size_t from) const noexcept;
  std::size_t line_end(std::size_t line) const noexcept { return lines().find('\r', line) + 2; }
  bool remove_lines(std::string_view name, std::size_t end) noexcept;

  ByteBuffer lines_;  // invariant: valid "Name: value\r\n" lines and nothing else
  std::uint64_t content_length_ = 0;
  std::uint8_t flags_ = 0;  // invariant: the line flags say which of these names lines_ has
};

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/response_head.ipp>
#endif
