// SPDX-License-Identifier: MIT
// Every part of the library in one server: what load, browser and conformance tests run against.
// The routes are a contract; docs/getting-started.md lists them.
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>
#include <weir/access_log.hpp>
#include <weir/dashboard.hpp>
#include <weir/forms.hpp>
#include <weir/health.hpp>
#include <weir/metrics.hpp>
#include <weir/trusted_proxy.hpp>
#include <weir/weir.hpp>

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kMaxWaitMs = 60'000;             // of /slow and /later
constexpr std::uint64_t kMaxStreamBytes = 16ULL << 30U;  // of /stream, all chunks together
constexpr std::uint64_t kMaxChunkBytes = 1ULL << 20U;    // of /stream, each
constexpr std::uint64_t kMaxEchoBytes = 16ULL << 20U;    // of /echo and /inspect: held in memory

struct Arguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string unix_path;
  weir::Options options;
  bool health_check = false;
  bool metrics = true;
  std::string access_log;  // a file, or "-"
  std::string access_log_format = "combined";
  std::vector<std::string> trusted_proxies;
};

/// A JSON text for any bytes: those that are no UTF-8 become U+FFFD.
std::string to_text(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// The number in the query parameter `name`, `otherwise` when it is missing; answers 400 for
/// anything but a number from `least` to `most`.
std::uint64_t number(const weir::Request& req, const char* name, std::uint64_t otherwise,
                     std::uint64_t least, std::uint64_t most) {
  const std::optional<std::string> text = req.query(name);
  if (!text) return otherwise;
  std::uint64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stop != end || value < least || value > most)
    throw weir::HttpError{weir::Status::bad_request, std::string(name) + " must be a number from " +
                                                         std::to_string(least) + " to " +
                                                         std::to_string(most)};
  return value;
}

std::string waited(std::uint64_t ms) { return "{\"ms\":" + std::to_string(ms) + "}"; }

/// What the server understood of a request.
void inspect(const weir::Request& req, weir::Response& res) {
  nlohmann::ordered_json query = nlohmann::ordered_json::object();
  for (const auto [name, value] : req.query_items()) {
    const std::string key = weir::form_decode(name);
    if (!query.contains(key)) query[key] = weir::form_decode(value);
  }
  nlohmann::ordered_json headers = nlohmann::ordered_json::array();
  for (const auto [name, value] : req.headers()) headers.push_back({name, value});
  nlohmann::ordered_json all;
  all["method"] = req.method_text();
  all["target"] = req.target();
  all["path"] = req.path();
  all["query"] = std::move(query);
  all["version"] = req.version() == 10 ? "HTTP/1.0" : "HTTP/1.1";
  all["headers"] = std::move(headers);
  all["body_bytes"] = req.body().size();
  res.json(to_text(all));
}

void echo(const weir::Request& req, weir::Response& res) {
  if (req.has_header("Content-Type")) res.header("Content-Type", req.header("Content-Type"));
  res.body(req.body());
}

/// Counts content of any size piece by piece; nothing of it is kept. Should it break off, the
/// server answers by itself.
void upload(const weir::Request&, weir::Body body, weir::Response& res) {
  auto bytes = std::make_shared<std::uint64_t>(0);
  body.on_data([bytes](std::string_view piece) { *bytes += piece.size(); });
  body.on_end([bytes, reply = res.defer()](std::string_view) mutable {
    reply.json("{\"bytes\":" + std::to_string(*bytes) + "}");
  });
}

/// What a form holds; nothing of it is kept.
void form(const weir::Request&, const weir::FormData& form, weir::Response& res) {
  nlohmann::ordered_json all;
  all["fields"] = nlohmann::ordered_json::array();
  for (const weir::FormField& field : form.fields())
    all["fields"].push_back({{"name", field.name}, {"value", field.value}});
  all["files"] = nlohmann::ordered_json::array();
  for (const weir::UploadedFile& file : form.files())
    all["files"].push_back({{"name", file.name()},
                            {"filename", file.filename()},
                            {"type", file.content_type()},
                            {"bytes", file.size()}});
  res.json(to_text(all));
}

