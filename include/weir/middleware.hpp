// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Middleware: objects whose hooks surround handlers.
///
/// Any object with some of these members, all const (one object serves all threads at once), may be
/// given to `use()`:
///
///     // before the content is read, outer to inner
///     Next before(Request&, Response&) const;
///     // just before the head is written, inner to outer
///     void head(const Request&, ResponseHead&) const;
///     // the same, to change the content
///     void head(const Request&, ResponseHead&, BodyFilters&) const;
///     // after the last byte or the loss, inner to outer
///     void done(const Request&, const Outcome&) const;
///
/// A callable `(Request&, Response&)` that returns Next or nothing is a `before` alone. `head` and
/// `done` run once for each request whose `before` chain was begun, however it was answered:
/// inline, pooled, deferred, streamed, thrown, timed out. `head` does not run when the client is
/// lost before the answer. A throwing `before` is answered like a throwing handler; what `head` and
/// `done` throw is logged.
///
/// Thread: the connection's loop.
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <weir/body_filter.hpp>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/handler.hpp>
#include <weir/reply.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE

/// What a `before` hook decides.
enum class Next : std::uint8_t {
  proceed,    ///< go on with the next hook or the handler
  done,       ///< the response is the answer
  suspended,  ///< a Suspension taken from the response will say
};

namespace detail {

/// A middleware without its type.
struct MiddlewareEntry {
  std::shared_ptr<const void> object;
  Next (*before)(const void*, Request&, Response&) = nullptr;
  void (*head)(const void*, const Request&, ResponseHead&, BodyFilters&) = nullptr;
  void (*done)(const void*, const Request&, const Outcome&) = nullptr;
};

template <class M, class = void>
inline constexpr bool kHasBefore = false;
template <class M>
inline constexpr bool kHasBefore<M, std::void_t<decltype(std::declval<const M&>().before(
                                        std::declval<Request&>(), std::declval<Response&>()))>> =
    true;

template <class M, class = void>
inline constexpr bool kHasHead = false;
template <class M>
inline constexpr bool
    kHasHead<M, std::void_t<decltype(std::declval<const M&>().head(
                    std::declval<const Request&>(), std::declval<ResponseHead&>()))>> = true;

template <class M, class = void>
inline constexpr bool kHasFilteringHead = false;
template <class M>
inline constexpr bool
    kHasFilteringHead<M, std::void_t<decltype(std::declval<const M&>().head(
                             std::declval<const Request&>(), std::declval<ResponseHead&>(),
                             std::declval<BodyFilters&>()))>> = true;

template <class M, class = void>
inline constexpr bool kHasDone = false;
template <class M>
inline constexpr bool
    kHasDone<M, std::void_t<decltype(std::declval<const M&>().done(
                    std::declval<const Request&>(), std::declval<const Outcome&>()))>> = true;

template <class M>
inline constexpr bool kIsBeforeCallable = std::is_invocable_v<const M&, Request&, Response&>;

/// Calls `f` as a `before` hook: one that returns nothing proceeds.
template <class F>
Next call_before(F&& f, Request& request, Response& response) {
  if constexpr (std::is_void_v<decltype(f(request, response))>) {
    f(request, response);
    return Next::proceed;
  } else {
    static_assert(std::is_same_v<decltype(f(request, response)), Next>,
                  "weir: a before hook returns weir::Next or nothing");
    return f(request, response);
  }
}

template <class M>
MiddlewareEntry make_middleware(M&& middleware) {
  using Object = std::decay_t<M>;
  static_assert(kHasBefore<Object> || kHasHead<Object> || kHasFilteringHead<Object> ||
                    kHasDone<Object> || kIsBeforeCallable<Object>,
                "weir: a middleware has a const member before(Request&, Response&), "
                "head(const Request&, ResponseHead&) or done(const Request&, const Outcome&), or "
                "is itself callable through const as (Request&, Response&) -> Next. It serves all "
                "threads at once: no mutable lambda, no non-const member");
  if (is_missing(static_cast<const Object&>(middleware)))
    throw std::invalid_argument(
        "weir: a middleware is missing: a null pointer or an empty function");
  MiddlewareEntry entry;
  if constexpr (kHasBefore<Object>) {
    entry.before = [](const void* object, Request& request, Response& response) {
      return call_before(
          [&](Request& req, Response& res) {
            return static_cast<const Object*>(object)->before(req, res);
          },
          request, response);
    };
  } else if constexpr (kIsBeforeCallable<Object>) {
    entry.before = [](const void* object, Request& request, Response& response) {
      return call_before(*static_cast<const Object*>(object), request, response);
    };
  }
  if constexpr (kHasFilteringHead<Object>) {
    entry.head = [](const void* object, const Request& request, ResponseHead& head,
                    BodyFilters& filters) {
      static_cast<const Object*>(object)->head(request, head, filters);
    };
  } else if constexpr (kHasHead<Object>) {
    entry.head = [](const void* object, const Request& request, ResponseHead& head, BodyFilters&) {
      static_cast<const Object*>(object)->head(request, head);
    };
  }
  if constexpr (kHasDone<Object>) {
    entry.done = [](const void* object, const Request& request, const Outcome& outcome) {
      static_cast<const Object*>(object)->done(request, outcome);
    };
  }
  entry.object = std::make_shared<const Object>(std::forward<M>(middleware));
  return entry;
}

}  // namespace detail
WEIR_END_NAMESPACE
