// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <utility>
#include <weir/file_options.hpp>
#include <weir/http/byte_ranges.hpp>
#include <weir/http/response_head.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE void FileOptions::check() const {
  const auto refuse = [](const char* field, const char* must) {
    throw std::invalid_argument(
        std::string("weir::FileOptions::").append(field).append(": must be ").append(must));
  };
  if (revalidate.count() < 0) refuse("revalidate", "0 or more");
  if (max_ranges > http::kMaxRanges) refuse("max_ranges", "at most 16");
  for (const auto& [field, name] : {std::pair("index", &index), std::pair("fallback", &fallback)}) {
    http::FilePath path;
    if (!name->empty() &&
        (http::to_file_path(*name, DotFiles::allowed, path) != http::FilePathError::none ||
         path.wants_directory))
      refuse(field, "a relative path of a file");
  }
  if (!cache_control.empty()) {
    http::ResponseHead head;
    head.set("Cache-Control", cache_control);  // throws by itself
  }
}

WEIR_END_NAMESPACE
