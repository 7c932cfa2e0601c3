// SPDX-License-Identifier: MIT
#pragma once
#include <weir/body_filter.hpp>
#include <weir/detail/filter_chain.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/log.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE void FilterOutput::write(std::string_view bytes) {
  job_->result.append(bytes.data(), bytes.size());
}

WEIR_INLINE bool FilterOutput::more_follows() const noexcept { return job_->more_follows; }

WEIR_INLINE void FilterOutput::done() {
  if (job_->done.exchange(true)) return;
  // While transform() runs the loop will look for itself; afterwards it must be told. Both flags
  // are seq_cst: either it sees `done`, or this sees that it has left.
  if (job_->in_call.load()) return;
  job_->exchange->post(
      [](detail::Reactor& loop, detail::Exchange& self) { loop.filter_done(self); });
}

WEIR_INLINE bool FilterOutput::run_on_worker(net::Task& task) noexcept {
  return job_->exchange->run_on_worker(task);
}

namespace detail {

WEIR_INLINE void FilterJob::let_go() noexcept {
  if (done.load()) return;
  try {
    exchange->post([](Reactor& loop, Exchange& self) { loop.abort(self); });
  } catch (...) {
    // Out of memory: the handler's or the write's time-out will end it.
    log::write(log::Level::error, "out of memory while a filter's output was dropped");
  }
}

}  // namespace detail
WEIR_END_NAMESPACE
