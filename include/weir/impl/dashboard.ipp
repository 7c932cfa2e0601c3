// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <weir/dashboard.hpp>
#include <weir/detail/dashboard_page.hpp>
#include <weir/events.hpp>
#include <weir/http/escape.hpp>
#include <weir/http/percent.hpp>
#include <weir/metrics.hpp>
#include <weir/net/mutex.hpp>
#include <weir/net/random.hpp>
#include <weir/request.hpp>
#include <weir/response.hpp>
#include <weir/server.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// The page with its marks filled in.
WEIR_INLINE std::string fill_page(std::string_view title, std::string_view nonce) {
  std::string page;
  page.reserve(kDashboardPage.size() + 256);
  std::string_view rest = kDashboardPage;
  while (true) {
    const std::size_t mark = rest.find('@');
    page.append(rest.substr(0, mark));
    if (mark == std::string_view::npos) return page;
    rest.remove_prefix(mark);
    const auto fill = [&](std::string_view name, std::string_view value) {
      if (rest.substr(0, name.size()) != name) return false;
      page.append(value);
      rest.remove_prefix(name.size());
      return true;
    };
    if (fill("@nonce@", nonce) || fill("@title@", title)) continue;
    page.push_back('@');  // CSS has some of its own
    rest.remove_prefix(1);
  }
}

struct DashboardState : std::enable_shared_from_this<DashboardState> {
  DashboardState(Server& its_server, DashboardOptions given)
      : server(its_server), options(std::move(given)) {
    http::append_html(title, options.title);
    if (!options.snapshot)
      options.snapshot = [measures = Metrics(server)] { return to_json(measures.snapshot()); };
  }

  /// After this a snapshot is published each period, as long as there are subscribers.
  class Tick {
   public:
    explicit Tick(std::shared_ptr<DashboardState> of) noexcept : state_(std::move(of)) {}
    Tick(Tick&&) noexcept = default;
    Tick& operator=(Tick&&) = delete;
    // Dropped unrun the server has stopped: the next subscriber begins anew.
    ~Tick() {
      if (state_ != nullptr) state_->rest();
    }
    void operator()() {
      const std::shared_ptr<DashboardState> state = std::move(state_);
      state->tick();
    }

   private:
    std::shared_ptr<DashboardState> state_;
  };

  void open_channel() {
    EventChannelOptions channel_options;
    channel_options.max_subscribers = options.max_watchers;
    channel_options.replay_events = 0;  // the next one tells all
    channel_options.on_subscribe = [weak = weak_from_this()](const Request&, EventWriter& first) {
      if (const auto self = weak.lock()) first.event({self->greet(), "metrics"});
    };
    channel = std::make_unique<EventChannel>(std::move(channel_options));
  }

  /// The snapshot for somebody new, at most a period old.
  std::string greet() {
    std::string text;
    const bool begin = !is_ticking.exchange(true);
    {
      const net::MutexLock lock(mutex);
      if (begin || latest.empty()) latest = options.snapshot();
      text = latest;
    }
    if (begin) server.after(options.period, Tick(shared_from_this()));
    return text;
  }

  void tick() {
    Tick next(shared_from_this());  // dropped when nobody is there, or something throws
    if (channel->subscribers() == 0) return;
    std::string text;
    {
      const net::MutexLock lock(mutex);
      text = latest = options.snapshot();
    }
    channel->publish({text, "metrics"});
    server.after(options.period, std::move(next));
  }

  void rest() noexcept { is_ticking.store(false); }

  void send_page(Response& response) const;
  void send_tries(const Request& request, Response& response) const;

  Server& server;
  DashboardOptions options;
  std::string title;
  std::unique_ptr<EventChannel> channel;
  std::atomic<bool> is_ticking{false};  // a Tick waits, or runs
  net::Mutex mutex;
  std::string latest WEIR_GUARDED_BY(mutex);
};

WEIR_INLINE void DashboardState::send_page(Response& response) const {
  const std::string nonce = net::random_hex(16);
  response.header("Content-Type", "text/html; charset=utf-8");
  response.header("Content-Security-Policy",
                  "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" +
                      nonce +
                      "'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'; require-trusted-types-for 'script'");
  response.header("X-Content-Type-Options", "nosniff");
  response.header("Referrer-Policy", "no-referrer");
  response.header("Cache-Control", "no-store");
  response.body(fill_page(title, nonce));
}

WEIR_INLINE void DashboardState::send_tries(const Request& request, Response& response) const {
  constexpr std::string_view kName = "tries";
  std::string text = "{\"path\":";
  http::append_json(text, request.path().substr(0, request.path().size() - kName.size()));
  text.append(",\"tries\":[");
  for (const DashboardTry& one : options.tries) {
    if (text.back() != '[') text.push_back(',');
    const std::pair<std::string_view, std::string_view> members[] = {{"{\"method\":", one.method},
                                                                     {",\"path\":", one.path},
                                                                     {",\"fields\":", one.fields},
                                                                     {",\"body\":", one.body}};
    for (const auto& [name, value] : members) {
      text.append(name);
      http::append_json(text, value);
    }
    text.push_back('}');
  }
  text.append("]}");
  response.header("Cache-Control", "no-store");
  response.json(text);
}

/// Sends the client to the same path with a slash behind it, by a reference that a proxy's prefix
/// does not break.
WEIR_INLINE void send_to_slash(const Request& request, Response& response) {
  const std::string_view path = request.path();
  const std::string last = http::percent_encode(path.substr(path.rfind('/') + 1));
  response.redirect("./" + last + "/", Status::permanent_redirect);
}

WEIR_INLINE DashboardOptions checked(DashboardOptions options) {
  using namespace std::chrono_literals;
  if (options.period < 100ms || options.period > 60s)
    throw std::invalid_argument("weir::DashboardOptions::period: must be 100 ms to a minute");
  if (options.max_watchers == 0)
    throw std::invalid_argument("weir::DashboardOptions::max_watchers: must be above 0");
  return options;
}

}  // namespace detail

WEIR_INLINE void dashboard(Router& router, Server& server, DashboardOptions options) {
  auto state =
      std::make_shared<detail::DashboardState>(server, detail::checked(std::move(options)));
  state->open_channel();
  if (!router.prefix().empty()) router.get("", detail::send_to_slash);
  router.get("/", [state](const Request&, Response& res) { state->send_page(res); });
  router.get("/events",
             [state](const Request& req, Response& res) { state->channel->subscribe(req, res); });
  router.get("/tries", [state](const Request& req, Response& res) { state->send_tries(req, res); });
}

WEIR_END_NAMESPACE
