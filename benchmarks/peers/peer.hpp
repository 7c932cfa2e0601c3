// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the servers of the bench share: arguments, the contents that they serve, their listeners.
///
/// Each is started as `NAME --port N --threads N`, listens on a loopback address, and ends with
/// status 0 at SIGTERM. Nothing here runs while a request is served, except bytes_at().
#include <csignal>
#include <memory>
#include <string>
#include <string_view>

#include "load/tool.hpp"

namespace peer {

constexpr const char* kUsage = "--port N [--host 127.0.0.1] [--threads 1]\n";

constexpr std::string_view kPlaintext = "Hello, World!";
constexpr std::string_view kTextType = "text/plain; charset=utf-8";
constexpr std::string_view kBytesType = "application/octet-stream";
constexpr std::size_t kMaxBody = 64 * 1024 * 1024;  // of /echo and /sink
constexpr int kBacklog = 4096;

struct Settings {
  std::string host;
  std::uint16_t port;
  unsigned threads;
};

/// Ends the process at SIGTERM and SIGINT, in the middle of whatever it does.
inline void end_at_signal() {
  struct sigaction end {};
  end.sa_handler = [](int) { ::_exit(0); };
  ::sigaction(SIGTERM, &end, nullptr);
  ::sigaction(SIGINT, &end, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

inline Settings settings(load::Arguments& arguments) {
  Settings settings;
  settings.host = arguments.text("host", "127.0.0.1");
  settings.port = static_cast<std::uint16_t>(arguments.number("port", 8090, 1, 65535));
  settings.threads = static_cast<unsigned>(arguments.number("threads", 1, 1, 256));
  load::loopback(settings.host, settings.port);
  return settings;
}

inline Settings settings(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  Settings got = settings(arguments);
  arguments.done();
  return got;
}

/// The content of `/bytes/16384` and of `/bytes/1048576`, or null for another path.
inline const std::shared_ptr<const std::string>& bytes_at(std::string_view path) {
  static const auto kSmall = std::make_shared<const std::string>(16 * 1024, 'x');
  static const auto kLarge = std::make_shared<const std::string>(1024 * 1024, 'x');
  static const std::shared_ptr<const std::string> kNone;
  if (path == "/bytes/16384") return kSmall;
  return path == "/bytes/1048576" ? kLarge : kNone;
}

/// A listening socket, non-blocking, one of several for the same port.
inline int listen_on(const Settings& settings) {
  const sockaddr_in address = load::loopback(settings.host, settings.port);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, kBacklog) != 0)
    load::die(std::string("listen: ") + std::strerror(errno));
  return fd;
}

}  // namespace peer
