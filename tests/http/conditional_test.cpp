// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/parsed_head.hpp>
#include <weir/http/conditional.hpp>

using namespace weir;
using http::EntityTag;
using Outcome = http::Preconditions::Outcome;

namespace {

struct TagCase {
  const char* name;
  std::string_view text;
  std::optional<EntityTag> tag;
};

const TagCase kTags[] = {
    {"strong", "\"xyzzy\"", EntityTag{"xyzzy", false}},
    {"weak", "W/\"xyzzy\"", EntityTag{"xyzzy", true}},
    {"empty", "\"\"", EntityTag{"", false}},
    {"empty and weak", "W/\"\"", EntityTag{"", true}},
    {"a comma is text", "\"a,b\"", EntityTag{"a,b", false}},
    {"a backslash is text and hides no quote", "\"a\\\"", EntityTag{"a\\", false}},
    {"obs-text", "\"\xE4\"", EntityTag{"\xE4", false}},
    {"all the punctuation", "\"!#'*+/:;<=>?@[]^`{|}~\"", EntityTag{"!#'*+/:;<=>?@[]^`{|}~", false}},
    {"nothing", "", std::nullopt},
    {"no quotes", "xyzzy", std::nullopt},
    {"one quote", "\"", std::nullopt},
    {"an open end", "\"xyzzy", std::nullopt},
    {"only W/", "W/", std::nullopt},
    {"a small w", "w/\"xyzzy\"", std::nullopt},
    {"a blank behind W/", "W/ \"xyzzy\"", std::nullopt},
    {"a blank inside", "\"a b\"", std::nullopt},
    {"a blank in front", " \"a\"", std::nullopt},
    {"a blank behind", "\"a\" ", std::nullopt},
    {"DEL", "\"\x7f\"", std::nullopt},
    {"a tab", "\"\t\"", std::nullopt},
    {"something behind", "\"a\"b", std::nullopt},
    {"two", "\"a\",\"b\"", std::nullopt},
    {"a star", "*", std::nullopt},
};

bool same(const std::optional<EntityTag>& a, const std::optional<EntityTag>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->opaque == b->opaque && a->weak == b->weak;
}

// Last-Modified of the representation, and the clock.
constexpr std::int64_t kModified = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::int64_t kNow = kModified + 1000;

constexpr const char* kServe = "serve";
constexpr const char* kRange = "range";
constexpr const char* k304 = "304";
constexpr const char* k412 = "412";

struct Case {
  const char* name;
  const char* method;
  std::string_view lines;
  const char* outcome;
  http::Representation representation = {true, "\"v1\"", kModified};
  std::int64_t now = kNow;
};

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

const http::Representation kNone = {false, {}, {}};
const http::Representation kWeak = {true, "W/\"v1\"", kModified};
const http::Representation kNoTag = {true, {}, kModified};
const http::Representation kNoDate = {true, "\"v1\"", {}};
const http::Representation kBadTag = {true, "v1", kModified};

const Case kCases[] = {
    {"nothing asked", "GET", "", kServe},

    // If-Match, §13.1.1
    {"If-Match matches", "PUT", "If-Match: \"v1\"\n", kServe},
    {"If-Match does not", "PUT", "If-Match: \"v2\"\n", k412},
    {"If-Match fails a GET, too", "GET", "If-Match: \"v2\"\n", k412},
    {"If-Match, in a list", "PUT", "If-Match: \"v2\", \"v1\"\n", kServe},
    {"If-Match, in a list without blanks", "PUT", "If-Match: \"v2\",\"v1\",\"v3\"\n", kServe},
    {"If-Match, on the second line", "PUT", "If-Match: \"v2\"\nX: 1\nIf-Match: \"v1\"\n", kServe},
    {"If-Match, on none of two lines", "PUT", "If-Match: \"v2\"\nIf-Match: \"v3\"\n", k412},
    {"If-Match *", "PUT", "If-Match: *\n", kServe},
    {"If-Match * of what has no tag", "PUT", "If-Match: *\n", kServe, kNoTag},
    {"If-Match * of what is not there", "PUT", "If-Match: *\n", k412, kNone},
    {"If-Match of what is not there", "PUT", "If-Match: \"v1\"\n", k412, kNone},
    {"If-Match of what has no tag", "PUT", "If-Match: \"v1\"\n", k412, kNoTag},
    {"If-Match of what has a broken tag", "PUT", "If-Match: v1\n", k412, kBadTag},
    {"If-Match is strong: a weak tag asked", "PUT", "If-Match: W/\"v1\"\n", k412},
    {"If-Match is strong: a weak tag there", "PUT", "If-Match: \"v1\"\n", k412, kWeak},
    {"If-Match is strong: both weak", "PUT", "If-Match: W/\"v1\"\n", k412, kWeak},
    {"If-Match, empty", "PUT", "If-Match:\n", k412},
    {"If-Match, no tag", "PUT", "If-Match: v1\n", k412},
    {"If-Match, a tag among junk", "PUT", "If-Match: junk, \"a b\",, \"v1\" ,\n", kServe},
    {"If-Match, junk behind a tag", "PUT", "If-Match: \"v1\"x\n", k412},
    {"If-Match, junk in front of a tag", "PUT", "If-Match: x\"v1\"\n", k412},
    {"If-Match, a blank for the comma", "PUT", "If-Match: \"v2\" \"v1\"\n", k412},
    {"If-Match, a backslash before the quote", "PUT", "If-Match: \"\\\", \"v1\"\n", kServe},
    {"If-Match, part of a tag", "PUT", "If-Match: \"v\", \"v11\"\n", k412},
    {"If-Match, a star among others", "PUT", "If-Match: *, \"v2\"\n", k412},
    {"If-Match, two stars", "PUT", "If-Match: *\nIf-Match: *\n", k412},
    {"If-Match, a star in quotes is a tag", "PUT", "If-Match: \"*\"\n", k412},

    // If-Unmodified-Since, §13.1.4
    {"unmodified: the same second", "PUT", "If-Unmodified-Since: " DATE "\n", kServe},
    {"unmodified: later", "PUT", "If-Unmodified-Since: " AFTER "\n", kServe},
    {"modified", "PUT", "If-Unmodified-Since: " BEFORE "\n", k412},
    {"modified, as RFC 850", "PUT", "If-Unmodified-Since: Sunday, 06-Nov-94 08:49:36 GMT\n", k412},
    {"modified, as asctime", "PUT", "If-Unmodified-Since: Sun Nov  6 08:49:36 1994\n", k412},
    {"If-Unmodified-Since, no date", "PUT", "If-Unmodified-Since: yesterday\n", kServe},
    {"If-Unmodified-Since, empty", "PUT", "If-Unmodified-Since:\n", kServe},
    {"If-Unmodified-Since, two dates", "PUT", "If-Unmodified-Since: " BEFORE ", " BEFORE "\n",
     kServe},
    {"If-Unmodified-Since, two lines", "PUT",
     "If-Unmodified-Since: " BEFORE "\nIf-Unmodified-Since: " BEFORE "\n", kServe},
    {"If-Unmodified-Since, no date there", "PUT", "If-Unmodified-Since: " BEFORE "\n", kServe,
     kNoDate},
    {"If-Unmodified-Since, nothing there",
     "PUT",
     "If-Unmodified-Since: " BEFORE "\n",
     kServe,
     {false, {}, kModified}},
    {"If-Match counts, If-Unmodified-Since does not", "PUT",
     "If-Match: \"v1\"\nIf-Unmodified-Since: " BEFORE "\n", kServe},
    {"If-Match fails whatever the date", "PUT",
     "If-Match: \"v2\"\nIf-Unmodified-Since: " AFTER "\n", k412},

    // If-None-Match, §13.1.2
    {"If-None-Match matches", "GET", "If-None-Match: \"v1\"\n", k304},
    {"If-None-Match matches, HEAD", "HEAD", "If-None-Match: \"v1\"\n", k304},
    {"If-None-Match matches, another method", "PUT", "If-None-Match: \"v1\"\n", k412},
    {"If-None-Match matches, a method without a name", "BREW", "If-None-Match: \"v1\"\n", k412},
    {"If-None-Match does not", "GET", "If-None-Match: \"v2\"\n", kServe},
    {"If-None-Match, in a list", "GET", "If-None-Match: \"v2\", W/\"v3\", \"v1\"\n", k304},
    {"If-None-Match, on the second line", "GET", "If-None-Match: \"v2\"\nIf-None-Match: \"v1\"\n",
     k304},
    {"If-None-Match is weak: a weak tag asked", "GET", "If-None-Match: W/\"v1\"\n", k304},
    {"If-None-Match is weak: a weak tag there", "GET", "If-None-Match: \"v1\"\n", k304, kWeak},
    {"If-None-Match *, PUT of what is there", "PUT", "If-None-Match: *\n", k412},
    {"If-None-Match *, PUT of what is not", "PUT", "If-None-Match: *\n", kServe, kNone},
    {"If-None-Match *, GET", "GET", "If-None-Match: *\n", k304},
    {"If-None-Match of what has no tag", "GET", "If-None-Match: \"v1\"\n", kServe, kNoTag},
    {"If-None-Match, empty", "GET", "If-None-Match:\n", kServe},
    {"If-None-Match, no tag", "GET", "If-None-Match: v1\n", kServe},
    {"If-None-Match, an open quote", "GET", "If-None-Match: \"v1\n", kServe},
    {"If-None-Match, a star among others", "GET", "If-None-Match: \"v2\", *\n", kServe},

    // If-Modified-Since, §13.1.3
    {"not modified: the same second", "GET", "If-Modified-Since: " DATE "\n", k304},
    {"not modified: later", "HEAD", "If-Modified-Since: " AFTER "\n", k304},
    {"not modified: in the future", "GET", "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT\n",
     k304},
    {"modified since", "GET", "If-Modified-Since: " BEFORE "\n", kServe},
    {"not modified, as RFC 850", "GET", "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\n",
     k304},
    {"not modified, as asctime", "GET", "If-Modified-Since: Sun Nov  6 08:49:37 1994\n", k304},
    {"If-Modified-Since, another method", "POST", "If-Modified-Since: " DATE "\n", kServe},
    {"If-Modified-Since, no date", "GET", "If-Modified-Since: 0\n", kServe},
    {"If-Modified-Since, a day that is none", "GET",
     "If-Modified-Since: Thu, 30 Feb 2023 00:00:00 GMT\n", kServe},
    {"If-Modified-Since, another zone", "GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 CET\n",
     kServe},
    {"If-Modified-Since, a length behind it", "GET", "If-Modified-Since: " DATE "; length=9\n",
     kServe},
    {"If-Modified-Since, two lines", "GET",
     "If-Modified-Since: " DATE "\nIf-Modified-Since: " DATE "\n", kServe},
    {"If-Modified-Since, no date there", "GET", "If-Modified-Since: " DATE "\n", kServe, kNoDate},
    {"If-None-Match counts, If-Modified-Since does not", "GET",
     "If-None-Match: \"v2\"\nIf-Modified-Since: " DATE "\n", kServe},
    {"If-None-Match matches whatever the date", "GET",
     "If-None-Match: \"v1\"\nIf-Modified-Since: " BEFORE "\n", k304},
    {"an If-None-Match that is broken counts, too", "GET",
     "If-None-Match: v1\nIf-Modified-Since: " DATE "\n", kServe},

    // Together, §13.2.2
    {"412 comes before 304", "GET", "If-None-Match: \"v1\"\nIf-Match: \"v2\"\n", k412},
    {"a date's 412 comes before 304", "GET",
     "If-None-Match: \"v1\"\nIf-Unmodified-Since: " BEFORE "\n", k412},
    {"the first holds, the second does not", "GET", "If-Match: \"v1\"\nIf-None-Match: \"v1\"\n",
     k304},
    {"dates on both sides", "GET",
     "If-Unmodified-Since: " AFTER "\nIf-Modified-Since: " BEFORE "\n", kServe},
    {"all of them hold", "GET",
     "If-Match: \"v1\"\nIf-Unmodified-Since: " BEFORE "\nIf-None-Match: \"v2\"\n"
     "If-Modified-Since: " AFTER "\nIf-Range: \"v1\"\nRange: bytes=0-1\n",
     kRange},

    // Range and If-Range, §13.1.5 and §14.2
    {"Range", "GET", "Range: bytes=0-1\n", kRange},
    {"Range is for GET alone", "HEAD", "Range: bytes=0-1\n", kServe},
    {"Range is not for PUT", "PUT", "Range: bytes=0-1\n", kServe},
    {"two Range lines", "GET", "Range: bytes=0-1\nRange: bytes=0-1\n", kServe},
    {"304 comes before Range", "GET", "Range: bytes=0-1\nIf-None-Match: \"v1\"\n", k304},
    {"412 comes before Range", "GET", "Range: bytes=0-1\nIf-Match: \"v2\"\n", k412},
    {"If-Range, the tag", "GET", "Range: bytes=0-1\nIf-Range: \"v1\"\n", kRange},
    {"If-Range, another tag", "GET", "Range: bytes=0-1\nIf-Range: \"v2\"\n", kServe},
    {"If-Range is strong: a weak tag asked", "GET", "Range: bytes=0-1\nIf-Range: W/\"v1\"\n",
     kServe},
    {"If-Range is strong: a weak tag there", "GET", "Range: bytes=0-1\nIf-Range: \"v1\"\n", kServe,
     kWeak},
    {"If-Range is strong: both weak", "GET", "Range: bytes=0-1\nIf-Range: W/\"v1\"\n", kServe,
     kWeak},
    {"If-Range is no list", "GET", "Range: bytes=0-1\nIf-Range: \"v1\", \"v2\"\n", kServe},
    {"If-Range has no star", "GET", "Range: bytes=0-1\nIf-Range: *\n", kServe},
    {"If-Range of what has no tag", "GET", "Range: bytes=0-1\nIf-Range: \"v1\"\n", kServe, kNoTag},
    {"If-Range, the date", "GET", "Range: bytes=0-1\nIf-Range: " DATE "\n", kRange},
    {"If-Range, the date as asctime", "GET",
     "Range: bytes=0-1\nIf-Range: Sun Nov  6 08:49:37 1994\n", kRange},
    {"If-Range, a later date is not exact", "GET", "Range: bytes=0-1\nIf-Range: " AFTER "\n",
     kServe},
    {"If-Range, an earlier date", "GET", "Range: bytes=0-1\nIf-Range: " BEFORE "\n", kServe},
    {"If-Range, a date while its second lasts",
     "GET",
     "Range: bytes=0-1\nIf-Range: " DATE "\n",
     kServe,
     {true, "\"v1\"", kModified},
     kModified},
    {"If-Range, a date of the future",
     "GET",
     "Range: bytes=0-1\nIf-Range: " DATE "\n",
     kServe,
     {true, "\"v1\"", kModified},
     kModified - 10},
    {"If-Range, a date whose second is over",
     "GET",
     "Range: bytes=0-1\nIf-Range: " DATE "\n",
     kRange,
     {true, "\"v1\"", kModified},
     kModified + 1},
    {"If-Range, a date, none there", "GET", "Range: bytes=0-1\nIf-Range: " DATE "\n", kServe,
     kNoDate},
    {"If-Range, broken", "GET", "Range: bytes=0-1\nIf-Range: v1\n", kServe},
    {"If-Range, empty", "GET", "Range: bytes=0-1\nIf-Range:\n", kServe},
    {"two If-Range lines", "GET", "Range: bytes=0-1\nIf-Range: \"v1\"\nIf-Range: \"v1\"\n", kServe},
    {"If-Range without Range", "GET", "If-Range: \"v2\"\n", kServe},

    // Methods without preconditions, §13.2.1
    {"OPTIONS", "OPTIONS", "If-Match: \"v2\"\n", kServe},
    {"TRACE", "TRACE", "If-None-Match: *\n", kServe},
    {"DELETE has them", "DELETE", "If-Match: \"v2\"\n", k412},
};

std::string text_of(const http::Preconditions& result) {
  switch (result.outcome) {
    case Outcome::serve:
      return result.use_range ? kRange : kServe;
    case Outcome::not_modified:
      return result.use_range ? "304 with a range" : k304;
    case Outcome::failed:
      return result.use_range ? "412 with a range" : k412;
  }
  return {};
}

}  // namespace

