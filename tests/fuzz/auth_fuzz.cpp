// SPDX-License-Identifier: MIT
// The input is the value of an Authorization field.
#include <cstdint>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/authorization.hpp>
#include <weir/http/base64url.hpp>
#include <weir/http/percent.hpp>

using namespace weir;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string value(reinterpret_cast<const char*>(data), size);
  const auto bearer = http::credentials_of(value, "Bearer");
  if (bearer && http::is_token68(*bearer))
    require(bearer->find_first_of(" ,\"\\\r\n") == std::string_view::npos);
  const auto token = http::credentials_of(value, "Basic");
  require(!token || !bearer);
  if (!token) return 0;
  const auto pair = http::decode_basic(*token);
  if (!pair) return 0;
  require(http::is_token68(*token));
  require(pair->name.find(':') == std::string::npos);
  const std::string both = pair->name + ":" + pair->password;
  require(http::is_utf8(both));
  for (const char c : both) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  // Each pair has one text.
  std::string text = http::base64url_encode(both);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  require(text == *token);
  require(http::is_same_secret(both, both));
  return 0;
}
