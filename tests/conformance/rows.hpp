// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// The chapters of the conformance table, in its order, and the requests that their rows are made
/// of.
///
/// Thread: any.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/row.hpp"

namespace weir::conformance {

using namespace std::string_view_literals;

// rows_head.cpp
Chapter methods();
Chapter request_line();
Chapter targets();
Chapter versions();
Chapter hosts();
Chapter line_ends();
Chapter field_lines();
Chapter limits();

// rows_content.cpp
Chapter content_length();
Chapter transfer_encoding();
Chapter chunk_lines();
Chapter chunk_extensions();
Chapter trailers();
Chapter content();
Chapter expectations();

// rows_forms.cpp
Chapter forms();

// rows_middleware.cpp
Chapter middleware();

// rows_forwarded.cpp
Chapter forwarded();

// rows_files.cpp
Chapter files_names();
Chapter files_conditions();
Chapter files_ranges();
Chapter files_codings();

// rows_json.cpp
Chapter json();

// rows_connection.cpp
Chapter persistence();
Chapter pipelining();
Chapter half_close();
Chapter no_content();
Chapter paths();
Chapter routing();
Chapter splitting();
Chapter queries_and_cookies();

inline std::vector<Chapter> all_chapters() {
  std::vector<Chapter> all;
  for (Chapter (*const chapter)() : {methods,
                                     request_line,
                                     targets,
                                     versions,
                                     hosts,
                                     line_ends,
                                     field_lines,
                                     limits,
                                     content_length,
                                     transfer_encoding,
                                     chunk_lines,
                                     chunk_extensions,
                                     trailers,
                                     content,
                                     expectations,
                                     persistence,
                                     pipelining,
                                     half_close,
                                     no_content,
                                     paths,
                                     routing,
                                     splitting,
                                     queries_and_cookies,
                                     forms,
                                     middleware,
                                     forwarded,
                                     files_names,
                                     files_conditions,
                                     files_ranges,
                                     files_codings,
                                     json})
    all.push_back(chapter());
  return all;
}

/// A request that shows, if it is answered, that a parser took content or junk for a request.
inline constexpr std::string_view kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
inline constexpr std::string_view kNext = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

/// A request of `line`, with a Host.
inline std::string line(std::string_view line) {
  return std::string(line).append("\r\nHost: a\r\n\r\n");
}

/// GET of `target`.
inline std::string get(std::string_view target) {
  return line(std::string("GET ").append(target).append(" HTTP/1.1"));
}

/// GET of `target` with the field lines `fields`, each with its line end, behind the Host.
inline std::string get(std::string_view target, std::string_view fields) {
  return std::string("GET ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: a\r\n")
      .append(fields)
      .append("\r\n");
}

/// GET of /get with the field lines `fields`.
inline std::string with(std::string_view fields) { return get("/get", fields); }

/// POST to /post with the field lines `fields`, and `content` behind the head.
inline std::string post(std::string_view fields, std::string_view content) {
  return std::string("POST /post HTTP/1.1\r\nHost: a\r\n")
      .append(fields)
      .append("\r\n")
      .append(content);
}

/// POST to `target` with `coded` as chunked content.
inline std::string chunked_to(std::string_view target, std::string_view coded) {
  return std::string("POST ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      .append(coded);
}

inline std::string chunked(std::string_view coded) { return chunked_to("/post", coded); }

/// POST to `target` of `content` with its Content-Length.
inline std::string sized_to(std::string_view target, std::string_view content) {
  return std::string("POST ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: a\r\nContent-Length: ")
      .append(std::to_string(content.size()))
      .append("\r\n\r\n")
      .append(content);
}

inline std::string times(std::size_t count, char c) { return std::string(count, c); }

inline std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all.append(text);
  return all;
}

}  // namespace weir::conformance
