// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <weir/detail/line_sink.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

inline constexpr std::size_t kPipePiece = 4096;  // PIPE_BUF: what is writable takes it at once
inline constexpr int kPatienceMs = 50;           // to look whether the end has come
inline constexpr net::sys::FileMode kLogMode = 0640;

WEIR_INLINE std::shared_ptr<LineSink> LineSink::start(LineSinkOptions options) {
  auto sink = std::make_shared<LineSink>(std::move(options));
  net::sys::SignalMask previous;
  const bool blocked = net::sys::block_signals(&previous) == 0;
  try {
    sink->thread_ = std::thread([sink] { sink->run(); });
  } catch (...) {
    if (blocked) net::sys::restore_signals(previous);
    throw;
  }
  if (blocked) net::sys::restore_signals(previous);
  return sink;
}

WEIR_INLINE LineSink::LineSink(LineSinkOptions options)
    : options_(std::move(options)), capacity_(options_.queue_bytes / 2) {
  front_.bytes.reset(new char[capacity_]);
  back_.bytes.reset(new char[capacity_]);
  if (options_.write) return;
  if (!options_.path.empty()) {
    const int fd = open();
    if (fd < 0) throw std::system_error(errno, std::generic_category(), options_.path);
    file_.reset(fd);
    use(fd);
  } else {
    use(options_.fd);
  }
}

WEIR_INLINE int LineSink::open() noexcept {
  // A FIFO without a reader must not hold the opening up.
  return net::sys::open(options_.path.c_str(),
                        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                        kLogMode);
}

WEIR_INLINE void LineSink::use(int fd) noexcept {
  fd_ = fd;
  struct ::stat status = {};
  const bool known = ::fstat(fd, &status) == 0;
  kind_ = known && S_ISREG(status.st_mode)    ? Kind::file
          : known && S_ISSOCK(status.st_mode) ? Kind::socket
                                              : Kind::pipe;
}

WEIR_INLINE void LineSink::push(std::string_view line) noexcept {
  bool wake = false;
  {
    const net::MutexLock lock(mutex_);
    if (WEIR_UNLIKELY(line.size() > capacity_ - front_.used)) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    std::memcpy(front_.bytes.get() + front_.used, line.data(), line.size());
    const std::size_t before = front_.used;
    front_.used += line.size();
    ++front_.lines;
    // A first line starts the batch's time, and half a buffer ends it.
    wake = (sleeping_ && before == 0) || (before < capacity_ / 2 && front_.used >= capacity_ / 2);
  }
  if (WEIR_UNLIKELY(wake)) work_.notify_one();
}

WEIR_INLINE void LineSink::reopen() noexcept {
  {
    const net::MutexLock lock(mutex_);
    reopening_ = true;
    ++asked_;
  }
  work_.notify_one();
}

WEIR_INLINE bool LineSink::flush(std::chrono::milliseconds timeout) {
  const Clock::time_point end = Clock::now() + timeout;
  net::MutexLock lock(mutex_);
  hurry_ = true;
  const std::uint64_t mine = ++asked_;
  work_.notify_one();
  while (done_ < mine && !ended_)
    if (idle_.wait_until(lock.native(), end) == std::cv_status::timeout) break;
  return done_ >= mine;
}

