// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A whole server with every kind of route, and clients that know what each answer must be. The
/// clients make their system calls themselves (raw_client.hpp): no fault of fake_sys.hpp hits them.
///
/// Thread: one, for each object.
#include <dirent.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/silence.hpp>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>
#include <weir/weir.hpp>

#include "../support/raw_client.hpp"

namespace weir::test {

/// Aborts the program, naming what it was about, unless it is gone in time.
class Watchdog {
 public:
  explicit Watchdog(std::string what, std::chrono::seconds patience = std::chrono::seconds(30))
      : what_(std::move(what)), thread_([this, patience] { watch(patience); }) {}
  ~Watchdog() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void watch(std::chrono::seconds patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (changed_.wait_for(lock, patience, [this] { return over_; })) return;
    std::fprintf(stderr, "hangs: %s\n", what_.c_str());
    std::abort();
  }

  const std::string what_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

inline std::size_t entries_of(const char* folder_name) {
  DIR* const folder = ::opendir(folder_name);
  if (folder == nullptr) throw std::runtime_error(std::string("cannot read ") + folder_name);
  std::size_t count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}
inline std::size_t open_descriptors() { return entries_of("/proc/self/fd"); }
inline std::size_t live_threads() { return entries_of("/proc/self/task"); }

/// The kernel lists a thread for a moment after it has been joined.
inline bool threads_come_down_to(std::size_t count) {
  for (int i = 0; i < 5'000 && live_threads() > count; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return live_threads() <= count;
}

/// A folder of the test's own, with the file of a Unix socket on which nobody listens.
class StaleSocket {
 public:
  StaleSocket() {
    char name[] = "/tmp/weir-fault-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
    path_ = folder_ + "/socket";
    make();
  }
  ~StaleSocket() {
    ::unlink(path_.c_str());
    ::rmdir(folder_.c_str());
  }
  StaleSocket(const StaleSocket&) = delete;
  StaleSocket& operator=(const StaleSocket&) = delete;

  const std::string& path() const noexcept { return path_; }

 private:
  void make() const {
    const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, path_.size());
    if (::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("bind " + path_);
    ::close(dead);
  }

  std::string folder_;
  std::string path_;
};

/// A listening socket as a service manager would hand it over, and its port.
inline std::pair<int, std::uint16_t> inherited_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(fd, 16) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no socket to inherit");
  return {fd, ntohs(address.sin_port)};
}

// ── Routes and what they answer ──────────────────────────────────────────────────────────────────

inline constexpr std::size_t kBig = 300'000;

/// `size` bytes that no other `seed` gives.
inline std::string pattern(std::string_view seed, std::size_t size) {
  std::string text;
  text.reserve(size + 32);
  for (std::size_t i = 0; text.size() < size; ++i)
    text.append(seed).append(":").append(std::to_string(i)).append(";");
  text.resize(size);
  return text;
}

/// Every kind of answer there is. Each says which request it answers.
inline void add_routes(Server& server, std::size_t big = kBig) {
  const auto id = [](const Request& req) { return std::string(req.query("id").value_or("none")); };
  server.get("/plain", [id](const Request& req, Response& res) {
    static_cast<void>(req.local_address());
    res.text("plain " + id(req));
  });
  server.get("/big",
             [id, big](const Request& req, Response& res) { res.text(pattern(id(req), big)); });
  server.get("/stream", [id](const Request& req, Response& res) {
    const std::string name = id(req);
    Stream stream = res.stream();
    for (int i = 0; i < 5; ++i) stream.write(name + std::string(2'000, 's'));
    stream.end();
  });
  server.post("/upload", streamed([id](const Request& req, Body body, Response& res) {
                struct Count {
                  std::size_t bytes = 0;
                };
                auto count = std::make_shared<Count>();
                Reply reply = res.defer();
                body.on_end([count, reply, name = id(req)](std::string_view) mutable {
                  reply.text("upload " + name + " " + std::to_string(count->bytes));
                });
                body.on_data([count](std::string_view piece) { count->bytes += piece.size(); });
              }));
  server.get("/pooled",
             blocking([id](const Request& req, Response& res) { res.text("pooled " + id(req)); }));
  server.get("/later", [id, &server](const Request& req, Response& res) {
    server.after(std::chrono::milliseconds(1),
                 [reply = res.defer(), name = id(req)]() mutable { reply.text("later " + name); });
  });
}

/// A request and the only answer that is right.
struct Ask {
  std::string wire;
  int status;
  std::string body;  // "*": any
};

enum class Kind : std::uint8_t { plain, big, stream, upload, pooled, later };
inline constexpr Kind kKinds[] = {Kind::plain,  Kind::big,    Kind::stream,
                                  Kind::upload, Kind::pooled, Kind::later};

inline Ask ask(Kind kind, std::size_t big = kBig) {
  static std::atomic<std::uint64_t> last{0};
  const std::string id = "r" + std::to_string(++last);
  const auto get = [&](const char* path) {
    return "GET " + std::string(path) + "?id=" + id + " HTTP/1.1\r\nHost: t\r\n\r\n";
  };
  switch (kind) {
    case Kind::plain:
      return {get("/plain"), 200, "plain " + id};
    case Kind::big:
      return {get("/big"), 200, pattern(id, big)};
    case Kind::stream: {
      std::string whole;
      for (int i = 0; i < 5; ++i) whole += id + std::string(2'000, 's');
      return {get("/stream"), 200, whole};
    }
    case Kind::upload:
      return {"POST /upload?id=" + id + " HTTP/1.1\r\nHost: t\r\nContent-Length: 5000\r\n\r\n" +
                  std::string(5'000, 'u'),
              200, "upload " + id + " 5000"};
    case Kind::pooled:
      return {get("/pooled"), 200, "pooled " + id};
    case Kind::later:
      return {get("/later"), 200, "later " + id};
  }
  throw std::logic_error("no such kind");
}

/// What became of a request.
enum class Got : std::uint8_t {
  right,
  lost,    ///< closed or reset; what came of the answer was right so far
  silent,  ///< neither an answer nor an end in time
  wrong,
};

/// Reads the answer to `asked`, which has been sent.
inline Got read_answer(RawClient& client, const Ask& asked) {
  try {
    const RawResponse response = client.read_response();
    const bool body_is_right = asked.body == "*" || response.body == asked.body;
    return response.status == asked.status && body_is_right ? Got::right : Got::wrong;
  } catch (const RawClientError&) {
    RawResponse part;
    if (parse_response(client.unread(), part).kind == RawParse::Kind::bad) return Got::wrong;
    return client.ended() == RawEnd::open ? Got::silent : Got::lost;
  } catch (const std::system_error&) {
    return Got::lost;
  }
}

/// What the clients of one scenario have seen.
struct Tally {
  int right = 0;
  int lost = 0;
  int silent = 0;
  int wrong = 0;

  void add(Got got) {
    switch (got) {
      case Got::right:
        ++right;
        return;
      case Got::lost:
        ++lost;
        return;
      case Got::silent:
        ++silent;
        return;
      case Got::wrong:
        ++wrong;
        return;
    }
  }
};

/// Sends `asks` on `client`, all at once or each after the last one's answer, up to the first that
/// is not answered. One connection is one entry of the tally.
inline Got converse(RawClient& client, const std::vector<Ask>& asks, bool pipelined) {
  try {
    if (pipelined) {
      std::string all;
      for (const Ask& one : asks) all += one.wire;
      client.send(all);
    }
    for (const Ask& one : asks) {
      if (!pipelined) client.send(one.wire);
      const Got got = read_answer(client, one);
      if (got != Got::right) return got;
    }
    return Got::right;
  } catch (const RawClientError&) {
    return Got::silent;  // it takes no bytes
  } catch (const std::system_error&) {
    return Got::lost;
  }
}

/// A new connection with one conversation; `connect` gives the client.
template <class Connect>
Got converse_anew(Connect connect, const std::vector<Ask>& asks, bool pipelined = false) {
  try {
    RawClient client = connect();
    return converse(client, asks, pipelined);
  } catch (const std::system_error&) {
    return Got::lost;  // not even connected
  }
}

}  // namespace weir::test
