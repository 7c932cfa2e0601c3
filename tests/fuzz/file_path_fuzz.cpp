// SPDX-License-Identifier: MIT
// From a request's target to the open file: the first byte says where files are mounted, the others
// are what follows in the request line. Whatever they are, the answer is never a file that lies
// outside or is hidden.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <support/fuzz.hpp>
#include <support/temporary_directory.hpp>
#include <weir/embedded_files.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace weir;
using test::require;

namespace {

// What no path can have, so that no error and no redirect repeats it.
constexpr std::string_view kSecret = "<SECRET>\x01";
constexpr std::string_view kHidden = "<HIDDEN>\x01";
constexpr std::string_view kWellKnown = "<WELL-KNOWN>\x01";

class Site {
 public:
  Site() {
    log::set_level(log::Level::off);
    root_.write("www/a", "a");
    root_.write("www/sub/index.html", "index");
    root_.write("www/sub/deep/b.txt", "b");
    root_.write("www/sub/deep/b.txt.gz", "gz");
    root_.write("www/sub/list/%2e%2e", "odd");
    root_.write("www/.hidden", kHidden);
    root_.write("www/.git/config", kHidden);
    root_.write("www/sub/.git/config", kHidden);
    root_.write("www/sub/.well-known/x", kHidden);
    root_.write("www/.well-known/.hidden", kHidden);
    root_.write("www/.well-known/x", kWellKnown);
    root_.write("secret", kSecret);
    root_.write("www2/secret", kSecret);
    std::filesystem::create_symlink("../secret", root_.path("www/out"));
    std::filesystem::create_symlink("..", root_.path("www/up"));
    std::filesystem::create_symlink("/", root_.path("www/root"));
    std::filesystem::create_symlink(root_.path("secret"), root_.path("www/sub/absolute"));
    std::filesystem::create_symlink("../../../secret", root_.path("www/sub/deep/out.txt"));
    std::filesystem::create_symlink("../secret", root_.path("www/a.gz"));
    std::filesystem::create_symlink("a", root_.path("www/inside"));
    std::filesystem::create_symlink("/proc/self/root", root_.path("www/magic"));

    FileOptions options;
    options.system_types = "";
    server_.files("/d", root_.path("www"), options);
    server_.files("/e", EmbeddedFiles(kEmbedded, std::size(kEmbedded)), options);
    options.listing = true;
    server_.files("/l", root_.path("www"), options);
    options.dot_files = DotFiles::well_known;
    options.fallback = "a";
    options.cached_files = 0;
    server_.files("/w", root_.path("www"), options);
    server_.files("/v", EmbeddedFiles(kEmbedded, std::size(kEmbedded)), options);
    client_ = std::make_unique<testing::Client>(server_);
  }

  testing::Answer ask(std::string_view target) {
    auto connection = client_->connect();
    connection.send_raw(
        std::string("GET ").append(target).append(" HTTP/1.1\r\nHost: t\r\nAccept: text/html\r\n"
                                                  "Accept-Encoding: gzip\r\n\r\n"));
    return connection.receive();
  }

 private:
  static constexpr EmbeddedFile kEmbedded[] = {
      {"a", "a", "\"a\""},
      {".hidden", kHidden, "\"h\""},
      {"sub/.hidden", kHidden, "\"h\""},
      {"sub/b.txt", "b", "\"b\""},
      {".well-known/x", kWellKnown, "\"w\""},
      {".well-known/.hidden", kHidden, "\"h\""},
  };

  test::TemporaryDirectory root_;
  Server server_;
  std::unique_ptr<testing::Client> client_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static Site site;
  constexpr std::string_view kMounts[] = {"/d/", "/l/", "/e/", "/w/", "/v/", "/d", ""};
  const std::size_t mount = data[0] % std::size(kMounts);
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (rest.find_first_of(" \r\n") != std::string_view::npos) return 0;  // the end of a target
  const testing::Answer answer = site.ask(std::string(kMounts[mount]).append(rest));
  const auto shows = [](std::string_view text, std::string_view what) {
    return text.find(what) != std::string_view::npos;
  };
  require(!shows(answer.raw, kSecret));
  require(!shows(answer.raw, kHidden));
  require(mount == 3 || mount == 4 || mount == 6 || !shows(answer.raw, kWellKnown));
  // Nor does a listing show it; a redirect's head repeats the query.
  for (const char* const name : {"root:", "href=\"./.hidden", "href=\"./.git", "href=\"./out"})
    require(!shows(answer.body, name));
  return 0;
}
