// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A file as it is served: its representations, and the answer to one request for it.
///
/// Thread: any; a resource does not change.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <weir/config.hpp>
#include <weir/file_options.hpp>
#include <weir/http/accept_encoding.hpp>
#include <weir/http/mime_types.hpp>
#include <weir/net/directory.hpp>
#include <weir/net/fd.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// One representation: bytes in memory, or an open file.
struct StoredFile {
  std::uint64_t size = 0;
  std::string_view bytes;  // all of them, if `fd` is none
  std::string owned;       // holds `bytes`, unless something else does
  net::Fd fd;
  net::FileStatus status;                // what it was made from
  std::string etag;                      // the field's value
  bool is_weak = false;                  // it may still change within the grain of its time
  std::optional<std::int64_t> modified;  // Unix seconds
  std::string last_modified;             // the field's value; empty: unknown
};

/// What a path names.
struct FileResource {
  enum class Kind : std::uint8_t {
    file,
    directory,  ///< asked for without the slash behind it
  };

  Kind kind = Kind::file;
  std::string media_type;
  /// By ContentCoding; identity is always there.
  std::array<std::shared_ptr<const StoredFile>, http::kContentCodingCount> files;

  /// Bytes that it keeps in memory.
  std::size_t memory() const noexcept;
  /// Descriptors that it keeps open.
  std::size_t descriptors() const noexcept;
  bool has_codings() const noexcept;
};

/// The media types that files are given: the options', the system's and the built-in ones.
http::MimeTypes make_media_types(const FileOptions& options);

/// Whether FileOptions::fallback is for this request, if there is no file for it.
bool wants_fallback(const Request& request, const FileOptions& options) noexcept;

/// Answers a GET or HEAD of `resource`: negotiation, preconditions and ranges (RFC 9110 §12.5.3,
/// §13, §14).
WEIR_API void answer_file(const Request& request, const FileResource& resource,
                          const FileOptions& options, Response& response);

/// Sends the client to the same path with a slash behind it.
WEIR_API void answer_directory(const Request& request, Response& response);

/// answer_file() or answer_directory(), as its kind is.
void answer_resource(const Request& request, const FileResource& resource,
                     const FileOptions& options, Response& response);

}  // namespace detail
WEIR_END_NAMESPACE

#ifdef WEIR_HEADER_ONLY
#include <weir/detail/impl/file_resource.ipp>
#endif
