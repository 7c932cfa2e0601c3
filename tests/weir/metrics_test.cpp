// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/prometheus_parser.hpp>
#include <support/raw_client.hpp>
#include <thread>
#include <utility>
#include <vector>
#include <weir/metrics.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::LatencyHistogram;
using weir::Metrics;
using weir::MetricsSnapshot;
using weir::test::PrometheusParser;

namespace {

using Labels = PrometheusParser::Labels;

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n";
}

const MetricsSnapshot::Route* find(const MetricsSnapshot& snapshot, std::string_view pattern,
                                   std::string_view method = "GET") {
  for (const MetricsSnapshot::Route& route : snapshot.routes)
    if (route.pattern == pattern && route.method == method) return &route;
  return nullptr;
}

std::size_t bucket_of(std::uint64_t us) {
  std::size_t i = 0;
  while (i < weir::kLatencyBounds.size() && us > weir::kLatencyBounds[i]) ++i;
  return i;
}

/// Whether all times of a route are in the bucket of `us`.
bool all_in(const LatencyHistogram& times, std::uint64_t us) {
  return times.count() != 0 && times.buckets[bucket_of(us)] == times.count();
}

struct Ended : weir::Upgrade {
  void on_open(weir::Stream out) override { out.end(); }
  std::size_t on_bytes(std::string_view bytes) override { return bytes.size(); }
  void on_end() override {}
};

struct Watched {
  void done(const weir::Request&, const weir::Outcome&) const {}
};

