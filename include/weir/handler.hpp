// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Any suitable callable becomes a handler.
///
/// A handler takes nothing, `const Request&`, or `const Request&` and `Response&`. It returns
/// nothing (what was set in the response is the answer, 204 when nothing was), a string
/// (text/plain), a `weir::Status`, or a `weir::Response`. One handler object serves all threads at
/// once and is called through const.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

template <class H>
struct BlockingHandler {
  H handler;
};

template <class H>
struct StreamedHandler {
  H handler;
};

/// A handler without its type.
struct HandlerEntry {
  std::shared_ptr<const void> object;
  void (*call)(const void*, const Request&, Response&) = nullptr;
  void (*call_streamed)(const void*, const Request&, Body, Response&) = nullptr;
  bool blocking = false;

  explicit operator bool() const noexcept { return call != nullptr || call_streamed != nullptr; }
};

template <class H>
inline constexpr bool kTakesNothing = std::is_invocable_v<H>;
template <class H>
inline constexpr bool kTakesRequest = std::is_invocable_v<H, const Request&>;
template <class H>
inline constexpr bool kTakesBoth = std::is_invocable_v<H, const Request&, Response&>;
template <class H>
inline constexpr bool kTakesBody = std::is_invocable_v<H, const Request&, Body, Response&>;

template <class H>
inline constexpr bool kTakesPlain = kTakesNothing<H> || kTakesRequest<H> || kTakesBoth<H>;

/// Puts what a handler returned into `response`.
template <class T>
void put_result(Response& response, T&& result) {
  using Result = std::decay_t<T>;
  static_assert(!std::is_same_v<Result, bool> && !std::is_integral_v<Result>,
                "weir: a handler must not return int or bool; return weir::Status for a status, or "
                "a string");
  if constexpr (std::is_same_v<Result, Response>) {
    response = std::forward<T>(result);
  } else if constexpr (std::is_same_v<Result, Status>) {
    response.status(result);
  } else if constexpr (std::is_same_v<Result, std::string>) {
    response.head().set_content_type("text/plain; charset=utf-8");
    response.body(std::string(std::forward<T>(result)));
  } else {
    static_assert(std::is_integral_v<Result> || std::is_convertible_v<T, std::string_view>,
                  "weir: a handler returns void, a string, weir::Status or weir::Response");
    if constexpr (!std::is_integral_v<Result>) response.text(std::string_view(result));
  }
}

/// Calls a plain handler with as many arguments as it takes.
template <class H>
void call_plain(const H& handler, const Request& request, Response& response) {
  const auto call = [&]() -> decltype(auto) {
    if constexpr (kTakesBoth<const H&>) {
      return handler(request, response);
    } else if constexpr (kTakesRequest<const H&>) {
      return handler(request);
    } else {
      return handler();
    }
  };
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
  } else {
    put_result(response, call());
  }
}

/// Whether `handler` is a null pointer to a function or an empty std::function.
template <class H>
bool is_missing(const H& handler) {
  if constexpr (std::is_pointer_v<H>) return handler == nullptr;
  if constexpr (std::is_class_v<H> && std::is_constructible_v<bool, const H&> &&
                std::is_constructible_v<H, std::nullptr_t>)
    return !static_cast<bool>(handler);
  return false;
}

template <class H>
struct HandlerMaker {
  static HandlerEntry make(H handler) {
    constexpr bool kConst = kTakesPlain<const H&>;
    static_assert(kConst || !kTakesPlain<H&>,
                  "weir: a handler is called through const, by all threads at once: a mutable "
                  "lambda or a non-const operator() would be a data race");
    static_assert(
        kConst || kTakesPlain<H&>,
        "weir: a handler takes nothing, (const weir::Request&), or (const weir::Request&, "
        "weir::Response&); wrap it in weir::streamed() to take a weir::Body");
    HandlerEntry entry;
    if constexpr (kConst) {
      if (is_missing(handler)) return entry;
      entry.object = std::make_shared<const H>(std::move(handler));
      entry.call = [](const void* object, const Request& request, Response& response) {
        call_plain(*static_cast<const H*>(object), request, response);
      };
    }
    return entry;
  }
};

template <class H>
struct HandlerMaker<StreamedHandler<H>> {
  static HandlerEntry make(StreamedHandler<H> streamed) {
    constexpr bool kConst = kTakesBody<const H&>;
    static_assert(kConst || !kTakesBody<H&>,
                  "weir: a handler is called through const, by all threads at once: a mutable "
                  "lambda or a non-const operator() would be a data race");
    static_assert(kConst || kTakesBody<H&>,
                  "weir: a streamed handler takes (const weir::Request&, weir::Body, "
                  "weir::Response&)");
    HandlerEntry entry;
    if constexpr (kConst) {
      if (is_missing(streamed.handler)) return entry;
      entry.object = std::make_shared<const H>(std::move(streamed.handler));
      entry.call_streamed = [](const void* object, const Request& request, Body body,
                               Response& response) {
        const H& handler = *static_cast<const H*>(object);
        if constexpr (std::is_void_v<decltype(handler(request, std::move(body), response))>) {
          handler(request, std::move(body), response);
        } else {
          put_result(response, handler(request, std::move(body), response));
        }
      };
    }
    return entry;
  }
};

template <class H>
struct HandlerMaker<BlockingHandler<H>> {
  static HandlerEntry make(BlockingHandler<H> blocking) {
    HandlerEntry entry = HandlerMaker<H>::make(std::move(blocking.handler));
    entry.blocking = true;
    return entry;
  }
};

template <class H>
HandlerEntry make_handler(H&& handler) {
  return HandlerMaker<std::decay_t<H>>::make(std::forward<H>(handler));
}

}  // namespace detail

/// Runs `handler` on the worker pool, where it may block. It sees a copy of the request that is its
/// own. A full queue is answered 503 with Retry-After.
template <class H>
detail::BlockingHandler<std::decay_t<H>> blocking(H&& handler) {
  return {std::forward<H>(handler)};
}

/// Runs `handler(const Request&, Body, Response&)` at the end of the request's head, with the
/// content to come piece by piece. Answer by `res.defer()` or `res.stream()`, or at once without
/// reading.
template <class H>
detail::StreamedHandler<std::decay_t<H>> streamed(H&& handler) {
  return {std::forward<H>(handler)};
}

WEIR_END_NAMESPACE
