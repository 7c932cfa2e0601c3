// SPDX-License-Identifier: MIT
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <weir/net/directory.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
namespace detail {

inline FileStatus status_from(const struct ::stat& from) noexcept {
  FileStatus status;
  status.kind = S_ISREG(from.st_mode)   ? FileStatus::Kind::file
                : S_ISDIR(from.st_mode) ? FileStatus::Kind::directory
                                        : FileStatus::Kind::other;
  status.size = static_cast<std::uint64_t>(from.st_size);
  status.modified = std::int64_t{from.st_mtim.tv_sec} * 1'000'000'000 + from.st_mtim.tv_nsec;
  status.inode = from.st_ino;
  status.device = from.st_dev;
  return status;
}

/// Tries again while a signal, or a rename on the way, comes between.
template <class F>
int until_settled(F open) noexcept {
  constexpr int kTries = 8;
  int fd = -1;
  for (int i = 0; i < kTries; ++i) {
    fd = open();
    if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) break;
  }
  return fd;
}

}  // namespace detail

WEIR_INLINE bool look_at(int fd, FileStatus& status) noexcept {
  struct ::stat now {};
  if (sys::fstat(fd, &now) != 0) return false;
  status = detail::status_from(now);
  return true;
}

WEIR_INLINE Directory::Directory(const std::string& path)
    : fd_(sys::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), "weir: directory " + path);
}

WEIR_INLINE Directory::Opened Directory::open(const std::string& path) const noexcept {
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const char* const name = path.empty() ? "." : path.c_str();
  Opened opened;
  opened.fd.reset(
      detail::until_settled([&] { return sys::openat_beneath(fd_.get(), name, kFlags); }));
  if (!opened.fd && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
    opened.fd.reset(walk(path, kFlags));
  if (!opened.fd || !look_at(opened.fd.get(), opened.status)) {
    opened.error = errno;
    opened.fd.reset();
  }
  return opened;
}

WEIR_INLINE int Directory::walk(const std::string& path, int flags) const noexcept {
  constexpr int kStep = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Fd step;
  std::size_t begin = 0;
  char name[256];  // NAME_MAX and its NUL
  for (;;) {
    const std::size_t slash = path.find('/', begin);
    const bool is_last = slash == std::string::npos;
    const std::string_view segment = std::string_view(path).substr(begin, slash - begin);
    if (segment == ".." || segment.size() >= sizeof name) {
      errno = segment == ".." ? EXDEV : ENAMETOOLONG;
      return -1;
    }
    const std::string_view wanted = segment.empty() ? std::string_view(".") : segment;
    name[wanted.copy(name, sizeof name - 1)] = '\0';
    const int from = step ? step.get() : fd_.get();
    if (is_last)
      return detail::until_settled([&] { return sys::openat(from, name, flags | O_NOFOLLOW); });
    Fd next(detail::until_settled([&] { return sys::openat(from, name, kStep); }));
    if (!next) return -1;
    step = std::move(next);
    begin = slash + 1;
  }
}

WEIR_INLINE std::vector<Directory::Entry> Directory::list(const std::string& path, std::size_t most,
                                                          bool& is_whole) const {
  Opened opened = open(path);
  if (opened.fd && opened.status.kind != FileStatus::Kind::directory) opened.error = ENOTDIR;
  if (opened.error != 0)
    throw std::system_error(opened.error, std::generic_category(), "weir: directory " + path);
  const int fd = opened.fd.get();
  const std::unique_ptr<::DIR, int (*)(::DIR*)> stream(::fdopendir(fd), &::closedir);
  if (stream == nullptr)
    throw std::system_error(errno, std::generic_category(), "weir: directory " + path);
  opened.fd.release();  // the stream's now
  std::vector<Entry> entries;
  is_whole = true;
  // A stream of this call's own: NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const ::dirent* const one = ::readdir(stream.get())) {
    const std::string_view name(one->d_name);
    if (name == "." || name == "..") continue;
    if (entries.size() == most) {
      is_whole = false;
      break;
    }
    struct ::stat status {};
    if (::fstatat(fd, one->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone again
    entries.push_back({std::string(name), detail::status_from(status)});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const bool a_first = a.status.kind == FileStatus::Kind::directory;
    const bool b_first = b.status.kind == FileStatus::Kind::directory;
    return a_first != b_first ? a_first : a.name < b.name;
  });
  return entries;
}

}  // namespace net
WEIR_END_NAMESPACE
