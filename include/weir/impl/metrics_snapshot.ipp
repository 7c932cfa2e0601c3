// SPDX-License-Identifier: MIT
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <weir/http/escape.hpp>
#include <weir/metrics_snapshot.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE std::uint64_t LatencyHistogram::count() const noexcept {
  std::uint64_t sum = 0;
  for (const std::uint64_t bucket : buckets) sum += bucket;
  return sum;
}

WEIR_INLINE std::uint64_t LatencyHistogram::quantile_us(double share) const noexcept {
  const std::uint64_t all = count();
  if (all == 0) return 0;
  const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(all);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) {
    const std::uint64_t here = buckets[i];
    if (here != 0 && static_cast<double>(below + here) >= wanted) {
      const std::uint64_t from = i == 0 ? 0 : kLatencyBounds[i - 1];
      const double part =
          std::max(0.0, wanted - static_cast<double>(below)) / static_cast<double>(here);
      return from +
             static_cast<std::uint64_t>(part * static_cast<double>(kLatencyBounds[i] - from));
    }
    below += here;
  }
  return kLatencyBounds.back();
}

namespace detail {

/// A string as JSON has it, in its quotes.
inline std::string json_string(std::string_view text) {
  std::string out;
  http::append_json(out, text);
  return out;
}

/// A label's value, in its quotes.
WEIR_INLINE std::string label_value(std::string_view text) {
  std::string out = "\"";
  http::append_escaped(out, text, [](char c) -> std::string {
    if (c == '\n') return "\\n";
    return c == '"' || c == '\\' ? std::string{'\\', c} : std::string();
  });
  out.push_back('"');
  return out;
}

template <class List>
std::string json_numbers(const List& numbers) {
  return fmt::format("[{}]", fmt::join(numbers, ","));
}

/// Writes families one after the other.
class PrometheusText {
 public:
  /// Begins a family.
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(to(), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
  }

  /// One series of it; `labels` without their braces.
  template <class Number>
  void value(std::string_view labels, Number number) {
    line({}, labels, number);
  }

  void value(std::string_view labels, const LatencyHistogram& times) {
    const std::string_view comma = labels.empty() ? "" : ",";
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < times.buckets.size(); ++i) {
      sum += times.buckets[i];
      const std::string bound = i < kLatencyBounds.size()
                                    ? fmt::format("{}", seconds(kLatencyBounds[i] * 1000))
                                    : std::string("+Inf");
      line("_bucket", fmt::format("{}{}le=\"{}\"", labels, comma, bound), sum);
    }
    line("_sum", labels, seconds(times.sum_ns));
    line("_count", labels, sum);
  }

  static double seconds(std::uint64_t ns) noexcept { return static_cast<double>(ns) / 1e9; }

  std::string text;

 private:
  std::back_insert_iterator<std::string> to() { return std::back_inserter(text); }

  template <class Number>
  void line(std::string_view suffix, std::string_view labels, Number number) {
    text.append(name_).append(suffix);
    if (!labels.empty()) text.append("{").append(labels).append("}");
    fmt::format_to(to(), " {}\n", number);
  }

  std::string_view name_;
};

/// What of Counters has a metric of its own, or is held now and no count.
inline bool is_limit(std::size_t counter) noexcept {
  switch (static_cast<Counter>(counter)) {
    case Counter::connections:
    case Counter::timers:
    case Counter::buffered_bytes:
    case Counter::accepted:
    case Counter::requests:
    case Counter::stalls:
      return false;
    default:
      return true;
  }
}

}  // namespace detail

WEIR_INLINE std::string to_json(const MetricsSnapshot& snapshot) {
  const MetricsSnapshot& s = snapshot;
  std::string out = fmt::format(
      "{{\"time_ms\":{},\"uptime_ms\":{},\"draining\":{},\"requests\":{},\"accepted\":{},"
      "\"connections\":{},\"connections_by_state\":{{\"idle\":{},\"reading\":{},\"handling\":{},"
      "\"writing\":{}}},\"bytes_in\":{},\"bytes_out\":{},\"pool\":{{\"threads\":{},\"running\":{},"
      "\"queued\":{},\"wait_p50_us\":{},\"wait_p99_us\":{}}},\"stalls\":{},\"loops\":[",
      s.time_ms, s.uptime_ms, s.draining, s.counters[Counter::requests],
      s.counters[Counter::accepted], s.counters[Counter::connections], s.idle, s.reading,
      s.handling, s.writing, s.bytes_in, s.bytes_out, s.pool.threads, s.pool.running, s.pool.queued,
      s.pool.wait.quantile_us(0.5), s.pool.wait.quantile_us(0.99), s.counters[Counter::stalls]);
  const auto to = std::back_inserter(out);
  const char* comma = "";
  for (const MetricsSnapshot::Loop& loop : s.loops) {
    fmt::format_to(to, "{}{{\"lag_us\":{},\"connections\":{},\"requests\":{}}}", comma, loop.lag_us,
                   loop.connections, loop.requests);
    comma = ",";
  }
  out.append("],\"counters\":{");
  comma = "";
  s.counters.for_each([&](std::string_view name, std::uint64_t value) {
    fmt::format_to(to, "{}\"{}\":{}", comma, name, value);
    comma = ",";
  });
  fmt::format_to(to, "}},\"buckets_us\":{},\"routes\":[", detail::json_numbers(kLatencyBounds));
  comma = "";
  for (const MetricsSnapshot::Route& route : s.routes) {
    fmt::format_to(
        to,
        "{}{{\"method\":{},\"pattern\":{},\"count\":{},\"status\":{{\"2xx\":{},\"3xx\":{},"
        "\"4xx\":{},\"5xx\":{}}},\"p50_us\":{},\"p90_us\":{},\"p99_us\":{},\"bytes_out\":{},"
        "\"hist\":{}}}",
        comma, detail::json_string(route.method), detail::json_string(route.pattern), route.count,
        route.by_class[2], route.by_class[3], route.by_class[4], route.by_class[5],
        route.latency.quantile_us(0.5), route.latency.quantile_us(0.9),
        route.latency.quantile_us(0.99), route.bytes_out,
        detail::json_numbers(route.latency.buckets));
    comma = ",";
  }
  out.append("]}");
  return out;
}

