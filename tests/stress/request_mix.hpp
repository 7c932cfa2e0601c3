// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// Requests to all routes of the demo, drawn from a seed, each with the answer that it must get.
///
/// Thread: any; a Random belongs to one.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>

#include "raw_client.hpp"

namespace stress {

using Random = std::mt19937_64;

inline std::uint64_t draw(Random& random, std::uint64_t least, std::uint64_t most) {
  return least + random() % (most - least + 1);
}

inline bool one_in(Random& random, std::uint64_t n) { return random() % n == 0; }

inline std::string letters(Random& random, std::size_t size) {
  std::string text(size, 'a');
  std::uint64_t state = random();
  for (char& c : text) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    c = static_cast<char>('a' + (state >> 33) % 26);
  }
  return text;
}

/// What an answer must be.
struct Expected {
  enum class Body : std::uint8_t { any, equal, stream, count, contains } body = Body::equal;
  std::string text;        // the content, or what it must contain
  std::uint64_t size = 0;  // of a stream in bytes
  int status = 200;
  bool may_be_503 = false;  // the pool's queue may be full of what the vanished left behind
  bool to_head = false;     // answers a HEAD
};

/// An empty string when `response` is what was expected, otherwise what is wrong with it.
inline std::string differs(const Expected& expected, const weir::test::RawResponse& response) {
  if (response.status == 503 && expected.may_be_503) return {};
  if (response.status != expected.status) return "status " + std::to_string(response.status);
  if (expected.status == 405 && response.count("allow") == 0) return "405 without Allow";
  std::string body = response.body;
  switch (expected.body) {
    case Expected::Body::any:
      return {};
    case Expected::Body::equal:
      break;
    case Expected::Body::contains:
      return body.find(expected.text) != std::string::npos ? "" : "no " + expected.text;
    case Expected::Body::stream:
      return body.size() == expected.size ? "" : std::to_string(body.size()) + " bytes streamed";
    case Expected::Body::count:
      body.erase(std::remove_if(body.begin(), body.end(),
                                [](unsigned char c) { return std::isspace(c) != 0; }),
                 body.end());
      break;
  }
  return body == expected.text ? "" : "content of another request, or a wrong one";
}

enum class Route : std::uint8_t {
  plaintext,
  json,
  head,
  healthz,
  readyz,
  missing,
  wrong_method,
  inspect,
  later,
  slow,
  stream,
  upload,
  echo,
};
inline constexpr std::uint64_t kRoutes = 13;

inline Route draw_route(Random& random) { return static_cast<Route>(draw(random, 0, kRoutes - 1)); }

inline bool takes_content(Route route) { return route == Route::upload || route == Route::echo; }

/// One request: its bytes, its parts and its answer.
struct Request {
  std::string bytes;
  std::size_t line_end = 0;  // the request line without CRLF
  std::size_t head_end = 0;
  Expected expected;
};

/// `content` in chunks, now and then with extensions and trailers.
inline std::string chunked(Random& random, std::string_view content) {
  const bool extended = one_in(random, 4);
  std::string bytes;
  char size[32];
  while (!content.empty()) {
    const std::size_t piece = std::min<std::size_t>(content.size(), draw(random, 1, 4000));
    std::snprintf(size, sizeof size, "%zx", piece);
    bytes.append(size).append(extended ? ";a=b;c" : "").append("\r\n");
    bytes.append(content.substr(0, piece)).append("\r\n");
    content.remove_prefix(piece);
  }
  return bytes + "0\r\n" + (one_in(random, 4) ? "X-Sum: 17\r\nX-End: yes\r\n\r\n" : "\r\n");
}

/// A request for `route`. `name` is its own among all of a run; `content_size` counts where the
/// route takes content, and is the size of the answer for a stream. `more` are further field lines.
inline Request make_request(Random& random, Route route, std::uint64_t name,
                            std::size_t content_size, bool in_chunks, std::string_view more = {}) {
  Request request;
  Expected& expected = request.expected;
  const std::string id = "client-" + std::to_string(name);
  std::string line;
  std::string content;
  const auto get = [&](const char* path, const char* answer) {
    line = std::string("GET ") + path;
    expected.text = answer;
  };
  const auto wait = [&](const char* path, std::uint64_t most) {
    const std::string ms = std::to_string(draw(random, 0, most));
    line = std::string("GET ") + path + "?ms=" + ms;
    expected.text = "{\"ms\":" + ms + "}";
  };
  const auto refused = [&](const char* start, int status) {
    line = start;
    expected.body = Expected::Body::any;
    expected.status = status;
  };
  switch (route) {
    case Route::plaintext:
      get("/plaintext", "Hello, World!");
      break;
    case Route::json:
      get("/json", R"({"message":"Hello, World!"})");
      break;
    case Route::head:
      line = "HEAD /json";
      expected.to_head = true;
      break;
    case Route::healthz:
      get("/healthz", "ok");
      break;
    case Route::readyz:
      get("/readyz", "ready");
      break;
    case Route::missing:
      refused("GET /nowhere", 404);
      break;
    case Route::wrong_method:
      refused("DELETE /plaintext", 405);
      break;
    case Route::inspect:
      line = "GET /inspect?name=" + id;
      expected.body = Expected::Body::contains;
      expected.text = id + "-end";
      break;
    case Route::later:
      wait("/later", 20);
      break;
    case Route::slow:
      wait("/slow", 3);
      expected.may_be_503 = true;
      break;
    case Route::stream: {
      const std::uint64_t chunks =
          std::max<std::uint64_t>(draw(random, 1, 64), content_size / 50'000 + 1);
      const std::uint64_t size = std::max<std::uint64_t>(content_size / chunks, 1);
      line = "GET /stream?chunks=" + std::to_string(chunks) + "&size=" + std::to_string(size);
      expected.body = Expected::Body::stream;
      expected.size = chunks * size;
      break;
    }
    case Route::upload:
      content = letters(random, content_size);
      line = "POST /upload";
      expected.body = Expected::Body::count;
      expected.text = "{\"bytes\":" + std::to_string(content_size) + "}";
      break;
    case Route::echo:
      content = letters(random, content_size);
      line = "POST /echo";
      expected.text = content;
      break;
  }
  line += " HTTP/1.1";
  request.line_end = line.size();
  request.bytes = line + "\r\nHost: 127.0.0.1\r\nX-Name: " + id + "-end\r\n";
  request.bytes += more;
  const bool has_content = takes_content(route);
  if (has_content) {
    request.bytes += "Content-Type: application/octet-stream\r\n";
    request.bytes += in_chunks ? "Transfer-Encoding: chunked\r\n"
                               : "Content-Length: " + std::to_string(content.size()) + "\r\n";
  }
  request.bytes += "\r\n";
  request.head_end = request.bytes.size();
  request.bytes += in_chunks && has_content ? chunked(random, content) : content;
  return request;
}

}  // namespace stress
