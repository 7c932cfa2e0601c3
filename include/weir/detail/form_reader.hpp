// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One request's form on its way: the content from the loop, files to the workers, then the
/// handler.
///
///     loop:    on_data -> FormBuilder -> block full -> task -.        .-> next block, or the
///     handler worker:                                                 '-> write
///
/// One task is in flight at most, so that pieces keep their order and the form is one thread's at a
/// time. While a second block is full the client is held up.
///
/// Thread: the loop's, but for what says worker.
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/detail/form_builder.hpp>
#include <weir/detail/late_handler.hpp>
#include <weir/reply.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// What a route with a form has; it lives as long as the routes.
struct FormRoute {
  FormOptions options;
  std::string temp_folder;
  bool blocking = false;
  /// Calls the user's handler, which stands behind `route`.
  void (*call)(const FormRoute& route, const Request&, const FormData&, Response&) = nullptr;
};

/// Checks the options and fills in what they leave open. Throws std::invalid_argument.
WEIR_API void prepare(FormRoute& route, const FormOptions& options);

/// Reads the form of `request` and then calls the route's handler. Throws HttpError when the head
/// says already that it cannot be read.
WEIR_API void read_form(const FormRoute& route, const Request& request, Body body,
                        Response& response);

class FormReader : public std::enable_shared_from_this<FormReader> {
 public:
  FormReader(const FormRoute& route, Body body, Reply reply, const std::string& boundary)
      : route_(route),
        exchange_(LateHandler::exchange_of(body)),
        body_(std::move(body)),
        reply_(std::move(reply)),
        builder_(route.options, boundary) {}

  void start();

 private:
  void on_data(std::string_view piece);
  void on_end();
  void on_lost();
  void advance();
  bool submit_work();
  void on_written(int error);
  void run_handler();
  void fail(Status status, std::string_view message, bool retry_later = false);
  void call_handler(const FormData& form, bool on_worker);
  void let_go();
  void drop(FormData form);

  const FormRoute& route_;  // lives as long as the exchange's routes
  Ref<Exchange> exchange_;
  Body body_;
  Reply reply_;  // answers 500 should all else fail
  FormBuilder builder_;
  bool in_flight_ = false;  // a task writes
  bool paused_ = false;
  bool ended_ = false;  // the form is whole
  bool over_ = false;   // failed, lost, or with its handler
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/form_reader.ipp>
#endif
