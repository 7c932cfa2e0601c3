// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <utility>
#include <weir/detail/embedded_tree.hpp>
#include <weir/detail/file_listing.hpp>
#include <weir/embedded_files.hpp>
#include <weir/http/conditional.hpp>
#include <weir/http/date.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

[[noreturn]] inline void refuse_embedded(std::string_view path, const char* what) {
  throw std::invalid_argument(
      std::string("weir::EmbeddedFiles: \"").append(path).append("\": ").append(what));
}

inline std::shared_ptr<const StoredFile> to_stored(const EmbeddedFile& file,
                                                   std::optional<std::int64_t> modified) {
  http::FilePath path;
  if (file.path.empty() || file.path.back() == '/' ||
      http::to_file_path(file.path, DotFiles::allowed, path) != http::FilePathError::none)
    refuse_embedded(file.path, "no request can have this path");
  const std::optional<http::EntityTag> tag = http::parse_entity_tag(file.etag);
  if (!tag || tag->weak) refuse_embedded(file.path, "its etag is no strong entity tag");
  auto stored = std::make_shared<StoredFile>();
  stored->size = file.bytes.size();
  stored->bytes = file.bytes;
  stored->etag = file.etag;
  stored->modified = modified;
  if (modified) stored->last_modified = http::format_date(*modified);
  return stored;
}

WEIR_INLINE EmbeddedTree::EmbeddedTree(const EmbeddedFiles& files, FileOptions options)
    : options_(std::move(options)) {
  options_.check();
  const http::MimeTypes types = make_media_types(options_);
  Files by_path;
  for (const EmbeddedFile& file : files)
    if (!by_path.emplace(file.path, to_stored(file, files.modified())).second)
      refuse_embedded(file.path, "is there twice");

  for (const auto& [path, file] : by_path)
    nodes_.emplace(path, Node{make(by_path, types, path), {}});
  add_directory(by_path, types, {});
  for (const auto& [path, file] : by_path)
    for (std::size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1))
      add_directory(by_path, types, path.substr(0, at + 1));

  if (options_.fallback.empty()) return;
  const Node* const node = find(options_.fallback);
  if (node == nullptr || node->resource->kind != FileResource::Kind::file)
    throw std::invalid_argument("weir::FileOptions::fallback: is none of the embedded files");
  fallback_ = node->resource.get();
}

WEIR_INLINE const EmbeddedTree::Node* EmbeddedTree::find(std::string_view key) const noexcept {
  const auto at = nodes_.find(key);
  return at == nodes_.end() ? nullptr : &at->second;
}

WEIR_INLINE std::shared_ptr<const FileResource> EmbeddedTree::make(const Files& files,
                                                                   const http::MimeTypes& types,
                                                                   std::string_view path) const {
  auto resource = std::make_shared<FileResource>();
  resource->media_type = types.find_for_path(path);
  resource->files[0] = files.at(path);
  if (!options_.precompressed) return resource;
  for (const auto coding :
       {http::ContentCoding::gzip, http::ContentCoding::br, http::ContentCoding::zstd}) {
    const auto sibling = files.find(std::string(path).append(http::suffix_of(coding)));
    if (sibling != files.end()) resource->files[static_cast<std::size_t>(coding)] = sibling->second;
  }
  return resource;
}

/// What the directory `path`, empty or with a slash behind it, answers with that slash and without.
WEIR_INLINE void EmbeddedTree::add_directory(const Files& files, const http::MimeTypes& types,
                                             std::string_view path) {
  if (!path.empty()) {
    const std::string_view name = path.substr(0, path.size() - 1);
    if (const Node* const known = find(name)) {
      if (known->resource->kind == FileResource::Kind::directory) return;  // done for a sibling
      refuse_embedded(path, "is a file and a directory");
    }
    auto redirect = std::make_shared<FileResource>();
    redirect->kind = FileResource::Kind::directory;
    nodes_.emplace(name, Node{std::move(redirect), {}});
  }
  if (!options_.index.empty()) {
    const auto index = files.find(std::string(path).append(options_.index));
    if (index != files.end()) {
      nodes_.emplace(path, Node{make(files, types, index->first), {}});
      return;
    }
  }
  if (options_.listing) nodes_.emplace(path, Node{nullptr, list(files, path)});
}

WEIR_INLINE std::string EmbeddedTree::list(const Files& files, std::string_view path) const {
  FileListing listing(path.substr(0, path.empty() ? 0 : path.size() - 1), options_.dot_files);
  std::size_t left = options_.listing_entries;
  for (const bool directories : {true, false}) {
    std::string_view last;
    for (auto at = files.lower_bound(path); at != files.end(); ++at) {
      if (at->first.substr(0, path.size()) != path) break;
      const std::string_view below = at->first.substr(path.size());
      const std::string_view name = below.substr(0, below.find('/'));
      if ((name.size() != below.size()) != directories || name == last) continue;
      last = name;
      if (left-- == 0) return std::move(listing).finish(false);
      listing.add(name, directories, at->second->size,
                  directories ? std::nullopt : at->second->modified);
    }
  }
  return std::move(listing).finish(true);
}

}  // namespace detail
WEIR_END_NAMESPACE
