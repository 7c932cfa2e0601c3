// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What a connection has still to send: segments of five kinds, in order.
///
///     sent │ head_                         back
///     ─────┼──────────┬───────┬────────┬──────┐
///          │ corked   │ owned │ shared │ file │   each segment: the rest that is not sent yet
///     ─────┴──────────┴───────┴────────┴──────┘
///
/// Corked segments point into the loop's cork and live until the end of one flush: detach() copies
/// what is left of them. All others hold what they need. Made only when a connection needs one, and
/// given back when empty.
///
/// Thread: the owning loop's.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <weir/config.hpp>
#include <weir/net/transport.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// One run of bytes with whatever keeps it alive.
struct Segment {
  enum class Kind : std::uint8_t {
    corked,  ///< a view into the loop's cork; until detach() at the latest
    owned,   ///< `owned` holds the bytes
    kept,    ///< a view that `keep` holds: shared bytes or a caller's pinned memory
    file,    ///< `size` bytes of the file `fd` from `offset`; `keep` owns the descriptor
  };

  Kind kind = Kind::corked;
  int fd = -1;
  const char* data = nullptr;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  std::uint64_t at_hand = 0;  // of a file: bytes in front of this are known to need no disk
  std::uint64_t counted = 0;  // of a kept one: its part of OutputQueue::memory() while it lives
  std::string owned;
  std::shared_ptr<const void> keep;
};

/// The unsent segments of one connection.
class WEIR_API OutputQueue {
 public:
  /// Pieces that one gathering write is given: more cost more to set up than another call.
  static constexpr std::size_t kMaxPieces = 64;

  /// Bytes up to which an owned segment takes the rest of a corked one in.
  static constexpr std::size_t kJoinLimit = 16 * 1024;

  OutputQueue() = default;
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;

  void push_corked(std::string_view bytes);
  void push(std::string&& bytes);
  void push(std::string_view bytes, std::shared_ptr<const void> keep);
  void push_file(int fd, std::uint64_t offset, std::uint64_t size,
                 std::shared_ptr<const void> keep);

  /// Fills up to kMaxPieces with the bytes in front, stopping at a file. Returns their number; 0
  /// when the queue is empty or a file is in front.
  std::size_t gather(Piece* pieces) const noexcept;

  /// The file segment in front, or nullptr.
  Segment* front_file() noexcept;

  /// Drops `bytes` bytes from the front: they have been sent.
  void consume(std::uint64_t bytes) noexcept;

  /// Copies what is left of corked segments, so that the cork may be used again. Rests up to
  /// kJoinLimit join an owned segment in front of them: many small answers must not cost a segment
  /// each. After std::bad_alloc the queue is only to be destroyed.
  void detach();

  bool empty() const noexcept { return head_ == segments_.size(); }

  /// Bytes not sent yet, files included.
  std::uint64_t size() const noexcept { return size_; }

  /// Bytes that the queue keeps in memory: a string is kept whole until its last byte is sent. What
  /// somebody else holds too, and files, are not the queue's.
  std::uint64_t memory() const noexcept { return memory_; }

  /// Bytes ever pushed; a segment's end is a position that sent() passes later.
  std::uint64_t pushed() const noexcept { return sent_ + size_; }
  std::uint64_t sent() const noexcept { return sent_; }

  /// Where whoever watches how fast the peer takes bytes began to measure; not the queue's to use.
  struct Pace {
    std::uint64_t since_ms = 0;  ///< 0: not yet
    std::int64_t arrived = 0;    ///< bytes of this queue that had arrived there by then
  };
  Pace pace;

  /// The connection's TCP_NOTSENT_LOWAT before a file needed a larger one; 0: none has. Not the
  /// queue's to use.
  int send_ahead = 0;

 private:
  Segment& add(Segment::Kind kind, std::uint64_t size);

  std::vector<Segment> segments_;
  std::size_t head_ = 0;      // the first segment with unsent bytes
  std::size_t corked_ = 0;    // no segment in front of this one is corked
  std::uint64_t size_ = 0;    // invariant: the sum of the segments' rests
  std::uint64_t memory_ = 0;  // see memory()
  std::uint64_t sent_ = 0;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/output_queue.ipp>
#endif
