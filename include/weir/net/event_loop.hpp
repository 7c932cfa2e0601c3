// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One thread's epoll: events in, and everything else that happens on that thread.
///
/// A turn waits in epoll_wait, reads the clock once, and then
///   1. gives each event to the sink: those of the kernel (up to 256), then the injected ones;
///   2. runs the tasks that had been posted when the wait ended;
///   3. fires the timers that are due;
///   4. calls `EventSink::on_turn`, which may so send what all of these have written.
/// A turn of events alone makes one system call of its own. A turn does not wait when anything is
/// left to do. What tasks, timers and sink throw leaves turn() and run(); they should not throw.
///
/// Thread: the loop's for every call, where nothing else is said. A loop belongs to the thread that
/// runs it; before that, and after run(), to whoever holds it.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>
#include <weir/config.hpp>
#include <weir/net/clock.hpp>
#include <weir/net/fd.hpp>
#include <weir/net/mailbox.hpp>
#include <weir/net/task.hpp>
#include <weir/net/timer_wheel.hpp>

struct epoll_event;

WEIR_BEGIN_NAMESPACE
namespace net {

/// Who owns what the loop watches.
class WEIR_API EventSink {
 public:
  /// Something happened to the descriptor that was added with `token`. A token may still come in
  /// the turn in which its descriptor was removed: name things so that a stale one finds nothing.
  virtual void on_event(std::uint64_t token, std::uint32_t events) = 0;

  /// Called once at the end of each turn. True when work is left that must not wait for the kernel:
  /// then the next turn does not wait.
  virtual bool on_turn() = 0;

 protected:
  ~EventSink() = default;
};

/// An epoll instance, its timers and its mailbox.
class WEIR_API EventLoop {
 public:
  using TimePoint = Clock::TimePoint;
  static constexpr std::uint64_t kReservedToken = ~std::uint64_t{0};  // the loop's own eventfd
  static constexpr std::size_t kMaxEvents = 256;                      // a turn's, from the kernel

  /// A Date field counts whole seconds: it may be this late.
  static constexpr std::chrono::milliseconds kCalendarPeriod{20};

  /// `sink` and `clock` outlive the loop. Throws std::system_error.
  explicit EventLoop(EventSink& sink, Clock& clock = Clock::system());
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  /// Watches `fd` for `events`, EPOLL* bits as they are (EPOLLET too is the caller's choice), and
  /// reports them under `token`, which is not kReservedToken.
  [[nodiscard]] std::error_code add(int fd, std::uint32_t events, std::uint64_t token) noexcept;
  [[nodiscard]] std::error_code modify(int fd, std::uint32_t events, std::uint64_t token) noexcept;

  /// Stops watching `fd`, which is still open; harmless if it was not watched.
  void remove(int fd) noexcept;

  /// Turns until stop(). Then closes the mailbox and destroys the tasks in it, unrun. A loop runs
  /// once. Throws std::system_error if epoll fails, which is a bug or a descriptor closed by a
  /// stranger.
  void run();

  /// One turn, waiting `max_wait` at most; for tests and for a foreign loop. Makes the calling
  /// thread the loop's. Throws as run() does.
  void turn(std::chrono::milliseconds max_wait);

  /// Makes run() return after the current turn. Any thread, any time, async-signal-safe.
  void stop() noexcept;
  bool stopped() const noexcept { return stop_.load(std::memory_order_acquire); }

  /// Runs `task` in a coming turn, never at once. Any thread. Tasks of one thread keep their order.
  /// False once the loop has ended; the task is then destroyed unrun, by this thread.
  bool post(Task task) { return mailbox_->post(std::move(task)); }

  /// Runs `task` at once if this is the loop's thread, and posts it if not. Any thread.
  bool run_in_loop(Task task);

  /// Reports `events` under `token` in the next turn, as if they came from the kernel.
  void inject(std::uint64_t token, std::uint32_t events);

  /// What may be kept to post to the loop when nobody knows whether it still exists.
  const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

  TimerWheel& timers() noexcept { return timers_; }
  Clock& clock() noexcept { return clock_; }

  /// The time at which the last wait ended.
  TimePoint now() const noexcept { return now_; }

  /// The calendar's seconds, looked up at most every kCalendarPeriod.
  std::int64_t unix_seconds() const noexcept {
    if (WEIR_UNLIKELY(now_ >= unix_until_)) {
      unix_seconds_ = clock_.unix_seconds();
      unix_until_ = now_ + kCalendarPeriod;
    }
    return unix_seconds_;
  }

  /// Whether this thread is the one that runs the loop. Any thread.
  bool in_loop_thread() const noexcept;

  /// Checked builds abort if the loop runs on another thread; others do nothing.
  void assert_here() const noexcept {
#ifdef WEIR_CHECKED
    check_here();
#endif
  }

  /// How many waits have ended. Any thread: a watchdog sees by it whether the loop still turns.
  std::uint64_t turns() const noexcept { return beat_.load(std::memory_order_relaxed) / 2; }

  /// Whether the loop waits in the kernel now; if not, it is at work or has never run. Any thread.
  bool waiting() const noexcept { return beat_.load(std::memory_order_relaxed) % 2 != 0; }

 private:
  struct Injected {
    std::uint64_t token;
    std::uint32_t events;
  };

  std::error_code control(int operation, int fd, std::uint32_t events,
                          std::uint64_t token) noexcept;
  void turn_here(std::chrono::milliseconds max_wait);
  std::size_t wait(::epoll_event* events, std::chrono::milliseconds max_wait);
  int timeout_ms(std::chrono::milliseconds max_wait) noexcept;
  void run_tasks();
  void check_here() const noexcept;

  EventSink& sink_;
  Clock& clock_;
  std::shared_ptr<Mailbox> mailbox_;
  Fd epoll_;
  TimePoint now_;
  mutable std::int64_t unix_seconds_ = 0;
  mutable TimePoint unix_until_ = TimePoint::min();  // unix_seconds_ holds until then
  bool in_turn_ = false;
  bool work_left_ = false;
  std::size_t next_task_ = 0;        // tasks_[next_task_…] are still to be run
  std::vector<Task> tasks_;          // this turn's; not empty between turns only after a throw
  std::vector<Injected> injected_;   // the next turn's
  std::vector<Injected> injecting_;  // this turn's
  TimerWheel timers_;

  std::atomic<bool> stop_{
      false};  // release and acquire: run()'s caller sees what was before stop()
  // The thread that runs the loop, by the kernel's number, or 0. A thread only compares it with its
  // own.
  std::atomic<int> owner_{0};

  // Odd while waiting, two more each turn. Relaxed: it orders nothing. On a line of its own,
  // because a watchdog reads it from elsewhere.
  alignas(64) std::atomic<std::uint64_t> beat_{0};
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/event_loop.ipp>
#endif
