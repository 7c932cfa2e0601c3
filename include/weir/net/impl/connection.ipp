// SPDX-License-Identifier: MIT
#pragma once
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <string>
#include <utility>
#include <weir/net/connection.hpp>
#include <weir/net/page_cache.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
namespace detail {

static_assert(sizeof(Piece) == sizeof(iovec), "a Piece is passed on as an iovec");

/// Bytes of a file that are read and written where sendfile cannot be used.
inline constexpr std::size_t kFileCopy = 64 * 1024;

inline IoResult result_of(long moved, Want want) noexcept {
  IoResult result;
  if (moved >= 0) {
    result.bytes = static_cast<std::size_t>(moved);
  } else {
    result.error = errno;
    if (result.error == EAGAIN || result.error == EWOULDBLOCK) result.want = want;
  }
  return result;
}

}  // namespace detail

WEIR_INLINE std::uint32_t Connection::epoll_events() noexcept {
  return EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
}

WEIR_INLINE void Connection::on_edge(std::uint32_t events) noexcept {
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) edges_.readable = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) edges_.writable = true;
  if ((events & EPOLLRDHUP) != 0) edges_.peer_closed = true;
  // HUP is both directions ended, ERR a pending error: in either case nobody reads an answer.
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) edges_.peer_closed = edges_.broken = true;
}

// A read that brought nothing at first.
WEIR_INLINE IoResult Connection::read_ended(sys::Ssize moved, char* data,
                                            std::size_t size) noexcept {
  while (moved < 0 && errno == EINTR) moved = sys::recv(fd_.get(), data, size, 0);
  IoResult result = detail::result_of(moved, Want::read);
  result.end = moved == 0;
  return note_read(result, result.bytes < size);
}

WEIR_INLINE IoResult Connection::read_transport(char* data, std::size_t size) noexcept {
  const IoResult result = transport_->read(data, size);
  return note_read(result, result.bytes < size && transport_->short_read_means_empty());
}

WEIR_INLINE IoResult Connection::note_read(IoResult result, bool took_all) noexcept {
  if (result.end) {
    edges_.readable = false;
    edges_.peer_closed = edges_.input_ended = true;
  } else if (result.would_block()) {
    edges_.readable = false;
  } else if (result.failed()) {
    edges_.readable = false;
    edges_.peer_closed = edges_.input_ended = edges_.broken = true;
  } else if (took_all && !edges_.peer_closed) {
    edges_.readable = false;
  }
  return result;
}

WEIR_INLINE IoResult Connection::write_pieces(const Piece* pieces, std::size_t count) noexcept {
  if (transport_ != nullptr) return transport_->write(pieces, count);
  long moved;
  do {
    if (count == 1) {
      moved = sys::send(fd_.get(), pieces[0].data, pieces[0].size, MSG_NOSIGNAL);
    } else {
      iovec vectors[OutputQueue::kMaxPieces];
      for (std::size_t i = 0; i < count; ++i) {
        vectors[i].iov_base = const_cast<char*>(pieces[i].data);
        vectors[i].iov_len = pieces[i].size;
      }
      msghdr message{};
      message.msg_iov = vectors;
      message.msg_iovlen = count;
      moved = sys::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    }
  } while (moved < 0 && errno == EINTR);
  return detail::result_of(moved, Want::write);
}

WEIR_INLINE IoResult Connection::send_file(const Segment& file, std::uint64_t most) noexcept {
  const bool direct = transport_ == nullptr || transport_->can_sendfile();
  const std::uint64_t share = file.size < most ? file.size : most;
  if (direct && fd_) {
    auto offset = static_cast<sys::Offset>(file.offset);
    long moved;
    do {
      moved = sys::sendfile(fd_.get(), file.fd, &offset, static_cast<std::size_t>(share));
    } while (moved < 0 && errno == EINTR);
    IoResult result = detail::result_of(moved, Want::write);
    // The file became shorter than promised: the announced length cannot be kept.
    if (moved == 0) result.error = EIO;
    return result;
  }
  char copy[detail::kFileCopy];
  const std::size_t wanted = share < sizeof copy ? static_cast<std::size_t>(share) : sizeof copy;
  long moved;
  do {
    moved = sys::pread(file.fd, copy, wanted, static_cast<sys::Offset>(file.offset));
  } while (moved < 0 && errno == EINTR);
  if (moved <= 0) {
    IoResult result;
    result.error = moved == 0 ? EIO : errno;
    return result;
  }
  const Piece piece{copy, static_cast<std::size_t>(moved)};
  return write_pieces(&piece, 1);
}

WEIR_INLINE OutputQueue& Connection::queue() {
  if (queue_ == nullptr) queue_ = std::make_unique<OutputQueue>();
  return *queue_;
}

// The kernel did not take all of `corked` at once.
WEIR_INLINE Connection::Flush Connection::flush_rest(std::string_view corked, sys::Ssize moved) {
  while (moved < 0 && errno == EINTR)
    moved = sys::send(fd_.get(), corked.data(), corked.size(), sys::kNoSignal);
  return keep_rest(corked, detail::result_of(moved, Want::write));
}

