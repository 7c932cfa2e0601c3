// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What proxies say of who is behind them: Forwarded (RFC 7239), and X-Forwarded-For, -Proto and
/// -Host, which are written down nowhere but are what most proxies send.
///
/// Anybody may send these fields. What is true of them is only what a proxy that one trusts has
/// added, and that stands at the end: lists are read from there, and a member is found and read
/// without regard for what is in front of it. A client that sends half a quoted string cannot hide
/// or change what a proxy has appended to it.
///
/// Everything is a view into the field and lives as long as it; nothing is allocated.
///
/// Thread: any.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/known_field.hpp>
#include <weir/http/request_head.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// One end of a connection, as a proxy names it (RFC 7239 §6).
struct ForwardedNode {
  enum class Kind : std::uint8_t {
    none,        ///< not said
    ipv4,        ///< `name` is an IPv4 address
    ipv6,        ///< `name` is an IPv6 address, without brackets and zone
    unknown,     ///< the proxy does not know it
    obfuscated,  ///< the proxy hides it: `name` is "_" and what tells it from others
  };
  Kind kind = Kind::none;
  std::uint16_t port = 0;  ///< 0: not said, or hidden
  std::string_view name;

  bool is_address() const noexcept { return kind == Kind::ipv4 || kind == Kind::ipv6; }
};

/// Reads all of `text`, a node without its quotes: "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]",
/// "[2001:db8::1]:4711", "unknown", "_hidden", and "_port" for a port. Nothing when it is none.
WEIR_API std::optional<ForwardedNode> parse_forwarded_node(std::string_view text) noexcept;

/// Reads a member of X-Forwarded-For: a node, or an IPv6 address without brackets.
WEIR_API std::optional<ForwardedNode> parse_x_forwarded_for(std::string_view member) noexcept;

/// A member of Forwarded: what one proxy says of the request as it got it. What it does not say is
/// empty.
struct ForwardedElement {
  ForwardedNode client;    ///< `for`: who sent it to the proxy
  ForwardedNode by;        ///< where the proxy got it
  std::string_view host;   ///< the Host field, which is_host() accepts
  std::string_view proto;  ///< the scheme; see is_secure_scheme()
};

/// Reads all of `text`, a member of Forwarded with white space around its semicolons or without.
/// Nothing when the grammar has no such member, a value is none that its parameter may have, or
/// one of the four comes twice (RFC 7239 §4). Parameters of other names are passed over. A value of
/// the four with a backslash is refused: none needs one.
WEIR_API std::optional<ForwardedElement> parse_forwarded_element(std::string_view text) noexcept;

/// Whether a scheme means TLS, case aside: "https" and "wss" do, "http" and "ws" do not. Nothing
/// for all others.
WEIR_API std::optional<bool> is_secure_scheme(std::string_view scheme) noexcept;

/// The members of a list, the last one first, over all lines of the field: those of the last line,
/// then those of the line above it (RFC 9110 §5.3).
///
///     http::MembersFromEnd members(head, http::KnownField::forwarded, Quotes::part_strings);
///     for (std::string_view member; members.next(member);) …
class WEIR_API MembersFromEnd {
 public:
  enum class Quotes : std::uint8_t {
    are_text,      ///< each comma parts members
    part_strings,  ///< a comma inside a quoted string does not (RFC 9110 §5.6.4)
  };

  /// `field` is not KnownField::none.
  MembersFromEnd(const RequestHead& head, KnownField field, Quotes quotes) noexcept
      : head_(&head),
        line_(head.has(field) ? head.field_count : 0),
        field_(field),
        quotes_(quotes) {}

  /// The next one towards the front, without the white space around it; it may be empty. False when
  /// there is none left. A quote that begins no string makes the rest of its line one member.
  bool next(std::string_view& member) noexcept;

 private:
  std::size_t begin_of_last() const noexcept;

  const RequestHead* head_;
  std::string_view rest_;  // of the line at line_, if is_open_
  std::uint32_t line_;     // those below it are walked
  KnownField field_;
  Quotes quotes_;
  bool is_open_ = false;
};

/// The last member of the last line of a list without quoted strings, or an empty view.
WEIR_API std::string_view last_member(const RequestHead& head, KnownField field) noexcept;

}  // namespace http
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/http/impl/forwarded.ipp>
#endif
