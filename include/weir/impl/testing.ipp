// SPDX-License-Identifier: MIT
#pragma once
#include <sys/epoll.h>

#include <algorithm>
#include <stdexcept>
#include <weir/detail/server_state.hpp>
#include <weir/net/memory_pipe.hpp>
#include <weir/testing.hpp>

WEIR_BEGIN_NAMESPACE
namespace testing {
namespace detail {

using weir::detail::Core;
using weir::detail::Reactor;
using weir::detail::ServerState;

/// Turns without a change after which nothing is expected to move any more: a task that posts a
/// task and so on takes one turn each.
inline constexpr int kQuietTurns = 8;

struct Wire {
  std::shared_ptr<net::MemoryPipe> pipe = std::make_shared<net::MemoryPipe>();
  std::uint64_t token = 0;
};

struct World {
  explicit World(ServerState& the_state)
      : state(the_state), core(the_state.options, the_state.routes, clock, 1), reactor(core) {
    state.options.check();
    state.routes->freeze(state.options);
    reactor.start_meter();
    core.start_workers(state.options.workers == 0 ? 4 : state.options.workers);
    reactor.loop().turn(std::chrono::milliseconds(0));  // makes this thread the loop's
    if (reactor.meter() != nullptr) reactor.meter()->begin(reactor);
    const net::MutexLock lock(state.mutex);
    state.visitors.push_back(&reactor);
    for (const auto& timer : state.pending_timers) {
      timer->place_on(reactor.loop().mailbox());
      reactor.add_timer(timer);
    }
    state.pending_timers.clear();
  }

  ~World() {
    reactor.close_all();
    // Workers that wait for their client have been told; now they end.
    core.pool->stop(net::ThreadPool::Finish::drop);
    turn(std::chrono::milliseconds(0));
    const net::MutexLock lock(state.mutex);
    state.visitors.erase(std::find(state.visitors.begin(), state.visitors.end(), &reactor));
  }

  /// One turn of the loop; true if bytes moved, or may move in the next one.
  bool turn(std::chrono::milliseconds wait) {
    bool moves = false;
    for (Wire* const wire : wires) {
      net::MemoryPipe& pipe = *wire->pipe;
      if (!pipe.write_was_short || pipe.server_closed || pipe.to_client.size() >= pipe.window)
        continue;
      pipe.write_was_short = false;
      reactor.loop().inject(wire->token, EPOLLOUT);
      moves = true;
    }
    const std::uint64_t before = calls();
    reactor.loop().turn(wait);
    return moves || calls() != before;
  }

  /// Reads and writes that the server has made on the connections that there are.
  std::uint64_t calls() const noexcept {
    std::uint64_t sum = 0;
    for (const Wire* const wire : wires) sum += wire->pipe->reads + wire->pipe->writes;
    return sum;
  }

  bool workers_busy() const { return core.pool->queued() + core.pool->running() > 0; }

  void settle() {
    int quiet = 0;
    begin_patience();
    while (quiet < kQuietTurns) {
      if (workers_busy()) {
        // A worker's answer wakes the loop; one that only waits must not hold the test for ever.
        if (std::chrono::steady_clock::now() - patience_began > kSettlePatience) return;
        turn(std::chrono::milliseconds(1));
        quiet = 0;
      } else {
        quiet = turn(std::chrono::milliseconds(0)) ? 0 : quiet + 1;
        if (quiet == 0 && !has_patience()) return;  // a stream without end
      }
    }
  }

  void begin_patience() { patience_began = std::chrono::steady_clock::now(); }
  bool has_patience() const { return std::chrono::steady_clock::now() - patience_began < patience; }

  static constexpr std::chrono::milliseconds kSettlePatience{200};

  ServerState& state;
  net::FakeClock clock;
  Core core;
  Reactor reactor;
  std::vector<Wire*> wires;  // of the connections that there are
  std::chrono::milliseconds patience{10'000};
  std::chrono::steady_clock::time_point patience_began;
};

inline bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           const auto lower = [](char c) {
             return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
           };
           return lower(x) == lower(y);
         });
}

