// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A directory out of which no path leads.
///
/// Every file is opened with openat2() and RESOLVE_BENEATH: the kernel refuses "..", absolute links
/// and links that lead out, whoever made them and however they change meanwhile. Where it has no
/// openat2() (before Linux 5.6, or forbidden by a sandbox) the path is walked step by step, and no
/// link is followed at all.
///
/// Thread: any. Opening and listing wait for the disk.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>
#include <weir/config.hpp>
#include <weir/net/fd.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

/// What a file was when it was looked at.
struct FileStatus {
  enum class Kind : std::uint8_t { file, directory, other };

  Kind kind = Kind::other;
  std::uint64_t size = 0;     ///< bytes
  std::int64_t modified = 0;  ///< nanoseconds since 1970
  std::uint64_t inode = 0;
  std::uint64_t device = 0;

  bool operator==(const FileStatus& other) const noexcept {
    return kind == other.kind && size == other.size && modified == other.modified &&
           inode == other.inode && device == other.device;
  }
};

/// What the open file `fd` is now; false and errno when that cannot be said.
WEIR_API bool look_at(int fd, FileStatus& status) noexcept;

class WEIR_API Directory {
 public:
  /// Opens a directory, which may be renamed afterwards. Throws std::system_error, naming it.
  explicit Directory(const std::string& path);

  struct Opened {
    Fd fd;
    FileStatus status;
    int error = 0;  ///< an errno value: then there is no fd
  };

  /// Opens what `path` names, a relative path without "." and ".." and with single slashes; empty:
  /// the directory itself. ENOENT and the like where there is nothing, ELOOP or EXDEV where a link
  /// leads out. A FIFO or a device is opened without waiting, and is `other`.
  Opened open(const std::string& path) const noexcept;

  struct Entry {
    std::string name;
    FileStatus status;
  };

  /// The entries of the directory `path`, without "." and "..", sorted by name with directories in
  /// front; at most `most`, and then `is_whole` is false. Throws std::system_error.
  std::vector<Entry> list(const std::string& path, std::size_t most, bool& is_whole) const;

 private:
  int walk(const std::string& path, int flags) const noexcept;

  Fd fd_;
};

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/directory.ipp>
#endif
