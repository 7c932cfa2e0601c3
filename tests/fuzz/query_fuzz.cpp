// SPDX-License-Identifier: MIT
// The input is a query, and a form.
#include <cstdint>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/form.hpp>
#include <weir/http/percent.hpp>
#include <weir/http/query.hpp>

using namespace weir;
using test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string rewritten;
  std::size_t pairs = 0;
  for (const auto& [raw_name, raw_value] : http::QueryView(text)) {
    ++pairs;
    const std::string name = http::form_decode(raw_name);
    require(name.size() <= raw_name.size());
    require(http::form_equals(raw_name, name));
    require(http::QueryView(text).get(name).has_value());
    if (!rewritten.empty()) rewritten += '&';
    http::percent_encode(name, rewritten);
    rewritten += '=';
    http::percent_encode(http::form_decode(raw_value), rewritten);
  }
  // What was read, written again, reads the same.
  const http::QueryView second(rewritten);
  auto other = second.begin();
  for (const auto& [raw_name, raw_value] : http::QueryView(text)) {
    require(other != second.end());
    require(http::form_decode(other->name) == http::form_decode(raw_name));
    require(http::form_decode(other->value) == http::form_decode(raw_value));
    ++other;
    --pairs;
  }
  require(pairs == 0 && other == second.end());
  http::Form form;
  const http::FormError error = form.parse(text, {64, 256, 256});
  require(form.empty() || error == http::FormError::none);
  auto field = form.begin();
  for (const auto& [raw_name, raw_value] : http::QueryView(text)) {
    if (error != http::FormError::none) break;
    require((*field).name == http::form_decode(raw_name));
    require((*field).value == http::form_decode(raw_value));
    ++field;
  }
  require(field == form.end());
  std::string strict = "x";
  if (!http::percent_decode(text, strict)) require(strict == "x");
  return 0;
}
