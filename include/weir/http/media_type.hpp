// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Media types and their parameters (RFC 9110 §8.3.1, §5.6.6), read strictly and where they lie.
///
/// `parameter()` in fields.hpp finds what it can in any text. This is for values that decide how
/// content is read, a boundary above all: what is not of the grammar is refused, as two readers
/// would make two things of it.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// `name=value`. Views live as long as the text.
struct Parameter {
  std::string_view name;   ///< as written; compare without regard to case
  std::string_view value;  ///< of a quoted string what is between the quotes, backslashes included
  bool quoted = false;
};

/// The parameters behind a media type or another value, one at a time:
///
///     *( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )  OWS
///
/// Empty ones are skipped, as the grammar has them; nothing else is.
class WEIR_API ParameterReader {
 public:
  enum class Ending : std::uint8_t {
    strict,   ///< RFC 9110's quoted-string
    browser,  ///< a `\"` that ends the text ends the string, too; see multipart_parser.hpp
  };

  enum class Begin : std::uint8_t {
    semicolon,  ///< the text begins at the first ';', or is empty
    name,       ///< it begins with a parameter, or is empty: a member of Forwarded (RFC 7239 §4)
  };

  explicit ParameterReader(std::string_view text, Ending ending = Ending::strict,
                           Begin begin = Begin::semicolon) noexcept
      : rest_(text), ending_(ending), begin_(begin) {}

  /// Reads the next one into `parameter`. False at the end of the text and at what breaks the
  /// grammar, which malformed() tells apart.
  bool next(Parameter& parameter) noexcept;

  bool malformed() const noexcept { return malformed_; }

 private:
  bool fail() noexcept;
  bool take_quoted(std::string_view& value) noexcept;

  std::string_view rest_;
  Ending ending_;
  Begin begin_;  // of rest_
  bool malformed_ = false;
};

/// A media type that the grammar allows. Views live as long as the text.
struct WEIR_API MediaType {
  std::string_view type;
  std::string_view subtype;
  std::string_view parameters;  ///< from the first ';' on, well formed; may be empty

  /// Whether it is `type`/`subtype`, whatever the case and the parameters.
  bool is(std::string_view other_type, std::string_view other_subtype) const noexcept;

  /// The first parameter `name`, whatever the case.
  std::optional<Parameter> parameter(std::string_view name) const noexcept;

  /// How many are named so. More than one is an error of the sender (RFC 6838 §4.3).
  std::size_t count(std::string_view name) const noexcept;
};

/// Reads all of `text`, white space around it aside; nothing when it is no media type.
WEIR_API std::optional<MediaType> parse_media_type(std::string_view text) noexcept;

/// Appends what the parameter means to `out`: of each quoted-pair its second byte (RFC 9110
/// §5.6.4).
WEIR_API void unquote(const Parameter& parameter, std::string& out);

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/media_type.ipp>
#endif
