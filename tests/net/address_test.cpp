// SPDX-License-Identifier: MIT
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <stdexcept>
#include <weir/net/address.hpp>

using weir::net::Address;
using weir::net::Endpoint;
using weir::net::Family;

namespace {

struct Good {
  const char* host;
  const char* address;
  const char* endpoint;
  Family family;
};
constexpr Good kGood[] = {
    {"127.0.0.1", "127.0.0.1:80", "127.0.0.1:80", Family::ipv4},
    {"localhost", "127.0.0.1:80", "127.0.0.1:80", Family::ipv4},
    {"", "0.0.0.0:80", "0.0.0.0:80", Family::ipv4},
    {"*", "0.0.0.0:80", "0.0.0.0:80", Family::ipv4},
    {"::", "[::]:80", "[::]:80", Family::ipv6},
    {"::1", "[::1]:80", "[::1]:80", Family::ipv6},
    {"[2001:db8::1]", "[2001:db8::1]:80", "[2001:db8::1]:80", Family::ipv6},
    {"fe80::1%7", "[fe80::1%7]:80", "[fe80::1%7]:80", Family::ipv6},
    {"fe80::1%lo", "[fe80::1%1]:80", "[fe80::1%1]:80", Family::ipv6},
    {"::ffff:10.1.2.3", "[::ffff:10.1.2.3]:80", "10.1.2.3:80", Family::ipv6},
};

struct Bad {
  std::string_view host;
  const char* message;
};
constexpr Bad kBad[] = {
    {"example.org", "not a numeric IPv4 or IPv6 address: \"example.org\""},
    {"256.0.0.1", "not a numeric IPv4 or IPv6 address: \"256.0.0.1\""},
    {"1.2.3", "not a numeric IPv4 or IPv6 address: \"1.2.3\""},
    {"[]", "not a numeric IPv4 or IPv6 address: \"[]\""},
    {":::", "not a numeric IPv4 or IPv6 address: \":::\""},
    {"fe80::1%nosuchif", "no such interface in the address \"fe80::1%nosuchif\""},
    {"fe80::1%", "no such interface in the address \"fe80::1%\""},
};

}  // namespace

TEST_CASE("numeric addresses are read and shown", "[net][address]") {
  for (const Good& c : kGood) DYNAMIC_SECTION(c.host) {
      const Address address = Address::ip(c.host, 80);
      CHECK(address.to_string() == c.address);
      CHECK(address.endpoint().to_string() == c.endpoint);
      CHECK(address.family() == c.family);
      CHECK(address.port() == 80);
      CHECK(address.path().empty());
    }
}

TEST_CASE("what is no numeric address is refused by name", "[net][address]") {
  for (const Bad& c : kBad) DYNAMIC_SECTION(c.host) {
      CHECK_THROWS_AS(Address::ip(c.host, 80), std::invalid_argument);
      CHECK_THROWS_WITH(Address::ip(c.host, 80), c.message);
    }
  CHECK_THROWS_AS(Address::ip(std::string_view("127.0.0.1\0x", 11), 80), std::invalid_argument);
}

TEST_CASE("Unix sockets have a path or an abstract name", "[net][address]") {
  const Address file = Address::unix_socket("/run/app.sock");
  CHECK(file.to_string() == "unix:/run/app.sock");
  CHECK(file.path() == "/run/app.sock");
  CHECK(file.family() == Family::unix_domain);
  CHECK(file.port() == 0);
  CHECK(file.endpoint().to_string() == "unix:");
  CHECK(file.endpoint().host().empty());

  const Address name = Address::unix_socket("@name");
  CHECK(name.to_string() == "unix:@name");
  CHECK(name.path().empty());
  CHECK(name.size() == 2 + 5);

  CHECK(Address::unix_socket(std::string(107, 'a')).path().size() == 107);
  CHECK_THROWS_AS(Address::unix_socket(std::string(108, 'a')), std::invalid_argument);
  CHECK_THROWS_AS(Address::unix_socket(""), std::invalid_argument);
  CHECK_THROWS_AS(Address::unix_socket("@"), std::invalid_argument);
  CHECK_THROWS_AS(Address::unix_socket(std::string_view("a\0b", 3)), std::invalid_argument);
}

