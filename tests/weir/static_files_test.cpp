// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <string_view>
#include <support/temporary_directory.hpp>
#include <thread>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

namespace {

using weir::testing::Answer;
using weir::testing::Client;
using weir::testing::Fields;

/// Numbered lines, so that a wrong offset shows.
std::string numbered(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + "\n";
  text.resize(bytes);
  return text;
}

struct Site {
  explicit Site(weir::FileOptions given = {}) : options(std::move(given)) {
    root.write("www/hello.txt", "Hello, file!\n");
    root.write("www/page.html", "<p>page</p>");
    root.write("www/empty", "");
    root.write("www/large.bin", numbered(kLarge));
    root.write("www/sub/index.html", "<p>index</p>");
    root.write("www/sub/deep/a b&<c>.txt", "odd name");
    root.write("www/.hidden", "hidden");
    root.write("www/sub/.git/config", "hidden");
    root.write("www/back\\slash", "x");
    root.write("secret.txt", "secret");
    std::filesystem::create_symlink("../secret.txt", root.path("www/out"));
    std::filesystem::create_symlink("/etc/passwd", root.path("www/absolute"));
    std::filesystem::create_symlink("..", root.path("www/up"));
    std::filesystem::create_symlink("hello.txt", root.path("www/inside"));
    std::filesystem::create_symlink("loop", root.path("www/loop"));
    ::mkfifo(root.path("www/fifo").c_str(), 0600);
    server.files("/s", root.path("www"), options);
  }

  static constexpr std::size_t kLarge = 300'000;

  weir::test::TemporaryDirectory root;
  weir::FileOptions options;
  weir::Server server;
};

}  // namespace

TEST_CASE("a file is served with its type, its length and its validators", "[files]") {
  Site site;
  Client client(site.server);
  for (int i = 0; i < 2; ++i) {  // from the disk, then from what is kept
    const Answer answer = client.get("/s/hello.txt");
    CHECK(answer.status == 200);
    CHECK(answer.body == "Hello, file!\n");
    CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
    CHECK(answer.header("Content-Length") == "13");
    CHECK(answer.header("Accept-Ranges") == "bytes");
    CHECK(answer.header("ETag").substr(0, 1) == "\"");
    CHECK(answer.header("Last-Modified").substr(25) == " GMT");
    CHECK_FALSE(answer.has_header("Vary"));
    CHECK_FALSE(answer.has_header("Cache-Control"));
  }
  CHECK(client.get("/s/empty").body.empty());
  CHECK(client.get("/s/empty").header("Content-Length") == "0");
  CHECK(client.get("/s/large.bin").body == numbered(Site::kLarge));
  CHECK(client.get("/s/inside").body == "Hello, file!\n");
  CHECK(client.get("/s/hello.txt?v=1").status == 200);
}

TEST_CASE("HEAD has the fields of GET and reads no file", "[files]") {
  Site site;
  Client client(site.server);
  for (const char* const name : {"/s/hello.txt", "/s/large.bin"}) {
    const Answer get = client.get(name);
    const Answer head = client.request("HEAD", name);
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    for (const char* const field : {"Content-Length", "Content-Type", "ETag", "Last-Modified"})
      CHECK(head.header(field) == get.header(field));
  }
  CHECK(client.request("POST", "/s/hello.txt").status == 405);
}

