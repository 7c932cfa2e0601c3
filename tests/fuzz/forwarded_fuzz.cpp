// SPDX-License-Identifier: MIT
// The input is the lines of a Forwarded field, each ended by a line feed. What a proxy appends is
// found, whatever stands in front.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <support/parsed_head.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/forwarded.hpp>
#include <weir/http/host.hpp>
#include <weir/net/address_range.hpp>

using namespace weir;
using http::ForwardedElement;
using http::ForwardedNode;
using http::MembersFromEnd;
using test::require;

namespace {

void check(const ForwardedNode& node) {
  switch (node.kind) {
    case ForwardedNode::Kind::none:
      require(node.name.empty() && node.port == 0);
      break;
    case ForwardedNode::Kind::ipv4:
    case ForwardedNode::Kind::ipv6: {
      require(http::is_ipv4(node.name) == (node.kind == ForwardedNode::Kind::ipv4));
      require(http::is_ipv6(node.name) == (node.kind == ForwardedNode::Kind::ipv6));
      const std::optional<net::Endpoint> endpoint = net::parse_endpoint(node.name, node.port);
      require(endpoint && endpoint->port() == node.port);
      break;
    }
    case ForwardedNode::Kind::unknown:
      require(node.name.size() == 7);
      break;
    case ForwardedNode::Kind::obfuscated:
      require(node.name.front() == '_' && http::is_token(node.name));
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string lines;
  std::string_view last;
  while (!input.empty()) {
    last = http::trim(test::take_until(input, '\n'));
    lines.append("Forwarded: ").append(last).append("\n");
  }
  const test::ParsedHead head(lines);
  if (!head.is_valid()) return 0;

  for (const auto quotes :
       {MembersFromEnd::Quotes::are_text, MembersFromEnd::Quotes::part_strings}) {
    MembersFromEnd members(*head, http::KnownField::forwarded, quotes);
    std::size_t bytes = 0;
    for (std::string_view member; members.next(member);) {
      bytes += member.size();
      if (quotes == MembersFromEnd::Quotes::are_text)
        require(member.find(',') == std::string_view::npos);
      const std::optional<ForwardedNode> node = http::parse_x_forwarded_for(member);
      require(!http::parse_forwarded_node(member) || node);
      if (node) check(*node);
      const std::optional<ForwardedElement> element = http::parse_forwarded_element(member);
      if (!element) continue;
      check(element->client);
      check(element->by);
      require(http::is_host(element->host));
      for (const std::string_view text : {element->host, element->proto})
        require(text.find_first_of("\"\\ \t/@") == std::string_view::npos);
    }
    require(bytes <= lines.size());
  }

  constexpr std::string_view kAppended = "x=\"a\\\"\\\\, b\";for=\"[2001:db8::1]:7\"; proto=https";
  for (const bool on_line : {false, true}) {
    std::string longer = lines;
    if (on_line && !longer.empty()) {
      longer.pop_back();
      longer.append(last.empty() ? "" : ", ").append(kAppended).append("\n");
    } else {
      longer.append("Forwarded: ").append(kAppended).append("\n");
    }
    const test::ParsedHead whole(longer);
    if (!whole.is_valid()) continue;  // longer than a head may be
    MembersFromEnd members(*whole, http::KnownField::forwarded,
                           MembersFromEnd::Quotes::part_strings);
    std::string_view member;
    require(members.next(member) && member == kAppended);
    const std::optional<ForwardedElement> element = http::parse_forwarded_element(member);
    require(element && element->client.name == "2001:db8::1" && element->client.port == 7);
  }
  return 0;
}
