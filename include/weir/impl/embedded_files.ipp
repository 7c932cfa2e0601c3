// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <utility>
#include <weir/detail/embedded_tree.hpp>
#include <weir/detail/file_listing.hpp>
#include <weir/detail/file_routes.hpp>
#include <weir/embedded_files.hpp>
#include <weir/error.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Answers from an EmbeddedTree: at once, as nothing is to be waited for.
class EmbeddedHandler {
 public:
  explicit EmbeddedHandler(std::shared_ptr<const EmbeddedTree> tree) noexcept
      : tree_(std::move(tree)) {}

  void operator()(const Request& request, Response& response) const {
    const FileOptions& options = tree_->options();
    http::FilePath path;
    const EmbeddedTree::Node* node = nullptr;
    if (http::to_file_path(request.param(kFileParam), options.dot_files, path) ==
        http::FilePathError::none)
      node = tree_->find(key_of(path));
    if (node != nullptr && node->resource != nullptr) {
      answer_resource(request, *node->resource, options, response);
    } else if (node != nullptr) {
      answer_listing(node->listing, response);
    } else if (tree_->fallback() != nullptr && wants_fallback(request, options)) {
      answer_resource(request, *tree_->fallback(), options, response);
    } else {
      throw HttpError(Status::not_found);
    }
  }

 private:
  std::shared_ptr<const EmbeddedTree> tree_;
};

}  // namespace detail

WEIR_INLINE Router& Router::files(std::string_view prefix, const EmbeddedFiles& embedded,
                                  const FileOptions& options) {
  detail::add_file_routes(
      *this, prefix,
      detail::EmbeddedHandler(std::make_shared<detail::EmbeddedTree>(embedded, options)));
  return *this;
}

WEIR_END_NAMESPACE
