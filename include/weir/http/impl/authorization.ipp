// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <utility>
#include <weir/http/authorization.hpp>
#include <weir/http/base64url.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/percent.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

WEIR_INLINE bool is_token68(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size() && (is_alpha(text[i]) || is_digit(text[i]) ||
                             std::string_view("-._~+/").find(text[i]) != std::string_view::npos))
    ++i;
  return i > 0 && text.find_first_not_of('=', i) == std::string_view::npos;
}

WEIR_INLINE std::optional<std::string_view> credentials_of(std::string_view value,
                                                           std::string_view scheme) noexcept {
  const std::size_t end = value.find(' ');
  if (!equals_ignoring_case(value.substr(0, end), scheme)) return std::nullopt;
  if (end == std::string_view::npos) return std::string_view();
  const std::size_t begin = value.find_first_not_of(' ', end);
  return begin == std::string_view::npos ? std::string_view() : value.substr(begin);
}

WEIR_INLINE std::optional<BasicCredentials> decode_basic(std::string_view token) {
  if (token.empty() || token.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && token.back() == '='; ++padding) token.remove_suffix(1);
  std::string text(token);
  for (char& c : text) {
    if (c == '-' || c == '_') return std::nullopt;  // the other alphabet's
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  std::optional<std::string> pair = base64url_decode(text);
  if (!pair || !is_utf8(*pair)) return std::nullopt;
  for (const char c : *pair)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

WEIR_INLINE bool is_same_secret(std::string_view secret, std::string_view given) noexcept {
  const std::size_t size = secret.size();
  unsigned different = size != given.size() ? 1U : 0U;
  std::size_t at = 0;
  for (const char c : given) {
    const char other = size == 0 ? '\0' : secret[at];
    different |=
        static_cast<unsigned char>(c) ^ static_cast<unsigned>(static_cast<unsigned char>(other));
    asm("" : "+r"(different));  // the compiler must not leave the loop early
    ++at;
    if (at >= size) at = 0;
  }
  return different == 0;
}

}  // namespace http
WEIR_END_NAMESPACE
