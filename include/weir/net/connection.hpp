// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// One byte stream of a peer: its socket (or transport), what epoll last said of it, and what is
/// still to be sent.
///
/// Edge triggering reports a change once, so the connection remembers it: `readable` and `writable`
/// stay set until a call met EAGAIN. Whoever stops earlier (a budget, back-pressure) finds the flag
/// still set and goes on by itself, never by waiting for a new edge.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <weir/config.hpp>
#include <weir/net/address.hpp>
#include <weir/net/fd.hpp>
#include <weir/net/output_queue.hpp>
#include <weir/net/sys.hpp>
#include <weir/net/transport.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// The socket of one peer by RAII, non-blocking, with its edges and its output queue.
class WEIR_API Connection {
 public:
  /// What is left after a flush.
  enum class Flush : std::uint8_t {
    sent,     ///< nothing: all bytes are the kernel's
    blocked,  ///< the kernel takes no more now; an edge will come
    more,     ///< the turn's share is used up: flush again without waiting for an edge
    cold,     ///< the file in front is not in memory: flush again when fetch() has read it
    failed,   ///< the peer is gone; close
  };

  /// Bytes that one flush may send: a fast reader of a large answer must not hold the loop. A MiB
  /// of content goes with its head, not a turn later than all but its last bytes.
  static constexpr std::uint64_t kFlushBudget = 1024 * 1024 + 16 * 1024;

  /// Unsent bytes of a large file that the kernel takes ahead where TCP_NOTSENT_LOWAT allows less:
  /// they are pages that it has anyway, not copies. 128 KiB would cost a call and a wake-up each,
  /// two fifths more processor time (benchmarks/static_files.sh, 100 MiB). As many have to be left
  /// of the file: its last bytes, and what comes behind it, wait here, where time-outs see them.
  static constexpr int kFileSendAhead = 2 * 1024 * 1024;

  /// What to ask epoll for: both directions, the peer's end of stream, edge-triggered.
  static std::uint32_t epoll_events() noexcept;

  explicit Connection(Fd socket) noexcept : fd_(std::move(socket)) {}
  explicit Connection(std::unique_ptr<Transport> transport) noexcept
      : transport_(std::move(transport)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Takes over what epoll reported (EPOLL* bits).
  void on_edge(std::uint32_t events) noexcept;

  /// Reads once, up to `size` bytes, and keeps the edge flags: after EAGAIN, or a short read that
  /// means empty, `readable()` is false; after the peer's end of stream `input_ended()` is true.
  IoResult read(char* data, std::size_t size) noexcept {
    if (WEIR_LIKELY(transport_ == nullptr)) {
      const sys::Ssize moved = sys::recv(fd_.get(), data, size, 0);
      if (WEIR_LIKELY(moved > 0)) {
        IoResult result;
        result.bytes = static_cast<std::size_t>(moved);
        // A short read took all there was: the next byte comes with a new edge, so no second read
        // is needed to see EAGAIN. With an end of stream announced there would be no further edge.
        if (result.bytes < size && !edges_.peer_closed) edges_.readable = false;
        return result;
      }
      return read_ended(moved, data, size);
    }
    return read_transport(data, size);
  }

  /// Sends the queue, then `corked`, as far as the kernel takes it. What it does not take of
  /// `corked` is copied into the queue. Throws std::bad_alloc.
  Flush flush(std::string_view corked) {
    if (WEIR_LIKELY(queue_ == nullptr && transport_ == nullptr && !edges_.broken)) {
      if (corked.empty()) return Flush::sent;
      if (WEIR_LIKELY(edges_.writable)) {
        const sys::Ssize moved = sys::send(fd_.get(), corked.data(), corked.size(), sys::kNoSignal);
        if (WEIR_LIKELY(moved == static_cast<sys::Ssize>(corked.size()))) return Flush::sent;
        return flush_rest(corked, moved);
      }
    }
    return flush_queued(corked);
  }

  /// The queue to push segments to, made at the first call. Throws std::bad_alloc.
  OutputQueue& queue();

  /// The queue if there is one: unsent bytes.
  OutputQueue* unsent() noexcept { return queue_.get(); }
  bool has_output() const noexcept { return queue_ != nullptr; }

  /// Bytes that the kernel has taken and the peer has not acknowledged yet; 0 where that cannot be
  /// known.
  std::uint64_t unacknowledged() const noexcept;

  /// Ends the outgoing direction: the peer reads what was sent, then an end of stream.
  void shutdown_write() noexcept;

  /// Closes. With `reset` pending bytes are thrown away and the peer gets a reset.
  void close(bool reset) noexcept;

  bool readable() const noexcept { return edges_.readable; }
  /// Makes the next read look, although no event has come.
  void assume_readable() noexcept { edges_.readable = true; }
  bool writable() const noexcept { return edges_.writable; }
  /// The peer has announced that it sends no more; bytes before that may still be unread.
  bool peer_closed() const noexcept { return edges_.peer_closed; }
  /// A read has met the peer's end of stream.
  bool input_ended() const noexcept { return edges_.input_ended; }
  /// The stream is broken in both directions (RST, HUP, a failed call).
  bool broken() const noexcept { return edges_.broken; }
  bool is_open() const noexcept { return static_cast<bool>(fd_) || transport_ != nullptr; }
  bool is_secure() const noexcept { return transport_ != nullptr && transport_->is_secure(); }

  /// This end's address, asked of the kernel; none over a transport of another kind.
  Endpoint local_endpoint() const noexcept;

  /// The socket, or -1 over a transport of another kind.
  int fd() const noexcept { return fd_.get(); }

 private:
  IoResult read_ended(sys::Ssize moved, char* data, std::size_t size) noexcept;
  IoResult read_transport(char* data, std::size_t size) noexcept;
  IoResult note_read(IoResult result, bool took_all) noexcept;
  Flush flush_rest(std::string_view corked, sys::Ssize moved);
  Flush flush_queued(std::string_view corked);
  Flush keep_rest(std::string_view corked, const IoResult& sent);
  IoResult write_pieces(const Piece* pieces, std::size_t count) noexcept;
  IoResult send_file(const Segment& file, std::uint64_t most) noexcept;
  Flush drain();
  void widen() noexcept;
  void narrow() noexcept;

  // One byte: an idle connection is counted in bytes.
  struct Edges {
    Edges() noexcept
        : readable(false), writable(true), peer_closed(false), input_ended(false), broken(false) {}
    bool readable : 1;
    bool writable : 1;  // a new socket takes bytes until it says otherwise
    bool peer_closed : 1;
    bool input_ended : 1;
    bool broken : 1;
  };

  Fd fd_;
  Edges edges_;
  std::unique_ptr<Transport> transport_;  // null: plain socket
  std::unique_ptr<OutputQueue> queue_;    // null: nothing unsent
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/connection.ipp>
#endif
