// SPDX-License-Identifier: MIT
// Sends gibibytes of zeros in few coded bytes, by each coding, to a server that decodes them, over
// memory. Refused they must be at once, by the ratio and by the limit; where both are lifted, a
// handler that pauses after each piece must get one at a time, and one that takes all must get all;
// and none of it may cost more memory than a decoder's window.
//   bombs [--gib N | --mib N] [--memory-mib N]
// By default 10 GiB and 32 MiB (0: only reported, as under a sanitizer).
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <weir/decompress.hpp>
#include <weir/detail/encoder.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

namespace {

using weir::detail::Encoder;
using weir::http::ContentCoding;
using weir::testing::Client;

constexpr std::uint64_t kMebi = std::uint64_t{1} << 20U;
constexpr std::uint64_t kAny = ~std::uint64_t{0};

void require(bool so, const std::string& what) {
  if (!so) throw std::runtime_error(what);
}

/// A line of /proc/self/status, in KiB.
std::uint64_t status_kib(std::string_view name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.compare(0, name.size(), name) == 0) return std::stoull(line.substr(name.size() + 1));
  throw std::runtime_error("no such line in /proc/self/status");
}

/// Makes the peak what is resident now.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

std::string make_bomb(ContentCoding coding, std::uint64_t bytes) {
  const auto encoder = Encoder::make(coding, 4);  // the lowest that makes zlib thorough
  const std::string zeros(kMebi, '\0');
  std::string out;
  for (std::uint64_t done = 0; done < bytes; done += kMebi)
    encoder->put(zeros, Encoder::Flush::none, out);
  encoder->put({}, Encoder::Flush::end, out);
  return out;
}

/// What a streamed handler saw.
struct Seen {
  weir::Body body;
  std::uint64_t bytes = 0;
  std::uint64_t pieces = 0;
  bool too_large = false;
};

/// A server whose streamed handler counts, and pauses after each piece if `pauses`.
struct Site {
  Site(const weir::DecompressOptions& options, std::uint64_t limit, bool pauses) {
    server.use(weir::decompress(options));
    weir::RouteOptions route;
    route.body_limit = limit;
    server.post(
        "/pieces",
        weir::streamed([this, pauses](const weir::Request&, weir::Body body, weir::Response& res) {
          seen.body = std::move(body);
          seen.body.on_data([this, pauses](std::string_view piece) {
            seen.bytes += piece.size();
            ++seen.pieces;
            if (pauses) seen.body.pause();
          });
          seen.body.on_error([this](weir::BodyError error) {
            seen.too_large = error == weir::BodyError::too_large;
          });
          seen.body.on_end([reply = res.defer()](std::string_view) mutable { reply.text("all"); });
        }),
        route);
    server.post(
        "/whole", [](const weir::Request& req) { return std::to_string(req.body().size()); },
        route);
  }
  ~Site() { seen.body = {}; }

  weir::Server server;
  Seen seen;
};

std::string request(std::string_view target, std::string_view coding, const std::string& bomb) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: x\r\nContent-Encoding: " + std::string(coding) +
         "\r\nContent-Length: " + std::to_string(bomb.size()) + "\r\n\r\n" + bomb;
}

void refused(std::string_view coding, const std::string& bomb,
             const weir::DecompressOptions& options, std::uint64_t limit, std::uint64_t most) {
  Site site(options, limit, false);
  for (const char* const target : {"/whole", "/pieces"}) {
    Client client(site.server);
    client.send_raw(request(target, coding, bomb));
    const weir::testing::Answer answer = client.receive();
    require(answer.status == 413, "a bomb was not refused");
    require(answer.header("Connection") == "close", "the connection was kept");
  }
  require(site.seen.too_large, "the handler was not told");
  require(site.seen.bytes <= most, "the handler got " + std::to_string(site.seen.bytes));
}

void paused(std::string_view coding, const std::string& bomb,
            const weir::DecompressOptions& options) {
  Site site(options, kAny, true);
  Client client(site.server);
  client.send_raw(request("/pieces", coding, bomb));
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    require(site.seen.pieces == i, "more than one piece between two pauses");
    site.seen.body.resume();
    client.settle();
  }
}

void taken(std::string_view coding, const std::string& bomb, const weir::DecompressOptions& options,
           std::uint64_t bytes) {
  Site site(options, kAny, false);
  Client client(site.server);
  client.set_patience(std::chrono::minutes(10));
  client.send_raw(request("/pieces", coding, bomb));
  require(client.receive().body == "all", "not all was taken");
  require(site.seen.bytes == bytes, "not all was given");
}

void run(ContentCoding coding, std::uint64_t bytes, std::uint64_t memory_mib) {
  const std::string name(weir::http::to_string(coding));
  const std::string bomb = make_bomb(coding, bytes);
  forget_peak();
  const std::uint64_t before = status_kib("VmRSS:");
  weir::DecompressOptions by_ratio;
  weir::DecompressOptions any_ratio;
  any_ratio.max_ratio = ~std::uint32_t{0};
  // What it costs to see: the bytes that are free, or the ratio's share of the first turn.
  refused(name, bomb, by_ratio, kAny, by_ratio.free_bytes + std::uint64_t{100} * 64 * 1024);
  refused(name, bomb, any_ratio, kMebi, kMebi);
  paused(name, bomb, any_ratio);
  taken(name, bomb, any_ratio, bytes);
  // The client's own copies: the request, and the pipe with room to grow.
  const std::uint64_t own = 3 * bomb.size() / 1024;
  const std::uint64_t peak = status_kib("VmHWM:");
  const std::uint64_t grown = peak > before + own ? peak - before - own : 0;
  std::printf("bombs: %s: %zu bytes for %llu MiB, memory %llu KiB\n", name.c_str(), bomb.size(),
              static_cast<unsigned long long>(bytes / kMebi),
              static_cast<unsigned long long>(grown));
  require(memory_mib == 0 || grown <= memory_mib * 1024, "too much memory");
}

}  // namespace

int main(int count, char** words) try {
  std::uint64_t mib = 10 * 1024;
  std::uint64_t memory_mib = 32;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::uint64_t value = std::stoull(words[i + 1]);
    if (std::strcmp(words[i], "--gib") == 0) {
      mib = value * 1024;
    } else if (std::strcmp(words[i], "--mib") == 0) {
      mib = value;
    } else if (std::strcmp(words[i], "--memory-mib") == 0) {
      memory_mib = value;
    } else {
      std::fprintf(stderr, "bombs: no such argument: %s\n", words[i]);
      return EXIT_FAILURE;
    }
  }
  for (const ContentCoding coding : {ContentCoding::gzip, ContentCoding::br, ContentCoding::zstd})
    run(coding, mib * kMebi, memory_mib);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bombs: %s\n", error.what());
  return EXIT_FAILURE;
}
