// SPDX-License-Identifier: MIT
// Any bytes, cut by bytes of their own: the parser must come to one answer, and to one that holds.
//
// Input: up to the first zero byte, sizes of the pieces; then the request.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <vector>
#include <weir/http/chars.hpp>
#include <weir/http/host.hpp>
#include <weir/http/request_parser.hpp>
#include <weir/http/target.hpp>

namespace {

using namespace weir::http;
using Kind = RequestParser::Result::Kind;
using weir::test::require;

constexpr std::uint32_t kIndexSize = 64;

struct Parsed {
  std::vector<FieldIndex> index = std::vector<FieldIndex>(kIndexSize);
  RequestHead head;
  RequestParser parser;
  RequestParser::Result result;
  std::unique_ptr<char[]> bytes;  // of exactly the size, so that reading past them is seen

  Parsed() {
    head.fields = index.data();
    head.field_capacity = kIndexSize;
  }
  void feed(std::string_view wire, const Limits& limits) {
    std::unique_ptr<char[]> moved(new char[wire.size()]);
    wire.copy(moved.get(), wire.size());
    bytes = std::move(moved);
    result = parser.parse(bytes.get(), wire.size(), head, limits);
  }
};

void require_same(const Parsed& a, const Parsed& b) {
  require(a.result.kind == b.result.kind);
  require(a.result.error == b.result.error);
  require(a.result.consumed == b.result.consumed);
  require(a.parser.started() == b.parser.started());
  if (a.result.kind != Kind::complete) return;
  const RequestHead& x = a.head;
  const RequestHead& y = b.head;
  require(x.size == y.size && x.method == y.method && x.minor_version == y.minor_version);
  require(x.method_name() == y.method_name() && x.target_text() == y.target_text());
  require(x.present == y.present && x.repeated == y.repeated);
  require(x.framing == y.framing && x.content_length == y.content_length);
  require(x.keep_alive == y.keep_alive && x.wants_upgrade == y.wants_upgrade);
  require(x.expect_continue == y.expect_continue && x.expect_unknown == y.expect_unknown);
  require(x.field_count == y.field_count);
  for (std::size_t i = 0; i < x.field_count; ++i) {
    require(x.name(i) == y.name(i) && x.value(i) == y.value(i));
    require(x.fields[i].id == y.fields[i].id);
  }
}

/// What must be true of every head that is let through, worked out anew and simply.
void require_sound(const RequestHead& head, std::string_view wire, const Limits& limits) {
  require(head.size <= wire.size() && head.field_count <= limits.field_count);
  require(is_token(head.method_name()) && head.method == method_from(head.method_name()));
  require(!head.target_text().empty());
  for (const char c : head.target_text()) require(c > 0x20 && c < 0x7f && c != '#');
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned encodings = 0;
  for (std::size_t i = 0; i < head.field_count; ++i) {
    require(is_token(head.name(i)));
    require(head.fields[i].id == known_field_from(head.name(i)));
    require(trim(head.value(i)) == head.value(i));
    for (const char c : head.value(i)) require(is_value(c));
    hosts += equals_ignoring_case(head.name(i), "Host");
    lengths += equals_ignoring_case(head.name(i), "Content-Length");
    encodings += equals_ignoring_case(head.name(i), "Transfer-Encoding");
  }
  require(hosts <= 1 && (hosts == 1 || head.minor_version == 0));
  require(is_host(head.header("host")));
  require(lengths + encodings <= 1);
  require((head.framing == RequestHead::Framing::length) == (lengths == 1));
  require((head.framing == RequestHead::Framing::chunked) == (encodings == 1));
  if (lengths == 1)
    for (const char c : head.header("content-length")) require(is_digit(c));

  const std::size_t plain = head.plain_path;
  if (plain == 0) return;
  const std::string_view whole = head.target_text();
  Target target;
  require(split(whole, head.method, target) == TargetError::none);
  require(target.form == Target::Form::origin && target.authority.empty());
  require(target.path == whole.substr(0, plain) && target.has_query == (plain != whole.size()));
  require(!target.has_query || target.query == whole.substr(plain + 1));
  std::string scratch;
  RoutedPath path;
  require(normalise_path(target.path, scratch, path) == TargetError::none);
  require(path.text.data() == target.path.data() && !path.has_encoded_slash);
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
    limits.request_line = 40;
    limits.field = 30;
    limits.all_fields = 80;
    limits.field_count = 5;
  }
  limits.allow_bare_lf = (cuts[0] & 0x20) != 0;

  Parsed whole;
  whole.feed(wire, limits);

  Parsed cut;
  std::size_t fed = 0;
  for (std::size_t i = 0; cut.result.kind == Kind::partial && fed < wire.size(); ++i) {
    fed = std::min(wire.size(), fed + static_cast<unsigned char>(cuts[i % cuts.size()]));
    cut.feed(wire.substr(0, fed), limits);
  }
  if (wire.empty()) cut.feed(wire, limits);
  require_same(whole, cut);

  // A byte at a time, without moving them.
  Parsed bytewise;
  bytewise.result = bytewise.parser.parse(whole.bytes.get(), 0, bytewise.head, limits);
  for (std::size_t n = 1; bytewise.result.kind == Kind::partial && n <= wire.size(); ++n)
    bytewise.result = bytewise.parser.parse(whole.bytes.get(), n, bytewise.head, limits);
  require_same(whole, bytewise);

  if (whole.result.kind == Kind::complete) require_sound(whole.head, wire, limits);
  if (whole.result.kind == Kind::failed) require(whole.result.error != ParseError::none);
  if (whole.result.kind == Kind::partial) require(whole.result.consumed == 0);
  return 0;
}
