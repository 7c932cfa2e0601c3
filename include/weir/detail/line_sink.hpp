// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Takes lines from any thread and writes them on one of its own.
///
/// Two buffers of a fixed size: lines go into one while the other is written. A line that does not
/// fit is dropped and counted, so that nobody waits for a disk or for who reads a pipe. What a
/// caller holds the lock for is a copy. The writer sleeps until there is a line, then waits for
/// more: it is woken once for each batch.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <weir/config.hpp>
#include <weir/net/fd.hpp>
#include <weir/net/mutex.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

struct LineSinkOptions {
  std::string path;                             // a file to append to, or
  int fd = -1;                                  // somebody's descriptor, or
  std::function<void(std::string_view)> write;  // a function
  std::size_t queue_bytes = 0;                  // both buffers
  std::chrono::milliseconds gather{0};          // how long a line may wait for others
};

/// The writer's thread and close() share it.
class WEIR_API LineSink {
 public:
  using Clock = std::chrono::steady_clock;

  /// Opens the file and starts the writer, which has no signals. Throws std::system_error, and
  /// std::bad_alloc.
  static std::shared_ptr<LineSink> start(LineSinkOptions options);

  explicit LineSink(LineSinkOptions options);

  /// Takes a copy of `line`, or drops it when there is no room. Thread: any.
  void push(std::string_view line) noexcept;

  /// Opens the path anew, once what was pushed before is written. Thread: any.
  void reopen() noexcept;

  /// Waits until what was pushed before is written, and a reopen() done; false when `timeout` was
  /// not enough. Thread: any but the writer.
  bool flush(std::chrono::milliseconds timeout);

  /// Writes what waits, and ends the writer; what `timeout` is not enough for is dropped. A writer
  /// that hangs in a system call or in the function is left behind, and ends when that returns.
  /// Once, after the last push(). Thread: any.
  void close(std::chrono::milliseconds timeout) noexcept;

  // Lines, and calls that failed. Thread: any.
  std::uint64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }
  std::uint64_t errors() const noexcept { return errors_.load(std::memory_order_relaxed); }

 private:
  struct Buffer {
    std::unique_ptr<char[]> bytes;
    std::size_t used = 0;
    std::uint64_t lines = 0;
  };
  enum class Kind : std::uint8_t { function, file, pipe, socket };  // a terminal is like a pipe

  void run() noexcept;
  void write_batch() noexcept;
  std::string_view write(std::string_view rest) noexcept;
  std::size_t write_some(std::string_view piece) noexcept;
  bool wait_for_room() noexcept;
  int open() noexcept;
  void use(int fd) noexcept;
  bool is_out_of_time() const noexcept;

  const LineSinkOptions options_;
  const std::size_t capacity_;  // of each buffer

  net::Mutex mutex_;
  std::condition_variable work_;  // for the writer
  std::condition_variable idle_;  // for flush() and close()
  Buffer front_ WEIR_GUARDED_BY(mutex_);
  bool sleeping_ WEIR_GUARDED_BY(mutex_) = false;  // the writer waits for a first line
  bool hurry_ WEIR_GUARDED_BY(mutex_) = false;     // flush() does not wait for more lines
  bool reopening_ WEIR_GUARDED_BY(mutex_) = false;
  bool closing_ WEIR_GUARDED_BY(mutex_) = false;
  bool ended_ WEIR_GUARDED_BY(mutex_) = false;
  std::uint64_t asked_ WEIR_GUARDED_BY(mutex_) = 0;  // flush() and reopen() calls
  std::uint64_t done_ WEIR_GUARDED_BY(mutex_) = 0;   // those of them that are answered

  std::thread thread_;  // start()'s, then close()'s

  // The writer's
  Buffer back_;
  net::Fd file_;
  int fd_ = -1;
  Kind kind_ = Kind::function;
  bool is_torn_ = false;  // the last line is not whole

  // Relaxed: they order nothing. The end of time is 0 until close().
  std::atomic<std::int64_t> deadline_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> errors_{0};
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/line_sink.ipp>
#endif
