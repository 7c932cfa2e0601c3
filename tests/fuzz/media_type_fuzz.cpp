// SPDX-License-Identifier: MIT
// The input is a Content-Type. What the strict reader takes, the forgiving one reads alike, and
// written anew it means the same.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/fields.hpp>
#include <weir/http/form.hpp>
#include <weir/http/media_type.hpp>
#include <weir/http/multipart_parser.hpp>

using namespace weir;
using test::require;

namespace {

std::string meaning(const http::Parameter& parameter) {
  std::string text;
  http::unquote(parameter, text);
  return text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string boundary;
  const http::MultipartError error = http::read_boundary(text, boundary);
  require(boundary.empty() == (error != http::MultipartError::none));
  require(boundary.empty() || http::is_boundary(boundary));

  const std::optional<http::MediaType> media = http::parse_media_type(text);
  require(!http::is_urlencoded_form(text) || media);
  if (!media) {
    require(error == http::MultipartError::bad_content_type ||
            error == http::MultipartError::not_form_data);
    return 0;
  }
  require(http::is_token(media->type) && http::is_token(media->subtype));
  std::string again(media->type);
  again.append("/").append(media->subtype);
  http::ParameterReader reader(media->parameters);
  for (http::Parameter parameter; reader.next(parameter);) {
    require(http::is_token(parameter.name) && media->count(parameter.name) > 0);
    const http::Parameter first = *media->parameter(parameter.name);
    require(http::parameter(text, parameter.name) == first.value);
    again.append(";").append(parameter.name).append("=").append(quoted(meaning(parameter)));
  }
  require(!reader.malformed());

  const std::optional<http::MediaType> other = http::parse_media_type(again);
  require(other && other->is(media->type, media->subtype));
  http::ParameterReader first(media->parameters);
  http::ParameterReader second(other->parameters);
  http::Parameter a;
  http::Parameter b;
  while (first.next(a)) {
    require(second.next(b));
    require(a.name == b.name && meaning(a) == meaning(b));
  }
  require(!second.next(b) && !second.malformed());
  return 0;
}
