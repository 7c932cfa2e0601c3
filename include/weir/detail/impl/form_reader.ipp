// SPDX-License-Identifier: MIT
#pragma once
#include <cerrno>
#include <system_error>
#include <utility>
#include <weir/detail/form_reader.hpp>
#include <weir/http/request_head.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE void prepare(FormRoute& route, const FormOptions& options) {
  options.check();
  route.options = options;
  route.temp_folder = options.temp_folder.empty() ? default_temp_folder() : options.temp_folder;
}

WEIR_INLINE void read_form(const FormRoute& route, const Request& request, Body body,
                           Response& response) {
  std::string boundary;
  const FormFailure failure = read_form_type(request, true, boundary);
  if (failure) throw HttpError{failure.status, std::string(failure.message)};
  const http::RequestHead& head = LateHandler::exchange_of(body).data.head;
  if (route.options.form_bytes != 0 && head.framing == http::RequestHead::Framing::length &&
      head.content_length > route.options.form_bytes)
    throw HttpError{Status::content_too_large, "the form is too large"};
  std::make_shared<FormReader>(route, std::move(body), response.defer(), boundary)->start();
}

WEIR_INLINE void FormReader::start() {
  const std::shared_ptr<FormReader> self = shared_from_this();
  body_.on_error([self](BodyError) { self->on_lost(); });
  body_.on_end([self](std::string_view) { self->on_end(); });
  body_.on_data([self](std::string_view piece) { self->on_data(piece); });
}

WEIR_INLINE void FormReader::on_data(std::string_view piece) {
  if (over_) return;
  const FormFailure failure = builder_.feed(piece);
  if (failure) return fail(failure.status, failure.message);
  advance();
}

WEIR_INLINE void FormReader::on_end() {
  if (over_) return;
  const FormFailure failure = builder_.finish();
  if (failure) return fail(failure.status, failure.message);
  ended_ = true;
  advance();
}

// The content broke off; the server has answered, if there is anybody to answer.
WEIR_INLINE void FormReader::on_lost() {
  if (over_) return;
  over_ = true;
  let_go();
}

WEIR_INLINE void FormReader::advance() {
  if (!in_flight_) {
    if (builder_.waiting() >= FormBuilder::kBlock || (ended_ && builder_.has_work())) {
      if (!submit_work())
        return fail(Status::service_unavailable, "too much waits for a worker", true);
    } else if (ended_) {
      return run_handler();
    }
  }
  const bool full = in_flight_ && builder_.waiting() >= FormBuilder::kBlock;
  if (full == paused_ || ended_) return;
  paused_ = full;
  if (full) {
    body_.pause();
  } else {
    body_.resume();
  }
}

WEIR_INLINE bool FormReader::submit_work() {
  auto work = std::make_unique<FileWork>(builder_.take_work());
  net::Task task = [self = shared_from_this(), work = std::move(work)]() mutable {
    int error = ENOMEM;
    try {
      error = work->run(self->route_.temp_folder);
    } catch (const std::exception&) {  // out of memory
    }
    work.reset();
    Exchange& exchange = *self->exchange_;
    try {
      exchange.post(
          [self = std::move(self), error](Reactor&, Exchange&) { self->on_written(error); });
    } catch (const std::bad_alloc&) {
      // The handler's time-out will answer.
      log::write(log::Level::error, "out of memory while an upload was written");
    }
  };
  in_flight_ = body_.run_on_worker(task);
  return in_flight_;
}

WEIR_INLINE void FormReader::on_written(int error) {
  in_flight_ = false;
  if (over_) return let_go();
  if (LateHandler::is_over(*exchange_)) return on_lost();  // timed out meanwhile
  if (error == 0) return advance();
  static log::Limiter limiter;
  log::write_limited(limiter, log::Level::error,
                     "an upload could not be written to " + route_.temp_folder + ": " +
                         std::generic_category().message(error));
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  fail(full ? Status::insufficient_storage : Status::internal_server_error,
       full ? "no room for the upload" : std::string_view());
}

WEIR_INLINE void FormReader::run_handler() {
  over_ = true;
  if (!route_.blocking) {
    FormData form = builder_.take_data();
    call_handler(form, false);
    drop(std::move(form));
    return;
  }
  LateHandler::will_wait(*exchange_);
  net::Task task = [self = shared_from_this()] {
    self->call_handler(self->builder_.take_data(), true);
  };
  if (!body_.run_on_worker(task))
    fail(Status::service_unavailable, "too many requests wait for a worker", true);
}

WEIR_INLINE void FormReader::fail(Status status, std::string_view message, bool retry_later) {
  over_ = true;
  exchange_->complete_with_error(status, message, retry_later);
  let_go();
}

WEIR_INLINE void FormReader::call_handler(const FormData& form, bool on_worker) {
  LateHandler::Call call = [this, &form](const Request& request, Response& response) {
    route_.call(route_, request, form, response);
  };
  if (on_worker) {
    LateHandler::run_on_worker(*exchange_, call);
  } else {
    LateHandler::run_on_loop(*exchange_, call);
  }
  reply_ = {};  // from here on the handler's own count, or nobody's
}

WEIR_INLINE void FormReader::let_go() {
  if (!in_flight_) drop(builder_.take_data());
}

// Closing a large file that has no name frees its blocks, which may take long: not on the loop.
WEIR_INLINE void FormReader::drop(FormData form) {
  if (!builder_.has_files_on_disk()) return;
  net::Task task = [form = std::move(form)] {};
  body_.run_on_worker(task);  // with a full queue it is done here
}

}  // namespace detail
WEIR_END_NAMESPACE
