// SPDX-License-Identifier: MIT
// The input is a path parameter, and a table of media types that its extension is looked for in.
#include <cstdint>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/file_path.hpp>
#include <weir/http/mime_types.hpp>
#include <weir/http/percent.hpp>

using namespace weir;
using test::require;

namespace {

void check_path(const std::string& param, http::DotFiles dot_files) {
  http::FilePath path;
  const http::FilePathError error = http::to_file_path(param, dot_files, path);
  require(!http::message_of(error).empty());
  if (error != http::FilePathError::none) return;
  const std::string text(path.text);
  require(text + (path.wants_directory && !text.empty() ? "/" : "") == param);
  require(http::is_utf8(text) && text.size() <= http::kMaxFilePath);
  for (const char c : text)
    require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '\\');
  if (text.empty()) return;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t end = text.find('/', at);
    if (end == std::string::npos) end = text.size();
    const std::string segment = text.substr(at, end - at);
    require(!segment.empty() && segment.size() <= http::kMaxSegment);
    require(segment != "." && segment != "..");
    if (segment[0] == '.')
      require(dot_files == http::DotFiles::allowed ||
              (dot_files == http::DotFiles::well_known && at == 0 && segment == ".well-known"));
    std::string decoded;  // decoding it once more would open no way out
    if (http::percent_decode(segment, decoded)) require(decoded.find('/') == std::string::npos);
    at = end + 1;
  }
}

void check_types(const http::MimeTypes& types, std::string_view extension) {
  const std::string_view type = types.find(extension);
  std::string upper(extension);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
  require(types.find(upper) == type);
  if (type.empty()) return;
  require(type.find('/') != std::string_view::npos);
  for (const char c : type) require(http::is_value(c));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto dot_files :
       {http::DotFiles::hidden, http::DotFiles::well_known, http::DotFiles::allowed})
    check_path(text, dot_files);

  http::MimeTypes types;
  types.add_table(text);
  require(types.find_for_path(text) == http::kUnknownMediaType ||
          types.find_for_path(text) == types.find(http::extension_of(text)));
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(" \t\r\n\v\f");
    std::string_view word = rest.substr(0, end);
    if (!word.empty() && word.front() == '.') word.remove_prefix(1);
    check_types(types, word);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return 0;
}