/// Writes as fast as the client reads; in between no thread is held.
void stream(const weir::Request& req, weir::Response& res) {
  const std::uint64_t size = number(req, "size", 1024, 1, kMaxChunkBytes);
  const std::uint64_t chunks = number(req, "chunks", 10, 0, kMaxStreamBytes / size);
  std::string letters;
  while (letters.size() < size) letters += static_cast<char>('a' + letters.size() % 26);
  auto piece = std::make_shared<const std::string>(std::move(letters));  // one for all the chunks
  res.header("Content-Type", "application/octet-stream");
  weir::Stream out = res.stream();
  out.on_writable([out, piece = std::move(piece), left = chunks]() mutable {
    for (; left > 0; --left)
      if (out.write(piece) != weir::WriteResult::ok) return;  // full: called again; gone: never
    out.end();
  });
}

/// Holds a worker for a time, but not for a client that has gone.
void slow(const weir::Request& req, weir::Response& res) {
  const std::uint64_t ms = number(req, "ms", 100, 0, kMaxWaitMs);
  weir::Reply reply = res.defer();
  const auto end = std::chrono::steady_clock::now() + milliseconds(ms);
  while (reply.gone() != weir::Gone::yes) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= milliseconds(0)) break;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, milliseconds(50)));
  }
  reply.json(waited(ms));
}

/// After an upgrade each line comes back.
class LineEcho : public weir::Upgrade {
 public:
  void on_open(weir::Stream out) override { out_ = std::move(out); }

  std::size_t on_bytes(std::string_view bytes) override {
    const std::size_t end = bytes.rfind('\n');
    if (end == std::string_view::npos) return 0;  // no whole line yet: given again with more
    out_.write(std::string(bytes.substr(0, end + 1)));
    return end + 1;
  }

  void on_end() override { out_.end(); }

 private:
  weir::Stream out_;
};

void add_routes(weir::Server& server) {
  weir::RouteOptions held;
  held.body_limit = kMaxEchoBytes;
  weir::RouteOptions patient;
  patient.timeout = milliseconds(kMaxWaitMs + 5'000);
  weir::RouteOptions unlimited;
  unlimited.timeout = milliseconds(0);  // a large upload takes its time; the minimum rate holds

  server.get("/plaintext", [] { return "Hello, World!"; });
  server.get("/json", [](const weir::Request&, weir::Response& res) {
    res.json(R"({"message":"Hello, World!"})");
  });
  server.post("/echo", echo, held);
  server.any("/inspect", inspect, held);
  server.post("/upload", weir::streamed(upload), unlimited);
  server.post("/form", weir::form(form));
  server.get("/stream", stream);
  server.get("/slow", weir::blocking(slow), patient);
  server.get(
      "/later",
      [&server](const weir::Request& req, weir::Response& res) {
        const std::uint64_t ms = number(req, "ms", 100, 0, kMaxWaitMs);
        weir::Reply reply = res.defer();
        weir::TimerHandle timer =
            server.after(milliseconds(ms), [reply, ms]() mutable { reply.json(waited(ms)); });
        reply.on_gone([timer](weir::Gone gone) mutable {
          if (gone == weir::Gone::yes) timer.cancel();
        });
      },
      patient);

  server.get("/lines", [](const weir::Request&, weir::Response& res) {
    res.upgrade("line-echo", std::make_unique<LineEcho>());
  });

  server.get("/healthz", weir::liveness());
  server.get("/readyz", weir::readiness(server));
  // The files stand beside the program, wherever it is started from.
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  server.files("/files", (program.parent_path() / "public").string());
  server.get("/counters", [&server](const weir::Request&, weir::Response& res) {
    nlohmann::ordered_json all = nlohmann::ordered_json::object();
    server.counters().for_each(
        [&all](std::string_view name, std::uint64_t value) { all[std::string(name)] = value; });
    res.json(to_text(all));
  });
}

/// What the dashboard offers to send.
weir::DashboardOptions dashboard_options() {
  weir::DashboardOptions options;
  options.title = "weir demo";
  for (const char* path : {"/json", "/plaintext", "/inspect?a=1&b=two", "/slow?ms=250",
                           "/later?ms=250", "/stream?size=1024&chunks=20", "/counters", "/readyz"})
    options.tries.push_back({"GET", path});
  options.tries.push_back(
      {"POST", "/echo", "Content-Type: application/json", "{\"name\":\"weir\"}"});
  options.tries.push_back({"POST", "/upload", "", "as long as you like"});
  return options;
}

/// A connected socket to the address that `arguments` make a server listen on, or -1.
int connect_to(const Arguments& arguments) {
  const timeval patience{3, 0};
  const auto open = [&](int family, const sockaddr* address, socklen_t size) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);  // connect() too
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(fd, address, size) == 0) return fd;
    ::close(fd);
    return -1;
  };
  if (!arguments.unix_path.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (arguments.unix_path.size() >= sizeof address.sun_path) return -1;
    std::memcpy(address.sun_path, arguments.unix_path.data(), arguments.unix_path.size());
    socklen_t size = sizeof address;
    if (address.sun_path[0] == '@') {  // abstract: the name ends with the address
      address.sun_path[0] = '\0';
      size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + arguments.unix_path.size());
    }
    return open(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), size);
  }
  std::string host = arguments.host;
  if (host.empty() || host == "*" || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(arguments.port).c_str(), &hints, &found) != 0)
    return -1;
  const int fd = open(found->ai_family, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return fd;
}

