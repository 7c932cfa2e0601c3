// SPDX-License-Identifier: MIT
// The first byte chooses the method, the rest is a request target.
#include <cstdint>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/target.hpp>

using namespace weir;
using test::require;

namespace {

/// What a routed path promises, and that normalising is final: what is encoded again comes back.
void check_path(std::string_view raw) {
  std::string scratch;
  http::RoutedPath path;
  if (http::normalise_path(raw, scratch, path) != http::TargetError::none) return;
  const std::string routed(path.text);
  require(routed == "*" || routed[0] == '/');
  require(http::is_utf8(routed));
  require(path.has_encoded_slash == (routed.find('\0') != std::string::npos));
  for (std::size_t at = 0; at < routed.size();) {
    std::size_t end = routed.find('/', at);
    if (end == std::string::npos) end = routed.size();
    const std::string_view segment = std::string_view(routed).substr(at, end - at);
    require(segment != "." && segment != "..");
    at = end + 1;
  }

  std::string again;
  for (const char c : routed) {
    if (c == '/' || c == '*')
      again += c;
    else
      http::percent_encode(
          c == http::kEncodedSlash ? std::string_view("/") : std::string_view(&c, 1), again);
  }
  std::string other;
  http::RoutedPath second;
  require(http::normalise_path(again, other, second) == http::TargetError::none);
  require(second.text == routed);

  std::string shown;
  std::string value;
  require(http::expand_path(routed, shown).find('\0') == std::string_view::npos);
  require(http::param_value(routed, value).size() == routed.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto method = static_cast<http::Method>(data[0] % http::kMethodCount);
  const std::string copy(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_path(copy);
  http::Target target;
  if (http::split(copy, method, target) != http::TargetError::none) return 0;
  require(target.form == http::Target::Form::authority || !target.path.empty());
  require(target.has_query || target.query.empty());
  require(copy.find_first_of(" \r\n\t#") == std::string::npos);
  if (!target.path.empty()) {
    require(target.path[0] == '/' || target.path == "*");
    check_path(target.path);
  }
  return 0;
}
