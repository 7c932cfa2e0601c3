// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <weir/net/output_queue.hpp>

using weir::net::OutputQueue;
using weir::net::Piece;

namespace {

/// All bytes in front of the first file, piece by piece.
std::string front_of(const OutputQueue& queue) {
  Piece pieces[OutputQueue::kMaxPieces];
  std::string text;
  const std::size_t count = queue.gather(pieces);
  for (std::size_t i = 0; i < count; ++i) text.append(pieces[i].data, pieces[i].size);
  return text;
}

}  // namespace

TEST_CASE("segments of every kind leave in order, however they are consumed", "[net]") {
  const std::string expected = "corkedownedlonger than a small string's own memorykept";
  for (std::size_t piece = 1; piece <= expected.size(); ++piece) {
    CAPTURE(piece);
    std::string cork = "corked";
    const auto shared = std::make_shared<const std::string>("kept");
    OutputQueue queue;
    queue.push_corked(cork);
    queue.push(std::string("owned"));
    queue.push(std::string("longer than a small string's own memory"));
    queue.push(std::string_view(*shared), shared);
    queue.push_file(7, 100, 5, shared);
    CHECK(queue.size() == expected.size() + 5);
    CHECK(queue.memory() <= expected.size());
    CHECK(queue.pushed() == queue.size());
    CHECK(shared.use_count() == 3);

    std::string got;
    while (got.size() < expected.size()) {
      CHECK(queue.front_file() == nullptr);
      const std::string front = front_of(queue);
      CHECK(got + front == expected);
      const std::size_t taken = piece < front.size() ? piece : front.size();
      got += front.substr(0, taken);
      queue.consume(taken);
      queue.detach();
      cork.assign(cork.size(), '#');  // the cork is somebody else's now
      CHECK(queue.sent() == got.size());
      CHECK(queue.memory() <=
            expected.size());  // strings are kept whole; shared bytes do not count
      if (got == expected) CHECK(queue.memory() == 0);
      CHECK(queue.pushed() == expected.size() + 5);
    }
    CHECK(shared.use_count() == 2);
    CHECK(front_of(queue).empty());
    weir::net::Segment* const file = queue.front_file();
    REQUIRE(file != nullptr);
    CHECK(file->fd == 7);
    queue.consume(2);
    CHECK(file->offset == 102);
    CHECK(file->size == 3);
    queue.consume(3);
    CHECK(queue.empty());
    CHECK(queue.front_file() == nullptr);
    CHECK(shared.use_count() == 1);
  }
}

TEST_CASE("nothing is pushed for no bytes", "[net]") {
  OutputQueue queue;
  queue.push_corked({});
  queue.push(std::string());
  queue.push(std::string_view(), std::make_shared<int>(1));
  queue.push_file(3, 0, 0, nullptr);
  CHECK(queue.empty());
  CHECK(queue.size() == 0);
  queue.consume(0);
  queue.detach();
}

TEST_CASE("what stands behind a file waits for it", "[net]") {
  OutputQueue queue;
  queue.push(std::string("a"));
  queue.push_file(3, 0, 1, nullptr);
  queue.push(std::string("b"));
  CHECK(front_of(queue) == "a");
  queue.consume(1);
  CHECK(front_of(queue).empty());
  queue.consume(1);
  CHECK(front_of(queue) == "b");
}

TEST_CASE("a queue that never empties forgets what it has sent", "[net]") {
  OutputQueue queue;
  std::uint64_t next = 0;
  std::uint64_t first = 0;
  for (int round = 0; round < 2000; ++round) {
    queue.push(std::to_string(10'000 + next++));
    queue.push(std::to_string(10'000 + next++));
    if (round < 50) continue;
    const std::string expected = std::to_string(10'000 + first);
    REQUIRE(front_of(queue).substr(0, 5) == expected);
    queue.consume(5);
    ++first;
    if (round % 3 == 0) {
      queue.consume(5);
      ++first;
    }
  }
  while (first < next) {
    REQUIRE(front_of(queue).substr(0, 5) == std::to_string(10'000 + first));
    queue.consume(5);
    ++first;
  }
  CHECK(queue.empty());
  CHECK(queue.sent() == next * 5);
}

TEST_CASE("a gathering write is given no more pieces than it takes", "[net]") {
  OutputQueue queue;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    queue.push(std::string(1, static_cast<char>('a' + i % 26)));
    expected += static_cast<char>('a' + i % 26);
  }
  std::string got;
  while (!queue.empty()) {
    const std::string front = front_of(queue);
    CHECK(front.size() <= OutputQueue::kMaxPieces);
    got += front;
    queue.consume(front.size());
  }
  CHECK(got == expected);
}

TEST_CASE("small rests are joined when the cork is taken back", "[net]") {
  OutputQueue queue;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string cork = std::to_string(i);
    queue.push_corked(cork);
    queue.detach();
    expected += cork;
    if (i % 100 == 50) queue.consume(3), expected.erase(0, 3);
  }
  Piece pieces[OutputQueue::kMaxPieces];
  CHECK(queue.gather(pieces) == 1);
  CHECK(front_of(queue) == expected);
  CHECK(queue.size() == expected.size());
  CHECK(queue.memory() >= expected.size());
  queue.push(std::string(OutputQueue::kJoinLimit, 'x'));
  queue.push_corked("cork");
  queue.detach();
  CHECK(queue.gather(pieces) == 3);
  CHECK(front_of(queue) == expected + std::string(OutputQueue::kJoinLimit, 'x') + "cork");
}

TEST_CASE("memory() is what the queue alone keeps, whole until the last byte is sent",
          "[net][output_queue]") {
  OutputQueue queue;
  const auto shared = std::make_shared<const std::string>(1'000, 's');
  queue.push(std::string_view(*shared), shared);
  queue.push(std::string_view("static"), nullptr);
  CHECK(queue.memory() == 0);
  queue.push(std::string(5'000, 'o'));
  CHECK(queue.memory() == 5'000);
  auto handed_over = std::make_shared<const std::string>(3'000, 'h');
  const std::string_view view = *handed_over;
  queue.push(view, std::move(handed_over));
  CHECK(queue.memory() == 8'000);
  queue.consume(1'006 + 4'999);
  CHECK(queue.memory() == 8'000);
  queue.consume(1);
  CHECK(queue.memory() == 3'000);
  queue.consume(2'999);
  CHECK(queue.memory() == 3'000);
  queue.consume(1);
  CHECK(queue.memory() == 0);
  CHECK(queue.empty());
}
