// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

std::string refusal(const weir::Options& options) {
  try {
    options.check();
  } catch (const std::invalid_argument& what) {
    return what.what();
  }
  return {};
}

struct Case {
  const char* field;
  void (*spoil)(weir::Options&);
};

#define TOO(field, value)                                          \
  Case {                                                           \
#field, [](weir::Options & options) { options.field = value; } \
  }
constexpr auto kHuge = std::chrono::hours(24 * 365);
constexpr Case kImpossible[] = {
    TOO(threads, 1025),
    TOO(workers, 4097),
    TOO(worker_queue, 0),
    TOO(worker_queue, (std::size_t{1} << 24) + 1),
    TOO(worker_wait, -1ms),
    TOO(worker_wait, kHuge),
    TOO(max_connections, 0),
    TOO(max_connections, (std::size_t{1} << 30) + 1),
    TOO(backlog, 0),
    TOO(backlog, -1),
    TOO(defer_accept_seconds, -1),
    TOO(max_request_line_bytes, 15),
    TOO(max_request_line_bytes, std::numeric_limits<std::size_t>::max()),
    TOO(max_field_bytes, 0),
    TOO(max_field_bytes, std::size_t{1} << 32),
    TOO(max_header_bytes, 0),
    TOO(max_header_bytes, std::size_t{1} << 32),
    TOO(max_headers, 0),
    TOO(max_headers, 10'001),
    TOO(max_body_bytes, (std::uint64_t{1} << 31) + 1),
    TOO(max_chunk_extension_bytes, std::size_t{1} << 32),
    TOO(max_trailer_bytes, std::size_t{1} << 32),
    TOO(max_connections_per_address, (std::size_t{1} << 30) + 1),
    TOO(max_buffered_bytes, 1),
    TOO(max_buffered_bytes, (std::uint64_t{1} << 50) + 1),
    TOO(max_accepts_per_second, 1'000'001),
    TOO(kernel_send_ahead, 1),
    TOO(kernel_send_ahead, (std::size_t{1} << 30) + 1),
    TOO(max_connection_age, -1ms),
    TOO(max_connection_age, std::chrono::hours(13 * 24)),
    TOO(first_byte_timeout, -1ms),
    TOO(head_timeout, -1ms),
    TOO(head_timeout, kHuge),
    TOO(keep_alive_timeout, -1ms),
    TOO(keep_alive_timeout, kHuge),
    TOO(body_stall_timeout, -1ms),
    TOO(body_stall_timeout, kHuge),
    TOO(body_rate_grace, -1ms),
    TOO(body_rate_grace, kHuge),
    TOO(handler_timeout, -1ms),
    TOO(handler_timeout, kHuge),
    TOO(write_stall_timeout, -1ms),
    TOO(write_stall_timeout, kHuge),
    TOO(linger_timeout, -1ms),
    TOO(linger_timeout, kHuge),
    TOO(output_high_water, 4095),
    TOO(output_high_water, std::size_t{1} << 31),
    TOO(stream_buffer, 0),
    TOO(stream_buffer, std::size_t{1} << 31),
    TOO(drain_delay, -1ms),
    TOO(drain_delay, kHuge),
    TOO(stop_deadline, -1ms),
    TOO(stop_deadline, kHuge),
    TOO(server_name, "a\r\nb"),
};
constexpr Case kPossible[] = {
    TOO(threads, 0),
    TOO(threads, 1024),
    TOO(worker_queue, 1),
    TOO(worker_wait, 0ms),
    TOO(max_connections, 1),
    TOO(max_headers, 1),
    TOO(max_body_bytes, 0),
    TOO(max_body_bytes, std::uint64_t{1} << 31),
    TOO(max_streamed_body_bytes, std::numeric_limits<std::uint64_t>::max()),
    TOO(max_trailer_bytes, 0),
    TOO(handler_timeout, 0ms),
    TOO(stop_deadline, 0ms),
    TOO(server_name, "weir/1 (test)"),
};
#undef TOO

}  // namespace

TEST_CASE("the defaults are possible", "[options]") { CHECK(refusal(weir::Options()) == ""); }

TEST_CASE("an impossible value is refused by the name of its field", "[options]") {
  for (const Case& c : kImpossible) {
    weir::Options options;
    c.spoil(options);
    CAPTURE(c.field);
    CHECK_THAT(refusal(options),
               Catch::StartsWith(std::string("weir::Options::") + c.field + ": "));
  }
}

TEST_CASE("a value at its bound is taken", "[options]") {
  for (const Case& c : kPossible) {
    weir::Options options;
    c.spoil(options);
    CAPTURE(c.field);
    CHECK(refusal(options) == "");
  }
}

TEST_CASE("a server refuses an impossible option when it listens or starts", "[options]") {
  weir::Options options;
  options.max_headers = 0;
  weir::Server server(options);
  CHECK_THROWS_WITH(server.listen("127.0.0.1", 0), Catch::Contains("weir::Options::max_headers"));
  CHECK_THROWS_WITH(weir::testing::Client(server), Catch::Contains("weir::Options::max_headers"));
}

TEST_CASE("the limits of a request are the options'", "[options]") {
  weir::Options options;
  options.max_request_line_bytes = 40;
  options.max_field_bytes = 50;
  options.max_header_bytes = 100;
  options.max_headers = 3;
  options.max_body_bytes = 10;
  options.max_requests_per_connection = 0;
  weir::Server server(options);
  server.any("/{rest...}", [] { return "fine"; });
  weir::testing::Client client(server);
  struct Row {
    const char* name;
    std::string bytes;
    int status;
  };
  const Row rows[] = {
      {"a line that fits", "GET /" + std::string(20, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", 200},
      {"a longer one", "GET /" + std::string(40, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"a field that fits", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(40, 'x') + "\r\n\r\n",
       200},
      {"a longer one", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(60, 'x') + "\r\n\r\n", 431},
      {"too long together",
       "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(44, 'x') +
           "\r\nB: " + std::string(44, 'x') + "\r\n\r\n",
       431},
      {"three", "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 1\r\n\r\n", 200},
      {"four", "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", 431},
      {"a body that fits", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789",
       200},
      {"a longer one", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n01234567890", 413},
      {"a bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    client.send_raw(row.bytes);
    CHECK(client.receive().status == row.status);
    client.advance(5s);
  }
}

TEST_CASE("options that change a connection's manners", "[options]") {
  weir::Options options;
  options.allow_bare_lf = true;
  options.max_requests_per_connection = 2;
  options.keep_alive_timeout = 3s;
  weir::Server server(options);
  server.get("/", [] { return "x"; });
  weir::testing::Client client(server);
  client.send_raw("GET / HTTP/1.1\nHost: x\n\n");
  CHECK(client.receive().status == 200);
  CHECK_FALSE(client.is_closed());
  const auto last = client.get("/");
  CHECK(last.header("Connection") == "close");
  CHECK(client.is_closed());
  CHECK(client.get("/").body == "x");
  client.advance(2900ms);
  CHECK_FALSE(client.is_closed());
  client.advance(200ms);
  CHECK(client.is_closed());
}
