// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>
#include <weir/detail/file_resource.hpp>
#include <weir/error.hpp>
#include <weir/http/byte_ranges.hpp>
#include <weir/http/conditional.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/vary.hpp>
#include <weir/net/random.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

WEIR_INLINE std::size_t FileResource::memory() const noexcept {
  std::size_t bytes = sizeof(FileResource) + media_type.capacity();
  for (const auto& file : files)
    if (file != nullptr) bytes += sizeof(StoredFile) + file->owned.capacity();
  return bytes;
}

WEIR_INLINE std::size_t FileResource::descriptors() const noexcept {
  return static_cast<std::size_t>(std::count_if(
      files.begin(), files.end(), [](const auto& file) { return file != nullptr && file->fd; }));
}

WEIR_INLINE bool FileResource::has_codings() const noexcept {
  return std::any_of(files.begin() + 1, files.end(),
                     [](const auto& file) { return file != nullptr; });
}

WEIR_INLINE http::MimeTypes make_media_types(const FileOptions& options) {
  http::MimeTypes types;
  if (!options.system_types.empty()) {
    std::ifstream file(options.system_types, std::ios::binary);
    std::string text(http::MimeTypes::kMaxTable, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    types.add_table(text);
    types.add("ts", "video/mp2t");  // Debian's table has Qt's translations there
  }
  for (const auto& [extension, type] : options.types) types.add(extension, type);
  return types;
}

WEIR_INLINE bool wants_fallback(const Request& request, const FileOptions& options) noexcept {
  return !options.fallback.empty() &&
         request.header("Accept").find("text/html") != std::string_view::npos;
}

/// The coding to answer with: of those that the client likes best the smallest.
inline http::ContentCoding choose_coding(const FileResource& resource,
                                         const http::RequestHead& head) {
  std::array<http::ContentCoding, http::kContentCodingCount> there{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < http::kContentCodingCount; ++i)
    if (resource.files[i] != nullptr) there[count++] = static_cast<http::ContentCoding>(i);
  if (count == 1) return http::ContentCoding::identity;
  std::stable_sort(there.begin(), there.begin() + count, [&](auto a, auto b) {
    return resource.files[static_cast<std::size_t>(a)]->size <
           resource.files[static_cast<std::size_t>(b)]->size;
  });
  http::CodingOffer offer;
  for (std::size_t i = 0; i < count; ++i) offer.add(there[i]);
  // Who takes none of them gets the plain one all the same (RFC 9110 §12.4.1).
  return http::AcceptedCodings(head).choose(offer).coding;
}

/// Puts `size` bytes of `file` from `offset` behind `parts`.
inline void add_part(std::vector<BodyPart>& parts, const std::shared_ptr<const StoredFile>& file,
                     std::uint64_t offset, std::uint64_t size) {
  BodyPart part;
  if (file->fd) {
    part.fd = file->fd.get();
    part.offset = offset;
    part.size = size;
  } else {
    part.view =
        file->bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  }
  part.keep = file;
  parts.push_back(std::move(part));
}

inline void set_content(Response& response, const std::shared_ptr<const StoredFile>& file,
                        std::uint64_t offset, std::uint64_t size) {
  // Filters are handed a view as a whole, in copies that are made on the loop, but parts in pieces.
  constexpr std::uint64_t kWhole = 64 * 1024;
  if (file->fd || size > kWhole) {
    std::vector<BodyPart> one;
    add_part(one, file, offset, size);
    response.body_parts(std::move(one));
  } else {
    response.body_view(
        file->bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size)), file);
  }
}

/// 128 random bits, new for each answer.
inline std::string make_boundary() {
  try {
    return net::random_hex(16);
  } catch (const std::system_error&) {
    throw HttpError(Status::service_unavailable, "no random bytes");
  }
}

