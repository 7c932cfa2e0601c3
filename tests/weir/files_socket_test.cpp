// SPDX-License-Identifier: MIT
// Files over real sockets: readers that are slow or vanish, and files that change on their way.
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <support/raw_client.hpp>
#include <support/temporary_directory.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::test::RawClient;
using weir::test::RawEnd;

namespace {

constexpr std::size_t kLarge = 16 * 1024 * 1024;  // far more than sockets' buffers hold

/// What large.bin holds: lines of 16 bytes with their number, so that a hole, a shift or padding
/// shows.
const std::string& large() {
  static const std::string all = [] {
    std::string text;
    char line[17];
    for (std::size_t number = 0; text.size() < kLarge; ++number) {
      std::snprintf(line, sizeof line, "%015zu\n", number);
      text += line;
    }
    return text;
  }();
  return all;
}

/// Whether each byte is that of the file from `first` on. What the kernel has taken are pages of
/// the file, not copies: where it is cut off they may turn to zeros on their way.
bool is_from_large(std::string_view content, std::size_t first, bool zeros_too = false) {
  if (content.size() > kLarge - first) return false;
  if (content == std::string_view(large()).substr(first, content.size())) return true;
  if (!zeros_too) return false;
  for (std::size_t i = 0; i < content.size(); ++i)
    if (content[i] != large()[first + i] && content[i] != '\0') return false;
  return true;
}

std::string get(std::string_view target, std::string_view fields = {}) {
  return std::string("GET ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: t\r\n")
      .append(fields)
      .append("\r\n");
}

/// Hands content through, so that it is read and not sent by the kernel.
struct Through : weir::BodyFilter {
  void transform(std::string_view piece, bool, weir::FilterOutput out) override {
    out.write(piece);
    out.done();
  }
};
struct Filtered {
  void head(const weir::Request&, weir::ResponseHead&, weir::BodyFilters& filters) const {
    filters.add(std::make_unique<Through>());
  }
};

/// One loop, so that whoever holds it up holds up all.
struct Site {
  explicit Site(const weir::FileOptions& files = {}, bool filtered = false) : server(options()) {
    root.write("large.bin", large());
    root.write("small.txt", "small");
    if (filtered) server.use(Filtered{});
    server.files("", root.path(), files);
    server.listen("127.0.0.1", 0);
    server.start();
  }
  ~Site() {
    server.stop();
    server.wait();
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  static weir::Options options() {
    weir::Options options;
    options.threads = 1;
    options.workers = 2;
    return options;
  }

  /// A client that has read the beginning of the answer to `fields`, and no more.
  RawClient reader(std::string_view fields = {}) const {
    RawClient client(server.port());
    const int little = 64 * 1024;
    ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    client.send(get("/large.bin", fields));
    return client;
  }

  weir::test::TemporaryDirectory root;
  weir::Server server;
};

/// Kilobytes of memory that is the process's own: mapped files and pages of the cache do not count.
std::size_t own_kilobytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line))
    if (line.rfind("RssAnon:", 0) == 0) return std::stoul(line.substr(8));
  return 0;
}

/// Descriptors of the process that are `path`, be it removed or not.
std::size_t opened(const std::string& path) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone).string().rfind(path, 0) == 0) ++count;
  }
  return count;
}

