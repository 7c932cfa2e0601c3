// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One loop with its connections and their sessions: the place where net meets http.
///
/// A Reactor owns its EventLoop and, by value in a slot map, its Peers. A Peer is a connection with
/// a session; it is named by slot and generation and looked up at each event, so a stale event, a
/// late reply or a posted task finds nothing. Dead peers are freed at the end of the turn.
///
/// Every way into a peer is the same three steps: enter() lends it the cork, the session is told
/// something, settle() reads what is there, flushes once and looks after close, time and readiness.
///
/// Defined in three files: impl/reactor.ipp (events and a peer's life), impl/reactor_requests.ipp
/// (from the head to the handler) and impl/reactor_answers.ipp (from the answer to the connection).
///
/// Thread: the loop's, but for the constructor and what says otherwise.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/core.hpp>
#include <weir/detail/cork.hpp>
#include <weir/detail/exchange.hpp>
#include <weir/detail/filter_chain.hpp>
#include <weir/detail/meter.hpp>
#include <weir/detail/tally.hpp>
#include <weir/detail/user_timer.hpp>
#include <weir/http/date.hpp>
#include <weir/http/session.hpp>
#include <weir/log.hpp>
#include <weir/net/acceptor.hpp>
#include <weir/net/connection.hpp>
#include <weir/net/event_loop.hpp>
#include <weir/net/input_buffer.hpp>
#include <weir/net/memory_budget.hpp>
#include <weir/net/slot_map.hpp>
#include <weir/net/timer_wheel.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// A moment in the milliseconds that sessions count; never 0, which stands for "no deadline".
inline std::uint64_t clock_ms(net::Clock::TimePoint time) noexcept {
  return static_cast<std::uint64_t>(
             std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch())
                 .count()) +
         1;
}

/// The deadline `delay` after `now`; a delay of 0 is none.
inline std::uint64_t after_ms(std::uint64_t now, std::chrono::milliseconds delay) noexcept {
  return delay.count() == 0 ? 0 : now + static_cast<std::uint64_t>(delay.count());
}

/// One connection and what it speaks. The timer is the only one it has. Slot and generation are the
/// slot map's to tell: see Reactor::token_of().
struct Peer : net::Timer {
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr unsigned kChargeBits = 6;  // a unit is 64 bytes: 256 GiB fit
  static constexpr unsigned kAgeBits = 14;    // a unit is 16.4 s: 12 days fit

  template <class Stream>
  Peer(std::uint32_t, std::uint32_t, Reactor& owner, Stream stream, const Endpoint& from)
      : net::Timer(&Peer::on_timer),
        reactor(owner),
        connection(std::move(stream)),
        remote(from),
        charged(0),
        born(0),
        held_is_fresh(false),
        fetching(false),
        ready(false),
        starved(false),
        lingering(false),
        closed(false) {}

  static void on_timer(net::Timer& timer);

  Reactor& reactor;
  net::Connection connection;
  http::Session session;
  net::InputBuffer held;    // unread bytes: part of a message, or requests behind the active one
  Ref<Exchange> exchange;   // the active one, if it needed a block
  Ref<Exchange> finishing;  // answered ones whose bytes are still leaving
  std::uint64_t io_deadline = 0;  // of a period of writing, or of lingering; 0: none
  Endpoint remote;
  union {
    std::uint32_t charged;    // while open: of the memory budget, units of 2^kChargeBits bytes
    std::uint32_t next_dead;  // once closed: slot of the next one to be freed
  };
  std::uint16_t born;  // units of 2^kAgeBits ms, modulo 2^16
  // Bits: an idle connection is counted in bytes.
  bool held_is_fresh : 1;  // `held` has bytes that the session has not looked at
  bool fetching : 1;       // a worker reads the file that is to be sent next
  bool ready : 1;          // in the ready list
  bool starved : 1;        // not read until memory comes free
  bool lingering : 1;
  bool closed : 1;  // waits for the end of the turn
};

static_assert(sizeof(Peer) <= 192, "an idle connection is a Peer and nothing else");

class WEIR_API Reactor final : public net::EventSink, private http::Application, private Promoter {
 public:
  /// A turn's share of one peer: bytes read and requests begun.
  static constexpr std::size_t kTurnBytes = 64 * 1024;
  static constexpr std::uint32_t kTurnRequests = 64;
  /// Requests of a turn that are handed to the pool at once. A worker that is woken may take the
  /// loop's core: two switches for a batch, not for each request.
  static constexpr std::size_t kHandOver = 16;

