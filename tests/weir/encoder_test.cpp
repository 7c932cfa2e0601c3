// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <support/decode.hpp>
#include <thread>
#include <vector>
#include <weir/detail/encoder.hpp>
#include <weir/http/accept_encoding.hpp>

namespace {

using weir::detail::Encoder;
using weir::http::ContentCoding;

struct Coding {
  ContentCoding coding;
  const char* name;
  int level;
  bool keeps;  // its library lets a context be used again
};

constexpr Coding kCodings[] = {{ContentCoding::gzip, "gzip", 6, true},
                               {ContentCoding::br, "br", 4, false},
                               {ContentCoding::zstd, "zstd", 3, true}};

/// Text that shares words with that of other seeds, so that a match with what came before would
/// show.
std::string text_of(unsigned seed, std::size_t bytes) {
  std::string text;
  for (unsigned i = 0; text.size() < bytes; ++i)
    text += "line " + std::to_string((i + seed) * 2654435761U % 5000) + " of a text\n";
  text.resize(bytes);
  return text;
}

std::string code(const Coding& coding, std::string_view text, std::size_t piece = SIZE_MAX,
                 Encoder::Flush flush = Encoder::Flush::none) {
  const std::unique_ptr<Encoder> encoder = Encoder::make(coding.coding, coding.level);
  std::string out;
  while (text.size() > piece) {
    encoder->put(text.substr(0, piece), flush, out);
    text.remove_prefix(piece);
  }
  encoder->put(text, Encoder::Flush::end, out);
  return out;
}

/// Does `what` on a thread that keeps nothing yet.
template <class F>
void afresh(F what) {
  std::thread(what).join();
}

}  // namespace

TEST_CASE("a context that is used again gives the bytes of a new one", "[compression]") {
  const std::size_t sizes[] = {1, 1000, 20'000, 300'000, 3'000'000, 5000, 100'000};
  for (const Coding& coding : kCodings) {
    INFO(coding.name);
    std::vector<std::string> texts;
    std::vector<std::string> fresh;
    for (const std::size_t size : sizes) {
      texts.push_back(text_of(static_cast<unsigned>(texts.size()), size));
      afresh([&] { fresh.push_back(code(coding, texts.back())); });
      afresh([&] { fresh.push_back(code(coding, texts.back(), 7000)); });
    }
    afresh([&] {
      for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
          const bool same = code(coding, texts[i]) == fresh[2 * i];
          CHECK(same);
          const bool same_in_pieces = code(coding, texts[i], 7000) == fresh[2 * i + 1];
          CHECK(same_in_pieces);
        }
      }
      CHECK(weir::test::decode(coding.name, code(coding, texts.back())) == texts.back());
      CHECK(Encoder::contexts_made() == (coding.keeps ? 1 : 0));
    });
  }
}

TEST_CASE("what was broken off in the middle is not used again", "[compression]") {
  for (const Coding& coding : kCodings) {
    INFO(coding.name);
    const std::string text = text_of(1, 50'000);
    std::string fresh;
    afresh([&] { fresh = code(coding, text); });
    afresh([&] {
      for (int i = 0; i < 3; ++i) {
        const std::unique_ptr<Encoder> encoder = Encoder::make(coding.coding, coding.level);
        std::string out;
        encoder->put(text_of(2, 50'000), Encoder::Flush::sync, out);
      }
      const bool same = code(coding, text) == fresh;
      CHECK(same);
      CHECK(Encoder::contexts_made() == (coding.keeps ? 4 : 0));
    });
  }
}

TEST_CASE("encoders beside each other have contexts of their own", "[compression]") {
  for (const Coding& coding : kCodings) {
    INFO(coding.name);
    afresh([&] {
      std::vector<std::unique_ptr<Encoder>> encoders;
      std::vector<std::string> coded(5);
      for (std::size_t i = 0; i < coded.size(); ++i)
        encoders.push_back(Encoder::make(coding.coding, coding.level));
      for (const Encoder::Flush flush : {Encoder::Flush::sync, Encoder::Flush::end})
        for (std::size_t i = 0; i < coded.size(); ++i)
          encoders[i]->put(text_of(static_cast<unsigned>(i), 1000), flush, coded[i]);
      for (std::size_t i = 0; i < coded.size(); ++i) {
        const std::string text = text_of(static_cast<unsigned>(i), 1000);
        CHECK(weir::test::decode(coding.name, coded[i]) == text + text);
      }
      code(coding, "one more");
      CHECK(Encoder::contexts_made() == (coding.keeps ? 5 : 0));
    });
  }
}

TEST_CASE("levels keep apart, and a very large context is not kept", "[compression]") {
  const std::string text = text_of(1, 3'000'000);
  for (const Coding& coding : kCodings) {
    INFO(coding.name);
    Coding high = coding;
    high.level = coding.coding == ContentCoding::zstd ? 19 : 9;
    std::string low_bytes;
    std::string high_bytes;
    afresh([&] { low_bytes = code(coding, text); });
    afresh([&] { high_bytes = code(high, text); });
    CHECK(low_bytes != high_bytes);
    afresh([&] {
      for (int i = 0; i < 2; ++i) {
        const bool low_same = code(coding, text) == low_bytes;
        CHECK(low_same);
        const bool high_same = code(high, text) == high_bytes;
        CHECK(high_same);
      }
      const std::uint64_t made = Encoder::contexts_made();
      code(coding, text);
      CHECK(Encoder::contexts_made() == made + (coding.keeps ? 1 : 0));
    });
  }
}

TEST_CASE("an encoder may go from thread to thread", "[compression]") {
  for (const Coding& coding : kCodings) {
    INFO(coding.name);
    const std::string text = text_of(1, 200'000);
    const std::string expected = code(coding, text, 50'000);
    for (int i = 0; i < 3; ++i) {
      const std::unique_ptr<Encoder> encoder = Encoder::make(coding.coding, coding.level);
      std::string out;
      for (std::size_t at = 0; at < text.size(); at += 50'000) {
        const Encoder::Flush flush =
            at + 50'000 == text.size() ? Encoder::Flush::end : Encoder::Flush::none;
        afresh([&] { encoder->put(std::string_view(text).substr(at, 50'000), flush, out); });
      }
      const bool same = out == expected;
      CHECK(same);
    }
  }
}
