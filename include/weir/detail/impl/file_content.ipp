// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <utility>
#include <weir/detail/file_content.hpp>
#include <weir/detail/reactor.hpp>
#include <weir/net/sys.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Reads files on workers and writes what it has read to a stream. Only one thread at a time is at
/// work: whoever comes meanwhile says so, and who works looks again.
class FilePump : public std::enable_shared_from_this<FilePump> {
 public:
  FilePump(Stream to, std::shared_ptr<const FileContent> content)
      : stream_(std::move(to)), content_(std::move(content)) {}

  void start() {
    stream_.on_writable([self = shared_from_this()] { self->call(); });
  }

 private:
  static constexpr std::uint64_t kPiece = 128 * 1024;

  // On the loop: there is room, or a piece has been written.
  void call() {
    if (calls_.fetch_add(1) != 0) return;
    submit();
  }

  void submit() {
    net::Task task = [self = shared_from_this()] { self->work(); };
    if (!stream_.run_on_worker(task)) task();  // no worker is free: the loop waits for the disk
  }

  void work() {
    for (;;) {
      const std::uint64_t seen = calls_.load();
      if (!write_some()) {  // over
        stream_ = {};
        return;
      }
      std::uint64_t expected = seen;  // nobody has come meanwhile: rest
      if (calls_.compare_exchange_strong(expected, 0)) return;
    }
  }

  // Until the stream is full; false at the end.
  bool write_some() {
    while (part_ < content_->parts.size() || !piece_.empty()) {
      if (piece_.empty() && !read()) {
        stream_.abort();
        return false;
      }
      switch (stream_.write(piece_)) {
        case WriteResult::ok:
          piece_.clear();
          break;
        case WriteResult::full:
          return true;
        case WriteResult::gone:
          return false;
      }
    }
    stream_.end();
    return false;
  }

  bool read() {
    const BodyPart& part = content_->parts[part_];
    if (part.fd < 0) {
      take(part);
      return true;
    }
    piece_.resize(static_cast<std::size_t>(std::min(kPiece, part.size - at_)));
    net::sys::Ssize moved;
    do {
      moved = net::sys::pread(part.fd, piece_.data(), piece_.size(),
                              static_cast<net::sys::Offset>(part.offset + at_));
    } while (moved < 0 && errno == EINTR);
    if (moved <= 0) return false;
    piece_.resize(static_cast<std::size_t>(moved));
    advance(part.size);
    return true;
  }

  // Of the text and the view behind it, as much as goes into a piece.
  void take(const BodyPart& part) {
    const auto at = static_cast<std::size_t>(at_);
    const std::size_t text = part.text.size();
    piece_.assign(part.text, std::min(at, text), kPiece);
    piece_.append(part.view.substr(at - std::min(at, text), kPiece - piece_.size()));
    advance(std::uint64_t{text} + part.view.size());
  }

  // Over the piece; `size` is the part's.
  void advance(std::uint64_t size) {
    at_ += piece_.size();
    if (at_ != size) return;
    at_ = 0;
    ++part_;
  }

  Stream stream_;
  const std::shared_ptr<const FileContent> content_;
  std::atomic<std::uint64_t> calls_{0};  // since the last rest; 0: nobody is at work
  // Of who is at work
  std::size_t part_ = 0;
  std::uint64_t at_ = 0;
  std::string piece_;
};

// Returns the bytes of content that are sent.
WEIR_INLINE std::uint64_t FileSender::write(Reactor& reactor, Peer& peer, Response& response) {
  http::Session& session = peer.session;
  const std::shared_ptr<const FileContent> content = response.file_content();
  const bool has_content = session.begin_answer(response.head_, content->size, reactor.context_);
  if (session.begin_piece(content->size, reactor.context_)) {
    for (const BodyPart& part : content->parts) {
      if (part.fd >= 0) {
        reactor.cork_.push_file(part.fd, part.offset, part.size, part.keep);
      } else {
        reactor.cork_.append(part.text);
        if (!part.view.empty()) reactor.cork_.push(part.view, part.keep);
      }
    }
    session.end_piece(reactor.context_);
  }
  session.end_answer({}, reactor.context_);
  return has_content ? content->size : 0;
}

// Filters look at bytes: the files are read on workers, piece by piece, as if they were a stream.
WEIR_INLINE void FileSender::filter(Reactor& reactor, Peer& peer, Response& response,
                                    BodyFilters& filters) {
  reactor.start_filters(peer, filters);
  Exchange& exchange = *peer.exchange;
  exchange.filters->steady = true;
  exchange.claim();
  exchange.make_stream();
  exchange.answer_begun = true;
  const std::shared_ptr<const FileContent> content = response.file_content();
  response.head_.remove("Content-Length");
  exchange.outcome.status = response.head_.status;
  const bool has_content =
      peer.session.begin_answer(response.head_, http::Session::kUnknownSize, reactor.context_);
  Stream stream(exchange);
  if (has_content) {
    content->pump(std::move(stream), content);
  } else {
    stream.end();
  }
}

}  // namespace detail

WEIR_INLINE Response& Response::body_parts(std::vector<BodyPart> parts) {
  auto content = std::make_shared<detail::FileContent>();
  for (const BodyPart& part : parts)
    content->size += part.fd >= 0 ? part.size : std::uint64_t{part.text.size()} + part.view.size();
  content->parts = std::move(parts);
  content->pump = [](Stream to, std::shared_ptr<const detail::FileContent> from) {
    std::make_shared<detail::FilePump>(std::move(to), std::move(from))->start();
  };
  content->write = &detail::FileSender::write;
  content->filter = &detail::FileSender::filter;
  drop_content();
  keep_ = std::move(content);
  source_ = Source::files;
  touched_ = true;
  return *this;
}

WEIR_INLINE Response& Response::body_file(int fd, std::uint64_t offset, std::uint64_t size,
                                          std::shared_ptr<const void> keep) {
  std::vector<BodyPart> one(1);
  one[0].fd = fd;
  one[0].offset = offset;
  one[0].size = size;
  one[0].keep = std::move(keep);
  return body_parts(std::move(one));
}

WEIR_END_NAMESPACE
