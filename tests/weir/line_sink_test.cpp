// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>
#include <weir/detail/line_sink.hpp>

#include "../support/temporary_directory.hpp"

using namespace std::chrono_literals;
using weir::detail::LineSink;
using weir::detail::LineSinkOptions;
using weir::test::TemporaryDirectory;

namespace {

constexpr auto kPatience = 10s;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

LineSinkOptions to_file(const std::string& path) {
  LineSinkOptions options;
  options.path = path;
  options.queue_bytes = 1 << 20;
  options.gather = 1ms;
  return options;
}

/// A function that keeps what it is given, and waits while it is told to.
struct Gate {
  void operator()(std::string_view lines) {
    std::unique_lock<std::mutex> lock(mutex);
    ++calls;
    changed.notify_all();
    changed.wait(lock, [this] { return open; });
    text.append(lines);
  }
  void wait_for_call() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return calls != 0; });
  }
  void let_go() {
    const std::lock_guard<std::mutex> lock(mutex);
    open = true;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  int calls = 0;
  std::string text;
};

LineSinkOptions to_gate(const std::shared_ptr<Gate>& gate, std::size_t queue_bytes) {
  LineSinkOptions options;
  options.write = [gate](std::string_view lines) { (*gate)(lines); };
  options.queue_bytes = queue_bytes;
  return options;
}

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2];
};

}  // namespace

TEST_CASE("lines are appended to a file that nobody else may write or read", "[line_sink]") {
  const TemporaryDirectory folder;
  const std::string path = folder.path("log");
  const ::mode_t before = ::umask(0);
  const auto sink = LineSink::start(to_file(path));
  ::umask(before);
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0640);
  sink->push("one\n");
  sink->push("two\n");
  REQUIRE(sink->flush(kPatience));
  CHECK(content(path) == "one\ntwo\n");
  CHECK(sink->written() == 2);
  { std::ofstream(path, std::ios::app) << "another's\n"; }
  sink->push("three\n");
  sink->close(kPatience);
  CHECK(content(path) == "one\ntwo\nanother's\nthree\n");
  CHECK(sink->written() == 3);
  CHECK(sink->dropped() == 0);
  CHECK(sink->errors() == 0);
}

TEST_CASE("a file that cannot be opened is said at once", "[line_sink]") {
  const TemporaryDirectory folder;
  CHECK_THROWS_AS(LineSink::start(to_file(folder.path("none/log"))), std::system_error);
  CHECK_THROWS_AS(LineSink::start(to_file(folder.path())), std::system_error);
  REQUIRE(::mkfifo(folder.path("fifo").c_str(), 0600) == 0);  // that nobody reads
  CHECK_THROWS_AS(LineSink::start(to_file(folder.path("fifo"))), std::system_error);
}

TEST_CASE("reopen() goes on in a new file behind what was pushed before", "[line_sink]") {
  const TemporaryDirectory folder;
  const std::string path = folder.path("log");
  const auto sink = LineSink::start(to_file(path));
  sink->push("one\n");
  REQUIRE(std::rename(path.c_str(), folder.path("log.1").c_str()) == 0);
  sink->push("two\n");
  sink->reopen();
  REQUIRE(sink->flush(kPatience));
  sink->push("three\n");
  REQUIRE(sink->flush(kPatience));
  CHECK(content(folder.path("log.1")) == "one\ntwo\n");
  CHECK(content(path) == "three\n");

  // Where that fails the old file goes on.
  REQUIRE(std::rename(path.c_str(), folder.path("log.2").c_str()) == 0);
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  sink->reopen();
  REQUIRE(sink->flush(kPatience));
  CHECK(sink->errors() == 1);
  sink->push("four\n");
  sink->close(kPatience);
  CHECK(content(folder.path("log.2")) == "three\nfour\n");
  CHECK(sink->dropped() == 0);
}

TEST_CASE("what has no room is dropped, newest first, and counted", "[line_sink]") {
  const auto gate = std::make_shared<Gate>();
  const auto sink = LineSink::start(to_gate(gate, 2 * 100));
  sink->push("first\n");
  gate->wait_for_call();  // one buffer is being written
  const std::string ten = "123456789\n";
  for (int i = 0; i < 15; ++i) sink->push(ten);
  CHECK(sink->dropped() == 5);
  CHECK(sink->written() == 0);
  CHECK_FALSE(sink->flush(1ms));
  gate->let_go();
  REQUIRE(sink->flush(kPatience));
  CHECK(sink->written() == 11);
  std::string expected = "first\n";
  for (int i = 0; i < 10; ++i) expected += ten;
  {
    const std::lock_guard<std::mutex> lock(gate->mutex);
    CHECK(gate->text == expected);
  }
  sink->push(std::string(101, 'x'));  // never has room
  CHECK(sink->dropped() == 6);
  sink->close(kPatience);
}

