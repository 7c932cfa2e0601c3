// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <weir/detail/form_builder.hpp>
#include <weir/detail/late_handler.hpp>
#include <weir/log.hpp>
#include <weir/multipart.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// From a Body's pieces to a MultipartBody's callbacks. What is left of a piece when a callback
/// pauses is kept: one piece at most.
class MultipartPump : public std::enable_shared_from_this<MultipartPump> {
 public:
  MultipartPump(const std::string& boundary, const MultipartLimits& limits, Body given)
      : body(std::move(given)), parser_(boundary, limits) {}

  static MultipartBody make(const std::string& boundary, const MultipartLimits& limits, Body body) {
    return MultipartBody(std::make_shared<MultipartPump>(boundary, limits, std::move(body)));
  }

  /// False when nobody wants parts: the handler has answered without reading.
  bool start() {
    if (!on_part) return false;
    const auto feed = std::make_shared<const Feed>(shared_from_this());
    body.on_error([feed](BodyError) { feed->pump->break_off(); });
    body.on_end([feed](std::string_view) { feed->pump->finish(); });
    body.on_data([feed](std::string_view piece) { feed->pump->take(piece); });
    return true;
  }

  void resume() {
    LateHandler::exchange_of(body).post(
        [self = shared_from_this()](Reactor&, Exchange&) { self->resume_here(); });
  }

  net::UniqueFunction<PartSink(const MultipartPart&)> on_part;
  net::UniqueFunction<void()> on_end;
  net::UniqueFunction<void()> on_error;
  Body body;
  bool paused = false;

  // The callbacks often hold what holds this.
  void drop() noexcept {
    on_part = {};
    on_end = {};
    on_error = {};
    sink_ = {};
    rest_ = {};
  }

 private:
  /// What the body's callbacks hold. When the exchange is over and lets them go, so do these.
  struct Feed {
    explicit Feed(std::shared_ptr<MultipartPump> fed) noexcept : pump(std::move(fed)) {}
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;
    ~Feed() {
      pump->over_ = true;
      pump->drop();
    }
    const std::shared_ptr<MultipartPump> pump;
  };

  void take(std::string_view piece) {
    if (over_) return;
    if (paused || feeding_) {
      rest_.append(piece);
      return;
    }
    run([this, piece] { feed(piece); });
  }

  void feed(std::string_view piece) {
    using Event = http::MultipartParser::Event;
    while (!over_) {
      if (paused) {
        rest_.assign(piece);
        return;
      }
      const http::MultipartParser::Progress progress = parser_.step(piece.data(), piece.size());
      piece.remove_prefix(std::min(progress.consumed, piece.size()));
      switch (progress.event) {
        case Event::none:
          return;
        case Event::error:
          refuse(progress.error);
        case Event::part:
          sink_ = on_part(parser_.part());
          break;
        case Event::data:
          if (sink_) sink_(progress.data);
          break;
        case Event::part_end: {
          PartSink sink = std::exchange(sink_, {});
          if (sink) sink({});
          break;
        }
      }
    }
  }

  [[noreturn]] static void refuse(http::MultipartError error) {
    throw HttpError{http::status_of(error), std::string(http::message_of(error))};
  }

  void finish() {
    if (over_) return;
    run([this] {
      const http::MultipartError error = parser_.finish();
      if (error != http::MultipartError::none) refuse(error);
      over_ = true;
      if (on_end) on_end();
      drop();
    });
  }

  void resume_here() {
    paused = false;
    if (over_ || feeding_) return;
    feeding_ = true;
    run([this] {
      const std::string rest = std::exchange(rest_, {});
      feed(rest);
    });
    feeding_ = false;
    if (!paused && !over_) body.resume();
  }

  // Answers what `f` throws before the callbacks go, which may hold the right to answer.
  template <class F>
  void run(F f) {
    const std::shared_ptr<MultipartPump> self = shared_from_this();  // a callback may hold the last
    LateHandler::Call call = [&f](const Request&, Response&) { f(); };
    if (!LateHandler::guard(LateHandler::exchange_of(body), call)) break_off();
  }

  void break_off() noexcept {
    over_ = true;
    net::UniqueFunction<void()> error = std::move(on_error);
    drop();
    if (!error) return;
    try {
      error();
    } catch (...) {
      log::write(log::Level::error, "an on_error callback of a form threw");
    }
  }

  http::MultipartParser parser_;
  PartSink sink_;
  std::string rest_;
  bool feeding_ = false;  // what was kept is given out
  bool over_ = false;
};

WEIR_INLINE MultipartStart::MultipartStart(const MultipartLimits& limits, const Request& request,
                                           Body body) {
  std::string boundary;
  const FormFailure failure = read_form_type(request, false, boundary);
  if (failure) throw HttpError{failure.status, std::string(failure.message)};
  form_ = MultipartPump::make(boundary, limits, std::move(body));
}

WEIR_INLINE MultipartStart::~MultipartStart() {
  if (!started_ && form_.pump_) form_.pump_->drop();
}

WEIR_INLINE void MultipartStart::go() { started_ = form_.pump_->start(); }

}  // namespace detail

WEIR_INLINE void MultipartBody::on_part(net::UniqueFunction<PartSink(const MultipartPart&)> f) {
  if (pump_) pump_->on_part = std::move(f);
}

WEIR_INLINE void MultipartBody::on_end(net::UniqueFunction<void()> f) {
  if (pump_) pump_->on_end = std::move(f);
}

WEIR_INLINE void MultipartBody::on_error(net::UniqueFunction<void()> f) {
  if (pump_) pump_->on_error = std::move(f);
}

WEIR_INLINE void MultipartBody::pause() {
  if (!pump_) return;
  pump_->paused = true;
  pump_->body.pause();
}

WEIR_INLINE void MultipartBody::resume() {
  if (pump_) pump_->resume();
}

WEIR_INLINE bool MultipartBody::run_on_worker(net::Task& task) noexcept {
  return pump_ && pump_->body.run_on_worker(task);
}

WEIR_END_NAMESPACE
