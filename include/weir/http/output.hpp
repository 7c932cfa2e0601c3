// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Where a session's bytes go: a flat buffer to write into, and larger pieces by reference.
///
/// Small things (heads, bodies of up to 4 KiB) are written into the cork, a buffer that all answers
/// of one event share and that leaves in one send. Larger bodies are pushed as pieces that the sink
/// keeps by ownership, by a shared keeper or as a file range. Order is the order of the calls.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

/// A body of at most this many bytes is copied into the cork; a longer one is referenced.
inline constexpr std::size_t kCopyLimit = 4 * 1024;

/// The sink of one connection's answers. Implemented by the reactor, by tests and by fuzzers.
class WEIR_API Output {
 public:
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// At least `size` writable bytes in a row, valid until the next call. What was written of them
  /// is made part of the output by commit().
  char* reserve(std::size_t size) {
    if (WEIR_UNLIKELY(size > static_cast<std::size_t>(end_ - at_))) make_room(size);
    return at_;
  }

  /// Adds the first `size` bytes of the last reserve() to the output.
  void commit(std::size_t size) noexcept { at_ += size; }

  /// Copies `bytes` to the output.
  void append(std::string_view bytes) {
    char* to = reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    commit(bytes.size());
  }

  /// Adds `bytes`, taking them over.
  virtual void push(std::string&& bytes) = 0;

  /// Adds `bytes` by reference; `keep` holds them until they are sent or dropped.
  virtual void push(std::string_view bytes, std::shared_ptr<const void> keep) = 0;

  /// Adds `size` bytes of the open file `fd` from `offset`; `keep` owns the descriptor.
  virtual void push_file(int fd, std::uint64_t offset, std::uint64_t size,
                         std::shared_ptr<const void> keep) = 0;

 protected:
  Output() = default;
  ~Output() = default;

  /// Makes `at_` to `end_` hold at least `size` bytes, whatever `size` is. What was committed stays
  /// in front.
  virtual void make_room(std::size_t size) = 0;

  char* at_ = nullptr;   // the next byte to write
  char* end_ = nullptr;  // one past the writable bytes
};

}  // namespace http
WEIR_END_NAMESPACE
