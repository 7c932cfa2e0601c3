// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <weir/http/byte_buffer.hpp>

using weir::http::ByteBuffer;

TEST_CASE("bytes are added, replaced and taken out", "[http][byte_buffer]") {
  ByteBuffer buffer;
  CHECK(buffer.empty());
  CHECK(buffer.view().empty());
  buffer.append("");
  CHECK(buffer.empty());
  buffer.append("abc");
  buffer.append("defg");
  CHECK(buffer.view() == "abcdefg");
  buffer.erase(1, 3);
  CHECK(buffer.view() == "aefg");
  buffer.erase(0, 4);
  CHECK(buffer.empty());
  buffer.assign("xyz");
  buffer.assign("");
  CHECK(buffer.empty());
  std::copy_n("12", 2, buffer.extend(2));
  CHECK(buffer.view() == "12");
}

TEST_CASE("it grows without losing what it holds, and keeps its memory", "[http][byte_buffer]") {
  ByteBuffer buffer;
  std::string expected;
  for (std::size_t size = 1; size < 5000; size = size * 3 / 2 + 1) {
    const std::string piece(size, static_cast<char>('a' + size % 26));
    buffer.append(piece);
    expected += piece;
    REQUIRE(buffer.view() == expected);
  }
  const char* const place = buffer.view().data();
  buffer.clear();
  CHECK(buffer.empty());
  buffer.assign(expected);
  CHECK(buffer.view().data() == place);
  CHECK(buffer.view() == expected);
}

TEST_CASE("a copy is apart, a move leaves nothing behind", "[http][byte_buffer]") {
  ByteBuffer buffer;
  buffer.append("first");
  ByteBuffer copy = buffer;
  copy.append(" and more");
  CHECK(buffer.view() == "first");
  CHECK(copy.view() == "first and more");
  const char* const place = copy.view().data();
  buffer = std::move(copy);
  CHECK(buffer.view() == "first and more");
  CHECK(buffer.view().data() == place);
  CHECK(copy.empty());
  copy.append("again");
  CHECK(copy.view() == "again");
  buffer = copy;
  ByteBuffer& same = buffer;
  buffer = same;
  CHECK(buffer.view() == "again");
  const ByteBuffer moved(std::move(buffer));
  CHECK(moved.view() == "again");
  CHECK(buffer.empty());
}

TEST_CASE("it knows its own bytes", "[http][byte_buffer]") {
  ByteBuffer buffer;
  CHECK_FALSE(buffer.owns("abc"));
  buffer.append("abc");
  CHECK(buffer.owns(buffer.view()));
  CHECK(buffer.owns(buffer.view().substr(2)));
  CHECK_FALSE(buffer.owns("abc"));
  CHECK_FALSE(buffer.owns({}));
}
