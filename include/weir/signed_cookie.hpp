// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Cookies that clients can read but not forge: HMAC-SHA256 over name, value and end.
///
///     #include <weir/signed_cookie.hpp>   // link weir::crypto
///
///     const weir::CookieSigner signer({key});           // 32 random bytes, kept secret
///     weir::SetCookie cookie;
///     cookie.name = "__Host-user";
///     cookie.value = "ali";                             // any bytes
///     cookie.secure = true;
///     cookie.max_age = std::chrono::hours(24);
///     res.cookie(signer.sign(cookie));
///     …
///     std::optional<std::string> user = signer.verify(req, "__Host-user");
///
/// The value is signed, not encrypted. It can be sent again until it ends, by whoever has a copy:
/// log-outs that have to count need a list on the server. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/http/set_cookie.hpp>

WEIR_BEGIN_NAMESPACE

using http::SetCookie;

/// Signs with the first of its keys and accepts all of them. Copies share the keys, which are
/// overwritten when the last one goes.
///
/// The cookie's value becomes `1.<end>.<value>.<MAC>`: the version, the end in Unix seconds or
/// nothing, and value and MAC in base64url (RFC 4648 §5) without padding. The MAC is of all in
/// front of it and the cookie's name, so that no cookie can be passed off as another.
class WEIR_API CookieSigner {
 public:
  using Clock = std::chrono::system_clock;

  static constexpr std::size_t kLeastKey = 16;  // bytes; 32 random ones are right
  static constexpr std::size_t kMostKeys = 16;

  /// `keys`: the one that signs, then older ones whose cookies still count. Throws
  /// std::invalid_argument without a key, with more than kMostKeys, and for one of less than
  /// kLeastKey bytes.
  explicit CookieSigner(const std::vector<std::string>& keys);

  /// The cookie with its value signed: any bytes, of which three become four. With `max_age` or
  /// `expires` the end is signed, too, as browsers are not bound to keep it. A value that is too
  /// long is refused where every cookie is, by Response::cookie(). Throws std::runtime_error when
  /// OpenSSL fails.
  SetCookie sign(SetCookie cookie, Clock::time_point now = Clock::now()) const;

  /// The value of the request's cookie `name`, if it was signed under that name by one of the keys
  /// and has not ended. Of several cookies of one name, which other hosts of the domain can set,
  /// the first that is genuine counts, among the first eight.
  std::optional<std::string> verify(const Request& request, std::string_view name,
                                    Clock::time_point now = Clock::now()) const;

  /// The same for a cookie's value as it was sent.
  std::optional<std::string> verify_value(std::string_view name, std::string_view value,
                                          Clock::time_point now = Clock::now()) const;

 private:
  struct Keys;
  std::shared_ptr<const Keys> keys_;
};

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/signed_cookie.ipp>
#endif
