// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <weir/detail/exchange.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/response.hpp>
#include <weir/upgrade.hpp>

WEIR_BEGIN_NAMESPACE

// Moving moves the answer. Whose request it answers stays with the object.
WEIR_INLINE Response::Response(Response&& other) noexcept { *this = std::move(other); }

WEIR_INLINE Response& Response::operator=(Response&& other) noexcept {
  if (this == &other) return *this;
  head_ = std::move(other.head_);
  copy_ = std::move(other.copy_);  // which does not move the bytes: view_ holds
  text_ = std::move(other.text_);
  view_ = other.view_;
  keep_ = std::move(other.keep_);
  source_ = other.source_;
  touched_ = other.touched_;
  other.clear();
  return *this;
}

WEIR_INLINE Response& Response::redirect(std::string_view location, Status status) {
  head_.set("Location", location);
  return this->status(status).body(std::string_view());
}

WEIR_INLINE Response& Response::body(std::string_view bytes) { return copy(bytes); }

WEIR_INLINE Response& Response::copy_apart(std::string_view bytes) {
  return body(std::string(bytes));  // may be a view of what is here now
}

WEIR_INLINE Response& Response::body(std::string&& bytes) {
  text_ = std::move(bytes);
  keep_.reset();
  source_ = Source::owned;
  touched_ = true;
  return *this;
}

WEIR_INLINE Response& Response::body(std::shared_ptr<const std::string> bytes) {
  if (bytes == nullptr) return body(std::string_view());
  const std::string_view view = *bytes;
  return body_view(view, std::move(bytes));
}

WEIR_INLINE Response& Response::body_view(std::string_view bytes,
                                          std::shared_ptr<const void> keep) {
  view_ = bytes;
  keep_ = std::move(keep);
  source_ = Source::kept;
  touched_ = true;
  return *this;
}

WEIR_INLINE void Response::drop_content() noexcept {
  text_.clear();
  view_ = {};
  keep_.reset();
  source_ = Source::copied;
}

WEIR_INLINE detail::Exchange& Response::exchange_block() {
  if (promoter_ == nullptr)
    throw std::logic_error("weir: this Response belongs to no request; use the handler's");
  return promoter_->promote();
}

WEIR_INLINE Reply Response::defer() {
  detail::Exchange& exchange = exchange_block();
  exchange.taken = true;
  return Reply(exchange);
}

WEIR_INLINE Stream Response::stream() {
  detail::Exchange& exchange = exchange_block();
  exchange.taken = true;
  if (!exchange.begin_stream(std::move(*this))) return {};
  return Stream(exchange);
}

WEIR_INLINE void Response::upgrade(std::string_view protocol, std::unique_ptr<Upgrade> successor) {
  detail::Exchange& exchange = exchange_block();
  head_.set("Upgrade", protocol);
  exchange.taken = true;
  if (!exchange.request.asks_for_upgrade(protocol)) {
    exchange.complete_with_upgrade_required(protocol);
    return;
  }
  head_.status = Status::switching_protocols;
  exchange.successor = std::move(successor);
  exchange.begin_stream(std::move(*this));
}

WEIR_INLINE Suspension Response::suspend() {
  detail::Exchange& exchange = exchange_block();
  Suspension suspension(exchange);
  exchange.taken = true;
  return suspension;
}

WEIR_INLINE void Response::interim(Status status, const ResponseHead& head) {
  detail::Exchange& exchange = exchange_block();
  const auto code = static_cast<unsigned>(status);
  if (code < 100 || code > 199 || code == 101)
    throw std::invalid_argument("weir: " + std::to_string(code) + " is no interim status");
  // The handler runs, so the loop does: on its thread the answer itself might overtake a task.
  if (exchange.reactor->loop().in_loop_thread()) {
    exchange.reactor->interim(exchange, status, head);
    return;
  }
  auto copy = std::make_shared<ResponseHead>(head);
  exchange.post([status, copy](detail::Reactor& loop, detail::Exchange& self) {
    loop.interim(self, status, *copy);
  });
}

WEIR_END_NAMESPACE
