// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What was asked: views of a request's parts.
///
/// Nothing is copied: every view points into the bytes as they were received, in the loop's buffer.
/// A view dies when the handler returns. After `res.defer()` use `reply.request()`: its views live
/// as long as the reply. Handlers on the worker pool always see a copy that is theirs.
///
/// Thread: the one that runs the handler.
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <weir/config.hpp>
#include <weir/detail/values.hpp>
#include <weir/fwd.hpp>
#include <weir/http/cookie.hpp>
#include <weir/http/method.hpp>
#include <weir/http/query.hpp>
#include <weir/http/request_head.hpp>
#include <weir/http/route_tree.hpp>
#include <weir/net/address.hpp>

WEIR_BEGIN_NAMESPACE

using http::form_decode;
using http::Method;
using net::Endpoint;

namespace detail {

/// What a Request views: filled by the reactor, kept in the loop or in an exchange's block.
struct RequestData {
  http::RequestHead head{};
  std::string_view content;
  std::string_view path;   // decoded, as the router saw it
  std::string_view query;  // raw, behind the '?'
  http::Params params;
  const Endpoint* remote = nullptr;
  Endpoint local;                  // known once `local_of` is null
  const void* local_of = nullptr;  // the connection to ask, while on its loop
  const RouteEntry* route = nullptr;
  std::chrono::steady_clock::time_point received_at;
  bool secure = false;
  mutable std::string scratch;  // decoded path and parameters, when the raw ones would not do
  mutable Values values;
};

/// Asks the kernel for a connection's own end.
WEIR_API Endpoint local_endpoint(const void* connection) noexcept;

/// Reads all of `text` as a T: an integer, a floating-point number, a bool ("true", "false"), a
/// string or a view.
template <class T>
std::optional<T> parse_as(std::string_view text) {
  if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>) {
    return T(text);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::nullopt;
  } else {
    static_assert(std::is_arithmetic_v<T>,
                  "weir: param<T>() reads integers, floating-point numbers, bool, std::string and "
                  "std::string_view");
    T value{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
  }
}

}  // namespace detail

/// A request. Made by the server; a handler gets a reference.
class WEIR_API Request {
 public:
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  /// The method; `Method::unknown` for a token without a name of ours, see method_text().
  Method method() const noexcept { return data_->head.method; }
  std::string_view method_text() const noexcept {
    return data_->head.text(data_->head.method_text);
  }

  /// The request target as it was sent (RFC 9112 §3.2).
  std::string_view target() const noexcept { return data_->head.text(data_->head.target); }

  /// The path, percent-decoded segment by segment and without dot segments: what the router
  /// matched. An encoded slash is left as "%2F", so that splitting at "/" gives the segments.
  std::string_view path() const noexcept { return data_->path; }

  /// The query as it was sent, without the '?'.
  std::string_view query() const noexcept { return data_->query; }

  /// The decoded value of the first query parameter `name`, or nothing.
  std::optional<std::string> query(std::string_view name) const {
    return http::QueryView(data_->query).get(name);
  }

  /// Walks the query: `for (auto [name, value] : req.query_items())`, both still encoded.
  http::QueryView query_items() const noexcept { return http::QueryView(data_->query); }

  /// The decoded value of the first field `name` of an application/x-www-form-urlencoded body.
  std::optional<std::string> form(std::string_view name) const {
    return http::QueryView(data_->content).get(name);
  }

  /// 10 for HTTP/1.0, 11 for HTTP/1.1.
  int version() const noexcept { return 10 + data_->head.minor_version; }

  /// The value of the pattern's parameter `{name}`, decoded; empty where there is none.
  std::string_view param(std::string_view name) const noexcept { return data_->params.get(name); }

  /// The parameter as a T, or nothing when it is missing or is not one: numbers must fit and end
  /// where the text ends.
  template <class T>
  std::optional<T> param(std::string_view name) const {
    if (!data_->params.has(name)) return std::nullopt;
    return detail::parse_as<T>(data_->params.get(name));
  }

