// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <weir/http/chars.hpp>
#include <weir/http/mime_types.hpp>

WEIR_BEGIN_NAMESPACE
namespace http {

namespace detail {

struct MediaTypeEntry {
  std::string_view extension;
  std::string_view type;
};

// Ordered by extension. Of a type with several names that which IANA or, where it knows none,
// browsers prefer; "ts" is a film's part here. Sources are text to be read.
inline constexpr std::array kMediaTypes = {
    MediaTypeEntry{"3g2", "video/3gpp2"},
    MediaTypeEntry{"3gp", "video/3gpp"},
    MediaTypeEntry{"7z", "application/x-7z-compressed"},
    MediaTypeEntry{"aac", "audio/aac"},
    MediaTypeEntry{"ai", "application/postscript"},
    MediaTypeEntry{"aif", "audio/aiff"},
    MediaTypeEntry{"aiff", "audio/aiff"},
    MediaTypeEntry{"apk", "application/vnd.android.package-archive"},
    MediaTypeEntry{"apng", "image/apng"},
    MediaTypeEntry{"appcache", "text/cache-manifest; charset=utf-8"},
    MediaTypeEntry{"atom", "application/atom+xml"},
    MediaTypeEntry{"avi", "video/x-msvideo"},
    MediaTypeEntry{"avif", "image/avif"},
    MediaTypeEntry{"bin", "application/octet-stream"},
    MediaTypeEntry{"bmp", "image/bmp"},
    MediaTypeEntry{"bz2", "application/x-bzip2"},
    MediaTypeEntry{"c", "text/plain; charset=utf-8"},
    MediaTypeEntry{"cbor", "application/cbor"},
    MediaTypeEntry{"cc", "text/plain; charset=utf-8"},
    MediaTypeEntry{"cer", "application/pkix-cert"},
    MediaTypeEntry{"cfg", "text/plain; charset=utf-8"},
    MediaTypeEntry{"cjs", "text/javascript; charset=utf-8"},
    MediaTypeEntry{"conf", "text/plain; charset=utf-8"},
    MediaTypeEntry{"cpp", "text/plain; charset=utf-8"},
    MediaTypeEntry{"crl", "application/pkix-crl"},
    MediaTypeEntry{"crt", "application/x-x509-ca-cert"},
    MediaTypeEntry{"css", "text/css; charset=utf-8"},
    MediaTypeEntry{"csv", "text/csv; charset=utf-8"},
    MediaTypeEntry{"cur", "image/vnd.microsoft.icon"},
    MediaTypeEntry{"dae", "model/vnd.collada+xml"},
    MediaTypeEntry{"deb", "application/vnd.debian.binary-package"},
    MediaTypeEntry{"der", "application/x-x509-ca-cert"},
    MediaTypeEntry{"diff", "text/plain; charset=utf-8"},
    MediaTypeEntry{"dmg", "application/x-apple-diskimage"},
    MediaTypeEntry{"doc", "application/msword"},
    MediaTypeEntry{"docx",
                   "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    MediaTypeEntry{"dtd", "application/xml-dtd"},
    MediaTypeEntry{"eot", "application/vnd.ms-fontobject"},
    MediaTypeEntry{"eps", "application/postscript"},
    MediaTypeEntry{"epub", "application/epub+zip"},
    MediaTypeEntry{"exe", "application/vnd.microsoft.portable-executable"},
    MediaTypeEntry{"flac", "audio/flac"},
    MediaTypeEntry{"flv", "video/x-flv"},
    MediaTypeEntry{"geojson", "application/geo+json"},
    MediaTypeEntry{"gif", "image/gif"},
    MediaTypeEntry{"glb", "model/gltf-binary"},
    MediaTypeEntry{"gltf", "model/gltf+json"},
    MediaTypeEntry{"go", "text/plain; charset=utf-8"},
    MediaTypeEntry{"gpx", "application/gpx+xml"},
    MediaTypeEntry{"gz", "application/gzip"},
    MediaTypeEntry{"h", "text/plain; charset=utf-8"},
    MediaTypeEntry{"har", "application/json"},
    MediaTypeEntry{"heic", "image/heic"},
    MediaTypeEntry{"heif", "image/heif"},
    MediaTypeEntry{"hpp", "text/plain; charset=utf-8"},
    MediaTypeEntry{"htm", "text/html; charset=utf-8"},
    MediaTypeEntry{"html", "text/html; charset=utf-8"},
    MediaTypeEntry{"ico", "image/vnd.microsoft.icon"},
    MediaTypeEntry{"ics", "text/calendar; charset=utf-8"},
    MediaTypeEntry{"img", "application/octet-stream"},
    MediaTypeEntry{"ini", "text/plain; charset=utf-8"},
    MediaTypeEntry{"iso", "application/x-iso9660-image"},
    MediaTypeEntry{"jar", "application/java-archive"},
    MediaTypeEntry{"java", "text/plain; charset=utf-8"},
    MediaTypeEntry{"jfif", "image/jpeg"},
    MediaTypeEntry{"jp2", "image/jp2"},
    MediaTypeEntry{"jpe", "image/jpeg"},
    MediaTypeEntry{"jpeg", "image/jpeg"},
    MediaTypeEntry{"jpg", "image/jpeg"},
    MediaTypeEntry{"js", "text/javascript; charset=utf-8"},
    MediaTypeEntry{"json", "application/json"},
    MediaTypeEntry{"jsonl", "application/x-ndjson"},
    MediaTypeEntry{"jsonld", "application/ld+json"},
    MediaTypeEntry{"jxl", "image/jxl"},
    MediaTypeEntry{"kml", "application/vnd.google-earth.kml+xml"},
    MediaTypeEntry{"kmz", "application/vnd.google-earth.kmz"},
    MediaTypeEntry{"log", "text/plain; charset=utf-8"},
    MediaTypeEntry{"lua", "text/plain; charset=utf-8"},
    MediaTypeEntry{"m2ts", "video/mp2t"},
    MediaTypeEntry{"m3u", "audio/mpegurl"},
    MediaTypeEntry{"m3u8", "application/vnd.apple.mpegurl"},
    MediaTypeEntry{"m4a", "audio/mp4"},
    MediaTypeEntry{"m4s", "video/iso.segment"},
    MediaTypeEntry{"m4v", "video/mp4"},
    MediaTypeEntry{"manifest", "text/cache-manifest; charset=utf-8"},
    MediaTypeEntry{"map", "application/json"},
    MediaTypeEntry{"markdown", "text/markdown; charset=utf-8"},
    MediaTypeEntry{"md", "text/markdown; charset=utf-8"},
    MediaTypeEntry{"mid", "audio/midi"},
    MediaTypeEntry{"midi", "audio/midi"},
    MediaTypeEntry{"mjs", "text/javascript; charset=utf-8"},
    MediaTypeEntry{"mkv", "video/x-matroska"},
    MediaTypeEntry{"mov", "video/quicktime"},
    MediaTypeEntry{"mp3", "audio/mpeg"},
    MediaTypeEntry{"mp4", "video/mp4"},
    MediaTypeEntry{"mpd", "application/dash+xml"},
    MediaTypeEntry{"mpeg", "video/mpeg"},
    MediaTypeEntry{"mpg", "video/mpeg"},
    MediaTypeEntry{"msi", "application/x-msi"},
    MediaTypeEntry{"ndjson", "application/x-ndjson"},
    MediaTypeEntry{"obj", "model/obj"},
    MediaTypeEntry{"odg", "application/vnd.oasis.opendocument.graphics"},
    MediaTypeEntry{"odp", "application/vnd.oasis.opendocument.presentation"},
    MediaTypeEntry{"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    MediaTypeEntry{"odt", "application/vnd.oasis.opendocument.text"},
    MediaTypeEntry{"oga", "audio/ogg"},
    MediaTypeEntry{"ogg", "audio/ogg"},
    MediaTypeEntry{"ogv", "video/ogg"},
    MediaTypeEntry{"opml", "text/x-opml; charset=utf-8"},
    MediaTypeEntry{"opus", "audio/ogg"},
    MediaTypeEntry{"otf", "font/otf"},
    MediaTypeEntry{"p12", "application/x-pkcs12"},
    MediaTypeEntry{"parquet", "application/vnd.apache.parquet"},
    MediaTypeEntry{"patch", "text/plain; charset=utf-8"},
    MediaTypeEntry{"pdf", "application/pdf"},
    MediaTypeEntry{"pem", "application/x-pem-file"},
    MediaTypeEntry{"pfx", "application/x-pkcs12"},
    MediaTypeEntry{"png", "image/png"},
    MediaTypeEntry{"ppt", "application/vnd.ms-powerpoint"},
    MediaTypeEntry{"pptx",
                   "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    MediaTypeEntry{"ps", "application/postscript"},
    MediaTypeEntry{"psd", "image/vnd.adobe.photoshop"},
    MediaTypeEntry{"py", "text/plain; charset=utf-8"},
    MediaTypeEntry{"qt", "video/quicktime"},
    MediaTypeEntry{"rar", "application/vnd.rar"},
    MediaTypeEntry{"rb", "text/plain; charset=utf-8"},
    MediaTypeEntry{"rdf", "application/rdf+xml"},
    MediaTypeEntry{"rpm", "application/x-rpm"},
    MediaTypeEntry{"rs", "text/plain; charset=utf-8"},
    MediaTypeEntry{"rss", "application/rss+xml"},
    MediaTypeEntry{"rtf", "application/rtf"},
    MediaTypeEntry{"sh", "text/plain; charset=utf-8"},
    MediaTypeEntry{"shtml", "text/html; charset=utf-8"},
    MediaTypeEntry{"sig", "application/pgp-signature"},
    MediaTypeEntry{"sql", "text/plain; charset=utf-8"},
    MediaTypeEntry{"sqlite", "application/vnd.sqlite3"},
    MediaTypeEntry{"srt", "application/x-subrip"},
    MediaTypeEntry{"stl", "model/stl"},
    MediaTypeEntry{"svg", "image/svg+xml"},
    MediaTypeEntry{"svgz", "image/svg+xml"},
    MediaTypeEntry{"tar", "application/x-tar"},
    MediaTypeEntry{"tex", "application/x-tex"},
    MediaTypeEntry{"text", "text/plain; charset=utf-8"},
    MediaTypeEntry{"tgz", "application/gzip"},
    MediaTypeEntry{"tif", "image/tiff"},
    MediaTypeEntry{"tiff", "image/tiff"},
    MediaTypeEntry{"toml", "application/toml"},
    MediaTypeEntry{"topojson", "application/json"},
    MediaTypeEntry{"torrent", "application/x-bittorrent"},
    MediaTypeEntry{"ts", "video/mp2t"},
    MediaTypeEntry{"tsv", "text/tab-separated-values; charset=utf-8"},
    MediaTypeEntry{"ttc", "font/collection"},
    MediaTypeEntry{"ttf", "font/ttf"},
    MediaTypeEntry{"ttl", "text/turtle; charset=utf-8"},
    MediaTypeEntry{"txt", "text/plain; charset=utf-8"},
    MediaTypeEntry{"usdz", "model/vnd.usdz+zip"},
    MediaTypeEntry{"vcf", "text/vcard; charset=utf-8"},
    MediaTypeEntry{"vtt", "text/vtt; charset=utf-8"},
    MediaTypeEntry{"war", "application/java-archive"},
    MediaTypeEntry{"wasm", "application/wasm"},
    MediaTypeEntry{"wav", "audio/wav"},
    MediaTypeEntry{"weba", "audio/webm"},
    MediaTypeEntry{"webm", "video/webm"},
    MediaTypeEntry{"webmanifest", "application/manifest+json"},
    MediaTypeEntry{"webp", "image/webp"},
    MediaTypeEntry{"wgsl", "text/wgsl; charset=utf-8"},
    MediaTypeEntry{"wmv", "video/x-ms-wmv"},
    MediaTypeEntry{"woff", "font/woff"},
    MediaTypeEntry{"woff2", "font/woff2"},
    MediaTypeEntry{"xht", "application/xhtml+xml"},
    MediaTypeEntry{"xhtml", "application/xhtml+xml"},
    MediaTypeEntry{"xls", "application/vnd.ms-excel"},
    MediaTypeEntry{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    MediaTypeEntry{"xml", "application/xml"},
    MediaTypeEntry{"xpi", "application/x-xpinstall"},
    MediaTypeEntry{"xsd", "application/xml"},
    MediaTypeEntry{"xsl", "application/xslt+xml"},
    MediaTypeEntry{"xslt", "application/xslt+xml"},
    MediaTypeEntry{"xz", "application/x-xz"},
    MediaTypeEntry{"yaml", "application/yaml"},
    MediaTypeEntry{"yml", "application/yaml"},
    MediaTypeEntry{"zip", "application/zip"},
    MediaTypeEntry{"zst", "application/zstd"},
};

constexpr bool are_ordered(const MediaTypeEntry* entries, std::size_t count) noexcept {
  for (std::size_t i = 1; i < count; ++i)
    if (!(entries[i - 1].extension < entries[i].extension)) return false;
  return true;
}
static_assert(are_ordered(kMediaTypes.data(), kMediaTypes.size()));

/// Whether `lower`, which is in lower case, stands before `text` in whatever case.
WEIR_INLINE bool is_before(std::string_view lower, std::string_view text) noexcept {
  const std::size_t common = std::min(lower.size(), text.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto a = static_cast<unsigned char>(lower[i]);
    const auto b = static_cast<unsigned char>(to_lower(text[i]));
    if (a != b) return a < b;
  }
  return lower.size() < text.size();
}

inline constexpr std::size_t kLongestExtension = 64;  // bytes; the longest of Debian's has 30

constexpr bool is_extension(std::string_view text) noexcept {
  if (text.empty() || text.size() > kLongestExtension) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || byte == '/') return false;
  }
  return true;
}

/// type "/" subtype (RFC 9110 §8.3.1) with whatever valid parameters may be behind it.
WEIR_INLINE bool is_media_type(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_value(c)) return false;
  const std::string_view essence = trim(text.substr(0, text.find(';')));
  const std::size_t slash = essence.find('/');
  return slash != std::string_view::npos && is_token(essence.substr(0, slash)) &&
         is_token(essence.substr(slash + 1));
}

/// Whether the type is text that should say its encoding. Old tables call JavaScript an
/// application.
WEIR_INLINE bool needs_charset(std::string_view type) noexcept {
  if (type.find(';') != std::string_view::npos) return false;
  return equals_ignoring_case(type.substr(0, 5), "text/") ||
         equals_ignoring_case(type, "application/javascript");
}

/// Cuts the next word off the front of a line.
WEIR_INLINE std::string_view take_word(std::string_view& line) noexcept {
  constexpr std::string_view kBlanks = " \t\r\v\f";
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(word.size());
  if (word.empty() || word.front() != '#') return word;
  line = {};
  return {};
}

}  // namespace detail

WEIR_INLINE std::string_view built_in_media_type(std::string_view extension) noexcept {
  const auto* const end = detail::kMediaTypes.data() + detail::kMediaTypes.size();
  const auto* const found =
      std::lower_bound(detail::kMediaTypes.data(), end, extension,
                       [](const detail::MediaTypeEntry& entry, std::string_view wanted) {
                         return detail::is_before(entry.extension, wanted);
                       });
  if (found == end || !equals_ignoring_case(found->extension, extension)) return {};
  return found->type;
}

WEIR_INLINE MimeTypes::Place MimeTypes::keep_type(std::string_view type) {
  const std::size_t begin = text_.size();
  text_.append(type);
  if (detail::needs_charset(type)) text_.append("; charset=utf-8");
  return {begin, text_.size() - begin};
}

WEIR_INLINE void MimeTypes::add_entry(std::string_view extension, Place type) {
  entries_.push_back({{text_.size(), extension.size()}, type});
  for (const char c : extension) text_ += to_lower(c);
}

WEIR_INLINE void MimeTypes::sort() {
  std::stable_sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    return view(a.extension) < view(b.extension);
  });
  // Of equal ones the last was added last.
  const auto first = std::unique(
      entries_.rbegin(), entries_.rend(),
      [this](const Entry& a, const Entry& b) { return view(a.extension) == view(b.extension); });
  entries_.erase(entries_.begin(), first.base());
}

