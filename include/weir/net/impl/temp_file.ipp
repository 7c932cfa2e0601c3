// SPDX-License-Identifier: MIT
#pragma once
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <weir/net/random.hpp>
#include <weir/net/sys.hpp>
#include <weir/net/temp_file.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {
namespace detail {

inline constexpr sys::FileMode kTempMode = 0600;
inline constexpr int kNameAttempts = 16;  // a name of 64 random bits is taken once in a lifetime

/// ".weir-" and 16 digits that nobody foresees, in `folder`.
WEIR_INLINE std::string temp_name(const std::string& folder) {
  std::string name = folder;
  if (!name.empty() && name.back() != '/') name += '/';
  return name + ".weir-" + random_hex(8);
}

/// The folder that `path` stands in; empty: the working directory.
WEIR_INLINE std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// Makes a new file under a name of ours in `folder`. 0 or an errno.
WEIR_INLINE int create_named(const std::string& folder, std::string& name, Fd& fd) {
  for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
    name = temp_name(folder);
    fd.reset(
        sys::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kTempMode));
    if (fd) return 0;
    if (errno != EEXIST) break;
  }
  name.clear();
  return errno;
}

WEIR_INLINE int write_at(int fd, std::string_view bytes, std::uint64_t offset) noexcept {
  while (!bytes.empty()) {
    const sys::Ssize n =
        sys::pwrite(fd, bytes.data(), bytes.size(), static_cast<sys::Offset>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return 0;
}

/// Renames `name`, a file of ours, to `path`; when that fails it is removed. 0 or an errno.
WEIR_INLINE int settle_name(const std::string& name, const std::string& path, bool overwrite) {
  constexpr unsigned int kNoReplace = 1;  // RENAME_NOREPLACE
  int result =
      sys::renameat2(AT_FDCWD, name.c_str(), AT_FDCWD, path.c_str(), overwrite ? 0 : kNoReplace);
  int error = result == 0 ? 0 : errno;
  if (!overwrite && (error == EINVAL || error == ENOSYS)) {  // as some network file systems
    result = sys::linkat(AT_FDCWD, name.c_str(), AT_FDCWD, path.c_str(), 0);
    error = result == 0 ? 0 : errno;
  }
  sys::unlink(name.c_str());
  return error;
}

/// Fills a new file beside `path` by `write(fd)`, 0 or an errno, and renames it.
template <class Write>
int save_by(const std::string& path, bool overwrite, Write write) {
  std::string name;
  Fd fd;
  int error = create_named(folder_of(path), name, fd);
  if (error != 0) return error;
  error = write(fd.get());
  // A full disk may show only now, on network file systems.
  if (sys::close(fd.release()) != 0 && error == 0 && errno != EINTR) error = errno;
  if (error != 0) {
    sys::unlink(name.c_str());
    return error;
  }
  return settle_name(name, path, overwrite);
}

}  // namespace detail

WEIR_INLINE TempFile::~TempFile() {
  if (!name_.empty()) sys::unlink(name_.c_str());
}

WEIR_INLINE int TempFile::create(const std::string& folder) {
  WEIR_ASSERT(!fd_);
  fd_.reset(sys::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, detail::kTempMode));
  if (fd_) return 0;
  // Kernels and file systems without it say one of these.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT) return errno;
  return detail::create_named(folder, name_, fd_);
}

WEIR_INLINE int TempFile::append(std::string_view bytes) noexcept {
  const int error = detail::write_at(fd_.get(), bytes, size_);
  if (error == 0) size_ += bytes.size();
  return error;
}

WEIR_INLINE std::string TempFile::path() const {
  return name_.empty() ? "/proc/self/fd/" + std::to_string(fd_.get()) : name_;
}

WEIR_INLINE int TempFile::link_to(const std::string& to) const {
  const int flags = name_.empty() ? AT_SYMLINK_FOLLOW : 0;  // /proc/self/fd/N is a link
  return sys::linkat(AT_FDCWD, path().c_str(), AT_FDCWD, to.c_str(), flags) == 0 ? 0 : errno;
}

WEIR_INLINE int TempFile::save_as(const std::string& path, bool overwrite) const {
  if (!overwrite) {
    const int error = link_to(path);
    if (error == 0 || error == EEXIST) return error;
  } else {
    const std::string name = detail::temp_name(detail::folder_of(path));
    if (link_to(name) == 0) return detail::settle_name(name, path, true);
  }
  // Another file system, or one without links.
  return detail::save_by(path, overwrite, [this](int to) {
    std::string block(std::size_t{256} * 1024, '\0');
    for (std::uint64_t at = 0; at < size_;) {
      const sys::Ssize n =
          sys::pread(fd_.get(), block.data(), block.size(), static_cast<sys::Offset>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return errno;
      if (n == 0) return EIO;
      const int error = detail::write_at(to, {block.data(), static_cast<std::size_t>(n)}, at);
      if (error != 0) return error;
      at += static_cast<std::uint64_t>(n);
    }
    return 0;
  });
}

WEIR_INLINE int save_bytes(std::string_view bytes, const std::string& path, bool overwrite) {
  return detail::save_by(path, overwrite,
                         [bytes](int to) { return detail::write_at(to, bytes, 0); });
}

}  // namespace net
WEIR_END_NAMESPACE
