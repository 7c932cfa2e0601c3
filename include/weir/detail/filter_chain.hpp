// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The filters of one answer at work: pieces wait in front, one is inside, results come out in
/// order.
///
/// Thread: the loop's; a FilterJob is handed on by whoever the filter gave it to.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>
#include <weir/body_filter.hpp>
#include <weir/config.hpp>
#include <weir/detail/exchange.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// One piece inside one filter.
struct FilterJob {
  FilterJob(Exchange& owner, bool more) : exchange(owner), more_follows(more) {}

  /// What the filter gets. The chain holds the job as well, so that its copies count for
  /// themselves.
  static FilterOutput output_of(const std::shared_ptr<FilterJob>& job) {
    return FilterOutput({job.get(), [job](FilterJob* self) { self->let_go(); }});
  }

  /// The last copy of the output has gone.
  void let_go() noexcept;

  Ref<Exchange> exchange;
  const bool more_follows;
  std::string result;  // the filter's until `done`
  // Release by who calls done(), acquire by the loop: it hands `result` over.
  std::atomic<bool> done{false};
  std::atomic<bool> in_call{true};  // transform() has not returned: the loop looks by itself
};

/// The way of an answer's content through its filters.
struct FilterChain {
  struct Piece {
    std::string bytes;
    bool last = false;
    std::uint64_t counted = 0;  // bytes that the stream still counts as waiting
  };

  /// Bytes of a whole answer on their way; a stream counts its own as waiting.
  std::size_t memory() const noexcept {
    std::size_t bytes = gathered.capacity();
    if (!whole) return bytes;
    for (const Piece& piece : waiting) bytes += piece.bytes.capacity();
    return bytes + current.bytes.capacity();
  }

  std::vector<std::unique_ptr<BodyFilter>> filters;
  std::deque<Piece> waiting;
  Piece current;  // what the filter at `stage` gets
  std::size_t stage = 0;
  bool inside = false;             // `current` is under way
  std::shared_ptr<FilterJob> job;  // of the filter that finishes later
  bool steady = false;             // pieces are made as fast as they are taken
  bool whole = false;  // the answer is not a stream: results gather for its Content-Length
  std::string gathered;
  std::string trailers;
};

}  // namespace detail
WEIR_END_NAMESPACE
