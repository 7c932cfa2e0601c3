// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <weir/signed_cookie.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using namespace std::chrono_literals;
using weir::CookieSigner;

const std::string kKey = "0123456789abcdef0123456789abcdef";
const std::string kOther = "another key, which has 32 bytes!";
const CookieSigner::Clock::time_point kNow{1'700'000'000s};

weir::SetCookie cookie(std::string name, std::string value) {
  weir::SetCookie made;
  made.name = std::move(name);
  made.value = std::move(value);
  return made;
}

}  // namespace

TEST_CASE("a signed cookie is read back by its signer", "[signed_cookie]") {
  const CookieSigner signer({kKey});
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (const std::string& value : {std::string(), std::string("ali"), std::string("a.b.c"), all}) {
    const weir::SetCookie sent = signer.sign(cookie("user", value), kNow);
    CHECK_NOTHROW(sent.to_string());  // all of it may stand in a cookie
    CHECK(signer.verify_value("user", sent.value, kNow) == value);
  }
}

// The MAC was computed by another program: printf 'weir signed cookie\0user\0001..YWxp' |
//   openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef -binary | basenc --base64url
TEST_CASE("the format of signed cookies stays", "[signed_cookie]") {
  const CookieSigner signer({kKey});
  const std::string known = "1..YWxp.CXtAeOo7urm7spv10AQfo1Q7Q9gZtt5Yk6jdOkOvsJs";
  CHECK(signer.sign(cookie("user", "ali"), kNow).value == known);
  CHECK(signer.verify_value("user", known, kNow) == "ali");
}

TEST_CASE("signing leaves the attributes alone", "[signed_cookie]") {
  weir::SetCookie given = cookie("__Host-user", "x y");
  given.secure = true;
  given.same_site = weir::SameSite::strict;
  given.max_age = 60s;
  const std::string text = CookieSigner({kKey}).sign(given, kNow).to_string();
  CHECK(text.find("__Host-user=1.1700000060.eCB5.") == 0);
  CHECK(text.find("; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict") != std::string::npos);
}

