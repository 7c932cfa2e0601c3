// SPDX-License-Identifier: MIT
// Up to the first line end the input is a cookie's name; what follows is a value as a client may
// send it, and one to sign.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/base64url.hpp>
#include <weir/signed_cookie.hpp>

using namespace weir;
using test::require;
using test::take_until;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CookieSigner signer(
      {"0123456789abcdef0123456789abcdef", "an older key of 28 bytes...."});
  static const CookieSigner other({"another key that nobody has used"});
  const CookieSigner::Clock::time_point now{std::chrono::seconds(1'700'000'000)};
  const std::string copy(reinterpret_cast<const char*>(data), size);
  std::string_view rest = copy;
  const std::string name(take_until(rest, '\n'));

  // Nobody without the key comes through, but for the one that the corpus has.
  const auto found = signer.verify_value(name, rest, now);
  if (found) {
    SetCookie again;
    again.name = name;
    again.value = *found;
    require(rest.substr(0, 2) == "1.");
  }
  require(!other.verify_value(name, rest, now));

  const auto bytes = http::base64url_decode(rest);
  if (bytes) require(http::base64url_encode(*bytes) == rest);

  SetCookie cookie;
  cookie.name = name;
  cookie.value = rest.substr(0, 2000);
  const std::string value = cookie.value;
  if (!rest.empty() && (rest[0] & 1) != 0) cookie.max_age = std::chrono::seconds(60);
  const SetCookie sent = signer.sign(cookie, now);
  require(signer.verify_value(name, sent.value, now) == value);
  require(!other.verify_value(name, sent.value, now));
  require(!signer.verify_value(name + "x", sent.value, now));
  require(signer.verify_value(name, sent.value, now + std::chrono::hours(1)).has_value() !=
          cookie.max_age.has_value());
  if (size > 0) {  // one bit of it, chosen by the input
    std::string bad = sent.value;
    bad[data[size - 1] % bad.size()] ^= static_cast<char>(1U << (data[0] % 8U));
    require(!signer.verify_value(name, bad, now));
  }
  return 0;
}
