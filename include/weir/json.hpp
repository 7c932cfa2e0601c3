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
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <weir/error.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

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

/// Whether `type` is application/json or ends in +json (RFC 6839 §3.1), parameters aside.
inline bool is_json_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  std::string lower(type);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  constexpr std::string_view kSuffix = "+json";
  return lower == "application/json" ||
         (lower.size() > kSuffix.size() &&
          lower.compare(lower.size() - kSuffix.size(), kSuffix.size(), kSuffix) == 0);
}

inline JsonPlace json_place_at(std::string_view text, std::size_t offset) {
  if (offset > text.size()) offset = text.size();
  std::size_t line = 1;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < offset; ++i)
    if (text[i] == '\n') {
      ++line;
      begin = i + 1;
    }
  JsonPlace place;
  place.offset = offset;
  place.line = line;
  place.column = offset - begin + 1;
  return place;
}

/// Throws where brackets stand deeper than `max_depth`, before anything is built from them.
inline void check_json_depth(std::string_view text, std::size_t max_depth) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth)
        throw JsonError(Status::bad_request, "The JSON is nested too deeply.",
                        json_place_at(text, i));
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
}

/// What an exception of nlohmann's says, without its name, its place and the client's own bytes.
inline std::string_view json_complaint(std::string_view what) {
  const auto skip_behind = [&what](std::string_view mark) {
    const std::size_t at = what.find(mark);
    if (at != std::string_view::npos) what.remove_prefix(at + mark.size());
  };
  skip_behind("] ");
  if (what.substr(0, 5) == "parse") skip_behind(": ");
  return what.substr(0, what.find("; last read"));
}

/// Cuts off what would only send a client's own bytes back.
inline std::string in_short(std::string_view text) {
  constexpr std::size_t kMax = 200;
  return text.size() <= kMax ? std::string(text) : std::string(text.substr(0, kMax)) + "...";
}

/// The JsonError for what nlohmann says of a value that is no T.
inline JsonError json_mismatch(const nlohmann::json::exception& error) {
  std::string_view complaint = json_complaint(error.what());
  JsonPlace place;
#if JSON_DIAGNOSTICS
  constexpr int kNoSuchKey = 403;
  constexpr std::string_view kKey = "key '";
  constexpr std::size_t kMaxPointer = 1024;  // longer ones are no help
  std::string pointer;
  if (complaint.substr(0, 2) == "(/") {  // "(/a/b) words"; keys may hold anything
    const std::size_t end =
        error.id == kNoSuchKey ? complaint.find(") key '") : complaint.rfind(") ");
    if (end != std::string_view::npos) {
      pointer = complaint.substr(1, end - 1);
      complaint.remove_prefix(end + 2);
    }
  }
  if (error.id == kNoSuchKey && complaint.substr(0, kKey.size()) == kKey) {
    pointer += '/';
    for (const char c : complaint.substr(kKey.size(), complaint.rfind('\'') - kKey.size())) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
  }
  if (pointer.size() <= kMaxPointer) place.pointer = std::move(pointer);
#endif
  return JsonError(Status::bad_request, in_short(complaint), std::move(place));
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

/// The request's content as JSON, as `req.json()`. Throws JsonError.
inline nlohmann::json read_json(const Request& request, const JsonOptions& options = {}) {
  if (!options.any_type && !detail::is_json_type(request.header("Content-Type")))
    throw JsonError(Status::unsupported_media_type, "The content is not application/json.");
  const std::string_view text = request.body();
  detail::check_json_depth(text, options.max_depth);
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    throw JsonError(Status::bad_request, detail::in_short(detail::json_complaint(error.what())),
                    detail::json_place_at(text, error.byte > 0 ? error.byte - 1 : 0));
  } catch (const nlohmann::json::exception&) {  // a number out of range
    throw JsonError(Status::bad_request, "The JSON has a value that is out of range.");
  }
}

/// The request's content as a T, by its from_json, as `req.json<T>()`. Throws JsonError.
template <class T>
T read_json_as(const Request& request, const JsonOptions& options = {}) {
  const nlohmann::json value = read_json(request, options);
  try {
    return value.get<T>();
  } catch (const nlohmann::json::exception& error) {
    throw detail::json_mismatch(error);
  }
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
