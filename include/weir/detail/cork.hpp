// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One loop's cork: the buffer in which the answers of one event gather, to leave in one send.
///
///     buffer_ ┌──────────────────┬───────────────┬─────────┐
///             │ in the queue     │ tail()        │ free    │
///             └──────────────────┴───────────────┴─────────┘
///                                from_           at_       end_
///
/// Lent to one connection at a time. Larger pieces go to the connection's queue, behind what was
/// corked before them.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/http/output.hpp>
#include <weir/net/connection.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// The Output of whichever connection is being served.
class WEIR_API Cork final : public http::Output {
 public:
  static constexpr std::size_t kSize = 64 * 1024;  // a turn's input: answers to it seldom exceed it

  Cork();

  /// Lends the cork. It must be empty: see flush().
  void attach(net::Connection& connection) noexcept;

  /// Sends what is corked, and whatever the connection has queued, and takes the cork back.
  net::Connection::Flush flush() {
    written_ += tail().size();
    const net::Connection::Flush result = connection_->flush(tail());
    detach();
    return result;
  }

  /// Throws away what is corked and takes the cork back: the connection is closed.
  void detach() noexcept {
    connection_ = nullptr;
    if (WEIR_UNLIKELY(capacity_ > kSize)) shrink();
    rewind();
  }

  /// Bytes that all connections together were given.
  std::uint64_t written() const noexcept { return written_; }

  /// Bytes corked or queued and not sent.
  std::uint64_t unsent() const noexcept;

  void push(std::string&& bytes) override;
  void push(std::string_view bytes, std::shared_ptr<const void> keep) override;
  void push_file(int fd, std::uint64_t offset, std::uint64_t size,
                 std::shared_ptr<const void> keep) override;

 private:
  void make_room(std::size_t size) override;
  std::string_view tail() const noexcept { return {from_, static_cast<std::size_t>(at_ - from_)}; }
  void queue_tail();
  void shrink() noexcept;
  void rewind() noexcept {
    from_ = at_ = buffer_.get();
    end_ = at_ + capacity_;
  }

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = kSize;
  char* from_ = nullptr;
  std::uint64_t written_ = 0;
  net::Connection* connection_ = nullptr;
};

}  // namespace detail
WEIR_END_NAMESPACE
