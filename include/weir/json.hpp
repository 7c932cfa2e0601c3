// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// JSON by nlohmann/json, which the application finds and links (CMake: weir::json): the library
/// does not need it, and weir/weir.hpp does not include this header.
///
///     server.post("/users", weir::json_handler([](const CreateUser& in) { return User{…}; }));
///     server.get("/users", [](const weir::Request&, weir::Response& res) { res.json(users()); });
///
/// Content that is not the JSON that was wanted is answered 400 as application/problem+json (RFC
/// 9457), with the place: `line`, `column` and `offset` of what is no JSON, a JSON `pointer` (RFC
/// 6901) to what is missing or has another type. The pointer needs JSON_DIAGNOSTICS, which
/// weir::json defines for all that link it.
///
/// Of duplicate keys the last one wins. NaN and infinities are written as null.
///
/// Thread: the one that runs the handler.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <weir/detail/json_complaint.hpp>
#include <weir/error.hpp>
#include <weir/http/json_text.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Warray-bounds"  // g++ 12 imagines some, with JSON_DIAGNOSTICS
#endif
#include <nlohmann/json.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

WEIR_BEGIN_NAMESPACE

/// What JSON content may be.
struct JsonOptions {
  std::size_t max_depth = 100;  ///< objects and arrays in each other; deeper is 400
  bool any_type = false;        ///< takes content whatever its Content-Type, else 415
};

/// Where in the content something is wrong.
struct JsonPlace {
  std::optional<std::size_t> offset{};   ///< bytes in front of it, of what is no JSON
  std::optional<std::size_t> line{};     ///< from 1
  std::optional<std::size_t> column{};   ///< bytes, from 1
  std::optional<std::string> pointer{};  ///< JSON Pointer (RFC 6901); "" is the whole
};

/// Answers `status` as application/problem+json (RFC 9457): `res = weir::problem(…)`, or returned
/// by a handler. Without a title it is the status's. `more` is an object whose members are added,
/// and may replace `type`, which is about:blank.
inline Response problem(Status status, std::string_view title = {}, std::string_view detail = {},
                        const nlohmann::ordered_json& more = nlohmann::ordered_json::object());

/// Content that is not the JSON that was wanted: 400, or 415 for the wrong Content-Type. Unhandled
/// it is answered as a problem, unless Server::on_error shapes it.
///
/// Throw it for what a from_json finds wrong: `throw weir::JsonError(weir::Status::bad_request,
/// "must be above 0", {{}, {}, {}, "/amount"})`.
class JsonError : public HttpError {
 public:
  JsonError(Status status, const std::string& detail, JsonPlace place = {})
      : HttpError(status, detail), place_(std::move(place)) {}

  const JsonPlace& place() const noexcept { return place_; }

  void shape(Response& response) const override;

 private:
  JsonPlace place_;
};

namespace detail {

/// What the parser says of text that it has refused: where.
struct JsonRefusal final : nlohmann::json_sax<nlohmann::json> {
  std::size_t offset = 0;

  bool parse_error(std::size_t read, const std::string& token,
                   const nlohmann::json::exception&) override {
    offset = read - std::min(read, token.size());
    return false;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
};

inline JsonPlace json_place(std::string_view text, std::size_t offset) {
  const http::LineColumn at = http::line_and_column(text, offset);
  return {offset, at.line, at.column, {}};
}

/// Reads all of `text`. Throws JsonError.
inline nlohmann::json parse_json(std::string_view text, const JsonOptions& options) {
  const std::size_t nul = text.find('\0');  // which nlohmann takes for the end
  if (nul != std::string_view::npos)
    throw JsonError(Status::bad_request, "There is a NUL in the JSON.", json_place(text, nul));
  const std::size_t too_deep = http::find_too_deep(text, options.max_depth);
  if (too_deep != std::string_view::npos)
    throw JsonError(Status::bad_request, "The JSON is nested too deeply.",
                    json_place(text, too_deep));
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    throw JsonError(Status::bad_request, json_syntax_complaint(error.what()),
                    json_place(text, std::min(error.byte, text.size() + 1) - (error.byte > 0)));
  } catch (const nlohmann::json::exception&) {
    JsonRefusal refusal;  // a number above all doubles: this exception has no place
    nlohmann::json::sax_parse(text.begin(), text.end(), &refusal);
    throw JsonError(Status::bad_request, "The number is out of range.",
                    json_place(text, refusal.offset));
  }
}

/// The JsonError for what nlohmann says of a value that is no T.
inline JsonError json_error(const nlohmann::json::exception& error) {
  JsonMismatch mismatch = json_mismatch(error.what(), error.id);
  JsonPlace place;
#if JSON_DIAGNOSTICS
  place.pointer = std::move(mismatch.pointer);
#endif
  return JsonError(Status::bad_request, mismatch.detail, std::move(place));
}

/// Why json_integer() refuses `value`, with the place.
[[noreturn]] inline void refuse_integer([[maybe_unused]] const nlohmann::json& value,
                                        const char* detail) {
  JsonPlace place;
#if JSON_DIAGNOSTICS
  try {
    static_cast<void>(value.get_binary());  // which nothing parsed is: the refusal has the place
  } catch (const nlohmann::json::exception& error) {
    place.pointer = json_mismatch(error.what(), error.id).pointer;
  }
#endif
  throw JsonError(Status::bad_request, detail, std::move(place));
}

template <class T>
inline constexpr bool kIsJson =
    std::is_same_v<T, nlohmann::json> || std::is_same_v<T, nlohmann::ordered_json>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
inline constexpr bool kIsWithStatus = false;
template <class T>
inline constexpr bool kIsWithStatus<std::pair<Status, T>> = true;

}  // namespace detail

