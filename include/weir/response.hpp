// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// An answer: status, fields, and content or a promise of it.
///
/// A handler fills the one it is given; it may also make and return its own, or send one through a
/// Reply. Setting a field with a byte that could split the answer throws std::invalid_argument,
/// which unhandled becomes a 500.
///
/// Thread: its owner's.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/error.hpp>
#include <weir/fwd.hpp>
#include <weir/http/byte_buffer.hpp>
#include <weir/http/output.hpp>
#include <weir/http/response_head.hpp>
#include <weir/http/set_cookie.hpp>

WEIR_BEGIN_NAMESPACE

using http::ResponseHead;
using http::SameSite;
using http::SetCookie;

namespace detail {

/// Who can make the exchange of a Response outlive its handler.
class Promoter {
 public:
  /// The exchange's block, made at the first call. Owned by the reactor until the handler returns.
  virtual Exchange& promote() = 0;

 protected:
  ~Promoter() = default;
};

}  // namespace detail

/// A piece of an answer's content: bytes, or a part of an open file.
struct BodyPart {
  std::string text;       ///< bytes, if `fd` is below 0,
  std::string_view view;  ///< and bytes behind them that `keep` owns
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;            ///< of the part of the file
  std::shared_ptr<const void> keep;  ///< owns `fd` or what `view` shows
};

/// An answer. Movable; copying is not needed and not possible.
class WEIR_API Response {
 public:
  Response() = default;
  explicit Response(Status status) : touched_(true) { head_.status = status; }
  /// `text` as text/plain.
  Response(Status status, std::string_view text) : Response(status) { this->text(text); }
  Response(Response&& other) noexcept;
  Response& operator=(Response&& other) noexcept;
  ~Response() = default;

  /// Sets the status: 200 by default, or 204 when a handler sets neither status nor content.
  Response& status(Status status) {
    head_.status = status;
    touched_ = true;
    return *this;
  }
  Status status() const noexcept { return head_.status; }

  /// Replaces all fields `name` by one. Throws std::invalid_argument, naming the field, for a name
  /// that is no token, a value with a control character, and for Transfer-Encoding: framing is the
  /// server's.
  Response& header(std::string_view name, std::string_view value) {
    head_.set(name, value);
    return *this;
  }
  /// Adds a field beside those of the same name. Throws as header() does.
  Response& append(std::string_view name, std::string_view value) {
    head_.append(name, value);
    return *this;
  }
  /// The value of the first field `name` that was set, or an empty view.
  std::string_view header(std::string_view name) const noexcept { return head_.get(name); }
  bool remove_header(std::string_view name) noexcept { return head_.remove(name); }

  /// Adds a Set-Cookie field. Throws std::invalid_argument when the cookie is not valid.
  Response& cookie(const SetCookie& cookie) {
    head_.append("Set-Cookie", cookie.to_string());
    return *this;
  }
  Response& cookie(std::string_view name, std::string_view value) {
    SetCookie plain;
    plain.name = name;
    plain.value = value;
    return cookie(plain);
  }

  /// Sends the client to `location` (RFC 9110 §15.4).
  Response& redirect(std::string_view location, Status status = Status::found);

  /// Content with its Content-Type; the bytes are copied.
  Response& text(std::string_view text) { return content(http::kTextPlain, text); }
  Response& html(std::string_view html) { return content(http::kTextHtml, html); }
  Response& json(std::string_view json) { return content(http::kApplicationJson, json); }

  /// A nlohmann::json, or what has a to_json, as JSON. Needs weir/json.hpp.
  template <class T, class Bridge = detail::JsonBridge,
            class = std::enable_if_t<!std::is_convertible_v<const T&, std::string_view>>>
  Response& json(const T& value) {
    static_assert(detail::kIsDefined<Bridge>,
                  "weir: res.json(value) needs weir/json.hpp: include it");
    Bridge::write(*this, value);
    return *this;
  }

  /// Content alone: copied, taken over, shared between answers, or referenced while `keep` lives.
  Response& body(std::string_view bytes);
  Response& body(const char* bytes) { return body(std::string_view(bytes)); }
  Response& body(std::string&& bytes);
  Response& body(std::shared_ptr<const std::string> bytes);
  Response& body_view(std::string_view bytes, std::shared_ptr<const void> keep);

