// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <weir/net/address.hpp>
#include <weir/net/address_range.hpp>

using weir::net::Address;
using weir::net::AddressRange;
using weir::net::AddressRanges;
using weir::net::Endpoint;

namespace {

Endpoint at(std::string_view host) { return Address::ip(host, 4711).endpoint(); }

}  // namespace

TEST_CASE("numeric addresses become endpoints, all else nothing", "[net][address_range]") {
  struct Case {
    std::string_view text;
    const char* endpoint;  // "": nothing
  };
  constexpr Case kCases[] = {
      {"192.0.2.1", "192.0.2.1:80"},
      {"2001:DB8::1", "[2001:db8::1]:80"},
      {"::ffff:192.0.2.1", "192.0.2.1:80"},
      {"::ffff:c000:0201", "192.0.2.1:80"},
      {"0000:0000:0000:0000:0000:ffff:192.168.100.200", "192.168.100.200:80"},
      {"::192.0.2.1", "[::192.0.2.1]:80"},
      {"", ""},
      {"localhost", ""},
      {"*", ""},
      {"192.0.2", ""},
      {"192.0.2.1 ", ""},
      {"192.0.2.1:80", ""},
      {"[::1]", ""},
      {"fe80::1%1", ""},
      {"0x7f000001", ""},
      {std::string_view("192.0.2.1\0", 10), ""},
      {"0000:0000:0000:0000:0000:ffff:192.168.100.2000", ""},
      {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", ""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    const std::optional<Endpoint> endpoint = weir::net::parse_endpoint(c.text, 80);
    CHECK((endpoint ? endpoint->to_string() : "") == c.endpoint);
  }
}

TEST_CASE("which addresses are in a range", "[net][address_range]") {
  struct Case {
    const char* range;
    const char* address;
    bool is_in;
  };
  constexpr Case kCases[] = {
      {"10.0.0.0/8", "10.0.0.0", true},
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/8", "9.255.255.255", false},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"10.0.0.0/8", "a00::", false},  // the same bytes in front
      {"172.16.0.0/12", "172.31.255.255", true},
      {"172.16.0.0/12", "172.32.0.0", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.0", false},
      {"192.0.2.1/32", "192.0.2.1", true},
      {"192.0.2.0/31", "192.0.2.1", true},
      {"192.0.2.0/31", "192.0.2.2", false},
      {"0.0.0.0/0", "255.1.2.3", true},
      {"0.0.0.0/0", "::1", false},
      {"128.0.0.0/1", "128.0.0.1", true},
      {"128.0.0.0/1", "127.0.0.1", false},
      {"::1", "::1", true},
      {"::1", "::2", false},
      {"::1/128", "::1", true},
      {"::/0", "2001:db8::1", true},
      {"::/0", "192.0.2.1", false},
      {"::/0", "::ffff:192.0.2.1", false},  // is the IPv4 address
      {"fd00::/8", "fdff::1", true},
      {"fd00::/8", "fc00::1", false},
      {"fc00::/7", "fdff::1", true},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"fe80::/10", "fe80::1%7", true},
      {"::ffff:10.0.0.0/104", "10.1.2.3", true},
      {"::ffff:10.0.0.0/104", "11.1.2.3", false},
      {"::ffff:192.0.2.1", "192.0.2.1", true},
      {"::ffff:0:0/96", "192.0.2.1", true},
      {"::ffff:0:0/96", "::1", false},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.range, c.address);
    CHECK(AddressRange(c.range).contains(at(c.address)) == c.is_in);
  }
}

TEST_CASE("what has no address is in no range", "[net][address_range]") {
  for (const char* const range : {"0.0.0.0/0", "::/0"}) {
    CHECK_FALSE(AddressRange(range).contains(Endpoint()));
    CHECK_FALSE(AddressRange(range).contains(Address::unix_socket("/run/a").endpoint()));
  }
}

