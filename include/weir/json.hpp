// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// JSON by nlohmann/json, which the application finds and links (nlohmann_json::nlohmann_json):
/// the library does not need it, and weir/weir.hpp does not include this header.
///
///     server.post("/users", weir::json_handler<CreateUser>([](const CreateUser& in) { return
///     User{...}; }));
///
/// Of duplicate keys the last one wins. NaN and infinities are written as null.
///
/// Thread: the one that runs the handler.
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

/// What JSON content may be.
struct JsonOptions {
  std::size_t max_depth = 100;  ///< objects and arrays in each other; deeper is 400
  bool any_type = false;        ///< takes content whatever its Content-Type, else 415
};

/// Content that is not the JSON that was wanted.
class JsonError : public std::runtime_error {
 public:
  JsonError(Status status, const std::string& detail, std::optional<std::size_t> offset = {})
      : std::runtime_error(detail), status_(status), offset_(offset) {}

  /// 400, or 415 for the wrong Content-Type.
  Status status() const noexcept { return status_; }
  /// Of a syntax error: bytes in front of the place.
  std::optional<std::size_t> offset() const noexcept { return offset_; }

 private:
  Status status_;
  std::optional<std::size_t> offset_;
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
        throw JsonError(Status::bad_request, "The JSON is nested too deeply.", i);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
}

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

}  // namespace detail

/// The request's content as JSON. Throws JsonError.
inline nlohmann::json read_json(const Request& request, const JsonOptions& options = {}) {
  if (!options.any_type && !detail::is_json_type(request.header("Content-Type")))
    throw JsonError(Status::unsupported_media_type, "The content is not application/json.");
  const std::string_view text = request.body();
  detail::check_json_depth(text, options.max_depth);
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    throw JsonError(Status::bad_request, "The content is not valid JSON.",
                    error.byte > 0 ? error.byte - 1 : 0);
  } catch (const nlohmann::json::exception&) {  // a number out of range
    throw JsonError(Status::bad_request, "The JSON has a value that is out of range.");
  }
}

/// The request's content as a T, by its from_json. Throws JsonError.
template <class T>
T read_json_as(const Request& request, const JsonOptions& options = {}) {
  const nlohmann::json value = read_json(request, options);
  try {
    return value.get<T>();
  } catch (const nlohmann::json::exception&) {
    throw JsonError(Status::bad_request,
                    "A member of the JSON is missing or has another type than it should.");
  }
}

/// Makes `value`, a nlohmann::json or what has a to_json, the content. What is not UTF-8 in it is
/// replaced by U+FFFD.
template <class T>
void write_json(Response& response, const T& value) {
  const nlohmann::json json = value;
  response.json(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// Makes `response` a problem (RFC 9457) of type about:blank.
inline void write_problem(Response& response, Status status, std::string_view title,
                          std::string_view detail, std::optional<std::size_t> offset = {}) {
  nlohmann::ordered_json problem = {{"type", "about:blank"},
                                    {"title", std::string(title)},
                                    {"status", static_cast<int>(status)},
                                    {"detail", std::string(detail)}};
  if (offset) problem["offset"] = *offset;
  response.clear();
  response.status(status).body(
      problem.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  response.header("Content-Type", "application/problem+json");
}

/// A handler from a callable of (const T&) or (const Request&, const T&): the content is read as
/// `In`, what is returned is written. An empty optional is 404, void 204, content that cannot be
/// read a problem of status 400 or 415.
template <class In, class F>
auto json_handler(F handler, JsonOptions options = {}) {
  return [handler = std::move(handler), options](const Request& request, Response& response) {
    std::optional<In> in;
    try {
      in.emplace(read_json_as<In>(request, options));
    } catch (const JsonError& error) {
      const bool wrong_type = error.status() == Status::unsupported_media_type;
      write_problem(response, error.status(), wrong_type ? "Unsupported Media Type" : "Bad Request",
                    error.what(), error.offset());
      return;
    }
    const auto call = [&]() {
      if constexpr (std::is_invocable_v<const F&, const Request&, const In&>) {
        return handler(request, std::as_const(*in));
      } else {
        return handler(std::as_const(*in));
      }
    };
    using Out = decltype(call());
    if constexpr (std::is_void_v<Out>) {
      call();
      response.status(Status::no_content);
    } else if constexpr (detail::kIsOptional<Out>) {
      if (const Out out = call()) {
        write_json(response, *out);
      } else {
        write_problem(response, Status::not_found, "Not Found", "There is no such thing.");
      }
    } else {
      write_json(response, call());
    }
  };
}

WEIR_END_NAMESPACE