WEIR_INLINE std::string to_prometheus(const MetricsSnapshot& snapshot) {
  using Text = detail::PrometheusText;
  Text out;
  const auto one = [&out](std::string_view name, std::string_view type, std::string_view help,
                          auto number) {
    out.family(name, type, help);
    out.value({}, number);
  };
  const auto labels_of = [](const MetricsSnapshot::Route& route) {
    return fmt::format("method={},route={}", detail::label_value(route.method),
                       detail::label_value(route.pattern));
  };

  out.family("weir_requests_total", "counter", "Requests that are over.");
  for (const MetricsSnapshot::Route& route : snapshot.routes)
    for (const auto& [status, count] : route.by_status)
      out.value(fmt::format("{},status=\"{}\"", labels_of(route), status), count);
  out.family("weir_request_duration_seconds", "histogram",
             "From the arrival of a request's head to the end of its answer.");
  for (const MetricsSnapshot::Route& route : snapshot.routes)
    out.value(labels_of(route), route.latency);
  out.family("weir_response_content_bytes_total", "counter", "Content of answers.");
  for (const MetricsSnapshot::Route& route : snapshot.routes)
    out.value(labels_of(route), route.bytes_out);

  const Counters& counters = snapshot.counters;
  one("weir_requests_begun_total", "counter", "Requests whose head was read.",
      counters[Counter::requests]);
  one("weir_received_bytes_total", "counter", "Bytes read from connections.", snapshot.bytes_in);
  one("weir_sent_bytes_total", "counter", "Bytes given to connections.", snapshot.bytes_out);
  one("weir_connections_accepted_total", "counter", "Connections accepted and kept.",
      counters[Counter::accepted]);
  out.family("weir_connections", "gauge", "Open connections by what they do.");
  out.value("state=\"idle\"", snapshot.idle);
  out.value("state=\"reading\"", snapshot.reading);
  out.value("state=\"handling\"", snapshot.handling);
  out.value("state=\"writing\"", snapshot.writing);
  one("weir_timers", "gauge", "Timers armed on the loops.", counters[Counter::timers]);
  one("weir_buffered_bytes", "gauge", "Bytes that buffers hold.",
      counters[Counter::buffered_bytes]);

  one("weir_pool_threads", "gauge", "Workers.", snapshot.pool.threads);
  one("weir_pool_running", "gauge", "Workers that are at work.", snapshot.pool.running);
  one("weir_pool_queued", "gauge", "Tasks that wait for a worker.", snapshot.pool.queued);
  one("weir_pool_wait_seconds", "histogram", "Time that requests waited for a worker.",
      snapshot.pool.wait);

  const auto by_loop = [&](std::string_view name, std::string_view type, std::string_view help,
                           auto number_of) {
    out.family(name, type, help);
    for (std::size_t i = 0; i < snapshot.loops.size(); ++i)
      out.value(fmt::format("loop=\"{}\"", i), number_of(snapshot.loops[i]));
  };
  by_loop("weir_loop_lag_seconds", "gauge", "By which the loop's last probe was late.",
          [](const MetricsSnapshot::Loop& loop) { return Text::seconds(loop.lag_us * 1000); });
  by_loop("weir_loop_connections", "gauge", "Open connections of the loop.",
          [](const MetricsSnapshot::Loop& loop) { return loop.connections; });
  by_loop("weir_loop_requests_total", "counter", "Requests begun on the loop.",
          [](const MetricsSnapshot::Loop& loop) { return loop.requests; });
  one("weir_loop_delay_seconds", "histogram", "By which probes of the loops were late.",
      snapshot.lag);
  one("weir_stalls_total", "counter", "Times that a loop was found held.",
      counters[Counter::stalls]);

  out.family("weir_limits_total", "counter", "Limits and time-outs that were met.");
  for (std::size_t i = 0; i < kCounterCount; ++i)
    if (detail::is_limit(i))
      out.value(fmt::format("limit=\"{}\"", to_string(static_cast<Counter>(i))),
                counters[static_cast<Counter>(i)]);

  one("weir_draining", "gauge", "1 once the server was asked to stop.", snapshot.draining ? 1 : 0);
  one("weir_start_time_seconds", "gauge", "When the server was started, since 1970.",
      Text::seconds(snapshot.started_ms * 1'000'000));
  if (snapshot.process_started > 0)
    one("process_start_time_seconds", "gauge", "When the process was started, since 1970.",
        snapshot.process_started);
  out.family("weir_build_info", "gauge", "Always 1.");
  out.value(fmt::format("version=\"{}\"", WEIR_VERSION), 1);
  return std::move(out.text);
}

WEIR_END_NAMESPACE
