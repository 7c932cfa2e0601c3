// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A client for tests of an application: the real reactor, session, router, workers and timers,
/// over connections in memory and a clock that stands still until it is told to move.
///
///     weir::testing::Client client(server);          // the server need not run, nor listen
///     auto answer = client.get("/users/7");
///     CHECK(answer.status == 200);
///     client.send_raw("GET /slow HTTP/1.1\r\n");
///     client.advance(std::chrono::seconds(10));       // 408
///
/// Deferred, pooled and streamed handlers work as they do in the server; nothing sleeps. Calls turn
/// the loop on the calling thread. What waits for another thread waits at most `patience` of real
/// time.
///
/// Thread: one, the test's.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <weir/config.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE
namespace testing {

/// An answer as a client reads it, with a reader of its own.
struct WEIR_API Answer {
  int status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;          ///< decoded when it came in chunks
  std::string trailers;      ///< field lines behind the last chunk
  std::string raw;           ///< as it came
  std::vector<int> interim;  ///< statuses of interim answers in front of it

  /// The value of the first field `name`, whatever its case, or "".
  std::string_view header(std::string_view name) const noexcept;
  bool has_header(std::string_view name) const noexcept;
};

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

namespace detail {
struct World;
struct Wire;
}  // namespace detail

/// One connection of a Client.
class WEIR_API Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Sends a request with Host and, where there is content, Content-Length, and returns the answer.
  Answer request(std::string_view method, std::string_view target, std::string_view content = {},
                 Fields fields = {});
  Answer get(std::string_view target, Fields fields = {}) {
    return request("GET", target, {}, fields);
  }
  Answer head(std::string_view target, Fields fields = {}) {
    return request("HEAD", target, {}, fields);
  }
  Answer post(std::string_view target, std::string_view content, Fields fields = {}) {
    return request("POST", target, content, fields);
  }

  /// Sends bytes as they are and turns the loop until nothing moves.
  void send_raw(std::string_view bytes);

  /// Sends bytes whose event is late: it comes with this connection's next one, as when a loop was
  /// held for long and thousands wait.
  void send_unnoticed(std::string_view bytes);

  /// Reads one answer; `to_head` says that it answers HEAD. Waits for it. Throws std::runtime_error
  /// when the connection ends before it is complete, or patience does.
  Answer receive(bool to_head = false);

  /// Takes all bytes that have come and are not read yet.
  std::string receive_raw();

  /// Bytes of answers that the server may send ahead of receive(): a slow client. Default: any.
  void set_window(std::size_t bytes);

  /// Bytes that a read or write of the server moves at most: 1 cuts everything everywhere.
  void set_largest_io(std::size_t bytes);

  /// Sends no more (FIN), still reads.
  void half_close();

  /// Is gone (RST).
  void vanish();

  /// Whether the server has closed the connection; and whether by a reset.
  bool is_closed() const noexcept;
  bool was_reset() const noexcept;
  /// Whether the server has ended its direction.
  bool has_ended() const noexcept;

  /// Calls of read and write that the server has made.
  std::uint64_t reads() const noexcept;
  std::uint64_t writes() const noexcept;

 private:
  friend class Client;

  Connection(std::shared_ptr<detail::World> world, const Endpoint& remote);
  void disconnect() noexcept;

  std::shared_ptr<detail::World> world_;
  std::unique_ptr<detail::Wire> wire_;
};

/// A world of its own for a server's routes: loop, workers, clock, and a first connection.
class WEIR_API Client {
 public:
  /// Freezes the routes of `server`, which must outlive the client. Throws as Server::start() does.
  explicit Client(Server& server);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Another connection; `remote` is what requests of it have for their remote_address(), by
  /// default none.
  Connection connect(const Endpoint& remote = {});

  // The first connection, opened anew after the server has closed it.
  Answer request(std::string_view method, std::string_view target, std::string_view content = {},
                 Fields fields = {}) {
    return connection().request(method, target, content, fields);
  }
  Answer get(std::string_view target, Fields fields = {}) {
    return connection().get(target, fields);
  }
  Answer head(std::string_view target, Fields fields = {}) {
    return connection().head(target, fields);
  }
  Answer post(std::string_view target, std::string_view content, Fields fields = {}) {
    return connection().post(target, content, fields);
  }
  void send_raw(std::string_view bytes) { connection().send_raw(bytes); }
  Answer receive(bool to_head = false) { return first_.receive(to_head); }
  std::string receive_raw() { return first_.receive_raw(); }
  void half_close() { first_.half_close(); }
  void vanish() { first_.vanish(); }
  bool is_closed() const noexcept { return first_.is_closed(); }
  Connection& connection();

  /// Moves the clock and lets everything happen that is due.
  void advance(std::chrono::milliseconds by);

  /// Turns the loop until nothing moves: no task waits, no worker is busy.
  void settle();

  /// Turns the loop until `done()` or the end of patience; returns what `done()` says.
  template <class F>
  bool wait_for(F done) {
    begin_patience();
    while (!done())
      if (!turn()) return done();
    return true;
  }

  /// How long to wait for what happens on other threads; by default 10 s of real time.
  void set_patience(std::chrono::milliseconds patience);

  /// Connections that the server holds.
  std::size_t connections() const noexcept;
  /// Timers armed on the loop: of connections and of the application.
  std::size_t timers() const noexcept;
  /// What this client's own loop has counted; the server's counters do not have it.
  Counters counters() const noexcept;

 private:
  void begin_patience();
  bool turn();

  std::shared_ptr<detail::World> world_;
  Connection first_;
};

}  // namespace testing
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/impl/testing.ipp>
#endif
