// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The block of an exchange that outlives a call: one that is deferred, pooled, streamed,
/// suspended, or whose content came in pieces.
///
/// One counted allocation holds the request's bytes and everything that a Reply, a Stream or a Body
/// needs. The reactor holds a reference while the exchange is active; handles hold theirs as long
/// as they like. Nobody follows a pointer from here to the connection: the id is looked up on the
/// loop, and what is over is not found.
///
/// Who touches what:
///   - atomics, `stream->`/`body->` under their mutex: any thread;
///   - `data`, `request`: written before the block is shared, then read by any thread;
///   - `draft`: the thread that runs the handler; `response`: the winner of claim(), then the loop;
///   - everything else: the loop's thread.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/content_decoder.hpp>
#include <weir/detail/content_limit.hpp>
#include <weir/detail/exchange_id.hpp>
#include <weir/detail/ref.hpp>
#include <weir/net/mailbox.hpp>
#include <weir/net/memory_budget.hpp>
#include <weir/net/mutex.hpp>
#include <weir/net/task.hpp>
#include <weir/reply.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>
#include <weir/stream.hpp>
#include <weir/upgrade.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

struct FilterChain;
struct FilterChainDeleter {
  void operator()(FilterChain* chain) const noexcept;
};

/// The state of an answer in pieces.
struct StreamState {
  explicit StreamState(std::size_t bound) noexcept : limit(bound) {}

  /// What a piece costs beside its bytes until it is sent: a task, its frame.
  static constexpr std::uint64_t kPieceCost = 64;

  const std::size_t limit;  // Options::stream_buffer

  net::Mutex mutex;
  std::condition_variable room;                      // for a writer on a worker
  std::uint64_t waiting WEIR_GUARDED_BY(mutex) = 0;  // bytes posted that the loop has not taken yet
  std::uint64_t queued WEIR_GUARDED_BY(mutex) = 0;  // bytes of the connection that are not sent yet
  bool wants_room WEIR_GUARDED_BY(mutex) = false;  // a write was refused since the last on_writable
  bool ended WEIR_GUARDED_BY(mutex) = false;       // end(), abort() or the loss

  // Loop's thread
  net::UniqueFunction<void()> on_writable;
  bool ends_with_server = false;
};

/// The state of content in pieces.
struct BodyState {
  /// Bytes that are held for a worker before reading pauses.
  static constexpr std::size_t kHighWater = 64 * 1024;

  // Loop's thread
  net::UniqueFunction<void(std::string_view)> on_data;
  net::UniqueFunction<void(std::string_view)> on_end;
  net::UniqueFunction<void(BodyError)> on_error;
  bool received = false;  // all content has come; a decoder may keep some of it
  bool complete = false;  // all content was given
  bool broken = false;    // it ended early, with `error`
  BodyError error = BodyError::gone;
  std::string trailers;

  // Set by any thread, read by the loop after each piece: relaxed, the posted task orders the rest.
  std::atomic<bool> paused{false};

  // For a worker that reads
  net::Mutex mutex;
  std::condition_variable arrived;
  std::string held WEIR_GUARDED_BY(mutex);
  std::size_t held_read WEIR_GUARDED_BY(mutex) = 0;
  bool reading WEIR_GUARDED_BY(mutex) = false;  // read() was called: pieces go to `held`
  bool held_up WEIR_GUARDED_BY(mutex) = false;  // reading waits until `held` has shrunk
  bool ended WEIR_GUARDED_BY(mutex) = false;
  bool failed WEIR_GUARDED_BY(mutex) = false;
};

/// What the copies of one Suspension share. When the last goes unused the client gets a 500.
struct SuspensionTicket {
  explicit SuspensionTicket(Exchange& suspended) : exchange(suspended) {}
  ~SuspensionTicket();

  Ref<Exchange> exchange;
  std::atomic<bool> used{false};  // acq_rel: the first use wins
};

/// One exchange that outlives a call.
class WEIR_API Exchange final : public Promoter {
 public:
  /// Copies the head of `from` (and `content`) into a new block. Throws std::bad_alloc.
  static Ref<Exchange> create(const RequestData& from, std::string_view content);

  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Exchange& promote() override { return *this; }

  // Any thread

  /// Answers with `answer` if nobody has yet.
  SendResult complete(Response&& answer);

  /// Answers an error through the server's error handler.
  SendResult complete_with_error(Status status, std::string_view message, bool retry_later = false);

  /// Answers 426: the route speaks `protocol` alone.
  SendResult complete_with_upgrade_required(std::string_view protocol);

  /// Begins an answer in pieces with the head of `answer`; false when answered or gone.
  bool begin_stream(Response&& answer);

  /// Makes what stream() gives: before the first piece, and once.
  void make_stream() { stream_.store(new StreamState(stream_buffer)); }

