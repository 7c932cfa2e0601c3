// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Changing an answer's content on its way out, at once or later: what compression is made of.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/fwd.hpp>
#include <weir/net/task.hpp>

WEIR_BEGIN_NAMESPACE

namespace detail {
struct FilterJob;
}  // namespace detail

/// Where a BodyFilter puts what comes out of a piece. Copies are the same place. Thread: any, one
/// at a time. A job whose last copy goes without done() breaks the answer off.
class WEIR_API FilterOutput {
 public:
  /// Adds bytes behind those added before.
  void write(std::string_view bytes);

  /// Runs `task` on a worker of the server; false, and `task` left as it was, when the queue is
  /// full. A task that still waits when the server stops is destroyed unrun. From transform() or
  /// such a task.
  bool run_on_worker(net::Task& task) noexcept;

  /// Whether the next piece is there already, or is made without waiting for anything but its turn,
  /// as a file's: who holds bytes back need not send them for the client's sake.
  bool more_follows() const noexcept;

  /// The piece is through; nothing may be written after it.
  void done();

 private:
  friend struct detail::FilterJob;

  explicit FilterOutput(std::shared_ptr<detail::FilterJob> job) noexcept : job_(std::move(job)) {}

  std::shared_ptr<detail::FilterJob> job_;
};

/// Transforms the content of one answer. One object serves one answer, never two threads at once.
class WEIR_API BodyFilter {
 public:
  BodyFilter() = default;
  BodyFilter(const BodyFilter&) = delete;
  BodyFilter& operator=(const BodyFilter&) = delete;
  virtual ~BodyFilter() = default;

  /// Takes the next piece, which is valid during the call alone; `last` comes with the final one,
  /// which may be empty. Puts the result into `out` and calls out.done() once: before it returns,
  /// or later from any thread. Only then comes the next piece. What it throws breaks the answer
  /// off.
  ///
  /// Thread: the connection's loop.
  virtual void transform(std::string_view piece, bool last, FilterOutput out) = 0;
};

/// The filters of one answer. A middleware's `head(const Request&, ResponseHead&, BodyFilters&)`
/// adds to them; content passes them in the order in which they were added. The length changes, so
/// that a Content-Length field set before is dropped: whole answers get that of the result, streams
/// chunks.
class BodyFilters {
 public:
  void add(std::unique_ptr<BodyFilter> filter) { filters_.push_back(std::move(filter)); }
  bool empty() const noexcept { return filters_.empty(); }

  /// Bytes of the content, in front of all filters; nothing for a stream.
  std::optional<std::uint64_t> content_size() const noexcept { return content_size_; }

 private:
  friend class detail::Reactor;

  std::vector<std::unique_ptr<BodyFilter>> filters_;
  std::optional<std::uint64_t> content_size_;
};

WEIR_END_NAMESPACE