/// Reads one answer from the front of `bytes`: how many bytes it takes, or 0 when some are missing.
/// Throws std::runtime_error for what is no answer.
inline std::size_t read_answer(std::string_view bytes, bool to_head, bool ended, Answer& answer) {
  std::size_t at = 0;
  while (true) {
    const std::size_t head_end = bytes.find("\r\n\r\n", at);
    if (head_end == std::string_view::npos) return 0;
    std::string_view head = bytes.substr(at, head_end + 2 - at);
    const std::size_t line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    if (line.size() < 12 || line.substr(0, 9) != "HTTP/1.1 ")
      throw std::runtime_error("not a status line: " + std::string(line));
    answer.status = std::stoi(std::string(line.substr(9, 3)));
    answer.reason = line.size() > 13 ? std::string(line.substr(13)) : std::string();
    answer.headers.clear();
    head.remove_prefix(line_end + 2);
    while (!head.empty()) {
      const std::size_t end = head.find("\r\n");
      const std::string_view field = head.substr(0, end);
      const std::size_t colon = field.find(": ");
      if (colon == std::string_view::npos)
        throw std::runtime_error("not a field line: " + std::string(field));
      answer.headers.emplace_back(field.substr(0, colon), field.substr(colon + 2));
      head.remove_prefix(end + 2);
    }
    at = head_end + 4;
    if (answer.status >= 200 || answer.status == 101) break;
    answer.interim.push_back(answer.status);
  }
  answer.body.clear();
  const bool no_content =
      to_head || answer.status == 204 || answer.status == 304 || answer.status < 200;
  if (no_content) return at;
  if (same_name(answer.header("Transfer-Encoding"), "chunked")) {
    while (true) {
      const std::size_t end = bytes.find("\r\n", at);
      if (end == std::string_view::npos) return 0;
      const std::size_t size = std::stoul(std::string(bytes.substr(at, end - at)), nullptr, 16);
      at = end + 2;
      if (size == 0) break;
      if (bytes.size() < at + size + 2) return 0;
      answer.body.append(bytes.substr(at, size));
      if (bytes.substr(at + size, 2) != "\r\n") throw std::runtime_error("a chunk without its end");
      at += size + 2;
    }
    while (true) {
      const std::size_t end = bytes.find("\r\n", at);
      if (end == std::string_view::npos) return 0;
      const std::string_view line = bytes.substr(at, end - at);
      at = end + 2;
      if (line.empty()) return at;
      answer.trailers.append(line).append("\r\n");
    }
  }
  if (answer.has_header("Content-Length")) {
    const std::size_t size = std::stoul(std::string(answer.header("Content-Length")));
    if (bytes.size() < at + size) return 0;
    answer.body = std::string(bytes.substr(at, size));
    return at + size;
  }
  if (!ended) return 0;
  answer.body = std::string(bytes.substr(at));
  return bytes.size();
}

}  // namespace detail

WEIR_INLINE std::string_view Answer::header(std::string_view name) const noexcept {
  for (const auto& [known, value] : headers)
    if (detail::same_name(known, name)) return value;
  return {};
}

WEIR_INLINE bool Answer::has_header(std::string_view name) const noexcept {
  for (const auto& field : headers)
    if (detail::same_name(field.first, name)) return true;
  return false;
}

WEIR_INLINE Connection::Connection(std::shared_ptr<detail::World> world, const Endpoint& remote)
    : world_(std::move(world)), wire_(std::make_unique<detail::Wire>()) {
  wire_->token = world_->reactor.adopt(std::make_unique<net::MemoryTransport>(wire_->pipe), remote);
  world_->wires.push_back(wire_.get());
}

WEIR_INLINE Connection::Connection(Connection&&) noexcept = default;
WEIR_INLINE Connection& Connection::operator=(Connection&& other) noexcept {
  if (this == &other) return *this;
  disconnect();
  world_ = std::move(other.world_);
  wire_ = std::move(other.wire_);
  return *this;
}

WEIR_INLINE Connection::~Connection() { disconnect(); }

WEIR_INLINE void Connection::disconnect() noexcept {
  if (wire_ == nullptr) return;
  try {
    if (!is_closed()) vanish();
  } catch (...) {
    // Out of memory: the world's end closes it.
  }
  std::vector<detail::Wire*>& wires = world_->wires;
  wires.erase(std::find(wires.begin(), wires.end(), wire_.get()));
}

WEIR_INLINE Answer Connection::request(std::string_view method, std::string_view target,
                                       std::string_view content, Fields fields) {
  std::string bytes(method);
  bytes.append(" ").append(target).append(" HTTP/1.1\r\n");
  bool has_host = false;
  for (const auto& [name, value] : fields) {
    bytes.append(name).append(": ").append(value).append("\r\n");
    has_host = has_host || detail::same_name(name, "host");
  }
  if (!has_host) bytes.append("Host: test\r\n");
  if (!content.empty() || method == "POST" || method == "PUT" || method == "PATCH")
    bytes.append("Content-Length: ").append(std::to_string(content.size())).append("\r\n");
  bytes.append("\r\n").append(content);
  send_raw(bytes);
  return receive(method == "HEAD");
}