TEST_CASE("what is no range is refused by name", "[net][address_range]") {
  struct Case {
    std::string_view text;
    const char* message;
  };
  constexpr Case kCases[] = {
      {"", "not a range of addresses: \"\""},
      {"/8", "not a range of addresses: \"/8\""},
      {"example.org", "not a range of addresses: \"example.org\""},
      {"10.0.0/8", "not a range of addresses: \"10.0.0/8\""},
      {"10.0.0.0-10.0.0.9", "not a range of addresses: \"10.0.0.0-10.0.0.9\""},
      {"10.0.0.0 /8", "not a range of addresses: \"10.0.0.0 /8\""},
      {"[::1]", "not a range of addresses: \"[::1]\""},
      {"fe80::1%1", "not a range of addresses: \"fe80::1%1\""},
      {"*", "not a range of addresses: \"*\""},
      {"Loopback", "not a range of addresses: \"Loopback\""},
      {"10.0.0.0/", "no such length of a prefix: \"10.0.0.0/\""},
      {"10.0.0.0/33", "no such length of a prefix: \"10.0.0.0/33\""},
      {"10.0.0.0/-1", "no such length of a prefix: \"10.0.0.0/-1\""},
      {"10.0.0.0/+8", "no such length of a prefix: \"10.0.0.0/+8\""},
      {"10.0.0.0/8 ", "no such length of a prefix: \"10.0.0.0/8 \""},
      {"10.0.0.0/8/8", "no such length of a prefix: \"10.0.0.0/8/8\""},
      {"10.0.0.0/255.0.0.0", "no such length of a prefix: \"10.0.0.0/255.0.0.0\""},
      {"::/129", "no such length of a prefix: \"::/129\""},
      {"::/4294967296", "no such length of a prefix: \"::/4294967296\""},
      {"10.0.0.1/8", "bits behind the prefix: \"10.0.0.1/8\""},
      {"192.0.2.1/31", "bits behind the prefix: \"192.0.2.1/31\""},
      {"0.0.0.1/0", "bits behind the prefix: \"0.0.0.1/0\""},
      {"2001:db8::1/64", "bits behind the prefix: \"2001:db8::1/64\""},
      {"2001:db8:8000::/32", "bits behind the prefix: \"2001:db8:8000::/32\""},
      {"::ffff:10.0.0.0/95", "bits behind the prefix: \"::ffff:10.0.0.0/95\""},
      {"::ffff:10.0.0.1/104", "bits behind the prefix: \"::ffff:10.0.0.1/104\""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK_THROWS_AS(AddressRange(c.text), std::invalid_argument);
    CHECK_THROWS_WITH(AddressRange(c.text), c.message);
    AddressRanges ranges;
    CHECK_THROWS_WITH(ranges.add(c.text), c.message);
    CHECK(ranges.empty());
  }
}

TEST_CASE("several ranges, some of them by name", "[net][address_range]") {
  AddressRanges ranges;
  CHECK_FALSE(ranges.contains(at("127.0.0.1")));
  ranges.add("192.0.2.0/24");
  ranges.add("loopback");
  struct Case {
    const char* address;
    const char* name;  // under which it is; nullptr: under none
  };
  for (const char* const address : {"192.0.2.9", "127.0.0.1", "127.9.9.9", "::1"})
    CHECK(ranges.contains(at(address)));
  for (const char* const address : {"10.0.0.1", "::2", "128.0.0.1", "198.51.100.1"})
    CHECK_FALSE(ranges.contains(at(address)));
  constexpr Case kCases[] = {
      {"10.1.1.1", "private"},     {"172.31.0.1", "private"},   {"192.168.1.1", "private"},
      {"fc00::1", "private"},      {"fdff::1", "private"},      {"169.254.9.9", "link-local"},
      {"fe80::1%2", "link-local"}, {"febf::1%2", "link-local"}, {"fec0::1", nullptr},
      {"127.0.0.1", "loopback"},   {"172.32.0.1", nullptr},     {"192.169.0.1", nullptr},
      {"100.64.0.1", nullptr},     {"0.0.0.0", nullptr},        {"2001:db8::1", nullptr},
  };
  for (const Case& c : kCases) {
    for (const char* const name : {"loopback", "private", "link-local"}) {
      CAPTURE(c.address, name);
      AddressRanges one;
      one.add(name);
      CHECK(one.contains(at(c.address)) == (c.name != nullptr && std::string_view(c.name) == name));
    }
  }
}