TEST_CASE("entity tags are read exactly", "[http][conditional]") {
  for (const TagCase& c : kTags) DYNAMIC_SECTION(c.name) {
      const auto tag = http::parse_entity_tag(c.text);
      CHECK(same(tag, c.tag));
      if (tag) CHECK(http::to_string(*tag) == c.text);
    }
}

TEST_CASE("an entity tag is not made of what it cannot hold", "[http][conditional]") {
  for (const char* bad : {"\"", " ", "\t", "\r", "\n", "\x7f", "a b"})
    CHECK_THROWS_AS(http::to_string(EntityTag{bad, false}), std::invalid_argument);
}

TEST_CASE("entity tags are compared as the table of RFC 9110 §8.8.3.2 says",
          "[http][conditional]") {
  struct Row {
    EntityTag a, b;
    bool strong, weak;
  };
  const Row rows[] = {
      {{"1", true}, {"1", true}, false, true},    {{"1", true}, {"2", true}, false, false},
      {{"1", true}, {"1", false}, false, true},   {{"1", false}, {"1", false}, true, true},
      {{"1", false}, {"2", false}, false, false}, {{"a", false}, {"A", false}, false, false},
  };
  for (const Row& row : rows) {
    CHECK(http::matches_strongly(row.a, row.b) == row.strong);
    CHECK(http::matches_strongly(row.b, row.a) == row.strong);
    CHECK(http::matches_weakly(row.a, row.b) == row.weak);
    CHECK(http::matches_weakly(row.b, row.a) == row.weak);
  }
}

