// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// multipart/form-data part by part, for those who send it on or store it elsewhere.
///
///     #include <weir/multipart.hpp>
///
///     server.post("/relay", weir::multipart(
///         [](const weir::Request&, weir::MultipartBody form, weir::Response& res) {
///           auto bytes = std::make_shared<std::size_t>(0);
///           form.on_part([bytes](const weir::MultipartPart& part) -> weir::PartSink {
///             if (!part.filename) return {};  // not of interest
///             return [bytes](std::string_view piece) { *bytes += piece.size(); };
///           });
///           form.on_end([bytes, reply = res.defer()]() mutable {
///             reply.text(std::to_string(*bytes));
///           });
///         }));
///
/// Nothing is kept but a part's header; bound what you keep of its content. weir/forms.hpp has the
/// form as a whole. Not part of weir/weir.hpp.
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <weir/config.hpp>
#include <weir/handler.hpp>
#include <weir/http/multipart_parser.hpp>
#include <weir/net/task.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE

using http::MultipartLimits;
using http::MultipartPart;

namespace detail {
class MultipartPump;
class MultipartStart;
}  // namespace detail

/// Takes a part's content: each piece, which dies with the call, then an empty one at its end. An
/// empty sink: the part is skipped.
using PartSink = net::UniqueFunction<void(std::string_view)>;

/// A request's multipart/form-data on its way. Copies share it.
///
/// Thread: the loop's, where the handler and all callbacks run; resume() any.
class WEIR_API MultipartBody {
 public:
  MultipartBody() noexcept = default;

  /// Calls `f(part)` for each part; its views die with the call. What it returns gets the content.
  /// What it, the sink or the callback of on_end() throws is answered as what a handler throws.
  void on_part(net::UniqueFunction<PartSink(const MultipartPart&)> f);

  /// Calls `f()` once the form has ended and is whole.
  void on_end(net::UniqueFunction<void()> f);

  /// Calls `f()` when the form is malformed, beyond a limit or broken off, or a callback threw:
  /// then nothing else is called. The server has answered by itself.
  void on_error(net::UniqueFunction<void()> f);

  /// Holds the client up. No callback but on_error() comes until resume(), not even for what has
  /// arrived already.
  void pause();
  void resume();

  /// As Body's.
  bool run_on_worker(net::Task& task) noexcept;

 private:
  friend class detail::MultipartPump;
  friend class detail::MultipartStart;

  explicit MultipartBody(std::shared_ptr<detail::MultipartPump> pump) noexcept
      : pump_(std::move(pump)) {}

  std::shared_ptr<detail::MultipartPump> pump_;
};

namespace detail {

template <class H>
struct MultipartHandler {
  H handler;
  MultipartLimits limits;
};

/// One call of a handler. The form is read once it has returned; when it throws, what it has set is
/// dropped.
class WEIR_API MultipartStart {
 public:
  /// Throws HttpError when the head says already that there is no form.
  MultipartStart(const MultipartLimits& limits, const Request& request, Body body);
  MultipartStart(const MultipartStart&) = delete;
  MultipartStart& operator=(const MultipartStart&) = delete;
  ~MultipartStart();

  const MultipartBody& form() const noexcept { return form_; }
  void go();

 private:
  MultipartBody form_;
  bool started_ = false;
};

template <class H>
struct HandlerMaker<MultipartHandler<H>> {
  static HandlerEntry make(MultipartHandler<H> multipart) {
    static_assert(std::is_invocable_v<const H&, const Request&, MultipartBody, Response&>,
                  "weir: a multipart handler takes (const weir::Request&, weir::MultipartBody, "
                  "weir::Response&), and is called through const, by all threads at once");
    if (is_missing(multipart.handler)) return {};
    return HandlerMaker<StreamedHandler<Call>>::make({Call{std::move(multipart)}});
  }

  struct Call {
    void operator()(const Request& request, Body body, Response& response) const {
      MultipartStart start(multipart.limits, request, std::move(body));
      const H& handler = multipart.handler;
      if constexpr (std::is_void_v<decltype(handler(request, start.form(), response))>) {
        handler(request, start.form(), response);
      } else {
        put_result(response, handler(request, start.form(), response));
      }
      start.go();
    }
    MultipartHandler<H> multipart;
  };
};

template <class H>
struct HandlerMaker<BlockingHandler<MultipartHandler<H>>> {
  static HandlerEntry make(BlockingHandler<MultipartHandler<H>> blocking) {
    static_assert(!std::is_same_v<H, H>,
                  "weir: a multipart handler runs on the loop; give its work to the pool by "
                  "MultipartBody::run_on_worker()");
    return HandlerMaker<MultipartHandler<H>>::make(std::move(blocking.handler));
  }
};

}  // namespace detail

/// Runs `handler(const Request&, MultipartBody, Response&)` at the end of the request's head, which
/// sets the callbacks and answers by `res.defer()` or `res.stream()`. Reading begins when it has
/// returned with an on_part(). A request that is no multipart/form-data is answered 415, a boundary
/// that is none 400, before the handler runs and its content is asked for.
template <class H>
detail::MultipartHandler<std::decay_t<H>> multipart(H&& handler,
                                                    const MultipartLimits& limits = {}) {
  return {std::forward<H>(handler), limits};
}

WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/multipart.ipp>
#endif
