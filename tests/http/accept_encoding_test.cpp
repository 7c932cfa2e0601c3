// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <support/parsed_head.hpp>
#include <weir/http/accept_encoding.hpp>

using namespace weir;
using http::ContentCoding;

namespace {

constexpr http::CodingOffer kAll{ContentCoding::zstd, ContentCoding::br, ContentCoding::gzip,
                                 ContentCoding::identity};
constexpr http::CodingOffer kGzipOnly{ContentCoding::gzip};
constexpr http::CodingOffer kPlain{ContentCoding::identity};

struct Case {
  const char* name;
  std::string_view lines;
  const char* chosen;  // "406": none is acceptable
  http::CodingOffer offer = kAll;
};

const Case kCases[] = {
    {"no field", "", "identity"},
    {"no field, and only gzip there", "", "gzip", kGzipOnly},
    {"an empty field", "Accept-Encoding:\n", "identity"},
    {"an empty field, and only gzip there", "Accept-Encoding:\n", "406", kGzipOnly},
    {"only commas", "Accept-Encoding: , ,\n", "identity"},
    {"only commas, and only gzip there", "Accept-Encoding: , ,\n", "406", kGzipOnly},

    {"a browser", "Accept-Encoding: gzip, deflate, br, zstd\n", "zstd"},
    {"an older browser", "Accept-Encoding: gzip, deflate, br\n", "br"},
    {"curl", "Accept-Encoding: deflate, gzip\n", "gzip"},
    {"only what is not there", "Accept-Encoding: compress, deflate\n", "identity"},
    {"only what is not there, and only gzip there", "Accept-Encoding: compress\n", "406",
     kGzipOnly},
    {"no blanks", "Accept-Encoding: gzip,br\n", "br"},
    {"tabs and empty elements", "Accept-Encoding: ,\tgzip\t,, br ,\n", "br"},
    {"several lines", "Accept-Encoding: gzip\nX: 1\nAccept-Encoding: br\n", "br"},
    {"a line that is empty among them", "Accept-Encoding:\nAccept-Encoding: br\n", "br"},
    {"capitals", "Accept-Encoding: GZip\n", "gzip"},
    {"x-gzip, RFC 9110 §8.4.1.3", "Accept-Encoding: X-gzip\n", "gzip"},

    {"the greater weight", "Accept-Encoding: gzip;q=1.0, br;q=0.9, zstd;q=0.5\n", "gzip"},
    {"weights of the same size", "Accept-Encoding: gzip;q=0.5, br;q=0.5\n", "br"},
    {"a thousandth more", "Accept-Encoding: gzip;q=0.501, br;q=0.5\n", "gzip"},
    {"the least weight is one", "Accept-Encoding: gzip;q=0.001\n", "gzip"},
    {"blanks around the weight", "Accept-Encoding: gzip ; q=0.5, br\t;\tq=0.4\n", "gzip"},
    {"a capital Q", "Accept-Encoding: gzip;Q=0, br;Q=0.1\n", "br"},
    {"q=0 is a refusal", "Accept-Encoding: gzip;q=0\n", "identity"},
    {"q=0.000 is, too", "Accept-Encoding: br;q=0.000, gzip\n", "gzip"},
    {"q=0, and only that there", "Accept-Encoding: gzip;q=0\n", "406", kGzipOnly},

    {"identity preferred", "Accept-Encoding: identity, gzip;q=0.9\n", "identity"},
    {"identity as good as the rest", "Accept-Encoding: gzip, identity\n", "gzip"},
    {"identity not mentioned is least", "Accept-Encoding: gzip;q=0.001, br;q=0\n", "gzip"},
    {"identity mentioned with less", "Accept-Encoding: identity;q=0.1, gzip;q=0.2\n", "gzip"},
    {"a player in a browser", "Accept-Encoding: identity;q=1, *;q=0\n", "identity"},
    {"RFC 9110's example", "Accept-Encoding: gzip;q=1.0, identity; q=0.5, *;q=0\n", "gzip"},

    {"a star", "Accept-Encoding: *\n", "zstd"},
    {"a star for the rest", "Accept-Encoding: gzip, *;q=0.5\n", "gzip"},
    {"a star, but", "Accept-Encoding: zstd;q=0, *\n", "br"},
    {"a star in front", "Accept-Encoding: *;q=0.2, gzip;q=0.1\n", "zstd"},
    {"no star but gzip", "Accept-Encoding: gzip, *;q=0\n", "gzip"},
    {"no star at all", "Accept-Encoding: *;q=0\n", "406"},
    {"no star, and identity there alone", "Accept-Encoding: gzip, *;q=0\n", "406", kPlain},
    {"a star and identity there alone", "Accept-Encoding: *;q=0.1\n", "identity", kPlain},
    {"no identity", "Accept-Encoding: identity;q=0\n", "406"},
    {"no identity but gzip", "Accept-Encoding: identity;q=0, gzip;q=0.1\n", "gzip"},
    {"no identity but a star", "Accept-Encoding: identity;q=0, *\n", "zstd"},

    {"named twice: the lower counts", "Accept-Encoding: br, br;q=0, gzip\n", "gzip"},
    {"named twice, the other way", "Accept-Encoding: br;q=0, br, gzip\n", "gzip"},
    {"named twice by two names", "Accept-Encoding: gzip, x-gzip;q=0\n", "identity"},
    {"two stars", "Accept-Encoding: *, *;q=0\n", "406"},

    // what cannot be read is not there
    {"a weight above 1", "Accept-Encoding: br;q=1.5, gzip\n", "gzip"},
    {"a weight of too many digits", "Accept-Encoding: br;q=0.1234, gzip\n", "gzip"},
    {"a weight without a number", "Accept-Encoding: br;q=, gzip\n", "gzip"},
    {"a weight without '='", "Accept-Encoding: br;q, gzip\n", "gzip"},
    {"a negative weight", "Accept-Encoding: br;q=-1, gzip\n", "gzip"},
    {"blanks within the weight", "Accept-Encoding: br;q = 1, gzip\n", "gzip"},
    {"another parameter", "Accept-Encoding: br;level=9, gzip\n", "gzip"},
    {"a parameter behind the weight", "Accept-Encoding: br;q=1;a=b, gzip\n", "gzip"},
    {"no parameter behind ';'", "Accept-Encoding: br;, gzip\n", "gzip"},
    {"no name", "Accept-Encoding: ;q=1, gzip\n", "gzip"},
    {"two names", "Accept-Encoding: br zstd, gzip\n", "gzip"},
    {"quotes", "Accept-Encoding: \"br\", gzip\n", "gzip"},
    {"a broken refusal refuses nothing", "Accept-Encoding: identity;q=x, *;q=0x\n", "identity"},
    {"all broken: as if there were no field", "Accept-Encoding: @@@, br zstd\n", "identity"},
    {"all broken, and only gzip there", "Accept-Encoding: @@@, br zstd\n", "gzip", kGzipOnly},
    {"an empty line among broken ones", "Accept-Encoding:\nAccept-Encoding: @@@\n", "gzip",
     kGzipOnly},
    {"a longer name", "Accept-Encoding: gzip2, bro\n", "identity"},
};

std::string text_of(const http::CodingChoice& choice) {
  if (choice.acceptable) return std::string(http::to_string(choice.coding));
  return choice.coding == ContentCoding::identity ? "406" : "406 with a coding";
}

}  // namespace