  /// `core` outlives the reactor. Throws std::system_error.
  explicit Reactor(Core& core);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  net::EventLoop& loop() noexcept { return loop_; }

  /// Another listening socket on this loop. Before the loop runs.
  net::Acceptor& add_acceptor();
  const std::vector<std::unique_ptr<net::Acceptor>>& acceptors() const noexcept {
    return acceptors_;
  }

  /// Takes a connection over that Core::admit() let in.
  void adopt(net::Fd socket, const Endpoint& remote) noexcept;

  /// Takes a connection over another transport, if it is let in, and returns the token for
  /// EventLoop::inject(); kReservedToken if not.
  std::uint64_t adopt(std::unique_ptr<net::Transport> transport, const Endpoint& remote);

  // What Reply, Stream, Suspension and Body post. A stale exchange is ignored.
  void deliver(Exchange& exchange);
  void begin_stream(Exchange& exchange);
  void write_stream(Exchange& exchange, std::string&& owned,
                    std::shared_ptr<const std::string> shared);
  void end_stream(Exchange& exchange, std::string_view trailers);
  void end_stream_with_server(Exchange& exchange);
  void abort(Exchange& exchange) noexcept;
  void proceed(Exchange& exchange);
  void set_on_writable(Exchange& exchange, net::UniqueFunction<void()> f);
  void resume_body(Exchange& exchange);
  void interim(Exchange& exchange, Status status, const ResponseHead& head);
  void filter_done(Exchange& exchange);

  /// See Exchange::run_on_worker().
  bool run_on_worker(net::Task& task) noexcept;

  /// Runs a timer on this loop; it is kept until it has fired for the last time.
  void add_timer(std::shared_ptr<UserTimer> timer);
  void remove_timer(UserTimer& timer) noexcept;

  /// Closes what is idle, and everything else after its answer. `on_empty` is called, on the loop,
  /// when no connection is left.
  void close_gracefully(net::Task on_empty);

  /// Closes everything now.
  void close_all() noexcept;

  std::size_t connections() const noexcept { return peers_.size(); }

  /// The route whose handler or hooks run on the loop now, or null. Any thread.
  const RouteEntry* running() const noexcept { return running_.load(std::memory_order_acquire); }

  /// What this loop has counted. Any thread.
  const Tally& tally() const noexcept { return tally_; }

  /// Begins to measure, if somebody wants it. After the routes are frozen, before the loop runs.
  void start_meter();

  /// What is measured on this loop, or null.
  LoopMeter* meter() const noexcept { return meter_.get(); }

  const Core& core() const noexcept { return core_; }

  /// What connections do.
  struct Census {
    std::uint64_t idle = 0;      // between two requests
    std::uint64_t reading = 0;   // a request has come in part
    std::uint64_t handling = 0;  // an answer is waited for; or another protocol is spoken
    std::uint64_t writing = 0;   // an answer has begun and is not sent, or a close is waited for
  };
  Census census() noexcept;  // in metrics.ipp: a program that asks for none does not link it

  /// Bytes read of, and given to, all connections.
  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  std::uint64_t bytes_written() const noexcept { return cork_.written(); }

  void on_event(std::uint64_t token, std::uint32_t events) override;
  bool on_turn() override;

 private:
  friend struct FileSender;
  friend struct Peer;
  friend struct LateHandler;

  /// Shows a route as running() for a scope.
  class Running {
   public:
    Running(Reactor& reactor, const RouteEntry& route) noexcept : running_(reactor.running_) {
      // Release: who reads the pointer may follow it.
      running_.store(&route, std::memory_order_release);
    }
    ~Running() { running_.store(nullptr, std::memory_order_relaxed); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    std::atomic<const RouteEntry*>& running_;
  };

  // http::Application: called by the session of current_
  http::ContentPlan on_head(http::Session& session, http::RequestHead& head) override;
  void on_request(http::Session& session, http::RequestHead& head,
                  std::string_view content) override;
  void on_content_begin(http::Session& session, http::RequestHead& head) override;
  void on_content(http::Session& session, std::string_view piece) override;
  void on_content_end(http::Session& session, std::string_view trailers) override;
  void on_content_error(http::Session& session, http::ContentError error) override;
  void on_refused(http::Session& session, Status status, std::string_view reason) override;
  void on_handler_timeout(http::Session& session) override;
  void on_incident(http::Incident incident) noexcept override;

