// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <string_view>
#include <weir/net/input_buffer.hpp>

using weir::net::InputBuffer;

TEST_CASE("an input buffer holds nothing until it must", "[net]") {
  InputBuffer buffer;
  CHECK(sizeof buffer == sizeof(void*));
  CHECK(buffer.empty());
  CHECK(buffer.view().empty());
  CHECK(buffer.data() == nullptr);
  CHECK(buffer.capacity() == 0);
  buffer.append({});
  CHECK(buffer.empty());
  buffer.consume(0);
  buffer.release();
}

TEST_CASE("held bytes come out as they went in", "[net]") {
  for (std::size_t in = 1; in <= 40; ++in)
    for (std::size_t out = 1; out <= 40; ++out) {
      CAPTURE(in, out);
      InputBuffer buffer;
      std::string model;
      char next = 0;
      for (int round = 0; round < 60; ++round) {
        std::string bytes(in, '\0');
        for (char& c : bytes) c = next++;
        if (round % 2 == 0) {
          buffer.append(bytes);
        } else {
          const InputBuffer::Room room = buffer.room(in);
          REQUIRE(room.size >= in);
          std::memset(room.data, 0x55, room.size);
          std::memcpy(room.data, bytes.data(), in);
          buffer.grown(in);
        }
        model += bytes;
        const std::size_t taken = out < model.size() ? out : model.size();
        buffer.consume(taken);
        model.erase(0, taken);
        REQUIRE(buffer.view() == model);
        REQUIRE(buffer.empty() == model.empty());
        REQUIRE((model.empty() || buffer.data() == buffer.view().data()));
      }
    }
}

TEST_CASE("the allocation goes with the last byte", "[net]") {
  InputBuffer buffer;
  buffer.append(std::string(10'000, 'x'));
  CHECK(buffer.capacity() >= 10'000);
  buffer.consume(9'999);
  CHECK(buffer.capacity() != 0);
  buffer.consume(1);
  CHECK(buffer.empty());
  CHECK(buffer.capacity() == 0);
}

TEST_CASE("room that nothing came into is given back", "[net]") {
  InputBuffer buffer;
  CHECK(buffer.room(100).size >= 100);
  buffer.grown(0);
  CHECK(buffer.empty());
  buffer.append("abc");
  CHECK(buffer.room(100).size >= 100);
  buffer.grown(0);
  CHECK(buffer.view() == "abc");
}

TEST_CASE("growing byte by byte copies little, and consuming makes room", "[net]") {
  InputBuffer buffer;
  const char* last = nullptr;
  int moves = 0;
  for (int i = 0; i < 100'000; ++i) {
    buffer.append("x");
    if (buffer.data() != last) ++moves;
    last = buffer.data();
  }
  CHECK(moves < 40);
  buffer.release();
  for (int i = 0; i < 100'000; ++i) {
    buffer.append("0123456789");
    if (i != 0) buffer.consume(10);
  }
  CHECK(buffer.capacity() < 1'000);
  CHECK(buffer.view() == "0123456789");
}