template <typename Claim>
bool comes_true(Claim claim) {
  for (int i = 0; i < 500; ++i) {
    if (claim()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

/// Splits what came into head and content.
std::string content_of(const std::string& raw) {
  const std::size_t end = raw.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : raw.substr(end + 4);
}

}  // namespace

TEST_CASE("slow readers of large files hold up nobody, and cost little memory", "[files][socket]") {
  Site site;
  RawClient other(site.server.port());
  CHECK(other.request(get("/small.txt")).body == "small");
  const std::size_t before = own_kilobytes();
  std::vector<RawClient> slow;
  for (int i = 0; i < 8; ++i) slow.push_back(site.reader());
  for (RawClient& client : slow) client.peek(5s);
  for (int i = 0; i < 50; ++i) CHECK(other.request(get("/small.txt")).body == "small");
  CHECK(other.request(get("/large.bin", "Range: bytes=16-31\r\n")).body == large().substr(16, 16));
  CHECK(own_kilobytes() < before + 32 * 1024);  // they ask for 128 MiB together

  RawClient& one = slow.front();
  one.set_timeout(30s);
  std::size_t at = 0;
  std::string raw = one.read_some(1000);
  const std::size_t head = raw.find("\r\n\r\n") + 4;
  CHECK(raw.find("Content-Length: " + std::to_string(kLarge)) < head);
  raw.erase(0, head);
  bool same = true;
  while (same) {
    same = is_from_large(raw, at);
    at += raw.size();
    if (at >= kLarge || one.ended() != RawEnd::open) break;
    if (at % 64 == 0) std::this_thread::sleep_for(1ms);
    raw = one.read_some();
  }
  CHECK(same);
  CHECK(at == kLarge);
  CHECK(one.request(get("/small.txt")).body == "small");  // the connection is in step
}

TEST_CASE("a client that vanishes takes its file along", "[files][socket]") {
  for (const bool filtered : {false, true}) {
    weir::FileOptions options;
    options.cached_files = 0;  // the answer alone keeps it open
    Site site(options, filtered);
    const std::string path = site.root.path("large.bin");
    for (const bool reset : {false, true}) {
      RawClient client = site.reader();
      client.peek(5s);
      CHECK(opened(path) == 1);
      if (reset) {
        client.reset();
      } else {
        client.close();
      }
      CHECK(comes_true([&] { return site.server.connections() == 0 && opened(path) == 0; }));
    }
    CHECK(RawClient(site.server.port()).request(get("/small.txt")).body == "small");
  }
}

TEST_CASE("a file that is cut off while it is sent breaks the answer off", "[files][socket]") {
  struct Case {
    const char* name;
    const char* fields;
    std::size_t first;
    std::size_t left;  // bytes of the file
    bool filtered;
  };
  for (const Case& one : {
           Case{"to nothing", "", 0, 0, false},
           Case{"to what may have been sent", "", 0, 4096, false},
           Case{"short of its end", "", 0, kLarge - 4096, false},
           Case{"within a range", "Range: bytes=4096-\r\n", 4096, 8192, false},
           Case{"to nothing, filtered", "", 0, 0, true},
           Case{"short of its end, filtered", "", 0, kLarge - 4096, true},
       }) {
    INFO(one.name);
    Site site({}, one.filtered);
    RawClient client = site.reader(one.fields);
    client.send(get("/small.txt"));  // must not be answered behind a broken answer
    client.peek(5s);
    std::filesystem::resize_file(site.root.path("large.bin"), one.left);
    client.set_timeout(30s);
    const std::string raw = client.read_until_close();
    const std::string content = content_of(raw);
    CHECK((raw.rfind("HTTP/1.1 200", 0) == 0 || raw.rfind("HTTP/1.1 206", 0) == 0));
    CHECK(content.size() < kLarge - one.first);
    CHECK(raw.find("HTTP/1.1", 1) == std::string::npos);
    if (one.filtered) {
      CHECK(raw.find("\r\n0\r\n\r\n") == std::string::npos);  // not as if it were whole
    } else {
      CHECK(is_from_large(content, one.first, true));
    }
    CHECK(RawClient(site.server.port()).request(get("/small.txt")).body == "small");
  }
}

TEST_CASE("a file that has been cut off since it was looked at is not padded", "[files][socket]") {
  weir::FileOptions options;
  options.revalidate = 1h;
  Site site(options);
  {
    RawClient first(site.server.port());
    CHECK(first.request(get("/large.bin", "Range: bytes=0-15\r\n")).body == large().substr(0, 16));
  }
  std::filesystem::resize_file(site.root.path("large.bin"), 0);
  RawClient client(site.server.port());
  client.send(get("/large.bin"));
  CHECK(content_of(client.read_until_close()).empty());
  RawClient head(site.server.port());
  CHECK(head.request("HEAD /large.bin HTTP/1.1\r\nHost: t\r\n\r\n").status == 200);
}

TEST_CASE("a file that is replaced or grows while it is sent is sent as it was",
          "[files][socket]") {
  for (const bool replaced : {true, false}) {
    Site site;
    RawClient client = site.reader();
    client.peek(5s);
    if (replaced) {
      site.root.write("new", "new");
      std::filesystem::rename(site.root.path("new"), site.root.path("large.bin"));
    } else {
      std::ofstream(site.root.path("large.bin"), std::ios::app) << "more";
    }
    client.set_timeout(30s);
    const auto answer = client.read_response();
    CHECK((answer.body == large()));
    CHECK(client.request(get("/small.txt")).body == "small");
  }
}
