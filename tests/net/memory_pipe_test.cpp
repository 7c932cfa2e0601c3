// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <weir/net/memory_pipe.hpp>

using weir::net::IoResult;
using weir::net::MemoryPipe;
using weir::net::MemoryTransport;
using weir::net::Piece;
using weir::net::Want;

namespace {

struct Ends {
  std::shared_ptr<MemoryPipe> pipe = std::make_shared<MemoryPipe>();
  MemoryTransport transport{pipe};

  IoResult write(std::string_view first, std::string_view second = {}) {
    const Piece pieces[] = {{first.data(), first.size()}, {second.data(), second.size()}};
    return transport.write(pieces, second.data() == nullptr ? 1 : 2);
  }
};

}  // namespace

TEST_CASE("a write fills the client's window and no more", "[net][memory_pipe]") {
  Ends ends;
  ends.pipe->window = 5;
  const IoResult first = ends.write("abc", "defg");
  CHECK(first.bytes == 5);
  CHECK(first.error == 0);
  CHECK(ends.pipe->to_client == "abcde");
  CHECK(ends.pipe->write_was_short);
  const IoResult full = ends.write("fg");
  CHECK(full.bytes == 0);
  CHECK(full.error == EAGAIN);
  CHECK(full.want == Want::write);
  ends.pipe->to_client.clear();
  CHECK(ends.write("fg").bytes == 2);
  CHECK_FALSE(ends.pipe->write_was_short);
  CHECK(ends.pipe->writes == 3);
}

TEST_CASE("a write of nothing is no error", "[net][memory_pipe]") {
  Ends ends;
  const IoResult none = ends.transport.write(nullptr, 0);
  CHECK(none.bytes == 0);
  CHECK(none.error == 0);
}

TEST_CASE("a call moves no more than it may", "[net][memory_pipe]") {
  Ends ends;
  ends.pipe->largest_io = 2;
  CHECK_FALSE(ends.transport.short_read_means_empty());
  CHECK(ends.write("abc").bytes == 2);
  ends.pipe->to_server = "xyz";
  char bytes[8] = {};
  CHECK(ends.transport.read(bytes, sizeof bytes).bytes == 2);
  CHECK(std::string_view(bytes, 2) == "xy");
  CHECK(ends.pipe->to_server == "z");
}

TEST_CASE("a reset is remembered by a later close", "[net][memory_pipe]") {
  Ends ends;
  ends.transport.close(false);
  CHECK_FALSE(ends.pipe->was_reset);
  ends.transport.close(true);
  ends.transport.close(false);
  CHECK(ends.pipe->was_reset);
  CHECK(ends.pipe->server_closed);
}