TEST_CASE("half a buffer does not wait for more", "[line_sink]") {
  const auto gate = std::make_shared<Gate>();
  gate->open = true;
  LineSinkOptions options = to_gate(gate, 2 * 100);
  options.gather = 24h;
  const auto sink = LineSink::start(options);
  sink->push(std::string(29, 'a') + "\n");
  sink->push(std::string(29, 'b') + "\n");
  gate->wait_for_call();
  sink->push("last\n");
  sink->close(kPatience);  // nor does the end
  CHECK(gate->text.size() == 65);
}

TEST_CASE("what a function throws costs its lines", "[line_sink]") {
  LineSinkOptions options;
  options.queue_bytes = 1000;
  bool bad = true;
  options.write = [&bad](std::string_view) {
    if (bad) throw std::runtime_error("full");
  };
  const auto sink = LineSink::start(options);
  sink->push("one\n");
  sink->push("two\n");
  REQUIRE(sink->flush(kPatience));
  CHECK(sink->dropped() == 2);
  CHECK(sink->errors() >= 1);
  bad = false;
  sink->push("three\n");
  sink->close(kPatience);
  CHECK(sink->written() == 1);
}

TEST_CASE("who does not read a pipe holds up neither push() nor close()", "[line_sink]") {
  for (const bool socket : {false, true}) {
    CAPTURE(socket);
    Pipe pipe;
    if (socket) {
      ::close(pipe.ends[0]);
      ::close(pipe.ends[1]);
      REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipe.ends) == 0);
    }
    LineSinkOptions options;
    options.fd = pipe.ends[1];
    options.queue_bytes = 2 << 20;
    const auto sink = LineSink::start(options);
    const std::string line = std::string(999, 'x') + "\n";
    constexpr std::uint64_t kLines = 5000;  // more than both buffers and the pipe
    for (std::uint64_t i = 0; i < kLines; ++i) sink->push(line);
    CHECK_FALSE(sink->flush(10ms));
    sink->push(line);
    CHECK(sink->dropped() > 0);
    sink->close(20ms);
    // Nothing is counted twice or forgotten, and the pipe ends with a whole line.
    CHECK(sink->written() + sink->dropped() == kLines + 1);
    CHECK(sink->errors() == 0);
    ::shutdown(pipe.ends[1], SHUT_WR);
    ::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK);
    std::string read(2 << 20, '\0');
    std::size_t size = 0;
    for (::ssize_t n = 0; (n = ::read(pipe.ends[0], read.data() + size, read.size() - size)) > 0;)
      size += static_cast<std::size_t>(n);
    if (!socket) CHECK(size == sink->written() * line.size());
    CHECK(size / line.size() == sink->written());
  }
}

TEST_CASE("a writer that hangs is left behind", "[line_sink]") {
  const auto gate = std::make_shared<Gate>();
  const auto sink = LineSink::start(to_gate(gate, 1000));
  sink->push("one\n");
  gate->wait_for_call();
  sink->close(1ms);
  gate->let_go();
}

TEST_CASE("a pipe that nobody will read any more is an error and no signal", "[line_sink]") {
  Pipe pipe;
  LineSinkOptions options;
  options.fd = pipe.ends[1];
  options.queue_bytes = 1000;
  const auto sink = LineSink::start(options);
  ::close(pipe.ends[0]);
  sink->push("one\n");
  sink->push("two\n");
  REQUIRE(sink->flush(kPatience));
  CHECK(sink->dropped() == 2);
  CHECK(sink->errors() >= 1);
  sink->close(kPatience);
  pipe.ends[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST_CASE("a full disk is counted", "[line_sink]") {
  const auto sink = LineSink::start(to_file("/dev/full"));
  sink->push("one\n");
  REQUIRE(sink->flush(kPatience));
  CHECK(sink->dropped() == 1);
  CHECK(sink->errors() == 1);
  sink->close(kPatience);
}

TEST_CASE("many threads, one writer: no line is torn, lost or doubled", "[line_sink]") {
  constexpr int kThreads = 4;
  constexpr int kEach = 3000;
  const TemporaryDirectory folder;
  const std::string path = folder.path("log");
  LineSinkOptions options = to_file(path);
  options.queue_bytes = 8 << 20;
  const auto sink = LineSink::start(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&sink, t] {
      for (int i = 0; i < kEach; ++i) {
        sink->push(std::to_string(t) + " " + std::to_string(i) + "\n");
        if (i % 1000 == 0) sink->reopen();
      }
    });
  for (std::thread& thread : threads) thread.join();
  sink->close(kPatience);
  CHECK(sink->written() == kThreads * kEach);
  CHECK(sink->dropped() == 0);
  std::istringstream lines(content(path));
  std::vector<int> next(kThreads, 0);
  int t = 0;
  int i = 0;
  int count = 0;
  while (lines >> t >> i) {
    REQUIRE((t >= 0 && t < kThreads));
    REQUIRE(next[static_cast<std::size_t>(t)]++ == i);  // in a thread's order
    ++count;
  }
  CHECK(count == kThreads * kEach);
}