/// `value` as an integer of type T. Throws JsonError for what is none, and for what T cannot hold,
/// of which nlohmann's own get_to() makes another number: 4294967297 becomes 1, and 1.5, too.
///
///     void from_json(const nlohmann::json& in, Order& order) {
///       order.pieces = weir::json_integer<int>(in.at("pieces"));
template <class T>
T json_integer(const nlohmann::json& value) {
  static_assert(std::is_integral_v<T> && !std::is_same_v<T, bool>, "weir: T must be an integer");
  if (!value.is_number_integer()) detail::refuse_integer(value, "must be an integer");
  using Limits = std::numeric_limits<T>;
  if (value.is_number_unsigned() || value.get<std::int64_t>() >= 0) {
    const auto number = value.get<std::uint64_t>();
    if (number <= static_cast<std::uint64_t>(Limits::max())) return static_cast<T>(number);
  } else {
    const auto number = value.get<std::int64_t>();
    if (number >= static_cast<std::int64_t>(Limits::min())) return static_cast<T>(number);
  }
  detail::refuse_integer(value, "is out of range");
}

namespace detail {

template <class T>
T json_as(const nlohmann::json& value) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return json_integer<T>(value);
  } else {
    try {
      return value.get<T>();
    } catch (const nlohmann::json::exception& error) {
      throw json_error(error);
    }
  }
}

}  // namespace detail

/// The request's content as JSON, as `req.json()`. Throws JsonError.
inline nlohmann::json read_json(const Request& request, const JsonOptions& options = {}) {
  if (!options.any_type && !http::is_json_type(request.header("Content-Type")))
    throw JsonError(Status::unsupported_media_type, "The content is not application/json.");
  return detail::parse_json(request.body(), options);
}

/// The request's content as a T, by its from_json, as `req.json<T>()`. Throws JsonError.
template <class T>
T read_json_as(const Request& request, const JsonOptions& options = {}) {
  return detail::json_as<T>(read_json(request, options));
}

/// Makes `value`, a nlohmann::json or what has a to_json, the content, as `res.json(value)`. What
/// is not UTF-8 in it is replaced by U+FFFD.
template <class T>
void write_json(Response& response, const T& value) {
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  if constexpr (detail::kIsJson<T>) {
    response.body(value.dump(-1, ' ', false, kReplace));
  } else {
    const nlohmann::json json = value;
    response.body(json.dump(-1, ' ', false, kReplace));
  }
  response.head().set_content_type(http::kApplicationJson);
}

inline Response problem(Status status, std::string_view title, std::string_view detail,
                        const nlohmann::ordered_json& more) {
  nlohmann::ordered_json members = {{"type", "about:blank"},
                                    {"title", std::string(title.empty() ? reason(status) : title)},
                                    {"status", static_cast<int>(status)}};
  if (!detail.empty()) members["detail"] = std::string(detail);
  members.update(more);
  Response response(status);
  write_json(response, members);
  response.head().set_content_type("application/problem+json");
  return response;
}

