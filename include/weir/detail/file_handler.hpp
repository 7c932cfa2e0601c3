// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The handler of Router::files().
///
/// Thread: any; a loop calls it, a worker what it has handed on.
#include <memory>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/detail/file_store.hpp>
#include <weir/reply.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// Answers from a FileStore: at once from what is kept, else by a worker.
class FileHandler {
 public:
  explicit FileHandler(std::shared_ptr<FileStore> store) noexcept : store_(std::move(store)) {}

  void operator()(const Request& request, Response& response) const;

 private:
  void answer(const Request& request, const FileResource& resource, Response& response) const;
  void look(Reply reply, std::string key, const std::shared_ptr<const FileResource>& known) const;
  void load(Reply& reply, const std::string& key,
            const std::shared_ptr<const FileResource>& known) const;
  bool fall_back(const Request& request, Response& response) const;

  std::shared_ptr<FileStore> store_;
};

}  // namespace detail
WEIR_END_NAMESPACE