TEST_CASE("a coding is what the client likes best of what there is", "[http][accept_encoding]") {
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      const test::ParsedHead head(c.lines);
      REQUIRE(head.is_valid());
      CHECK(text_of(http::AcceptedCodings(*head).choose(c.offer)) == c.chosen);
    }
}

TEST_CASE("what is accepted can be asked for each coding", "[http][accept_encoding]") {
  http::AcceptedCodings accepted;
  for (const ContentCoding coding : kAll) CHECK(accepted.accepts(coding));
  accepted.add_line("gzip, br;q=0");
  CHECK(accepted.accepts(ContentCoding::gzip));
  CHECK(accepted.accepts(ContentCoding::identity));
  CHECK_FALSE(accepted.accepts(ContentCoding::br));
  CHECK_FALSE(accepted.accepts(ContentCoding::zstd));
}

TEST_CASE("an offer has each coding once, in its order", "[http][accept_encoding]") {
  http::CodingOffer offer{ContentCoding::br, ContentCoding::gzip, ContentCoding::br};
  CHECK(offer.size() == 2);
  CHECK(*offer.begin() == ContentCoding::br);
  offer.remove(ContentCoding::br);
  CHECK(offer.size() == 1);
  offer.remove(ContentCoding::zstd);
  offer.add(ContentCoding::identity);
  CHECK(offer.size() == 2);
  CHECK(offer.begin()[1] == ContentCoding::identity);
  http::AcceptedCodings accepted;
  accepted.add_line("br, gzip;q=0.5");
  CHECK(accepted.choose(offer).coding == ContentCoding::gzip);
  CHECK_FALSE(accepted.choose({}).acceptable);
}

TEST_CASE("codings have names and files that have them a suffix", "[http][accept_encoding]") {
  CHECK(http::to_string(ContentCoding::zstd) == "zstd");
  CHECK(http::suffix_of(ContentCoding::zstd) == ".zst");
  CHECK(http::suffix_of(ContentCoding::br) == ".br");
  CHECK(http::suffix_of(ContentCoding::gzip) == ".gz");
  CHECK(http::suffix_of(ContentCoding::identity).empty());
}
