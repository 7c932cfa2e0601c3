// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The files below one directory, and those of them that are kept between requests.
///
/// What is kept is spread over shards by its path, each under a mutex of its own that is held for a
/// look-up: loops that serve the same directory seldom meet.
///
/// Thread: any. load() waits for the disk: for workers.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>
#include <weir/config.hpp>
#include <weir/detail/file_resource.hpp>
#include <weir/file_options.hpp>
#include <weir/http/mime_types.hpp>
#include <weir/net/directory.hpp>
#include <weir/net/mutex.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Resources by path, the least used forgotten first.
class FileCache {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `most_open` is of descriptors.
  FileCache(std::size_t most_files, std::size_t most_bytes, std::size_t most_open,
            std::chrono::milliseconds fresh);

  struct Found {
    std::shared_ptr<const FileResource> resource;  // null: not kept
    bool is_due = false;  // the caller is to look whether it has changed; nobody else is told so
  };
  Found find(std::string_view path, TimePoint now);

  void put(std::string_view path, std::shared_ptr<const FileResource> resource, TimePoint now);
  void forget(std::string_view path);

 private:
  struct Item {
    std::string path;
    std::shared_ptr<const FileResource> resource;
    std::size_t bytes = 0;
    std::size_t descriptors = 0;
    TimePoint checked;
    bool is_checking = false;
  };
  struct Shard {
    net::Mutex mutex;
    std::list<Item> items WEIR_GUARDED_BY(mutex);  // the last used in front
    std::unordered_map<std::string_view, std::list<Item>::iterator> by_path WEIR_GUARDED_BY(mutex);
    std::size_t bytes WEIR_GUARDED_BY(mutex) = 0;
    std::size_t descriptors WEIR_GUARDED_BY(mutex) = 0;
  };
  Shard& shard_of(std::string_view path) noexcept;
  static void drop(Shard& shard, std::list<Item>::iterator item) WEIR_REQUIRES(shard.mutex);

  std::vector<std::unique_ptr<Shard>> shards_;
  std::size_t files_each_;
  std::size_t bytes_each_;
  std::size_t open_each_;
  std::chrono::milliseconds fresh_;
};

class FileStore {
 public:
  /// Opens `directory`. Throws std::system_error, and std::invalid_argument naming the option.
  FileStore(const std::string& directory, FileOptions options);

  const FileOptions& options() const noexcept { return options_; }
  FileCache& cache() noexcept { return cache_; }

  struct Loaded {
    std::shared_ptr<const FileResource> resource;  // null: there is none
    std::string listing;                           // a page, if that is the answer
    int error = 0;                                 // an errno value, if it is the system's fault
  };

  /// Looks for `path` on the disk. What has not changed is taken from `known`, which may be null.
  Loaded load(const http::FilePath& path, const std::shared_ptr<const FileResource>& known) const;

 private:
  std::shared_ptr<const FileResource> make(const std::string& path, net::Directory::Opened opened,
                                           const std::shared_ptr<const FileResource>& known,
                                           int& error) const;
  std::shared_ptr<const StoredFile> store(net::Directory::Opened opened, http::ContentCoding coding,
                                          const std::shared_ptr<const StoredFile>& known) const;
  std::string list(const std::string& path) const;

  const FileOptions options_;
  const net::Directory directory_;
  http::MimeTypes types_;
  FileCache cache_;
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/file_store.ipp>
#endif
