// SPDX-License-Identifier: MIT
#pragma once
#include <utility>
#include <weir/detail/file_listing.hpp>
#include <weir/http/date.hpp>
#include <weir/http/escape.hpp>
#include <weir/http/percent.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE FileListing::FileListing(std::string_view path, DotFiles dot_files)
    : dot_files_(dot_files) {
  const std::string title = std::string("/").append(path);
  page_ =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>";
  http::append_html(page_, title);
  page_ +=
      "</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;"
      "margin:2rem}td{padding:0 1.5rem 0 0}td:nth-child(2){text-align:right;"
      "font-variant-numeric:tabular-nums}</style></head><body><h1>";
  http::append_html(page_, title);
  page_ += "</h1><table>\n";
  if (!path.empty()) page_ += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n";
}

WEIR_INLINE void FileListing::add(std::string_view name, bool is_directory, std::uint64_t size,
                                  std::optional<std::int64_t> modified) {
  http::FilePath visible;
  if (http::to_file_path(name, dot_files_, visible) != http::FilePathError::none) return;
  const char* const slash = is_directory ? "/" : "";
  page_.append("<tr><td><a href=\"./").append(http::percent_encode(name)).append(slash);
  page_ += "\">";
  http::append_html(page_, name);
  page_.append(slash).append("</a></td><td>");
  if (!is_directory) page_ += std::to_string(size);
  page_ += "</td><td>";
  if (modified) page_ += http::format_date(*modified);
  page_ += "</td></tr>\n";
}

WEIR_INLINE std::string FileListing::finish(bool is_whole) && {
  page_ += is_whole ? "</table></body></html>\n" : "</table><p>and more</p></body></html>\n";
  return std::move(page_);
}

WEIR_INLINE void answer_listing(std::string_view page, Response& response) {
  response.html(page);
  response.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  response.header("Cache-Control", "no-cache");
}

}  // namespace detail
WEIR_END_NAMESPACE
