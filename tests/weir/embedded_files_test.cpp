// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>
#include <weir/embedded/dated_site.hpp>
#include <weir/embedded/embedded_site.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using weir::EmbeddedFile;
using weir::EmbeddedFiles;
using weir::FileOptions;
using weir::testing::Answer;
using weir::testing::Client;
using weir::testing::Fields;

struct Site {
  explicit Site(const FileOptions& options = {},
                EmbeddedFiles files = weir::embedded::embedded_site()) {
    server.files("/s", files, options);
  }

  weir::Server server;
};

/// What numbers.txt holds.
std::string numbers() {
  std::string text;
  for (int i = 1; i <= 3000; ++i) text += std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("the table has what is below the directory, but nothing hidden", "[files][embedded]") {
  std::vector<std::string_view> paths;
  for (const EmbeddedFile& file : weir::embedded::embedded_site()) paths.push_back(file.path);
  std::sort(paths.begin(), paths.end());
  CHECK(paths == std::vector<std::string_view>{".well-known/security.txt", "app.js", "app.js.br",
                                               "app.js.gz", "empty", "hello.txt", "numbers.txt",
                                               "page.html", "percent%20.txt",
                                               "sub/deep/a b&<c> [d].txt",
                                               "sub/deep/\xC3\xBC"
                                               "ber.txt",
                                               "sub/index.html", "sub/link.txt"});
  const EmbeddedFiles files = weir::embedded::embedded_site();
  CHECK(files.size() == paths.size());
  CHECK_FALSE(files.modified());
  REQUIRE(files.find("numbers.txt") != nullptr);
  CHECK(files.find("numbers.txt")->bytes == numbers());
  CHECK(files.find("empty")->bytes.empty());
  CHECK(files.find(".hidden") == nullptr);
  CHECK(weir::embedded::dated_site().modified() == 784'111'777);
}

TEST_CASE("equal bytes have equal tags, others other ones", "[files][embedded]") {
  const EmbeddedFiles files = weir::embedded::embedded_site();
  for (const EmbeddedFile& a : files) {
    CHECK(a.etag.size() == 34);
    for (const EmbeddedFile& b : files) CHECK((a.etag == b.etag) == (a.bytes == b.bytes));
  }
  CHECK(files.find("sub/link.txt")->etag == files.find("hello.txt")->etag);
}

TEST_CASE("an embedded file is served with its type, its length and its validator",
          "[files][embedded]") {
  Site site;
  Client client(site.server);
  const Answer answer = client.get("/s/hello.txt");
  CHECK(answer.status == 200);
  CHECK(answer.body == "Hello, file!\n");
  CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
  CHECK(answer.header("Content-Length") == "13");
  CHECK(answer.header("Accept-Ranges") == "bytes");
  CHECK(answer.header("ETag") == weir::embedded::embedded_site().find("hello.txt")->etag);
  CHECK_FALSE(answer.has_header("Last-Modified"));
  CHECK_FALSE(answer.has_header("Vary"));
  CHECK_FALSE(answer.has_header("Cache-Control"));
  CHECK(client.get("/s/numbers.txt").body == numbers());
  CHECK(client.get("/s/empty").status == 200);
  CHECK(client.get("/s/empty").header("Content-Length") == "0");
  CHECK(client.get("/s/hello.txt?v=1").status == 200);
  CHECK(client.get("/s/sub/deep/a%20b%26%3Cc%3E%20%5Bd%5D.txt").body == "odd name\n");
  CHECK(client.get("/s/sub/deep/%C3%BCber.txt").body == "umlaut\n");
  CHECK(client.get("/s/percent%2520.txt").body == "%20\n");

  const Answer head = client.request("HEAD", "/s/hello.txt");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  for (const char* const field : {"Content-Length", "Content-Type", "ETag"})
    CHECK(head.header(field) == answer.header(field));
  CHECK(client.request("POST", "/s/hello.txt").status == 405);
}

TEST_CASE("what is not embedded is not found, whatever lies on the disk", "[files][embedded]") {
  Site site;
  Client client(site.server);
  for (const char* const target :
       {"/s/nothing", "/s/.hidden", "/s/%2ehidden", "/s/.private/key", "/s/sub/deep/.secret",
        "/s/.well-known/security.txt", "/s/../CMakeLists.txt", "/s/%2e%2e/CMakeLists.txt",
        "/s/..%2fCMakeLists.txt", "/s/hello.txt/", "/s/hello.txt/x", "/s/hello.txt%00", "/s//etc",
        "/s/HELLO.TXT", "/s/sub%2findex.html", "/s/sub\\index.html", "/s/%c0%ae%c0%ae/x"}) {
    INFO(target);
    const Answer answer = client.connect().get(target);
    CHECK((answer.status == 404 || answer.status == 400));
  }
  FileOptions options;
  options.dot_files = weir::DotFiles::well_known;
  Site open(options);
  CHECK(Client(open.server).get("/s/.well-known/security.txt").body == "contact\n");
}

TEST_CASE("an embedded directory answers with its index, behind a slash", "[files][embedded]") {
  Site site;
  Client client(site.server);
  CHECK(client.get("/s/sub/").body == "<p>index</p>\n");
  CHECK(client.get("/s/sub/").header("Content-Type") == "text/html; charset=utf-8");
  const Answer redirect = client.get("/s/sub?a=1");
  CHECK(redirect.status == 301);
  CHECK(redirect.header("Location") == "./sub/?a=1");
  CHECK(client.get("/s").header("Location") == "./s/");
  CHECK(client.get("/s/sub/deep").header("Location") == "./deep/");
  CHECK(client.get("/s/").status == 404);  // no index there
  CHECK(client.get("/s/sub/deep/").status == 404);
}

TEST_CASE("embedded directories are listed where that is asked for", "[files][embedded]") {
  FileOptions options;
  options.listing = true;
  Site site(options);
  Client client(site.server);
  const Answer top = client.get("/s/");
  CHECK(top.status == 200);
  CHECK(top.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(top.has_header("Content-Security-Policy"));
  CHECK(top.body.find("href=\"./sub/\"") < top.body.find("href=\"./app.js\""));
  CHECK(top.body.find("href=\"./percent%2520.txt\"") != std::string::npos);
  CHECK(top.body.find("well-known") == std::string::npos);
  CHECK(top.body.find("deep") == std::string::npos);
  CHECK(top.body.find("GMT") == std::string::npos);  // no time is known
  CHECK(client.get("/s/sub/deep/").body.find("a b&amp;&lt;c&gt; [d].txt") != std::string::npos);
  CHECK(client.get("/s/sub/").body == "<p>index</p>\n");
  CHECK(client.get("/s/.well-known/").status == 404);

  options.listing_entries = 2;
  Site small(options);
  CHECK(Client(small.server).get("/s/").body.find("and more") != std::string::npos);
  options.listing_entries = 1000;
  Site dated(options, weir::embedded::dated_site());
  CHECK(Client(dated.server).get("/s/").body.find("Sun, 06 Nov 1994 08:49:37 GMT") !=
        std::string::npos);
}

TEST_CASE("preconditions and ranges of embedded files are those of files", "[files][embedded]") {
  Site site;
  Client client(site.server);
  const std::string etag(client.get("/s/numbers.txt").header("ETag"));
  const std::string weak = "W/" + etag;
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  struct Case {
    const char* name;
    Fields fields;
    int status;
    std::size_t size;
  };
  const std::string all = numbers();
  for (const Case& one : {
           Case{"same tag", {{"If-None-Match", etag}}, 304, 0},
           Case{"weak", {{"If-None-Match", weak}}, 304, 0},
           Case{"other tag", {{"If-None-Match", "\"x\""}}, 200, all.size()},
           Case{"lost update", {{"If-Match", "\"x\""}}, 412, 0},
           Case{"no date is known", {{"If-Modified-Since", date}}, 200, all.size()},
           Case{"range", {{"Range", "bytes=10-19"}}, 206, 10},
           Case{"suffix", {{"Range", "bytes=-7"}}, 206, 7},
           Case{"behind the end", {{"Range", "bytes=20000-"}}, 416, 0},
           Case{"If-Range", {{"Range", "bytes=0-0"}, {"If-Range", etag}}, 206, 1},
           Case{"other If-Range", {{"Range", "bytes=0-0"}, {"If-Range", "\"x\""}}, 200, all.size()},
       }) {
    INFO(one.name);
    const Answer answer = client.get("/s/numbers.txt", one.fields);
    CHECK(answer.status == one.status);
    CHECK(answer.header("ETag") == etag);
    if (one.status != 416) CHECK(answer.body.size() == one.size);
  }
  CHECK(client.get("/s/numbers.txt", {{"Range", "bytes=10-19"}}).body == all.substr(10, 10));
  const Answer several = client.get("/s/numbers.txt", {{"Range", "bytes=0-4,10000-10004,-5"}});
  CHECK(several.status == 206);
  CHECK(several.header("Content-Type").substr(0, 21) == "multipart/byteranges;");
  CHECK(several.body.find(all.substr(10'000, 5)) != std::string::npos);

  Site dated({}, weir::embedded::dated_site());
  Client of_dated(dated.server);
  CHECK(of_dated.get("/s/hello.txt").header("Last-Modified") == date);
  CHECK(of_dated.get("/s/hello.txt", {{"If-Modified-Since", date}}).status == 304);
}

TEST_CASE("embedded siblings are sent to those who take their coding", "[files][embedded]") {
  FileOptions options;
  options.cache_control = "public, max-age=3600";
  Site site(options);
  Client client(site.server);
  std::string tags;
  for (const auto& [accepted, body, coding] :
       {std::tuple("", "plain plain plain\n", ""), std::tuple("gzip, br", "brotli\n", "br"),
        std::tuple("gzip", "gzip gzip\n", "gzip"), std::tuple("zstd", "plain plain plain\n", "")}) {
    INFO(accepted);
    const Answer answer = client.get("/s/app.js", {{"Accept-Encoding", accepted}});
    CHECK(answer.body == body);
    CHECK(answer.header("Content-Encoding") == coding);
    CHECK(answer.header("Vary") == "Accept-Encoding");
    CHECK(answer.header("Cache-Control") == "public, max-age=3600");
    CHECK(answer.header("Content-Type").find("javascript") != std::string_view::npos);
    if (std::string_view(accepted) != "zstd") {
      CHECK(tags.find(answer.header("ETag")) == std::string::npos);
      tags += answer.header("ETag");
    }
  }
  options.precompressed = false;
  Site without(options);
  CHECK(Client(without.server).get("/s/app.js", {{"Accept-Encoding", "br"}}).body ==
        "plain plain plain\n");
}

namespace {

/// Hands content through, and notes the largest piece.
struct Pieces : weir::BodyFilter {
  explicit Pieces(std::size_t& largest_piece) : largest(largest_piece) {}
  void transform(std::string_view piece, bool, weir::FilterOutput out) override {
    largest = std::max(largest, piece.size());
    out.write(piece);
    out.done();
  }
  std::size_t& largest;
};
struct InPieces {
  void head(const weir::Request&, weir::ResponseHead&, weir::BodyFilters& filters) const {
    sizes->push_back(filters.content_size().value_or(0));
    filters.add(std::make_unique<Pieces>(*largest));
  }
  std::vector<std::uint64_t>* sizes;
  std::size_t* largest;
};

}  // namespace

TEST_CASE("filters get a large embedded file in pieces", "[files][embedded]") {
  constexpr std::size_t kPiece = 128 * 1024;
  std::string text;
  while (text.size() < 1'000'001) text += std::to_string(text.size()) + "\n";
  for (const std::size_t size : {std::size_t{0}, std::size_t{64} * 1024, std::size_t{64} * 1024 + 1,
                                 kPiece, kPiece + 1, 2 * kPiece, std::size_t{1'000'000}}) {
    INFO(size);
    const EmbeddedFile file = {"big.txt", std::string_view(text).substr(0, size), "\"1\""};
    const bool cut = size > kPiece;
    std::vector<std::uint64_t> sizes;
    std::size_t largest = 0;
    weir::Server server;
    server.use(InPieces{&sizes, &largest});
    server.files("/s", EmbeddedFiles(&file, 1));
    Client client(server);
    const Answer whole = client.get("/s/big.txt");
    CHECK(whole.status == 200);
    CHECK((whole.body == file.bytes));
    CHECK(sizes == std::vector<std::uint64_t>{size});
    CHECK(largest == (cut ? kPiece : size));
    CHECK(client.request("HEAD", "/s/big.txt").body.empty());
    if (size < 2 * kPiece) continue;
    largest = 0;
    const Answer range = client.get("/s/big.txt", {{"Range", "bytes=5-200004"}});
    CHECK(range.status == 206);
    CHECK((range.body == file.bytes.substr(5, 200'000)));
    const Answer two = client.get("/s/big.txt", {{"Range", "bytes=0-9,100-200099"}});
    CHECK(two.status == 206);
    CHECK(two.body.find(file.bytes.substr(100, 200'000)) != std::string::npos);
    CHECK(largest == kPiece);
  }
}

TEST_CASE("a large embedded file that nobody filters has its length", "[files][embedded]") {
  const std::string text(1'000'000, 'x');
  const EmbeddedFile file = {"big.txt", text, "\"1\""};
  weir::Server server;
  server.files("/s", EmbeddedFiles(&file, 1));
  Client client(server);
  const Answer whole = client.get("/s/big.txt");
  CHECK(whole.header("Content-Length") == "1000000");
  CHECK((whole.body == text));
  const Answer head = client.request("HEAD", "/s/big.txt");
  CHECK(head.header("Content-Length") == "1000000");
  CHECK(head.body.empty());
  CHECK(client.get("/s/big.txt", {{"Range", "bytes=-100000"}}).body.size() == 100'000);
}

TEST_CASE("an embedded page answers for an application's paths", "[files][embedded]") {
  FileOptions options;
  options.fallback = "page.html";
  Site site(options);
  Client client(site.server);
  const Fields browser = {{"Accept", "text/html,*/*;q=0.8"}};
  for (const char* const path : {"/s/users/7", "/s/.hidden", "/s/sub/deep/"})
    CHECK(client.get(path, browser).body == "<p>page</p>\n");
  CHECK(client.get("/s/missing.js", {{"Accept", "*/*"}}).status == 404);
  CHECK(client.get("/s/hello.txt", browser).body == "Hello, file!\n");
}

TEST_CASE("a program's own table is served, at the top too", "[files][embedded]") {
  static constexpr EmbeddedFile kFiles[] = {{"index.html", "top", "\"1\""}, {"a/b", "ab", "\"2\""}};
  weir::Server server;
  server.files("", EmbeddedFiles(kFiles, 2));
  server.group("/g", [](weir::Router& group) { group.files("/", EmbeddedFiles(kFiles, 2)); });
  server.files("/none", EmbeddedFiles());
  Client client(server);
  CHECK(client.get("/").body == "top");
  CHECK(client.get("/a/b").body == "ab");
  CHECK(client.get("/g/").body == "top");
  CHECK(client.get("/g").header("Location") == "./g/");
  CHECK(client.get("/none/x").status == 404);
}

TEST_CASE("tables that cannot be served are refused at the set-up", "[files][embedded]") {
  struct Case {
    std::vector<EmbeddedFile> files;
    const char* what;
  };
  weir::Server server;
  for (const Case& one : {
           Case{{{"../x", "", "\"1\""}}, "\"../x\": no request can have this path"},
           Case{{{"/x", "", "\"1\""}}, "\"/x\": no request can have this path"},
           Case{{{"x/", "", "\"1\""}}, "\"x/\": no request can have this path"},
           Case{{{"", "", "\"1\""}}, "\"\": no request can have this path"},
           Case{{{"a\\b", "", "\"1\""}}, "no request can have this path"},
           Case{{{"x", "", ""}}, "\"x\": its etag is no strong entity tag"},
           Case{{{"x", "", "1"}}, "\"x\": its etag is no strong entity tag"},
           Case{{{"x", "", "W/\"1\""}}, "\"x\": its etag is no strong entity tag"},
           Case{{{"x", "", "\"1\""}, {"x", "", "\"2\""}}, "\"x\": is there twice"},
           Case{{{"x", "", "\"1\""}, {"x/y", "", "\"2\""}}, "\"x/\": is a file and a directory"},
       }) {
    INFO(one.what);
    CHECK_THROWS_WITH(server.files("/s", EmbeddedFiles(one.files.data(), one.files.size())),
                      Catch::StartsWith("weir::EmbeddedFiles: ") && Catch::EndsWith(one.what));
  }
  FileOptions options;
  options.fallback = "nothing.html";
  CHECK_THROWS_WITH(server.files("/s", weir::embedded::embedded_site(), options),
                    Catch::StartsWith("weir::FileOptions::fallback"));
  options = {};
  options.max_ranges = 17;
  CHECK_THROWS_WITH(server.files("/s", weir::embedded::embedded_site(), options),
                    Catch::StartsWith("weir::FileOptions::max_ranges"));
}