WEIR_INLINE Connection::Flush Connection::flush_queued(std::string_view corked) {
  if (edges_.broken) return Flush::failed;
  if (queue_ != nullptr) {
    queue_->push_corked(corked);
    return drain();
  }
  if (corked.empty()) return Flush::sent;
  if (!edges_.writable) return keep_rest(corked, {});
  const Piece piece{corked.data(), corked.size()};
  return keep_rest(corked, write_pieces(&piece, 1));
}

WEIR_INLINE Connection::Flush Connection::keep_rest(std::string_view corked, const IoResult& sent) {
  if (sent.bytes == corked.size()) return Flush::sent;
  if (sent.failed()) {
    edges_.broken = true;
    return Flush::failed;
  }
  // A short send means a full socket buffer, as EAGAIN does: an edge follows when it empties.
  edges_.writable = false;
  corked.remove_prefix(sent.bytes);
  queue().push(std::string(corked));
  return Flush::blocked;
}

WEIR_INLINE Connection::Flush Connection::drain() {
  std::uint64_t budget = kFlushBudget;
  while (!queue_->empty()) {
    if (!edges_.writable || budget == 0) {
      queue_->detach();
      return edges_.writable ? Flush::more : Flush::blocked;
    }
    IoResult result;
    std::uint64_t asked = 0;
    Segment* const file = queue_->front_file();
    if (queue_->send_ahead != 0 && (file == nullptr || file->size < kFileSendAhead)) narrow();
    if (file != nullptr) {
      if (file->offset >= file->at_hand) {
        if (file->size >= kFileSendAhead && queue_->send_ahead == 0) widen();
        const std::uint64_t window = file->size < kFileWindow ? file->size : kFileWindow;
        if (!is_at_hand(file->fd, file->offset, window)) {
          queue_->detach();
          return Flush::cold;
        }
        file->at_hand = file->offset + window;
      }
      const std::uint64_t warm = file->at_hand - file->offset;
      result = send_file(*file, budget < warm ? budget : warm);
    } else {
      Piece pieces[OutputQueue::kMaxPieces];
      const std::size_t gathered = queue_->gather(pieces);
      std::size_t count = 0;
      while (count < gathered && asked < budget) {
        Piece& piece = pieces[count++];
        if (piece.size > budget - asked) piece.size = static_cast<std::size_t>(budget - asked);
        asked += piece.size;
      }
      result = write_pieces(pieces, count);
    }
    queue_->consume(result.bytes);
    if (result.failed()) {
      edges_.broken = true;
      return Flush::failed;
    }
    // A file may be cut short by a full page cache as well: only EAGAIN is sure there.
    if (result.would_block() || (file == nullptr && result.bytes < asked)) edges_.writable = false;
    budget -= result.bytes < budget ? result.bytes : budget;
  }
  queue_.reset();
  return Flush::sent;
}

// Best effort, both: a socket that is none of TCP's has no such option.
WEIR_INLINE void Connection::widen() noexcept {
  int ahead = 0;
  sys::Socklen size = sizeof ahead;
  if (!fd_ || sys::getsockopt(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &ahead, &size) != 0 ||
      ahead <= 0 || ahead >= kFileSendAhead)  // 0, or what is no int: the system's
    return;
  if (sys::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kFileSendAhead,
                      sizeof kFileSendAhead) == 0)
    queue_->send_ahead = ahead;
}

WEIR_INLINE void Connection::narrow() noexcept {
  sys::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &queue_->send_ahead,
                  sizeof queue_->send_ahead);
  queue_->send_ahead = 0;
}

WEIR_INLINE Endpoint Connection::local_endpoint() const noexcept {
  if (!fd_) return {};
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (sys::getsockname(fd_.get(), generic, &size) < 0) return {};
  return Endpoint::from(generic, size);
}

WEIR_INLINE std::uint64_t Connection::unacknowledged() const noexcept {
  int bytes = 0;
  if (!fd_ || sys::ioctl(fd_.get(), SIOCOUTQ, &bytes) < 0 || bytes < 0) return 0;
  return static_cast<std::uint64_t>(bytes);
}

WEIR_INLINE void Connection::shutdown_write() noexcept {
  if (transport_ != nullptr) {
    transport_->shutdown_write();
  } else {
    sys::shutdown(fd_.get(), SHUT_WR);
  }
}

WEIR_INLINE void Connection::close(bool reset) noexcept {
  if (transport_ != nullptr) {
    transport_->close(reset);
    transport_.reset();
  } else if (fd_ && reset) {
    linger hard{};
    hard.l_onoff = 1;
    hard.l_linger = 0;
    sys::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  fd_.reset();
  queue_.reset();
  edges_.readable = edges_.writable = false;
}

}  // namespace net
WEIR_END_NAMESPACE