TEST_CASE("what the kernel cut short or does not name is no endpoint", "[net][address]") {
  const Address v4 = Address::ip("127.0.0.1", 80);
  CHECK(Endpoint::from(v4.data(), v4.size() - 1).family() == Family::none);
  const Address v6 = Address::ip("::1", 80);
  CHECK(Endpoint::from(v6.data(), v6.size() - 1).family() == Family::none);
  CHECK(Endpoint::from(nullptr, 0).family() == Family::none);
  CHECK(Endpoint::from(v4.data(), 1).family() == Family::none);
  CHECK(Endpoint().to_string().empty());
  CHECK(Address().to_string().empty());
  CHECK(Address().family() == Family::none);
  const sa_family_t unnamed = AF_UNIX;
  const Address bare = Address::from(reinterpret_cast<const sockaddr*>(&unnamed), sizeof unnamed);
  CHECK(bare.to_string() == "unix:");
}

TEST_CASE("endpoints are equal when all of them is", "[net][address]") {
  const Endpoint a = Address::ip("10.0.0.1", 1).endpoint();
  CHECK(a == Address::ip("10.0.0.1", 1).endpoint());
  CHECK(a == Address::ip("::ffff:10.0.0.1", 1).endpoint());
  CHECK(a != Address::ip("10.0.0.1", 2).endpoint());
  CHECK(a != Address::ip("10.0.0.2", 1).endpoint());
  CHECK(Address::ip("fe80::1%1", 1).endpoint() != Address::ip("fe80::1%2", 1).endpoint());
  CHECK(a.is_v4());
  CHECK(a.bytes()[0] == 10);
  CHECK(a.bytes()[3] == 1);
}

static_assert(sizeof(Endpoint) == 24);

TEST_CASE("what no address was written to is of no family", "[net][address]") {
  sockaddr_storage storage{};
  storage.ss_family = AF_PACKET;
  const auto* const generic = reinterpret_cast<const sockaddr*>(&storage);
  CHECK(Address::from(nullptr, 0).family() == Family::none);
  CHECK(Address::from(generic, 1).family() == Family::none);
  CHECK(Address::from(generic, sizeof storage).family() == Family::none);
  CHECK(Endpoint::from(generic, sizeof storage).family() == Family::none);
  storage.ss_family = AF_INET6;
  CHECK(Endpoint::from(generic, sizeof(sockaddr_in)).family() == Family::none);
  CHECK_FALSE(Address::from(generic, sizeof(sockaddr_in)).to_string() == "[::]:0");
}

TEST_CASE("an endpoint says what it is", "[net][address]") {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_scope_id = 3;
  const Endpoint endpoint = Endpoint::from(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  CHECK(endpoint.is_v6());
  CHECK_FALSE(endpoint.is_unix());
  CHECK(endpoint.scope() == 3);
  v6.sin6_scope_id = 4;
  CHECK(endpoint != Endpoint::from(reinterpret_cast<const sockaddr*>(&v6), sizeof v6));
  v6.sin6_scope_id = 3;
  v6.sin6_addr.s6_addr[15] = 1;
  CHECK(endpoint != Endpoint::from(reinterpret_cast<const sockaddr*>(&v6), sizeof v6));
  CHECK(endpoint != Endpoint());
}

TEST_CASE("brackets come in pairs, a scope is a number or an interface", "[net][address]") {
  for (const char* host : {"[::1", "::1]", "[]", "[", "fe80::1%1x", "fe80::1%99999999999"}) {
    CAPTURE(host);
    CHECK_THROWS_AS(Address::ip(host, 80), std::invalid_argument);
  }
}
