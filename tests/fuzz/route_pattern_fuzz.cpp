// SPDX-License-Identifier: MIT
// Lines of "METHOD pattern" up to an empty one, then lines of "METHOD path". The tree has to agree
// with a search that knows no tree: does any pattern match, and which methods do those have.
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <system_error>
#include <vector>
#include <weir/http/route_tree.hpp>

using namespace weir;
using test::require;
using test::take_until;

namespace {

template <class Number>
bool is_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Whether `pattern` matches `path`; one step a segment.
bool matches(std::string_view pattern, std::string_view path) {
  for (;;) {
    if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
    require(pattern[0] == '/');
    if (path[0] != '/') return false;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    const std::string_view want = pattern.substr(0, pattern.find('/'));
    const std::string_view have = path.substr(0, path.find('/'));
    pattern.remove_prefix(want.size());
    path.remove_prefix(have.size());
    const std::size_t open = want.find('{');
    if (open == std::string_view::npos) {
      if (want != have) return false;
      continue;
    }
    const std::size_t close = want.find('}');
    const std::string_view param = want.substr(open + 1, close - open - 1);
    if (param.find("...") != std::string_view::npos) return true;
    const std::string_view before = want.substr(0, open);
    const std::string_view behind = want.substr(close + 1);
    if (have.size() <= before.size() + behind.size()) return false;
    if (have.substr(0, before.size()) != before) return false;
    if (have.substr(have.size() - behind.size()) != behind) return false;
    const std::string_view value =
        have.substr(before.size(), have.size() - before.size() - behind.size());
    const std::string_view type = param.substr(param.find(':') + 1);
    if (param.find(':') == std::string_view::npos) continue;
    if (type == "int" && !is_number<std::int64_t>(value)) return false;
    if (type == "uint" && !is_number<std::uint64_t>(value)) return false;
  }
}

/// The pattern with its parameters filled in, which must be the path again.
std::string filled(std::string_view pattern, const http::Params& params) {
  std::string text;
  std::size_t index = 0;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}');
    const std::string_view inside = pattern.substr(open + 1, close - open - 1);
    const http::Params::Param param = params[index++];
    require(inside.substr(0, param.name.size()) == param.name);
    text += param.value;
    pattern.remove_prefix(close + 1);
  }
  require(index == params.size());
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string copy(reinterpret_cast<const char*>(data), size);
  std::string_view rest = copy;
  http::RouteTree tree;
  while (!rest.empty()) {
    std::string_view line = take_until(rest, '\n');
    if (line.empty()) break;
    const std::string_view method = take_until(line, ' ');
    const std::size_t before = tree.size();
    try {
      require(tree.insert(method, line) == before);
    } catch (const std::invalid_argument&) {
      require(tree.size() == before);
    }
  }
  while (!rest.empty()) {
    std::string_view line = take_until(rest, '\n');
    const std::string_view method = take_until(line, ' ');
    const http::Method known = http::method_from(method);
    http::Params params;
    const http::Match match = tree.match(known, method, line, params);
    bool any_path = false;
    bool any_method = false;
    for (std::uint32_t i = 0; i < tree.size(); ++i) {
      if (!matches(tree.pattern(i), line)) continue;
      any_path = true;
      const std::string_view have = tree.method(i);
      any_method = any_method || have == method || have == "*" ||
                   (have == "GET" && known == http::Method::head);
    }
    switch (match.kind) {
      case http::Match::Kind::found:
        require(any_method);
        require(matches(tree.pattern(match.route), line));
        require(filled(tree.pattern(match.route), params) == line);
        break;
      case http::Match::Kind::no_method:
        require(any_path && !any_method && params.empty());
        break;
      case http::Match::Kind::no_path:
        require(!any_path && params.empty());
        break;
    }
    require(tree.allow(line).empty() != (any_path || (line == "*" && tree.size() != 0)));
  }
  return 0;
}
