// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A connection without a kernel: two byte queues in memory, for tests that drive a loop
/// themselves.
///
/// Thread: one, for both ends.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <weir/config.hpp>
#include <weir/net/transport.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// What both ends of a pipe share.
struct MemoryPipe {
  std::string to_server;
  std::string to_client;
  std::size_t window = ~std::size_t{0};      ///< bytes that `to_client` holds at most
  std::size_t largest_io = ~std::size_t{0};  ///< bytes that one call moves at most
  bool client_ended = false;                 ///< the client sends no more
  bool server_ended = false;                 ///< the server sends no more
  bool server_closed = false;
  bool was_reset = false;        ///< by the server
  bool write_was_short = false;  ///< the server waits for an EPOLLOUT
  std::uint64_t reads = 0;       ///< calls, for tests that count
  std::uint64_t writes = 0;
};

/// The server's end.
class WEIR_API MemoryTransport final : public Transport {
 public:
  explicit MemoryTransport(std::shared_ptr<MemoryPipe> pipe) noexcept : pipe_(std::move(pipe)) {}

  IoResult read(char* data, std::size_t size) noexcept override;
  IoResult write(const Piece* pieces, std::size_t count) noexcept override;
  void shutdown_write() noexcept override { pipe_->server_ended = true; }
  void close(bool reset) noexcept override;
  bool short_read_means_empty() const noexcept override {
    return pipe_->largest_io == ~std::size_t{0};
  }

 private:
  std::shared_ptr<MemoryPipe> pipe_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/memory_pipe.ipp>
#endif
