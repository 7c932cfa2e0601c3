// SPDX-License-Identifier: MIT
// A line with a method, one with the representation's ETag, then field lines: what preconditions
// and Accept-Encoding come to.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <support/parsed_head.hpp>
#include <vector>
#include <weir/http/accept_encoding.hpp>
#include <weir/http/conditional.hpp>

using namespace weir;
using http::ContentCoding;
using http::KnownField;
using Outcome = http::Preconditions::Outcome;
using test::require;
using test::take_until;

namespace {

bool are_same(const http::Preconditions& a, const http::Preconditions& b) {
  return a.outcome == b.outcome && a.use_range == b.use_range;
}

constexpr std::int64_t kModified = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::int64_t kNow = kModified + 1;

void check_preconditions(const std::string& lines, const std::string& method,
                         const http::Representation& representation) {
  const test::ParsedHead parsed(lines, method);
  if (!parsed.is_valid()) return;
  const http::RequestHead& head = *parsed;
  const http::Preconditions result = http::evaluate_preconditions(head, representation, kNow);
  const bool reads = head.method == http::Method::get || head.method == http::Method::head;
  const bool guards = head.has(KnownField::if_match) || head.has(KnownField::if_unmodified_since);
  if (result.outcome == Outcome::not_modified)
    require(reads &&
            (head.has(KnownField::if_none_match) || head.has(KnownField::if_modified_since)));
  if (result.outcome == Outcome::failed)
    require(guards || (!reads && head.has(KnownField::if_none_match)));
  if (result.use_range)
    require(result.outcome == Outcome::serve && head.method == http::Method::get &&
            head.has(KnownField::range) && representation.exists);
  // What does not exist has no date and no tag.
  if (!representation.exists)
    require(are_same(result, http::evaluate_preconditions(head, {false, {}, {}}, kNow)));

  // A tag that is among those named is found, whatever else was sent.
  const auto tag = http::parse_entity_tag(representation.etag);
  if (!tag || !representation.exists) return;
  require(http::to_string(*tag) == representation.etag);
  const std::string own(representation.etag);
  const test::ParsedHead none_match(lines + "If-None-Match: " + own + "\n", method);
  if (none_match.is_valid()) {
    const auto found = http::evaluate_preconditions(*none_match, representation, kNow).outcome;
    const http::Method is = head.method;
    const bool has_none = is == http::Method::options || is == http::Method::trace;
    require(has_none ? found == Outcome::serve : found != Outcome::serve);
  }
  const test::ParsedHead match("If-Match: " + own + "\n" + lines, method);
  if (match.is_valid()) {
    const auto found = http::evaluate_preconditions(*match, representation, kNow).outcome;
    if (!tag->weak && reads) require(found != Outcome::failed);
  }
}

void check_codings(const test::ParsedHead& parsed) {
  const http::AcceptedCodings accepted(*parsed);
  std::vector<std::string_view> lines;
  std::string joined;
  for (const std::string_view line : http::FieldValues(*parsed, KnownField::accept_encoding)) {
    if (!lines.empty()) joined += ',';
    joined.append(line);
    lines.push_back(line);
  }
  http::AcceptedCodings backwards;
  for (std::size_t i = lines.size(); i-- > 0;) backwards.add_line(lines[i]);
  http::AcceptedCodings as_one;
  if (!lines.empty()) as_one.add_line(joined);

  for (unsigned subset = 0; subset < 16; ++subset) {
    http::CodingOffer offer;
    bool any = false;
    for (unsigned i = 0; i < http::kContentCodingCount; ++i) {
      if ((subset >> i & 1u) == 0) continue;
      offer.add(static_cast<ContentCoding>(i));
      any = any || accepted.accepts(static_cast<ContentCoding>(i));
    }
    const http::CodingChoice choice = accepted.choose(offer);
    require(choice.acceptable == any);
    if (any) {
      require(accepted.accepts(choice.coding));
      require(std::find(offer.begin(), offer.end(), choice.coding) != offer.end());
    } else {
      require(choice.coding == ContentCoding::identity);
    }
    require(backwards.choose(offer).coding == choice.coding);
    require(as_one.choose(offer).coding == choice.coding);
    require(as_one.choose(offer).acceptable == choice.acceptable);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 8192) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string method(take_until(rest, '\n'));
  const std::string etag(take_until(rest, '\n'));
  // An empty line would be the end of the head.
  std::string lines(rest.substr(0, rest.substr(0, 1) == "\n" ? 0 : rest.find("\n\n")));
  if (!lines.empty() && lines.back() != '\n') lines += '\n';
  for (const bool exists : {true, false}) {
    check_preconditions(lines, method, {exists, etag, kModified});
    check_preconditions(lines, method, {exists, etag, {}});
  }
  const test::ParsedHead parsed(lines, method);
  if (parsed.is_valid()) check_codings(parsed);
  return 0;
}
