// SPDX-License-Identifier: MIT
// Any form, cut by bytes of its own: the parser must tell the same however it is cut, and what a
// parser tells that sees the whole body.
//
// Input: up to the first zero byte, sizes of the pieces; up to the next line end, the boundary;
// then the body.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/multipart_parser.hpp>
#include <weir/http/percent.hpp>

#include "support/multipart.hpp"

namespace {

using namespace weir;
using test::require;

void require_same(const test::Parsed& a, const test::Parsed& b) {
  require(a.in_order && b.in_order);
  require(a.error == b.error && a.parts == b.parts);
  require(a.consumed == b.consumed || a.error == http::MultipartError::preamble_too_long);
}

void require_safe(const std::string& name) {
  require(!name.empty() && name.size() <= 255 && http::is_utf8(name));
  require(name.front() != '.' && name.back() != '.');
  for (const char c : name) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  require(name.find_first_of("/\\:<>\"|?*") == std::string::npos);
  require(http::safe_filename(name) == name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view wire(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = wire.find('\0');
  if (zero == std::string_view::npos || zero == 0) return 0;
  const std::string_view cuts = wire.substr(0, zero);
  wire.remove_prefix(zero + 1);
  const std::size_t line = wire.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view boundary = wire.substr(0, line);
  wire.remove_prefix(line + 1);
  if (!http::is_boundary(boundary)) {
    try {
      http::MultipartParser refused(boundary);
      std::abort();
    } catch (const std::invalid_argument&) {
      return 0;
    }
  }
  std::string read;
  require(http::read_boundary("multipart/form-data; boundary=\"" + std::string(boundary) + "\"",
                              read) == http::MultipartError::none);
  require(read == boundary);

  http::MultipartLimits limits;
  if ((cuts[0] & 0x40) != 0) {  // close enough for a fuzzer to find
    limits.parts = 2;
    limits.header_bytes = 96;
    limits.header_fields = 2;
    limits.name = 4;
    limits.filename = 8;
    limits.preamble = limits.epilogue = 5;
  }
  const auto parse = [&](auto next_size) {
    return test::parse_in_pieces(wire, boundary, limits, next_size);
  };
  const test::Parsed whole = parse([&](std::size_t) { return wire.size(); });
  require_same(whole, parse([&](std::size_t i) {
                 return static_cast<std::size_t>(static_cast<unsigned char>(cuts[i % cuts.size()]));
               }));
  require_same(whole, parse([](std::size_t) { return std::size_t{1}; }));

  const auto expected = test::MultipartReference(wire, boundary, limits).parse();
  require(expected.has_value() == (whole.error == http::MultipartError::none));
  if (!expected) return 0;
  require(*expected == whole.parts);
  for (const test::Part& part : whole.parts) {
    require_safe(http::safe_filename(part.filename.value_or(part.data)));
    require(http::undo_form_escapes(part.name).size() <= part.name.size());
  }
  return 0;
}
