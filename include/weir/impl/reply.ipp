// SPDX-License-Identifier: MIT
#pragma once
#include <weir/detail/exchange.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/reply.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE SendResult Reply::send(Response response) {
  return block_ ? block_->complete(std::move(response)) : SendResult::gone;
}

WEIR_INLINE SendResult Reply::send_content(const http::MediaTypeLine& type,
                                           std::string_view content) {
  Response response;
  response.content(type, content);
  return send(std::move(response));
}

WEIR_INLINE SendResult Reply::text(std::string_view text) {
  return send_content(http::kTextPlain, text);
}

WEIR_INLINE SendResult Reply::html(std::string_view html) {
  return send_content(http::kTextHtml, html);
}

WEIR_INLINE SendResult Reply::json(std::string_view json) {
  return send_content(http::kApplicationJson, json);
}

WEIR_INLINE SendResult Reply::error(Status status, std::string_view message) {
  return block_ ? block_->complete_with_error(status, message) : SendResult::gone;
}

WEIR_INLINE Stream Reply::stream(Response response) {
  if (!block_ || !block_->begin_stream(std::move(response))) return {};
  return Stream(*block_);
}

WEIR_INLINE const Request& Reply::request() const noexcept {
  WEIR_ASSERT(static_cast<bool>(block_));
  return block_->request;
}

WEIR_INLINE Gone Reply::gone() const noexcept { return block_ ? block_->gone() : Gone::yes; }

WEIR_INLINE void Reply::on_gone(net::UniqueFunction<void(Gone)> f) {
  if (block_) block_->listen_gone(std::move(f));
}

WEIR_INLINE void Reply::on_done(net::UniqueFunction<void(const Outcome&)> f) {
  if (block_) block_->listen_done(std::move(f));
}

WEIR_INLINE bool Reply::run_on_worker(net::Task& task) noexcept {
  return block_ && block_->run_on_worker(task);
}

WEIR_INLINE Suspension::Suspension(detail::Exchange& exchange)
    : ticket_(std::make_shared<detail::SuspensionTicket>(exchange)) {}

WEIR_INLINE SendResult Suspension::proceed() {
  if (gone() == Gone::yes) return SendResult::gone;
  if (ticket_->used.exchange(true, std::memory_order_acq_rel)) return SendResult::already_answered;
  const bool posted = ticket_->exchange->post(
      [](detail::Reactor& loop, detail::Exchange& self) { loop.proceed(self); });
  return posted ? SendResult::accepted : SendResult::gone;
}

WEIR_INLINE SendResult Suspension::answer(Response response) {
  if (gone() == Gone::yes) return SendResult::gone;
  if (ticket_->used.exchange(true, std::memory_order_acq_rel)) return SendResult::already_answered;
  return ticket_->exchange->complete(std::move(response));
}

WEIR_INLINE const Request& Suspension::request() const noexcept {
  WEIR_ASSERT(ticket_ != nullptr);
  return ticket_->exchange->request;
}

WEIR_INLINE Gone Suspension::gone() const noexcept {
  return ticket_ != nullptr ? ticket_->exchange->gone() : Gone::yes;
}

WEIR_END_NAMESPACE
