// SPDX-License-Identifier: MIT
// Up to the first line end the input is a Cookie field; the lines behind are a cookie to set.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/cookie.hpp>
#include <weir/http/set_cookie.hpp>

using namespace weir;
using test::require;
using test::take_until;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string copy(reinterpret_cast<const char*>(data), size);
  std::string_view rest = copy;
  const std::string field(take_until(rest, '\n'));
  const http::CookieView cookies(field);
  for (const auto& [name, value] : cookies) {
    require(!name.empty());
    require(name.find_first_of("=;") == std::string_view::npos);
    require(value.find(';') == std::string_view::npos);
    require(cookies.get(name).has_value());
  }

  http::SetCookie set;
  const std::string options(take_until(rest, '\n'));
  set.name = take_until(rest, '\n');
  set.value = take_until(rest, '\n');
  set.path = take_until(rest, '\n');
  set.domain = rest;  // may hold line ends
  if (!options.empty()) {
    const auto bits = static_cast<unsigned char>(options[0]);
    set.secure = (bits & 1) != 0;
    set.http_only = (bits & 2) != 0;
    set.partitioned = (bits & 4) != 0;
    set.same_site = static_cast<http::SameSite>(bits >> 3 & 3);
    if ((bits & 32) != 0) set.max_age = std::chrono::seconds(options.size());
    if ((bits & 64) != 0) set.expires = static_cast<std::int64_t>(options.size());
  }
  try {
    const std::string text = set.to_string();
    for (const char c : text) require(c >= 0x20 && c < 0x7f);
    const std::string pair = text.substr(0, text.find(';'));
    require(http::CookieView(pair).get(set.name) == set.value);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