  /// All parameters in the order of the pattern.
  const http::Params& params() const noexcept { return data_->params; }

  /// The pattern of the route that was found, "/users/{id}"; empty when none was.
  std::string_view pattern() const noexcept;

  /// The value of the first field `name`, or an empty view. Names match without regard to case
  /// (RFC 9110 §5.1); several fields are not joined.
  std::string_view header(std::string_view name) const noexcept { return data_->head.header(name); }
  bool has_header(std::string_view name) const noexcept;

  /// A field line.
  struct Header {
    std::string_view name;
    std::string_view value;
  };

  /// The field lines in the order of their arrival: `for (auto [name, value] : req.headers())`.
  class Headers {
   public:
    class iterator {
     public:
      iterator(const http::RequestHead* head, std::uint32_t index) noexcept
          : head_(head), index_(index) {}
      Header operator*() const noexcept { return {head_->name(index_), head_->value(index_)}; }
      iterator& operator++() noexcept {
        ++index_;
        return *this;
      }
      bool operator==(const iterator& other) const noexcept { return index_ == other.index_; }
      bool operator!=(const iterator& other) const noexcept { return index_ != other.index_; }

     private:
      const http::RequestHead* head_;
      std::uint32_t index_;
    };
    explicit Headers(const http::RequestHead& head) noexcept : head_(&head) {}
    iterator begin() const noexcept { return {head_, 0}; }
    iterator end() const noexcept { return {head_, head_->field_count}; }
    std::size_t size() const noexcept { return head_->field_count; }

   private:
    const http::RequestHead* head_;
  };
  Headers headers() const noexcept { return Headers(data_->head); }

  /// The value of the first cookie `name`, not decoded, or nothing.
  std::optional<std::string_view> cookie(std::string_view name) const noexcept;

  /// Whether the client offers to go on with `protocol` (RFC 9110 §7.8); case does not count.
  bool asks_for_upgrade(std::string_view protocol) const noexcept;

  /// The content, all of it in one piece; empty in a streamed() handler.
  std::string_view body() const noexcept { return data_->content; }

  /// The content as a nlohmann::json, `req.json()`, or as a T that has a from_json,
  /// `req.json<T>()`. Needs weir/json.hpp, which says what is thrown; weir::JsonOptions may be
  /// given.
  template <class T = detail::AnyJson, class Bridge = detail::JsonBridge, class... Options>
  auto json(const Options&... options) const {
    static_assert(detail::kIsDefined<Bridge>, "weir: req.json() needs weir/json.hpp: include it");
    return Bridge::template read<T>(*this, options...);
  }

  /// Who asked: the other end of the connection, be it a proxy.
  const Endpoint& remote_address() const noexcept { return *data_->remote; }

  /// The address that was connected to.
  Endpoint local_address() const noexcept {
    return data_->local_of != nullptr ? detail::local_endpoint(data_->local_of) : data_->local;
  }

  /// Whether the connection is protected in transit (TLS).
  bool is_secure() const noexcept { return data_->secure; }

  /// When its head was complete, as the loop's clock had it; a test client's advance() moves it.
  std::chrono::steady_clock::time_point received_at() const noexcept { return data_->received_at; }

  /// Keeps `value` with the request until its `done` hooks have run: how a middleware hands
  /// something to a handler. One value of each type; a later one replaces an earlier.
  template <class T>
  T& set(T value) const {
    return data_->values.set(std::move(value));
  }

  /// The value of type T, or nullptr.
  template <class T>
  T* get() const noexcept {
    return data_->values.template get<T>();
  }

 private:
  friend class detail::Exchange;
  friend class detail::Reactor;
  friend struct detail::RequestAccess;

  explicit Request(const detail::RequestData& data) noexcept : data_(&data) {}

  const detail::RequestData* data_;
};

namespace detail {

/// What the library's own parts need of a request.
struct RequestAccess {
  static const http::RequestHead& head(const Request& request) noexcept {
    return request.data_->head;
  }
};

}  // namespace detail

WEIR_END_NAMESPACE