TEST_CASE("a cookie that is not as it was signed is none", "[signed_cookie]") {
  const CookieSigner signer({kKey});
  weir::SetCookie given = cookie("user", "ali");
  given.max_age = 60s;
  const std::string good = signer.sign(given, kNow).value;
  REQUIRE(signer.verify_value("user", good, kNow) == "ali");

  SECTION("any other byte anywhere") {
    for (std::size_t at = 0; at < good.size(); ++at)
      for (const char c : {'A', 'B', '0', '1', '2', '.', '-', '_', '=', ' ', '\0', '\xff'}) {
        std::string bad = good;
        if (bad[at] == c) continue;
        bad[at] = c;
        CAPTURE(at, c);
        REQUIRE_FALSE(signer.verify_value("user", bad, kNow).has_value());
      }
  }
  SECTION("cut anywhere, and longer") {
    for (std::size_t size = 0; size < good.size(); ++size)
      REQUIRE_FALSE(signer.verify_value("user", good.substr(0, size), kNow).has_value());
    for (const char c : {'A', '.', '=', ' '})
      CHECK_FALSE(signer.verify_value("user", good + c, kNow).has_value());
    CHECK_FALSE(signer.verify_value("user", " " + good, kNow).has_value());
  }
  SECTION("under another name or key") {
    CHECK_FALSE(signer.verify_value("admin", good, kNow).has_value());
    CHECK_FALSE(signer.verify_value("User", good, kNow).has_value());
    CHECK_FALSE(CookieSigner({kOther}).verify_value("user", good, kNow).has_value());
  }
  SECTION("what was never one") {
    for (const std::string_view text : {"", "1", "1.", "1..", "1...", "....", "ali", "2..YWxp.x"})
      CHECK_FALSE(signer.verify_value("user", text, kNow).has_value());
    CHECK_FALSE(signer.verify_value("user", std::string(100'000, '.'), kNow).has_value());
  }
}

TEST_CASE("parts of a signed cookie cannot be moved", "[signed_cookie]") {
  const CookieSigner signer({kKey});
  // The end of one is the value of another.
  weir::SetCookie ends = cookie("user", "");
  ends.max_age = 60s;
  const std::string one = signer.sign(ends, kNow).value;  // 1.1700000060..MAC
  const std::string mac = one.substr(one.rfind('.') + 1);
  CHECK_FALSE(signer.verify_value("user", "1..1700000060." + mac, kNow).has_value());
  CHECK_FALSE(signer.verify_value("user", "1..." + mac, kNow).has_value());
}

TEST_CASE("a signed cookie ends when it says so, whatever the browser does", "[signed_cookie]") {
  const CookieSigner signer({kKey});
  weir::SetCookie given = cookie("user", "ali");
  SECTION("by max_age") {
    given.max_age = 60s;
    given.expires = 1;  // max_age wins
    const std::string value = signer.sign(given, kNow).value;
    CHECK(signer.verify_value("user", value, kNow + 59s).has_value());
    CHECK_FALSE(signer.verify_value("user", value, kNow + 60s).has_value());
  }
  SECTION("by expires") {
    given.expires = 1'700'000'100;
    const std::string value = signer.sign(given, kNow).value;
    CHECK(signer.verify_value("user", value, kNow + 99s).has_value());
    CHECK_FALSE(signer.verify_value("user", value, kNow + 100s).has_value());
  }
  SECTION("one that deletes is none") {
    given.max_age = 0s;
    CHECK_FALSE(signer.verify_value("user", signer.sign(given, kNow).value, kNow).has_value());
  }
  SECTION("ages beyond all dates") {
    given.max_age = std::chrono::seconds::max();
    CHECK(signer.verify_value("user", signer.sign(given, kNow).value, kNow + 876'000h).has_value());
    given.max_age = std::chrono::seconds::min();
    CHECK_FALSE(signer.verify_value("user", signer.sign(given, kNow).value, kNow).has_value());
  }
  SECTION("without either it does not") {
    const std::string value = signer.sign(given, kNow).value;
    CHECK(signer.verify_value("user", value, kNow + 876'000h).has_value());
  }
}

TEST_CASE("keys are changed by adding one in front", "[signed_cookie]") {
  const CookieSigner old({kKey});
  const CookieSigner both({kOther, kKey});
  const CookieSigner fresh({kOther});
  const std::string before = old.sign(cookie("user", "ali"), kNow).value;
  const std::string after = both.sign(cookie("user", "ali"), kNow).value;
  CHECK(both.verify_value("user", before, kNow) == "ali");
  CHECK(both.verify_value("user", after, kNow) == "ali");
  CHECK(fresh.verify_value("user", after, kNow) == "ali");
  CHECK_FALSE(fresh.verify_value("user", before, kNow).has_value());
  CHECK_FALSE(old.verify_value("user", after, kNow).has_value());
}

TEST_CASE("weak and missing keys are refused", "[signed_cookie]") {
  CHECK_THROWS_AS(CookieSigner({}), std::invalid_argument);
  CHECK_THROWS_WITH(CookieSigner({std::string(15, 'x')}), Catch::Contains("16"));
  CHECK_THROWS_AS(CookieSigner({kKey, "short"}), std::invalid_argument);
  CHECK_NOTHROW(CookieSigner({std::string(16, 'x')}));
  CHECK_NOTHROW(CookieSigner(std::vector<std::string>(16, kKey)));
  CHECK_THROWS_AS(CookieSigner(std::vector<std::string>(17, kKey)), std::invalid_argument);
}

TEST_CASE("a value that is too long is refused as in any cookie", "[signed_cookie]") {
  const CookieSigner signer({kKey});
  CHECK_NOTHROW(signer.sign(cookie("user", std::string(3000, 'x'))).to_string());
  CHECK_THROWS_AS(signer.sign(cookie("user", std::string(3100, 'x'))).to_string(),
                  std::invalid_argument);
}

TEST_CASE("signed cookies go there and back", "[signed_cookie]") {
  weir::Server server;
  const CookieSigner signer({kKey});
  server.get("/in", [signer](const weir::Request&, weir::Response& res) {
    res.cookie(signer.sign(cookie("user", "Ali Baba")));
  });
  server.get("/me", [signer](const weir::Request& req) {
    return signer.verify(req, "user").value_or("nobody");
  });
  weir::testing::Client client(server);
  const std::string set(client.get("/in").header("Set-Cookie"));
  const std::string pair = set.substr(0, set.find(';'));
  const std::string forged = "user=1..YWxp." + std::string(43, 'A');
  CHECK(client.get("/me").body == "nobody");
  CHECK(client.get("/me", {{"Cookie", pair}}).body == "Ali Baba");
  CHECK(client.get("/me", {{"Cookie", "a=b; " + forged + "; " + pair}}).body == "Ali Baba");
  CHECK(client.get("/me", {{"Cookie", forged}, {"Cookie", pair}}).body == "Ali Baba");
  CHECK(client.get("/me", {{"Cookie", forged}}).body == "nobody");
  std::string flood;
  for (int i = 0; i < 8; ++i) flood += forged + "; ";
  CHECK(client.get("/me", {{"Cookie", flood + pair}}).body == "nobody");
}