  Exchange& promote() override;

  struct FeedTimer : net::Timer {
    explicit FeedTimer(Reactor& owner) noexcept
        : net::Timer([](net::Timer& timer) { static_cast<FeedTimer&>(timer).reactor.feed(); }),
          reactor(owner) {}
    Reactor& reactor;
  };

  // The three steps
  void enter(Peer& peer) noexcept;
  void settle() noexcept {
    if (current_ != nullptr) settle_current();
  }
  void settle_current() noexcept;
  void take_input(Peer& peer);
  void take_upgraded(Peer& peer);
  std::size_t give_upgraded(Peer& peer, std::string_view bytes);
  void finish(Peer& peer);
  void serve(Peer& peer) noexcept;
  void serve_ready();
  void do_chores();

  bool fetch_file(Peer& peer);
  void file_fetched(std::uint64_t token, int fd, std::uint64_t end);

  // A peer's life
  template <class Stream>
  Peer* make_peer(Stream stream, const Endpoint& remote);
  std::uint64_t token_of(const Peer& peer) const noexcept {
    const std::uint32_t slot = net::SlotMap<Peer>::slot_of(peer);
    return (std::uint64_t{peers_.generation_of(slot)} << 32) | slot;
  }
  Peer* find(const Exchange& exchange) noexcept;
  const Endpoint& local_of(const Peer& peer);
  void on_timer(Peer& peer) noexcept;
  void schedule(Peer& peer) noexcept;
  void make_ready(Peer& peer) noexcept;
  void watch_writing(Peer& peer) noexcept;
  bool keeps_pace(Peer& peer) noexcept;
  void on_io_deadline(Peer& peer) noexcept;

  // Memory
  std::uint64_t memory_of(Peer& peer) const noexcept;
  void charge(Peer& peer, std::uint64_t bytes) noexcept;
  bool must_starve(const Peer& peer) const noexcept {
    return (memory_.is_exhausted() || (peer.charged != 0 && memory_.is_tight())) &&
           &peer != favoured_ && &peer != guest_;
  }
  void starve(Peer& peer) noexcept;
  void feed() noexcept;
  void drop_pipelined(Peer& peer) noexcept;
  void end(Peer& peer);
  void linger(Peer& peer) noexcept;
  void lose(Peer& peer) noexcept;
  void bury(Peer& peer) noexcept;

  // The way of a request
  std::uint64_t age_units() const noexcept { return context_.now_ms >> Peer::kAgeBits; }
  bool is_too_old(const Peer& peer) const noexcept {
    // Whole units lie between: it is never too early, and two units late at most.
    return max_age_ != 0 && static_cast<std::uint16_t>(age_units() - peer.born) > max_age_;
  }
  http::TargetError route_request(Peer& peer, http::RequestHead& head);
  http::TargetError route_unusual(http::RequestHead& head);
  void find_route(const http::RequestHead& head, std::string_view authority,
                  std::string_view path) noexcept;
  http::ContentPlan plan_of(const RouteEntry& route) const noexcept;
  http::ContentPlan start(Peer& peer, const Request& request, Response& response);
  http::ContentPlan start_behind(Peer& peer, const Request& request, Response& response);
  Next run_before(const RouteEntry& route, std::uint32_t from, Request& request, Response& response,
                  std::uint32_t& at);
  void start_streamed(Exchange& exchange);
  void invoke(const RouteEntry& route, const Request& request, Response& response) noexcept;
  void submit(Exchange& exchange);
  void hand_over() noexcept;
  void run_handler(Exchange& exchange) noexcept;