TEST_CASE("nothing outside of the directory, and nothing hidden, is reached", "[files]") {
  Site site;
  Client client(site.server);
  const std::string long_name(300, 'a');
  for (const std::string& target : {
           std::string("/s/../secret.txt"),
           std::string("/s/%2e%2e/secret.txt"),
           std::string("/s/%2e%2e%2fsecret.txt"),
           std::string("/s/..%2fsecret.txt"),
           std::string("/s/sub/../../secret.txt"),
           std::string("/s/sub/%2E./%2E./secret.txt"),
           std::string("/s/..%5csecret.txt"),
           std::string("/s/..\\secret.txt"),
           std::string("/s/back%5Cslash"),
           std::string("/s/hello.txt%00"),
           std::string("/s/hello.txt%00.html"),
           std::string("/s/%c0%ae%c0%ae/secret.txt"),
           std::string("/s/%c0%ae%c0%ae%c0%afsecret.txt"),
           std::string("/s/%e0%80%ae./secret.txt"),
           std::string("/s/%252e%252e/secret.txt"),
           std::string("/s//etc/passwd"),
           std::string("/s/%2fetc%2fpasswd"),
           std::string("/s/out"),
           std::string("/s/absolute"),
           std::string("/s/up/secret.txt"),
           std::string("/s/loop"),
           std::string("/s/fifo"),
           std::string("/s/.hidden"),
           std::string("/s/%2ehidden"),
           std::string("/s/sub/.git/config"),
           std::string("/s/hello.txt/"),
           std::string("/s/hello.txt/x"),
           std::string("/s/nothing"),
           "/s/" + long_name,
           "/s/sub/" + long_name + "/x",
           std::string("/s/hello.txt:$DATA"),
           std::string("/s/hello.txt%20"),
           std::string("/s/HELLO.TXT"),
       }) {
    INFO(target);
    const Answer answer = client.connect().get(target);
    CHECK((answer.status == 404 || answer.status == 400));
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(answer.body.find("root:") == std::string::npos);
  }
}

TEST_CASE("a directory answers with its index, behind a slash", "[files]") {
  Site site;
  Client client(site.server);
  CHECK(client.get("/s/sub/").body == "<p>index</p>");
  CHECK(client.get("/s/sub/").header("Content-Type") == "text/html; charset=utf-8");
  const Answer redirect = client.get("/s/sub?a=1");
  CHECK(redirect.status == 301);
  CHECK(redirect.header("Location") == "./sub/?a=1");
  CHECK(client.get("/s").header("Location") == "./s/");
  CHECK(client.get("/s/").status == 404);  // no index there
  CHECK(client.get("/s/sub/deep/").status == 404);
}

TEST_CASE("a listing shows what may be seen, and no markup of names", "[files]") {
  weir::FileOptions options;
  options.listing = true;
  Site site(options);
  Client client(site.server);
  const Answer answer = client.get("/s/sub/deep/");
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(answer.has_header("Content-Security-Policy"));
  CHECK(answer.body.find("a b&amp;&lt;c&gt;.txt") != std::string::npos);
  CHECK(answer.body.find("href=\"./a%20b%26%3Cc%3E.txt\"") != std::string::npos);
  CHECK(client.get("/s/sub/deep/a%20b%26%3Cc%3E.txt").body == "odd name");
  const Answer top = client.get("/s/");
  CHECK(top.body.find("hello.txt") != std::string::npos);
  CHECK(top.body.find("sub/") != std::string::npos);
  for (const char* const hidden : {".hidden", "fifo", "back", "out\""})
    CHECK(top.body.find(hidden) == std::string::npos);
  CHECK(client.get("/s/sub/").body == "<p>index</p>");

  options.listing_entries = 2;
  Site small(options);
  CHECK(Client(small.server).get("/s/").body.find("and more") != std::string::npos);
}

TEST_CASE("conditional requests are answered as the file's state says", "[files]") {
  Site site;
  Client client(site.server);
  const Answer first = client.get("/s/hello.txt");
  const std::string etag(first.header("ETag"));
  const std::string date(first.header("Last-Modified"));
  const std::string past = "Sun, 06 Nov 1994 08:49:37 GMT";
  struct Case {
    const char* field;
    std::string value;
    int status;
  };
  for (const Case& one : {
           Case{"If-None-Match", etag, 304},
           Case{"If-None-Match", "W/" + etag, 304},
           Case{"If-None-Match", "\"x\", " + etag, 304},
           Case{"If-None-Match", "*", 304},
           Case{"If-None-Match", "\"x\"", 200},
           Case{"If-Modified-Since", date, 304},
           Case{"If-Modified-Since", past, 200},
           Case{"If-Match", etag, 200},
           Case{"If-Match", "*", 200},
           Case{"If-Match", "\"x\"", 412},
           Case{"If-Match", "W/" + etag, 412},
           Case{"If-Unmodified-Since", date, 200},
           Case{"If-Unmodified-Since", past, 412},
       }) {
    INFO(one.field << ": " << one.value);
    const Answer answer = client.get("/s/hello.txt", {{one.field, one.value}});
    CHECK(answer.status == one.status);
    CHECK(answer.header("ETag") == etag);
    if (one.status != 200) CHECK(answer.body.empty());
  }
  CHECK(client.get("/s/nothing", {{"If-Match", "\"x\""}}).status == 404);
}

