// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Many connections, opened before anything is measured.
#include <poll.h>

#include <deque>
#include <vector>

#include "tool.hpp"

namespace load {

constexpr std::size_t kPerAddress = 20'000;  // connections from one source address
constexpr std::size_t kOpening = 128;        // at one time: no more than a usual backlog

/// A file limit that lets `connections` be opened beside what the program has.
inline void allow_connections(std::uint64_t connections) { raise_file_limit(connections + 32); }

/// Opens `count` connections and returns them connected and non-blocking. `number` is that of the
/// first one among all of the program: it chooses the source addresses. Exits when one cannot be
/// opened within `timeout_seconds`.
inline std::vector<int> open_connections(const sockaddr_in& to, std::size_t count,
                                         std::size_t number, std::uint64_t timeout_seconds) {
  std::vector<int> all;
  std::deque<int> opening;
  while (all.size() < count) {
    while (opening.size() < kOpening && all.size() + opening.size() < count) {
      const std::size_t at = number + all.size() + opening.size();
      const int fd = start_connect(to, static_cast<std::uint32_t>(at / kPerAddress));
      if (fd < 0) die(std::string("connect: ") + std::strerror(errno));
      opening.push_back(fd);
    }
    pollfd oldest{opening.front(), POLLOUT, 0};
    if (::poll(&oldest, 1, static_cast<int>(timeout_seconds * 1000)) == 0)
      die("only " + std::to_string(all.size()) + " connections could be opened in time");
    const int error = socket_error(oldest.fd);
    if (error != 0) die(std::string("connect: ") + std::strerror(error));
    all.push_back(oldest.fd);
    opening.pop_front();
  }
  return all;
}

/// `GET path` with a Host field, as the programs send it unless they are given a file.
inline std::string plain_get(const std::string& host, std::uint16_t port) {
  return "GET /plaintext HTTP/1.1\r\nHost: " + host + ":" + std::to_string(port) + "\r\n\r\n";
}

}  // namespace load
