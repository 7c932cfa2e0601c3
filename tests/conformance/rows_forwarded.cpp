// SPDX-License-Identifier: MIT
// A chapter on proxies: what is believed of what they say, and who is not believed.
#include <string>
#include <string_view>
#include <utility>

#include "conformance/rows.hpp"

namespace weir::conformance {

Chapter forwarded() {
  Chapter t{"Forwarded", {}};
  const auto add = [&t](std::string name, std::string_view lines, std::string_view told,
                        std::string_view source) {
    t.add(std::move(name), get("/forwarded/told", lines), {{200, told}}, End::keep, source);
  };
  const auto x_add = [&t](const char* name, std::string_view lines, std::string_view told) {
    t.add(name, get("/x-forwarded/told", lines), {{200, told}}, End::keep, "behind-a-proxy.md");
  };
  const std::string_view mine = "behind-a-proxy.md";

  add("an address", "Forwarded: for=192.0.2.43\r\n", "192.0.2.43:0 http a", "RFC 7239 §5.2");
  add("all four, names in any case",
      "Forwarded: For=192.0.2.60;PROTO=https;By=203.0.113.43;host=b\r\n", "192.0.2.60:0 https b",
      "RFC 7239 §4, §5");
  add("IPv6 with a port, quoted", "Forwarded: for=\"[2001:db8:cafe::17]:4711\"\r\n",
      "[2001:db8:cafe::17]:4711 http a", "RFC 7239 §6");
  add("a host with a port, quoted", "Forwarded: for=192.0.2.1;host=\"b:8080\"\r\n",
      "192.0.2.1:0 http b:8080", "RFC 7239 §5.3");
  add("two proxies in one line", "Forwarded: for=192.0.2.43, for=10.0.0.2;proto=https\r\n",
      "192.0.2.43:0 https a", "RFC 7239 §7.1");
  add("two proxies in two lines",
      "Forwarded: for=192.0.2.43\r\nForwarded: for=10.0.0.2;proto=https\r\n",
      "192.0.2.43:0 https a", "RFC 7239 §7.1");
  add("empty members", "Forwarded: for=192.0.2.43, ,for=10.0.0.2,\r\n", "192.0.2.43:0 http a",
      "RFC 9110 §5.6.1.2");
  add("a parameter of another name", "Forwarded: secret=\"a,;\\\"\";for=192.0.2.43\r\n",
      "192.0.2.43:0 http a", "RFC 7239 §5.5");
  add("what a client forged is in front",
      "Forwarded: for=203.0.113.9;host=evil, for=192.0.2.43\r\n", "192.0.2.43:0 http a",
      "RFC 7239 §8.1");
  add("half a quoted string in front", "Forwarded: for=\"203.0.113.9, for=\"[2001:db8::1]:1\"\r\n",
      "[2001:db8::1]:1 http a", mine);
  for (const auto& [name, member] :
       {std::pair{"unknown", "for=unknown"}, std::pair{"hidden", "for=_gazonk"},
        std::pair{"no address", "by=10.0.0.9"},
        std::pair{"a colon without quotes", "for=192.0.2.1:80"},
        std::pair{"a name twice", "for=192.0.2.1;for=192.0.2.2"},
        std::pair{"a name", "for=a.example"},
        std::pair{"a host that is none", "for=192.0.2.1;host=\"b/c\""}})
    add(std::string(name) + ": the proxy stands for it",
        std::string("Forwarded: for=203.0.113.9, ").append(member).append(", for=10.0.0.2\r\n"),
        "10.0.0.2:0 http a", mine);

  x_add("X-Forwarded-For", "X-Forwarded-For: 203.0.113.9, 192.0.2.43, 10.0.0.2:80\r\n",
        "192.0.2.43:0 http a");
  x_add("X-Forwarded-For in two lines",
        "X-Forwarded-For: 192.0.2.43\r\nX-Forwarded-For: 10.0.0.2\r\n", "192.0.2.43:0 http a");
  x_add("X-Forwarded-For, IPv6", "X-Forwarded-For: 2001:db8::1, ::ffff:10.0.0.2\r\n",
        "[2001:db8::1]:0 http a");
  x_add("X-Forwarded-For, an empty member ends it", "X-Forwarded-For: 203.0.113.9,, 10.0.0.2\r\n",
        "10.0.0.2:0 http a");
  x_add("X-Forwarded-Proto and -Host: the last member",
        "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http, https\r\nX-Forwarded-Host: evil\r\n"
        "X-Forwarded-Host: b\r\n",
        "192.0.2.1:0 https b");
  x_add("malformed scheme and host: as if not said",
        "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: on\r\nX-Forwarded-Host: b/c\r\n",
        "192.0.2.1:0 http a");
  t.add("both at once: only the one that was chosen",
        get("/x-forwarded/told",
            "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=203.0.113.9;proto=https;host=evil\r\n"),
        {{200, "192.0.2.1:0 http a"}}, End::keep, mine);
  t.add("from an address that is not trusted",
        get("/others/told",
            "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b\r\n"),
        {{200, "127.0.0.1 http a"}}, End::keep, "RFC 7239 §8.1");
  return t;
}

}  // namespace weir::conformance