TEST_CASE("ranges are served from memory and from the file alike", "[files]") {
  for (const std::size_t kept : {std::size_t{0}, std::size_t{1'000'000}}) {
    weir::FileOptions options;
    options.cached_file_bytes = kept;
    Site site(options);
    Client client(site.server);
    const std::string all = numbered(Site::kLarge);
    const auto range = [&](const std::string& value) {
      return client.get("/s/large.bin", {{"Range", "bytes=" + value}});
    };
    Answer answer = range("0-9");
    CHECK(answer.status == 206);
    CHECK(answer.body == all.substr(0, 10));
    CHECK(answer.header("Content-Range") == "bytes 0-9/300000");
    CHECK(answer.header("Content-Length") == "10");
    CHECK(range("299990-").body == all.substr(299'990));
    CHECK(range("-5").body == all.substr(299'995));
    CHECK(range("100-300100").body == all.substr(100));
    answer = range("300000-");
    CHECK(answer.status == 416);
    CHECK(answer.header("Content-Range") == "bytes */300000");
    CHECK(range("5-4").status == 200);  // no range: ignored
    CHECK(client.request("HEAD", "/s/large.bin", "", {{"Range", "bytes=0-9"}}).status == 200);

    answer = range("0-4,100000-100004,-5");
    CHECK(answer.status == 206);
    CHECK_FALSE(answer.has_header("Content-Range"));
    const std::string type(answer.header("Content-Type"));
    REQUIRE(type.substr(0, 31) == "multipart/byteranges; boundary=");
    const std::string boundary = type.substr(31);
    CHECK(boundary.size() == 32);
    const auto part = [&](std::size_t at, std::size_t size) {
      return "--" + boundary +
             "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes " +
             std::to_string(at) + "-" + std::to_string(at + size - 1) + "/300000\r\n\r\n" +
             all.substr(at, size);
    };
    std::string body = answer.body;
    if (body.substr(0, 2) == "\r\n") body.erase(0, 2);
    CHECK(body == part(0, 5) + "\r\n" + part(100'000, 5) + "\r\n" + part(299'995, 5) + "\r\n--" +
                      boundary + "--\r\n");
    CHECK(range("0-4,100000-100004").header("Content-Type") != type);

    const std::string etag(client.get("/s/large.bin").header("ETag"));
    CHECK(client.get("/s/large.bin", {{"Range", "bytes=0-9"}, {"If-Range", etag}}).status == 206);
    CHECK(client.get("/s/large.bin", {{"Range", "bytes=0-9"}, {"If-Range", "\"x\""}}).status ==
          200);
  }
}

TEST_CASE("a flood of ranges gets the whole, once", "[files]") {
  Site site;
  Client client(site.server);
  std::string flood = "bytes=";
  for (int i = 0; i < 1000; ++i)
    flood += std::to_string(i * 200) + "-" + std::to_string(i * 200 + 1) + ",";
  flood += "1-2";
  const Answer answer = client.get("/s/large.bin", {{"Range", flood}});
  CHECK(answer.status == 200);
  CHECK(answer.body.size() == Site::kLarge);
  weir::FileOptions none;
  none.max_ranges = 0;
  Site without(none);
  Client other(without.server);
  CHECK(other.get("/s/hello.txt", {{"Range", "bytes=0-1"}}).status == 200);
  CHECK_FALSE(other.get("/s/hello.txt").has_header("Accept-Ranges"));
}

TEST_CASE("a compressed sibling is sent to those who take it", "[files]") {
  Site site;
  site.root.write("www/app.js", "plain plain plain");
  site.root.write("www/app.js.br", "brotli");
  site.root.write("www/app.js.gz", "gzip gzip");
  site.root.write("www/old.js", "new", 10);
  site.root.write("www/old.js.gz", "old", 60);
  Client client(site.server);
  struct Case {
    const char* accepted;
    const char* body;
    const char* coding;
  };
  std::string plain_tag;
  for (const Case& one : {
           Case{nullptr, "plain plain plain", ""},
           Case{"", "plain plain plain", ""},
           Case{"gzip, deflate, br, zstd", "brotli", "br"},
           Case{"gzip", "gzip gzip", "gzip"},
           Case{"gzip;q=1, br;q=0.5", "gzip gzip", "gzip"},
           Case{"br;q=0, gzip;q=0", "plain plain plain", ""},
           Case{"identity;q=0, br", "brotli", "br"},
           Case{"identity;q=0", "plain plain plain", ""},
           Case{"zstd", "plain plain plain", ""},
       }) {
    INFO((one.accepted == nullptr ? "none" : one.accepted));
    const Answer answer = one.accepted == nullptr
                              ? client.get("/s/app.js")
                              : client.get("/s/app.js", {{"Accept-Encoding", one.accepted}});
    CHECK(answer.status == 200);
    CHECK(answer.body == one.body);
    CHECK(answer.header("Content-Encoding") == one.coding);
    CHECK(answer.header("Vary") == "Accept-Encoding");
    CHECK(answer.header("Content-Type").find("javascript") != std::string_view::npos);
    if (plain_tag.empty()) plain_tag = answer.header("ETag");
    CHECK((answer.header("ETag") == plain_tag) == (one.coding[0] == '\0'));
  }
  CHECK(client.get("/s/old.js", {{"Accept-Encoding", "gzip"}}).body == "new");

  weir::FileOptions options;
  options.precompressed = false;
  Site without(options);
  without.root.write("www/app.js", "plain");
  without.root.write("www/app.js.br", "brotli");
  CHECK(Client(without.server).get("/s/app.js", {{"Accept-Encoding", "br"}}).body == "plain");
}

TEST_CASE("a changed file is noticed within the time for that", "[files]") {
  weir::FileOptions options;
  options.revalidate = 0ms;
  Site site(options);
  Client client(site.server);
  const std::string before(client.get("/s/hello.txt").header("ETag"));
  CHECK(client.get("/s/hello.txt").header("ETag") == before);
  site.root.write("www/hello.txt", "other bytes", 30);
  const Answer changed = client.get("/s/hello.txt");
  CHECK(changed.body == "other bytes");
  CHECK(changed.header("ETag") != before);
  std::filesystem::rename(site.root.path("www/page.html"), site.root.path("www/hello.txt"));
  CHECK(client.get("/s/hello.txt").body == "<p>page</p>");
  std::filesystem::remove(site.root.path("www/hello.txt"));
  CHECK(client.get("/s/hello.txt").status == 404);
  CHECK(client.get("/s/later.txt").status == 404);
  site.root.write("www/later.txt", "there now");
  CHECK(client.get("/s/later.txt").body == "there now");
  CHECK(client.get("/s/large.bin").body.size() == Site::kLarge);
  site.root.write("www/large.bin", numbered(Site::kLarge) + "more", 20);
  CHECK(client.get("/s/large.bin").body.size() == Site::kLarge + 4);
}

TEST_CASE("what was kept is served while it is fresh, without a look at the disk", "[files]") {
  weir::FileOptions options;
  options.revalidate = 1h;
  Site site(options);
  Client client(site.server);
  CHECK(client.get("/s/hello.txt").body == "Hello, file!\n");
  std::filesystem::remove(site.root.path("www/hello.txt"));
  CHECK(client.get("/s/hello.txt").body == "Hello, file!\n");
  CHECK(client.get("/s/large.bin").body == numbered(Site::kLarge));
  std::filesystem::remove(site.root.path("www/large.bin"));
  CHECK(client.get("/s/large.bin").body == numbered(Site::kLarge));  // it is open
}

TEST_CASE("a file that has just been written has a weak tag", "[files]") {
  Site site;
  site.root.write("www/fresh.txt", "fresh", 0);
  Client client(site.server);
  const Answer answer = client.get("/s/fresh.txt");
  CHECK(answer.header("ETag").substr(0, 3) == "W/\"");
  CHECK(client.get("/s/fresh.txt", {{"If-None-Match", answer.header("ETag")}}).status == 304);
  CHECK(client.get("/s/fresh.txt", {{"Range", "bytes=0-1"}, {"If-Range", answer.header("ETag")}})
            .status == 200);
}

TEST_CASE("the least used files are forgotten", "[files]") {
  weir::FileOptions options;
  options.revalidate = 1h;
  options.cached_files = 2;
  Site site(options);
  for (int i = 0; i < 4; ++i) site.root.write("www/f" + std::to_string(i), std::to_string(i));
  Client client(site.server);
  for (int i = 0; i < 4; ++i) CHECK(client.get("/s/f" + std::to_string(i)).status == 200);
  for (int i = 0; i < 4; ++i) std::filesystem::remove(site.root.path("www/f" + std::to_string(i)));
  CHECK(client.get("/s/f0").status == 404);
  CHECK(client.get("/s/f3").status == 200);
  CHECK(client.get("/s/f2").status == 200);
}

TEST_CASE("few large files are kept open, and drive out none that are in memory", "[files]") {
  weir::FileOptions options;
  options.revalidate = 1h;
  options.cached_open_files = 2;
  options.cached_file_bytes = 10;
  Site site(options);
  const std::string text = "larger than ten bytes";
  for (int i = 0; i < 4; ++i) site.root.write("www/f" + std::to_string(i), text);
  site.root.write("www/f3.gz", text);
  site.root.write("www/tiny", "tiny");
  Client client(site.server);
  CHECK(client.get("/s/tiny").body == "tiny");
  const auto kept = [&site] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      const auto path = std::filesystem::read_symlink(entry.path(), gone);
      count += path.parent_path() == site.root.path("www");
    }
    return count;
  };
  for (int i = 0; i < 4; ++i) {
    CHECK(client.get("/s/f" + std::to_string(i)).body == text);
    CHECK(kept() == std::min<std::size_t>(static_cast<std::size_t>(i) + 1, 2));
  }
  for (const char* const name : {"tiny", "f0", "f1", "f2", "f3"})
    std::filesystem::remove(site.root.path("www/") + name);
  CHECK(client.get("/s/tiny").body == "tiny");
  CHECK(client.get("/s/f0").status == 404);
  CHECK(client.get("/s/f2").status == 404);
  CHECK(client.get("/s/f3").body == text);  // it has two

  options.cached_open_files = 0;
  Site none(options);
  Client other(none.server);
  CHECK(other.get("/s/large.bin").body == numbered(Site::kLarge));
  std::filesystem::remove(none.root.path("www/large.bin"));
  CHECK(other.get("/s/large.bin").status == 404);
}

TEST_CASE("a page answers for an application's paths", "[files]") {
  weir::FileOptions options;
  options.fallback = "page.html";
  options.cache_control = "no-cache";
  Site site(options);
  Client client(site.server);
  const Fields browser = {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
  for (const char* const path : {"/s/users/7", "/s/.hidden", "/s/sub/deep/"}) {
    const Answer answer = client.get(path, browser);
    CHECK(answer.status == 200);
    CHECK(answer.body == "<p>page</p>");
    CHECK(answer.header("Cache-Control") == "no-cache");
  }
  CHECK(client.get("/s/missing.js", {{"Accept", "*/*"}}).status == 404);
  CHECK(client.get("/s/hello.txt", browser).body == "Hello, file!\n");
}

TEST_CASE("types come from the options, the system and the built-in table", "[files]") {
  weir::FileOptions options;
  options.types = {{"bin", "application/x-weir"}};
  options.system_types = "";
  Site site(options);
  Client client(site.server);
  CHECK(client.get("/s/large.bin").header("Content-Type") == "application/x-weir");
  CHECK(client.get("/s/empty").header("Content-Type") == "application/octet-stream");
  CHECK(client.get("/s/page.html").header("Content-Type") == "text/html; charset=utf-8");
}

TEST_CASE("what cannot be is refused at the set-up", "[files]") {
  weir::Server server;
  weir::test::TemporaryDirectory root;
  CHECK_THROWS_WITH(server.files("/s", root.path("none")),
                    Catch::Contains(root.path("none")) && Catch::Contains("No such file"));
  weir::FileOptions options;
  options.max_ranges = 17;
  CHECK_THROWS_WITH(server.files("/s", root.path(), options),
                    Catch::Contains("weir::FileOptions::max_ranges"));
  options = {};
  options.fallback = "../x";
  CHECK_THROWS_WITH(server.files("/s", root.path(), options),
                    Catch::Contains("weir::FileOptions::fallback"));
  options = {};
  options.revalidate = -1ms;
  CHECK_THROWS_WITH(server.files("/s", root.path(), options),
                    Catch::Contains("weir::FileOptions::revalidate"));
  options = {};
  options.cache_control = "a\r\nb";
  CHECK_THROWS_AS(server.files("/s", root.path(), options), std::invalid_argument);
}

namespace {

/// Turns content into capitals, or doubles it.
struct Upper : weir::BodyFilter {
  void transform(std::string_view piece, bool, weir::FilterOutput out) override {
    std::string text(piece);
    std::replace(text.begin(), text.end(), '1', 'I');
    out.write(text);
    out.done();
  }
};
struct Filtered {
  void head(const weir::Request&, weir::ResponseHead&, weir::BodyFilters& filters) const {
    filters.add(std::make_unique<Upper>());
  }
};

}  // namespace

TEST_CASE("filters see the bytes of files", "[files]") {
  weir::FileOptions options;
  options.cached_file_bytes = 100;
  Site site(options);
  site.server.use(Filtered{});
  Client client(site.server);
  std::string wanted = numbered(Site::kLarge);
  std::replace(wanted.begin(), wanted.end(), '1', 'I');
  CHECK(client.get("/s/large.bin").body == wanted);
  CHECK(client.get("/s/hello.txt").body == "Hello, file!\n");
  const Answer range = client.get("/s/large.bin", {{"Range", "bytes=10-29,1000-1009"}});
  CHECK(range.status == 206);
  CHECK(range.body.find(wanted.substr(1000, 10)) != std::string::npos);
  CHECK(client.request("HEAD", "/s/large.bin").body.empty());
  CHECK(client.get("/s/hello.txt").status == 200);  // the connection is in step
}

TEST_CASE("a full queue of workers is 503, what is kept is served", "[files]") {
  weir::Options options;
  options.workers = 1;
  options.worker_queue = 1;
  weir::test::TemporaryDirectory root;
  root.write("a", "a");
  root.write("b", "b");
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  weir::Server server(options);
  weir::FileOptions files;
  files.revalidate = 0ms;  // each request looks
  server.files("", root.path(), files);
  server.get("/hold", weir::blocking([released] {
               released.wait();
               return "held";
             }));
  Client client(server);
  CHECK(client.get("/a").body == "a");
  auto running = client.connect();
  auto waiting = client.connect();
  const std::string hold = "GET /hold HTTP/1.1\r\nHost: t\r\n\r\n";
  running.send_raw(hold);
  waiting.send_raw(hold);
  CHECK(client.get("/a").body == "a");
  CHECK(client.get("/b").status == 503);
  release.set_value();
  CHECK(running.receive().body == "held");
  CHECK(waiting.receive().body == "held");
  CHECK(client.get("/b").body == "b");
}
