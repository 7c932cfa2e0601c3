// SPDX-License-Identifier: MIT
// The first bytes are status, options and what is done; the rest are lines, name and value in turn.
// Whatever was set, what is written must be one head and nothing behind it.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <weir/http/chars.hpp>
#include <weir/http/serializer.hpp>

using namespace weir;
using test::require;
using test::take_until;

namespace {

/// Gives blocks of exactly the size asked for, so that the sanitizer sees a byte too many.
class ExactOutput final : public http::Output {
 public:
  void push(std::string&&) override { std::abort(); }
  void push(std::string_view, std::shared_ptr<const void>) override { std::abort(); }
  void push_file(int, std::uint64_t, std::uint64_t, std::shared_ptr<const void>) override {
    std::abort();
  }
  std::string take() {
    flush();
    return std::move(text_);
  }

 private:
  void make_room(std::size_t size) override {
    flush();
    block_.reset(new char[size]);
    at_ = block_.get();
    end_ = at_ + size;
  }
  void flush() {
    if (block_) text_.append(block_.get(), static_cast<std::size_t>(at_ - block_.get()));
    block_.reset();
    at_ = end_ = nullptr;
  }
  std::unique_ptr<char[]> block_;
  std::string text_;
};

/// Reads a head as a strict client would and counts its fields.
std::size_t fields_of(std::string_view text) {
  require(text.substr(0, 9) == "HTTP/1.1 ");
  std::size_t fields = 0;
  std::size_t framing = 0;
  for (bool status_line = true;; status_line = false) {
    const std::size_t end = text.find("\r\n");
    require(end != std::string_view::npos);
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (line.empty()) break;
    require(line.find_first_of("\r\n") == std::string_view::npos);
    if (status_line) continue;
    const std::size_t colon = line.find(':');
    require(colon != std::string_view::npos && http::is_token(line.substr(0, colon)));
    for (const char c : line.substr(colon)) require(http::is_value(c));
    if (http::equals_ignoring_case(line.substr(0, colon), "Content-Length") ||
        http::equals_ignoring_case(line.substr(0, colon), "Transfer-Encoding"))
      ++framing;
    ++fields;
  }
  require(text.empty());
  require(framing <= 1);
  return fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::string copy(reinterpret_cast<const char*>(data), size);
  http::ResponseHead head;
  head.status = static_cast<http::Status>(100 + (data[0] * 256 + data[1]) % 900);
  http::HeadOptions options;
  options.minor_version = data[2] & 1;
  options.close = (data[2] & 2) != 0;
  options.keep_alive_header = (data[2] & 4) != 0;
  options.framing = static_cast<http::HeadOptions::Framing>(data[2] >> 3 & 3);
  options.content_length = (data[2] & 32) != 0 ? UINT64_MAX : data[2];
  if ((data[2] & 64) != 0) options.date = "Sun, 06 Nov 1994 08:49:37 GMT";
  if ((data[2] & 128) != 0) options.server = "weir";

  std::uint8_t actions = data[3];
  std::string_view rest = std::string_view(copy).substr(4);
  while (!rest.empty()) {
    const std::string_view name = take_until(rest, '\n');
    const std::string_view value = take_until(rest, '\n');
    try {
      switch (actions & 3) {
        case 0:
          head.set(name, value);
          require(!head.has(name) || head.get(name) == http::trim(value) || head.close() ||
                  head.content_length().has_value());
          break;
        case 1:
          head.append(name, value);
          break;
        case 2:
          head.set_content_type(value);
          break;
        case 3:
          head.remove(name);
          require(!head.has(name));
          break;
      }
    } catch (const std::invalid_argument&) {
    }
    actions = static_cast<std::uint8_t>((actions >> 2) | (actions << 6));
  }

  std::size_t lines = 0;
  std::size_t position = 0;
  std::string_view name;
  std::string_view value;
  while (head.next(position, name, value)) {
    require(head.has(name));
    ++lines;
  }
  ExactOutput out;
  http::write_head(out, head, options);
  require(fields_of(out.take()) >= lines);
  http::write_interim(out, head.status, head);
  require(fields_of(out.take()) == lines);
  http::write_chunk(out, copy);
  http::write_last_chunk(out, head.lines());
  require(out.take().size() > copy.size() + head.lines().size());
  return 0;
}