inline void JsonError::shape(Response& response) const {
  nlohmann::ordered_json more = nlohmann::ordered_json::object();
  if (place_.offset) more["offset"] = *place_.offset;
  if (place_.line) more["line"] = *place_.line;
  if (place_.column) more["column"] = *place_.column;
  if (place_.pointer) more["pointer"] = *place_.pointer;
  const Response made = problem(response.status(), {}, what(), more);
  response.body(made.body());  // beside the fields of on_error
  response.header("Content-Type", made.header("Content-Type"));
}

namespace detail {

/// What the members json() of Request and Response stand on.
struct JsonBridge {
  template <class T>
  static auto read(const Request& request, const JsonOptions& options = {}) {
    if constexpr (std::is_same_v<T, AnyJson>) {
      return read_json(request, options);
    } else {
      return read_json_as<T>(request, options);
    }
  }
  template <class T>
  static void write(Response& response, const T& value) {
    write_json(response, value);
  }
};

/// Puts what a typed handler has returned into `response`.
template <class T>
void put_json(Response& response, T&& result) {
  using Result = std::decay_t<T>;
  if constexpr (std::is_same_v<Result, Response>) {
    response = std::forward<T>(result);
  } else if constexpr (std::is_same_v<Result, Status>) {
    response.status(result);
  } else if constexpr (kIsOptional<Result>) {
    if (result) {
      put_json(response, *std::forward<T>(result));
    } else {
      response = problem(Status::not_found);
    }
  } else if constexpr (kIsWithStatus<Result>) {
    static_assert(!kIsOptional<decltype(result.second)>,
                  "weir: an optional has a status of its own, 404 when it is empty: return a "
                  "Response, or throw HttpError");
    put_json(response, std::forward<T>(result).second);
    response.status(result.first);
  } else {
    write_json(response, result);
  }
}

/// The type that a handler takes for the content, as its signature has it; void: none.
template <class... Arguments>
struct JsonInput {
  static_assert(sizeof...(Arguments) == 0,
                "weir: a json_handler takes nothing, (const T&), (const weir::Request&), or (const "
                "weir::Request&, const T&)");
  using Type = void;
};
template <class T>
struct JsonInput<T> {
  using Type = std::conditional_t<std::is_same_v<std::decay_t<T>, Request>, void, std::decay_t<T>>;
};
template <class T>
struct JsonInput<const Request&, T> {
  using Type = std::decay_t<T>;
};

template <class F>
struct JsonInputOf : JsonInputOf<decltype(&F::operator())> {};
template <class C, class R, class... A>
struct JsonInputOf<R (C::*)(A...) const> : JsonInput<A...> {};
template <class C, class R, class... A>
struct JsonInputOf<R (C::*)(A...) const noexcept> : JsonInput<A...> {};
template <class R, class... A>
struct JsonInputOf<R (*)(A...)> : JsonInput<A...> {};
template <class R, class... A>
struct JsonInputOf<R (*)(A...) noexcept> : JsonInput<A...> {};

/// Stands for "as the signature says".
struct FromSignature;

}  // namespace detail

/// A handler from a callable of (const T&) or (const Request&, const T&): the content is read as a
/// T, what is returned is written. A generic lambda needs the T said: `json_handler<T>(…)`. One of
/// () or (const Request&) reads nothing. It may return what has a to_json (200), an optional of it
/// (404 when it is empty), a pair of Status and it, a Status, a Response, or nothing (204). Throws
/// JsonError into the server, which answers it.
template <class In = detail::FromSignature, class F>
auto json_handler(F handler, const JsonOptions& options = {}) {
  return [handler = std::move(handler), options](const Request& request, Response& response) {
    static_cast<void>(options);  // which a handler without content has no use for
    const auto call = [&]() {
      if constexpr (!std::is_same_v<In, detail::FromSignature>) {
        const In in = read_json_as<In>(request, options);
        if constexpr (std::is_invocable_v<const F&, const Request&, const In&>) {
          return handler(request, in);
        } else {
          return handler(in);
        }
      } else {
        using Type = typename detail::JsonInputOf<F>::Type;
        if constexpr (std::is_void_v<Type>) {
          if constexpr (std::is_invocable_v<const F&, const Request&>) {
            return handler(request);
          } else {
            return handler();
          }
        } else if constexpr (std::is_invocable_v<const F&, const Request&, Type>) {
          return handler(request, read_json_as<Type>(request, options));
        } else {
          return handler(read_json_as<Type>(request, options));
        }
      }
    };
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      response.status(Status::no_content);
    } else {
      detail::put_json(response, call());
    }
  };
}

WEIR_END_NAMESPACE
