// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The routes of files, wherever they lie.
///
/// Thread: before the server starts.
#include <string>
#include <string_view>
#include <utility>
#include <weir/config.hpp>
#include <weir/detail/file_resource.hpp>
#include <weir/http/file_path.hpp>
#include <weir/router.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// The name of the parameter behind the prefix.
inline constexpr std::string_view kFileParam = "path";

/// With the slash behind it, if it has one: a file and a directory are two things.
inline std::string_view key_of(const http::FilePath& path) noexcept {
  return {path.text.data(), path.text.size() + (path.wants_directory && !path.text.empty())};
}

/// `handler` for all that is below `prefix`, which itself leads to the top directory.
template <typename FilesHandler>
void add_file_routes(Router& router, std::string_view prefix, FilesHandler handler) {
  if (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  const std::string name(prefix);
  router.get(name + "/{" + std::string(kFileParam) + "...}", std::move(handler));
  if (!prefix.empty() || !router.prefix().empty())
    router.get(name, [](const Request& request, Response& response) {
      answer_directory(request, response);
    });
}

}  // namespace detail
WEIR_END_NAMESPACE