WEIR_INLINE void LineSink::close(std::chrono::milliseconds timeout) noexcept {
  const Clock::time_point end = Clock::now() + timeout;
  deadline_.store(end.time_since_epoch().count(), std::memory_order_relaxed);
  // The writer gives up by itself at the deadline, unless it hangs.
  const Clock::time_point patience = end + std::chrono::milliseconds(4 * kPatienceMs);
  bool ended = false;
  {
    net::MutexLock lock(mutex_);
    closing_ = true;
    work_.notify_one();
    while (!ended_)
      if (idle_.wait_until(lock.native(), patience) == std::cv_status::timeout) break;
    ended = ended_;
  }
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

WEIR_INLINE bool LineSink::is_out_of_time() const noexcept {
  const std::int64_t deadline = deadline_.load(std::memory_order_relaxed);
  return deadline != 0 && Clock::now().time_since_epoch().count() >= deadline;
}

WEIR_INLINE void LineSink::run() noexcept {
  net::MutexLock lock(mutex_);
  while (true) {
    while (front_.used == 0 && asked_ == done_ && !closing_) {
      sleeping_ = true;
      work_.wait(lock.native());
    }
    sleeping_ = false;
    const Clock::time_point full = Clock::now() + options_.gather;
    while (front_.used < capacity_ / 2 && !hurry_ && !reopening_ && !closing_)
      if (work_.wait_until(lock.native(), full) == std::cv_status::timeout) break;
    std::swap(front_, back_);
    const std::uint64_t asked = asked_;
    const bool reopening = std::exchange(reopening_, false);
    const bool last = closing_;
    hurry_ = false;
    lock.native().unlock();

    write_batch();
    if (reopening && !options_.path.empty()) {
      const int fd = open();
      if (fd >= 0) {
        file_.reset(fd);
        use(fd);
        is_torn_ = false;
      } else {
        errors_.fetch_add(1, std::memory_order_relaxed);  // the old one goes on
      }
    }

    lock.native().lock();
    done_ = asked;
    if (last) ended_ = true;
    idle_.notify_all();
    if (last) return;
  }
}

WEIR_INLINE void LineSink::write_batch() noexcept {
  std::string_view rest(back_.bytes.get(), back_.used);
  if (options_.write) {
    try {
      if (!rest.empty() && !is_out_of_time()) {
        options_.write(rest);
        rest = {};
      }
    } catch (...) {
      errors_.fetch_add(1, std::memory_order_relaxed);
    }
  } else {
    rest = write(rest);
  }
  // The line that was cut, if any, ends in the rest.
  const auto lost = static_cast<std::uint64_t>(std::count(rest.begin(), rest.end(), '\n'));
  if (lost != 0) dropped_.fetch_add(lost, std::memory_order_relaxed);
  written_.fetch_add(back_.lines - lost, std::memory_order_relaxed);
  back_.used = 0;
  back_.lines = 0;
}

// Returns what could not be written.
WEIR_INLINE std::string_view LineSink::write(std::string_view rest) noexcept {
  if (is_torn_ && !rest.empty()) {
    if (write_some("\n") != 1) return rest;
    is_torn_ = false;
  }
  while (!rest.empty()) {
    std::string_view piece = rest;
    if (kind_ != Kind::file && piece.size() > kPipePiece) {
      const std::size_t end = piece.rfind('\n', kPipePiece - 1);
      piece = piece.substr(0, end == std::string_view::npos ? kPipePiece : end + 1);
    }
    const std::size_t n = write_some(piece);
    if (n == 0) break;
    is_torn_ = rest[n - 1] != '\n';
    rest.remove_prefix(n);
  }
  return rest;
}

// 0: an error, which is counted, or the end of time.
WEIR_INLINE std::size_t LineSink::write_some(std::string_view piece) noexcept {
  while (true) {
    if (kind_ != Kind::file && !wait_for_room()) return 0;
    const ::ssize_t n = kind_ == Kind::socket
                            ? ::send(fd_, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                            : ::write(fd_, piece.data(), piece.size());
    if (n > 0) return static_cast<std::size_t>(n);
    if (n < 0 && (errno == EINTR || (errno == EAGAIN && kind_ != Kind::file))) continue;
    errors_.fetch_add(1, std::memory_order_relaxed);
    return 0;
  }
}

WEIR_INLINE bool LineSink::wait_for_room() noexcept {
  ::pollfd room = {fd_, POLLOUT, 0};
  while (::poll(&room, 1, kPatienceMs) <= 0)
    if (is_out_of_time()) return false;
  return true;
}

}  // namespace detail
WEIR_END_NAMESPACE
