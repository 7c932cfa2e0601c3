// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <weir/http/known_field.hpp>

#include "../support/guarded_bytes.hpp"

namespace {

using namespace weir::http;
using weir::test::GuardedBytes;

TEST_CASE("every known field is found by its name in any case", "[http]") {
  GuardedBytes memory(64);
  for (std::size_t i = 1; i < kKnownFieldCount; ++i) {
    const auto field = static_cast<KnownField>(i);
    std::string name(to_string(field));
    CAPTURE(name);
    CHECK(known_field_from(memory.at_end(name)) == field);
    CHECK(known_field_from(memory.at_begin(name)) == field);
    for (char& c : name)
      if (is_alpha(c)) c = static_cast<char>(c & ~0x20);
    CHECK(known_field_from(memory.at_end(name)) == field);
  }
}

TEST_CASE("a name that differs in any byte is not known", "[http]") {
  std::size_t found = 0;
  for (std::size_t i = 1; i < kKnownFieldCount; ++i) {
    const std::string name(to_string(static_cast<KnownField>(i)));
    for (std::size_t at = 0; at < name.size(); ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string other = name;
        other[at] = static_cast<char>(byte);
        const KnownField field = known_field_from(other);
        if (!equals_ignoring_case(other, to_string(field)) && field != KnownField::none) ++found;
        if (equals_ignoring_case(other, name) != (field == static_cast<KnownField>(i))) ++found;
      }
  }
  CHECK(found == 0);
}

TEST_CASE("names of any length may be asked for", "[http]") {
  CHECK(known_field_from("") == KnownField::none);
  CHECK(known_field_from("h") == KnownField::none);
  CHECK(known_field_from("hostt") == KnownField::none);
  CHECK(known_field_from("hos") == KnownField::none);
  CHECK(known_field_from(std::string(260, 'h')) == KnownField::none);
  CHECK(known_field_from("te") == KnownField::te);
  CHECK(to_string(KnownField::none).empty());
  CHECK(to_string(KnownField::last_event_id) == "last-event-id");
}

TEST_CASE("the table of names is the same when it is made at run time", "[http]") {
  const detail::KnownFieldTable table = detail::make_known_field_table();
  CHECK(table.perfect);
  for (std::size_t i = 0; i < 256; ++i)
    CHECK(table.slot_entry[i] == detail::kKnownFieldTable.slot_entry[i]);
}

}  // namespace
