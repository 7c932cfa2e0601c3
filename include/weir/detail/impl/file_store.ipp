// SPDX-License-Identifier: MIT
#pragma once
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <system_error>
#include <utility>
#include <weir/detail/file_listing.hpp>
#include <weir/detail/file_store.hpp>
#include <weir/http/conditional.hpp>
#include <weir/http/date.hpp>
#include <weir/net/sys.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

// ── What is kept ─────────────────────────────────────────────────────────────────────────────────

WEIR_INLINE FileCache::FileCache(std::size_t most_files, std::size_t most_bytes,
                                 std::size_t most_open, std::chrono::milliseconds fresh)
    : fresh_(fresh) {
  constexpr std::size_t kMostShards = 16;
  constexpr std::size_t kFilesOfShard = 16;  // fewer would make the order of use a lottery
  std::size_t shards = std::clamp<std::size_t>(most_files / kFilesOfShard, 1, kMostShards);
  if (most_open != 0) shards = std::clamp<std::size_t>(most_open / kFilesOfShard, 1, shards);
  files_each_ = most_files / shards;
  bytes_each_ = most_bytes / shards;
  open_each_ = most_open / shards;
  for (std::size_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

WEIR_INLINE FileCache::Shard& FileCache::shard_of(std::string_view path) noexcept {
  return *shards_[std::hash<std::string_view>()(path) % shards_.size()];
}

WEIR_INLINE FileCache::Found FileCache::find(std::string_view path, TimePoint now) {
  Shard& shard = shard_of(path);
  const net::MutexLock lock(shard.mutex);
  const auto at = shard.by_path.find(path);
  if (at == shard.by_path.end()) return {};
  const std::list<Item>::iterator item = at->second;
  shard.items.splice(shard.items.begin(), shard.items, item);
  Found found;
  found.resource = item->resource;
  found.is_due = !item->is_checking && now - item->checked >= fresh_;
  // Until it has looked the others get what there is; for ever, should it never come back, they do
  // not: the next period has somebody else look.
  if (found.is_due) {
    item->is_checking = fresh_.count() != 0;
    item->checked = now;
  } else if (item->is_checking && now - item->checked >= fresh_) {
    item->is_checking = false;
  }
  return found;
}

WEIR_INLINE void FileCache::drop(Shard& shard, std::list<Item>::iterator item) {
  shard.bytes -= item->bytes;
  shard.descriptors -= item->descriptors;
  shard.by_path.erase(item->path);
  shard.items.erase(item);
}

WEIR_INLINE void FileCache::put(std::string_view path, std::shared_ptr<const FileResource> resource,
                                TimePoint now) {
  if (files_each_ == 0) return;
  Shard& shard = shard_of(path);
  const net::MutexLock lock(shard.mutex);
  const auto at = shard.by_path.find(path);
  if (at != shard.by_path.end()) drop(shard, at->second);
  Item item;
  item.path = path;
  item.bytes = resource->memory() + sizeof(Item) + path.size();
  item.descriptors = resource->descriptors();
  // It would drive out all others, and then itself.
  if (item.bytes > bytes_each_ || item.descriptors > open_each_) return;
  item.resource = std::move(resource);
  item.checked = now;
  shard.items.push_front(std::move(item));
  try {
    shard.by_path.emplace(shard.items.front().path, shard.items.begin());
  } catch (...) {
    shard.items.pop_front();  // whose size is not in the sums yet
    throw;
  }
  shard.bytes += shard.items.front().bytes;
  shard.descriptors += shard.items.front().descriptors;
  while (shard.items.size() > files_each_ || (shard.bytes > bytes_each_ && !shard.items.empty()))
    drop(shard, std::prev(shard.items.end()));
  auto oldest = shard.items.end();
  while (shard.descriptors > open_each_) {
    --oldest;
    if (oldest->descriptors != 0) drop(shard, oldest++);
  }
}

WEIR_INLINE void FileCache::forget(std::string_view path) {
  Shard& shard = shard_of(path);
  const net::MutexLock lock(shard.mutex);
  const auto at = shard.by_path.find(path);
  if (at != shard.by_path.end()) drop(shard, at->second);
}

// ── What is on the disk ──────────────────────────────────────────────────────────────────────────

inline FileOptions checked(FileOptions options) {
  options.check();
  return options;
}

/// Descriptors that may be kept open: connections need them as well, and the server raises the soft
/// limit to the hard one.
inline std::size_t most_open(const FileOptions& options) noexcept {
  rlimit limit{};
  if (net::sys::getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_max = 1024;
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(options.cached_open_files, limit.rlim_max / 8));
}

WEIR_INLINE FileStore::FileStore(const std::string& directory, FileOptions options)
    : options_(checked(std::move(options))),
      directory_(directory),
      types_(make_media_types(options_)),
      cache_(options_.cached_files, options_.cached_bytes, most_open(options_),
             options_.revalidate) {}

/// Whether an errno value means that there is nothing to serve, rather than that something failed.
inline bool is_absent(int error) noexcept {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
    case ELOOP:
    case EXDEV:
    case ENAMETOOLONG:
    case EINVAL:
    case ENXIO:
    case ENODEV:
      return true;
    default:
      return false;
  }
}

WEIR_INLINE FileStore::Loaded FileStore::load(
    const http::FilePath& path, const std::shared_ptr<const FileResource>& known) const {
  Loaded loaded;
  std::string name(path.text);
  net::Directory::Opened opened = directory_.open(name);
  if (opened.error != 0) {
    if (!is_absent(opened.error)) loaded.error = opened.error;
    return loaded;
  }
  if (opened.status.kind == net::FileStatus::Kind::directory) {
    if (!path.wants_directory) {
      auto resource = std::make_shared<FileResource>();
      resource->kind = FileResource::Kind::directory;
      loaded.resource = std::move(resource);
      return loaded;
    }
    if (!options_.index.empty()) {
      const std::string index = name.empty() ? options_.index : name + "/" + options_.index;
      opened = directory_.open(index);
      if (opened.error == 0 && opened.status.kind == net::FileStatus::Kind::file) {
        loaded.resource = make(index, std::move(opened), known, loaded.error);
        return loaded;
      }
    }
    if (options_.listing) loaded.listing = list(name);
    return loaded;
  }
  if (opened.status.kind != net::FileStatus::Kind::file || path.wants_directory) return loaded;
  loaded.resource = make(name, std::move(opened), known, loaded.error);
  return loaded;
}

WEIR_INLINE std::shared_ptr<const FileResource> FileStore::make(
    const std::string& path, net::Directory::Opened opened,
    const std::shared_ptr<const FileResource>& known, int& error) const {
  const auto of = [&known](http::ContentCoding coding) {
    return known == nullptr ? nullptr : known->files[static_cast<std::size_t>(coding)];
  };
  auto resource = std::make_shared<FileResource>();
  resource->media_type = types_.find_for_path(path);
  const std::int64_t modified = opened.status.modified;
  auto& plain = resource->files[0];
  plain =
      store(std::move(opened), http::ContentCoding::identity, of(http::ContentCoding::identity));
  if (plain == nullptr) {
    error = EIO;
    return nullptr;
  }
  if (!options_.precompressed) return resource;
  for (const auto coding :
       {http::ContentCoding::gzip, http::ContentCoding::br, http::ContentCoding::zstd}) {
    net::Directory::Opened sibling = directory_.open(path + std::string(http::suffix_of(coding)));
    if (sibling.error != 0 || sibling.status.kind != net::FileStatus::Kind::file ||
        sibling.status.modified < modified)
      continue;
    resource->files[static_cast<std::size_t>(coding)] =
        store(std::move(sibling), coding, of(coding));
  }
  return resource;
}

// What `opened` has, in memory if it is small; null when it cannot be read.
WEIR_INLINE std::shared_ptr<const StoredFile> FileStore::store(
    net::Directory::Opened opened, http::ContentCoding coding,
    const std::shared_ptr<const StoredFile>& known) const {
  if (known != nullptr && !known->is_weak && known->status == opened.status) return known;
  auto file = std::make_shared<StoredFile>();
  file->status = opened.status;
  file->size = opened.status.size;
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  // Within the grain of its time, which is 2 s on some file systems, it may change unnoticed.
  constexpr std::int64_t kGrain = 2'000'000'000;
  file->is_weak = now - opened.status.modified < kGrain;
  file->etag = http::FileTag(opened.status.modified, file->size,
                             coding == http::ContentCoding::identity ? std::string_view()
                                                                     : http::to_string(coding),
                             file->is_weak)
                   .text();
  const std::int64_t nanoseconds = opened.status.modified;
  std::int64_t seconds = nanoseconds / 1'000'000'000;
  if (nanoseconds % 1'000'000'000 < 0) --seconds;
  // A time in the future would make a client wait for it (RFC 9110 §8.8.2.1).
  file->modified = std::min(seconds, now / 1'000'000'000);
  file->last_modified = http::format_date(*file->modified);
  if (file->size > options_.cached_file_bytes) {
    file->fd = std::move(opened.fd);
    return file;
  }
  file->owned.resize(static_cast<std::size_t>(file->size));
  std::size_t read = 0;
  while (read < file->owned.size()) {
    const net::sys::Ssize moved =
        net::sys::pread(opened.fd.get(), file->owned.data() + read, file->owned.size() - read,
                        static_cast<net::sys::Offset>(read));
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return nullptr;  // it shrinks under our hands, or the disk fails
    read += static_cast<std::size_t>(moved);
  }
  // What was written meanwhile must not stand under the tag of before.
  net::FileStatus after;
  if (!net::look_at(opened.fd.get(), after) || !(after == opened.status)) return nullptr;
  file->bytes = file->owned;
  return file;
}

WEIR_INLINE std::string FileStore::list(const std::string& path) const {
  FileListing listing(path, options_.dot_files);
  bool is_whole = true;
  for (const net::Directory::Entry& entry :
       directory_.list(path, options_.listing_entries, is_whole)) {
    const bool is_directory = entry.status.kind == net::FileStatus::Kind::directory;
    if (!is_directory && entry.status.kind != net::FileStatus::Kind::file) continue;
    listing.add(entry.name, is_directory, entry.status.size, entry.status.modified / 1'000'000'000);
  }
  return std::move(listing).finish(is_whole);
}

}  // namespace detail
WEIR_END_NAMESPACE