TEST_CASE("a file's tag tells its states apart", "[http][conditional]") {
  using http::FileTag;
  CHECK(FileTag(0x18a2f3c49d0e7b00, 500).text() == "\"18a2f3c49d0e7b00-1f4\"");
  CHECK(FileTag(0, 0).text() == "\"0-0\"");
  CHECK(FileTag(1, 2, "br").text() == "\"1-2-br\"");
  CHECK(FileTag(1, 2, {}, true).text() == "W/\"1-2\"");
  CHECK(FileTag(1, 2).text() != FileTag(2, 2).text());
  CHECK(FileTag(1, 2).text() != FileTag(1, 3).text());
  CHECK(FileTag(0x12, 3).text() != FileTag(1, 0x23).text());
  const FileTag longest(-1, UINT64_MAX, "identity", true);
  CHECK(longest.text() == "W/\"ffffffffffffffff-ffffffffffffffff-identity\"");
  CHECK(http::parse_entity_tag(longest.text())->weak);
}

TEST_CASE("preconditions are evaluated in the order of RFC 9110 §13.2.2", "[http][conditional]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      const test::ParsedHead head(c.lines, c.method);
      REQUIRE(head.is_valid());
      CHECK(text_of(http::evaluate_preconditions(*head, c.representation, c.now)) == c.outcome);
    }
}

TEST_CASE("CONNECT, which the parser refuses, would have no preconditions", "[http][conditional]") {
  const test::ParsedHead parsed("If-Match: \"v2\"\n", "PUT");
  http::RequestHead head = *parsed;
  CHECK(text_of(http::evaluate_preconditions(head, {}, kNow)) == k412);
  head.method = http::Method::connect;
  CHECK(text_of(http::evaluate_preconditions(head, {}, kNow)) == kServe);
}

TEST_CASE("the outcome of preconditions is a status", "[http][conditional]") {
  CHECK(http::status_of(Outcome::serve) == http::Status::ok);
  CHECK(http::status_of(Outcome::not_modified) == http::Status::not_modified);
  CHECK(http::status_of(Outcome::failed) == http::Status::precondition_failed);
}
