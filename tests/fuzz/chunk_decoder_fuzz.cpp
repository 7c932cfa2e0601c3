// SPDX-License-Identifier: MIT
// Any bytes, cut by bytes of their own: the decoder must come to one body, one end and one error.
//
// Input: up to the first zero byte, sizes of the pieces; then the chunked body.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/chunk_decoder.hpp>

namespace {

using namespace weir::http;
using weir::test::require;

struct Decoded {
  std::string body;
  std::string trailers;
  std::size_t consumed = 0;
  bool done = false;
  ParseError error = ParseError::none;
};

/// `next_size(i)`: the size of the i-th piece, at least one.
template <class NextSize>
Decoded decode(std::string_view wire, const Limits& limits, NextSize next_size) {
  Decoded got;
  ChunkDecoder decoder;
  std::size_t at = 0;
  for (std::size_t i = 0; at < wire.size(); ++i) {
    const std::size_t size = std::min<std::size_t>(next_size(i), wire.size() - at);
    std::unique_ptr<char[]> piece(new char[size]);  // reading past it is seen
    wire.copy(piece.get(), size, at);
    for (std::size_t used = 0; used < size;) {
      const auto step = decoder.step(piece.get() + used, size - used, limits, got.trailers);
      require(step.consumed <= size - used);
      if (!step.data.empty())
        require(step.data.data() >= piece.get() + used &&
                step.data.data() + step.data.size() <= piece.get() + used + step.consumed);
      got.body += step.data;
      used += step.consumed;
      got.consumed += step.consumed;
      got.done = step.done;
      got.error = step.error;
      if (step.done || step.error != ParseError::none) return got;
      require(step.consumed > 0);
    }
    at += size;
  }
  return got;
}

void require_same(const Decoded& a, const Decoded& b) {
  require(a.body == b.body && a.consumed == b.consumed);
  require(a.done == b.done && a.error == b.error);
  require(a.trailers == b.trailers);
}

/// Kept trailers are whole lines "name: value" of allowed names.
void require_sound(const Decoded& got, const Limits& limits) {
  require(got.consumed >= 5 && got.body.size() + 5 <= got.consumed);
  require(got.trailers.size() <= std::size_t{2} * limits.trailers);
  std::string_view rest = got.trailers;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    require(end != std::string_view::npos);
    const std::string_view line = rest.substr(0, end);
    const std::size_t colon = line.find(": ");
    require(colon != std::string_view::npos);
    require(is_token(line.substr(0, colon)) && !is_forbidden_trailer(line.substr(0, colon)));
    for (const char c : line.substr(colon)) require(is_value(c));
    rest.remove_prefix(end + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  if (zero == std::string_view::npos || zero == 0) return 0;
  const std::string_view cuts = input.substr(0, zero);
  const std::string_view wire = input.substr(zero + 1);

  Limits limits;
  if ((cuts[0] & 0x40) != 0) {  // close enough for a fuzzer to find
    limits.chunk_extensions = 16;
    limits.trailers = 24;
  }

  const Decoded whole = decode(wire, limits, [&](std::size_t) { return wire.size(); });
  require_same(whole, decode(wire, limits, [&](std::size_t i) {
                 return static_cast<std::size_t>(static_cast<unsigned char>(cuts[i % cuts.size()]));
               }));
  require_same(whole, decode(wire, limits, [](std::size_t) { return std::size_t{1}; }));
  if (whole.done) require_sound(whole, limits);
  return 0;
}
