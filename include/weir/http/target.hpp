// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Request targets (RFC 9112 §3.2): their parts, and the one path that everything behind sees.
///
/// The path has three shapes. *Raw* is what the peer sent. *Routed* is decoded segment by segment,
/// without dot segments, and has the byte kEncodedSlash where the peer sent "%2F": the router
/// cannot take it for a separator, and no other input makes this byte. *Shown* is what the
/// application reads: "%2F" again in `req.path()` and in a `{rest...}`, "/" in the value of a
/// single segment. Nearly always the three are the same bytes, and then nothing is copied.
///
/// Thread: any.
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/method.hpp>
#include <weir/http/status.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// What is wrong with a target. All are answered with 400.
enum class TargetError : std::uint8_t {
  none,
  empty,          ///< no byte at all
  bad_form,       ///< neither "/…", a URI, nor the form that its method needs (RFC 9112 §3.2)
  bad_character,  ///< a space, a control character or a byte above 126
  fragment,       ///< '#': a fragment never leaves the client (RFC 9110 §7.1)
  bad_scheme,     ///< absolute-form of anything but http and https (RFC 9110 §4.2)
  bad_authority,  ///< an authority with no host, with userinfo (RFC 9110 §4.2.4), or a port that is
                  ///< none
  bad_escape,   ///< '%' without two hex digits (RFC 3986 §2.1)
  encoded_nul,  ///< "%00"
  bad_utf8,     ///< the decoded path is not UTF-8 (RFC 3629)
  above_root,   ///< more ".." than there are segments
};

/// 400 for every error.
WEIR_API Status status_of(TargetError error) noexcept;
/// One short English phrase, without the target.
WEIR_API std::string_view message_of(TargetError error) noexcept;

/// The parts of a request target; views into it.
struct Target {
  enum class Form : std::uint8_t {
    origin,     ///< "/path?query"
    absolute,   ///< "http://host/path?query"; its authority overrides Host (RFC 9112 §3.2.2)
    authority,  ///< "host:port", CONNECT alone; path and query are empty
    asterisk,   ///< "*", OPTIONS alone; the path is "*"
  };
  Form form = Form::origin;
  bool has_query = false;      ///< a '?' was there, even with nothing behind it
  std::string_view path;       ///< raw; "/" when an absolute form has none
  std::string_view query;      ///< raw, without the '?'
  std::string_view authority;  ///< host and port as sent; empty in origin and asterisk form
};

/// Finds the parts of `target`. `out` is defined only when the answer is `none`. Escapes are looked
/// at by normalise_path() alone; those of a query by whoever reads it.
WEIR_API TargetError split(std::string_view target, Method method, Target& out) noexcept;

/// Stands for "%2F" in a routed path. NUL: raw it is no character of a target, and "%00" is
/// refused.
inline constexpr char kEncodedSlash = '\0';

/// A path to route on.
struct RoutedPath {
  std::string_view text;           ///< decoded; kEncodedSlash is data, not a separator
  bool has_encoded_slash = false;  ///< whether `text` has any: if not, it is also the shown path
};

/// Decodes a raw path and removes its dot segments, encoded ones too (RFC 3986 §5.2.4). "//" stays,
/// a trailing slash stays, and "/a/." is "/a/". The path "*" stays as it is.
///
/// Without an escape or a dot segment `out.text` is `raw` itself; else it views `scratch`, which is
/// overwritten. `out` is defined only when the answer is `none`.
WEIR_API TargetError normalise_path(std::string_view raw, std::string& scratch, RoutedPath& out);

/// The shown form of a routed path or of a `{rest...}` of it: each kEncodedSlash as "%2F". Returns
/// `routed` itself when it has none; else a view of `out`, which is overwritten and must not hold
/// `routed`.
WEIR_API std::string_view expand_path(std::string_view routed, std::string& out);

/// The shown form of a single segment's value: each kEncodedSlash as "/". Returns `routed` itself
/// when it has none; else a view of `out`, which is overwritten and must not hold `routed`. Such a
/// value is no safe part of a file name: it may hold "../".
WEIR_API std::string_view param_value(std::string_view routed, std::string& out);

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/target.ipp>
#endif
