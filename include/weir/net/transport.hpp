// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a connection reads from and writes to when that is not simply its socket.
///
/// A plain socket needs no Transport: Connection calls the kernel itself. TLS and the memory pipes
/// of the test client stand behind this interface.
///
/// Thread: the owning loop's, unless an implementation says more.
#include <cstddef>
#include <cstdint>
#include <weir/config.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// What a transport must be told about before the same call can get further.
enum class Want : std::uint8_t { nothing, read, write };

/// The outcome of one read or write. `bytes` counts what was moved, whatever `error` says.
struct [[nodiscard]] IoResult {
  std::size_t bytes = 0;
  int error = 0;              ///< 0, or an errno value; EAGAIN is the ordinary "not now"
  bool end = false;           ///< a read met the peer's end of stream
  Want want = Want::nothing;  ///< set with EAGAIN

  bool would_block() const noexcept { return want != Want::nothing; }
  bool failed() const noexcept { return error != 0 && want == Want::nothing; }
};

/// A run of bytes to be written; the layout of POSIX `iovec`.
struct Piece {
  const char* data;
  std::size_t size;
};

/// Bytes in both directions, non-blocking.
class WEIR_API Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  /// Reads up to `size` bytes.
  virtual IoResult read(char* data, std::size_t size) noexcept = 0;

  /// Writes from `count` pieces in order, as far as it goes.
  virtual IoResult write(const Piece* pieces, std::size_t count) noexcept = 0;

  /// Ends the outgoing direction after what was written.
  virtual void shutdown_write() noexcept = 0;

  /// Gives both directions up; with `reset` the peer learns that bytes may be missing.
  virtual void close(bool reset) noexcept = 0;

  /// Whether a read that filled less than it was given has emptied the source, so that the next
  /// bytes come with a new edge. False for TLS, which may hold a decoded rest.
  virtual bool short_read_means_empty() const noexcept { return false; }

  /// Whether a file may be sent to the connection's socket by sendfile(2).
  virtual bool can_sendfile() const noexcept { return false; }

  /// Whether the bytes are protected in transit.
  virtual bool is_secure() const noexcept { return false; }
};

}  // namespace net
WEIR_END_NAMESPACE