  /// On a worker: calls `call`, which handles the exchange's request, and answers with what it
  /// leaves in the draft, or throws.
  template <class Call>
  void work_for(Exchange& exchange, Call call) noexcept {
    // Nobody waits for the answer any more: do not compute it.
    if (exchange.gone() == Gone::yes || exchange.is_claimed()) return;
    try {
      const Core::RunningHandler running(core_, *exchange.data.route);
      exchange.handler_begun.store(true, std::memory_order_relaxed);
      exchange.worker.store(std::this_thread::get_id(), std::memory_order_relaxed);
      try {
        call();
      } catch (...) {
        answer_exception(std::current_exception(), exchange.request, exchange.draft);
      }
      exchange.worker.store({}, std::memory_order_relaxed);
      if (!exchange.taken) exchange.complete(std::move(exchange.draft));
    } catch (...) {
      // The handler's time-out will answer.
      log::write(log::Level::error, "out of memory on a worker");
    }
  }
  void answer_exception(const std::exception_ptr& exception, const Request& request,
                        Response& response) noexcept;
  void answer(Peer& peer, Response& response);
  void answer_step(Peer& peer, Response& response);
  void refuse_status(const Request& request, Response& response) noexcept;
  void answer_error(Peer& peer, Status status, std::string_view message, const Request* request);
  void run_head_hooks(const RouteEntry& route, const Request& request, ResponseHead& head,
                      BodyFilters& filters) noexcept;
  void write_whole(Peer& peer, Response& response);
  void begin_upgrade(Peer& peer, Exchange& exchange);
  void start_filters(Peer& peer, BodyFilters& filters);
  void filter(Peer& peer, Exchange& exchange);
  void emit_filtered(Peer& peer, Exchange& exchange, FilterChain::Piece piece);
  void push_piece(Peer& peer, std::string&& owned, std::shared_ptr<const std::string> shared);
  void count_taken(Exchange& exchange, std::uint64_t size) noexcept;
  void run_done_hooks(const RouteEntry& route, const Request& request,
                      const Outcome& outcome) noexcept;
  void exchange_answered(Peer& peer, const Outcome& outcome);
  void await_delivery(Peer& peer, const Outcome& outcome);
  void tell_done(Exchange& exchange, Outcome::Result result) noexcept;
  void deliver_finished(Peer& peer, std::uint64_t sent, bool all) noexcept;
  void make_room(Exchange& exchange, std::uint64_t queued) noexcept;
  bool take_content(Peer& peer, std::string_view piece);
  bool decode(Peer& peer, std::string_view piece);
  void end_content(Peer& peer, Exchange& exchange);
  static bool wants_content(BodyState& body) noexcept;
  bool decoded_is_whole(Peer& peer);
  void refuse_content(Peer& peer, BodyError error, Status status, std::string_view reason);
  void tell_body_end(Peer& peer, Exchange& exchange);
  void body_callback_threw(Peer& peer, Exchange& exchange);
  void tell_body_error(BodyState& body, BodyError error) noexcept;
  bool scratch_is_of(const Peer& peer) const noexcept;

  Core& core_;
  net::EventLoop loop_;
  http::DateCache date_;
  std::vector<http::FieldIndex> fields_;  // of scratch_.head
  RequestData scratch_;                   // the request that is handled inline
  Request request_{scratch_};
  Response response_;
  Cork cork_;
  http::SessionContext context_;
  std::unique_ptr<char[]> buffer_;  // kTurnBytes: where requests are read and parsed

  Peer* current_ = nullptr;             // whom the cork is lent to
  const char* input_end_ = nullptr;     // the end of the bytes that the session is looking at
  const Peer* scratch_peer_ = nullptr;  // whose request scratch_ is,
  std::uint32_t scratch_exchange_ = 0;  // and which
  bool inline_done_ = false;            // done hooks wait for the flush, with scratch_
  Outcome inline_outcome_;

  Tally tally_;
  std::uint64_t bytes_read_ = 0;
  std::shared_ptr<LoopMeter> meter_;  // set before the loop runs
  const std::uint64_t max_age_;       // Options::max_connection_age in units, rounded up; 0: none
  net::MemoryShare memory_;
  FeedTimer feed_timer_{*this};  // armed while peers are starved
  Peer* favoured_ = nullptr;     // is read all the same, so that something completes
  Peer* guest_ = nullptr;        // is read for one period
  std::uint32_t fed_ = 0;        // slot of the last one that was fed in turn
  net::SlotMap<Peer> peers_;
  struct Local {
    std::uint32_t generation = 0;
    Endpoint endpoint;
  };
  std::vector<Local> locals_;            // by slot, of peers whose requests have outlived a call
  std::vector<std::uint64_t> ready_;     // tokens of peers that go on without an edge
  std::vector<std::uint64_t> serving_;   // this turn's share of them
  std::uint32_t dead_ = Peer::kNone;     // slots to be freed at the end of the turn
  std::vector<Ref<Exchange>> for_pool_;  // fewer than kHandOver
  bool has_chores_ = false;              // one of the three above is not empty
  std::vector<std::unique_ptr<net::Acceptor>> acceptors_;
  std::list<std::shared_ptr<UserTimer>> timers_;
  net::Task on_empty_;
  std::atomic<const RouteEntry*> running_{nullptr};
};

}  // namespace detail
WEIR_END_NAMESPACE