/// A server that answers in every way there is.
struct Fixture {
  explicit Fixture(weir::Options options = {}, bool with_hooks = false)
      : server(prepared(std::move(options))) {
    if (with_hooks) server.use(Watched{});
    weir::RouteOptions quick;
    quick.timeout = 1s;
    weir::RouteOptions small;
    small.body_limit = 10;
    server.get("/inline", [] { return "12345"; });
    server.post(
        "/post", [] { return "posted"; }, small);
    server.any("/any", [] { return "any"; });
    server.get("/empty", [] { return weir::Status::no_content; });
    server.get("/odd", [] { return static_cast<weir::Status>(299); });
    server.get("/high", [] { return static_cast<weir::Status>(799); });
    server.get("/large", [] { return std::string(100'000, 'x'); });
    server.get("/pooled", weir::blocking([] { return "pooled"; }));
    server.get("/throws", []() -> std::string { throw std::runtime_error("no"); });
    server.get("/pooled-throws", weir::blocking([]() -> std::string {
                 throw weir::HttpError{weir::Status::conflict, "no"};
               }));
    server.get(
        "/deferred", [this](const weir::Request&, weir::Response& res) { reply = res.defer(); },
        quick);
    server.get("/streamed",
               [this](const weir::Request&, weir::Response& res) { stream = res.stream(); });
    server.post(
        "/upload", weir::streamed([](const weir::Request&, weir::Body body, weir::Response& res) {
          body.on_data([](std::string_view) {});
          body.on_end([reply = res.defer()](std::string_view) mutable { reply.text("up"); });
        }));
    server.get("/upgrade", [](const weir::Request&, weir::Response& res) {
      res.upgrade("ended", std::make_unique<Ended>());
    });
    client.emplace(server);
  }

  static weir::Options prepared(weir::Options options) {
    options.workers = 1;
    return options;
  }

  MetricsSnapshot now() {
    client->advance(100ms);
    return metrics.snapshot();
  }

  weir::Server server;
  Metrics metrics{server};
  weir::Reply reply;
  weir::Stream stream;
  std::optional<weir::testing::Client> client;  // the first to go
};

}  // namespace

TEST_CASE("a snapshot as JSON has every field that a dashboard reads", "[metrics]") {
  weir::Server server;
  server.get("/users/{id}", [] { return "Hello"; });
  const weir::Metrics metrics(server);
  weir::testing::Client client(server);
  client.get("/users/1");
  client.get("/users/2");
  client.get("/nothing");
  client.advance(std::chrono::milliseconds(100));

  const auto all = nlohmann::json::parse(to_json(metrics.snapshot()));
  for (const char* name : {"time_ms", "uptime_ms", "requests", "accepted", "connections",
                           "bytes_in", "bytes_out", "stalls"}) {
    CAPTURE(name);
    CHECK(all.at(name).is_number_unsigned());
  }
  CHECK(all.at("draining") == false);
  CHECK(all.at("requests") == 3);
  CHECK(all.at("accepted") == 1);
  CHECK(all.at("connections_by_state") ==
        nlohmann::json{{"idle", 1}, {"reading", 0}, {"handling", 0}, {"writing", 0}});
  CHECK(all.at("pool") ==
        nlohmann::json{
            {"threads", 4}, {"running", 0}, {"queued", 0}, {"wait_p50_us", 0}, {"wait_p99_us", 0}});
  CHECK(all.at("loops") ==
        nlohmann::json::array({{{"lag_us", 0}, {"connections", 1}, {"requests", 3}}}));
  CHECK(all.at("counters").size() == weir::kCounterCount);
  CHECK(all.at("counters").at("head_timeouts") == 0);
  CHECK(all.at("buckets_us").size() + 1 == all.at("routes").at(0).at("hist").size());
  REQUIRE(all.at("routes").size() == 2);
  CHECK(all.at("routes").at(0).at("pattern") == "unmatched");
  nlohmann::json users = all.at("routes").at(1);
  CHECK(users.at("hist").at(0) == 2);
  users.erase("hist");
  CHECK(users == nlohmann::json{{"method", "GET"},
                                {"pattern", "/users/{id}"},
                                {"count", 2},
                                {"status", {{"2xx", 2}, {"3xx", 0}, {"4xx", 0}, {"5xx", 0}}},
                                {"p50_us", 5},
                                {"p90_us", 9},
                                {"p99_us", 9},
                                {"bytes_out", 10}});
}

TEST_CASE("each request is counted once, whatever becomes of it", "[metrics]") {
  struct Case {
    std::string what;
    std::string bytes;
    std::string method;
    std::string pattern;
    std::string status;
    void (*then)(Fixture&) = nullptr;
  };
  const auto post = [](std::string_view target, std::string_view fields, std::string_view content) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n" + std::string(fields) +
           "\r\n" + std::string(content);
  };
  const std::vector<Case> cases = {
      {"inline", get("/inline"), "GET", "/inline", "200"},
      {"HEAD of a GET route", "HEAD /inline HTTP/1.1\r\nHost: t\r\n\r\n", "HEAD", "/inline", "200"},
      {"204", get("/empty"), "GET", "/empty", "204"},
      {"a status without a name", get("/odd"), "GET", "/odd", "2xx"},
      {"a status without a class", get("/high"), "GET", "/high", "other"},
      {"an unknown method", "BREW /any HTTP/1.1\r\nHost: t\r\n\r\n", "other", "/any", "200"},
      {"a large answer", get("/large"), "GET", "/large", "200"},
      {"pooled", get("/pooled"), "GET", "/pooled", "200"},
      {"thrown", get("/throws"), "GET", "/throws", "500"},
      {"thrown on a worker", get("/pooled-throws"), "GET", "/pooled-throws", "409"},
      {"404", get("/nothing"), "GET", "unmatched", "404"},
      {"405", post("/inline", "Content-Length: 0\r\n", ""), "POST", "unmatched", "405"},
      {"OPTIONS", "OPTIONS /inline HTTP/1.1\r\nHost: t\r\n\r\n", "OPTIONS", "unmatched", "204"},
      {"a bad target", get("/%zz"), "GET", "unmatched", "400"},
      {"unparseable", "\x01\x02\x03\r\n\r\n", "other", "unmatched", "400"},
      {"half a head that times out", "GET / HT", "other", "unmatched", "408",
       [](Fixture& fixture) { fixture.client->advance(11s); }},
      {"content in pieces", post("/post", "Content-Length: 4\r\n", "12"), "POST", "/post", "200",
       [](Fixture& fixture) { fixture.client->send_raw("34"); }},
      {"content too large", post("/post", "Content-Length: 99\r\n", ""), "POST", "/post", "413"},
      {"content that stalls", post("/post", "Content-Length: 4\r\n", "12"), "POST", "/post", "408",
       [](Fixture& fixture) { fixture.client->advance(11s); }},
      {"content that never comes", post("/post", "Content-Length: 4\r\n", "12"), "POST", "/post",
       "gone", [](Fixture& fixture) { fixture.client->vanish(); }},
      {"streamed content", post("/upload", "Content-Length: 4\r\n", "1234"), "POST", "/upload",
       "200"},
      {"broken chunks", post("/upload", "Transfer-Encoding: chunked\r\n", "zz\r\n"), "POST",
       "/upload", "400"},
      {"deferred", get("/deferred"), "GET", "/deferred", "200",
       [](Fixture& fixture) { fixture.reply.text("late"); }},
      {"deferred and forgotten", get("/deferred"), "GET", "/deferred", "500",
       [](Fixture& fixture) { fixture.reply = {}; }},
      {"timed out", get("/deferred"), "GET", "/deferred", "504",
       [](Fixture& fixture) {
         fixture.client->advance(2s);
         fixture.reply.text("too late");
       }},
      {"gone before an answer", get("/deferred"), "GET", "/deferred", "gone",
       [](Fixture& fixture) {
         fixture.client->vanish();
         fixture.reply.text("to nobody");
       }},
      {"streamed", get("/streamed"), "GET", "/streamed", "200",
       [](Fixture& fixture) {
         fixture.stream.write(std::string("piece"));
         fixture.stream.end();
       }},
      {"gone amid an answer", get("/streamed"), "GET", "/streamed", "200",
       [](Fixture& fixture) {
         fixture.stream.write(std::string("piece"));
         fixture.client->settle();
         fixture.client->vanish();
       }},
      {"broken off amid an answer", get("/streamed"), "GET", "/streamed", "200",
       [](Fixture& fixture) {
         fixture.stream.write(std::string("piece"));
         fixture.client->settle();
         fixture.stream.abort();
       }},
      {"upgraded",
       "GET /upgrade HTTP/1.1\r\nHost: t\r\nConnection: upgrade\r\nUpgrade: ended\r\n\r\n", "GET",
       "/upgrade", "101"},
  };
  const bool with_hooks = GENERATE(false, true);
  for (const Case& one : cases) {
    CAPTURE(one.what, with_hooks);
    Fixture fixture({}, with_hooks);
    fixture.client->send_raw(one.bytes);
    if (one.then != nullptr) one.then(fixture);
    fixture.client->settle();
    const MetricsSnapshot snapshot = fixture.now();
    REQUIRE(snapshot.routes.size() == 1);
    const MetricsSnapshot::Route& route = snapshot.routes.front();
    CHECK(route.method == one.method);
    CHECK(route.pattern == one.pattern);
    REQUIRE(route.by_status.size() == 1);
    CHECK(route.by_status.front() == std::pair<std::string, std::uint64_t>(one.status, 1));
    CHECK(route.count == 1);
    CHECK(route.latency.count() == 1);
    CHECK(route.by_class[one.status[0] >= '1' && one.status[0] <= '5'
                             ? static_cast<std::size_t>(one.status[0] - '0')
                             : 0] == 1);
    const PrometheusParser text(to_prometheus(snapshot));
    CHECK(text.value("weir_requests_total",
                     {{"method", one.method}, {"route", one.pattern}, {"status", one.status}}) ==
          1);
    CHECK(text.sum("weir_requests_total") == 1);
    CHECK(text.sum("weir_request_duration_seconds_count") == 1);
  }
}

TEST_CASE("an answer that waits for its client is counted once", "[metrics]") {
  const bool with_hooks = GENERATE(false, true);
  CAPTURE(with_hooks);
  Fixture fixture({}, with_hooks);
  fixture.client->connection().set_window(100);
  fixture.client->send_raw(get("/large"));
  const MetricsSnapshot waiting = fixture.now();
  REQUIRE(find(waiting, "/large") != nullptr);
  CHECK(find(waiting, "/large")->count == 1);
  CHECK(waiting.writing == 1);
  CHECK(fixture.client->receive().body.size() == 100'000);
  const MetricsSnapshot after = fixture.now();
  CHECK(find(after, "/large")->count == 1);
  CHECK(find(after, "/large")->bytes_out == 100'000);
  CHECK(after.idle == 1);
}

TEST_CASE("pipelined requests are counted one by one", "[metrics]") {
  const bool with_hooks = GENERATE(false, true);
  Fixture fixture({}, with_hooks);
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += get("/inline") + get("/nothing");
  fixture.client->send_raw(bytes);
  const MetricsSnapshot snapshot = fixture.now();
  CHECK(find(snapshot, "/inline")->count == 10);
  CHECK(find(snapshot, "unmatched")->count == 10);
  CHECK(snapshot.counters[weir::Counter::requests] == 20);
}

TEST_CASE("neither methods nor paths nor statuses make series without end", "[metrics]") {
  weir::Server server;
  server.any("/{name}", [](const weir::Request& req, weir::Response& res) {
    res.status(static_cast<weir::Status>(req.param<int>("name").value_or(200)));
  });
  const Metrics metrics(server);
  weir::testing::Client client(server);
  std::string bytes;
  for (int i = 0; i < 800; ++i)
    bytes +=
        "M" + std::to_string(i) + " /" + std::to_string(200 + i) + " HTTP/1.1\r\nHost: t\r\n\r\n";
  client.send_raw(bytes);
  client.receive_raw();
  const MetricsSnapshot snapshot = metrics.snapshot();
  REQUIRE(snapshot.routes.size() == 1);
  CHECK(snapshot.routes.front().method == "other");
  CHECK(snapshot.routes.front().count == 800);
  CHECK(snapshot.routes.front().by_status.size() < 70);
}

TEST_CASE("a request's time is that to the end of its answer", "[metrics]") {
  Fixture fixture;
  weir::testing::Client& client = *fixture.client;

  client.send_raw(get("/deferred"));
  client.advance(30ms);
  fixture.reply.text("late");
  client.receive();

  client.send_raw(get("/streamed"));
  client.advance(3ms);
  fixture.stream.write(std::string("first"));
  client.advance(600ms);
  fixture.stream.end();
  client.receive();

  auto gone = client.connect({});
  gone.send_raw(get("/deferred"));
  client.advance(30ms);
  gone.vanish();

  client.get("/inline");
  const MetricsSnapshot snapshot = fixture.now();
  CHECK(all_in(find(snapshot, "/deferred")->latency, 30'000));
  CHECK(find(snapshot, "/deferred")->latency.count() == 2);
  CHECK(find(snapshot, "/deferred")->latency.sum_ns == 60'000'000);
  CHECK(all_in(find(snapshot, "/streamed")->latency, 603'000));
  CHECK(all_in(find(snapshot, "/inline")->latency, 0));
  CHECK(find(snapshot, "/streamed")->bytes_out == 5);
  const PrometheusParser text(to_prometheus(snapshot));
  const Labels route = {{"method", "GET"}, {"route", "/deferred"}};
  CHECK(text.value("weir_request_duration_seconds_sum", route) == Approx(0.06));
}

TEST_CASE("the time that requests wait for a worker is measured", "[metrics]") {
  weir::Options options;
  options.workers = 1;
  weir::Server server(options);
  std::promise<void> free;
  std::shared_future<void> is_free = free.get_future().share();
  server.get("/held", weir::blocking([is_free] {
               is_free.wait();
               return "held";
             }));
  const Metrics metrics(server);
  weir::testing::Client client(server);
  auto second = client.connect({});
  client.send_raw(get("/held"));
  second.send_raw(get("/held"));
  REQUIRE(client.wait_for([&] { return metrics.snapshot().pool.running == 1; }));
  const MetricsSnapshot waiting = metrics.snapshot();
  CHECK(waiting.pool.threads == 1);
  CHECK(waiting.pool.queued == 1);
  client.advance(100ms);
  CHECK(metrics.snapshot().handling == 2);
  free.set_value();
  client.receive();
  second.receive();
  const MetricsSnapshot after = metrics.snapshot();
  CHECK(after.pool.queued == 0);
  CHECK(after.pool.wait.count() == 2);
  CHECK(after.pool.wait.buckets[bucket_of(100'000)] == 1);
  CHECK(after.pool.wait.quantile_us(0.99) > 50'000);
}

TEST_CASE("connections are told apart by what they do", "[metrics]") {
  Fixture fixture;
  auto idle = fixture.client->connect({});
  idle.get("/inline");
  auto reading = fixture.client->connect({});
  reading.send_raw("GET /inli");
  auto uploading = fixture.client->connect({});
  uploading.send_raw("POST /post HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\n12");
  auto handling = fixture.client->connect({});
  handling.send_raw(get("/deferred"));
  auto writing = fixture.client->connect({});
  writing.set_window(10);
  writing.send_raw(get("/large"));
  auto streaming = fixture.client->connect({});
  streaming.send_raw(get("/streamed"));
  const MetricsSnapshot snapshot = fixture.now();
  CHECK(snapshot.idle == 2);  // the client's own as well
  CHECK(snapshot.reading == 2);
  CHECK(snapshot.handling == 1);
  CHECK(snapshot.writing == 2);
  REQUIRE(snapshot.loops.size() == 1);
  CHECK(snapshot.loops.front().connections == 7);
  CHECK(snapshot.counters[weir::Counter::connections] == 7);
  const PrometheusParser text(to_prometheus(snapshot));
  CHECK(text.sum("weir_connections") == 7);
  CHECK(text.value("weir_connections", {{"state", "reading"}}) == 2);
}

TEST_CASE("bytes are those that connections carry", "[metrics]") {
  Fixture fixture;
  const std::string request = get("/inline");
  const std::size_t out = [&] {
    fixture.client->send_raw(request);
    return fixture.client->receive().raw.size();
  }();
  MetricsSnapshot snapshot = fixture.now();
  CHECK(snapshot.bytes_in == request.size());
  CHECK(snapshot.bytes_out == out);
  fixture.client->connection().set_window(100);
  fixture.client->send_raw(get("/large"));
  const std::size_t large = fixture.client->receive().raw.size();
  snapshot = fixture.now();
  CHECK(snapshot.bytes_in == request.size() + get("/large").size());
  CHECK(snapshot.bytes_out == out + large);
}

TEST_CASE("a loop's lag is by how much its probe is late", "[metrics]") {
  Fixture fixture;
  fixture.client->advance(100ms);
  CHECK(fixture.metrics.snapshot().loops.front().lag_us == 0);
  fixture.client->advance(350ms);
  const MetricsSnapshot late = fixture.metrics.snapshot();
  CHECK(late.loops.front().lag_us == 250'000);
  CHECK(late.lag.count() == 2);
  CHECK(late.lag.buckets[bucket_of(250'000)] == 1);
  fixture.client->advance(100ms);
  CHECK(fixture.metrics.snapshot().loops.front().lag_us == 0);
}

TEST_CASE("the scraper gets the text format", "[metrics]") {
  weir::Server server;
  server.get("/a\"b\\c", [] { return "odd"; });
  server.get("/metrics", weir::metrics(server));
  weir::testing::Client client(server);
  client.get("/a%22b%5Cc");
  const weir::testing::Answer answer = client.get("/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  const PrometheusParser text(answer.body);
  CHECK(text.value("weir_requests_total",
                   {{"method", "GET"}, {"route", "/a\"b\\c"}, {"status", "200"}}) == 1);
  CHECK(text.value("weir_connections", {{"state", "handling"}}) == 1);  // the scraper's
  CHECK(text.value("weir_requests_begun_total") == 2);
  CHECK(text.value("weir_build_info", {{"version", WEIR_VERSION}}) == 1);
  CHECK(text.value("weir_start_time_seconds") > 1.6e9);
  CHECK(text.value("process_start_time_seconds") > 1.6e9);
  CHECK(text.value("weir_start_time_seconds") + 1 >= text.value("process_start_time_seconds"));
  CHECK(text.value("weir_limits_total", {{"limit", "head_timeouts"}}) == 0);
  CHECK(text.sum("weir_pool_threads") >= 1);
  // Each counter is there once: as a limit, or under a name of its own.
  std::size_t limits = 0;
  for (const PrometheusParser::Sample& sample : text.samples)
    limits += sample.name == "weir_limits_total" ? 1 : 0;
  CHECK(limits + 6 == weir::kCounterCount);
}

TEST_CASE("hostile names stay what they are in both texts", "[metrics]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/\"} 1\nweir_evil 7\n#", "/\"} 1\nweir_evil 7\n#"},
      {"\\", "\\"},
      {"\\n", "\\n"},
      {"\"", "\""},
      {"/\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "/\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"/\xFF", "/\xEF\xBF\xBD"},
      {"/\xC3", "/\xEF\xBF\xBD"},
      {"/\xED\xA0\x80", "/\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"/\xC0\xAF", "/\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"/\xF4\x90\x80\x80", "/\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {std::string("/\0\x01\x1F\t", 5), std::string("/\0\x01\x1F\t", 5)},
  };
  for (const auto& [name, shown] : cases) {
    CAPTURE(name);
    MetricsSnapshot snapshot;
    snapshot.routes.emplace_back();
    snapshot.routes.back().method = "GET";
    snapshot.routes.back().pattern = name;
    snapshot.routes.back().by_status = {{"200", 3}};
    snapshot.routes.back().count = 3;
    const PrometheusParser text(to_prometheus(snapshot));
    CHECK(text.value("weir_requests_total",
                     {{"method", "GET"}, {"route", shown}, {"status", "200"}}) == 3);
    CHECK(nlohmann::json::parse(to_json(snapshot)).at("routes").at(0).at("pattern") == shown);
  }
}

TEST_CASE("routes of several hosts are told apart, methods of one path stand together",
          "[metrics]") {
  weir::Server server;
  server.get("/a", [] { return "any"; });
  server.host("h.org", [](weir::Router& host) {
    host.get("/a", [] { return "h"; });
    host.post("/a", [] { return "h"; });
  });
  const Metrics metrics(server);
  weir::testing::Client client(server);
  client.get("/a");
  client.get("/a", {{"Host", "h.org"}});
  client.post("/a", "", {{"Host", "h.org"}});
  client.get("/b", {{"Host", "h.org"}});
  const MetricsSnapshot snapshot = metrics.snapshot();
  REQUIRE(snapshot.routes.size() == 4);
  CHECK(find(snapshot, "/a")->count == 1);
  CHECK(find(snapshot, "h.org/a")->count == 1);
  CHECK(find(snapshot, "h.org/a", "POST")->count == 1);
  CHECK(find(snapshot, "unmatched")->count == 1);
}

TEST_CASE("quantiles are read off the buckets", "[metrics]") {
  LatencyHistogram times;
  CHECK(times.count() == 0);
  CHECK(times.quantile_us(0.5) == 0);
  times.buckets[bucket_of(100)] = 100;  // 50 to 100
  CHECK(times.quantile_us(0) == 50);
  CHECK(times.quantile_us(0.5) == 75);
  CHECK(times.quantile_us(1) == 100);
  CHECK(times.quantile_us(7) == 100);
  times.buckets[bucket_of(1000)] = 100;  // 500 to 1000
  CHECK(times.quantile_us(0.5) == 100);
  CHECK(times.quantile_us(0.75) == 750);
  times.buckets.back() = 800;
  CHECK(times.quantile_us(0.99) == 10'000'000);
  CHECK(times.count() == 1000);
}

TEST_CASE("measuring is decided before the start", "[metrics]") {
  weir::Server server;
  server.get("/", [] { return "Hello"; });
  {
    weir::testing::Client client(server);
    CHECK_THROWS_AS(weir::metrics(server), std::logic_error);
  }
  weir::Server measured;
  measured.get("/", [] { return "Hello"; });
  const Metrics first(measured);
  CHECK(first.snapshot().routes.empty());
  CHECK(first.snapshot().started_ms == 0);
  weir::testing::Client client(measured);
  client.get("/");
  const Metrics second(measured);  // shows the same
  CHECK(second.snapshot().routes.front().count == 1);
}

TEST_CASE("several loops are added up while they run, stop and start again", "[metrics]") {
  weir::Options options;
  options.threads = 3;
  options.workers = 2;
  options.reuse_port = GENERATE(false, true);
  weir::Server server(options);
  server.listen("127.0.0.1", 0);
  server.get("/inline", [] { return "12345"; });
  server.get("/pooled", weir::blocking([] { return "12345"; }));
  server.get("/metrics", weir::metrics(server));
  const Metrics metrics(server);

  for (int run = 0; run < 2; ++run) {
    server.start();
    std::atomic<bool> over{false};
    std::thread scraper([&] {
      while (!over.load()) {
        const PrometheusParser text(to_prometheus(metrics.snapshot()));
        if (!nlohmann::json::accept(to_json(metrics.snapshot()))) std::abort();
        std::this_thread::sleep_for(1ms);
      }
    });
    constexpr int kClients = 6;
    constexpr int kRequests = 30;
    std::vector<std::thread> clients;
    clients.reserve(kClients);
    std::atomic<int> good{0};
    for (int i = 0; i < kClients; ++i)
      clients.emplace_back([&, i] {
        weir::test::RawClient client(server.port());
        for (int k = 0; k < kRequests; ++k) {
          const std::string target = k == 7 ? "/metrics" : (i % 2 == 0 ? "/inline" : "/pooled");
          if (client.request(get(target)).status == 200) good.fetch_add(1);
        }
      });
    for (std::thread& client : clients) client.join();
    CHECK(good.load() == kClients * kRequests);
    const MetricsSnapshot running = metrics.snapshot();
    CHECK(running.loops.size() == 3);
    std::uint64_t requests = 0;
    for (const MetricsSnapshot::Loop& loop : running.loops) requests += loop.requests;
    CHECK(requests == kClients * kRequests);
    server.stop();
    server.wait();
    over.store(true);
    scraper.join();

    // What it had come to; and nothing of the run before.
    const MetricsSnapshot after = metrics.snapshot();
    CHECK(find(after, "/inline")->count == kClients / 2 * (kRequests - 1));
    CHECK(find(after, "/pooled")->count == kClients / 2 * (kRequests - 1));
    CHECK(find(after, "/metrics")->count == kClients);
    CHECK(after.pool.wait.count() == kClients / 2 * (kRequests - 1));
    CHECK(after.counters[weir::Counter::requests] == kClients * kRequests);
    CHECK(after.bytes_in > std::uint64_t{kClients} * kRequests * get("/inline").size() - 1'000);
    CHECK(after.idle + after.reading + after.handling + after.writing == 0);
    CHECK(after.loops.empty());
  }
}