/// What a container's health check runs: 0 when a server at the same address says that it is well.
int check_health(const Arguments& arguments) {
  const int fd = connect_to(arguments);
  if (fd < 0) return 1;
  constexpr std::string_view kRequest =
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  constexpr std::string_view kGood = "HTTP/1.1 200 ";
  std::string answer;
  if (::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(kRequest.size())) {
    char bytes[1024];
    ssize_t n = 0;
    while (answer.size() < kGood.size() && (n = ::recv(fd, bytes, sizeof bytes, 0)) > 0)
      answer.append(bytes, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer.compare(0, kGood.size(), kGood) == 0 ? 0 : 1;
}

/// What is not asked for costs nothing. The proxies stand first: the log writes whom they name.
void add_middleware(weir::Server& server, const Arguments& arguments) {
  if (!arguments.trusted_proxies.empty()) {
    weir::TrustedProxyOptions proxies;
    proxies.fields = weir::TrustedProxyOptions::Fields::x_forwarded;
    for (const std::string& range : arguments.trusted_proxies) {
      if (range == "unix")
        proxies.trust_unix_sockets = true;
      else
        proxies.ranges.push_back(range);
    }
    server.use(weir::trusted_proxy(proxies));
  }
  if (!arguments.access_log.empty()) {
    weir::AccessLogOptions log;
    if (arguments.access_log_format == "common") log.format = weir::AccessLogFormat::common;
    if (arguments.access_log_format == "json") log.format = weir::AccessLogFormat::json;
    if (arguments.access_log == "-")
      log.fd = STDOUT_FILENO;
    else
      log.path = arguments.access_log;
    server.use(weir::access_log(log));
  }
}

int serve(const Arguments& arguments) {
  weir::Server server(arguments.options);
  add_middleware(server, arguments);
  add_routes(server);
  if (arguments.metrics) {
    server.get("/metrics", weir::metrics(server));
    weir::dashboard(server, server, dashboard_options());  // at /, fed by /events
  }
  if (arguments.unix_path.empty()) {
    server.listen(arguments.host, arguments.port);
  } else {
    server.listen_unix(arguments.unix_path);
  }
  // From a loop: when the line is seen, the loops run and SIGTERM is heard.
  server.after(milliseconds(0), [where = server.addresses().front()] {
    std::printf("demo: listening on %s%s\n", where.compare(0, 5, "unix:") == 0 ? "" : "http://",
                where.c_str());
    std::fflush(stdout);
  });
  return server.run();
}

struct TimeOption {
  const char* name;
  milliseconds weir::Options::*field;
  const char* help;
};

constexpr TimeOption kTimeOptions[] = {
    {"--first-byte-timeout", &weir::Options::first_byte_timeout, "Milliseconds to the first byte"},
    {"--head-timeout", &weir::Options::head_timeout, "Milliseconds for a request's head"},
    {"--body-timeout", &weir::Options::body_stall_timeout,
     "Milliseconds between pieces of content"},
    {"--keep-alive-timeout", &weir::Options::keep_alive_timeout, "Milliseconds between requests"},
    {"--handler-timeout", &weir::Options::handler_timeout, "Milliseconds to a handler's answer"},
    {"--write-timeout", &weir::Options::write_stall_timeout,
     "Milliseconds of a period in which a waiting answer must get on"},
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  weir::Options& options = arguments.options;
  std::uint32_t drain_delay_ms = 0;
  auto stop_deadline_ms = static_cast<std::uint32_t>(options.stop_deadline.count());

  CLI::App app{"weir's demo server", "demo"};
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("--host", arguments.host, "Address to listen on; \"\" or * is every IPv4 one")
      ->capture_default_str();
  app.add_option("--port", arguments.port, "Port; 0 takes a free one")->capture_default_str();
  app.add_option("--unix", arguments.unix_path,
                 "Listen on this Unix socket instead (@name: abstract)");
  app.add_option("--threads", options.threads, "Event loops; 0: one for each processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--workers", options.workers, "Threads for blocking handlers; 0: by processors")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_flag("--reuse-port", options.reuse_port, "A listening socket for each loop");
  app.add_option("--max-connections", options.max_connections, "More are closed at once")
      ->capture_default_str();
  app.add_option("--max-connections-per-address", options.max_connections_per_address,
                 "More from one address are closed at once; 0: any number")
      ->capture_default_str();
  app.add_option("--max-buffered-bytes", options.max_buffered_bytes,
                 "Bytes that all buffers may hold; 0: any number")
      ->capture_default_str();
  for (const TimeOption& time : kTimeOptions)
    app.add_option_function<std::uint32_t>(
           time.name,
           [&options, &time](std::uint32_t ms) { options.*time.field = milliseconds(ms); },
           time.help)
        ->default_str(std::to_string((options.*time.field).count()));
  app.add_option("--drain-delay", drain_delay_ms,
                 "Milliseconds of accepting with /readyz 503 after SIGTERM")
      ->capture_default_str();
  app.add_option("--stop-deadline", stop_deadline_ms,
                 "Milliseconds that running requests may take after that")
      ->capture_default_str();
  app.add_flag("--metrics,!--no-metrics", arguments.metrics,
               "Measure: /metrics, and the dashboard at / with /events");
  app.add_option("--access-log", arguments.access_log,
                 "Append a line for each request to this file; -: to standard output");
  app.add_option("--access-log-format", arguments.access_log_format, "Of those lines")
      ->check(CLI::IsMember({"common", "combined", "json"}))
      ->capture_default_str();
  app.add_option("--trusted-proxy", arguments.trusted_proxies,
                 "Addresses whose X-Forwarded-* are believed, like 10.0.0.0/8, loopback or unix; "
                 "may be given several times")
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag("--health-check", arguments.health_check,
               "Ask the server at this address for /healthz; exit 0 if it is well, else 1");
  app.set_version_flag("--version", WEIR_VERSION);
  CLI11_PARSE(app, argc, argv);
  options.drain_delay = milliseconds(drain_delay_ms);
  options.stop_deadline = milliseconds(stop_deadline_ms);

  try {
    return arguments.health_check ? check_health(arguments) : serve(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo: %s\n", error.what());
    return 1;
  }
}
