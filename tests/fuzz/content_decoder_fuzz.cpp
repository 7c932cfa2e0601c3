// SPDX-License-Identifier: MIT
// Coded content of any kind, in pieces: never more comes out than the bounds allow, and the pieces
// make no difference.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/decompress.hpp>
#include <weir/detail/decoder.hpp>

namespace {

using weir::detail::Decoder;
using weir::test::require;

constexpr const char* kCodings[] = {"gzip", "deflate", "br", "zstd"};
constexpr std::size_t kMost = 1 << 20;

struct Outcome {
  std::string text;
  Decoder::State state = Decoder::State::wants_input;
};

Outcome decode(const char* coding, std::string_view bytes, std::size_t piece) {
  const std::unique_ptr<Decoder> decoder = Decoder::make(coding);
  Outcome outcome;
  char out[4096];
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    do {
      std::size_t written = 0;
      const std::size_t before = part.size();
      outcome.state = decoder->step(part, out, sizeof out, written);
      require(written <= sizeof out);
      require(part.size() <= before);
      outcome.text.append(out, written);
      if (outcome.text.size() > kMost) return outcome;
      // It gets on: what asks to be called again has taken or given something.
      require(outcome.state != Decoder::State::has_output || written != 0 || part.size() != before);
    } while (outcome.state == Decoder::State::has_output);
    if (outcome.state != Decoder::State::wants_input) return outcome;
    require(part.empty());
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const char* const coding = kCodings[data[0] % 4];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome whole = decode(coding, bytes, bytes.size() + 1);
  const Outcome pieces = decode(coding, bytes, data[1] % 64U + 1);
  if (whole.text.size() > kMost || pieces.text.size() > kMost) return 0;
  if (whole.state == Decoder::State::broken || pieces.state == Decoder::State::broken) {
    require(whole.state == pieces.state);  // how far each got before it saw that may differ
    return 0;
  }
  require(whole.state == pieces.state);
  require(whole.text == pieces.text);
  return 0;
}
