// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Handlers that get a whole form: multipart/form-data or application/x-www-form-urlencoded.
///
///     #include <weir/forms.hpp>
///
///     server.post("/upload", weir::blocking(weir::form(
///         [](const weir::Request&, const weir::FormData& form, weir::Response& res) {
///           for (const weir::UploadedFile& file : form.files())
///             file.move_to("/srv/uploads/" + make_name(file));
///           res.text("Thank you, " + std::string(form.get("name").value_or("stranger")) + "\n");
///         })));
///
/// The content is read piece by piece on the loop; files above a limit are written to disk by the
/// workers while the client is held up. The handler runs when the form is whole. A request that is
/// no form is answered 415 before its content is asked for, one beyond a limit 413, a malformed one
/// 400, a full disk 507, a full queue of the workers 503. Not part of weir/weir.hpp.
///
/// Thread: any.
#include <memory>
#include <type_traits>
#include <utility>
#include <weir/config.hpp>
#include <weir/detail/form_reader.hpp>
#include <weir/form_data.hpp>
#include <weir/form_options.hpp>
#include <weir/handler.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

template <class H>
struct FormHandler {
  H handler;
  FormOptions options;
  bool blocking = false;
};

template <class H>
inline constexpr bool kTakesForm =
    std::is_invocable_v<H, const FormData&> ||
    std::is_invocable_v<H, const Request&, const FormData&> ||
    std::is_invocable_v<H, const Request&, const FormData&, Response&>;

template <class H>
struct TypedFormRoute : FormRoute {
  explicit TypedFormRoute(H&& user) : handler(std::move(user)) {}

  static void call_handler(const FormRoute& route, const Request& request, const FormData& form,
                           Response& response) {
    const H& handler = static_cast<const TypedFormRoute&>(route).handler;
    const auto call_it = [&]() -> decltype(auto) {
      if constexpr (std::is_invocable_v<const H&, const Request&, const FormData&, Response&>) {
        return handler(request, form, response);
      } else if constexpr (std::is_invocable_v<const H&, const Request&, const FormData&>) {
        return handler(request, form);
      } else {
        return handler(form);
      }
    };
    if constexpr (std::is_void_v<decltype(call_it())>) {
      call_it();
    } else {
      put_result(response, call_it());
    }
  }

  const H handler;
};

template <class H>
struct HandlerMaker<FormHandler<H>> {
  static HandlerEntry make(FormHandler<H> form) {
    static_assert(kTakesForm<const H&> || !kTakesForm<H&>,
                  "weir: a handler is called through const, by all threads at once: a mutable "
                  "lambda or a non-const operator() would be a data race");
    static_assert(kTakesForm<const H&> || kTakesForm<H&>,
                  "weir: a form's handler takes (const weir::FormData&), (const weir::Request&, "
                  "const weir::FormData&), or these and (weir::Response&)");
    HandlerEntry entry;
    if constexpr (kTakesForm<const H&>) {
      if (is_missing(form.handler)) return entry;
      using Route = TypedFormRoute<H>;
      auto route = std::make_shared<Route>(std::move(form.handler));
      prepare(*route, form.options);
      route->blocking = form.blocking;
      route->call = &Route::call_handler;
      entry.object = std::shared_ptr<const FormRoute>(std::move(route));
      entry.call_streamed = [](const void* object, const Request& request, Body body,
                               Response& response) {
        read_form(*static_cast<const FormRoute*>(object), request, std::move(body), response);
      };
    }
    return entry;
  }
};

/// The content is read on the loop all the same: only the user's handler goes to the pool.
template <class H>
struct HandlerMaker<BlockingHandler<FormHandler<H>>> {
  static HandlerEntry make(BlockingHandler<FormHandler<H>> blocking) {
    blocking.handler.blocking = true;
    return HandlerMaker<FormHandler<H>>::make(std::move(blocking.handler));
  }
};

}  // namespace detail

/// Reads the whole form and then runs `handler(const FormData&)`, `handler(const Request&, const
/// FormData&)` or `handler(const Request&, const FormData&, Response&)`, which returns what a plain
/// handler may. On the loop, or with `weir::blocking(weir::form(…))`, which is the same as
/// `weir::form(weir::blocking(…))`, on the pool: no worker is held while the content arrives.
/// Adding the route throws std::invalid_argument, naming the option, for options that cannot be.
template <class H>
detail::FormHandler<std::decay_t<H>> form(H&& handler, const FormOptions& options = {}) {
  return {std::forward<H>(handler), options, false};
}

template <class H>
detail::FormHandler<H> form(detail::BlockingHandler<H> handler, const FormOptions& options = {}) {
  return {std::move(handler.handler), options, true};
}

WEIR_END_NAMESPACE
