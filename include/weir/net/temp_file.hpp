// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A file that is gone when its owner is, unless it is given a name.
///
/// Where the file system can (O_TMPFILE) it has no name from the start: nothing is left behind even
/// by a crash. Elsewhere it has one of ours, 0600, until the owner dies.
///
/// Every call may wait for the disk. Thread: any, one at a time.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/net/fd.hpp>

WEIR_BEGIN_NAMESPACE
namespace net {

class WEIR_API TempFile {
 public:
  /// No file.
  TempFile() noexcept = default;
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile();

  /// Makes the file, empty and readable by this user alone, in the folder `folder`. 0 or an errno.
  /// Throws std::bad_alloc.
  int create(const std::string& folder);

  /// Writes all of `bytes` behind what was written before. 0 or an errno.
  int append(std::string_view bytes) noexcept;

  /// Gives the content the name `path`, mode 0600: by a link where both are on one file system,
  /// else by a copy that has the name once it is whole. An existing file is left alone (EEXIST), or
  /// with `overwrite` replaced at once. The file is as it was. 0 or an errno. Throws
  /// std::bad_alloc.
  int save_as(const std::string& path, bool overwrite) const;

  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }
  int fd() const noexcept { return fd_.get(); }
  std::uint64_t size() const noexcept { return size_; }

  /// A path that opens it while it lives: in /proc where it has no name. Throws std::bad_alloc.
  std::string path() const;

 private:
  int link_to(const std::string& to) const;

  Fd fd_;
  std::string name_;  // empty: O_TMPFILE
  std::uint64_t size_ = 0;
};

/// Writes `bytes` to a file `path` as TempFile::save_as() does. 0 or an errno.
WEIR_API int save_bytes(std::string_view bytes, const std::string& path, bool overwrite);

}  // namespace net
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/net/impl/temp_file.ipp>
#endif
