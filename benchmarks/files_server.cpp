// SPDX-License-Identifier: MIT
/// \file
/// weir serving files, as any user can write it: options as they come, but for the level of gzip
/// and the number of workers, which are as few as its loops here.
///
///   /files/NAME   from the folder --files
///   /alone/NAME   the same, with no look for siblings compressed in advance
///   /coded/NAME   the same, compressed for those who take it
///   /held/NAME    the same answered by a handler that holds the content in memory
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <weir/compress.hpp>
#include <weir/weir.hpp>

#include "peers/peer.hpp"

namespace {

constexpr const char* kUsage =
    "--port N --files FOLDER [--host 127.0.0.1] [--threads 1] [--workers 1] [--gzip-level 6]\n";

using Contents = std::map<std::string, std::shared_ptr<const std::string>, std::less<>>;

/// The files that lie directly in `folder` and have at most 2 MiB, by name.
Contents read_all(const std::string& folder) {
  Contents contents;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.file_size() > 2 * 1024 * 1024) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    contents[entry.path().filename()] = std::make_shared<const std::string>(
        std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return contents;
}

/// What the system's table says of the few types here.
const char* type_of(std::string_view name) {
  const auto ends = [name](std::string_view with) {
    return name.size() > with.size() && name.substr(name.size() - with.size()) == with;
  };
  if (ends(".json")) return "application/json";
  if (ends(".html")) return "text/html; charset=utf-8";
  return "text/plain; charset=utf-8";
}

}  // namespace

int main(int argc, char** argv) {
  load::Arguments arguments(argc, argv, kUsage);
  const peer::Settings settings = peer::settings(arguments);
  const std::string folder = arguments.text("files", "");
  weir::Options options;
  options.threads = settings.threads;
  options.workers = arguments.number("workers", 1, 1, 256);
  weir::CompressOptions compression;
  compression.gzip_level = static_cast<int>(arguments.number("gzip-level", 6, 1, 9));
  arguments.done();
  if (folder.empty()) load::die(kUsage);

  const Contents contents = read_all(folder);
  weir::Server server(options);
  server.files("/files", folder);
  weir::FileOptions alone;
  alone.precompressed = false;
  server.files("/alone", folder, alone);
  server.group("/coded", [&](weir::Router& coded) {
    coded.use(weir::compress(compression));
    coded.files("", folder);
  });
  server.group("/held", [&](weir::Router& held) {
    held.use(weir::compress(compression));
    held.get("/{name}", [&contents](const weir::Request& request, weir::Response& response) {
      const auto found = contents.find(request.param("name"));
      if (found == contents.end()) throw weir::HttpError{weir::Status::not_found};
      response.header("Content-Type", type_of(found->first)).body(found->second);
    });
  });
  server.listen(settings.host, settings.port);
  return server.run();
}