inline void set_ranges(Response& response, const std::shared_ptr<const StoredFile>& file,
                       const http::ByteRanges& ranges, std::string_view media_type) {
  response.status(Status::partial_content);
  if (ranges.size() == 1) {
    response.header("Content-Type", media_type);
    response.header("Content-Range", http::ContentRange(ranges[0], file->size).text());
    set_content(response, file, ranges[0].first, ranges[0].size());
    return;
  }
  const std::string boundary = make_boundary();
  const http::MultipartRanges multipart(ranges, file->size, media_type, boundary);
  response.header("Content-Type", multipart.content_type());
  std::vector<BodyPart> parts;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    BodyPart head;
    multipart.append_head(i, head.text);
    parts.push_back(std::move(head));
    add_part(parts, file, ranges[i].first, ranges[i].size());
  }
  BodyPart end;
  multipart.append_end(end.text);
  parts.push_back(std::move(end));
  response.body_parts(std::move(parts));
}

WEIR_INLINE void answer_file(const Request& request, const FileResource& resource,
                             const FileOptions& options, Response& response) {
  const http::RequestHead& head = RequestAccess::head(request);
  const http::ContentCoding coding = choose_coding(resource, head);
  const std::shared_ptr<const StoredFile>& file = resource.files[static_cast<std::size_t>(coding)];

  http::Representation state;
  state.etag = file->etag;
  state.last_modified = file->modified;
  http::Preconditions preconditions;
  if (WEIR_UNLIKELY((head.present & http::detail::kConditionalFields) != 0)) {
    const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
    preconditions = http::evaluate_preconditions(head, state, now);
  }

  // What a 304 and a 412 have, too (RFC 9110 §15.4.5).
  if (resource.has_codings()) http::add_vary(response.head(), "Accept-Encoding");
  response.header("ETag", file->etag);
  if (!options.cache_control.empty()) response.header("Cache-Control", options.cache_control);
  if (preconditions.outcome != http::Preconditions::Outcome::serve) {
    response.status(http::status_of(preconditions.outcome));
    return;
  }
  if (!file->last_modified.empty()) response.header("Last-Modified", file->last_modified);
  if (coding != http::ContentCoding::identity)
    response.header("Content-Encoding", http::to_string(coding));
  if (options.max_ranges != 0) response.header("Accept-Ranges", "bytes");
  if (WEIR_UNLIKELY(preconditions.use_range && options.max_ranges != 0)) {
    http::RangeOptions range_options;
    range_options.max_ranges = options.max_ranges;
    const http::ByteRanges ranges(head.header(http::KnownField::range), file->size, range_options);
    switch (ranges.kind()) {
      case http::ByteRanges::Kind::whole:
        break;
      case http::ByteRanges::Kind::partial:
        set_ranges(response, file, ranges, resource.media_type);
        return;
      case http::ByteRanges::Kind::not_satisfiable:
        response.remove_header("Content-Encoding");
        response.status(Status::range_not_satisfiable);
        response.header("Content-Range", http::ContentRange::unsatisfied(file->size).text());
        response.text("the file has no such bytes\n");
        return;
    }
  }
  response.status(Status::ok).head().set_content_type(resource.media_type);
  set_content(response, file, 0, file->size);
}

// A relative reference, so that it is right behind a proxy that serves this under another prefix.
WEIR_INLINE void answer_directory(const Request& request, Response& response) {
  const std::string_view path = request.path();
  std::string to = "./" + http::percent_encode(path.substr(path.rfind('/') + 1)) + "/";
  if (!request.query().empty()) to.append("?").append(request.query());
  response.redirect(to, Status::moved_permanently);
}

WEIR_INLINE void answer_resource(const Request& request, const FileResource& resource,
                                 const FileOptions& options, Response& response) {
  switch (resource.kind) {
    case FileResource::Kind::file:
      answer_file(request, resource, options, response);
      return;
    case FileResource::Kind::directory:
      answer_directory(request, response);
      return;
  }
}

}  // namespace detail
WEIR_END_NAMESPACE
