// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The page that shows what is in a directory.
///
/// Thread: the caller's.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/file_options.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

class FileListing {
 public:
  /// Of the directory `path`, which has no slash at its ends; empty: the top.
  FileListing(std::string_view path, DotFiles dot_files);

  /// Adds an entry, unless a request could not reach it. `modified` is in Unix seconds.
  void add(std::string_view name, bool is_directory, std::uint64_t size,
           std::optional<std::int64_t> modified);

  /// The page; one that is not whole says so.
  std::string finish(bool is_whole) &&;

 private:
  std::string page_;
  DotFiles dot_files_;
};

/// Answers with a listing.
void answer_listing(std::string_view page, Response& response);

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/file_listing.ipp>
#endif
