// SPDX-License-Identifier: MIT
// The input is content. What is refused has a place that a slow count agrees with, or a pointer
// that leads somewhere; what is taken is not too deep, and written it reads the same. No type here
// has nlohmann read an integer: what is out of its range is undefined behaviour there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <tuple>
#include <utility>
#include <vector>
#include <weir/json.hpp>

using namespace weir;
using nlohmann::json;
using test::require;

namespace {

constexpr std::size_t kMaxDepth = 20;

struct Item {
  std::string name;
  int pieces = 0;
  std::vector<double> sizes;
  std::optional<std::pair<bool, std::int8_t>> pair{};
};

void from_json(const json& in, Item& out) {
  in.at("name").get_to(out.name);
  out.pieces = json_integer<int>(in.at("pie/~ces"));
  if (in.contains("sizes")) in["sizes"].get_to(out.sizes);
  if (in.contains("pair"))
    out.pair = {in["pair"].at(0).get<bool>(), json_integer<std::int8_t>(in["pair"].at(1))};
}

std::size_t depth_of(const json& value) {
  std::size_t deepest = 0;
  if (!value.is_structured()) return 0;
  for (const json& member : value) deepest = std::max(deepest, depth_of(member));
  return deepest + 1;
}

void check_place(std::string_view text, const JsonError& error) {
  const JsonPlace& place = error.place();
  require(error.status() == Status::bad_request && !place.pointer);
  require(place.offset.has_value() && *place.offset <= text.size());
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : text.substr(0, *place.offset)) {
    ++column;
    if (c != '\n') continue;
    ++line;
    column = 1;
  }
  require(place.line == line && place.column == column);
}

void check_answer(const JsonError& error) {
  require(std::string_view(error.what()).size() <= 203);
  Response response(error.status());
  error.shape(response);
  const json problem = json::parse(response.body());
  require(problem.at("status") == 400 && problem.at("title") == "Bad Request");
  if (error.place().pointer) require(problem.at("pointer") == *error.place().pointer);
}

template <class T>
void check_type(const json& value) {
  try {
    detail::json_as<T>(value);
  } catch (const JsonError& error) {
    check_answer(error);
    if (!error.place().pointer) return;  // too long
    const json::json_pointer pointer(*error.place().pointer);
    const std::string_view detail = error.what();
    const bool missing = detail.size() > 9 && detail.substr(detail.size() - 9) == "not found";
    require(value.contains(missing ? pointer.parent_pointer() : pointer));
    if (missing) require(!value.contains(pointer));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::optional<json> value;
  try {
    value = detail::parse_json(text, {kMaxDepth, false});
  } catch (const JsonError& error) {
    check_place(text, error);
    check_answer(error);
    require(error.what() == std::string_view("The JSON is nested too deeply.") ||
            text.find('\0') != std::string::npos ||  // nlohmann takes it for the end
            !json::accept(text));
    return 0;
  }
  require(depth_of(*value) <= kMaxDepth);
  Response response;
  response.json(*value);
  require(json::parse(response.body()) == *value);

  if (text.find("\\u0000") != std::string::npos) return 0;  // nlohmann's pointers end there
  check_type<Item>(*value);
  check_type<int>(*value);
  check_type<std::vector<Item>>(*value);
  check_type<std::map<std::string, Item>>(*value);
  check_type<std::map<std::string, std::map<std::string, bool>>>(*value);
  check_type<std::tuple<bool, std::vector<double>, std::string>>(*value);
  return 0;
}
