// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <weir/detail/exchange.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/log.hpp>
#include <weir/stream.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE WriteResult Stream::write(std::string&& piece) {
  return write_piece(std::move(piece), nullptr);
}

WEIR_INLINE WriteResult Stream::write(std::shared_ptr<const std::string> piece) {
  if (piece == nullptr) return WriteResult::ok;
  return write_piece({}, std::move(piece));
}

WEIR_INLINE WriteResult Stream::write_piece(std::string&& owned,
                                            std::shared_ptr<const std::string> shared) {
  if (!block_) return WriteResult::gone;
  detail::StreamState& stream = *block_->stream();
  const std::size_t size = shared != nullptr ? shared->size() : owned.size();
  {
    net::MutexLock lock(stream.mutex);
    while (true) {
      if (stream.ended || block_->gone() == Gone::yes) return WriteResult::gone;
      if (size == 0) return WriteResult::ok;
      const std::uint64_t ahead = stream.waiting + stream.queued;
      // One piece at a time goes on when memory is strained: what is sent makes room for the next.
      if (ahead == 0 || (ahead <= stream.limit && !block_->budget->is_strained())) break;
      stream.wants_room = true;
      if (!block_->is_worker_thread()) return WriteResult::full;
      stream.room.wait(lock.native());
    }
    // Counted before it is posted: a fast thread cannot outrun the bound.
    stream.waiting += size + detail::StreamState::kPieceCost;
  }
  const bool posted = block_->post([owned = std::move(owned), shared = std::move(shared)](
                                       detail::Reactor& loop, detail::Exchange& self) mutable {
    loop.write_stream(self, std::move(owned), std::move(shared));
  });
  return posted ? WriteResult::ok : WriteResult::gone;
}

WEIR_INLINE void Stream::end() { end_with({}); }

WEIR_INLINE void Stream::end(const ResponseHead& trailers) {
  end_with(std::string(trailers.lines()));
}

WEIR_INLINE void Stream::end_with(std::string trailers) {
  if (!block_) return;
  {
    detail::StreamState& stream = *block_->stream();
    const net::MutexLock lock(stream.mutex);
    if (stream.ended) return;
    stream.ended = true;
  }
  block_->post([trailers = std::move(trailers)](detail::Reactor& loop, detail::Exchange& self) {
    loop.end_stream(self, trailers);
  });
}

WEIR_INLINE void Stream::abort() {
  if (!block_) return;
  {
    detail::StreamState& stream = *block_->stream();
    const net::MutexLock lock(stream.mutex);
    if (stream.ended) return;
    stream.ended = true;
  }
  block_->post([](detail::Reactor& loop, detail::Exchange& self) { loop.abort(self); });
}

WEIR_INLINE void Stream::on_writable(net::UniqueFunction<void()> f) {
  if (!block_) return;
  auto box = std::make_shared<net::UniqueFunction<void()>>(std::move(f));
  block_->post([box](detail::Reactor& loop, detail::Exchange& self) {
    loop.set_on_writable(self, std::move(*box));
  });
}

WEIR_INLINE void Stream::end_with_server() {
  if (!block_) return;
  block_->post(
      [](detail::Reactor& loop, detail::Exchange& self) { loop.end_stream_with_server(self); });
}

WEIR_INLINE bool Stream::run_on_worker(net::Task& task) noexcept {
  return block_ && block_->run_on_worker(task);
}

WEIR_INLINE Gone Stream::gone() const noexcept { return block_ ? block_->gone() : Gone::yes; }

WEIR_INLINE void Stream::on_gone(net::UniqueFunction<void(Gone)> f) {
  if (block_) block_->listen_gone(std::move(f));
}

WEIR_INLINE void Stream::on_done(net::UniqueFunction<void(const Outcome&)> f) {
  if (block_) block_->listen_done(std::move(f));
}

WEIR_INLINE const Request& Stream::request() const noexcept {
  WEIR_ASSERT(static_cast<bool>(block_));
  return block_->request;
}

// The callbacks are the loop's: they are set there, in the order of the calls. Content that has
// come or ended in the meantime is kept for them.
WEIR_INLINE void Body::on_data(net::UniqueFunction<void(std::string_view)> f) {
  if (!block_) return;
  auto box = std::make_shared<net::UniqueFunction<void(std::string_view)>>(std::move(f));
  block_->post([box](detail::Reactor& loop, detail::Exchange& self) {
    if (self.done_told) return;
    self.body->on_data = std::move(*box);
    loop.resume_body(self);
  });
}

WEIR_INLINE void Body::on_end(net::UniqueFunction<void(std::string_view)> f) {
  if (!block_) return;
  auto box = std::make_shared<net::UniqueFunction<void(std::string_view)>>(std::move(f));
  block_->post([box](detail::Reactor& loop, detail::Exchange& self) {
    if (self.done_told) return;
    self.body->on_end = std::move(*box);
    if (self.body->complete) loop.resume_body(self);
  });
}

WEIR_INLINE void Body::on_error(net::UniqueFunction<void(BodyError)> f) {
  if (!block_) return;
  auto box = std::make_shared<net::UniqueFunction<void(BodyError)>>(std::move(f));
  block_->post([box](detail::Reactor&, detail::Exchange& self) {
    net::UniqueFunction<void(BodyError)> mine = std::move(*box);
    if (self.body->broken) {
      try {
        mine(self.body->error);
      } catch (...) {
        log::write(log::Level::error, "an on_error callback of a body threw");
      }
    } else if (!self.done_told) {
      self.body->on_error = std::move(mine);
    }
  });
}

WEIR_INLINE void Body::pause() {
  if (block_) block_->body->paused.store(true, std::memory_order_relaxed);
}

WEIR_INLINE void Body::resume() {
  if (!block_) return;
  block_->body->paused.store(false, std::memory_order_relaxed);
  block_->post([](detail::Reactor& loop, detail::Exchange& self) { loop.resume_body(self); });
}

WEIR_INLINE std::size_t Body::read(char* to, std::size_t size) {
  if (!block_ || !block_->is_worker_thread())
    throw std::logic_error("weir: Body::read() waits, which only a blocking() handler may");
  detail::BodyState& body = *block_->body;
  const auto resume = [this] {
    block_->post([](detail::Reactor& loop, detail::Exchange& self) { loop.resume_body(self); });
  };
  net::MutexLock lock(body.mutex);
  if (!body.reading) {
    body.reading = true;
    resume();
  }
  while (body.held_read == body.held.size() && !body.ended) body.arrived.wait(lock.native());
  const std::size_t taken = std::min(size, body.held.size() - body.held_read);
  if (taken > 0) std::memcpy(to, body.held.data() + body.held_read, taken);
  body.held_read += taken;
  if (body.held_read == body.held.size()) {
    body.held.clear();
    body.held_read = 0;
    if (body.held_up) {
      body.held_up = false;
      resume();
    }
  }
  return taken;
}

WEIR_INLINE bool Body::run_on_worker(net::Task& task) noexcept {
  return block_ && block_->run_on_worker(task);
}

WEIR_INLINE bool Body::failed() const noexcept {
  if (!block_) return true;
  const net::MutexLock lock(block_->body->mutex);
  return block_->body->failed;
}

WEIR_END_NAMESPACE