WEIR_INLINE void Connection::send_raw(std::string_view bytes) {
  if (wire_->pipe->server_closed) return;  // as into a closed socket
  wire_->pipe->to_server.append(bytes);
  world_->reactor.loop().inject(wire_->token, EPOLLIN);
  world_->settle();
}

WEIR_INLINE void Connection::send_unnoticed(std::string_view bytes) {
  wire_->pipe->to_server.append(bytes);
}

WEIR_INLINE Answer Connection::receive(bool to_head) {
  net::MemoryPipe& pipe = *wire_->pipe;
  world_->begin_patience();
  while (true) {
    Answer answer;
    const std::size_t used =
        detail::read_answer(pipe.to_client, to_head, pipe.server_ended, answer);
    if (used > 0) {
      answer.raw = pipe.to_client.substr(0, used);
      pipe.to_client.erase(0, used);
      return answer;
    }
    if (pipe.server_ended)
      throw std::runtime_error("the connection ended before an answer was complete; it had sent: " +
                               pipe.to_client);
    if (!world_->has_patience())
      throw std::runtime_error("no complete answer came; there is: " + pipe.to_client);
    world_->turn(std::chrono::milliseconds(5));
    // A slow reader of a large answer takes it as it comes.
    if (pipe.to_client.size() >= pipe.window) pipe.window += pipe.to_client.size();
  }
}

WEIR_INLINE std::string Connection::receive_raw() {
  std::string bytes = std::move(wire_->pipe->to_client);
  wire_->pipe->to_client.clear();
  world_->settle();
  return bytes;
}

WEIR_INLINE void Connection::set_window(std::size_t bytes) {
  const bool more = bytes > wire_->pipe->window;
  wire_->pipe->window = bytes;
  if (more && !wire_->pipe->server_closed) world_->reactor.loop().inject(wire_->token, EPOLLOUT);
}

WEIR_INLINE void Connection::set_largest_io(std::size_t bytes) { wire_->pipe->largest_io = bytes; }

WEIR_INLINE void Connection::half_close() {
  wire_->pipe->client_ended = true;
  if (wire_->pipe->server_closed) return;
  world_->reactor.loop().inject(wire_->token, EPOLLIN | EPOLLRDHUP);
  world_->settle();
}

WEIR_INLINE void Connection::vanish() {
  wire_->pipe->client_ended = true;
  if (wire_->pipe->server_closed) return;
  world_->reactor.loop().inject(wire_->token, EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
  world_->settle();
}

WEIR_INLINE bool Connection::is_closed() const noexcept { return wire_->pipe->server_closed; }
WEIR_INLINE bool Connection::was_reset() const noexcept { return wire_->pipe->was_reset; }
WEIR_INLINE bool Connection::has_ended() const noexcept { return wire_->pipe->server_ended; }
WEIR_INLINE std::uint64_t Connection::reads() const noexcept { return wire_->pipe->reads; }
WEIR_INLINE std::uint64_t Connection::writes() const noexcept { return wire_->pipe->writes; }

WEIR_INLINE Client::Client(Server& server)
    : world_(std::make_shared<detail::World>(*server.state_)), first_(world_, Endpoint()) {}

WEIR_INLINE Client::~Client() = default;

WEIR_INLINE Connection Client::connect(const Endpoint& remote) {
  return Connection(world_, remote);
}

WEIR_INLINE Connection& Client::connection() {
  if (first_.has_ended()) first_ = Connection(world_, Endpoint());
  return first_;
}

WEIR_INLINE void Client::advance(std::chrono::milliseconds by) {
  world_->clock.advance(by);
  world_->settle();
}

WEIR_INLINE void Client::settle() { world_->settle(); }

WEIR_INLINE void Client::set_patience(std::chrono::milliseconds patience) {
  world_->patience = patience;
}

WEIR_INLINE void Client::begin_patience() { world_->begin_patience(); }

WEIR_INLINE bool Client::turn() {
  world_->turn(std::chrono::milliseconds(5));
  return world_->has_patience();
}

WEIR_INLINE std::size_t Client::connections() const noexcept {
  return world_->reactor.connections();
}

WEIR_INLINE Counters Client::counters() const noexcept {
  Counters sum;
  world_->core.shared.add_to(sum);
  world_->reactor.tally().add_to(sum);
  sum[Counter::connections] = world_->core.connections.load(std::memory_order_relaxed);
  return sum;
}

WEIR_INLINE std::size_t Client::timers() const noexcept {
  return world_->reactor.loop().timers().size();
}

}  // namespace testing
WEIR_END_NAMESPACE