  /// Takes the right to answer; true for one caller alone.
  bool claim() noexcept {
    State open = State::open;
    // Acquire: whoever wins sees what the handler left in `response`.
    return state_.compare_exchange_strong(open, State::claimed, std::memory_order_acq_rel);
  }
  bool is_claimed() const noexcept { return state_.load(std::memory_order_acquire) != State::open; }

  Gone gone() const noexcept { return gone_.load(); }

  /// The state of an answer in pieces; null before begin_stream().
  StreamState* stream() const noexcept { return stream_.load(); }

  /// Runs `task(Reactor&, Exchange&)` on the loop, unless that has ended. What it throws costs the
  /// connection. Throws std::bad_alloc.
  template <class F>
  bool post(F task) {
    return mailbox->post(
        [reactor = reactor, self = Ref<Exchange>(*this), task = std::move(task)]() mutable {
          try {
            task(*reactor, *self);
          } catch (...) {
            give_up(*reactor, *self);
          }
        });
  }

  /// Runs `task` on a worker; false, and the task left to the caller, when the queue is full or out
  /// of memory. What waits when the server stops is destroyed unrun. Thread: the loop's, or a
  /// worker's.
  bool run_on_worker(net::Task& task) noexcept;

  void listen_gone(net::UniqueFunction<void(Gone)> f);
  void listen_done(net::UniqueFunction<void(const Outcome&)> f);

  // Loop's thread

  /// As listen_done(), at once.
  void add_done_listener(net::UniqueFunction<void(const Outcome&)> f);

  /// Raises gone(), tells who listens, and wakes workers that wait.
  void raise_gone(Gone gone) noexcept;

  /// No piece will be taken or given any more: workers that wait for one wake up.
  void end_pieces() noexcept;

  /// Tells the outcome, once.
  void tell_done(const Outcome& outcome) noexcept;

  bool is_worker_thread() const noexcept {
    return worker.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  // Identity. `reactor` is valid inside tasks of its mailbox only: those run while it lives.
  ExchangeId id;
  Reactor* reactor = nullptr;
  std::shared_ptr<net::Mailbox> mailbox;
  std::shared_ptr<const RouteTable> routes;  // names of parameters and patterns
  std::shared_ptr<const net::MemoryBudget> budget;

  RequestData data;
  Endpoint remote;  // data.remote points here
  Request request{data};
  Response draft;       // what the handler fills
  Response response;    // the answer, once claimed
  std::string content;  // collected in pieces

  std::unique_ptr<ContentDecoder> decoder;  // of the request's content; loop's thread
  std::unique_ptr<BodyState> body;          // made before the handler runs
  std::unique_ptr<Upgrade> successor;  // of HTTP on this connection; the handler's, then the loop's

  // Copies of Reply and Stream. The last to go answers for all: acq_rel.
  std::atomic<std::uint32_t> replies{0};
  std::atomic<std::uint32_t> streams{0};

  std::atomic<bool> handler_begun{false};  // a worker has begun: a time-out is 504, not 503
  // Runs the handler. Relaxed: a thread only looks for its own name.
  std::atomic<std::thread::id> worker{};

  std::unique_ptr<FilterChain, FilterChainDeleter> filters;  // loop's thread

  bool taken = false;  // the handler (on its thread) called defer(), stream() or suspend()
  bool pooled = false;
  bool answer_begun = false;
  bool done_told = false;
  std::size_t stream_buffer = 0;  // Options::stream_buffer
  std::uint32_t chain_at = 0;     // the `before` hook that runs, or ran last
  std::uint64_t started_ms = 0;
  std::uint64_t content_limit = kNoContentLimit;    // of middleware; the route has its own
  std::chrono::steady_clock::time_point submitted;  // to the pool; only if that is measured
  std::uint64_t block_bytes = 0;                    // what create() has allocated
  std::uint64_t done_position = 0;  // of the connection's output; when it is sent the answer is
  Outcome outcome{Outcome::Result::delivered, Status{}, 0, 0};  // until the answer begins
  Ref<Exchange> next_finishing;  // answered, not delivered yet: in the order of the answers

 private:
  friend void ref_acquire(Exchange& object) noexcept;
  friend void ref_release(Exchange& object) noexcept;

  enum class State : std::uint8_t { open, claimed };

  static void give_up(Reactor& reactor, Exchange& exchange) noexcept;

  Exchange() = default;
  ~Exchange() { delete stream_.load(); }

  std::vector<net::UniqueFunction<void(Gone)>> gone_listeners_;
  std::vector<net::UniqueFunction<void(const Outcome&)>> done_listeners_;
  // Last release destroys: acq_rel. The rest relaxed.
  std::atomic<std::uint32_t> references_{0};
  std::atomic<State> state_{State::open};
  // Both seq_cst: begin_stream() stores stream_ and its writer then reads gone_; raise_gone()
  // stores gone_ and then reads stream_. One of them sees the other, so that no writer waits for
  // ever.
  std::atomic<Gone> gone_{Gone::no};
  std::atomic<StreamState*> stream_{nullptr};
};

}  // namespace detail
WEIR_END_NAMESPACE
