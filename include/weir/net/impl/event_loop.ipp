// SPDX-License-Identifier: MIT
#pragma once
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <type_traits>
#include <utility>
#include <weir/net/error.hpp>
#include <weir/net/event_loop.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

namespace detail {

/// Timers that are further away are waited for in parts, and no clock is read before a wait.
inline constexpr std::chrono::milliseconds kNearTimer{1000};
inline constexpr std::int64_t kQuarterAsMs = 1 << 22;  // nanoseconds: a shift, no division
inline constexpr std::int64_t kLongestPart = 500;      // ms
static_assert(std::is_same_v<Clock::TimePoint::period, std::nano>);

WEIR_INLINE int this_thread() noexcept {
  thread_local const int id = sys::gettid();
  return id;
}

}  // namespace detail

WEIR_INLINE EventLoop::EventLoop(EventSink& sink, Clock& clock)
    : sink_(sink),
      clock_(clock),
      mailbox_(std::make_shared<Mailbox>()),
      epoll_(sys::epoll_create1(EPOLL_CLOEXEC)),
      now_(clock.now()),
      timers_(now_) {
  if (!epoll_) throw_errno(errno, "epoll_create1");
  if (const std::error_code error =
          control(EPOLL_CTL_ADD, mailbox_->wake_fd(), EPOLLIN | EPOLLET, kReservedToken))
    throw_errno(error.value(), "epoll_ctl", "eventfd");
}

WEIR_INLINE EventLoop::~EventLoop() { mailbox_->close(); }

WEIR_INLINE std::error_code EventLoop::add(int fd, std::uint32_t events,
                                           std::uint64_t token) noexcept {
  assert_here();
  WEIR_ASSERT(token != kReservedToken);
  return control(EPOLL_CTL_ADD, fd, events, token);
}

WEIR_INLINE std::error_code EventLoop::modify(int fd, std::uint32_t events,
                                              std::uint64_t token) noexcept {
  assert_here();
  WEIR_ASSERT(token != kReservedToken);
  return control(EPOLL_CTL_MOD, fd, events, token);
}

WEIR_INLINE void EventLoop::remove(int fd) noexcept {
  assert_here();
  static_cast<void>(control(EPOLL_CTL_DEL, fd, 0, 0));
}

WEIR_INLINE void EventLoop::run() {
  struct End {
    ~End() {
      loop.mailbox_->close();  // while still on its thread: so are the closures' destructors
      loop.tasks_.clear();
      loop.injected_.clear();
      loop.owner_.store(0, std::memory_order_release);
    }
    EventLoop& loop;
  } end{*this};
  assert_here();
  owner_.store(detail::this_thread(), std::memory_order_release);
  while (!stopped()) turn_here(std::chrono::milliseconds::max());
}

WEIR_INLINE void EventLoop::turn(std::chrono::milliseconds max_wait) {
  owner_.store(detail::this_thread(), std::memory_order_release);
  turn_here(max_wait);
}

WEIR_INLINE void EventLoop::turn_here(std::chrono::milliseconds max_wait) {
  WEIR_ASSERT(!in_turn_);
  struct InTurn {
    explicit InTurn(bool& to) : flag(to) { flag = true; }
    ~InTurn() { flag = false; }
    bool& flag;
  } in_turn{in_turn_};

  ::epoll_event events[kMaxEvents];
  const std::size_t count = wait(events, max_wait);
  now_ = clock_.now();
  timers_.set_now(now_);
  if (tasks_.empty()) mailbox_->take(tasks_);
  injecting_.clear();
  if (WEIR_UNLIKELY(!injected_.empty())) injecting_.swap(injected_);

  for (std::size_t i = 0; i < count; ++i)
    if (events[i].data.u64 != kReservedToken) sink_.on_event(events[i].data.u64, events[i].events);
  for (const Injected& event : injecting_) sink_.on_event(event.token, event.events);
  if (WEIR_UNLIKELY(!tasks_.empty())) run_tasks();
  timers_.advance(now_);
  work_left_ = sink_.on_turn();
}

WEIR_INLINE void EventLoop::stop() noexcept {
  stop_.store(true, std::memory_order_release);
  mailbox_->wake();
}

WEIR_INLINE bool EventLoop::run_in_loop(Task task) {
  if (!in_loop_thread()) return post(std::move(task));
  task();
  return true;
}

WEIR_INLINE void EventLoop::inject(std::uint64_t token, std::uint32_t events) {
  assert_here();
  WEIR_ASSERT(token != kReservedToken);
  injected_.push_back({token, events});
}

WEIR_INLINE bool EventLoop::in_loop_thread() const noexcept {
  return owner_.load(std::memory_order_acquire) == detail::this_thread();
}

WEIR_INLINE std::error_code EventLoop::control(int operation, int fd, std::uint32_t events,
                                               std::uint64_t token) noexcept {
  ::epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  if (sys::epoll_ctl(epoll_.get(), operation, fd, &event) == 0) return {};
  return {errno, std::system_category()};
}

WEIR_STEP std::size_t EventLoop::wait(::epoll_event* events, std::chrono::milliseconds max_wait) {
  for (;;) {
    const int timeout = timeout_ms(max_wait);
    const std::uint64_t beat = beat_.load(std::memory_order_relaxed);
    beat_.store(beat + 1, std::memory_order_relaxed);
    const int count = sys::epoll_wait(epoll_.get(), events, static_cast<int>(kMaxEvents), timeout);
    const int error = errno;
    beat_.store(beat + 2, std::memory_order_relaxed);
    mailbox_->woken();
    if (WEIR_LIKELY(count >= 0)) return static_cast<std::size_t>(count);
    if (error != EINTR) throw_errno(error, "epoll_wait");
    now_ = clock_.now();  // else interrupts alone could put a far timer off for ever
  }
}

WEIR_STEP int EventLoop::timeout_ms(std::chrono::milliseconds max_wait) noexcept {
  using std::chrono::milliseconds;
  if (work_left_ || !injected_.empty() || !tasks_.empty() || stopped()) return 0;
  // The turn that ends here has taken its time. A far timer need not know how much: it is looked at
  // again on the way, so that only a turn of most of that way makes it late, by kLongestPart.
  std::int64_t wait = -1;
  if (timers_.next_due() != TimePoint::max()) {
    const auto ahead = timers_.next_due() - now_;
    wait = WEIR_LIKELY(ahead >= detail::kNearTimer)
               ? std::min(ahead.count() / detail::kQuarterAsMs, detail::kLongestPart)
               : timers_.until_next(clock_.now()).count();
  }
  if (max_wait != milliseconds::max()) {
    const std::int64_t most = std::max(max_wait, milliseconds(0)).count();
    if (wait < 0 || most < wait) wait = most;
  }
  if (wait == 0 || !mailbox_->prepare_sleep()) return 0;
  constexpr std::int64_t kLongest = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(wait, kLongest));
}

WEIR_INLINE void EventLoop::run_tasks() {
  while (next_task_ < tasks_.size()) {
    Task task = std::move(tasks_[next_task_++]);  // gone before the next one runs
    task();
  }
  tasks_.clear();
  next_task_ = 0;
}

WEIR_INLINE void EventLoop::check_here() const noexcept {
  const int owner = owner_.load(std::memory_order_acquire);
  if (owner == 0 || owner == detail::this_thread()) return;
  char what[96];
  std::snprintf(what, sizeof what, "called by thread %d on a loop that thread %d runs",
                detail::this_thread(), owner);
  weir::detail::assertion_failed(what, __FILE__, __LINE__);
}

}  // namespace net
WEIR_END_NAMESPACE