  /// Content that lies in an open file: `size` bytes of `fd` from `offset`, sent by sendfile(2).
  /// Bytes that are not in memory are read by a worker first. `keep` owns the descriptor and lives
  /// until the last byte is sent. A file that becomes shorter meanwhile breaks the answer off.
  Response& body_file(int fd, std::uint64_t offset, std::uint64_t size,
                      std::shared_ptr<const void> keep);

  /// Bytes and parts of files, one after the other.
  Response& body_parts(std::vector<BodyPart> parts);

  /// The content set so far; empty when it lies in files.
  std::string_view body() const noexcept {
    return source_ == Source::owned ? std::string_view(text_) : view_;
  }

  /// Asks for the connection to be closed after this answer.
  Response& close() {
    head_.set_close(true);
    return *this;
  }

  /// Status and fields, for middleware and code that works on either.
  ResponseHead& head() noexcept { return head_; }
  const ResponseHead& head() const noexcept { return head_; }

  /// Answers later: the handler may return, and the Reply be completed from any thread. This object
  /// is not to be used any more. What was set before goes to nobody. Throws std::logic_error on a
  /// response that belongs to no request.
  Reply defer();

  /// Answers piece by piece, from any thread, also after the handler has returned. Status and
  /// fields set before are the head; this object is not to be used any more. With a Content-Length
  /// field set the content has that length, else any. Throws std::logic_error as defer() does.
  Stream stream();

  /// For a middleware's `before`, which then returns Next::suspended. Throws as defer() does.
  Suspension suspend();

  /// Hands the connection over to `successor`, which speaks `protocol` from now on. A client that
  /// did not ask for that protocol is answered 426 with the Upgrade field that it should have sent,
  /// and `successor` destroyed. Fields set before go into the 101. This object is not to be used
  /// any more. Throws as defer() does.
  void upgrade(std::string_view protocol, std::unique_ptr<Upgrade> successor);

  /// Sends an interim answer, such as 103 Early Hints with the Link fields of `head`, in front of
  /// the answer. Ignored for HTTP/1.0 and once the answer has begun. Throws as defer() does, and
  /// std::invalid_argument for a status that is not 1xx, and for 101.
  void interim(Status status, const ResponseHead& head);

  /// Whether neither a status nor content was set.
  bool is_empty() const noexcept { return !touched_; }

  /// Back to an answer with nothing set.
  void clear() noexcept {
    head_.clear();
    if (WEIR_UNLIKELY(source_ != Source::copied)) drop_content();
    view_ = {};
    touched_ = false;
  }

 private:
  friend class detail::Exchange;
  friend struct detail::FileSender;
  friend struct detail::ResponseAccess;
  friend struct detail::LateHandler;
  friend class detail::Reactor;
  friend class Reply;

  /// Where the content lies.
  enum class Source : std::uint8_t {
    copied,  // in copy_: small, and copied once more into the loop's cork
    owned,   // in text_, which can be handed on
    kept,    // elsewhere; keep_ holds it
    files,   // keep_ is a detail::FileContent
  };

  std::shared_ptr<const detail::FileContent> file_content() const noexcept {
    return std::static_pointer_cast<const detail::FileContent>(keep_);
  }

  Response& content(http::MediaTypeLine type, std::string_view bytes) {
    copy(bytes);  // first: it may be a view of a field
    head_.set_content_type(type);
    return *this;
  }
  Response& copy(std::string_view bytes) {
    if (WEIR_UNLIKELY(source_ != Source::copied || bytes.size() > http::kCopyLimit ||
                      copy_.owns(bytes)))
      return copy_apart(bytes);
    copy_.assign(bytes);
    view_ = copy_.view();
    touched_ = true;
    return *this;
  }
  Response& copy_apart(std::string_view bytes);
  void drop_content() noexcept;
  detail::Exchange& exchange_block();

  ResponseHead head_;
  http::ByteBuffer copy_;
  std::string text_;
  std::string_view view_;                 // the content, unless owned
  std::shared_ptr<const void> keep_;      // owns what view_ shows
  detail::Promoter* promoter_ = nullptr;  // null: a response of the user's own making
  Source source_ = Source::copied;
  bool touched_ = false;
};

WEIR_END_NAMESPACE
