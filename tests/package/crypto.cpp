// SPDX-License-Identifier: MIT
// A stranger's program that signs: does weir::crypto bring what it stands on?
#include <string>
#include <weir/signed_cookie.hpp>

int main() {
  const weir::CookieSigner signer({std::string(32, 'k')});
  weir::SetCookie cookie;
  cookie.name = "user";
  cookie.value = "ali";
  return signer.verify_value("user", signer.sign(cookie).value) == "ali" ? 0 : 1;
}
