// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Embedded files as they are served: what each path answers, made once at the set-up.
///
/// Thread: any; a tree does not change.
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <weir/config.hpp>
#include <weir/detail/file_resource.hpp>
#include <weir/file_options.hpp>
#include <weir/fwd.hpp>
#include <weir/http/mime_types.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class EmbeddedTree {
 public:
  /// Throws std::invalid_argument naming the option, or the file.
  EmbeddedTree(const EmbeddedFiles& files, FileOptions options);

  struct Node {
    std::shared_ptr<const FileResource> resource;  // null: `listing` is the answer
    std::string listing;
  };
  /// What a path, with a slash behind it if that was asked for, answers; null: nothing.
  const Node* find(std::string_view key) const noexcept;

  /// What answers for paths that name nothing; null: nothing does.
  const FileResource* fallback() const noexcept { return fallback_; }

  const FileOptions& options() const noexcept { return options_; }

 private:
  using Files = std::map<std::string_view, std::shared_ptr<const StoredFile>>;

  std::shared_ptr<const FileResource> make(const Files& files, const http::MimeTypes& types,
                                           std::string_view path) const;
  void add_directory(const Files& files, const http::MimeTypes& types, std::string_view path);
  std::string list(const Files& files, std::string_view path) const;

  const FileOptions options_;
  // Keys view the files' own paths: "a/b.txt", "a" (to be asked for with a slash) and "a/".
  std::unordered_map<std::string_view, Node> nodes_;
  const FileResource* fallback_ = nullptr;
};

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/embedded_tree.ipp>
#endif
