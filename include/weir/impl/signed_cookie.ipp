// SPDX-License-Identifier: MIT
#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <weir/http/base64url.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/cookie.hpp>
#include <weir/request.hpp>
#include <weir/server.hpp>
#include <weir/signed_cookie.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {

using CookieMac = std::array<unsigned char, 32>;

inline constexpr std::size_t kMacSize = http::base64url_size(sizeof(CookieMac));
inline constexpr int kMostNamesakes = 8;  // cookies of one name that are looked at

/// The MAC of a cookie `name` whose value begins with `text`.
WEIR_INLINE CookieMac mac_of(const std::string& key, std::string_view name, std::string_view text) {
  // What is signed for another purpose with the same key is no cookie; a name has no zero byte.
  std::string message = "weir signed cookie";
  message.push_back('\0');
  message.append(name).push_back('\0');
  message.append(text);
  CookieMac mac;
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac.data(),
           &size) == nullptr ||
      size != mac.size())
    throw std::runtime_error("weir::CookieSigner: HMAC-SHA256 failed");
  return mac;
}

WEIR_INLINE std::int64_t to_unix(std::chrono::system_clock::time_point time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace detail

struct CookieSigner::Keys {
  explicit Keys(const std::vector<std::string>& given) : all(given) {}
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() {
    for (std::string& key : all) OPENSSL_cleanse(key.data(), key.size());
  }

  std::vector<std::string> all;
};

WEIR_INLINE CookieSigner::CookieSigner(const std::vector<std::string>& keys) {
  if (keys.empty()) throw std::invalid_argument("weir::CookieSigner: there must be a key");
  if (keys.size() > kMostKeys)
    throw std::invalid_argument("weir::CookieSigner: more than 16 keys; forget old ones");
  constexpr std::size_t kLongestKey = 4096;
  for (const std::string& key : keys)
    if (key.size() < kLeastKey || key.size() > kLongestKey)
      throw std::invalid_argument(
          "weir::CookieSigner: a key must have 16 to 4096 bytes, best 32 random ones");
  keys_ = std::make_shared<const Keys>(keys);
}

WEIR_INLINE SetCookie CookieSigner::sign(SetCookie cookie, Clock::time_point now) const {
  std::string text = "1.";
  if (cookie.max_age) {
    // Far beyond what a date can say: no overflow.
    constexpr std::chrono::seconds kMost{std::int64_t{1} << 40};
    const std::chrono::seconds age = std::min(std::max(*cookie.max_age, -kMost), kMost);
    text += std::to_string(std::max<std::int64_t>(0, detail::to_unix(now) + age.count()));
  } else if (cookie.expires) {
    text += std::to_string(std::max<std::int64_t>(0, *cookie.expires));
  }
  text.append(".").append(http::base64url_encode(cookie.value));
  const detail::CookieMac mac = detail::mac_of(keys_->all.front(), cookie.name, text);
  text.append(".").append(
      http::base64url_encode({reinterpret_cast<const char*>(mac.data()), mac.size()}));
  cookie.value = std::move(text);
  return cookie;
}

WEIR_INLINE std::optional<std::string> CookieSigner::verify(const Request& request,
                                                            std::string_view name,
                                                            Clock::time_point now) const {
  int looked_at = 0;
  for (const auto [field, value] : request.headers()) {
    if (!http::equals_ignoring_case(field, "Cookie")) continue;
    for (const http::Cookie& cookie : http::CookieView(value)) {
      if (cookie.name != name) continue;
      std::optional<std::string> found = verify_value(name, cookie.value, now);
      if (found) return found;
      if (++looked_at == detail::kMostNamesakes) return std::nullopt;
    }
  }
  return std::nullopt;
}

WEIR_INLINE std::optional<std::string> CookieSigner::verify_value(std::string_view name,
                                                                  std::string_view value,
                                                                  Clock::time_point now) const {
  if (value.size() > http::kMaxCookieSize || value.substr(0, 2) != "1.") return std::nullopt;
  const std::size_t end = value.find('.', 2);
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t dot = value.rfind('.');
  if (dot == end || value.size() - dot - 1 != detail::kMacSize) return std::nullopt;
  const std::optional<std::string> sent = http::base64url_decode(value.substr(dot + 1));
  if (!sent) return std::nullopt;

  bool genuine = false;
  for (const std::string& key : keys_->all) {
    const detail::CookieMac mac = detail::mac_of(key, name, value.substr(0, dot));
    if (CRYPTO_memcmp(mac.data(), sent->data(), mac.size()) == 0) genuine = true;
  }
  if (!genuine) return std::nullopt;

  // From here on the text is of our making.
  const std::string_view ends = value.substr(2, end - 2);
  if (!ends.empty()) {
    std::int64_t seconds = 0;
    const auto [stop, error] = std::from_chars(ends.data(), ends.data() + ends.size(), seconds);
    if (error != std::errc() || stop != ends.data() + ends.size() ||
        seconds <= detail::to_unix(now))
      return std::nullopt;
  }
  return http::base64url_decode(value.substr(end + 1, dot - end - 1));
}

WEIR_END_NAMESPACE
