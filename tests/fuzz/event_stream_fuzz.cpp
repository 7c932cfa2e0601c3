// SPDX-License-Identifier: MIT
// Lines of events: name, id, then data up to a byte 0x1e. All are written into one stream, which a
// reader of our own takes apart in pieces.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/event_parser.hpp>
#include <support/fuzz.hpp>
#include <vector>
#include <weir/http/event_stream.hpp>

using namespace weir;
using test::require;
using test::take_until;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string copy(reinterpret_cast<const char*>(data), size);
  std::string_view rest = copy;
  http::EventWriter writer;
  std::vector<test::ParsedEvent> expected;
  std::string last_id;
  while (!rest.empty()) {
    http::Event event;
    event.name = take_until(rest, '\x1d');
    event.id = take_until(rest, '\x1d');
    event.data = take_until(rest, '\x1e');
    const std::size_t before = writer.text().size();
    try {
      writer.event(event);
    } catch (const std::invalid_argument&) {
      require(writer.text().size() == before);
      writer.comment(event.name);
      continue;
    }
    if (!event.id.empty()) last_id = event.id;
    expected.push_back({event.name.empty() ? "message" : std::string(event.name),
                        test::with_lf(event.data), last_id});
  }
  test::EventParser parser;
  const std::string text = writer.take();
  const std::size_t step = 1 + size % 7;
  for (std::size_t at = 0; at < text.size(); at += step)
    parser.feed(std::string_view(text).substr(at, step));
  require(parser.events == expected);
  return 0;
}
