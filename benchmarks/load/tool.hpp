// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// What the load and stress programs share: arguments, the limit of open files, loopback sockets.
///
/// The programs need no header of weir: they measure and test it from outside.
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

namespace load {

/// Prints `program: why` to stderr and exits with 2, the status of a wrong call or setting.
[[noreturn]] inline void die(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(2);
}

/// Command line of `--name value` pairs. What nobody asked for is refused by done().
class Arguments {
 public:
  Arguments(int argc, char** argv, const char* usage) {
    for (int i = 1; i < argc; i += 2) {
      const std::string_view name = argv[i];
      if (name == "--help") {
        std::fputs(usage, stdout);
        std::exit(0);
      }
      if (name.substr(0, 2) != "--" || i + 1 == argc)
        die("expected '--name value', got '" + std::string(name) + "'\n" + usage);
      given_[std::string(name.substr(2))] = argv[i + 1];
    }
  }

  std::string text(const std::string& name, const std::string& otherwise) {
    const auto found = given_.find(name);
    if (found == given_.end()) return otherwise;
    std::string value = found->second;
    given_.erase(found);
    return value;
  }

  /// A whole number from `least` to `most`.
  std::uint64_t number(const std::string& name, std::uint64_t otherwise, std::uint64_t least,
                       std::uint64_t most) {
    const std::string value = text(name, std::to_string(otherwise));
    char* end = nullptr;
    errno = 0;
    const unsigned long long got = std::strtoull(value.c_str(), &end, 10);
    if (value.empty() || value[0] == '-' || *end != '\0' || errno != 0 || got < least || got > most)
      die("--" + name + " takes a number from " + std::to_string(least) + " to " +
          std::to_string(most) + ", got '" + value + "'");
    return got;
  }

  /// A number from `least` to `most` that may have a fraction.
  double real(const std::string& name, double otherwise, double least, double most) {
    const std::string value = text(name, "");
    if (value.empty()) return otherwise;
    char* end = nullptr;
    const double got = std::strtod(value.c_str(), &end);
    if (*end != '\0' || !(got >= least && got <= most))
      die("--" + name + " takes a number from " + std::to_string(least) + " to " +
          std::to_string(most) + ", got '" + value + "'");
    return got;
  }

  /// The contents of the file that was named, or `otherwise` when none was.
  std::string file(const std::string& name, const std::string& otherwise) {
    const std::string path = text(name, "");
    if (path.empty()) return otherwise;
    std::ifstream in(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in || bytes.empty()) die("cannot read '" + path + "', or it is empty");
    return bytes;
  }

  /// Exits when an argument was given that none of the calls before took.
  void done() const {
    if (!given_.empty()) die("no such argument: --" + given_.begin()->first);
  }

 private:
  std::map<std::string, std::string> given_;
};

/// Raises RLIMIT_NOFILE to at least `files`, or exits and says so.
inline void raise_file_limit(std::uint64_t files) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= files) return;
  const rlim_t before = limit.rlim_max;
  limit.rlim_cur = files;
  if (limit.rlim_max < files) limit.rlim_max = files;  // only with CAP_SYS_RESOURCE
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    die(std::to_string(files) + " open files needed, the hard limit is " + std::to_string(before));
}

/// The IPv4 address of `host`, which must lie in 127.0.0.0/8: these programs harass what they
/// reach.
inline sockaddr_in loopback(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
      (ntohl(address.sin_addr.s_addr) >> 24) != 127)
    die("--host must be an address in 127.0.0.0/8, got '" + host + "'");
  return address;
}

/// A non-blocking socket on its way to `to`, from 127.0.0.(1 + source); -1 with errno on failure.
/// Several sources, because one has less than 65,536 ports and TIME_WAIT keeps them for a minute.
inline int start_connect(const sockaddr_in& to, std::uint32_t source, int receive_buffer = 0) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (receive_buffer > 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(0x7F000001U + source);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
      (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ||
       errno == EINPROGRESS))
    return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

/// The error that a finished or failed connect left, 0 for none.
inline int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// How many descriptors the process has open, or -1 when it is gone or not ours to look at.
inline int count_descriptors(int pid) {
  DIR* directory = ::opendir(("/proc/" + std::to_string(pid) + "/fd").c_str());
  if (directory == nullptr) return -1;
  int count = 0;
  while (const dirent* entry = ::readdir(directory))
    if (entry->d_name[0] != '.') ++count;
  ::closedir(directory);
  return count;
}

}  // namespace load