WEIR_INLINE std::size_t MimeTypes::add_table(std::string_view text) {
  text = text.substr(0, kMaxTable);
  std::size_t found = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view type = detail::take_word(line);
    if (!detail::is_media_type(type)) continue;
    Place kept;
    for (std::string_view word = detail::take_word(line); !word.empty();
         word = detail::take_word(line)) {
      if (word.front() == '.') word.remove_prefix(1);
      if (!detail::is_extension(word)) continue;
      if (kept.size == 0) kept = keep_type(type);
      add_entry(word, kept);
      ++found;
    }
  }
  sort();
  return found;
}

WEIR_INLINE void MimeTypes::add(std::string_view extension, std::string_view type) {
  if (!extension.empty() && extension.front() == '.') extension.remove_prefix(1);
  if (!detail::is_extension(extension))
    throw std::invalid_argument("media type of a file extension that is none");
  type = trim(type);
  if (!detail::is_media_type(type))
    throw std::invalid_argument(std::string("no media type for files named *.").append(extension));
  add_entry(extension, keep_type(type));
  sort();
}

WEIR_INLINE std::string_view MimeTypes::find(std::string_view wanted) const noexcept {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), wanted,
                                      [this](const Entry& entry, std::string_view text) {
                                        return detail::is_before(view(entry.extension), text);
                                      });
  if (found == entries_.end() || !equals_ignoring_case(view(found->extension), wanted))
    return built_in_media_type(wanted);
  return view(found->type);
}

}  // namespace http
WEIR_END_NAMESPACE
